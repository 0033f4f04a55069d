"""What runs first, what a test needs of the machine, and real servers.

There is one PostgreSQL and one Valkey a test process, out of the wheels. Each test that asks for
`database` gets one of its own, as new (tests/databases.py).
"""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

import psycopg
import pytest
import redis
import structlog
from hypothesis import settings

from cli import programs
from cli.run_tests import is_ci
from deploy.embedded.postgres import Postgres
from deploy.embedded.valkey import Valkey
from imageboard.store.database import Database
from tests.databases import Lender, Lent
from tests.dearest import Dearest
from tests.in_part import InPart
from tests.left_behind import in_postgres, in_valkey, nothing_left
from tests.left_out import is_left_out
from tests.servers import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

_numbers = itertools.count(1)

_MEMORY = Path("/dev/shm")
#: What two test processes' servers take up, with room to spare.
_MEMORY_BYTES_MIN = 500_000_000

#: `short` is seeded, so that a failure comes back; `--hypothesis-profile thorough` looks further.
settings.register_profile("short", derandomize=True, deadline=None)
#: That of --fast: most of what is wrong shows with the first few.
settings.register_profile("quick", derandomize=True, deadline=None, max_examples=20)
settings.register_profile("thorough", max_examples=20_000, deadline=None)
settings.load_profile("short")

# PERF: what went wrong is logged with Python's own traceback. structlog's, which rich paints with
# every local variable, takes 0.8 s of CPU each.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

#: Only a browser that never starts takes as long.
_LAUNCH_MS = 180_000
#: Marks of files that take long, in the order in which they are begun; the others come last.
_LONG_FIRST = ("crash", "board", "browser", "edge", "slow")
#: What every test with a mark needs.
_NEEDS_OF_MARK = {"browser": ("chromium",), "edge": ("node", "npm"), "node": ("node", "npm")}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--browser",
        choices=("chromium", "firefox"),
        default="chromium",
        help="in which the tests of tests/browser/ look at pages",
    )
    parser.addoption(
        "--dearest",
        action="store_true",
        help="tell at the end which tests took most of the processor",
    )
    parser.addoption(
        "--thorough",
        action="store_true",
        help="run all cases of the families of which the short run takes a part",
    )


def pytest_configure(config: pytest.Config) -> None:
    looks_further = config.getoption("--hypothesis-profile") == "thorough"
    is_thorough = config.getoption("thorough") or looks_further
    config.pluginmanager.register(InPart(is_thorough=is_thorough))
    if config.getoption("dearest"):
        config.pluginmanager.register(Dearest())


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Leave all that is imported and collected to the end of the process.

    PERF: looking through it for garbage again and again took a tenth of the CPU of quick tests.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Don't import a file of which nothing is chosen, unless the caller named it."""
    named = {config.invocation_params.dir / arg.partition("::")[0] for arg in config.args}
    if collection_path.suffix != ".py" or collection_path in named:
        return None
    source = collection_path.read_text(encoding="utf-8")
    return is_left_out(source, config.option.markexpr) or None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: at the end no process waits for another that has just begun one.

    Of two with the same mark the one whose every test has it: most files have a slow one.
    """
    ranks_of: dict[Path, list[int]] = defaultdict(list)
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        rank = next((n for n, name in enumerate(_LONG_FIRST) if name in marks), len(_LONG_FIRST))
        ranks_of[item.path].append(rank)
    place_of = {path: (min(ranks), fmean(ranks)) for path, ranks in ranks_of.items()}
    items.sort(key=lambda item: place_of[item.path])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Files that share a board go to one process; None: as whoever called pytest says."""
    # Here, since most calls are of one process.
    from tests.together import BoardScheduling

    return BoardScheduling(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose programs are not on this machine, before its servers are started."""
    names: list[str] = []
    for mark in item.iter_markers():
        names += mark.args if mark.name == "needs" else _NEEDS_OF_MARK.get(mark.name, ())
    if missing := programs.missing(sorted(set(names))):
        pytest.skip(f"needs {programs.advice(missing)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where CI=true, a test that is skipped has failed: nobody would see that it never runs."""
    report = yield
    if report.skipped and is_ci(os.environ):
        report.outcome = "failed"
    return report


def _quick_folder() -> Path:
    """In memory where there is room.

    PERF: a database is made of 600 files: 13 ms of CPU in memory, 120 ms on ext4.
    """
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _MEMORY_BYTES_MIN
    return _MEMORY if roomy else Path("/tmp")


@pytest.fixture(scope="session")
def _playwright() -> Iterator[Playwright]:
    """The one of a test process: it can't be started twice in it."""
    # Here, since most test processes have no use for it.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest, _playwright: Playwright) -> Iterator[Browser]:
    """The one browser of a test process; with `--browser firefox` that one in Chromium's place."""
    if request.config.getoption("browser") == "firefox":
        yield request.getfixturevalue("firefox")
        return
    # As root, and in most containers, Chromium's own sandbox can't be set up.
    browser = _playwright.chromium.launch(
        executable_path=programs.PROGRAMS["chromium"].place,
        args=["--no-sandbox"],
        timeout=_LAUNCH_MS,
    )
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def firefox(_playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Debian's, by way of what it lacks."""
    from tests.browser.bidi_bridge import launched

    browser = launched(_playwright, tmp_path_factory.mktemp("firefox"))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for Unix sockets (107 bytes)."""
    with tempfile.TemporaryDirectory(prefix="sb-", dir=_quick_folder()) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres(short_folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL that is fast and not durable."""
    server = Postgres(
        short_folder,
        socket_dir=short_folder,
        password="board-password",
        superuser_password="super-password",
        durable=False,
        log=short_folder / "postgres.log",
    )
    server.prepare()
    # Its folder is small: what was written is not kept for long.
    (server.cluster / "operator.conf").write_text(
        "max_wal_size = 64MB\nmin_wal_size = 32MB\n"
        # Its statistics would come at a moment of their own, and plans with them.
        "autovacuum = off\n"
    )
    with running(server), nothing_left(partial(in_postgres, server.superuser_url)):
        yield server


@pytest.fixture(scope="session")
def _superuser(postgres: Postgres) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres.superuser_url, autocommit=True) as db:
        yield db


@pytest.fixture(scope="session")
def lender(postgres: Postgres, _superuser: psycopg.Connection) -> Iterator[Lender]:
    """Whoever needs several databases, or asks what becomes of one; others ask for `database`."""
    lender = Lender(postgres, _superuser)
    yield lender
    lender.close()


@pytest.fixture
def empty_database_url(postgres: Postgres, _superuser: psycopg.Connection) -> Iterator[str]:
    """The address of a database without tables."""
    name = f"empty_{next(_numbers)}"
    _superuser.execute(f"CREATE DATABASE {name} OWNER stillboard STRATEGY file_copy")
    yield _url_of(postgres, name)
    _superuser.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def _lent(lender: Lender) -> Iterator[Lent]:
    with lender.lend() as lent:
        yield lent


@pytest.fixture
def database_url(_lent: Lent) -> str:
    """The address of a database of this test's own, with all tables and no board."""
    return _lent.url


@pytest.fixture
def database(_lent: Lent) -> Database:
    """A database of this test's own, with all tables and no board."""
    return _lent.open()


@pytest.fixture(scope="session")
def lasting_valkey(short_folder: Path) -> Iterator[Valkey]:
    """With whatever the tests before have left in it; for fixtures that outlive a test."""
    server = Valkey(
        short_folder,
        socket_dir=short_folder,
        password="queue-password",
        log=short_folder / "valkey.log",
    )
    with running(server), nothing_left(partial(in_valkey, server.url)):
        yield server


@pytest.fixture
def queue(lasting_valkey: Valkey) -> Iterator[redis.Redis]:
    """An empty Valkey."""
    with redis.Redis.from_url(lasting_valkey.url) as connection:
        connection.flushall()
        yield connection


@pytest.fixture
def valkey_server(lasting_valkey: Valkey, queue: redis.Redis) -> Valkey:
    """The same as a server: no call of another test waits there for the programs of this one."""
    return lasting_valkey


def _url_of(postgres: Postgres, name: str) -> str:
    return postgres.url.rsplit("/", 1)[0] + f"/{name}"
