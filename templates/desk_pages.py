"""The pages of the staff's desk.

SECURITY: these show reports and bans, so the writer sends them with `Cache-Control: no-store`.
Every form that changes something holds the visitor's `form_token`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from imageboard.bans import FOR_GOOD, REASON_CHARS_MAX, Ban
from imageboard.moderation import Action, LogEntry, ReportedPost
from imageboard.staff_roles import Power, Visitor
from imageboard.threads import Post, Thread
from templates.engine import environment

DESK_URL = "/mod/"
LOGIN_URL = "/mod/login"
LOGOUT_URL = "/mod/logout"
FIND_URL = "/mod/find"
REPORTS_URL = "/mod/reports"
BANS_URL = "/mod/bans"
LOG_URL = "/mod/log"

#: What is said on the page to which a form leads, by the form's button. The address names the
#: button, not the sentence: nobody can put words of their own on a page of the desk.
_DONE = {
    "dismiss": "The reports were dismissed.",
    "delete": "The post was deleted.",
    "delete_file": "The file was deleted.",
    "sticky": "The thread is sticky now.",
    "unsticky": "The thread is no longer sticky.",
    "lock": "The thread is locked now.",
    "unlock": "The thread is no longer locked.",
    "ban": "The ban is in force.",
    "lift": "The ban was lifted.",
}

_ACTIONS = {
    Action.DELETE_POST: "deleted a post",
    Action.DELETE_THREAD: "deleted a thread",
    Action.DELETE_FILE: "deleted a file",
    Action.DISMISS_REPORTS: "dismissed reports",
    Action.BAN: "banned a poster",
    Action.LIFT_BAN: "lifted a ban",
    Action.STICKY: "made a thread sticky",
    Action.UNSTICKY: "made a thread no longer sticky",
    Action.LOCK: "locked a thread",
    Action.UNLOCK: "unlocked a thread",
}


class _Way(NamedTuple):
    url: str
    label: str
    power: Power


_WAYS = (
    _Way(REPORTS_URL, "Reports", Power.READ_REPORTS),
    _Way(BANS_URL, "Bans", Power.BAN),
    _Way(LOG_URL, "Log", Power.READ_LOG),
)


class _Button(NamedTuple):
    deed: str
    label: str
    power: Power


def post_url(board: str, no: int) -> str:
    return f"/mod/{board}/{no}"


def with_done(url: str, deed: str) -> str:
    """The address of a page that says that a form was carried out."""
    return f"{url}?{urlencode({'done': deed})}"


def login_page(*, form_token: str, name: str = "", sentence: str | None = None) -> str:
    """`sentence` says why the last try failed; `name` is what was typed then."""
    return _render(
        "login", None, login_url=LOGIN_URL, form_token=form_token, name=name, sentence=sentence
    )


def desk_page(visitor: Visitor, *, reported_posts: int) -> str:
    """Where a log-in leads."""
    return _render("home", visitor, reported_posts=reported_posts, find_url=FIND_URL)


def reports_page(
    visitor: Visitor, reported: Sequence[tuple[ReportedPost, Post]], *, done: str | None = None
) -> str:
    """The queue; `done` names the button that led here."""
    return _render(
        "reports",
        visitor,
        cases=[
            (
                report,
                post,
                _allowed(visitor, report.board, _buttons_of_any_post(post, is_reported=True)),
            )
            for report, post in reported
        ],
        done=_DONE.get(done or ""),
    )


def post_page(
    visitor: Visitor,
    board: str,
    post: Post,
    thread: Thread,
    *,
    report_reasons: Sequence[str],
    ranges: Sequence[str],
    done: str | None = None,
    typed: Mapping[str, str],
    sentence: str | None = None,
) -> str:
    """One post and what this visitor may do to it.

    `ranges` are offered for a ban; `typed` and `sentence` are those of a ban that was refused.
    """
    buttons = _buttons_of_any_post(post, is_reported=bool(report_reasons))
    if post.is_op:
        buttons += _buttons_of_thread(thread)
    return _render(
        "post",
        visitor,
        board=board,
        post=post,
        thread=thread,
        report_reasons=report_reasons,
        buttons=_allowed(visitor, board, buttons),
        ranges=ranges,
        may_ban=visitor.may(Power.BAN, board),
        done=_DONE.get(done or ""),
        typed=typed,
        sentence=sentence,
    )


def bans_page(
    visitor: Visitor,
    bans: Sequence[Ban],
    *,
    has_more: bool,
    done: str | None = None,
    typed: Mapping[str, str],
    sentence: str | None = None,
) -> str:
    """Bans in force, newest first; `typed` and `sentence` are those of a ban that was refused."""
    return _render(
        "bans",
        visitor,
        bans=bans,
        older_url=f"{BANS_URL}?before={bans[-1].id}" if has_more else None,
        bans_url=BANS_URL,
        done=_DONE.get(done or ""),
        typed=typed,
        sentence=sentence,
    )


def log_page(visitor: Visitor, entries: Sequence[LogEntry], *, has_more: bool) -> str:
    """What was done, newest first."""
    return _render(
        "log",
        visitor,
        entries=entries,
        action_names={action.value: name for action, name in _ACTIONS.items()},
        older_url=f"{LOG_URL}?before={entries[-1].id}" if has_more else None,
    )


def refused_page(*, sentence: str, status: int) -> str:
    """Something that can't be mended by typing it again."""
    return _render("refused", None, sentence=sentence, status=status)


def _buttons_of_any_post(post: Post, *, is_reported: bool) -> list[_Button]:
    buttons = []
    if is_reported:
        buttons.append(_Button("dismiss", "Dismiss the reports", Power.DISMISS_REPORTS))
    label = "Delete the thread" if post.is_op else "Delete the post"
    buttons.append(_Button("delete", label, Power.DELETE))
    if any(not file.is_removed for file in post.files):
        buttons.append(_Button("delete_file", "Delete the file", Power.DELETE_FILE))
    return buttons


def _buttons_of_thread(thread: Thread) -> list[_Button]:
    return [
        _Button("unsticky", "No longer sticky", Power.STICKY)
        if thread.is_sticky
        else _Button("sticky", "Make it sticky", Power.STICKY),
        _Button("unlock", "Unlock", Power.LOCK)
        if thread.is_locked
        else _Button("lock", "Lock", Power.LOCK),
    ]


def _allowed(visitor: Visitor, board: str, buttons: list[_Button]) -> list[_Button]:
    return [button for button in buttons if visitor.may(button.power, board)]


def _render(page: str, visitor: Visitor | None, **values: object) -> str:
    template = environment().get_template(f"writer/desk_{page}.html")
    return template.render(
        visitor=visitor,
        ways=[way for way in _WAYS if visitor is not None and visitor.may_somewhere(way.power)],
        desk_url=DESK_URL,
        logout_url=LOGOUT_URL,
        desk_post_url=post_url,
        BAN_REASON_CHARS_MAX=REASON_CHARS_MAX,
        FOR_GOOD=FOR_GOOD,
        **values,
    )
