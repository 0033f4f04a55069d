"""Block lists that are asked by DNS (RFC 5782): whether an address is on one of them.

Nobody waits long for them, and a list that does not answer shuts nobody out.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from imageboard.cloaks import Address, Cloak, poster_of
from imageboard.settings import Settings
from imageboard.store import block_list_answers
from imageboard.store.database import Database
from monitoring import metrics
from monitoring.logs import get_logger

log = get_logger(__name__)

#: For all lists together, which are asked at once; what is not answered in a part of it is asked
#: once more, since a packet may be lost.
_WAIT_S, _ASK_AGAIN_AFTER_S = 0.5, 0.2
#: Of a writer's threads so many wait for lists; whoever comes then is let in.
_WAITING_MAX = 2
#: After one that did not answer nobody is asked for so long.
_PAUSE_S = 30.0
#: What lists this lists everybody (RFC 5782, 5): a list that was given up, or a name server that
#: answers every name. It is looked at no sooner than so, and not believed so long.
_NEVER_LISTED = ipaddress.IPv4Address("127.0.0.1")
_BELIEVED_FOR_S = 600.0
_LISTED_FOR_S = 3600
_CLEAN_FOR_S = 600
_ANSWER_BYTES_MAX = 4096
_HEADER = struct.Struct(">6H")
_RECORD = struct.Struct(">HHIH")
_TYPE_A, _CLASS_IN = 1, 1
_IS_ANSWER, _RECURSE, _CODE = 0x8000, 0x0100, 0x000F
_NO_ERROR, _NO_SUCH_NAME = 0, 3


class BlockLists:
    """`zones` are asked for each address once in a while: the answer is kept by a keyed hash."""

    def __init__(
        self,
        zones: Sequence[str],
        server: tuple[str, int],
        database: Database,
        cloak: Cloak,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._zones = zones
        self._server = server
        self._database = database
        self._cloak = cloak
        self._clock = clock
        self._turns = threading.BoundedSemaphore(_WAITING_MAX)
        self._paused_until_s = float("-inf")
        #: {zone: (until when, whether what it lists is believed)}
        self._looked_at: dict[str, tuple[float, bool]] = {}

    def hold(self, address: Address) -> bool:
        """False, too: nobody knows. Raises StoreUnavailable."""
        if not self._zones:
            return False
        key = self._cloak.hash_name(f"block lists {poster_of(address)}")
        with self._database.connection() as db:
            known = block_list_answers.find(db, key)
        if known is None and (known := self._asked(address)) is not None:
            kept_s = _LISTED_FOR_S if known else _CLEAN_FOR_S
            with self._database.connection() as db:
                block_list_answers.keep(db, key, is_listed=known, kept_s=kept_s)
        return bool(known)

    def _asked(self, address: Address) -> bool | None:
        """None: they did not answer, or were not asked."""
        how, is_listed = "not_asked", None
        if self._turns.acquire(blocking=False):
            try:
                if self._clock() >= self._paused_until_s:
                    is_listed = self._told(address)
                    how = {True: "listed", False: "clean", None: "silent"}[is_listed]
            finally:
                self._turns.release()
        metrics.block_list_answers.labels(how).inc()
        return is_listed

    def _told(self, address: Address) -> bool | None:
        """None: nobody is asked for a while."""
        is_listed = None
        try:
            is_listed = self._is_on_one(address, time.monotonic() + _WAIT_S)
        except OSError:
            log.warning("block_lists_unreachable")
        if is_listed is None:
            self._paused_until_s = self._clock() + _PAUSE_S
        return is_listed

    def _is_on_one(self, address: Address, deadline_s: float) -> bool | None:
        """One that is believed. None: nobody knows. Raises OSError."""
        zones = [zone for zone in self._zones if self._belief(zone) is not False]
        while zones:
            answer = _ask(zones, self._server, address, deadline_s)
            if not isinstance(answer, str):
                return answer
            if self._belief(answer) is None:
                self._look_at(answer, deadline_s)
            if self._belief(answer):
                return True
            zones.remove(answer)
        return False

    def _belief(self, zone: str) -> bool | None:
        """None: it was not looked at lately."""
        until_s, is_believed = self._looked_at.get(zone, (float("-inf"), False))
        return is_believed if self._clock() < until_s else None

    def _look_at(self, zone: str, deadline_s: float) -> None:
        """Whether it lists everybody. Raises OSError."""
        lists_everybody = _ask([zone], self._server, _NEVER_LISTED, deadline_s) == zone
        if lists_everybody:
            log.error("block_list_lists_everybody", zone=zone)
            metrics.block_list_answers.labels("lying").inc()
        self._looked_at[zone] = (self._clock() + _BELIEVED_FOR_S, not lists_everybody)


def from_settings(settings: Settings, database: Database, cloak: Cloak) -> BlockLists:
    host, _, port = settings.block_lists_resolver.rpartition(":")
    server = (host.strip("[]"), int(port)) if host else (_resolver_here(), 53)
    return BlockLists(settings.block_lists, server, database, cloak)


def _resolver_here() -> str:
    """The first of this machine."""
    try:
        lines = Path("/etc/resolv.conf").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    servers = (line.split() for line in lines)
    return next((words[1] for words in servers if words[:1] == ["nameserver"]), "127.0.0.1")


def _ask(
    zones: Sequence[str], server: tuple[str, int], address: Address, deadline_s: float
) -> str | bool | None:
    """The first that has it; False: none has; None: none has, and not all have answered.

    Raises OSError.
    """
    reversed_ = address.reverse_pointer.rpartition(".")[0].rpartition(".")[0]
    numbers = secrets.SystemRandom().sample(range(1 << 16), len(zones))
    waiting = dict(zip(numbers, zones, strict=True))
    again_s, all_told = time.monotonic() + _ASK_AGAIN_AFTER_S, True
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        # SECURITY: connected, the kernel drops what others send.
        asking.connect(server)
        for number, zone in waiting.items():
            asking.send(_question(number, f"{reversed_}.{zone}"))
        while waiting:
            asking.settimeout(max(0.001, min(again_s, deadline_s) - time.monotonic()))
            try:
                answer = asking.recv(_ANSWER_BYTES_MAX)
            except TimeoutError:
                if time.monotonic() >= deadline_s:
                    raise
                for number, zone in waiting.items():
                    asking.send(_question(number, f"{reversed_}.{zone}"))
                again_s = deadline_s
                continue
            number = int.from_bytes(answer[:2], "big")
            zone_told = waiting.get(number)
            if zone_told is None or not answer[_HEADER.size :].startswith(
                _labels(f"{reversed_}.{zone_told}")
            ):
                continue
            del waiting[number]
            is_listed = _is_listed(answer)
            if is_listed:
                return zone_told
            all_told = all_told and is_listed is not None
    return False if all_told else None


def _question(number: int, name: str) -> bytes:
    return _HEADER.pack(number, _RECURSE, 1, 0, 0, 0) + _labels(name)


def _labels(name: str) -> bytes:
    """As a question holds it, with what is asked about it: its addresses."""
    labels = b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split("."))
    return labels + struct.pack(">BHH", 0, _TYPE_A, _CLASS_IN)


def _is_listed(answer: bytes) -> bool | None:
    """Those lists say 127.0.0.2 and its like; 127.255.255.x is why they say nothing (None)."""
    try:
        _, flags, questions, count, _, _ = _HEADER.unpack_from(answer)
        if not flags & _IS_ANSWER or flags & _CODE not in (_NO_ERROR, _NO_SUCH_NAME):
            return None
        place = _HEADER.size
        for _ in range(questions):
            place = _after_name(answer, place) + 4
        for _ in range(count):
            place = _after_name(answer, place)
            kind, _, _, size = _RECORD.unpack_from(answer, place)
            told = answer[place + _RECORD.size : place + _RECORD.size + size]
            place += _RECORD.size + size
            if kind == _TYPE_A and size == 4 and told[0] == 127:
                return None if told[1] == 255 else True
    except (struct.error, IndexError):
        return None
    return False


def _after_name(answer: bytes, place: int) -> int:
    """Names end with an empty label or lead elsewhere."""
    while length := answer[place]:
        if length >= 0xC0:
            return place + 2
        place += 1 + length
    return place + 1
