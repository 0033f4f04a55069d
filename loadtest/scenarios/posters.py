"""People who post. Each post that is acknowledged is looked for on its page."""

from __future__ import annotations

import json
from collections.abc import Set
from http import HTTPStatus

import gevent

from loadtest import forms, texts
from loadtest.scenarios.visitor import POSSIBLY_GONE, Answer, Visitor
from loadtest.tally import Acknowledged, Place

THINK_S = (0.5, 1.5)
#: Of a hundred posts, so many are of each sort.
_SORTS = {"reply": 58, "quote": 22, "sage": 8, "picture": 8, "thread": 4}
#: A post that was not answered is sent once more, as a person would.
_AGAIN_AFTER_S = 0.5
_SERVER_FAULT = 500
_TAKEN = frozenset({HTTPStatus.OK})
_PASSWORD = "of the load test"  # noqa: S105 -- of posts that hold nothing


class Poster(Visitor):
    """One post after the other."""

    #: How many it has sent; in each post's mark.
    sent = 0
    #: Statuses of answers that do not take a post, and are right nevertheless.
    refusals: Set[int] = frozenset()

    def wait_time(self) -> float:
        return self.random.uniform(*THINK_S)

    def act(self) -> None:
        """A post of some sort to some thread, or a new one."""
        sort = self.random.choices(list(_SORTS), list(_SORTS.values()))[0]
        thread = None if sort == "thread" else self.crowd.threads.choose(self.random)
        posted = self.send(thread, sort if thread is not None else "thread")
        if posted is not None:
            self.see(posted.thread)

    def see(self, thread: int) -> None:
        """As the form leads its sender to the thread; one that is new may not be there yet."""
        self.get(
            f"/{self.board}/res/{thread}.html",
            kind="page",
            name="thread, after posting",
            expected=POSSIBLY_GONE,
        )

    def send(self, thread: int | None, sort: str = "reply") -> Place | None:
        """Send it, and have its page watched. None: it was not taken."""
        self.sent += 1
        mark = f"post-{self.name}-{self.sent}-of-{self.crowd.started_s:x}"
        answer = self._send_patiently(thread, sort, mark)
        if answer.status != HTTPStatus.OK:
            if answer.status == HTTPStatus.NOT_FOUND and thread is not None:
                self.crowd.threads.forget(thread)
            return None
        told = json.loads(answer.body)
        posted = Place(int(told["thread"]), int(told["id"]))
        self.crowd.tally.acknowledged.append(Acknowledged(posted.thread, posted.no, mark))
        self.crowd.own_posts.add(posted)
        self.crowd.threads.saw([posted.thread])
        self.crowd.lookout.watch_for(
            posted.thread, posted.no, since_s=answer.sent_s, name=f"{_words(sort)} on its page"
        )
        return posted

    def _send_patiently(self, thread: int | None, sort: str, mark: str) -> Answer:
        """Once more, with the same key, when no one knows whether the first was stored."""
        answer = self._send(thread, sort, mark)
        if answer.status and answer.status < _SERVER_FAULT:
            return answer
        gevent.sleep(_AGAIN_AFTER_S)
        return self._send(thread, sort, mark)

    def _send(self, thread: int | None, sort: str, mark: str) -> Answer:
        form = self._form(thread, sort, mark)
        return self.ask(
            "POST",
            "/post",
            kind="post",
            name=_words(sort),
            expected=_TAKEN | self.refusals,
            headers={**form.headers, "Idempotency-Key": mark},
            body=form.body,
        )

    def _form(self, thread: int | None, sort: str, mark: str) -> forms.Encoded:
        quoted = self.crowd.own_posts.some_of(thread, self.random) if sort == "quote" else []
        fields = forms.post_fields(
            self.board,
            thread,
            texts.body(self.random, mark, quoted),
            password=_PASSWORD,
            **({"email": "sage"} if sort == "sage" else {}),
            **({"subject": texts.sentence(self.random, 2, 5)} if sort == "thread" else {}),
        )
        if sort == "picture":
            return forms.multipart(fields, self.random.choice(self.crowd.pictures))
        return forms.urlencoded(fields)


def _words(sort: str) -> str:
    """What its requests are called."""
    return {
        "reply": "reply",
        "quote": "reply with a quote",
        "sage": "reply with sage",
        "picture": "reply with a picture",
        "thread": "new thread",
    }[sort]
