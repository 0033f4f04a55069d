"""One message to a push service (RFC 8030): posted, and what the service says of it.

SECURITY: the address came from a stranger's browser. Its host is one of those that the operator
names (`imageboard.push.endpoint_of`); here it is held to public addresses, looked up once and
connected to as looked up, by TLS with the host's own certificate, within a bound of time and bytes.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Literal, NamedTuple

from imageboard import retry_after
from imageboard.cloaks import Address, parse_address
from imageboard.push import Endpoint, Subscription
from imageboard.push_keys import PushKey
from imageboard.push_messages import encrypt
from writer import bounded_posts

TIMEOUT_S = 10.0
_ANSWER_BYTES_MAX = 4096
_HTTPS_PORT = 443
#: A browser that is off is told within a day, or not at all.
_KEPT_BY_SERVICE_S = 24 * 3600
#: After a service that is not there, or is in trouble, nobody is sent to it for so long.
_PAUSE_S = 60.0

How = Literal["delivered", "gone", "refused", "put_off", "unreachable"]


class Outcome(NamedTuple):
    how: How
    #: Seconds before the next try, as the service asked for; None: it did not.
    wait_s: float | None = None
    #: An HTTP status, or the name of an error: never an address.
    why: str = ""


class NotPublic(OSError):
    """The name of a push service leads into a network that is not the world's."""


@dataclass
class Services:
    """Posts to services, and leaves alone those that asked for it or are not there."""

    key: PushKey
    #: Where operators of services find ours.
    subject: str
    timeout_s: float = TIMEOUT_S
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        #: {'https://push.example': until when it is left alone}
        self._left_alone: dict[str, float] = {}

    def pause_of(self, service: str) -> float:
        """For how many seconds more it is left alone."""
        return max(0.0, self._left_alone.get(service, 0.0) - self.clock())

    def send(self, to: Subscription, message: bytes, topic: str) -> Outcome:
        """A later message of the same topic takes the place of one that waits at the service."""
        service = to.endpoint.service
        headers = {
            "Authorization": self.key.authorization(service, self.subject, time.time()),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(_KEPT_BY_SERVICE_S),
            "Topic": topic,
            "Urgency": "normal",
        }
        try:
            answer = bounded_posts.post(
                _connection_to(to.endpoint, self.timeout_s),
                to.endpoint.path,
                encrypt(message, to.key, to.secret),
                headers,
                timeout_s=self.timeout_s,
                bytes_max=_ANSWER_BYTES_MAX,
            )
        except (OSError, http.client.HTTPException) as ex:
            return self._leave_alone(service, Outcome("unreachable", None, type(ex).__name__))
        return self._judged(service, answer)

    def _judged(self, service: str, answer: bounded_posts.Answer) -> Outcome:
        status = answer.status
        wait_s = retry_after.wait_s(answer.headers.get("Retry-After"), datetime.now(UTC))
        if 200 <= status < 300:
            return Outcome("delivered")
        if status in (404, 410):
            return Outcome("gone", why=str(status))
        if status == 429:
            return self._leave_alone(service, Outcome("put_off", wait_s, str(status)))
        if status >= 500:
            return self._leave_alone(service, Outcome("unreachable", wait_s, str(status)))
        return Outcome("refused", why=str(status))

    def _leave_alone(self, service: str, outcome: Outcome) -> Outcome:
        pause_s = _PAUSE_S if outcome.wait_s is None else outcome.wait_s
        self._left_alone[service] = self.clock() + pause_s
        return outcome


class _PublicConnection(http.client.HTTPSConnection):
    """To an address of the world, whatever a name server says."""

    def connect(self) -> None:
        connected = _connected(_public_addresses(self.host), self.timeout or TIMEOUT_S)
        self.sock = _tls().wrap_socket(connected, server_hostname=self.host)


def _connection_to(endpoint: Endpoint, timeout_s: float) -> http.client.HTTPConnection:
    if endpoint.host:
        return _PublicConnection(endpoint.host, _HTTPS_PORT, timeout=timeout_s)
    # A stand-in on this machine, which no setting in production can name.
    host, _, port = endpoint.service.removeprefix("http://").partition(":")
    return http.client.HTTPConnection(host, int(port), timeout=timeout_s)


def _public_addresses(host: str) -> list[Address]:
    """Raises NotPublic, socket.gaierror."""
    found = socket.getaddrinfo(host, _HTTPS_PORT, type=socket.SOCK_STREAM)
    addresses = [parse_address(str(place[4][0]).partition("%")[0]) for place in found]
    public = [address for address in addresses if is_public(address)]
    if not public:
        raise NotPublic("no public address")
    return public


def is_public(address: Address) -> bool:
    """Whether it is anybody's in the world; what lies within IPv6 as a way to IPv4 is not."""
    if isinstance(address, ipaddress.IPv6Address) and (address.sixtofour or address.teredo):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _connected(addresses: list[Address], timeout_s: float) -> socket.socket:
    """To the first that answers. Raises OSError."""
    fault: OSError = NotPublic("no public address")
    for address in addresses:
        try:
            return socket.create_connection((str(address), _HTTPS_PORT), timeout_s)
        except OSError as ex:
            fault = ex
    raise fault


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
