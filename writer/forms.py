"""A form's fields and files, read within limits.

Text comes out as it was sent (decoded, unchecked); files go to the scratch folder as they come
in, so a form of ten megabytes needs no ten megabytes of memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, TypeVar
from urllib.parse import parse_qsl

import falcon
from falcon.media.multipart import BodyPart, MultipartFormHandler, MultipartParseError

from imageboard import plain_text
from imageboard.errors import BadField, BadForm, FileTooLarge, PostRefused, RuleBroken
from imageboard.post_rules import Draft, OfferedFile

PARTS_MAX = 64
#: More than any board's body_chars_max, at four bytes a character.
FIELD_BYTES_MAX = 128 * 1024
#: A form that is not multipart holds no file.
URLENCODED_BYTES_MAX = 512 * 1024
#: One file may be read up to here; what a board allows is checked against its size.
FILE_BYTES_MAX = 10 * 1024 * 1024
#: A whole form: its files together, and their fields. nginx refuses larger ones before they come
#: here (a test keeps both numbers the same).
FORM_BYTES_MAX = FILE_BYTES_MAX + 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_FILE_NAME_CHARS_MAX = 200

Piece = TypeVar("Piece")


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A file of a form, in the scratch folder."""

    #: As the poster's computer had it, without folders: 'cat.jpeg'.
    name: str
    path: Path
    bytes: int


@dataclass(slots=True)
class Form:
    """What was sent. `fields` keeps what was read even when reading stopped at an error."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[SpooledFile] = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.fields.get(name, "")

    def has(self, name: str) -> bool:
        """A box was ticked, a button pressed."""
        return name in self.fields

    def number(self, name: str) -> int | None:
        """A post's number; None when the field is absent or empty. Raises BadField."""
        text = self.get(name).strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 15):
            raise BadField(field=name, reason=f"The field {name} is not a number.")
        return int(text)


class FormReader:
    """Reads forms; files wait in `scratch` until the request is over."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._multipart = MultipartFormHandler()
        options = self._multipart.parse_options
        options.max_body_part_count = PARTS_MAX

    @contextmanager
    def read(self, req: falcon.Request, form: Form) -> Iterator[Form]:
        """Fill `form`; its files are deleted when the block ends.

        Raises:
            BadForm, BadField, RuleBroken, FileTooLarge: `form` holds what could be read.
        """
        try:
            self._read(req, form)
            yield form
        finally:
            for file in form.files:
                file.path.unlink(missing_ok=True)

    def _read(self, req: falcon.Request, form: Form) -> None:
        if req.content_length is None:
            raise BadForm(reason="The form can't be read: its length is missing.")
        if req.content_length > FORM_BYTES_MAX:
            raise FileTooLarge(bytes_max_mb=f"{FILE_BYTES_MAX / 1024 / 1024:.3g}")
        content_type = (req.content_type or "").split(";")[0].strip().lower()
        match content_type:
            case "multipart/form-data":
                self._read_multipart(req, form)
            case "application/x-www-form-urlencoded":
                self._read_urlencoded(req, form)
            case _:
                raise BadForm(
                    reason="A form is expected: multipart/form-data or "
                    "application/x-www-form-urlencoded."
                )

    def _read_multipart(self, req: falcon.Request, form: Form) -> None:
        try:
            parts = self._multipart.deserialize(
                req.bounded_stream, req.content_type, req.content_length
            )
            _read_each(parts, lambda part: self._read_part(part, form))
        except MultipartParseError as ex:
            raise BadForm(reason=f"The form can't be read: {_why(ex)}") from ex
        except falcon.HTTPError as ex:
            raise BadForm(
                reason="The form can't be read: its boundary is missing or wrong."
            ) from ex

    def _read_part(self, part: BodyPart, form: Form) -> None:
        name, file_name = _disposition(part)
        if file_name is None:
            _add_text(form, name, _read_field(name, part))
        elif file := self._spool(part, file_name):
            form.files.append(file)

    def _spool(self, part: BodyPart, file_name: str) -> SpooledFile | None:
        """None: a file field in which no file was chosen."""
        with tempfile.NamedTemporaryFile(dir=self._scratch, prefix="upload-", delete=False) as out:
            path = Path(out.name)
            size = _copy(part.stream, out)
        if size == 0 and not file_name:
            path.unlink()
            return None
        try:
            if size > FILE_BYTES_MAX:
                raise FileTooLarge(bytes_max_mb=f"{FILE_BYTES_MAX / 1024 / 1024:.3g}")
            return SpooledFile(name=_file_name(file_name), path=path, bytes=size)
        except BaseException:
            path.unlink()
            raise

    def _read_urlencoded(self, req: falcon.Request, form: Form) -> None:
        body = req.bounded_stream.read(URLENCODED_BYTES_MAX + 1)
        if len(body) > URLENCODED_BYTES_MAX:
            raise BadForm(reason="The form is too large.")
        try:
            # Latin-1 takes every byte as it is: each field is decoded, and refused, by itself.
            pairs = parse_qsl(
                body.decode("latin-1"),
                keep_blank_values=True,
                encoding="latin-1",
                max_num_fields=PARTS_MAX,
            )
        except ValueError as ex:
            raise BadForm(reason=f"The form has more than {PARTS_MAX} fields.") from ex
        _read_each(
            pairs, lambda pair: _add_text(form, _clean_name(pair[0]), pair[1].encode("latin-1"))
        )


class ReadToTheEnd:
    """Falcon middleware: reads what a refusal, or a form's end, has left of a request's body.

    The connection is closed behind the answer. Closed with bytes unread, it is reset, and nginx
    says "no writer" in place of an answer that it had not read by then (1 of 5, for 9 MB).
    """

    def process_response(
        self, req: falcon.Request, _resp: falcon.Response, _resource: object, _succeeded: bool
    ) -> None:
        req.bounded_stream.exhaust()


def read_draft(form: Form, idempotency_key: str | None) -> Draft:
    """The posting form's fields, cleaned. Raises BadField, BadForm."""
    board = form.get("board").strip().strip("/")
    return Draft(
        board=board,
        thread=form.number("thread"),
        name=plain_text.clean_line(form.get("name"), "name"),
        email=plain_text.clean_line(form.get("email"), "email"),
        subject=plain_text.clean_line(form.get("subject"), "subject"),
        body=plain_text.clean_body(form.get("body"), "body"),
        password=plain_text.clean_line(form.get("password"), "password"),
        is_spoiler=form.has("spoiler"),
        nonce=_nonce(idempotency_key or form.get("nonce")),
        offered=tuple(OfferedFile(file.name, file.bytes) for file in form.files),
    )


def _nonce(text: str) -> str | None:
    if not text:
        return None
    if not (8 <= len(text) <= 128 and text.isascii() and text.isprintable()):
        raise BadField(
            field="nonce", reason="An idempotency key has 8 to 128 printable ASCII characters."
        )
    return text


def _read_each(pieces: Iterable[Piece], read: Callable[[Piece], None]) -> None:
    """The first fault is told when all is read: what was typed below it is to be kept too."""
    first_fault: PostRefused | None = None
    for piece in pieces:
        try:
            read(piece)
        except PostRefused as ex:
            first_fault = first_fault or ex
    if first_fault is not None:
        raise first_fault


def _disposition(part: BodyPart) -> tuple[str, str | None]:
    """A part's field name, and its file name when it is a file. Raises BadForm."""
    try:
        name, file_name = part.name, part.filename
    except UnicodeDecodeError as ex:
        raise BadForm(
            reason="The form can't be read: the name of a field or of a file is not valid UTF-8."
        ) from ex
    if name is None:
        raise BadForm(reason="The form can't be read: a part of it has no name.")
    return _clean_name(name), file_name


def _read_field(name: str, part: BodyPart) -> bytes:
    data: bytes = part.stream.read(FIELD_BYTES_MAX + 1)
    if len(data) > FIELD_BYTES_MAX:
        raise RuleBroken(
            field=name, reason=f"The {name} is too long: {FIELD_BYTES_MAX // 1024} KB at most."
        )
    return data


def _add_text(form: Form, name: str, data: bytes) -> None:
    """Raises BadField; what can't be read of it is kept as U+FFFD."""
    text = data.decode(errors="replace")
    # The first counts: a page's own hidden field comes before anything that was added to it.
    form.fields.setdefault(name, text)
    if text.encode() != data:
        raise BadField(field=name, reason=f"The field {name} is not valid UTF-8.")


def _clean_name(name: str) -> str:
    if len(name) > 100 or not name.isascii() or not name.isprintable():
        raise BadForm(reason="The form can't be read: a field has an unreadable name.")
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


def _file_name(sent: str) -> str:
    r"""'C:\\Users\\me\\cat.jpeg' -> 'cat.jpeg': some browsers send the whole path."""
    name = PurePosixPath(sent.replace("\\", "/")).name
    cleaned = plain_text.clean_line(name, "file")
    if len(cleaned) > _FILE_NAME_CHARS_MAX:
        stem, dot, extension = cleaned.rpartition(".")
        kept = _FILE_NAME_CHARS_MAX - len(extension) - 1
        cleaned = (
            f"{stem[:kept]}{dot}{extension}" if dot and kept > 0 else cleaned[:_FILE_NAME_CHARS_MAX]
        )
    return cleaned or "file"


def _why(ex: MultipartParseError) -> str:
    description = ex.description or "its parts are malformed"
    if "maximum number" in description:
        return f"it has more than {PARTS_MAX} parts."
    return f"{description.rstrip('.')}."
