"""The pages of the staff's desk.

SECURITY: these show reports and bans, so the writer sends them with `Cache-Control: no-store`.
Every form that changes something holds the visitor's `form_token`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlencode

import segno
from markupsafe import Markup

from imageboard import addresses, totp
from imageboard.appeals import ANSWER_CHARS_MAX, WaitingAppeal
from imageboard.bans import Ban
from imageboard.boards import Board
from imageboard.file_bans import FileBan
from imageboard.likeness import BITS_APART_MAX
from imageboard.moderation import LogEntry, ReportedPost
from imageboard.settings import BoardRow, BoardSettings, as_typed
from imageboard.spam import rules
from imageboard.spam.rules import NewRule, Rule
from imageboard.staff_roles import Grant, MadeRole, Power, Role, Visitor, title_of
from imageboard.store import (
    account_deeds,
    appeal_deeds,
    board_deeds,
    deeds,
    edit_deeds,
    file_ban_deeds,
    log_words,
    move_deeds,
    poster_deeds,
    removal_deeds,
    rule_deeds,
    staff_deeds,
    state_deeds,
)
from imageboard.store.banners import Banner
from imageboard.store.claims import Claim
from imageboard.store.deeds import Case, Deed, Words
from imageboard.store.edits import Editable
from imageboard.store.held import HeldPost
from imageboard.store.invitations import Invitation
from imageboard.store.notes import Note
from imageboard.store.passkeys import NAME_CHARS_MAX
from imageboard.store.ranges import Neighbour
from imageboard.store.removals import Removal
from imageboard.store.rule_trials import Trial
from imageboard.store.second_factors import Factors
from imageboard.store.staff import Account, ListedSession
from imageboard.store.surroundings import Surroundings
from imageboard.store.threads import AsideThread
from imageboard.threads import Post, Thread
from imageboard.words import ENGLISH, N_, Language, Message
from imageboard.written_pages import BODY_CHARS_MAX, WrittenPage
from templates.engine import environment

DESK_URL = "/mod/"
LOGIN_URL = "/mod/login"
SECOND_STEP_URL = "/mod/second-step"
PASSKEY_URL = "/mod/passkey"
LOGOUT_URL = "/mod/logout"
FIND_URL = "/mod/find"
REPORTS_URL = "/mod/reports"
DISMISSED_URL = "/mod/dismissed"
BANS_URL = "/mod/bans"
APPEALS_URL = "/mod/appeals"
FILE_BANS_URL = "/mod/file-bans"
ASIDE_URL = "/mod/aside"
REMOVED_URL = "/mod/removed"
RECENT_URL = "/mod/recent"
SEARCH_URL = "/mod/search"
HELD_URL = "/mod/held"
STATES_URL = "/mod/states"
LOG_URL = "/mod/log"
RULES_URL = "/mod/rules"
ACCOUNT_URL = "/mod/account"
STAFF_URL = "/mod/staff"
ROLES_URL = "/mod/roles"
BOARD_SETTINGS_URL = "/mod/board-settings"
PAGES_URL = "/mod/pages"
PICTURES_URL = "/mod/board-pictures"
INVITED_URL = "/mod/invited"
PROOF_URL = "/mod/proof"
#: Of the form by which a file is banned.
BAN_FILE = file_ban_deeds.BAN_FILE
#: What the address of a board's settings says when they were changed.
SET_BOARD = board_deeds.SET_BOARD.name
#: A form has at most 64 fields, and each setting is two of them.
_SETTINGS_PER_FORM = 20
#: What the address of the queue says when the most reported posts come first.
MOST_REPORTED = "most"
#: What the address of a list says when all that it shows is ticked.
ALL = "all"
#: What the address of an author's posts says when those of the whole network are meant.
NETWORK = "network"
#: Where a form on a list leads back to, by what its field `back` says.
BACK_URLS = {"reports": REPORTS_URL, "aside": ASIDE_URL, "log": LOG_URL}
#: Where a proof may lead back to. SECURITY: to pages of the desk alone, whatever a form says.
_PROVED_FOR = (ACCOUNT_URL, STAFF_URL, ROLES_URL)


class _Way(NamedTuple):
    url: str
    label: Message
    #: None: for all staff.
    power: Power | None


_WAYS = (
    _Way(REPORTS_URL, N_("Reports"), Power.READ_REPORTS),
    _Way(RECENT_URL, N_("Recent posts"), Power.READ_REPORTS),
    _Way(SEARCH_URL, N_("Search"), Power.READ_REPORTS),
    _Way(HELD_URL, N_("Held posts"), Power.JUDGE_HELD),
    _Way(BANS_URL, N_("Bans"), Power.BAN),
    _Way(APPEALS_URL, N_("Appeals"), Power.ANSWER_APPEALS),
    _Way(FILE_BANS_URL, N_("File bans"), Power.BAN),
    _Way(RULES_URL, N_("Rules against spam"), Power.MAKE_RULES),
    _Way(REMOVED_URL, N_("Removed"), Power.DELETE),
    _Way(ASIDE_URL, N_("Kept aside"), Power.BRING_BACK),
    _Way(STATES_URL, N_("State of the boards"), Power.SET_STATE),
    _Way(LOG_URL, N_("Log"), Power.READ_LOG),
    _Way(BOARD_SETTINGS_URL, N_("Board settings"), Power.SET_BOARD),
    _Way(PAGES_URL, N_("Pages"), Power.WRITE_PAGES),
    _Way(PICTURES_URL, N_("Banners and flags"), Power.DECORATE),
    _Way(STAFF_URL, N_("Staff"), Power.APPOINT),
    _Way(ROLES_URL, N_("Roles"), Power.MAKE_ROLES),
    _Way(ACCOUNT_URL, N_("Account"), None),
)


class ReportedCase(NamedTuple):
    """A post in the queue, with all by which it is judged."""

    report: ReportedPost
    case: Case
    around: Surroundings
    #: Of somebody else who looks at it.
    claim: Claim | None
    #: What the page knows of what was done to it (imageboard.store.second_acts).
    seen: int


#: Of a rule's form: a field, what it is called, and what there is to choose from.
_CHOICES_OF_RULES = (
    ("place", N_("Looks at"), rules.PLACES),
    ("way", N_("Which"), rules.WAYS),
    ("kind", N_("In"), rules.KINDS),
    ("poster", N_("By"), rules.POSTERS),
    ("pace", N_("When"), rules.PACES),
    ("action", N_("What becomes of the post"), rules.ACTIONS),
)


class Poster(NamedTuple):
    """What staff know of whoever wrote a post."""

    bans: Sequence[Ban]
    notes: Sequence[Note]
    #: Others of the same network.
    near: Sequence[Neighbour]
    #: While the address is kept.
    is_network_known: bool


class _Button(NamedTuple):
    deed: str
    label: Message


class _Row(NamedTuple):
    """A field of a deed's form, as one visitor sees it."""

    name: str
    label: Message
    hint: Message | None
    value: str
    chars_max: int | None
    is_required: bool
    is_wide: bool
    #: What a box sends; None: a line of text.
    ticked: str | None
    is_ticked: bool
    #: As deeds.Field.kept_as.
    kept_as: str | None
    offers: Sequence[str]


class _Form(NamedTuple):
    """A deed that asks for more than a button."""

    heading: Message | None
    button: _Button
    rows: list[_Row]


class _SettingRow(NamedTuple):
    """A setting of a board, as its form asks for it."""

    name: str
    sentence: Message
    value: str
    #: As it is kept.
    was: str
    #: All that there are; empty: it is typed.
    choices: Sequence[str]
    is_number: bool
    low: int | None
    high: int | None
    chars_max: int | None


class _Person(NamedTuple):
    """One of the staff, as another sees them."""

    account: Account
    title: Message
    #: Whoever looks may suspend them.
    is_below: bool


class _SecretOfApp(NamedTuple):
    """What an app is shown, or told, once."""

    picture: Markup
    uri: str
    spelled: str


class Refusal(NamedTuple):
    """A deed's form that can be mended: shown again with what was typed."""

    deed: Deed
    typed: Mapping[str, str]
    sentence: Message


class WouldHit(NamedTuple):
    """What a ban of a file would have refused."""

    #: (board, post), the newest first.
    posts: Sequence[tuple[str, Post]]
    has_more: bool


def post_url(board: str, no: int) -> str:
    return addresses.url_of(f"mod/{board}/{no}")


def author_url(board: str, no: int) -> str:
    return f"{post_url(board, no)}/author"


def search_url(**typed: str) -> str:
    """`like='b/12'`: what looks like the pictures of that post."""
    return f"{SEARCH_URL}?{urlencode({name: value for name, value in typed.items() if value})}"


def held_file_url(held: int, number: int) -> str:
    return f"{HELD_URL}/{held}/{number}"


def edit_url(board: str, no: int) -> str:
    return f"{post_url(board, no)}/edit"


def file_ban_url(board: str, no: int) -> str:
    return f"{post_url(board, no)}/file-ban"


def invitation_url(code: str) -> str:
    return f"{INVITED_URL}?{urlencode({'code': code})}"


def board_settings_url(board: str) -> str:
    return addresses.url_of(f"{BOARD_SETTINGS_URL[1:]}/{board}")


def pages_url(where: str, *, page: str | None = None, done: str | None = None) -> str:
    """Of one board's pages, or (an empty `where`) of the site's; with one of them to be changed."""
    values = {"where": where, "page": page, "done": done}
    return f"{PAGES_URL}?{urlencode({name: value for name, value in values.items() if value})}"


def pictures_url(board: str) -> str:
    return addresses.url_of(f"{PICTURES_URL[1:]}/{board}")


def back_url(back: str) -> str:
    return back if back in _PROVED_FOR else DESK_URL


def with_done(url: str, deed: str) -> str:
    """The address of a page that says that a form was carried out."""
    return f"{url}?{urlencode({'done': deed})}"


def login_page(
    *,
    form_token: str,
    passkey: Mapping[str, Any],
    name: str = "",
    sentence: Message | None = None,
    language: Language,
) -> str:
    """`passkey`: what a browser is asked to sign, in base64url, as everywhere below.

    `sentence` says why the last try failed; `name` is what was typed then."""
    return _render(
        "login",
        None,
        language=language,
        login_url=LOGIN_URL,
        passkey_url=PASSKEY_URL,
        passkey=_as_json(passkey),
        form_token=form_token,
        name=name,
        sentence=sentence,
    )


def second_step_page(
    *,
    form_token: str,
    passkey: Mapping[str, Any],
    sentence: Message | None = None,
    language: Language,
) -> str:
    """After the password: asks for a code."""
    return _render(
        "second_step",
        None,
        language=language,
        second_step_url=SECOND_STEP_URL,
        passkey_url=PASSKEY_URL,
        passkey=_as_json(passkey),
        form_token=form_token,
        sentence=sentence,
    )


def home_page(
    visitor: Visitor, *, reported_posts: int, appeals: int = 0, held_posts: int = 0
) -> str:
    """Where a log-in leads: what waits for this visitor."""
    return _render(
        "home",
        visitor,
        reported_posts=reported_posts,
        appeals=appeals,
        appeals_url=APPEALS_URL,
        held_posts=held_posts,
        held_url=HELD_URL,
        find_url=FIND_URL,
    )


def account_page(
    visitor: Visitor,
    sessions: Sequence[ListedSession],
    factors: Factors,
    *,
    site: str,
    passkey: Mapping[str, Any],
    secret: bytes | None = None,
    codes: tuple[str, ...] = (),
    done: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    """One's own sessions, password and second factor; `done` names the button that led here.

    `secret` waits for an app, `codes` are new: this page alone shows them.
    """
    return _render(
        "account",
        visitor,
        account_url=ACCOUNT_URL,
        proof_url=_proof_url(ACCOUNT_URL),
        sessions=sessions,
        end=_button(account_deeds.END_SESSION),
        end_others=_button(account_deeds.END_OTHERS),
        change_password=_form(account_deeds.CHANGE_PASSWORD, None, None),
        factors=factors,
        passkey=_as_json(passkey),
        add_passkey=_button(account_deeds.ADD_PASSKEY),
        rename_passkey=_button(account_deeds.RENAME_PASSKEY),
        remove_passkey=_button(account_deeds.REMOVE_PASSKEY),
        passkey_chars_max=NAME_CHARS_MAX,
        secret=secret and _shown_to_app(secret, visitor.name, site),
        codes=codes,
        begin_app=_button(account_deeds.BEGIN_APP),
        confirm_app=_form(account_deeds.CONFIRM_APP, None, None),
        remove_app=_button(account_deeds.REMOVE_APP),
        recovery_codes=_button(account_deeds.RECOVERY_CODES),
        done=_done(account_deeds.OF_ACCOUNT, done),
        sentence=refusal and refusal.sentence,
    )


def staff_page(
    visitor: Visitor,
    *,
    accounts: Sequence[Account],
    invitations: Sequence[Invitation],
    made_roles: Sequence[MadeRole],
    boards: Sequence[str],
    done: str | None = None,
    refusal: Refusal | None = None,
    link: str | None = None,
) -> str:
    """Who is of the staff, as what, and who is invited; `link` is of a new invitation.

    Forms offer the roles that the visitor may give somewhere, and the boards that there are.
    """
    places = [None, *boards]
    roles = [
        str(role)
        for role in (*Role, *made_roles)
        if any(visitor.may_grant(Grant(role, place)) for place in places)
    ]
    offers = {"role": roles, "board": boards}
    names = {"account": [account.name for account in accounts]}
    return _render(
        "staff",
        visitor,
        staff_url=STAFF_URL,
        proof_url=_proof_url(STAFF_URL),
        people=[
            _Person(account, title_of(account.grants), visitor.is_over(account.grants))
            for account in accounts
        ],
        invited=[(each, visitor.may_grant(each.grant)) for each in invitations],
        invite=_form(staff_deeds.INVITE, None, refusal, offers),
        appoint=_form(staff_deeds.APPOINT, None, refusal, offers | names),
        suspend=_button(staff_deeds.SUSPEND),
        let_in=_button(staff_deeds.LET_IN),
        reset_factor=_button(staff_deeds.RESET_FACTOR),
        take_back=_button(staff_deeds.TAKE_BACK),
        done=_done(staff_deeds.OF_STAFF, done),
        sentence=refusal and refusal.sentence,
        link=link,
    )


def roles_page(
    visitor: Visitor,
    made_roles: Sequence[MadeRole],
    *,
    done: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    """The roles, with what each may, and a form to make one."""
    return _render(
        "roles",
        visitor,
        roles_url=ROLES_URL,
        proof_url=_proof_url(ROLES_URL),
        roles=[
            (role, [power.words for power in Power if role.has(power)], role in made_roles)
            for role in (*Role, *made_roles)
        ],
        make=_form(staff_deeds.MAKE_ROLE, None, refusal),
        remove=_button(staff_deeds.REMOVE_ROLE),
        done=_done(staff_deeds.OF_ROLES, done),
        sentence=refusal and refusal.sentence,
    )


def board_choice_page(
    visitor: Visitor,
    boards: Sequence[Board],
    *,
    done: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    """The boards whose settings the visitor may change; for whoever may, a form for a new one."""
    may_make = visitor.may(Power.MAKE_BOARDS, None)
    return _render(
        "boards",
        visitor,
        heading=N_("Board settings"),
        boards=boards,
        board_url=board_settings_url,
        url=BOARD_SETTINGS_URL,
        new_board=_form(board_deeds.ADD_BOARD, None, refusal) if may_make else None,
        done=_done(board_deeds.OF_NEW_BOARDS, done),
        sentence=refusal and refusal.sentence,
    )


def pictures_choice_page(visitor: Visitor, boards: Sequence[Board]) -> str:
    """The boards whose banners and flags the visitor may change."""
    return _render(
        "boards",
        visitor,
        heading=N_("Banners and flags"),
        boards=boards,
        board_url=pictures_url,
        new_board=None,
        done=None,
        sentence=None,
    )


def board_pictures_page(
    visitor: Visitor,
    board: Board,
    banners: Sequence[Banner],
    *,
    sentence: Message | None = None,
    done: str | None = None,
) -> str:
    """What hangs on a board and what its posters choose from, with a form for one more of each."""
    return _render(
        "board_pictures",
        visitor,
        board=board,
        url=pictures_url(board.name),
        banners=banners,
        flags=board.settings.flags,
        flag_url=addresses.flag_url,
        hang=_button(board_deeds.HANG_BANNER),
        take_down=_button(board_deeds.TAKE_DOWN),
        add_flag=_button(board_deeds.ADD_FLAG),
        remove_flag=_button(board_deeds.REMOVE_FLAG),
        done=_done(board_deeds.OF_PICTURES, done),
        sentence=sentence,
    )


def written_pages_page(
    visitor: Visitor,
    board: str | None,
    *,
    places: Sequence[str | None],
    pages: Sequence[WrittenPage],
    page: WrittenPage | None,
    refusal: Refusal | None = None,
    done: str | None = None,
) -> str:
    """The pages of `board`, or of the site, and a form with `page`, or with what was refused."""
    typed = refusal.typed if refusal else {}
    return _render(
        "pages",
        visitor,
        where=board or "",
        places=[(place, pages_url(place or "")) for place in places],
        pages=[(one, pages_url(board or "", page=one.name)) for one in pages],
        pages_url=PAGES_URL,
        name=typed.get("page", page.name if page else ""),
        title=typed.get("title", page.title if page else ""),
        text=typed.get("text", page.body if page else ""),
        chars_max=BODY_CHARS_MAX,
        save=_button(board_deeds.SET_PAGE),
        remove=_button(board_deeds.REMOVE_PAGE),
        done=_done(board_deeds.OF_PAGES, done),
        sentence=refusal and refusal.sentence,
    )


def board_settings_page(
    visitor: Visitor,
    board: Board,
    *,
    typed: Mapping[str, str],
    sentence: Message | None = None,
    done: str | None = None,
) -> str:
    """A field for each setting; `typed` is what was refused, because of `sentence`."""
    rows = [
        _setting_row(row, getattr(board.settings, row.attribute), typed)
        for row in BoardSettings.rows()
    ]
    return _render(
        "board_settings",
        visitor,
        board=board,
        board_settings_url=board_settings_url,
        forms=[
            rows[first : first + _SETTINGS_PER_FORM]
            for first in range(0, len(rows), _SETTINGS_PER_FORM)
        ],
        button=_button(board_deeds.SET_BOARD),
        done=_done(board_deeds.OF_BOARDS, done),
        sentence=sentence,
    )


def invited_page(
    invitation: Invitation,
    *,
    code: str,
    form_token: str,
    sentence: Message | None = None,
    language: Language,
) -> str:
    """Where the link of an invitation leads: asks for a password."""
    return _render(
        "invited",
        None,
        language=language,
        invited_url=INVITED_URL,
        name=invitation.name,
        title=invitation.grant.title,
        code=code,
        form_token=form_token,
        sentence=sentence,
    )


def proof_page(
    visitor: Visitor,
    *,
    back: str,
    passkey: Mapping[str, Any],
    sentence: Message | None = None,
) -> str:
    """Asks for the password once more; `sentence` says why."""
    return _render(
        "proof",
        visitor,
        proof_url=PROOF_URL,
        back=back_url(back),
        passkey=_as_json(passkey),
        sentence=sentence,
    )


def reports_page(
    visitor: Visitor,
    reported: Sequence[ReportedCase],
    *,
    total: int,
    next_page: int | None,
    most_first: bool = False,
    is_whole: bool = False,
    done: str | None = None,
) -> str:
    """A page of the queue, of `total` posts; `is_whole`: all of it are ticked. `done` names the
    button that led here.
    """
    sorted_so = {"sort": MOST_REPORTED} if most_first else {}
    older = urlencode(sorted_so | {"page": next_page})
    here = f"{REPORTS_URL}?{urlencode(sorted_so)}" if most_first else REPORTS_URL
    return _render(
        "reports",
        visitor,
        cases=[(each, each.case.post, _buttons(visitor, each.case)) for each in reported],
        here_url=here,
        is_whole=is_whole,
        total=total,
        reports_url=REPORTS_URL,
        dismissed_url=DISMISSED_URL,
        most_reported_url=None if most_first else f"{REPORTS_URL}?sort={MOST_REPORTED}",
        ticked_buttons=[
            _button(deed)
            for deed in removal_deeds.OF_SEVERAL
            if deed.power is not None and visitor.may_somewhere(deed.power)
        ],
        older_url=f"{REPORTS_URL}?{older}" if next_page else None,
        done=_done((*deeds.OF_POSTS, *move_deeds.OF_THREADS, *removal_deeds.OF_SEVERAL), done),
    )


def dismissed_page(
    visitor: Visitor,
    posts: Sequence[tuple[str, Post]],
    *,
    is_whole: bool,
    done: str | None = None,
) -> str:
    """Posts whose reports were just dismissed, the last first."""
    may = visitor.may_somewhere(Power.DISMISS_REPORTS)
    return _render(
        "dismissed",
        visitor,
        posts=posts,
        dismissed_url=DISMISSED_URL,
        is_whole=is_whole,
        reopen=_button(removal_deeds.REOPEN_TICKED) if may else None,
        done=_done(removal_deeds.OF_DISMISSED, done),
    )


def post_page(
    visitor: Visitor,
    case: Case,
    thread: Thread,
    *,
    report_reasons: Sequence[str],
    claim: Claim | None,
    seen: int,
    done: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    """One post and what this visitor may do to it."""
    return _render(
        "post",
        visitor,
        board=case.board,
        post=case.post,
        thread=thread,
        is_aside=case.is_aside,
        author_url=author_url(case.board, case.post.no) if case.is_author_known else None,
        edit_url=(
            edit_url(case.board, case.post.no) if visitor.may(Power.EDIT, case.board) else None
        ),
        file_ban_url=(
            file_ban_url(case.board, case.post.no)
            if case.post.files and visitor.may(Power.BAN, case.board)
            else None
        ),
        alike_url=search_url(like=f"{case.board}/{case.post.no}") if case.post.files else None,
        report_reasons=report_reasons,
        claim=claim,
        seen=seen,
        buttons=_buttons(visitor, case),
        forms=[
            _form(deed, case, refusal)
            for deed in (*deeds.OF_POSTS, *move_deeds.OF_THREADS)
            if deed.fields and _is_offered(deed, visitor, case)
        ],
        done=_done(deeds.OF_POSTS, done),
        sentence=refusal.sentence if refusal else None,
    )


def bans_page(
    visitor: Visitor,
    bans: Sequence[Ban],
    *,
    has_more: bool,
    done: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    """Bans in force, newest first."""
    return _render(
        "bans",
        visitor,
        bans=bans,
        older_url=f"{BANS_URL}?before={bans[-1].id}" if has_more else None,
        bans_url=BANS_URL,
        new_ban=_form(deeds.BAN, None, refusal),
        lift=_Button(deeds.LIFT.name, _said(deeds.LIFT.button, None)),
        done=_done(deeds.OF_BANS, done),
        sentence=refusal.sentence if refusal else None,
    )


def appeals_page(
    visitor: Visitor,
    appeals: Sequence[WaitingAppeal],
    *,
    next_page: int | None,
    done: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    """What the banned ask, the first first."""
    return _render(
        "appeals",
        visitor,
        appeals=appeals,
        appeals_url=APPEALS_URL,
        buttons=[_button(deed) for deed in appeal_deeds.OF_APPEALS],
        chars_max=ANSWER_CHARS_MAX,
        older_url=f"{APPEALS_URL}?page={next_page}" if next_page else None,
        typed=refusal.typed if refusal else {},
        done=_done(appeal_deeds.OF_APPEALS, done),
        sentence=refusal.sentence if refusal else None,
    )


def edit_page(
    visitor: Visitor,
    board: str,
    no: int,
    held: Editable,
    *,
    done: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    """The words of a post, and what they were before, the newest first."""
    written = {name: text or "" for name, text in held.written._asdict().items()}
    typed = {} if refusal is None else {name: refusal.typed.get(name, "") for name in written}
    return _render(
        "edit",
        visitor,
        board=board,
        no=no,
        written=written | typed,
        names_too=visitor.may(Power.EDIT_NAMES, board),
        versions=held.versions[::-1],
        edit_url=edit_url(board, no),
        edit=_button(edit_deeds.EDIT),
        undo=_button(edit_deeds.UNDO_EDIT),
        done=_done(edit_deeds.OF_EDITS, done),
        sentence=refusal.sentence if refusal else None,
    )


def file_bans_page(
    visitor: Visitor,
    file_bans: Sequence[FileBan],
    *,
    next_page: int | None,
    done: str | None = None,
) -> str:
    """Files that may not be posted, the newest ban first."""
    tables = (*file_ban_deeds.OF_POST_FILES, *file_ban_deeds.OF_FILE_BANS)
    return _render(
        "file_bans",
        visitor,
        file_bans=file_bans,
        file_bans_url=FILE_BANS_URL,
        lift=_button(file_ban_deeds.LIFT),
        older_url=f"{FILE_BANS_URL}?page={next_page}" if next_page else None,
        done=_done(tables, done),
    )


def file_ban_page(
    visitor: Visitor,
    case: Case,
    *,
    number: int,
    bits: int | None,
    can_look_alike: bool,
    would_hit: WouldHit,
    refusal: Refusal | None = None,
) -> str:
    """A file of a post, what its ban would have refused, and the form that bans it."""
    return _render(
        "file_ban",
        visitor,
        board=case.board,
        post=case.post,
        number=number,
        bits=bits,
        can_look_alike=can_look_alike,
        usual_bits=BITS_APART_MAX,
        would_hit=would_hit,
        file_ban_url=file_ban_url(case.board, case.post.no),
        form=_form(BAN_FILE, case, refusal),
        sentence=refusal.sentence if refusal else None,
    )


def rules_page(
    visitor: Visitor,
    found: Sequence[Rule],
    *,
    places: Sequence[str | None],
    typed: Mapping[str, str],
    done: str | None = None,
    sentence: Message | None = None,
    trial: Trial | None = None,
) -> str:
    """The rules that the visitor may change, and a form with what was typed, or refused, or tried.

    A form that names a rule changes that one.
    """
    typed = rules.as_typed(NewRule()) | {"rule": "", "duration": "3d"} | dict(typed)
    return _render(
        "rules",
        visitor,
        rules_url=RULES_URL,
        rules=found,
        words_of=lambda choices, name: rules.words_of(getattr(rules, choices), name),
        narrowed_by=_narrowed_by,
        rule_url=lambda number: f"{RULES_URL}?{urlencode({'rule': number})}",
        places=places,
        typed=typed,
        choices=_CHOICES_OF_RULES,
        chars_max={
            "what": rules.WHAT_CHARS_MAX,
            "sentence": rules.SENTENCE_CHARS_MAX,
            "replacement": rules.REPLACEMENT_CHARS_MAX,
        },
        save=_button(rule_deeds.CHANGE if typed["rule"] else rule_deeds.ADD),
        try_=_button(rule_deeds.TRY),
        switch={True: _button(rule_deeds.SWITCH_OFF), False: _button(rule_deeds.SWITCH_ON)},
        remove=_button(rule_deeds.REMOVE),
        done=_done(rule_deeds.OF_RULES, done),
        sentence=sentence,
        trial=trial,
    )


def aside_page(
    visitor: Visitor,
    threads: Sequence[AsideThread],
    *,
    next_page: int | None,
    done: str | None = None,
) -> str:
    """Threads that fell off their boards, the last one first."""
    (bring_back,) = (deed for deed in deeds.OF_POSTS if deed.power is Power.BRING_BACK)
    return _render(
        "aside",
        visitor,
        threads=threads,
        bring_back=_Button(bring_back.name, _said(bring_back.button, None)),
        older_url=f"{ASIDE_URL}?page={next_page}" if next_page else None,
        done=_done(deeds.OF_POSTS, done),
    )


def recent_page(
    visitor: Visitor,
    posts: Sequence[tuple[str, Post]],
    *,
    is_whole: bool,
    next_page: int | None,
    done: str | None = None,
) -> str:
    """(board, post), the newest first, `is_whole`: all ticked; `done` names the button that led
    here.
    """
    return _render(
        "recent",
        visitor,
        posts=posts,
        recent_url=RECENT_URL,
        here_url=RECENT_URL,
        is_whole=is_whole,
        delete_ticked=_ticked_button(visitor),
        older_url=f"{RECENT_URL}?page={next_page}" if next_page else None,
        done=_done(removal_deeds.OF_SEVERAL, done),
    )


def author_page(
    visitor: Visitor,
    of: tuple[str, int],
    posts: Sequence[tuple[str, Post]],
    about: Poster,
    *,
    of_network: bool,
    is_whole: bool,
    next_page: int | None,
    done: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    """What the author of a post wrote, or (`of_network`) everybody near them, and what is known."""
    board, no = of
    url = author_url(board, no)
    network_url = f"{url}?of={NETWORK}"
    here = network_url if of_network else url
    older = f"{here}{'&' if of_network else '?'}page={next_page}"
    return _render(
        "author",
        visitor,
        board=board,
        no=no,
        posts=posts,
        about=about,
        of_network=of_network,
        author_url=author_url,
        network_url=network_url,
        recent_url=RECENT_URL,
        here_url=here,
        is_whole=is_whole,
        delete_ticked=_ticked_button(visitor),
        add_note=_form(poster_deeds.ADD_NOTE, None, refusal),
        remove_note=_button(poster_deeds.REMOVE_NOTE),
        older_url=older if next_page else None,
        done=_done(poster_deeds.OF_POSTERS, done),
        sentence=refusal and refusal.sentence,
    )


def search_page(
    visitor: Visitor,
    typed: Mapping[str, str],
    posts: Sequence[tuple[str, Post]],
    *,
    is_asked: bool,
    is_whole: bool,
    next_page: int | None,
    sentence: Message | None,
    done: str | None = None,
) -> str:
    """What was found by what was `typed`; not `is_asked`: nothing was, the form alone."""
    here = search_url(**typed)
    return _render(
        "search",
        visitor,
        typed=typed,
        posts=posts,
        is_asked=is_asked,
        is_whole=is_whole,
        search_url=SEARCH_URL,
        here_url=here,
        delete_ticked=_ticked_button(visitor),
        older_url=f"{here}&page={next_page}" if next_page else None,
        sentence=sentence,
        done=_done(removal_deeds.OF_SEVERAL, done),
    )


def held_page(
    visitor: Visitor,
    found: Sequence[HeldPost],
    *,
    is_whole: bool,
    next_page: int | None,
    done: str | None = None,
) -> str:
    """Posts that nobody has seen yet, the first that came first; `is_whole`: all are ticked."""
    return _render(
        "held",
        visitor,
        posts=found,
        held_url=HELD_URL,
        file_url=held_file_url,
        is_whole=is_whole,
        buttons=[_button(deed) for deed in state_deeds.OF_HELD],
        later_url=f"{HELD_URL}?page={next_page}" if next_page else None,
        done=_done(state_deeds.OF_HELD, done),
    )


def states_page(
    visitor: Visitor, boards: Sequence[Board], *, held_posts: int, done: str | None = None
) -> str:
    """Each board with its states, and above them what is pressed for all."""
    return _render(
        "states",
        visitor,
        boards=boards,
        states=state_deeds.STATES,
        is_in=lambda board, state: as_typed(getattr(board.settings, state.setting)) == state.value,
        states_url=STATES_URL,
        held_url=HELD_URL if visitor.may_somewhere(Power.JUDGE_HELD) else None,
        held_posts=held_posts,
        deed=state_deeds.SET_STATE.name,
        done=_done(state_deeds.OF_STATES, done),
    )


def _narrowed_by(rule: Rule) -> list[Message]:
    """'threads', 'new posters': what it asks beside what it looks for, but for countries."""
    asked = ((rules.KINDS, rule.kind), (rules.POSTERS, rule.poster), (rules.PACES, rule.pace))
    return [rules.words_of(choices, name) for choices, name in asked if name != "any"]


def _ticked_button(visitor: Visitor) -> _Button | None:
    if not visitor.may_somewhere(Power.DELETE):
        return None
    return _button(removal_deeds.DELETE_TICKED)


def removed_page(
    visitor: Visitor,
    found: Sequence[Removal],
    *,
    next_page: int | None,
    done: str | None = None,
) -> str:
    """What can be brought back, the newest first."""
    return _render(
        "removed",
        visitor,
        removals=found,
        removed_url=REMOVED_URL,
        undo=_button(removal_deeds.UNDO),
        erase=_button(removal_deeds.ERASE),
        older_url=f"{REMOVED_URL}?page={next_page}" if next_page else None,
        done=_done(removal_deeds.OF_REMOVALS, done),
    )


def log_page(
    visitor: Visitor,
    entries: Sequence[LogEntry],
    *,
    undoable: Collection[int],
    has_more: bool,
    done: str | None = None,
) -> str:
    """What was done, newest first; `undoable` are the removals that can be undone."""
    return _render(
        "log",
        visitor,
        entries=entries,
        log_words=log_words.WORDS,
        log_details=log_words.DETAILS,
        undoable=undoable,
        removed_url=REMOVED_URL,
        undo=_button(removal_deeds.UNDO),
        done=_done(removal_deeds.OF_REMOVALS, done),
        older_url=f"{LOG_URL}?before={entries[-1].id}" if has_more else None,
    )


def refused_page(*, sentence: Message, status: int, language: Language) -> str:
    """Something that can't be mended by typing it again."""
    return _render("refused", None, language=language, sentence=sentence, status=status)


def _done(table: Sequence[Deed], name: str | None) -> Message | None:
    """What is said on the page to which a form leads.

    SECURITY: the address names the button, not the sentence: nobody can put words of their own on
    a page of the desk.
    """
    return next((deed.done for deed in table if deed.name == name), None)


def _is_offered(deed: Deed, visitor: Visitor, case: Case) -> bool:
    return deed.fits(case) and (deed.power is None or visitor.may(deed.power, case.board))


def _button(deed: Deed) -> _Button:
    """Of a deed that is called the same wherever it stands."""
    return _Button(deed.name, _said(deed.button, None))


def _setting_row(row: BoardRow, kept: object, typed: Mapping[str, str]) -> _SettingRow:
    reader, was = row.reader, as_typed(kept)
    is_number = reader.kind == "number"
    return _SettingRow(
        name=row.name,
        sentence=Message(row.sentence),
        value=typed.get(row.name, was),
        was=typed.get(board_deeds.WAS + row.name, was),
        choices=reader.choices if reader.kind in ("choice", "flag") else (),
        is_number=is_number,
        low=reader.low,
        high=reader.high,
        chars_max=None if is_number else reader.high,
    )


def _shown_to_app(secret: bytes, name: str, site: str) -> _SecretOfApp:
    uri = totp.uri(secret, name, site)
    # Black on white, whatever the page's colours: cameras need it so.
    picture = segno.make_qr(uri, error="m").svg_inline(scale=5, border=4, light="#fff")
    return _SecretOfApp(Markup(picture), uri, totp.spelled(secret))  # noqa: S704 - of our own


def _as_json(options: Mapping[str, Any]) -> str:
    """For an attribute of the page: it is escaped there as any text."""
    return json.dumps(options, separators=(",", ":"))


def _proof_url(back: str) -> str:
    return f"{PROOF_URL}?{urlencode({'back': back})}"


def _buttons(visitor: Visitor, case: Case) -> list[_Button]:
    return [
        _Button(deed.name, _said(deed.button, case))
        for deed in deeds.OF_POSTS
        if not deed.fields and _is_offered(deed, visitor, case)
    ]


def _form(
    deed: Deed,
    case: Case | None,
    refusal: Refusal | None,
    offers: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> _Form:
    """`offers`: values to choose from, by the names of fields that do not know them."""
    typed = refusal.typed if refusal is not None and refusal.deed is deed else None
    return _Form(
        heading=deed.heading,
        button=_Button(deed.name, _said(deed.button, case)),
        rows=[
            _Row(
                name=field.name,
                label=_said(field.label, case),
                hint=None if field.hint is None else _said(field.hint, case),
                value=field.initial if typed is None else typed.get(field.name, ""),
                chars_max=field.chars_max,
                is_required=field.is_required,
                is_wide=field.is_wide,
                ticked=field.ticked,
                is_ticked=typed is not None and field.name in typed,
                kept_as=field.kept_as,
                offers=(
                    field.offers(case) if field.offers and case else offers.get(field.name, ())
                ),
            )
            for field in deed.fields
        ],
    )


def _said(words: Words, case: Case | None) -> Message:
    if isinstance(words, Message):
        return words
    assert case is not None, "only deeds of posts have words that depend on the post"
    return words(case)


def _is_open(way: _Way, visitor: Visitor) -> bool:
    return way.power is None or visitor.may_somewhere(way.power)


def _render(
    page: str, visitor: Visitor | None, *, language: Language = ENGLISH, **values: object
) -> str:
    """In the visitor's language; in `language`, as long as nobody knows who it is."""
    language = language if visitor is None else visitor.language
    template = environment(language).get_template(f"writer/desk_{page}.html")
    return template.render(
        visitor=visitor,
        ways=[way for way in _WAYS if visitor is not None and _is_open(way, visitor)],
        desk_url=DESK_URL,
        logout_url=LOGOUT_URL,
        desk_post_url=post_url,
        **values,
    )
