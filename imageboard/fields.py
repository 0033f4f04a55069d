"""The fields of the board's forms: what each is called, how a form shows it, how it is read.

A field of a post is one row of POST_FIELDS. The posting form, the form that a refusal shows again,
the check of lengths and the reader of what was sent take it from there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

from imageboard import plain_text
from imageboard.settings import BoardSettings
from imageboard.words import N_, Message

PASSWORD_CHARS_MAX = 100
REASON_CHARS_MAX = 200
ALT_CHARS_MAX = 500
#: Of the files of one post together, as vichan counts them unless it is told otherwise.
FILES_BYTES_MAX = 10 * 1024 * 1024

#: Buttons, which say what is to be done.
BUTTONS = frozenset({"post", "preview", "delete", "report", "appeal", "push", "push_stop"})
#: What a browser hands in that wants to be told of replies.
PUSH_FIELDS = frozenset({"endpoint", "p256dh", "auth", "own", "every"})
#: Nothing of a post: what is asked for, how it is answered, whether it was sent before.
ABOUT_THE_FORM = BUTTONS | PUSH_FIELDS | {"json_response", "nonce"}
#: Of no person's: it is hidden from eyes and screen readers, and robots fill in what they find.
TRAP_FIELD = "homepage"
#: Ticked at a post that is to be deleted or reported, or at one of its files: 'delete_124_2'.
SELECTED_POST = re.compile(r"delete_([0-9]{1,15})(?:_([1-9][0-9]?))?")
#: Hides one file of a post.
SPOILER_OF_ONE = re.compile(r"spoiler([1-9][0-9]?)")
#: Says what one file of a post shows; without a number the first.
ALT_OF_ONE = re.compile(r"file_alt([1-9][0-9]?)?")
#: A file of a form that was refused, kept since then.
KEPT_FILE = re.compile(r"kept([1-9][0-9]?)")
_NUMBERED = re.compile(r".*?([1-9][0-9]?)", re.DOTALL)


class KeptFile(NamedTuple):
    """A file that need not be chosen again: its box in a form that is shown again."""

    number: int
    #: As it was sent: 'cat.jpeg'.
    name: str
    token: str
    #: By itself, whatever holds for the others of its post.
    is_spoiler: bool = False
    alt: str = ""

    @property
    def field(self) -> str:
        """'kept2'"""
        return f"kept{self.number}"

    @property
    def value(self) -> str:
        return f"{self.token} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field as people know it: by its label, which refusals use too."""

    name: str
    label: Message
    #: Within a sentence: 'The comment is too long.'
    in_sentence: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class PostField(Field):
    """What a poster fills in. What depends on the board is asked with its settings."""

    #: Of its place in the form (assets/board.css).
    classes: str = "field"
    is_there: Callable[[BoardSettings], bool] = lambda _settings: True
    #: A reply has none.
    is_of_threads: bool = False
    #: Of files: where there are several, each has its own too ('spoiler2', 'file_alt2').
    is_of_files: bool = False
    #: By a new thread, by a reply.
    is_needed: Callable[[BoardSettings], bool] = lambda _settings: False
    is_needed_by_reply: Callable[[BoardSettings], bool] = lambda _settings: False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextField(PostField):
    """What is typed: an attribute of Draft with the same name."""

    chars_max: Callable[[BoardSettings], int]
    kind: Literal["text", "textarea", "password"] = "text"
    placeholder: Callable[[BoardSettings], Message | None] = lambda _settings: None
    autocomplete: str = "off"
    autocapitalize: str = ""

    def read(self, sent: Mapping[str, str]) -> str:
        """Cleaned, '' if it is missing. Raises BadField."""
        clean = plain_text.clean_body if self.kind == "textarea" else plain_text.clean_line
        return clean(sent.get(self.name, ""), self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxField(PostField):
    """What is ticked or not."""

    kind: ClassVar[str] = "checkbox"
    #: Of Draft: a statement, as in `is_spoiler`.
    attribute: str

    def read(self, sent: Mapping[str, str]) -> bool:
        """Browsers send 'on'; apps that send along every field of a page leave it empty."""
        return bool(sent.get(self.name))


class Option(NamedTuple):
    value: str
    #: The operator's words, which no catalog has.
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceField(PostField):
    """One of what the board offers, or none: an attribute of Draft with the same name."""

    kind: ClassVar[str] = "select"
    options: Callable[[BoardSettings], tuple[Option, ...]]
    #: Said where the board offers nothing.
    nothing_there: Message

    def read(self, sent: Mapping[str, str]) -> str:
        """Cleaned, '' if nothing was chosen. Raises BadField."""
        return plain_text.clean_line(sent.get(self.name, ""), self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileField(PostField):
    """What is chosen: files together, or one by one in fields with a number each."""

    kind: ClassVar[str] = "file"


#: In the order of the form.
POST_FIELDS: tuple[TextField | BoxField | ChoiceField | FileField, ...] = (
    TextField(
        name="name",
        label=N_("Name"),
        in_sentence=N_("name"),
        is_there=lambda settings: not settings.forced_anonymous,
        chars_max=lambda settings: settings.name_chars_max,
        # The operator's word, which no catalog has.
        placeholder=lambda settings: Message("{name}").filled(name=settings.anonymous_name),
        autocomplete="nickname",
    ),
    TextField(
        name="email",
        label=N_("Email"),
        in_sentence=N_("email"),
        chars_max=lambda settings: settings.email_chars_max,
        placeholder=lambda _settings: N_("sage: no bump"),
        autocapitalize="none",
    ),
    TextField(
        name="subject",
        label=N_("Subject"),
        in_sentence=N_("subject"),
        classes="field field-wide",
        is_needed=lambda settings: settings.thread_needs_subject,
        is_needed_by_reply=lambda settings: settings.reply_needs_subject,
        chars_max=lambda settings: settings.subject_chars_max,
    ),
    ChoiceField(
        name="tag",
        label=N_("Tag"),
        in_sentence=N_("tag"),
        is_of_threads=True,
        is_there=lambda settings: bool(settings.tags),
        options=lambda settings: tuple(Option(tag, tag) for tag in settings.tags),
        nothing_there=N_("This board has no tags."),
    ),
    ChoiceField(
        name="user_flag",
        label=N_("Flag"),
        in_sentence=N_("flag"),
        is_there=lambda settings: bool(settings.flags),
        options=lambda settings: tuple(Option(*flag) for flag in settings.flags),
        nothing_there=N_("This board has no flags to choose from."),
    ),
    TextField(
        name="body",
        label=N_("Comment"),
        in_sentence=N_("comment"),
        kind="textarea",
        classes="field field-wide",
        is_needed=lambda settings: settings.thread_needs_body,
        is_needed_by_reply=lambda settings: settings.reply_needs_body,
        chars_max=lambda settings: settings.body_chars_max,
    ),
    FileField(
        name="file",
        label=N_("File"),
        in_sentence=N_("file"),
        classes="field field-wide field-file",
        is_there=lambda settings: settings.files_max > 0,
        is_needed=lambda settings: settings.thread_needs_file,
        is_needed_by_reply=lambda settings: settings.reply_needs_file,
    ),
    BoxField(
        name="spoiler",
        attribute="is_spoiler",
        is_of_files=True,
        label=N_("Hide pictures behind a spoiler"),
        in_sentence=N_("spoiler"),
        classes="field field-wide field-file",
        is_there=lambda settings: settings.files_max > 0,
    ),
    TextField(
        name="file_alt",
        is_of_files=True,
        label=N_("Description of the file"),
        in_sentence=N_("description"),
        classes="field field-wide",
        is_there=lambda settings: settings.files_max > 0,
        chars_max=lambda _settings: ALT_CHARS_MAX,
    ),
    BoxField(
        name="keep_filename",
        attribute="keeps_file_names",
        label=N_("Keep the names of the files"),
        in_sentence=N_("file name"),
        classes="field field-wide field-file",
        is_there=lambda settings: settings.files_max > 0 and settings.file_names == "asked",
    ),
    BoxField(
        name="no_country",
        attribute="hides_country",
        label=N_("Show no country"),
        in_sentence=N_("country"),
        classes="field field-wide",
        is_there=lambda settings: settings.country_flags == "on",
    ),
    TextField(
        name="password",
        label=N_("Password"),
        in_sentence=N_("password"),
        kind="password",
        chars_max=lambda _settings: PASSWORD_CHARS_MAX,
        placeholder=lambda _settings: N_("to delete it later"),
        autocomplete="new-password",
    ),
)
TEXT_FIELDS = tuple(field for field in POST_FIELDS if isinstance(field, TextField))
CHOICE_FIELDS = tuple(field for field in POST_FIELDS if isinstance(field, ChoiceField))
BOX_FIELDS = tuple(field for field in POST_FIELDS if isinstance(field, BoxField))

#: Of other forms, and those that say where a post goes.
_OTHER_FIELDS = (
    Field(name="board", label=N_("Board"), in_sentence=N_("board")),
    Field(name="thread", label=N_("Thread"), in_sentence=N_("thread")),
    Field(name="reason", label=N_("Reason"), in_sentence=N_("reason")),
    Field(name="category", label=N_("Category"), in_sentence=N_("category")),
)
_FIELDS: dict[str, Field] = {field.name: field for field in (*POST_FIELDS, *_OTHER_FIELDS)}
LABELS = {name: field.label for name, field in _FIELDS.items()}
_UNKNOWN = N_("field {name}")


def label(name: str) -> Message:
    """Within a sentence: 'body' -> 'comment'; no page shows 'nonce' -> 'field nonce'."""
    field = _FIELDS.get(name)
    return _UNKNOWN.filled(name=name) if field is None else field.in_sentence


def file_field(number: int) -> str:
    """The field of a post's first, second … file: 'file', 'file2' … (vichan's names)."""
    return "file" if number == 1 else f"file{number}"


def alt_field(number: int) -> str:
    """The field that describes a post's first, second … file: 'file_alt', 'file_alt2' …"""
    return "file_alt" if number == 1 else f"file_alt{number}"


def file_numbers(field: str, place: int) -> frozenset[int]:
    """By which a form tells a file from its others: its place, and the number of its field.

    ('file', 2) -> {2}: of one field that takes several; ('file3', 2) -> {2, 3}.
    """
    numbered = _NUMBERED.fullmatch(field)
    return frozenset({place, int(numbered[1])} if numbered else {place})
