"""How every user sends a request and judges the answer."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Set
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

from locust import FastHttpUser, task
from locust.contrib.fasthttp import ResponseContextManager

from loadtest import page_checks
from loadtest.crowd import Crowd
from loadtest.programme import LIMITS_ARE_ON
from loadtest.results import Kind

#: What browsers of today, and programs, say that they take; and how many of a hundred do.
_ACCEPT_ENCODINGS = {"gzip, deflate, br": 85, "gzip": 12, "identity": 3}
_FETCHED = frozenset({HTTPStatus.OK, HTTPStatus.NOT_MODIFIED})
#: Of what others may delete, or push off the last page, at any moment.
POSSIBLY_GONE = _FETCHED | {HTTPStatus.NOT_FOUND}


class UnexpectedStatus(Exception):
    """The board should have answered otherwise."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status 0: there was none."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    #: time.perf_counter() when the request was sent.
    sent_s: float

    @property
    def is_new(self) -> bool:
        """A page, which is not what this user has already."""
        return self.status == HTTPStatus.OK


class Visitor(FastHttpUser):
    """A browser with a cache, and a random generator of its own."""

    abstract = True
    # Redirections are looked at, not followed: each request is counted as what it is.
    max_redirects = 0
    connection_timeout = 10.0
    network_timeout = 30.0
    #: However many users there are, a process has one of these.
    one_per_process = False
    #: Sent as X-Forwarded-For; counts where the board trusts a proxy at our address.
    address: str | None = None

    def __init__(self, environment: Crowd) -> None:
        super().__init__(environment)
        self.crowd = environment
        self.name = environment.next_name()
        self.random = random.Random(self.name)  # noqa: S311 -- repeatable is the point
        self._accept_encoding = self.random.choices(
            list(_ACCEPT_ENCODINGS), list(_ACCEPT_ENCODINGS.values())
        )[0]
        self._etags: dict[str, str] = {}

    def wait_time(self) -> float:
        """Seconds until the next act."""
        raise NotImplementedError

    def act(self) -> None:
        """What the user does in one go."""
        raise NotImplementedError

    def on_start(self) -> None:
        """Not all at once."""
        self.wait()

    # Locust adds the tasks of a class to those of its ancestors, so there is one for all, and
    # descendants say what it does.
    @task
    def take_a_turn(self) -> None:
        self.act()

    @property
    def board(self) -> str:
        return self.crowd.plan.board

    def get(self, path: str, *, kind: Kind, name: str, expected: Set[int] = _FETCHED) -> Answer:
        """Fetch a page, if it is not as it was; a page that is not whole is counted as torn."""
        headers = {"If-None-Match": self._etags[path]} if path in self._etags else {}
        self.crowd.reads += 1
        self.crowd.tally.reads += 1
        answer = self.ask("GET", path, kind=kind, name=name, headers=headers, expected=expected)
        if answer.is_new:
            self._etags[path] = answer.headers.get("etag") or ""
            self._check_whole(answer, kind, name)
        return answer

    def ask(
        self,
        method: str,
        path: str,
        *,
        kind: Kind,
        name: str,
        expected: Set[int],
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Send a request; an answer whose status is not `expected` is a failure."""
        sent = {"Accept-Encoding": self._accept_encoding, **(headers or {})}
        if self.address:
            sent["X-Forwarded-For"] = self.address
        sent_s = time.perf_counter()
        with self.client.request(
            method, path, name=name, data=cast(str, body), headers=sent, catch_response=True
        ) as response:
            answer = _answer(response, sent_s)
            response.request_meta["request_type"] = kind
            response.request_meta["response_length"] = _length(answer)
            if answer.status in expected:
                response.success()
            else:
                response.failure(UnexpectedStatus(answer.status))
                self._unexpected(kind, name, answer.status)
        return answer

    def forget_pages(self) -> None:
        """Someone else sits down: an empty cache."""
        self._etags.clear()

    def _unexpected(self, kind: Kind, name: str, status: int) -> None:
        if status == HTTPStatus.TOO_MANY_REQUESTS and self.crowd.scenario.limits_off:
            self.crowd.halt(LIMITS_ARE_ON)
            return
        tally = self.crowd.tally
        tally.wrong_status += 1
        if kind == "post" and 400 <= status < 500:
            tally.refused_wrongly += 1
        tally.notes[f"{name}: {status or 'no answer'}"] += 1

    def _check_whole(self, answer: Answer, kind: Kind, name: str) -> None:
        is_whole = {
            "page": page_checks.is_whole_page,
            "json": page_checks.is_whole_json,
        }.get(kind)
        if is_whole is not None and not is_whole(answer.body):
            self.crowd.tally.torn += 1
            self.crowd.tally.notes[f"{name}: ends with {answer.body[-20:]!r}"] += 1


def _answer(response: ResponseContextManager, sent_s: float) -> Answer:
    """Of Locust's response; a body that could not be unpacked is no answer."""
    headers = cast(Mapping[str, str], response.headers or {})
    try:
        body = response.content or b""
    except Exception:
        return Answer(0, b"", headers, sent_s)
    return Answer(response.status_code, body, headers, sent_s)


def _length(answer: Answer) -> int:
    """Bytes over the wire."""
    return int(answer.headers.get("content-length") or len(answer.body))
