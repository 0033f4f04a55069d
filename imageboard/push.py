"""Word of replies for a browser that is closed: what it hands in for it, and what is taken.

A browser's maker carries the word (RFC 8030): the board posts a message to an address that the
browser was given by its maker, the endpoint. Pure.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from imageboard.errors import BadField
from imageboard.words import N_

#: Since the reader's browser was last there, which renews it by itself.
KEPT_DAYS = 30
#: At once: of one address, in a thread, on a board, altogether.
OF_ADDRESS_MAX = 50
OF_THREAD_MAX = 1_000
OF_BOARD_MAX = 10_000
OF_SITE_MAX = 20_000
#: The reader's own posts of one thread: the newest.
OWN_POSTS_MAX = 50
#: Word of one thread comes to one browser no more often.
PACE_S = 60

_KEY_BYTES, _SECRET_BYTES = 65, 16
#: SECURITY: nothing of an address but these parts; no name with a password, no port, no fragment.
_ENDPOINT = re.compile(
    r"(?P<service>https://(?P<host>[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?::443)?"
    r"|http://127\.0\.0\.1:[0-9]{1,5})(?P<path>/[!$-~]{0,1000})"
)
_NUMBER = re.compile(r"[1-9][0-9]{0,14}")


class Endpoint(NamedTuple):
    """Where messages for one browser are posted to."""

    #: 'https://push.example'
    service: str
    #: 'push.example'; '': a stand-in on this machine, by http.
    host: str
    path: str

    @property
    def url(self) -> str:
        return self.service + self.path


class Subscription(NamedTuple):
    """One browser, as it names itself."""

    endpoint: Endpoint
    #: Its half of what messages are encrypted with: a point of P-256, and a secret.
    key: bytes
    secret: bytes

    def packed(self) -> bytes:
        return self.key + self.secret + self.endpoint.url.encode()


def endpoint_of(url: str, services: tuple[str, ...]) -> Endpoint | None:
    """None: it is none of these services ('push.example', '*.example', 'http://127.0.0.1:8123').

    SECURITY: the board posts to it from inside its own network, so nobody may name another place.
    """
    found = _ENDPOINT.fullmatch(url)
    if found is None:
        return None
    host = found["host"] or ""
    if not any(_is_of(service, host or found["service"]) for service in services):
        return None
    service = f"https://{host}" if host else found["service"]
    return Endpoint(service, host, found["path"])


def _is_of(service: str, host: str) -> bool:
    if service.startswith("*."):
        return host.endswith(service[1:]) and host != service[1:]
    return host == service


def read(endpoint: str, key: str, secret: str, services: tuple[str, ...]) -> Subscription:
    """What a browser sent. Raises BadField."""
    known = endpoint_of(endpoint, services)
    if known is None:
        raise BadField(
            N_("The board does not know the push service of this browser."), field="endpoint"
        )
    point = _bytes_of(key, _KEY_BYTES, "p256dh")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        raise _unreadable("p256dh") from None
    return Subscription(known, point, _bytes_of(secret, _SECRET_BYTES, "auth"))


def unpacked(packed: bytes, services: tuple[str, ...]) -> Subscription | None:
    """What `packed` made; None: its service is none of those any more."""
    rest = packed[_KEY_BYTES + _SECRET_BYTES :].decode()
    known = endpoint_of(rest, services)
    if known is None:
        return None
    return Subscription(known, packed[:_KEY_BYTES], packed[_KEY_BYTES:][:_SECRET_BYTES])


def read_own_posts(text: str) -> list[int]:
    """'124, 130' -> [124, 130]. Raises BadField."""
    found = [part.strip() for part in text.split(",") if part.strip()]
    if len(found) > OWN_POSTS_MAX or not all(map(_NUMBER.fullmatch, found)):
        raise _unreadable("own")
    return sorted({int(part) for part in found})


def _bytes_of(text: str, count: int, name: str) -> bytes:
    """Base64 of addresses, without padding. Raises BadField."""
    try:
        data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        data = b""
    if len(data) != count:
        raise _unreadable(name)
    return data


def _unreadable(name: str) -> BadField:
    return BadField(N_("The field {name} can't be read."), field=name, name=name)
