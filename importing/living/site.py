"""One host, asked as a guest asks: one connection, at a pace, and no longer than it takes.

What it sends is believed in nothing: neither how long it is nor that it ever ends, and it leads to
no other host. What fails is asked again, a while later each time; the site may say how long.
"""

from __future__ import annotations

import email.utils
import http.client
import ipaddress
import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from importing.living.errors import BadSite, SiteNotRead

USER_AGENT: Final = "stillboard import"
TRIES_MAX: Final = 5
#: Between two tries, doubled each time.
FIRST_WAIT_S: Final = 2.0
#: A site that wants to be left alone for longer is asked another day.
WAIT_S_MAX: Final = 900.0
#: Until the next bytes come, and until all of them have.
SILENCE_S_MAX: Final = 30.0
ANSWER_S_MAX: Final = 900.0
_REDIRECTS_MAX = 3
_SAID_CHARS_MAX = 200
_PIECE_BYTES = 1 << 16
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})


class Answer(NamedTuple):
    """What a site said of an address."""

    #: Not there.
    is_gone: bool = False
    #: As it was when `since` was given.
    is_same: bool = False
    etag: str | None = None
    modified: str | None = None

    @property
    def came(self) -> bool:
        return not self.is_gone and not self.is_same


class _TryAgainError(Exception):
    def __init__(self, fault: str, wait_s: float | None = None) -> None:
        super().__init__(fault)
        self.fault, self.wait_s = fault, wait_s


class _RefusedError(Exception):
    """Asking again would not help."""


@dataclass
class Site:
    """Of one scheme, host and port: `https://example.org`."""

    address: str
    per_second: float = 1.0
    #: SECURITY: a name that leads into the operator's own network is refused, unless that is meant.
    may_be_private: bool = False
    wait: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _link: http.client.HTTPConnection | None = None
    _next_s: float = field(default=0.0)

    def __post_init__(self) -> None:
        """Raises BadSite."""
        try:
            parts = urlsplit(self.address)
            is_one = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            is_one = False
        if not is_one or parts.username is not None or parts.query or parts.fragment:
            raise BadSite(address=self.address)
        self.address = self.address.rstrip("/")

    @property
    def name(self) -> str:
        """'example.org', and 'example.org_8080' where it has a port of its own."""
        return urlsplit(self.address).netloc.lower().replace(":", "_")

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link = None

    def fetch(
        self,
        path: str,
        to: BinaryIO,
        *,
        bytes_max: int,
        since: Mapping[str, str] | None = None,
        check: Callable[[], object] = lambda: None,
    ) -> Answer:
        """Write what stands at '/b/threads.json' to the beginning of `to`.

        `since` are headers that ask for a difference; `check` raises ValueError: what came is not
        what was asked for.

        Raises:
            SiteNotRead: for whatever reason; what is in `to` means nothing.
        """
        fault = ""
        for tried in range(TRIES_MAX):
            try:
                return self._fetch(path, to, bytes_max, since or {}, check)
            except _TryAgainError as ex:
                self.close()
                fault, wait_s = ex.fault, ex.wait_s
            except _RefusedError as ex:
                self.close()
                raise SiteNotRead(address=self.address + path, fault=str(ex)) from None
            if tried < TRIES_MAX - 1:
                self.wait(FIRST_WAIT_S * 2**tried if wait_s is None else wait_s)
        raise SiteNotRead(address=self.address + path, fault=f"{fault}, {TRIES_MAX} times")

    def _fetch(
        self,
        path: str,
        to: BinaryIO,
        bytes_max: int,
        since: Mapping[str, str],
        check: Callable[[], object],
    ) -> Answer:
        answer = self._asked(path, since)
        if answer.status in _GONE:
            self._pass_over(answer)
            return Answer(is_gone=True)
        if answer.status == http.client.NOT_MODIFIED and since:
            self._pass_over(answer)
            return Answer(is_same=True)
        if answer.status != http.client.OK:
            raise _RefusedError(f"it answers {answer.status}")
        to.seek(0)
        to.truncate()
        to.writelines(self._pieces(answer, bytes_max))
        to.flush()
        try:
            check()
        except ValueError as ex:
            raise _TryAgainError(str(ex)) from ex
        etag, modified = (_repeatable(answer.headers[name]) for name in ("ETag", "Last-Modified"))
        return Answer(etag=etag, modified=modified)

    def _asked(self, path: str, since: Mapping[str, str]) -> http.client.HTTPResponse:
        """The answer behind redirects on the same host."""
        for _ in range(_REDIRECTS_MAX + 1):
            answer = self._answer(path, since)
            if answer.status in _TRY_AGAIN:
                fault = f"it answers {answer.status}"
                raise _TryAgainError(fault, _wait_s(answer.headers["Retry-After"]))
            if answer.status not in _REDIRECTS:
                return answer
            self._pass_over(answer)
            path = self._led_on(path, answer.headers["Location"] or "")
        raise _RefusedError("it leads on and on")

    def _led_on(self, path: str, location: str) -> str:
        """SECURITY: only to the host that was named."""
        try:
            parts = urlsplit(urljoin(self.address + path, location))
        except ValueError:
            raise _RefusedError("it leads nowhere") from None
        if f"{parts.scheme}://{parts.netloc}" != self.address:
            raise _RefusedError("it leads to another host")
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _answer(self, path: str, since: Mapping[str, str]) -> http.client.HTTPResponse:
        now_s = self.clock()
        if now_s < self._next_s:
            self.wait(self._next_s - now_s)
        self._next_s = max(now_s, self._next_s) + 1 / self.per_second
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", **since}
        try:
            link = self._connected()
            link.request("GET", path, headers=headers)
            return link.getresponse()
        except (http.client.InvalidURL, UnicodeError) as ex:
            raise _RefusedError("it leads to what can't be asked for") from ex
        except ssl.SSLCertVerificationError as ex:
            raise _RefusedError(f"its certificate is not good: {ex.verify_message}") from ex
        except (OSError, http.client.HTTPException) as ex:
            raise _TryAgainError(f"no answer ({type(ex).__name__})") from ex

    def _connected(self) -> http.client.HTTPConnection:
        if self._link is None or self._link.sock is None:
            parts = urlsplit(self.address)
            host = parts.hostname or ""
            if parts.scheme == "https":
                self._link = http.client.HTTPSConnection(
                    host, parts.port, timeout=SILENCE_S_MAX, context=ssl.create_default_context()
                )
            else:
                self._link = http.client.HTTPConnection(host, parts.port, timeout=SILENCE_S_MAX)
            self._link.connect()
            # Of the connection, not of the name: a name may lead elsewhere a moment later.
            peer = ipaddress.ip_address(self._link.sock.getpeername()[0])
            if not (peer.is_global or self.may_be_private):
                raise _RefusedError("it is in a network of one's own (--private allows that)")
        return self._link

    def _pieces(self, answer: http.client.HTTPResponse, bytes_max: int) -> Iterator[bytes]:
        """Its body unpacked."""
        until_s, came, shown = self.clock() + ANSWER_S_MAX, 0, 0
        unpack = zlib.decompressobj(wbits=31) if _is_packed(answer) else None
        told_bytes = answer.length
        while piece := self._piece(answer):
            came += len(piece)
            if unpack is not None:
                piece = _unpacked(unpack, piece, bytes_max - shown + 1)
            shown += len(piece)
            if max(came, shown) > bytes_max:
                raise _RefusedError(f"it is larger than {bytes_max:,} bytes")
            if self.clock() > until_s:
                raise _TryAgainError("it takes too long")
            yield piece
        if told_bytes is not None and came != told_bytes:
            raise _TryAgainError("it ends too soon")
        if unpack is not None and not unpack.eof:
            raise _TryAgainError("it ends too soon")
        answer.close()

    def _piece(self, answer: http.client.HTTPResponse) -> bytes:
        try:
            return answer.read1(_PIECE_BYTES)
        except (OSError, http.client.HTTPException, ValueError) as ex:
            raise _TryAgainError(f"it breaks off ({type(ex).__name__})") from ex

    def _pass_over(self, answer: http.client.HTTPResponse) -> None:
        """A short body is read, so that the connection can be used again."""
        if answer.length is None or answer.length > _PIECE_BYTES:
            self.close()
            return
        try:
            answer.read()
        except (OSError, http.client.HTTPException) as ex:
            raise _TryAgainError(f"it breaks off ({type(ex).__name__})") from ex


def _repeatable(said: str | None) -> str | None:
    """What may be sent back as a header."""
    is_short_line = said is not None and len(said) <= _SAID_CHARS_MAX and said.isprintable()
    return said if said is not None and is_short_line and said.isascii() else None


def _is_packed(answer: http.client.HTTPResponse) -> bool:
    coding = (answer.headers["Content-Encoding"] or "").strip().lower()
    if coding not in ("", "identity", "gzip"):
        raise _RefusedError(f"it is packed by {coding[:20]!r}, which was not asked for")
    return coding == "gzip"


def _unpacked(unpack: zlib._Decompress, piece: bytes, bytes_max: int) -> bytes:
    try:
        return unpack.decompress(piece, bytes_max)
    except zlib.error as ex:
        raise _TryAgainError("it is packed wrongly") from ex


def _wait_s(said: str | None) -> float | None:
    """Retry-After: seconds, or a moment. None: it does not say."""
    if said is None:
        return None
    if said.strip().isascii() and said.strip().isdigit():
        wait_s = float(said)
    else:
        try:
            wait_s = email.utils.parsedate_to_datetime(said).timestamp() - time.time()
        except (ValueError, TypeError):
            return None
    if wait_s > WAIT_S_MAX:
        raise _RefusedError(f"it wants to be left alone for {wait_s:,.0f} seconds")
    return max(0.0, wait_s)
