"""A board that gets new versions while people post and read, and nobody notices.

`python -m tests.walk.deployment --seconds 60 --posts-per-s 50` brings a board, which runs from a
copy of the checkout, to version 2, to version 3, and back to version 1: each with other templates
and a column more, each by `stillboard reload`. A long transaction reads the table that the
migration changes, so that its first try gives up. It prints figures; exit status 1 when a single
request failed, when a post is missing or doubled, or when the version that answers is another.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.util import cache_from_source
from pathlib import Path

import httpx
import psycopg

from tests.cli.boards import call
from tests.deploy.stand_ins import WAIT_S, eventually
from tests.house_rules.repository import ROOT, files
from tests.walk.board_process import BoardProcess, a_board_process
from tests.walk.crowd import Crowd, differences
from tests.walk.killing import processes_of
from tests.walk.posters import BOARD
from tests.walk.proofs import seconds_until_settled

BROWSERS = 2
#: Between two posts of a browser, and two pages of the reader.
BROWSER_PAUSE_S = 0.2
READER_PAUSE_S = 0.05
#: What a template says of a post, and the version's own word in its place.
LABEL = "Select post"


@dataclass(frozen=True)
class Version:
    """A version of the board: what it says on pages, and how many columns it has added."""

    number: int

    @property
    def name(self) -> str:
        return f"{self.number}.0.0"

    @property
    def word(self) -> str:
        return f"As version {self.number} has it: post"

    @property
    def columns(self) -> list[str]:
        return [f"of_version_{number}" for number in range(2, self.number + 1)]


class Checkout:
    """A copy of this repository that becomes one version after another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for path in files():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, folder / path)
            if path.endswith(".py"):
                self._take_bytecode(path)
        self.become(Version(1))

    def become(self, version: Version) -> None:
        """What `git pull` and `git checkout` do."""
        self._rewrite("pyproject.toml", r'(?m)^version = ".*"', f'version = "{version.name}"')
        self._rewrite("templates/fragments/post.html", re.escape(LABEL), version.word)
        steps = self.folder / "imageboard/store/migrations"
        for left in steps.glob("99*.sql"):
            left.unlink()
        for number, column in enumerate(version.columns, start=2):
            step = f"ALTER TABLE posts ADD COLUMN {column} text;\n"
            (steps / f"99{number:02}_{column}.sql").write_text(step)

    def restore(self, path: str) -> None:
        """Undo what a test has done to a file."""
        shutil.copyfile(ROOT / path, self.folder / path)

    def stillboard(self, board: BoardProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of the version that the checkout is now."""
        return call(*arguments, "--data", str(board.data), PYTHONPATH=str(self.folder))

    def _take_bytecode(self, path: str) -> None:
        """PERF: 3 s of CPU less, if the module was compiled: else the first program compiles it."""
        compiled = Path(cache_from_source(path))
        if (ROOT / compiled).is_file():
            (self.folder / compiled).parent.mkdir(exist_ok=True)
            shutil.copy2(ROOT / compiled, self.folder / compiled)

    def _rewrite(self, path: str, pattern: str, words: str) -> None:
        text, times = re.subn(pattern, words, (ROOT / path).read_text(encoding="utf-8"))
        assert times == 1, f"{path} has {pattern} {times} times"
        (self.folder / path).write_text(text, encoding="utf-8")


@dataclass
class Visitors:
    """Browsers that send forms and follow the redirect, and a reader: they try nothing twice."""

    url: str
    browser_pause_s: float = BROWSER_PAUSE_S
    reader_pause_s: float = READER_PAUSE_S
    #: {number: the text of the post}, by thread.
    told: dict[int, dict[int, str]] = field(default_factory=dict)
    pages_read: int = 0
    #: The longest that a form waited for its answer (s).
    longest_s: float = 0.0
    faults: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _stopped: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        people = [threading.Thread(target=self._be, args=(self._post,)) for _ in range(BROWSERS)]
        people.append(threading.Thread(target=self._be, args=(self._read,)))
        for person in people:
            person.start()
        try:
            yield
        finally:
            self._stopped.set()
            for person in people:
                person.join()

    def _be(self, deed: Callable[[httpx.Client], float]) -> None:
        with httpx.Client(base_url=self.url, timeout=WAIT_S) as http:
            pause_s = 0.0
            while not self._stopped.wait(pause_s):
                try:
                    pause_s = deed(http)
                except (httpx.TransportError, AssertionError) as ex:
                    self.faults.append(f"{deed.__name__}: {ex!r}")
                    pause_s = self.browser_pause_s

    def _post(self, http: httpx.Client) -> float:
        text = f"Form {next(self._numbers)} of a browser."
        form = {"board": BOARD, "body": text}
        if self.told:
            form["thread"] = str(next(iter(self.told)))
        began_s = time.monotonic()
        answer = http.post("/post", data=form, headers={"X-Forwarded-For": "198.51.100.7"})
        self.longest_s = max(self.longest_s, time.monotonic() - began_s)
        assert answer.status_code == httpx.codes.SEE_OTHER, f"{text} {answer.status_code}"
        found = re.search(r"/res/(\d+)\.html(\?\S*)?#(\d+)", answer.headers["Location"])
        assert found, f"{text} {answer.headers['Location']}"
        self.told.setdefault(int(found[1]), {})[int(found[3])] = text
        page = http.get(answer.headers["Location"])
        if found[2]:
            assert page.status_code == httpx.codes.OK, f"{page.url} {page.status_code}"
            assert text in page.text, f"{page.url} lacks {text}"
        else:
            # Where the machine is slow the answer did not wait: a new thread comes in a moment.
            assert page.status_code in (httpx.codes.OK, httpx.codes.NOT_FOUND), page.url
        return self.browser_pause_s

    def _read(self, http: httpx.Client) -> float:
        for path in ("/", f"/{BOARD}/", f"/{BOARD}/catalog.html", f"/{BOARD}/catalog.json"):
            answer = http.get(path)
            assert answer.status_code == httpx.codes.OK, f"{path} {answer.status_code}"
            assert answer.text.rstrip().endswith(("</html>", "]")), f"{path} is torn"
            self.pages_read += 1
        return self.reader_pause_s

    def missing(self, board: BoardProcess) -> list[str]:
        """Posts that browsers were told of and that are not on their threads' pages, once."""
        wrong = []
        for thread, posts in self.told.items():
            shown = board.read(f"/{BOARD}/res/{thread}.json")["posts"]
            texts = [post["com"] for post in shown]
            by_no = {post["no"]: post["com"] for post in shown}
            wrong += [
                f"not once and in its place: {text}"
                for no, text in posts.items()
                if by_no.get(no) != text or texts.count(text) != 1
            ]
        return wrong


class LongReader(threading.Thread):
    """Reads `posts` in a transaction that does not end before a migration has given up once."""

    def __init__(self, database_url: str) -> None:
        super().__init__()
        self.has_blocked = False
        self._url = database_url
        self._stopped = threading.Event()
        self._reads = threading.Event()

    def __enter__(self) -> LongReader:
        self.start()
        self._reads.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self.join()

    def run(self) -> None:
        with (
            psycopg.connect(self._url, autocommit=True) as onlooker,
            psycopg.connect(self._url) as reader,
        ):
            reader.execute("SELECT count(*) FROM posts")
            self._reads.set()
            self._wait_until(lambda: _is_waited_for(onlooker))
            self._wait_until(lambda: not _is_waited_for(onlooker))
            self.has_blocked = not self._stopped.is_set()

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        while not condition() and not self._stopped.wait(0.02):
            pass


def _is_waited_for(db: psycopg.Connection) -> bool:
    """Whether somebody waits to change the table `posts`."""
    found = db.execute(
        "SELECT 1 FROM pg_locks WHERE relation = 'posts'::regclass"
        " AND mode = 'AccessExclusiveLock' AND NOT granted"
    ).fetchone()
    return found is not None


@dataclass
class Outcome:
    """What a run came to."""

    posted_s: float
    acknowledged: int
    forms: int
    #: The longest wait of a form for its answer.
    longest_s: float
    pages_read: int
    #: Per version: what `reload` printed, and how long it took.
    reloads: list[str]
    problems: list[str]

    def lines(self) -> list[str]:
        posts = f"{self.acknowledged} posts of programs, {self.forms} of browsers"
        return [
            f"{posts}, {self.pages_read} pages read in {self.posted_s:.0f} s",
            f"the longest wait of a form: {self.longest_s:.1f} s",
            *self.reloads,
            *(self.problems or ["no error, nothing missing, nothing doubled"]),
        ]


def run(*, seconds: float, posts_per_s: float, versions: list[int], with_r2: bool) -> Outcome:
    """One run on a board of its own, to its end. Nothing of it is left running."""
    with tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder:
        checkout = Checkout(Path(folder))
        options = ["--with-r2"] if with_r2 else []
        with a_board_process(*options, PYTHONPATH=folder) as board:
            brought = [Version(number) for number in versions]
            outcome = bring(board, checkout, brought, seconds=seconds, posts_per_s=posts_per_s)
            outcome.problems += stopped(board)
            return outcome


def bring(
    board: BoardProcess,
    checkout: Checkout,
    versions: list[Version],
    *,
    seconds: float,
    posts_per_s: float,
    visitors: Visitors | None = None,
) -> Outcome:
    """These versions, one after the other, to a board that is up and stays so."""
    crowd, visitors = Crowd(board.url, posts_per_s), visitors or Visitors(board.url)
    problems: list[str] = []
    reloads: list[str] = []
    columns: list[str] = []
    with crowd.at_work(), visitors.at_work():
        began_s = time.monotonic()
        for turn, version in enumerate(versions):
            _wait_until(began_s + seconds * turn / len(versions) + 1)
            columns += [column for column in version.columns if column not in columns]
            reloads.append(_deploy(board, checkout, version, problems))
            problems += _not_of(board, version, columns)
        _wait_until(began_s + seconds)
    posted_s = time.monotonic() - began_s
    seconds_until_settled(board, "pages", time.monotonic(), problems)
    problems += [f"answered with {status}" for status in crowd.refusals.elements()]
    problems += visitors.faults + differences(board, crowd) + visitors.missing(board)
    problems += _pages_that_differ(board, checkout)
    return Outcome(
        posted_s=posted_s,
        acknowledged=len(crowd.acknowledged),
        forms=sum(map(len, visitors.told.values())),
        longest_s=visitors.longest_s,
        pages_read=visitors.pages_read,
        reloads=reloads,
        problems=problems,
    )


def stopped(board: BoardProcess) -> list[str]:
    """Its end; what of it was left running."""
    processes = processes_of(board)
    board.running.stop()
    if eventually(lambda: not any(process.is_alive() for process in processes)):
        return []
    return [f"left running: {[one.pid for one in processes if one.is_alive()]}"]


def _deploy(board: BoardProcess, checkout: Checkout, version: Version, problems: list[str]) -> str:
    """`stillboard reload`; in the way of its migration, if it has one, stands a long reader."""
    checkout.become(version)
    began_s = time.monotonic()
    with LongReader(board.environment["DATABASE_URL"]) as reader:
        done = checkout.stillboard(board, "reload")
    if done.returncode:
        problems.append(f"reload to {version.name}: {done.stderr}{board.running.complaints}")
    blocked = ", its migration tried again" if reader.has_blocked else ""
    parts = "; ".join(" ".join(line.split()) for line in done.stdout.splitlines())
    return f"version {version.name} after {time.monotonic() - began_s:.1f} s{blocked}: {parts}"


def _not_of(board: BoardProcess, version: Version, columns: list[str]) -> list[str]:
    """What is not of this version, though it was brought: answers, pages, programs, columns."""
    wrong = []
    post = board.post(board=BOARD, body=f"The first of version {version.name}.")
    if version.word not in post["html"]:
        wrong.append(f"the writer answers, but not as {version.name}: {post['html']}")
    page = f"/{BOARD}/res/{post['thread']}.html"
    if not eventually(lambda: version.word in board.http.get(page).text):
        wrong.append(f"{page} is not as {version.name} draws it")
    for part in json.loads(board.cli("status", "--json"))["parts"]:
        if part["metrics"] and not eventually(partial(_is_of, board, version, part["metrics"])):
            wrong.append(f"{part['name']} is not of {version.name}")
    with psycopg.connect(board.environment["DATABASE_URL"]) as db:
        found = db.execute("SELECT * FROM posts LIMIT 0").description or []
    there = {column.name for column in found}
    return wrong + [f"no column {column}" for column in columns if column not in there]


def _is_of(board: BoardProcess, version: Version, address: str) -> bool:
    """Whether a program's metrics say so; a new one takes over the address of the one before."""
    try:
        return f'version="{version.name}"' in board.http.get(f"http://{address}/metrics").text
    except httpx.TransportError:
        return False


def _pages_that_differ(board: BoardProcess, checkout: Checkout) -> list[str]:
    """After drawing all anew, as the operator is told to: what `verify` finds."""
    drawn = checkout.stillboard(board, "rerender", "--all")
    verified = checkout.stillboard(board, "verify")
    done = (drawn, verified)
    return [f"{one.args}: {one.stdout}{one.stderr}" for one in done if one.returncode]


def _wait_until(moment_s: float) -> None:
    """The run's own clock: what happens when is what it is about."""
    time.sleep(max(0.0, moment_s - time.monotonic()))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--posts-per-s", "--rate", type=float, default=50)
    parser.add_argument("--versions", type=int, nargs="+", default=[2, 3, 1])
    parser.add_argument("--without-r2", action="store_true")
    chosen = parser.parse_args()
    outcome = run(
        seconds=chosen.seconds,
        posts_per_s=chosen.posts_per_s,
        versions=chosen.versions,
        with_r2=not chosen.without_r2,
    )
    print("\n".join(outcome.lines()))
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())
