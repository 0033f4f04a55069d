"""Answers of the write API to a browser: refused, banned, done.

SECURITY: these are for one reader and hold what that reader typed (the password too), so the
writer sends them with `Cache-Control: no-store`. With a captcha the page loads what its row in
imageboard/captchas.py names: its Content-Security-Policy must let that in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from imageboard import addresses
from imageboard.addresses import BOARD_NAME
from imageboard.appeals import APPEAL_CHARS_MAX
from imageboard.captchas import ANSWER_FIELDS, PASS_FIELD, ShownCaptcha
from imageboard.fields import (
    ALT_OF_ONE,
    BUTTONS,
    KEPT_FILE,
    LABELS,
    POST_FIELDS,
    SELECTED_POST,
    SPOILER_OF_ONE,
    TRAP_FIELD,
    BoxField,
    ChoiceField,
    FileField,
    KeptFile,
    Option,
    TextField,
    alt_field,
)
from imageboard.settings import BoardSettings
from imageboard.words import ENGLISH, N_, Language, Message
from templates.engine import FRONT_PAGE_URL, environment


class _Row(NamedTuple):
    """A line of text of a form."""

    name: str
    label: Message
    value: str = ""
    #: 'textarea', 'select', or a type of input.
    kind: str = "text"
    classes: str = "field"
    #: Of a 'select'.
    options: tuple[Option, ...] = ()


class _Box(NamedTuple):
    """A checkbox of a form."""

    name: str
    label: Message
    is_set: bool = False
    #: What is sent when it is ticked.
    value: str = "on"


class _Button(NamedTuple):
    name: str
    value: str
    label: Message


class _Form(NamedTuple):
    """A form as it is shown again."""

    title: Message
    button: _Button
    rows: tuple[_Row, ...]
    boxes: tuple[_Box, ...] = ()
    takes_file: bool = False
    #: Sent along with nothing to see: (name, value).
    hidden: tuple[tuple[str, str], ...] = ()


#: Of a board that nobody knows.
_USUAL = BoardSettings()
_PASSWORD = _Row("password", LABELS["password"], kind="password")
# SECURITY: the form says what it likes; a link to the board '/evil.example' would leave the site.
_BOARD_NAME = re.compile(BOARD_NAME)
# The answer to a captcha is good for one try.
_NOT_KEPT = BUTTONS | ANSWER_FIELDS | {PASS_FIELD, TRAP_FIELD, "json_response", "board", "thread"}

_DELETE = _Form(
    title=N_("Not deleted"),
    button=_Button("delete", "Delete", N_("Delete")),
    rows=(_PASSWORD,),
    boxes=(_Box("file", N_("Only the files")),),
)
_REPORT = _Form(
    title=N_("Not reported"),
    button=_Button("report", "Report", N_("Report")),
    rows=(_Row("reason", LABELS["reason"], classes="field field-wide"),),
)
_APPEAL = _Form(
    title=N_("Not sent"),
    button=_Button("appeal", "Appeal", N_("Send the appeal")),
    rows=(
        _Row(
            "body",
            N_("Why the ban should go"),
            kind="textarea",
            classes="field field-wide",
        ),
    ),
)


def refused_page(
    *,
    sentence: Message,
    status: int,
    draft: Mapping[str, str],
    board: str | None,
    thread: int | None,
    field: str | None,
    settings: BoardSettings = _USUAL,
    kept: Sequence[KeptFile] = (),
    captcha: ShownCaptcha | None = None,
    request_id: str = "",
    language: Language = ENGLISH,
) -> str:
    """Says what to change, and holds all that was typed in a form that can be sent again.

    `draft` holds the fields of the form as they came, without files; `kept` says which of those
    need not be chosen again; the board's `settings` which fields there are; `field` names the one
    to change. Whether it was a post, a deletion or a report is told by the draft's button. A
    `board` that can't be the name of one is the draft's, to be mended: nothing links to it.
    """
    if board is not None and not _BOARD_NAME.fullmatch(board):
        board = None
    form = _form_again(_blank_form(draft, settings, thread), draft, board, thread, field, kept)
    return _render(
        "refused",
        language,
        sentence=sentence,
        status=status,
        request_id=request_id,
        form=form,
        can_be_sent_again=(
            form.button.name in ("post", "appeal") or any(map(SELECTED_POST.fullmatch, draft))
        ),
        field=field,
        has_kept=bool(kept),
        board=board,
        back_url=_back_url(board, thread),
        captcha=captcha if form.button.name == "post" else None,
    )


def preview_page(
    *,
    post_html: str,
    draft: Mapping[str, str],
    board: str,
    thread: int | None,
    settings: BoardSettings = _USUAL,
    kept: Sequence[KeptFile] = (),
    captcha: ShownCaptcha | None = None,
    language: Language = ENGLISH,
) -> str:
    """The post as it will be, and its form: to be changed, looked at again, or sent.

    `post_html` is that of `fragments.post_html`.
    """
    form = _form_again(_form_of_post(settings, thread), draft, board, thread, None, kept)
    button = form.button._replace(label=N_("Send it"))
    return _render(
        "preview",
        language,
        post=Markup(post_html),  # noqa: S704 - safe by contract
        form=form._replace(title=N_("Preview"), button=button),
        field=None,
        has_kept=bool(kept),
        board=board,
        back_url=_back_url(board, thread),
        captcha=captcha,
    )


def banned_page(
    *,
    sentence: Message,
    board: str | None,
    reason: str,
    created_s: int,
    expires_s: int | None,
    ban_id: int,
    appeal: tuple[str, str | None] | None = None,
    may_appeal: bool = False,
    sent_to: str = "",
    log_url: str | None = None,
    language: Language = ENGLISH,
) -> str:
    """`board` None: banned from all of them; `expires_s` None: for good; `log_url`: its entry.

    `appeal`: what was asked of staff, and what they answered, if they have. `may_appeal`: a form
    asks for one, of the board to which the banned wanted to post (`sent_to`).
    """
    return _render(
        "banned",
        language,
        sentence=sentence,
        board=board,
        reason=reason,
        created_s=created_s,
        expires_s=expires_s,
        ban_id=ban_id,
        appeal=appeal,
        may_appeal=may_appeal,
        sent_to=sent_to,
        appeal_chars_max=APPEAL_CHARS_MAX,
        log_url=log_url,
        back_url=_back_url(board, None),
    )


def failed_page(
    *, title: Message, sentence: Message, request_id: str = "", language: Language = ENGLISH
) -> str:
    """Nothing was done, and no form could be sent again that would help."""
    return _render("failed", language, title=title, sentence=sentence, request_id=request_id)


def done_page(
    *, title: Message, sentence: Message, back_url: str, language: Language = ENGLISH
) -> str:
    """Something was done that has no page of its own to lead to: a report, a deletion."""
    return _render("done", language, title=title, sentence=sentence, back_url=back_url)


def _form_again(
    form: _Form,
    draft: Mapping[str, str],
    board: str | None,
    thread: int | None,
    field: str | None,
    kept: Sequence[KeptFile],
) -> _Form:
    # Where it goes is sent along unseen, unless that is what is wrong. A reply whose thread
    # can't be read must not come back as a new thread.
    places = {
        "board": draft.get("board", "") if board is None else board,
        "thread": draft.get("thread", "") if thread is None else str(thread),
    }
    shown = {"board"} if board is None else set()
    if thread is None and places["thread"]:
        shown.add("thread")
    shown |= places.keys() & {field}
    rows = tuple(_Row(name, LABELS[name]) for name in places if name in shown) + form.rows
    if kept:
        # Counted anew: the fields of kept files say which of them are hidden, and what they show.
        draft = {
            name: text
            for name, text in draft.items()
            if not SPOILER_OF_ONE.fullmatch(name) and not ALT_OF_ONE.fullmatch(name)
        } | {alt_field(file.number): file.alt for file in kept}
    rows += _descriptions(form, draft)
    typed = places | {
        name: text
        for name, text in draft.items()
        if name not in _NOT_KEPT and not KEPT_FILE.fullmatch(name)
    }
    boxes = tuple(
        box._replace(is_set=bool(typed.get(box.name)))
        for box in _selected(form, draft) + form.boxes + _hidden_files(form, draft)
    )
    boxes = tuple(box for file in kept for box in _boxes_of_kept(file)) + boxes
    seen = {row.name for row in rows} | {box.name for box in boxes}
    if field in typed.keys() - seen:
        # What no page asks for, and is wrong: it can be copied from here, or emptied.
        rows += (_Row(field, N_("Field {name}").filled(name=field)),)
        seen.add(field)
    return form._replace(
        rows=tuple(row._replace(value=typed.get(row.name, "")) for row in rows),
        boxes=boxes,
        hidden=tuple((name, text) for name, text in typed.items() if name not in seen and text),
    )


def _selected(form: _Form, draft: Mapping[str, str]) -> tuple[_Box, ...]:
    """The posts and files that are to be deleted or reported, to be taken back one by one."""
    if form.button.name == "post":
        return ()
    found = filter(None, map(SELECTED_POST.fullmatch, draft))
    ticked = sorted({(int(each[1]), int(each[2] or 0)) for each in found})
    return tuple(_selected_box(no, number) for no, number in ticked)


def _selected_box(no: int, number: int) -> _Box:
    """Of a post, or of a file of it (`number` from 1)."""
    if not number:
        return _Box(f"delete_{no}", N_("Post {no}").filled(no=no))
    label = N_("File {number} of post {no}").filled(number=number, no=no)
    return _Box(f"delete_{no}_{number}", label)


def _descriptions(form: _Form, draft: Mapping[str, str]) -> tuple[_Row, ...]:
    """Of the second file and those behind it: what each shows."""
    if not form.takes_file:
        return ()
    found = filter(None, map(ALT_OF_ONE.fullmatch, draft))
    numbers = sorted(int(each[1]) for each in found if each[1] and draft[each[0]])
    return tuple(
        _Row(f"file_alt{number}", N_("Description of file {number}").filled(number=number))
        for number in numbers
    )


def _hidden_files(form: _Form, draft: Mapping[str, str]) -> tuple[_Box, ...]:
    """Which files were to be hidden, each by itself."""
    if not form.takes_file:
        return ()
    found = filter(None, map(SPOILER_OF_ONE.fullmatch, draft))
    numbers = sorted(int(each[1]) for each in found if draft[each[0]])
    return tuple(
        _Box(f"spoiler{number}", N_("Hide file {number}").filled(number=number))
        for number in numbers
    )


def _boxes_of_kept(file: KeptFile) -> tuple[_Box, _Box]:
    label = N_("Send {name} along").filled(name=file.name)
    hide = N_("Hide file {number}").filled(number=file.number)
    return (
        _Box(file.field, label, is_set=True, value=file.value),
        _Box(f"spoiler{file.number}", hide, is_set=file.is_spoiler),
    )


def _blank_form(draft: Mapping[str, str], settings: BoardSettings, thread: int | None) -> _Form:
    if "delete" in draft:
        return _DELETE
    if "report" in draft:
        return _form_of_report(settings)
    if "appeal" in draft:
        return _APPEAL
    return _form_of_post(settings, thread)


def _form_of_report(settings: BoardSettings) -> _Form:
    if not settings.categories:
        return _REPORT
    options = tuple(Option(name, name) for name in settings.categories)
    category = _Row("category", LABELS["category"], kind="select", options=options)
    return _REPORT._replace(rows=(category, *_REPORT.rows))


def _form_of_post(settings: BoardSettings, thread: int | None) -> _Form:
    fields = [
        field
        for field in POST_FIELDS
        if field.is_there(settings) and (thread is None or not field.is_of_threads)
    ]
    return _Form(
        title=N_("Not posted"),
        button=_Button("post", "New Topic" if thread is None else "New Reply", N_("Send it again")),
        rows=tuple(
            _Row(
                field.name,
                field.label,
                kind=field.kind,
                classes=field.classes,
                options=field.options(settings) if isinstance(field, ChoiceField) else (),
            )
            for field in fields
            if isinstance(field, TextField | ChoiceField)
        ),
        boxes=tuple(
            _Box(field.name, field.label) for field in fields if isinstance(field, BoxField)
        ),
        takes_file=any(isinstance(field, FileField) for field in fields),
    )


def _back_url(board: str | None, thread: int | None) -> str:
    if board is None:
        return FRONT_PAGE_URL
    return addresses.board_url(board) if thread is None else addresses.thread_url(board, thread)


def _render(name: str, language: Language, **values: object) -> str:
    return environment(language).get_template(f"writer/{name}.html").render(values)
