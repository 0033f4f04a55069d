"""Where the milliseconds of one post go, part by part, at steady state.

    python -m tests.renderer.profile_post [--replies 50] [--threads 100] [--posts 200]

Writer and render loop run in this process, on a durable PostgreSQL and a Valkey out of their
wheels, with no server between: replies are sent to one thread of a full board, and after each the
board is rendered to the end. Each part is a function of the real code, clocked at its border; what
other parts take within it is not counted twice. What is beside runs in a thread of its own; what is
in place is its siblings' part too. Printed are the medians of each part over all posts: the
time that it took, waiting included, and the CPU time of this process in it, which a busy machine
hardly changes.

nginx, gunicorn and the way through the queue are what loadtest.freshness measures more than this.
"""

from __future__ import annotations

import argparse
import functools
import inspect
import json
import logging
import pkgutil
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

import structlog
from falcon import testing

from deploy.embedded.postgres import Postgres
from deploy.embedded.valkey import Valkey
from imageboard.settings import Settings
from imageboard.store import migrations, threads
from imageboard.store.database import Database
from renderer import jobs
from renderer.render_loop import RenderLoop
from tests.renderer.bench_board import fill
from tests.renderer.bench_memory import Growth
from tests.servers import running
from writer.app import build_parts, create_app

_TEXT = (
    "Without its lid the kettle took five minutes and a half from cold, a litre of water at "
    "nineteen degrees; with it, four minutes and ten seconds. Nobody had noted the pressure."
)
#: 'package.module:Class.function', as pkgutil.resolve_name has it, and what it is called here.
WRITER_PARTS = {
    "writer.forms:FormReader._read": "form: fields read",
    "writer.posting:read_draft": "form: fields read",
    "writer.abuse:AbuseChecks.allow": "checks: ban, captcha",
    "imageboard.post_rules:check": "checks: the board's rules",
    "imageboard.post_rules:accept": "checks: the board's rules",
    "imageboard.store.posts:add": "add_post, its flush included",
    "imageboard.queue.wake_up:WakeUp.ask_for_render": "call to the queue",
    "writer.posting:PostForms._fragment": "the answer's HTML",
}
RENDERER_PARTS = {
    "imageboard.store.database:Connection.execute": "queries",
    "renderer.kept_threads:draw_all": "drawing: the new post",
    "renderer.pages.threads:body_of": "drawing: kept posts",
    "templates.pages:_render": "drawing: templates of pages",
    "renderer.placing:gzipped": "beside: gzip",
    "renderer.placing:brotlied": "beside: brotli",
    "renderer.placing:put": "in place: create, hash and write",
    "os:rename": "in place: rename",
    "renderer.placing:Placing.finish": "in place: waiting for what is beside",
    "renderer.publishing:Publisher._bring": "in place: time of the last version",
    "renderer.publishing:Publisher.record": "ledger written",
}


class Spent(NamedTuple):
    """Seconds: on the wall's clock, and of one thread's CPU."""

    wall_s: float = 0.0
    cpu_s: float = 0.0

    @classmethod
    def now(cls) -> Self:
        return cls(time.perf_counter(), time.thread_time())

    def plus(self, other: Spent) -> Spent:
        return Spent(self.wall_s + other.wall_s, self.cpu_s + other.cpu_s)

    def minus(self, other: Spent) -> Spent:
        return Spent(self.wall_s - other.wall_s, self.cpu_s - other.cpu_s)


class Clock:
    """The time of each part, without what other parts take within it."""

    def __init__(self) -> None:
        self._within = threading.local()
        self.spent: dict[str, Spent] = defaultdict(Spent)
        #: When the file with this ending was in place, as soon as it is.
        self.awaited = ""
        self.visible_s = 0.0
        #: The renderer's parts are the writer's at times; they are clocked while it renders.
        self.is_rendering = False

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        stack: list[Spent] = self._within.__dict__.setdefault("stack", [])
        stack.append(Spent())
        began = Spent.now()
        try:
            yield
        finally:
            whole = Spent.now().minus(began)
            self.spent[name] = self.spent[name].plus(whole.minus(stack.pop()))
            if stack:
                stack[-1] = stack[-1].plus(whole)

    def clocked(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            if self.is_rendering != (name in RENDERER_PARTS.values()):
                return function(*args, **kwargs)
            with self.part(name):
                result = function(*args, **kwargs)
                # A generator works when it is asked, not when it is called.
                result = list(result) if inspect.isgenerator(result) else result
            if self.awaited and name.endswith("rename") and str(args[1]).endswith(self.awaited):
                self.visible_s = time.perf_counter()
                self.awaited = ""
            return result

        return timed

    def wind_up(self, parts: dict[str, str]) -> None:
        for where, name in parts.items():
            module, _, inside = where.partition(":")
            *owners, function = inside.split(".")
            owner = pkgutil.resolve_name(":".join([module, ".".join(owners)]).rstrip(":"))
            setattr(owner, function, self.clocked(getattr(owner, function), name))


class Bench:
    """One client, one writer, one renderer, in turn."""

    def __init__(self, settings: Settings, thread: int) -> None:
        self._writer = build_parts(settings)
        self._client = testing.TestClient(create_app(self._writer))
        self._renderer: jobs.Parts = jobs.build_parts(settings, durable=False)
        self._loop: RenderLoop = self._renderer.loop
        self._thread = thread
        self.clock = Clock()
        self._rows: dict[str, list[Spent]] = defaultdict(list)

    def post(self, number: int) -> None:
        fields = {
            "board": "b", "thread": str(self._thread), "body": f"{_TEXT} {number}.",
            "post": "New Reply", "json_response": "1",
        }  # fmt: skip
        with self.clock.part("framework, log, answer"):
            answer = self._client.simulate_post(
                "/post",
                body=urlencode(fields),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            )
        assert answer.status_code == 200, answer.text

    def render(self) -> None:
        self.clock.is_rendering = True
        with self.clock.part("render loop, waits for what is beside it"):
            self._loop.render("b")
        self.clock.is_rendering = False

    def measure(self, posts: int) -> dict[str, list[Spent]]:
        """{part: what each post took}"""
        self._rows.clear()
        for number in range(posts):
            self.clock.spent.clear()
            self._timed("answer, in all", lambda number=number: self.post(number))
            self.clock.awaited = f"/b/res/{self._thread}.html"
            began_s = time.perf_counter()
            self._timed("rendered, in all", self.render)
            in_place_s = self.clock.visible_s - began_s
            self._rows["thread's page in place, after"].append(Spent(in_place_s))
            for name, spent in self.clock.spent.items():
                self._rows[name].append(spent)
        return self._rows

    def _timed(self, name: str, work: Callable[[], None]) -> None:
        began = Spent.now()
        work()
        self._rows[name].append(Spent.now().minus(began))

    def close(self) -> None:
        self._writer.darkroom.close()
        for database in (self._writer.database, self._renderer.database):
            database.close()


def medians_ms(rows: dict[str, list[Spent]]) -> dict[str, tuple[float, float]]:
    """{part: (on the wall's clock, of CPU)}, in the order of a post's way."""
    order = [
        "answer, in all",
        "framework, log, answer",
        *WRITER_PARTS.values(),
        "thread's page in place, after",
        "rendered, in all",
        "render loop, waits for what is beside it",
        *RENDERER_PARTS.values(),
    ]
    return {
        name: (
            statistics.median(spent.wall_s for spent in rows[name]) * 1000,
            statistics.median(spent.cpu_s for spent in rows[name]) * 1000,
        )
        for name in dict.fromkeys(order)
        if rows[name]
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--threads", type=int, default=100)
    parser.add_argument("--replies", type=int, default=50)
    parser.add_argument("--posts", type=int, default=200)
    parser.add_argument("--json", action="store_true", help="figures for a program")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="sb-") as name:
        folder = Path(name)
        log = folder / "log"
        postgres = Postgres(
            folder, socket_dir=folder, password="a", superuser_password="b", log=log
        )
        valkey = Valkey(folder, socket_dir=folder, password="a", log=log)
        with running(postgres), running(valkey):
            settings = Settings.read(
                {
                    "DATABASE_URL": postgres.url,
                    "REDIS_URL": valkey.url,
                    "STILLBOARD_DATA": str(folder),
                    "STILLBOARD_WEB_ROOT": str(folder / "public"),
                    "STILLBOARD_ADDRESS_KEY": "k" * 32,
                    "CSRF_KEY": "c" * 32,
                    "STILLBOARD_LIMITS": "off",
                }
            )
            rows = measure(settings, options.threads, options.replies, options.posts)
    medians = medians_ms(rows)
    if options.json:
        print(json.dumps({"replies": options.replies, "ms": medians}))
        return
    print(f"one reply to a thread of {options.replies}; medians in ms: elapsed, CPU")
    for name, (wall_ms, cpu_ms) in medians.items():
        print(f"  {name:42} {wall_ms:7.2f} {cpu_ms:7.2f}")


def measure(settings: Settings, count: int, replies: int, posts: int) -> dict[str, list[Spent]]:
    database = Database(settings.database_url, durable=False)
    database.open()
    migrations.apply(database)
    board = fill(database, count, 20)
    with database.connection() as db:
        thread = threads.numbers(db, "b")[-1]
    Growth(database, board, [thread]).add(max(0, replies - 20))
    database.close()
    bench = Bench(settings, thread)
    try:
        bench.render()
        bench.clock.wind_up(WRITER_PARTS | RENDERER_PARTS)
        bench.measure(posts=10)  # warm by then
        return bench.measure(posts)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
