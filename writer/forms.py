"""A form's fields and files, read within limits.

Text comes out as it was sent (decoded, unchecked); files go to the scratch folder as they come
in, so a form of ten megabytes needs no ten megabytes of memory.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

import falcon

from imageboard import plain_text
from imageboard.captchas import CaptchaPass
from imageboard.errors import (
    BadField,
    BadForm,
    FileTooLarge,
    ImageboardError,
    NoRoom,
    PostRefused,
    RuleBroken,
)
from imageboard.fields import (
    ALT_OF_ONE,
    BOX_FIELDS,
    CHOICE_FIELDS,
    FILES_BYTES_MAX,
    SPOILER_OF_ONE,
    TEXT_FIELDS,
    TRAP_FIELD,
    KeptFile,
    alt_field,
    file_numbers,
    label,
)
from imageboard.post_rules import Draft, OfferedFile
from imageboard.store.room import Room, full_disk_told
from imageboard.words import N_, Message
from writer import charsets, multipart
from writer.multipart import PARTS_MAX, Part

#: More than any board's body_chars_max, at four bytes a character.
FIELD_BYTES_MAX = 128 * 1024
#: A form that is not multipart holds no file.
URLENCODED_BYTES_MAX = 512 * 1024
#: One file may be read up to here; what a board allows is checked against its size.
FILE_BYTES_MAX = FILES_BYTES_MAX
#: A whole form: its files together, and their fields. nginx refuses larger ones before they come
#: here (a test keeps both numbers the same).
FORM_BYTES_MAX = FILES_BYTES_MAX + 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_FILE_NAME_CHARS_MAX = 200
#: A page without letters of its own says here in which it was filled in (RFC 7578, 4.6).
_CHARSET_FIELD = "_charset_"

Piece = TypeVar("Piece")


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A file of a form, in the scratch folder."""

    #: As the poster's computer had it, without folders: 'cat.jpeg'.
    name: str
    path: Path
    bytes: int
    #: Of the form: 'file2'.
    field: str = "file"
    #: By which it is kept from a form before this one; None: it came with this one.
    token: str | None = None


@dataclass(slots=True)
class Form:
    """What was sent. `fields` keeps what was read even when reading stopped at an error."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[SpooledFile] = field(default_factory=list)
    #: Of its files, those that need not be sent again.
    kept: tuple[KeptFile, ...] = ()
    #: What nginx calls the request it came with: see clients.delivery.
    delivery: str | None = None
    #: A pass that came with it, '' without one; and one that was earned with it.
    captcha_pass: str = ""
    pass_earned: CaptchaPass | None = None

    def get(self, name: str) -> str:
        return self.fields.get(name, "")

    def has(self, name: str) -> bool:
        """A box was ticked, a button pressed."""
        return name in self.fields

    def asks_for(self, name: str) -> bool:
        """The same of what apps send along empty, which asks for nothing."""
        return bool(self.get(name).strip())

    @property
    def is_about_posts(self) -> bool:
        """Of the form that deletes and reports, and holds no post.

        A reason without a text is one too: a library of JavaScript's presses no button.
        """
        is_reason = self.has("reason") and not self.has("body")
        return self.has("delete") or self.has("report") or is_reason

    def number(self, name: str) -> int | None:
        """A post's number; None when the field is absent or empty. Raises BadField."""
        text = self.get(name).strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 15):
            raise BadField(N_("The field {name} is not a number."), field=name, name=name)
        return int(text)


class _SentField(NamedTuple):
    """A field of a form before it is read as text."""

    name: str
    value: bytes
    #: As the field itself declares it.
    charset: str | None


class FormReader:
    """Reads forms; files wait in `scratch` until the request is over."""

    def __init__(self, scratch: Path, room: Room) -> None:
        self._scratch = scratch
        self._room = room

    @contextmanager
    def read(
        self,
        req: falcon.Request,
        form: Form,
        if_refused: Callable[[ImageboardError], None] = lambda _error: None,
    ) -> Iterator[Form]:
        """Fill `form`; its files are deleted when the block ends.

        From then on the form is `req.context.form`, for whoever answers the request. `if_refused`
        is called while the files are there, whether reading was refused or what came after it.

        Raises:
            BadForm, BadField, RuleBroken, FileTooLarge, NoRoom: `form` holds what could be read.
        """
        req.context.form = form
        try:
            self._read(req, form)
            yield form
        except ImageboardError as ex:
            if_refused(ex)
            raise
        finally:
            for file in form.files:
                file.path.unlink(missing_ok=True)

    def _read(self, req: falcon.Request, form: Form) -> None:
        if req.content_length is None:
            raise BadForm(N_("The form can't be read: its length is missing."))
        if req.content_length > FORM_BYTES_MAX:
            raise FileTooLarge(bytes_max_mb=f"{FILE_BYTES_MAX / 1024 / 1024:.3g}")
        content_type, options = falcon.parse_header(req.content_type or "")
        sent: list[_SentField] = []
        first_fault: PostRefused | NoRoom | None = None
        try:
            match content_type.lower():
                case "multipart/form-data":
                    self._read_multipart(req, form, sent)
                case "application/x-www-form-urlencoded":
                    _read_urlencoded(req, sent)
                case _:
                    raise BadForm(
                        N_(
                            "A form is expected: multipart/form-data or "
                            "application/x-www-form-urlencoded."
                        )
                    )
        except (PostRefused, NoRoom) as ex:
            first_fault = ex
        try:
            # Not before all is read: the field that names the charset may come last.
            _add_texts(form, sent, options.get("charset"))
        except PostRefused as ex:
            first_fault = first_fault or ex
        if first_fault is not None:
            raise first_fault

    def _read_multipart(self, req: falcon.Request, form: Form, sent: list[_SentField]) -> None:
        parts = multipart.parts(req.bounded_stream, req.content_type or "", req.content_length or 0)
        _read_each(parts, lambda part: self._read_part(part, form, sent))

    def _read_part(self, part: Part, form: Form, sent: list[_SentField]) -> None:
        name = _clean_name(part.name)
        sent_name = part.file_name
        if sent_name is None:
            sent.append(_SentField(name, _read_field(name, part), part.charset))
        elif file := self._spool(part, name, sent_name):
            form.files.append(file)

    def _spool(self, part: Part, field: str, sent_name: str) -> SpooledFile | None:
        """None: a file field in which no file was chosen."""
        stream = part.stream
        if sent_name:
            self._room.require_for_files()
        with (
            full_disk_told(),
            tempfile.NamedTemporaryFile(dir=self._scratch, prefix="upload-", delete=False) as out,
        ):
            path, file = Path(out.name), None
            try:
                size = _copy(stream, out)
                if size > FILE_BYTES_MAX:
                    raise FileTooLarge(bytes_max_mb=f"{FILE_BYTES_MAX / 1024 / 1024:.3g}")
                if size or sent_name:
                    file = SpooledFile(file_name(sent_name), path, size, field)
                return file
            finally:
                if file is None:
                    path.unlink()


class ReadToTheEnd:
    """Falcon middleware: reads what a refusal, or a form's end, has left of a request's body.

    The connection is closed behind the answer. Closed with bytes unread, it is reset, and nginx
    says "no writer" in place of an answer that it had not read by then (1 of 5, for 9 MB).
    """

    def process_response(
        self, req: falcon.Request, _resp: falcon.Response, _resource: object, _succeeded: bool
    ) -> None:
        req.bounded_stream.exhaust()


_NAME_ALONE = N_(
    "The file itself did not come along: send the form as multipart/form-data, with a name for the"
    " file."
)
_NONE_TO_HIDE = N_("There is no file {number} to be hidden: choose it, or hide another.")
_NONE_TO_DESCRIBE = N_(
    "There is no file {number} to be described: choose it, or take its description out."
)


def read_draft(form: Form, idempotency_key: str | None) -> Draft:
    """The posting form's fields, cleaned. Raises BadField, BadForm."""
    filled_in: dict[str, Any] = {
        **{field.name: field.read(form.fields) for field in TEXT_FIELDS},
        **{field.name: field.read(form.fields) for field in CHOICE_FIELDS},
        **{box.attribute: box.read(form.fields) for box in BOX_FIELDS},
    }
    return Draft(
        board=form.get("board").strip().strip("/"),
        thread=form.number("thread"),
        nonce=_nonce(idempotency_key or form.get("nonce")),
        delivery=form.delivery,
        offered=_offered(form),
        is_trapped=bool(form.get(TRAP_FIELD).strip()),
        **filled_in,
    )


def _offered(form: Form) -> tuple[OfferedFile, ...]:
    """Raises BadField: of a file the name alone was sent, as a form does that is not multipart; or
    one is to be hidden that is not there, so another one would be seen.
    """
    if form.get("file").strip():
        raise BadField(_NAME_ALONE, field="file")
    hidden = _numbered(form, SPOILER_OF_ONE)
    _require_files(form, hidden, _NONE_TO_HIDE)
    _require_files(form, _numbered(form, ALT_OF_ONE), _NONE_TO_DESCRIBE)
    each = zip(form.files, are_hidden(form), descriptions(form), strict=True)
    return tuple(
        OfferedFile(
            file.name,
            file.bytes,
            is_spoiler=is_hidden,
            alt=plain_text.clean_line(alt, alt_field(place)),
        )
        for place, (file, is_hidden, alt) in enumerate(each, start=1)
    )


def _require_files(form: Form, named: dict[int, str], sentence: Message) -> None:
    numbers = _numbers_of_files(form)
    for number in named if form.files else ():
        if not any(number in of_one for of_one in numbers):
            raise BadField(sentence, field=named[number], number=number)


def are_hidden(form: Form) -> list[bool]:
    """Of each file of the form, whether it is to be hidden by itself."""
    hidden = _numbered(form, SPOILER_OF_ONE).keys()
    return [not of_one.isdisjoint(hidden) for of_one in _numbers_of_files(form)]


def descriptions(form: Form) -> list[str]:
    """Of each file of the form, what its poster says that it shows, as it was sent."""
    told = _numbered(form, ALT_OF_ONE)
    return [
        next((form.get(told[number]) for number in sorted(of_one) if number in told), "")
        for of_one in _numbers_of_files(form)
    ]


def _numbers_of_files(form: Form) -> list[frozenset[int]]:
    return [file_numbers(file.field, place) for place, file in enumerate(form.files, start=1)]


def _numbered(form: Form, names: re.Pattern[str]) -> dict[int, str]:
    """{2: 'spoiler2'}: fields of that kind that are filled in."""
    return {
        int(found[1] or 1): name
        for name, text in form.fields.items()
        if text.strip() and (found := names.fullmatch(name))
    }


def _nonce(text: str) -> str | None:
    if not text:
        return None
    if not (8 <= len(text) <= 128 and text.isascii() and text.isprintable()):
        raise BadField(
            N_("An idempotency key has 8 to 128 printable ASCII characters."), field="nonce"
        )
    return text


def _read_each(pieces: Iterable[Piece], read: Callable[[Piece], None]) -> None:
    """The first fault is told when all is read: what was typed below it is to be kept too."""
    first_fault: PostRefused | NoRoom | None = None
    for piece in pieces:
        try:
            read(piece)
        except (PostRefused, NoRoom) as ex:
            first_fault = first_fault or ex
    if first_fault is not None:
        raise first_fault


def _read_urlencoded(req: falcon.Request, sent: list[_SentField]) -> None:
    body = req.bounded_stream.read(URLENCODED_BYTES_MAX + 1)
    if len(body) > URLENCODED_BYTES_MAX:
        raise BadForm(
            N_("The form is too large: {kilobytes_max} KB at most, as it holds no file."),
            kilobytes_max=URLENCODED_BYTES_MAX // 1024,
        )
    try:
        # Latin-1 takes every byte as it is: each field is decoded, and refused, by itself.
        pairs = parse_qsl(
            body.decode("latin-1"),
            keep_blank_values=True,
            encoding="latin-1",
            max_num_fields=PARTS_MAX,
        )
    except ValueError as ex:
        raise BadForm(N_("The form has more than {parts_max} fields."), parts_max=PARTS_MAX) from ex
    for name, value in pairs:
        read_name = name.encode("latin-1").decode(errors="replace")
        sent.append(_SentField(_clean_name(read_name), value.encode("latin-1"), None))


def _read_field(name: str, part: Part) -> bytes:
    data: bytes = part.stream.read(FIELD_BYTES_MAX + 1)
    if len(data) > FIELD_BYTES_MAX:
        raise RuleBroken(
            N_("The {label} is too long: {kilobytes_max} KB at most."),
            field=name,
            label=label(name),
            kilobytes_max=FIELD_BYTES_MAX // 1024,
        )
    return data


def _add_texts(form: Form, sent: Iterable[_SentField], charset_of_form: str | None) -> None:
    """Raises BadField; what can't be read of a field is kept as U+FFFD."""
    fields: dict[str, _SentField] = {}
    for each in sent:
        # The first counts: a page's own hidden field comes before anything that was added to it.
        fields.setdefault(each.name, each)
    named = fields.pop(_CHARSET_FIELD, None)
    charset = named.value.decode("latin-1") if named else None
    _read_each(fields.values(), lambda each: _add_text(form, each, charset, charset_of_form))


def _add_text(form: Form, sent: _SentField, *charsets_of_form: str | None) -> None:
    text, is_whole = charsets.decode(sent.value, sent.charset, *charsets_of_form)
    form.fields[sent.name] = text
    if not is_whole:
        raise BadField(
            N_("The {label} can't be read: it is not valid UTF-8."),
            field=sent.name,
            label=label(sent.name),
        )


def _clean_name(name: str) -> str:
    """In any letters: vichan's pages catch robots with fields called '☠9k2'."""
    if len(name) > 100 or not name.isprintable() or "\ufffd" in name:
        raise BadForm(N_("The form can't be read: a field has an unreadable name."))
    return name


def _copy(stream: Any, out: IO[bytes]) -> int:
    """Bytes in the stream; those past FILE_BYTES_MAX are read and dropped.

    Dropped, not left: a request whose body is not read to the end is answered with a closed
    connection, and the poster would see that instead of the sentence.
    """
    size = 0
    while chunk := stream.read(_CHUNK_BYTES):
        size += len(chunk)
        if size <= FILE_BYTES_MAX:
            out.write(chunk)
    return size


def file_name(sent: str) -> str:
    r"""'C:\\Users\\me\\cat.jpeg' -> 'cat.jpeg': some browsers send the whole path.

    What is no name becomes one: '..' -> 'file', '.png' -> 'file.png'.
    """
    name = plain_text.clean_file_name(sent.replace("\\", "/").rpartition("/")[2])
    stem, dot, extension = name.rpartition(".") if "." in name else (name, "", "")
    if not plain_text.shows_anything(stem.replace(".", "")):
        return f"file.{extension}" if plain_text.shows_anything(extension) else "file"
    kept = _FILE_NAME_CHARS_MAX - len(dot + extension)
    return f"{stem[:kept]}{dot}{extension}" if kept > 0 else name[:_FILE_NAME_CHARS_MAX]
