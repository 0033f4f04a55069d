"""multipart/form-data as clients really send it.

RFC 7578 is what browsers send. Programs that were written for PHP send more, and PHP takes it:
`Content-Transfer-Encoding: 8bit` (Apache HttpClient, .NET), names without quotes (.NET),
`filename*` (.NET, Python), folded header lines (Java's mail), line ends of LF alone (scripts).
Falcon's own reader refuses some of it and can't be told otherwise, so this one stands on Falcon's
buffered stream alone.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from quopri import decodestring
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import falcon
from falcon.errors import DelimiterError
from falcon.util import BufferedReader

from imageboard.errors import BadForm
from imageboard.words import N_
from writer import charsets

if TYPE_CHECKING:
    # What the compiled one is declared as.
    from falcon.util.reader import BufferedReader as Stream

PARTS_MAX = 64
_HEADERS_BYTES_MAX = 8192
#: RFC 2046, 5.1.1.
_BOUNDARY_CHARS_MAX = 70
#: Blanks that a gateway may have added behind a boundary, and the line's end.
_BOUNDARY_END_BYTES_MAX = 80

#: RFC 2045, 6.2: each means that the bytes are the part's own.
_AS_IT_IS = frozenset({"", "7bit", "8bit", "binary"})
#: What browsers escape in a name
#: (https://html.spec.whatwg.org/multipage/form-control-infrastructure.html, read 2026-11-29).
_ESCAPED = (("%22", '"'), ("%0D", "\r"), ("%0A", "\n"))
#: RFC 2047, 2: '=?charset?B?…?=' or, by Q, mostly letters as they are.
_ENCODED_WORD = re.compile(r"=\?([\w-]+)\?([BbQq])\?([^?\s]*)\?=")
_ENCODED_WORDS = re.compile(rf"(?: *{_ENCODED_WORD.pattern})+")
_FOLD = re.compile(rb"\r?\n[ \t]+")


@dataclass(frozen=True, slots=True)
class Part:
    """One field or one file of a form; what of its `body` is left unread is skipped."""

    #: By their names in lower case.
    headers: dict[str, str]
    body: Stream

    @property
    def name(self) -> str:
        """Raises BadForm: it has none."""
        name = self._disposition.get("name")
        if name is None:
            raise BadForm(N_("The form can't be read: a part of it has no name."))
        return name

    @property
    def file_name(self) -> str | None:
        """None: this is a field; '': a file field in which no file was chosen.

        `filename*` (RFC 5987) where it can be read, since who sends both has a poorer one in
        `filename`: "UTF-8''%E7%8C%AB.png" -> '猫.png'. `filename` as browsers write it:
        'a %22cat%22.png' -> 'a "cat".png', or as .NET and mail do: '=?utf-8?B?54yrLnBuZw==?='.
        """
        charset, _, told = self._disposition.get("filename*", "").partition("'")
        _language, is_whole, escaped = told.partition("'")
        if is_whole and (codec := charsets.codec_of(charset)):
            return unquote_to_bytes(escaped).decode(codec, errors="replace")
        sent = self._disposition.get("filename")
        if sent is None:
            return None
        if name := _out_of_words(sent):
            return name
        for escaped, meant in _ESCAPED:
            sent = sent.replace(escaped, meant)
        return sent

    @property
    def charset(self) -> str | None:
        """Of its text, as the part itself declares it."""
        return falcon.parse_header(self.headers.get("content-type", ""))[1].get("charset")

    @property
    def stream(self) -> Stream:
        """Its bytes. Raises BadForm: they are in base64 or another encoding for mail."""
        if self.headers.get("content-transfer-encoding", "").lower() not in _AS_IT_IS:
            raise BadForm(
                N_(
                    "The form can't be read:"
                    " the Content-Transfer-Encoding of a part must be 8bit or binary."
                )
            )
        return self.body

    @property
    def _disposition(self) -> dict[str, str]:
        return falcon.parse_header(self.headers.get("content-disposition", ""))[1]


def _out_of_words(sent: str) -> str | None:
    """A name that is nothing but encoded words; None: it is another, or they make no sense."""
    if not _ENCODED_WORDS.fullmatch(sent):
        return None
    name = ""
    for charset, encoding, text in _ENCODED_WORD.findall(sent):
        codec = charsets.codec_of(charset)
        if codec is None:
            return None
        try:
            data = b64decode(text) if encoding in "Bb" else decodestring(text, header=True)
        except ValueError:
            return None
        name += data.decode(codec, errors="replace")
    return name


def parts(stream: falcon.BoundedStream, content_type: str, content_length: int) -> Iterator[Part]:
    """The form's parts, as they come in. Raises BadForm."""
    _, options = falcon.parse_header(content_type)
    boundary = options.get("boundary", "").rstrip()
    if not (0 < len(boundary) <= _BOUNDARY_CHARS_MAX and boundary.isascii()):
        raise BadForm(N_("The form can't be read: its boundary is missing or wrong."))
    reader = BufferedReader(stream.read, content_length)
    try:
        yield from _parts(reader, b"--" + boundary.encode())
    except DelimiterError as ex:
        raise BadForm(
            N_("The form can't be read: a boundary between two of its parts is missing.")
        ) from ex


def _parts(reader: Stream, dash_boundary: bytes) -> Iterator[Part]:
    reader.pipe_until(dash_boundary, consume_delimiter=True)
    line_end = b"\r\n"
    for number in range(PARTS_MAX + 1):
        # The two dashes alone end a form: some clients send no line end behind them.
        if reader.peek(2) == b"--":
            return
        rest = reader.read_until(b"\n", _BOUNDARY_END_BYTES_MAX, consume_delimiter=True)
        if rest.strip(b" \t\r"):
            raise BadForm(
                N_("The form can't be read: a boundary between two of its parts is wrong.")
            )
        if number == 0 and not rest.endswith(b"\r"):
            line_end = b"\n"
        if number == PARTS_MAX:
            raise BadForm(
                N_("The form can't be read: it has more than {parts_max} parts."),
                parts_max=PARTS_MAX,
            )
        headers = reader.read_until(2 * line_end, _HEADERS_BYTES_MAX, consume_delimiter=True)
        yield Part(_headers(headers), reader.delimit(line_end + dash_boundary))
        reader.pipe_until(line_end + dash_boundary, consume_delimiter=True)


def _headers(block: bytes) -> dict[str, str]:
    """b'Content-Type:text/plain' -> {'content-type': 'text/plain'}: in UTF-8, whatever its case."""
    lines = _FOLD.sub(b" ", block).splitlines()
    pairs = (line.decode(errors="replace").partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
