"""One board's folder: its lock, keys, logs, and the note of what runs.

postgres/ valkey/ nginx/ seaweedfs/   the embedded servers' files
logs/                                 one log per part
loadtests/                            figures, report and log of each load test
metrics/                              figures that the writer's processes share; targets.json
run/                                  Unix sockets, while the board is up
keys.json                             secrets, made at the first start (0600)
first-login.txt                       the first staff account (0600); delete it after reading
run.json                              what runs: pids, addresses (0600); only while it does
ballast                               64 MB that are given up when the disk is full
lock                                  held by the `up` that owns the folder
reload.lock                           held by the `reload` that is at work
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import psutil

from deploy.embedded.service import Service, ServiceFailed, has_ended, write_private

#: Linux's, in memory.
MEMORY = Path("/dev/shm")  # noqa: S108 - see DataFolder.memory
LOG_BYTES_MAX = 20 * 2**20
LEFTOVER_WAIT_S = 10.0

#: Connection strings and nginx.conf each have characters of their own that a path must not hold.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")

#: The longest name that a part gives to a socket in the socket folder.
LONGEST_SOCKET_NAME = ".s.PGSQL.5432"

#: Settings that are secrets of the board, and the passwords of its embedded servers.
KEY_NAMES = (
    "STILLBOARD_ADDRESS_KEY",
    "STILLBOARD_SECURE_TRIP_SALT",
    "CSRF_KEY",
    "STILLBOARD_LOG_KEY",
    "STILLBOARD_PUSH_KEY",
    "POSTGRES_PASSWORD",
    "POSTGRES_SUPERUSER_PASSWORD",
    "VALKEY_PASSWORD",
    "SEAWEEDFS_SECRET_KEY",
)


@dataclass(frozen=True, slots=True)
class RunningPart:
    """A process of a part; `started` tells it from a later one that got the same number."""

    pid: int
    started: str

    def is_alive(self) -> bool:
        """Whether this very process is there, a zombie not counting."""
        return process_start(self.pid) == self.started != ""


@dataclass(frozen=True, slots=True)
class Renewed:
    """How a part came to a new version."""

    name: str
    took_s: float
    #: Why it did not; the version of before goes on. '': it did.
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Rollout:
    """A new version's way through the parts, one after the other."""

    #: Counts from the start of `up`.
    number: int = 0
    is_over: bool = True
    renewed: tuple[Renewed, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """What run.json says of a board that is up."""

    pid: int
    started_at: float
    url: str
    socket_dir: str
    environment: dict[str, str]
    parts: dict[str, RunningPart] = field(default_factory=dict)
    #: {program: where it shows its metrics}
    metrics: dict[str, str] = field(default_factory=dict)
    #: The last one; None: an `up` that knows of none, and would end of the signal.
    rollout: Rollout | None = None

    @classmethod
    def from_json(cls, text: str) -> Run:
        """What a newer version has added is left out.

        Raises ValueError, KeyError or TypeError when it is not a Run's JSON.
        """
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in dict(json.loads(text)).items() if name in known}
        parts = {name: RunningPart(**part) for name, part in values.pop("parts").items()}
        if rollout := values.pop("rollout", None):
            renewed = tuple(Renewed(**part) for part in rollout.pop("renewed"))
            values["rollout"] = Rollout(**rollout, renewed=renewed)
        return cls(**values, parts=parts)


class DataFolder:
    """Paths of one board, and what may be done with them."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.logs = self.path / "logs"
        self.nginx = self.path / "nginx"
        self.first_login = self.path / "first-login.txt"
        self._keys = self.path / "keys.json"
        self._run = self.path / "run.json"
        self._lock = self.path / "lock"
        name = hashlib.sha256(bytes(self.path)).hexdigest()[:16]
        self._memory = MEMORY / f"stillboard-{name}"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Own the folder, making it if need be; whatever a killed owner left has ended by then.

        Raises:
            ServiceFailed: it can't be written to, or another `up` owns it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.logs.mkdir(mode=0o700, exist_ok=True)
            lock = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as ex:
            raise ServiceFailed(
                f"can't write to {self.path} ({ex.strerror}): choose a folder of yours with --data"
            ) from None
        try:
            self._take(lock)
            self._wait_for_leftovers()
            yield
        finally:
            os.close(lock)

    def is_locked(self) -> bool:
        """Whether an `up` owns the folder now."""
        try:
            lock = os.open(self._lock, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False

    def owner_if_closed(self) -> str:
        """Whose the folder is, when we can't look whether it is in use; '' when we can."""
        try:
            if not self._lock.exists() or os.access(self._lock, os.R_OK | os.W_OK):
                return ""
            return self._lock.owner()
        except PermissionError:
            return self.path.owner()

    def _take(self, lock: int) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            run = self.run()
            where = f" (process {run.pid}, {run.url})" if run else ""
            raise ServiceFailed(
                f"a board is up already on {self.path}{where}: stop it, or choose another --data"
            ) from None

    def _wait_for_leftovers(self) -> None:
        """The owner was killed: its parts are ending (see leash.py). Give them time, then none.

        Children of parts that were killed too are told to: nginx' workers would hold its port.
        """
        run = self.run()
        if run is None:
            return
        for orphan in _orphans(run):
            with suppress(psutil.Error):
                orphan.terminate()
        deadline = time.monotonic() + LEFTOVER_WAIT_S
        while any(part.is_alive() for part in run.parts.values()) or _orphans(run):
            if time.monotonic() > deadline:
                _kill_groups(run)
                break
            time.sleep(0.05)
        self.forget_run(run)

    def socket_dir(self) -> Path:
        """A private folder for Unix sockets: run/, or one in the temporary folder.

        A socket's address has room for 107 bytes, and some file systems have no sockets.
        """
        beside = self.path / "run"
        beside.mkdir(mode=0o700, exist_ok=True)
        if PLAIN_PATH.fullmatch(str(beside)) and _can_hold_sockets(beside):
            return beside
        shutil.rmtree(beside)
        return Path(tempfile.mkdtemp(prefix="stillboard-"))

    def memory(self) -> Path | None:
        """A folder of ours in memory, the same at each start; None where there is none.

        For what is mapped and lives no longer than its programs: the kernel ends a program that
        writes to a mapped file for which the disk has no room.
        """
        try:
            self._memory.mkdir(mode=0o700)
        except FileExistsError:
            # SECURITY: anybody may make a folder of this name there.
            found = self._memory.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                return None
        except OSError:
            return None
        return self._memory

    def forget_memory(self) -> None:
        """Remove it."""
        if self._memory.is_dir() and self._memory.lstat().st_uid == os.geteuid():
            shutil.rmtree(self._memory, ignore_errors=True)

    def keys(self) -> Mapping[str, str]:
        """The secrets by name; those that are missing are made."""
        keys: dict[str, str] = {}
        with suppress(FileNotFoundError):
            keys = json.loads(self._keys.read_text())
        if not keys and (self.path / "postgres").exists():
            raise ServiceFailed(
                f"{self._keys} is gone, and the database's passwords with it: put it back"
            )
        missing = [name for name in KEY_NAMES if name not in keys]
        if missing:
            keys.update({name: secrets.token_urlsafe(32) for name in missing})
            write_private(self._keys, json.dumps(keys, indent=2) + "\n")
        return keys

    def keep_first_login(self, name: str, password: str) -> None:
        """For an operator who did not see it go by."""
        write_private(self.first_login, f"name: {name}\npassword: {password}\n")

    def log(self, part: str) -> Path:
        """Where `part` writes."""
        return self.logs / f"{part}.log"

    def trim_logs(self) -> None:
        """Begin those anew that have grown too large, keeping the last generation as .log.1.

        Parts keep their log open for appending, so it is copied and cut, not renamed. Where there
        is no room for the copy, it is cut all the same.
        """
        for log in self.logs.glob("*.log"):
            if log.stat().st_size > LOG_BYTES_MAX:
                kept = log.with_suffix(".log.1")
                try:
                    shutil.copyfile(log, kept)
                except OSError:
                    kept.unlink(missing_ok=True)
                os.truncate(log, 0)

    def run(self) -> Run | None:
        """What run.json says; None when there is none, or a half-written one."""
        try:
            return Run.from_json(self._run.read_text())
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def note_run(self, run: Run) -> None:
        """Write run.json. Raises OSError: the one of before stands there."""
        write_private(self._run, json.dumps(asdict(run), indent=2) + "\n")

    def forget_run(self, run: Run) -> None:
        """Remove run.json and the sockets."""
        shutil.rmtree(run.socket_dir, ignore_errors=True)
        self._run.unlink(missing_ok=True)


def running_parts(services: list[Service]) -> dict[str, RunningPart]:
    """What `Run.parts` holds of them."""
    return {
        service.name: RunningPart(service.pid, process_start(service.pid))
        for service in services
        if service.pid is not None and service.poll() is None
    }


def process_start(pid: int) -> str:
    """When a process started, in clock ticks since the machine did; '' once it has ended.

    A difference, since both move when the machine's clock is set. run.json holds it, and another
    version of the board may read that.
    """
    try:
        process = psutil.Process(pid)
        started_s = process.create_time() - psutil.boot_time()
    except psutil.Error:
        return ""
    return "" if has_ended(process) else str(round(started_s * os.sysconf("SC_CLK_TCK")))


def _can_hold_sockets(folder: Path) -> bool:
    path = folder / LONGEST_SOCKET_NAME
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.bind(str(path))
        except OSError:
            return False
    path.unlink()
    return True


def _kill_groups(run: Run) -> None:
    for part in run.parts.values():
        if part.is_alive():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(part.pid, signal.SIGKILL)
    for orphan in _orphans(run):
        with suppress(psutil.Error):
            orphan.kill()


def _orphans(run: Run) -> list[psutil.Process]:
    """What parts have started that have ended themselves: it is in their session still.

    A number is given to no other process while a session bears it; so one that is given again,
    and its session, are a stranger's.
    """
    ended = {part.pid: part.started for part in run.parts.values() if not process_start(part.pid)}
    found = []
    for process in psutil.process_iter() if ended else ():
        with suppress(psutil.Error, OSError, ValueError):
            began = ended.get(os.getsid(process.pid))
            if began and not has_ended(process) and int(process_start(process.pid)) >= int(began):
                found.append(process)
    return found
