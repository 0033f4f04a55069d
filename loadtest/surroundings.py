"""What a board does about abuse, found out before a run that is to be refused rightly."""

from __future__ import annotations

import json
import random
from collections.abc import Set
from dataclasses import dataclass
from http import HTTPStatus

from loadtest import forms, texts
from loadtest.connection import Connection
from loadtest.plan import Plan


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Which refusals are right."""

    has_limits: bool = False
    has_captcha: bool = False
    #: The board takes our word for whose request it is, so it can tell users apart.
    tells_users_apart: bool = True
    #: For how long one address waits between two replies.
    reply_wait_s: float = 0.0

    @property
    def refusals_of_anyone(self) -> Set[int]:
        """Statuses that even a good form may be answered with."""
        found = {HTTPStatus.FORBIDDEN} if self.has_captcha else set()
        if self.has_limits and not self.tells_users_apart:
            found.add(HTTPStatus.TOO_MANY_REQUESTS)
        return frozenset(found)


def an_address(chance: random.Random) -> str:
    """One of 198.18.0.0/15, which RFC 2544 keeps for measurements."""
    return f"198.{chance.choice((18, 19))}.{chance.randrange(256)}.{chance.randrange(1, 255)}"


def a_network(chance: random.Random) -> str:
    """'2001:db8:1a:', a /48 without its end, of those that RFC 3849 keeps for examples."""
    return f"2001:db8:{chance.randrange(1, 2**16):x}:"


def probe(plan: Plan, thread: int | None) -> Surroundings:
    """Find out with three posts: two from one address at once, and one from another."""
    chance = random.Random()  # noqa: S311 -- another run's addresses may still have to wait
    one, other = an_address(chance), an_address(chance)
    with Connection(plan.host) as connection:

        def status_of_post(address: str) -> int:
            text = texts.body(chance, f"probe-{chance.randrange(10**9)}")
            form = forms.urlencoded(forms.post_fields(plan.board, thread, text))
            return connection.post(form.body, {**form.headers, "X-Forwarded-For": address})[0]

        if status_of_post(one) == HTTPStatus.FORBIDDEN:
            return Surroundings(has_captcha=True)
        if status_of_post(one) != HTTPStatus.TOO_MANY_REQUESTS:
            return Surroundings()
        return Surroundings(
            has_limits=True,
            tells_users_apart=status_of_post(other) == HTTPStatus.OK,
            reply_wait_s=_reply_wait_s(connection, plan.board),
        )


def _reply_wait_s(connection: Connection, board: str) -> float:
    _, body = connection.get("/boards.json")
    settings = next(each for each in json.loads(body)["boards"] if each["board"] == board)
    return float(settings["cooldowns"]["replies"])
