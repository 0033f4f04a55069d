"""`Service`: a program that is started, becomes ready, and is stopped leaving nothing behind."""

from __future__ import annotations

import copy
import fcntl
import os
import re
import secrets
import signal
import socket
import stat
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Literal, Protocol, Self

import psutil

Identity = Literal["own", "mapped", "nobody"]

#: How a running part comes to a new version of its program (see `Supervisor.renew`):
#: `never`:    it stays as it is
#: `in place`: a signal makes it replace its own children
#: `beside`:   a successor is started first, and then it is asked to stop
#: `after`:    it is stopped first, since two of its kind would be in each other's way
Renewal = Literal["never", "in place", "beside", "after"]


class Process(Protocol):
    """A child of ours: subprocess.Popen, or what stands in its place."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...


LEASH = Path(__file__).with_name("leash.py")
READY_POLL_S = 0.01
LOG_TAIL_BYTES = 8000

#: Below those that the kernel gives to outgoing connections (on Linux from 32768, ip(7)): one of
#: them would now and then take the port before the server that it was found for.
_PORTS = range(20_000, 32_000)
_PORT_TRIES = 200
_ports_given: set[int] = set()
#: The same for all processes, whatever their TMPDIR.
_TEMPORARY = Path("/tmp")  # noqa: S108 - see where it is used

#: Python's exceptions; what PostgreSQL, nginx and Valkey call the reason of their end.
_FAULT = re.compile(r"^[\w.]+(Error|Exception|Unavailable|Setting)\b|FATAL|\[emerg\]|Fatal error")


class ServiceFailed(Exception):
    """A service could not be started; the message is one line for the operator."""


class Service(ABC):
    """One child process, leashed, in a session of its own, its output appended to a log.

    A subclass says what to run (`command`), how to prepare for it (`prepare`) and how to
    tell that it is of use (`ready`). A stopped or dead service can be started again.
    """

    #: Sent to ask for a clean end.
    stop_signal: int = signal.SIGTERM
    #: Sent by the kernel when we die without having stopped it.
    death_signal: int = signal.SIGTERM
    stop_wait_s: float = 10.0
    ready_wait_s: float = 30.0

    renewal: Renewal = "never"
    #: Sent for a renewal in place.
    renew_signal: int = signal.SIGHUP
    renew_wait_s: float = 30.0
    #: How long one that is replaced may take to end what it is at.
    retire_wait_s: float = 10.0
    #: A successor that can't be asked whether it is of use has to live for so long.
    probation_s: float = 0.0

    def __init__(self, name: str, log: Path | None = None) -> None:
        self.name = name
        self.log = log
        self._process: Process | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """The program's absolute path, then its arguments."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether it would serve a request now; answers within a second."""

    def prepare(self) -> None:
        """Write what the program reads at its start. Called before each start."""
        return

    def environment(self) -> Mapping[str, str] | None:
        """The child's environment; None: ours."""
        return None

    def identity(self) -> Identity:
        """Who the child is to the kernel (see leash.py)."""
        return "own"

    @property
    def pid(self) -> int | None:
        """The process id, which is also that of its process group; None before the start."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it and return at once; from the main thread only.

        Raises:
            ServiceFailed: it can't even be tried.
        """
        try:
            self.prepare()
            log = self.log.open("ab") if self.log else None
        except OSError as ex:
            raise ServiceFailed(f"{self.name} can't be prepared: {ex}") from ex
        try:
            self._process = self._started(log)
        finally:
            if log:
                log.close()

    def _started(self, log: IO[bytes] | None) -> Process:
        return subprocess.Popen(
            [*_leash(self.death_signal, self.identity()), *self.command()],
            stdin=subprocess.DEVNULL,
            stdout=log or subprocess.DEVNULL,
            stderr=subprocess.STDOUT if log else subprocess.DEVNULL,
            env=self.environment(),
            # Away from the terminal: its Ctrl-C is for us, who then stop all in order.
            start_new_session=True,
        )

    def poll(self) -> int | None:
        """The exit status (negative: the signal) once it has ended; None while it runs."""
        return self._process.poll() if self._process else None

    def successor(self) -> Self:
        """The same part, not started yet: to run beside this one and take its place."""
        fresh = copy.copy(self)
        fresh._process = None
        return fresh

    def takes_over(self) -> bool:
        """Whether a successor does what the one of before did, so that this one may go.

        More than `ready` where a start waits for less: nobody posts through a publisher.
        """
        return self.ready()

    def come_forward(self) -> None:
        """Take the place of the one before, which is then told to stop."""
        return

    def is_renewed(self, before: frozenset[int]) -> bool:
        """Whether a renewal in place is over; `before` are the children that it had then."""
        return self.ready() and not before & children_of(self.pid)

    def wait_until_ready(self) -> None:
        """Wait until `ready`, by polling.

        Raises:
            ServiceFailed: it ended, or is not ready after `ready_wait_s`.
        """
        deadline = time.monotonic() + self.ready_wait_s
        while not self.ready():
            self.check_alive()
            if time.monotonic() > deadline:
                raise ServiceFailed(f"{self.name} is not ready after {self.ready_wait_s:.0f} s")
            time.sleep(READY_POLL_S)

    def check_alive(self) -> None:
        """Raises ServiceFailed, with the log's last lines, if it has ended."""
        status = self.poll()
        if status is not None:
            raise ServiceFailed(f"{self.name} {describe_exit(status)}{self._log_tail()}")

    def stop(self) -> None:
        """Ask it to stop, wait for its end, then kill what is left of its process group."""
        if self._process is None:
            return
        self.send(self.stop_signal)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(self.stop_wait_s)
        self.kill()

    def send(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End its process group now; also for the children a dead service has left."""
        if self._process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _log_tail(self) -> str:
        if self.log is None or not self.log.is_file():
            return ""
        tail = self.log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace")
        line = telling_line(tail)
        return f": {line} (details: {self.log})" if line else f"; see {self.log}"


def telling_line(log: str) -> str:
    """The last line of a log that names a fault, else its last line; '' when it is empty."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if _FAULT.search(line)]
    return (telling or lines or [""])[-1]


def describe_exit(status: int) -> str:
    """0 -> 'ended by itself'; 3 -> 'ended with status 3'; -9 -> 'was killed by SIGKILL'."""
    if status == 0:
        return "ended by itself"
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with status {status}"


def children_of(pid: int | None) -> frozenset[int]:
    """The process ids of what a process has started and what still runs; none for no process."""
    try:
        children = [] if pid is None else psutil.Process(pid).children()
    except psutil.Error:
        return frozenset()
    return frozenset(child.pid for child in children if not has_ended(child))


def has_ended(process: psutil.Process) -> bool:
    """Whether it does nothing any more; a zombie does not."""
    try:
        return process.status() in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}
    except psutil.Error:
        return True


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listened on a moment ago; each is given once.

    To one process of this user, too, as long as it lives: a server listens only seconds after its
    port was found, and meanwhile another process may look for one.

    Raises:
        ServiceFailed: all that were tried are taken.
    """
    for _ in range(_PORT_TRIES):
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in _ports_given and _is_ours_alone(port):
                _ports_given.add(port)
                return port
    raise ServiceFailed(f"no free port between {_PORTS.start} and {_PORTS.stop}")


def _is_ours_alone(port: int) -> bool:
    """Whether no other process was given it: each byte of a common file is locked for a port."""
    given = _file_of_ports(os.getpid())
    if given is None:
        return True
    try:
        fcntl.lockf(given, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # a file system without locks
    return True


@cache
def _file_of_ports(_process: int) -> int | None:
    """Kept open: the locks go with the process that has them. None: there is no place for it."""
    path = _TEMPORARY / f"stillboard-ports-{os.geteuid()}"
    # SECURITY: others may write beside it: a link that somebody has laid there is not followed.
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError:
        return None


def socket_answers(path: Path) -> bool:
    """Whether somebody accepts connections on a Unix socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def http_answers(path: Path, address: str) -> bool:
    """Whether GET `address` on a Unix socket is answered with 200 within a second."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(path))
            client.sendall(f"GET {address} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            return client.recv(12) in (b"HTTP/1.0 200", b"HTTP/1.1 200")
        except OSError:
            return False


@cache
def identity_without_root() -> Identity:
    """How a child of ours can run without root's rights: asked once, by trying."""
    if os.geteuid() != 0:
        return "own"
    return "mapped" if run_as("mapped", [sys.executable, "-I", "-S", "-c", ""]) == "" else "nobody"


def run_as(
    identity: Identity,
    command: Sequence[str | Path],
    *,
    text_in: str = "",
    environment: Mapping[str, str] | None = None,
    within_s: float | None = None,
) -> str:
    """Run a command to its end, on a leash; '' when it went well, else what it complained of.

    It is killed when it has not ended `within_s`. None: as long as it takes.
    """
    argv = [*_leash(signal.SIGKILL, identity), *map(str, command)]
    try:
        done = subprocess.run(
            argv,
            input=text_in,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=within_s,
            start_new_session=True,  # Ctrl-C ends it through us, not half-way by itself
        )
    except subprocess.TimeoutExpired:
        return f"it did not end within {within_s:.0f} s"
    if done.returncode == 0:
        return ""
    return done.stderr.strip() or describe_exit(done.returncode)


def write_private(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file that only we may read; one that says so already is left alone.

    Raises OSError: the file of before stands there, whole.
    """
    with suppress(OSError):
        if path.read_text("utf-8") == text and stat.S_IMODE(path.stat().st_mode) == mode:
            return
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=mode, exist_ok=False)
    try:
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _leash(death_signal: int, identity: Identity) -> list[str]:
    argv = [sys.executable, "-I", "-S", str(LEASH), "--parent", str(os.getpid())]
    return [*argv, "--death-signal", str(int(death_signal)), "--identity", identity, "--"]
