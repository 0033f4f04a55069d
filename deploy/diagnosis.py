"""What `doctor` looks at: what is wrong, and what it could not look at, each with its mend.

It works whether or not the board is up, and whoever started its programs. A mend is a promise: a
test breaks the thing, does what the mend says and asks again.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import redis

from deploy import inspection, sightings
from deploy.backups import record
from deploy.data_folder import DataFolder, Run
from deploy.embedded.service import ServiceFailed, identity_without_root, run_as
from deploy.env_file import ENV_FILE
from deploy.founding import boards_drawn_otherwise
from deploy.inspection import asks_database, duration, nearest
from deploy.own_site import is_ok, why_not_ok
from deploy.parts import connect
from imageboard import media_kinds
from imageboard.errors import BadSetting
from imageboard.queue.queues import MEDIA_QUEUE, PUBLISH_QUEUE, PUSH_QUEUE, QUEUE
from imageboard.settings import Settings
from imageboard.store import figures, migrations, roles
from imageboard.store.database import Connection, why_away
from imageboard.store.room import free_files
from imageboard.store.uploads import UploadStore
from writer.media import confinement

LAG_S_MAX = 5.0
#: An outage of R2 or the CDN costs freshness there and nothing else: no reason for a quick alarm.
CLOUD_LAG_S_MAX = 60.0
TAKEDOWN_S_MAX = 60.0
#: A call waits no longer than a job takes; the publisher keeps off for a minute when it fails.
CALL_WAITS_S_MAX = {QUEUE: 30.0, PUBLISH_QUEUE: 180.0, MEDIA_QUEUE: 600.0, PUSH_QUEUE: 600.0}
#: The largest film that is taken is made ready within that.
PENDING_S_MAX = 600.0
#: {queue: who listens to it}
_PROGRAM_OF = {
    QUEUE: "renderer",
    PUBLISH_QUEUE: "publisher",
    MEDIA_QUEUE: "developer",
    PUSH_QUEUE: "courier",
}
FREE_BYTES_MIN = 2**30
FREE_FILES_MIN = 10_000
OPEN_FILES_MIN = 1024
#: Waits of posters, ages of sessions and of backups are reckoned with several machines' clocks.
CLOCK_SKEW_S_MAX = 2.0
#: A day, and two hours for the backup itself.
BACKUP_AGE_S_MAX = {"full": 26 * 3600.0, "wal": 300.0}
_MISSING_NAMED = 3

#: What keeps the log of a part that no `up` has started.
_LOGS = "journalctl -u stillboard-{0}, or docker compose logs {0}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, or could not be looked at, and what mends it."""

    fault: str
    mend: str
    kind: Literal["wrong", "not looked at"] = "wrong"


def findings(data: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Everything, the causes before their consequences. None: all was looked at, and is well."""
    folder = DataFolder(data)
    run = folder.run() if folder.is_locked() else None
    try:
        settings = inspection.settings_if_reachable(data, environ)
    except BadSetting as ex:
        yield Finding(f"a setting is wrong: {ex}", "change it in the environment or in .env")
        return
    yield from _folder(folder, has_own_servers=settings is not None and run is None)
    yield from _machine(folder)
    yield from _confinement()
    if run is not None or settings is None:
        yield from _binaries()
    yield from _secrets(folder, environ)
    if settings is None:
        yield Finding(
            "no board is up: its database, queue, programs and pages",
            "start it: ./stillboard up",
            "not looked at",
        )
        return
    if run is not None:
        yield from _running(run)
    if (yield from _database(settings, has_up=run is not None)):
        if run is None:
            yield from _site(settings)
        yield from _files(settings)
        if settings.has_cloud:
            yield from _cloud_faults(settings)
    yield from _queue_faults(settings)
    if settings.backup_to:
        yield from _backups(settings)


# --- the machine ---


def _folder(folder: DataFolder, *, has_own_servers: bool) -> Iterator[Finding]:
    if not folder.path.is_dir():
        mend = (
            "name it by --data or STILLBOARD_DATA"
            if has_own_servers
            else "./stillboard up makes one there"
        )
        yield Finding(f"there is no board in {folder.path}", mend)


def _machine(folder: DataFolder) -> Iterator[Finding]:
    place = nearest(folder.path)
    if not os.access(place, os.W_OK | os.X_OK):
        yield Finding(f"{place} is not writable", "chown it, or choose another folder with --data")
    free = shutil.disk_usage(place).free
    if free < FREE_BYTES_MIN:
        yield Finding(f"{free / 1e6:.0f} MB are free on {place}", "make room: 1 GB at least")
    files = free_files(place)
    if files < FREE_FILES_MIN:
        yield Finding(
            f"there is room for {files} more files on the disk of {place}, whatever its bytes",
            "remove small files there (df --inodes counts them), or make it with more inodes",
        )
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
    """Of the servers that `up` starts."""
    try:
        commands = inspection.version_commands()
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


def _secrets(folder: DataFolder, environ: Mapping[str, str]) -> Iterator[Finding]:
    keys = folder.path / "keys.json"
    if (folder.path / "postgres").is_dir() and not keys.is_file():
        yield Finding(f"{keys} is gone", "put it back from a backup: it holds the passwords")
    private = [keys, folder.first_login, folder.path / "run.json", ENV_FILE]
    if named := environ.get("STILLBOARD_ENV_FILE"):
        private.append(Path(named))
    for path in private:
        try:
            is_open = path.is_file() and path.stat().st_mode & 0o077
        except PermissionError:
            continue  # closed it is
        if is_open:
            yield Finding(f"others may read {path}", f"chmod 600 '{path}'")


# --- what runs ---


def _running(run: Run) -> Iterator[Finding]:
    for name, part in run.parts.items():
        if not part.is_alive():
            yield Finding(
                f"{name} does not run",
                f"it is started again by itself; if it stays so, see its log {name}.log",
            )
    checks: dict[str, str] = {
        "readyz": "see writer.log and postgres.log",
        "": "./stillboard verify --repair",
    }
    for path, mend in checks.items():
        if not is_ok(run.url, path):
            yield Finding(f"{run.url}{path} is not answered with 200", mend)


def _site(settings: Settings) -> Iterator[Finding]:
    """The web server and the writer behind it, where no `up` knows their address."""
    url = settings.site_url
    if not url:
        yield Finding(
            "the web server: nothing says where it is",
            "STILLBOARD_SITE_URL=https://example.org",
            "not looked at",
        )
    elif why := why_not_ok(url.rstrip("/"), "/"):
        yield Finding(
            f"{url} is not answered with 200 here: {why}",
            "is nginx up, does the name lead here, is the certificate trusted here? "
            "systemctl status stillboard-nginx, or docker compose ps nginx",
        )


def _database(settings: Settings, *, has_up: bool) -> Generator[Finding, None, bool]:
    """Returns whether it can be asked."""
    lag = inspection.lag(settings)
    if lag is None:
        why = why_away(settings.database_url)
        yield Finding(f"the database can't be reached{why}", "see postgres.log, and DATABASE_URL")
        yield Finding(
            "programs, pages and files: the database tells of them",
            "the same",
            "not looked at",
        )
        return False
    yield from _clock("the database's", asks_database(settings, figures.clock_s))
    if not asks_database(settings, migrations.is_current):
        mend = "restart the board: up brings them on" if has_up else "stillboard migrate"
        yield Finding("the tables are of another version", mend)
        return False
    if not has_up:
        yield from _programs(settings)
    unknown = asks_database(settings, lambda db: _roles_unknown(db, settings))
    if unknown:
        yield Finding(
            f"STILLBOARD_STAFF_SECOND_FACTOR names {', '.join(unknown)}: there is no such role",
            "./stillboard staff roles lists them",
        )
    for board, behind in lag.items():
        if behind["oldest_s"] > LAG_S_MAX:
            yield Finding(
                f"/{board}/ shows its pages {behind['oldest_s']:.0f} s late",
                f"see the logs of renderer and catch-up{_where_logs('renderer', has_up)}",
            )
    names = ", ".join(f"/{name}/" for name in boards_drawn_otherwise(settings))
    if names:
        yield Finding(
            f"pages of {names} were drawn with other templates", "./stillboard rerender --all"
        )
    return True


def _roles_unknown(db: Connection, settings: Settings) -> list[str]:
    """Of those that must have a second factor: whoever misspelt one requires nothing."""
    asked = sorted(settings.roles_with_second_factor - {"all"})
    return [name for name in asked if roles.find(db, name) is None]


def _where_logs(part: str, has_up: bool) -> str:
    return "" if has_up else f" ({_LOGS.format(part)})"


def _programs(settings: Settings) -> Iterator[Finding]:
    """Those that systemd or an engine of containers should have started."""
    for one in asks_database(settings, lambda db: sightings.seen(db, settings)):
        if one.hangs_s:
            fault = f"{one.name} hangs: it has done nothing for {duration(one.hangs_s)}"
            yield Finding(fault, f"restart it; its log: {_LOGS.format(one.name)}")
        elif not one.is_there:
            yield Finding(
                f"{one.name} does not run, or does not reach the database",
                f"start it: systemctl start {_unit(one.name)}, or docker compose up -d {one.name}",
            )


def _unit(program: str) -> str:
    return "stillboard-renderer@1" if program == "renderer" else f"stillboard-{program}"


def _clock(whose: str, theirs_s: float) -> Iterator[Finding]:
    ahead_s = time.time() - theirs_s
    if abs(ahead_s) > CLOCK_SKEW_S_MAX:
        how = "ahead of" if ahead_s > 0 else "behind"
        yield Finding(
            f"this machine's clock is {duration(abs(ahead_s))} {how} {whose}",
            "set both by NTP: apt install chrony, chronyc waitsync",
        )


# --- files ---


def _files(settings: Settings) -> Iterator[Finding]:
    """What the database tells of and the disk does not have.

    PERF: 0.7 s for 100,000 files, both cores busy.
    """
    web_root, uploads = settings.web_root, UploadStore(settings.data / "uploads")
    yield from _missing(
        settings,
        web_root,
        lambda db: (path for path in figures.published_paths(db) if not (web_root / path).exists()),
        "./stillboard verify --repair",
    )
    yield from _missing(
        settings,
        settings.data / "uploads",
        lambda db: (
            name for name in figures.uploads_held(db) if not uploads.original(name).exists()
        ),
        "put the folder back from a backup (docs/backups.md), then ./stillboard verify --repair",
    )
    waiting = inspection.pending(settings)
    if waiting and waiting["oldest_s"] > PENDING_S_MAX:
        yield Finding(
            f"{waiting['files']:.0f} files wait to be made ready, "
            f"the oldest for {duration(waiting['oldest_s'])}",
            "see the log of the developer; more of them share the work",
        )


def _missing(
    settings: Settings, folder: Path, lacking: Callable[[Connection], Iterator[str]], mend: str
) -> Iterator[Finding]:
    try:
        names = asks_database(settings, lambda db: list(lacking(db)))
        if names:  # what a renderer had in hand is there, or known to be gone, a moment later
            again = set(asks_database(settings, lambda db: list(lacking(db))))
            names = [name for name in names if name in again]
    except PermissionError:
        mend = "call it as the user who owns that folder"
        yield Finding(f"the files in {folder}", mend, "not looked at")
        return
    if names:
        more = " …" if len(names) > _MISSING_NAMED else ""
        named = ", ".join(names[:_MISSING_NAMED]) + more
        yield Finding(f"{len(names)} files are missing in {folder}: {named}", mend)


# --- queues, cloud, backups ---


def _queue_faults(settings: Settings) -> Iterator[Finding]:
    found = inspection.queue_states(settings)
    if found is None:
        why = inspection.why_no_queue(settings)
        yield Finding(f"the queue can't be reached{why}", "see valkey.log, and REDIS_URL")
        return
    with closing(connect(settings.redis_url)) as queue:
        try:
            seconds, microseconds = queue.time()
        except redis.RedisError:
            return
    yield from _clock("the queue's", seconds + microseconds / 1e6)
    wanted = {
        QUEUE: True,
        PUBLISH_QUEUE: settings.has_cloud,
        MEDIA_QUEUE: media_kinds.HAS_SLOW,
        PUSH_QUEUE: settings.push,
    }
    for name, program in _PROGRAM_OF.items():
        state = found[name]
        if state["failed"]:
            yield Finding(
                f"{state['failed']:.0f} {name} jobs failed within the hour",
                f"see the log of the {program}; catch-up makes good what they left",
            )
        if not state["workers"] and (wanted[name] or state["waiting"]):
            yield Finding(
                f"nobody listens to the queue {name}", f"start the {program}; see its log"
            )
        elif state["oldest_s"] > CALL_WAITS_S_MAX[name]:
            yield Finding(
                f"a call in the queue {name} waits for {duration(state['oldest_s'])}",
                f"restart the {program}; nothing is lost with a call",
            )


def _cloud_faults(settings: Settings) -> Iterator[Finding]:
    cloud = inspection.cloud(settings)
    if cloud is None:
        return  # the database is down, which has been said
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


def _backups(settings: Settings) -> Iterator[Finding]:
    kinds = record.read(settings.data / "backups").get("kinds", {})
    for kind, mend in (
        ("full", "./stillboard backup, and its timer (docs/backups.md)"),
        ("wal", "see the log of backup-wal"),
    ):
        at_s = kinds.get(kind, {}).get("last_ok_at")
        if kind not in settings.backup_kinds:
            continue
        if at_s is None:
            yield Finding(f"there is no good backup ({kind}) yet", mend)
        elif time.time() - at_s > BACKUP_AGE_S_MAX[kind]:
            yield Finding(
                f"the last good backup ({kind}) is {duration(time.time() - at_s)} old", mend
            )
