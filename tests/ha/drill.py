"""Of each part the one in use is killed while people post; then the proof that nothing was lost.

`python -m tests.ha.drill --seconds 180 --rate 50` prints a table; exit status 1 when an
acknowledged post is missing or doubled, a read failed, pages and database differ, or posts were
refused that may not be, or for longer than is promised.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import httpx

from tests.cli.debts import owed
from tests.deploy.stand_ins import WAIT_S
from tests.ha.house import House, a_house
from tests.ha.posters import BOARD, Posters, Sent

#: When what happens, as a share of the run; each moves a little with the seed.
_VALKEY_AT, _POSTGRES_AT, _WRITER_AT = 0.12, 0.45, 0.80
_MOVES_BY = 0.02
#: From the primary's death until somebody, or something, has noticed and calls the command.
NOTICED_AFTER_S = 2.0
#: What is promised: for how long posts may be refused (0: none is), and how many.
REFUSED_S_MAX = {"begin": 0.0, "valkey": 0.0, "postgres": 30.0, "writer": 10.0}
#: A request in the hands of a killed writer can't be answered by anybody; it has eight threads.
#: nginx can't tell whether such a post was stored, and does not send it again.
CUT_OFF_MAX = 8
SETTLED_S_MAX = 60.0
#: So many are acknowledged between two events, however busy the machine; the run is the longer.
POSTS_BETWEEN_MIN = 51


class Event(NamedTuple):
    """Something that was done to the house."""

    name: str
    what: str
    at_s: float


@dataclass(frozen=True)
class Row:
    """What an event came to, until the next."""

    event: Event
    acknowledged: int
    #: {status: how many}
    refused: dict[int, int]
    #: From the event until the last post that was refused got its answer; 0: none was.
    refused_s: float
    #: Longest time from an acknowledgement until a reader saw the post.
    unseen_s: float

    def line(self) -> str:
        refused = ", ".join(f"{n} × {status or 'none'}" for status, n in self.refused.items())
        return (
            f"{self.event.what:58} {self.acknowledged:6} {refused or '0':24} "
            f"{self.refused_s:7.1f} s {self.unseen_s:7.1f} s"
        )


@dataclass
class Outcome:
    """What a drill came to."""

    seed: int
    rows: list[Row]
    promotion_s: float
    reads: int
    settled_s: float
    problems: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        return sum(row.acknowledged for row in self.rows)

    def lines(self) -> list[str]:
        heads = f"{'event':58} {'posted':>6} {'refused':24} {'for':>9} {'unseen':>9}"
        return [
            f"seed {self.seed}",
            heads,
            *(row.line() for row in self.rows),
            f"`database promote`, called {NOTICED_AFTER_S:.0f} s later: {self.promotion_s:.1f} s",
            f"{self.reads} pages read; all pages right {self.settled_s:.1f} s after the last post",
            *(self.problems or ["nothing lost, nothing doubled, no read failed, no difference"]),
        ]

    def slow(self) -> list[str]:
        """What took longer than is promised; a matter of the machine too."""
        found = [
            f"{row.event.what}: posts were refused for {row.refused_s:.1f} s"
            for row in self.rows
            if row.refused_s > REFUSED_S_MAX[row.event.name]
        ]
        if self.settled_s > SETTLED_S_MAX:
            found.append(f"all pages were right {self.settled_s:.1f} s after the last post")
        return found


class Plan(NamedTuple):
    """Seconds from the beginning."""

    valkey_s: float
    postgres_s: float
    writer_s: float
    #: Which of the two.
    writer: int


def planned(seed: int, seconds: float) -> Plan:
    """The same for the same seed."""
    draw = random.Random(seed)
    moments = [
        seconds * (share + draw.uniform(-_MOVES_BY, _MOVES_BY))
        for share in (_VALKEY_AT, _POSTGRES_AT, _WRITER_AT)
    ]
    return Plan(*moments, writer=draw.randrange(2))


def run(*, seconds: float, seed: int, posts_per_s: float = 50.0) -> Outcome:
    """One drill in a house of its own, to its end. Nothing of it is left running."""
    with a_house() as house:
        posters = Posters(house.url, posts_per_s)
        with posters.at_work():
            events, promotion_s = _carry_out(house, posters, planned(seed, seconds), seconds)
        ended_s = time.monotonic()
        house.wait_for(lambda: not owed(house.settings), "all settled")
        settled_s = time.monotonic() - ended_s
        rows = list(_rows(events, posters))
        return Outcome(
            seed=seed,
            rows=rows,
            promotion_s=promotion_s,
            reads=posters.reads,
            settled_s=settled_s,
            problems=[
                *_broken_promises(rows),
                *_failed_reads(posters),
                *_differences(house, posters.sent),
                *_findings(house),
            ],
        )


def _carry_out(
    house: House, posters: Posters, plan: Plan, seconds: float
) -> tuple[list[Event], float]:
    """What was done and when; how long the promotion took."""
    began_s = time.monotonic()
    events = [Event("begin", "two of everything", began_s)]

    def when(moment_s: float, name: str, what: str, deed: Callable[[], object]) -> None:
        _let_time_pass(house, began_s + moment_s)
        _let_people_post(house, posters, events[-1].at_s)
        events.append(Event(name, what, time.monotonic()))
        deed()

    when(plan.valkey_s, "valkey", "Valkey's primary killed", house.primary_valkey().kill)
    when(plan.postgres_s, "postgres", "PostgreSQL's primary killed", house.postgres.kill)
    _let_time_pass(house, time.monotonic() + NOTICED_AFTER_S)
    called_s = time.monotonic()
    house.cli("database", "promote")
    promotion_s = time.monotonic() - called_s
    writer = house.writers[plan.writer]
    when(plan.writer_s, "writer", f"{writer.name} killed", writer.kill)
    _let_time_pass(house, began_s + seconds)
    _let_people_post(house, posters, events[-1].at_s)
    return events, promotion_s


def _let_time_pass(house: House, until_s: float) -> None:
    """The drill's own clock: what happens when is what it is about."""
    while (left_s := until_s - time.monotonic()) > 0:
        house.look_after()
        time.sleep(min(0.1, left_s))


def _let_people_post(house: House, posters: Posters, since_s: float) -> None:
    def acknowledged() -> int:
        return sum(one.is_acknowledged and one.answered_s >= since_s for one in [*posters.sent])

    house.wait_for(lambda: acknowledged() >= POSTS_BETWEEN_MIN, "people can post")


def _rows(events: list[Event], posters: Posters) -> Iterator[Row]:
    last = Event("end", "", float("inf"))
    for event, after in pairwise([*events, last]):
        # By its answer: a post that was under way when the blow fell was refused because of it.
        sent = [one for one in posters.sent if event.at_s <= one.answered_s < after.at_s]
        if event.name == "begin":
            sent = [one for one in posters.sent if one.answered_s < after.at_s]
        acknowledged = [one for one in sent if one.is_acknowledged]
        refused = [one for one in sent if not one.is_acknowledged]
        yield Row(
            event=event,
            acknowledged=len(acknowledged),
            refused=dict(Counter(one.status for one in refused)),
            refused_s=max((one.answered_s - event.at_s for one in refused), default=0.0),
            unseen_s=max(
                (
                    posters.seen_s[one.no] - one.answered_s
                    for one in acknowledged
                    if one.no in posters.seen_s
                ),
                default=0.0,
            ),
        )


def _broken_promises(rows: list[Row]) -> Iterator[str]:
    for row in rows:
        refused = sum(row.refused.values())
        if refused and not REFUSED_S_MAX[row.event.name]:
            yield f"{row.event.what}: {refused} posts were refused"
        if row.event.name == "writer" and refused > CUT_OFF_MAX:
            yield f"{row.event.what}: {refused} posts were cut off"


def _failed_reads(posters: Posters) -> Iterator[str]:
    failed = Counter((read.path, read.what) for read in posters.failed_reads)
    for (path, what), times in failed.items():
        yield f"failed read of {path}, {times} times: {what}"


def _differences(house: House, sent: list[Sent]) -> Iterator[str]:
    """Acknowledged posts that are not on their pages, and texts that are there twice."""
    shown: Counter[str] = Counter()
    acknowledged = [one for one in sent if one.is_acknowledged]
    with httpx.Client(base_url=house.url, timeout=WAIT_S) as http:
        for thread in {one.thread for one in acknowledged}:
            posts = http.get(f"/{BOARD}/res/{thread}.json").json()["posts"]
            page = http.get(f"/{BOARD}/res/{thread}.html").text
            texts = {post["no"]: post["com"] for post in posts}
            shown.update(texts.values())
            for one in acknowledged:
                is_there = texts.get(one.no) == one.text and f'id="{one.no}"' in page
                if one.thread == thread and not is_there:
                    yield f"lost: {one}"
    yield from (f"shown twice: {text}" for text, times in shown.items() if times > 1)


def _findings(house: House) -> Iterator[str]:
    """What `verify` finds between the pages and the new primary."""
    done = house.call("verify", "--json")
    try:
        yield from (f"verify: {one}" for one in json.loads(done.stdout)["findings"])
    except ValueError:
        yield f"verify: {done.stdout}{done.stderr}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--rate", type=float, default=50, help="posts a second")
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    outcome = run(seconds=chosen.seconds, seed=chosen.seed, posts_per_s=chosen.rate)
    print("\n".join(outcome.lines() + [f"slow: {one}" for one in outcome.slow()]))
    return 1 if outcome.problems or outcome.slow() else 0


if __name__ == "__main__":
    sys.exit(main())
