"""What the attackers do: one row an attack, all of them at once.

`python -m tests.walk.siege.attacks URL` goes on until its stdin ends, then prints {attack: {status:
how often}} as JSON. It is a process of its own, so that honest people do not wait for its threads.
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import random
import re
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from tests.walk.posters import NO_ANSWER
from tests.walk.siege import ammunition

#: Anyone can rent one.
RENTED = ipaddress.ip_network("2001:db8:bad::/48")
#: Four more, of four providers.
ADDRESSES = ("198.51.100.66", "203.0.113.66", "192.0.2.66", "2001:db8:6666::66")


class Target(NamedTuple):
    """What an attacker knows of the board."""

    url: str
    #: Where threads are flooded, and the one that other boards quote.
    board: str
    thread: int
    #: Where the quoting posts are written.
    other_board: str
    other_thread: int
    #: Somebody of the staff.
    staff: str


class Attacker:
    """One of many who do the same."""

    def __init__(self, target: Target, draw: random.Random) -> None:
        self.target = target
        self.draw = draw
        self.http = httpx.Client(base_url=target.url, timeout=30)

    def rented_address(self) -> str:
        """Of another /64 each time."""
        network = RENTED.network_address + (self.draw.getrandbits(16) << 64)
        return str(network + self.draw.getrandbits(32))

    def send(self, address: str, *, file: bytes | None = None, **fields: str | int) -> int:
        """A form's status."""
        parts = {name: (None, str(value).encode()) for name, value in fields.items()}
        files = parts if file is None else parts | {"file": ("a.jpg", file)}
        headers = {"Accept": "application/json", "X-Forwarded-For": address}
        return self.http.post("/post", files=files, headers=headers).status_code

    def words(self, chars: int = 40) -> str:
        """Never the same twice."""
        return "".join(self.draw.choices("etaoin shrdlu", k=chars)) + str(self.draw.random())


def flood_of_threads(by: Attacker) -> int:
    """Each from another /64 of one /48, so that all old threads would fall off."""
    return by.send(by.rented_address(), board=by.target.board, body=by.words())


def flood_of_replies(by: Attacker) -> int:
    """As long as they may be, to make a page grow without end."""
    target = by.target
    return by.send(
        by.rented_address(), board=target.board, thread=target.thread, body=by.words(3_500)
    )


def flood_of_quotes(by: Attacker) -> int:
    """On another board, of a thread that is to be removed."""
    target = by.target
    body = f">>>/{target.board}/{target.thread}\n{by.words()}"
    return by.send(
        by.rented_address(), board=target.other_board, thread=target.other_thread, body=body
    )


def costly_pictures(by: Attacker) -> int:
    return by.send(
        by.draw.choice(ADDRESSES),
        file=_many_scans(),
        board=by.target.board,
        thread=by.target.thread,
        body=by.words(),
    )


def hungry_pictures(by: Attacker) -> int:
    return by.send(
        by.draw.choice(ADDRESSES),
        file=_large_from_little(),
        board=by.target.board,
        thread=by.target.thread,
        body=by.words(),
    )


def wrong_passwords(by: Attacker) -> int:
    """From many networks, to lock somebody out, or to keep the processors busy."""
    headers = {"X-Forwarded-For": by.rented_address()}
    page = by.http.get("/mod/", headers=headers)
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    if token is None:
        return page.status_code
    form = {"name": by.target.staff, "password": by.words(12), "form_token": token[1]}
    return by.http.post("/mod/login", data=form, headers=headers).status_code


def flood_of_reports(by: Attacker) -> int:
    target = by.target
    fields = {f"delete_{target.thread}": "on", "report": "1", "reason": by.words()}
    return by.send(by.rented_address(), board=target.board, **fields)


def slow_body(by: Attacker) -> int:
    """A form that is never finished, a byte now and then."""
    where = urlsplit(by.target.url)
    head = (
        f"POST /post HTTP/1.1\r\nHost: {where.netloc}\r\nX-Forwarded-For: {by.rented_address()}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n"
    )
    with socket.create_connection((where.hostname, where.port), timeout=5) as door:
        door.sendall(head.encode())
        for _ in range(20):
            time.sleep(1)
            try:
                door.sendall(b"a")
            except OSError:
                break
        with suppress(OSError):
            return int(door.recv(100).split()[1])
    return NO_ANSWER


class Attack(NamedTuple):
    """How many people do it, and how often all of them together want to."""

    act: Callable[[Attacker], int]
    people: int
    per_s: float


ATTACKS = (
    Attack(flood_of_threads, people=4, per_s=30),
    Attack(flood_of_replies, people=4, per_s=20),
    Attack(flood_of_quotes, people=4, per_s=20),
    Attack(costly_pictures, people=4, per_s=4),
    Attack(hungry_pictures, people=4, per_s=4),
    Attack(wrong_passwords, people=8, per_s=8),
    Attack(flood_of_reports, people=4, per_s=20),
    Attack(slow_body, people=50, per_s=25),
)


class Siege:
    """All attacks, until it is lifted."""

    def __init__(self, target: Target, seed: int) -> None:
        self.statuses: dict[str, Counter[int]] = {one.act.__name__: Counter() for one in ATTACKS}
        self._lifted = threading.Event()
        self._people = [
            threading.Thread(
                target=self._attack,
                args=(attack, Attacker(target, random.Random(f"{seed} {attack.act} {number}"))),
                daemon=True,
            )
            for attack in ATTACKS
            for number in range(attack.people)
        ]

    def lay(self) -> None:
        """Begin."""
        for one in self._people:
            one.start()

    def lift(self) -> None:
        """Nobody begins anything any more, and what was begun has ended."""
        self._lifted.set()
        for one in self._people:
            one.join()

    def _attack(self, attack: Attack, by: Attacker) -> None:
        pause_s = attack.people / attack.per_s
        statuses = self.statuses[attack.act.__name__]
        while not self._lifted.wait(by.draw.uniform(0, 2 * pause_s)):
            try:
                statuses[attack.act(by)] += 1
            except (httpx.TransportError, OSError):
                statuses[NO_ANSWER] += 1


@cache
def _many_scans() -> bytes:
    return ammunition.many_scans()


@cache
def _large_from_little() -> bytes:
    return ammunition.large_from_little()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("target", help="a Target as JSON")
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    siege = Siege(Target(**json.loads(chosen.target)), chosen.seed)
    siege.lay()
    sys.stdin.read()
    siege.lift()
    print(json.dumps(siege.statuses))
    return 0


if __name__ == "__main__":
    sys.exit(main())
