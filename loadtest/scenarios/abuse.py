"""Who must be refused, and who must not notice: each from an address of their own."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Set
from http import HTTPStatus
from typing import NamedTuple

from loadtest import forms
from loadtest.crowd import Crowd
from loadtest.forms import Encoded
from loadtest.scenarios.posters import Poster
from loadtest.scenarios.readers import Reader
from loadtest.scenarios.visitor import Answer, Visitor
from loadtest.surroundings import a_network, an_address

#: Clocks of both sides, and the time that a request is under way.
_SLACK_S = 1.0
_MINUTE_S = 60.0
_KB = 1024


class Flooder(Poster):
    """Posts as fast as it is answered; past the first it has to be told to wait."""

    def __init__(self, environment: Crowd) -> None:
        super().__init__(environment)
        self.address = an_address(self.random)
        around = environment.surroundings
        limited = {HTTPStatus.TOO_MANY_REQUESTS} if around.has_limits else set()
        self.refusals = around.refusals_of_anyone | limited
        self._taken_s = float("-inf")

    def wait_time(self) -> float:
        return self.random.uniform(0.2, 0.6)

    def act(self) -> None:
        self.send(self.crowd.threads.choose(self.random))

    def _send(self, thread: int | None, sort: str, mark: str) -> Answer:
        answer = super()._send(thread, sort, mark)
        around = self.crowd.surroundings
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS and "retry-after" not in answer.headers:
            self._blame("429 without Retry-After")
        if answer.status == HTTPStatus.OK and around.has_limits and around.tells_users_apart:
            self._judge_taken(time.perf_counter(), is_reply=thread is not None)
        return answer

    def _judge_taken(self, now_s: float, *, is_reply: bool) -> None:
        """A post was taken: may it have been?"""
        wait_s = self.crowd.surroundings.reply_wait_s
        if is_reply and now_s - self._taken_s < wait_s - _SLACK_S:
            self._blame("a flood was let through")
        self._taken_s = now_s

    def _blame(self, fault: str) -> None:
        self.crowd.tally.wrong_status += 1
        self.crowd.tally.notes[fault] += 1


class NetworkFlooder(Flooder):
    """Holds a /48, and posts from another address of it each time: soon it is told to wait too."""

    #: Of a board with its settings as they are: in a minute as much as four addresses, twice.
    _ADDRESSES = 2 * 4

    def __init__(self, environment: Crowd) -> None:
        super().__init__(environment)
        self._network = a_network(self.random)
        self._taken: deque[float] = deque()

    def _send(self, thread: int | None, sort: str, mark: str) -> Answer:
        self.address = f"{self._network}{self.random.randrange(2**16):x}::1"
        return super()._send(thread, sort, mark)

    def _judge_taken(self, now_s: float, *, is_reply: bool) -> None:
        self._taken.append(now_s)
        while self._taken[0] < now_s - _MINUTE_S:
            self._taken.popleft()
        wait_s = self.crowd.surroundings.reply_wait_s
        if is_reply and len(self._taken) > self._ADDRESSES * _MINUTE_S / wait_s + 1:
            self._blame("a network's flood was let through")


class Broken(NamedTuple):
    """A form that must be refused, and how."""

    name: str
    statuses: Set[int]
    make: Callable[[Crowd], Encoded]


def _with(**fields: str) -> Callable[[Crowd], Encoded]:
    """A reply in which these fields are wrong."""

    def make(crowd: Crowd) -> Encoded:
        good = forms.post_fields(crowd.plan.board, None, "A form that is broken on purpose.")
        return forms.urlencoded(good | fields)

    return make


def _with_file(file: bytes, name: str) -> Callable[[Crowd], Encoded]:
    def make(crowd: Crowd) -> Encoded:
        return forms.multipart(forms.post_fields(crowd.plan.board, None, "See."), file, name=name)

    return make


def _of_another_site(crowd: Crowd) -> Encoded:
    form = _with()(crowd)
    return form._replace(headers={**form.headers, "Origin": "https://elsewhere.example"})


def _deletion_of_others(crowd: Crowd) -> Encoded:
    """Of the newest thread that is known, with a password that is not its own."""
    no = crowd.threads.newest or 1
    fields = {
        "board": crowd.plan.board,
        "delete": "Delete",
        f"delete_{no}": "on",
        "password": "a guess",
        "json_response": "1",
    }
    return forms.urlencoded(fields)


BROKEN_FORMS = (
    Broken("no board", {400}, _with(board="")),
    Broken("unknown board", {404}, _with(board="nowhere")),
    Broken("thread that is no number", {400}, _with(thread="one")),
    Broken("thread that is not there", {404}, _with(thread="999999999999")),
    Broken("nothing written", {422}, _with(body="")),
    Broken("text too long", {422}, _with(body="long " * 10_000)),
    Broken("form of 1 MB", {400}, _with(body="x" * 1024 * _KB)),
    Broken("field of 200 KB", {422}, lambda crowd: _multipart_field(crowd, 200 * _KB)),
    Broken("file of 10.5 MB", {413}, _with_file(bytes(10_750 * _KB), "large.jpg")),
    Broken("text called .jpg", {415}, _with_file(b"no picture at all", "picture.jpg")),
    Broken("other site's form", {403}, _of_another_site),
    Broken("deletion of others", {403, 404}, _deletion_of_others),
    Broken("wrong captcha", {403}, _with(**{"g-recaptcha-response": "a guess"})),
)


def _multipart_field(crowd: Crowd, size: int) -> Encoded:
    fields = forms.post_fields(crowd.plan.board, None, "x" * size)
    return forms.multipart(fields, b"", name="")


class FormBreaker(Visitor):
    """Sends what can't be taken; each time from another address, so that no limit comes first."""

    def __init__(self, environment: Crowd) -> None:
        super().__init__(environment)
        self._forms = [
            form
            for form in BROKEN_FORMS
            if form.name != "wrong captcha" or environment.surroundings.has_captcha
        ]
        # One after the other, each user in an order of its own: a short run has them all.
        self.random.shuffle(self._forms)

    def wait_time(self) -> float:
        return self.random.uniform(0.5, 1.5)

    def act(self) -> None:
        broken = self._forms[0]
        self._forms = [*self._forms[1:], broken]
        self.address = an_address(self.random)
        form = broken.make(self.crowd)
        self.ask(
            "POST",
            "/post",
            kind="post",
            name=f"refused: {broken.name}",
            expected=broken.statuses | self.crowd.surroundings.refusals_of_anyone,
            headers={**form.headers, "Accept": "application/json"},
            body=form.body,
        )


class PoliteReader(Reader):
    """Must not notice any of it. Where all have one address, nobody could tell them apart."""

    def __init__(self, environment: Crowd) -> None:
        super().__init__(environment)
        self.address = an_address(self.random)

    def act(self) -> None:
        if self.crowd.surroundings.tells_users_apart:
            super().act()


class PolitePoster(Poster):
    """Somebody else each time, who posts once, and has the post taken."""

    def wait_time(self) -> float:
        return self.random.uniform(2.0, 6.0)

    def act(self) -> None:
        around = self.crowd.surroundings
        if around.tells_users_apart and not around.has_captcha:
            self.address = an_address(self.random)
            self.send(self.crowd.threads.choose(self.random))
