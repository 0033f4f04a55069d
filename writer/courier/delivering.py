"""Who is to be told of replies, and what becomes of each message.

Some are claimed at a time: a claim is over by itself when its courier dies, and the next one sends
the message once more. It has the same topic and tag, so a service and a browser put it in the
place of the first: a reader sees one. Between two messages about one thread a minute passes, which
is told of together.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

from imageboard import push
from imageboard.cloaks import Cloak
from imageboard.push import Subscription
from imageboard.push_keys import base64url
from imageboard.store import push_subscriptions
from imageboard.store.database import Database
from imageboard.store.push_subscriptions import Claimed, News
from monitoring import metrics
from monitoring.logs import get_logger
from writer.courier.services import Outcome, Services

log = get_logger(__name__)

#: So many wait for services at once.
AT_ONCE = 8
CLAIMED_AT_ONCE = 40
#: More than all of those take, if each service is silent.
LEASE_S = 120.0
#: A job ends after so long; catch-up calls again.
JOB_S_MAX = 120.0
#: A service that refuses a browser's messages so often, over hours, has no use for it. Before that
#: it may be our clock.
REFUSALS_MAX = 10
_WAIT_S_MIN, _WAIT_S_MAX = 60.0, 3600.0


class Errand(NamedTuple):
    """One message."""

    claimed: Claimed
    to: Subscription
    news: News


@dataclass
class Courier:
    """Tells readers of replies."""

    database: Database
    cloak: Cloak
    #: Names of services, as the settings have them.
    allowed: tuple[str, ...]
    services: Services
    is_told_to_stop: Callable[[], bool] = lambda: False

    def deliver(self) -> int:
        """Until nobody is left whose turn it is; how many messages services took.

        Raises StoreUnavailable: whoever was not told is so later.
        """
        taken = 0
        until_s = time.monotonic() + JOB_S_MAX
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="errand") as pool:
            while not self.is_told_to_stop() and time.monotonic() < until_s:
                with self.database.connection() as db:
                    claimed = push_subscriptions.claim(db, CLAIMED_AT_ONCE, LEASE_S)
                if not claimed:
                    break
                errands = self._errands(claimed)
                for errand, outcome in zip(errands, pool.map(self._sent, errands), strict=True):
                    taken += outcome.how == "delivered"
                    self._settle(errand, outcome)
        return taken

    def _errands(self, claimed: list[Claimed]) -> list[Errand]:
        """Of those for whom there is something new."""
        found = []
        with self.database.connection() as db:
            for each in claimed:
                news = push_subscriptions.news(db, each)
                if not news.replies:
                    push_subscriptions.nothing_new(db, each)
                    continue
                packed = self.cloak.open_for_push(each.sealed, each.key)
                to = None if packed is None else push.unpacked(packed, self.allowed)
                if to is None:
                    # Sealed with a key that is no more, or of a service that is none any more.
                    metrics.push_messages.labels("unreadable").inc()
                    push_subscriptions.remove(db, each.key)
                elif pause_s := self.services.pause_of(to.endpoint.service):
                    push_subscriptions.put_off(db, each.key, pause_s, is_try=False)
                else:
                    found.append(Errand(each, to, news))
        return found

    def _sent(self, errand: Errand) -> Outcome:
        claimed = errand.claimed
        if pause_s := self.services.pause_of(errand.to.endpoint.service):
            # Another errand has just found out.
            return Outcome("put_off", pause_s)
        topic = base64url(self.cloak.hash_name(f"push topic {claimed.board} {claimed.thread}"))
        return self.services.send(errand.to, _message(errand), topic)

    def _settle(self, errand: Errand, outcome: Outcome) -> None:
        claimed = errand.claimed
        metrics.push_messages.labels(outcome.how).inc()
        if outcome.how != "delivered":
            log.info("push_not_taken", how=outcome.how, why=outcome.why, tries=claimed.tries + 1)
        with self.database.connection() as db:
            if outcome.how == "delivered":
                push_subscriptions.told(db, claimed, errand.news.no)
            elif outcome.how == "gone" or (
                outcome.how == "refused" and claimed.refusals + 1 >= REFUSALS_MAX
            ):
                push_subscriptions.remove(db, claimed.key)
            else:
                wait_s = _wait_s(outcome, claimed.tries)
                push_subscriptions.put_off(
                    db, claimed.key, wait_s, is_refused=outcome.how == "refused"
                )


def _wait_s(outcome: Outcome, tries: int) -> float:
    """What the service asked for, but a minute at least; else ever longer, up to an hour."""
    doubled = min(_WAIT_S_MAX, _WAIT_S_MIN * 2 ** min(tries, 10))
    return doubled if outcome.wait_s is None else max(_WAIT_S_MIN, outcome.wait_s)


def _message(errand: Errand) -> bytes:
    """What push_worker.js reads: where something is new, and how much of it."""
    claimed = errand.claimed
    told = {
        "board": claimed.board,
        "thread": claimed.thread,
        "count": errand.news.replies,
        "every": claimed.wants_all,
    }
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
