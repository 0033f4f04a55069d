"""The fork server: decoders loaded once, a fresh process for the files of each post.

`python -m writer.media.process CONTROL_FD AT_ONCE LIMITS_JSON`, started by Darkroom.

The server reads nothing that a poster wrote. Through its control socket it is handed one socket
for each post, hands it to a child, and watches: the child reads the requests from that socket,
opens the files that they name, gives up all else (`confinement.py`), reads the uploads, two at a
time (`benches.py`), answers and exits. The server has the last word on that socket: what became of
the child. It has one thread, so that fork is safe.

PERF: a child is forked, and has read a picture of ours, before its files come: of the 9 ms that a
photograph of 200 KB took, 2.5 were a new process finding its feet. It is made ready in a quiet
moment, so the second of two posts at once waits for its own.

Whoever is left over goes away by itself: the server when the control socket closes, which the
kernel does for a killed writer too; a child when its server dies (PR_SET_PDEATHSIG), when its
client hangs up, at its time limit, and by an alarm of its own should the server be stuck.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import resource
import select
import signal
import socket
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from math import ceil
from pathlib import Path
from time import monotonic
from typing import NamedTuple, NoReturn

from imageboard.media import MediaLimits
from writer.media import confinement, development
from writer.media.benches import Benches
from writer.media.budget import LIBRARY_BYTES, light_bytes
from writer.media.exchange import (
    FILES_AT_ONCE_MAX,
    HEAVY_WITH,
    LIGHT,
    LINE_BYTES_MAX,
    REQUESTS_BYTES_MAX,
    TIME_LIMIT,
    Request,
)

#: So long nothing happens before a spare child is made: whoever sent the last file is answered.
#: PERF: at once, its start takes from the answer what it is to give to the next.
QUIET_MS = 8

_FILES_MAX = 64
_LIBRARIES = {sort: library for library, sort in HEAVY_WITH.items()}
_PR_SET_PDEATHSIG = 1
#: Behind posts and pages, which take a processor when they want it.
_NICENESS = 5
#: The first that the kernel takes for memory, long before the writer.
_OOM_SCORE = b"1000"
#: Whom a child of root's becomes: by number, since a container may have no such name.
_NOBODY = 65534


class Child(NamedTuple):
    """A process for the files of one post.

    `door` hangs up when it ends: the child alone holds the other end.
    """

    pid: int
    door: socket.socket


@dataclass(slots=True)
class Exposure:
    """A child at work."""

    child: Child
    client: socket.socket
    deadline: float


class ForkServer:
    def __init__(self, control: socket.socket, limits: MediaLimits, at_once: int) -> None:
        self.control = control
        self.limits = limits
        self.at_once = at_once
        self.exposures: list[Exposure] = []
        #: Waits for the next file.
        self.spare: Child | None = None

    def serve(self) -> None:
        """Runs until the writer closes its end of the control socket."""
        while self._poll():
            self._reap()
        for exposure in self.exposures:
            os.kill(exposure.child.pid, signal.SIGKILL)

    def _poll(self) -> bool:
        """Waits for the next thing to do, and does it; False when the writer is gone."""
        poll = select.poll()
        # Without POLLIN a hang-up is still reported: files wait in the socket while all are busy.
        has_room = len(self.exposures) < self.at_once
        poll.register(self.control, select.POLLIN if has_room else 0)
        if self.spare is not None:
            poll.register(self.spare.door, 0)
        for exposure in self.exposures:
            poll.register(exposure.child.door, 0)
            poll.register(exposure.client, 0)
        events = dict(poll.poll(self._patience_ms()))
        seen = events.get(self.control.fileno(), 0)
        if seen & (select.POLLHUP | select.POLLERR):
            return False
        if seen & select.POLLIN:
            return self._accept()
        if not events and self._lacks_spare():
            self.spare = self._fork(LIGHT, is_spare=True)
        hung_up = {fd for fd, event in events.items() if event & (select.POLLHUP | select.POLLERR)}
        for exposure in self.exposures:
            if exposure.client.fileno() in hung_up:
                exposure.deadline = 0.0  # nobody waits for it
        if self.spare is not None and self.spare.door.fileno() in hung_up:
            self._bury_spare()
        return True

    def _lacks_spare(self) -> bool:
        return self.spare is None and not self.exposures

    def _patience_ms(self) -> int | None:
        if self._lacks_spare():
            return QUIET_MS
        deadlines = [exposure.deadline for exposure in self.exposures]
        return max(0, ceil((min(deadlines) - monotonic()) * 1000)) if deadlines else None

    def _accept(self) -> bool:
        """Hands the next socket that the writer sent to a child; False at end of file."""
        message, fds, _, _ = socket.recv_fds(self.control, 2, 1)
        if not message or not fds:
            return False
        client = socket.socket(fileno=fds[0])
        child = self._child_with(client, message[:1])
        deadline = monotonic() + message[1] * self.limits.patience_s
        self.exposures.append(Exposure(child, client, deadline))
        return True

    def _child_with(self, client: socket.socket, sort: bytes) -> Child:
        if self.spare is not None and sort == LIGHT:
            try:
                socket.send_fds(self.spare.door, [b"+"], [client.fileno()])
            except OSError:  # something killed it while it waited
                self._bury_spare()
            else:
                child, self.spare = self.spare, None
                return child
        child = self._fork(sort)
        with suppress(OSError):  # it has ended already: what became of it is told as of any other
            socket.send_fds(child.door, [b"+"], [client.fileno()])
        return child

    def _fork(self, sort: bytes, *, is_spare: bool = False) -> Child:
        """A child that waits for its file; a spare one has the time to rehearse."""
        ours, theirs = socket.socketpair()
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            ours.close()
            self._be_child(theirs, server, sort, rehearses=is_spare)
        theirs.close()
        return Child(pid, ours)

    def _be_child(
        self, door: socket.socket, server: int, sort: bytes, *, rehearses: bool
    ) -> NoReturn:
        status = 1
        try:
            self.control.close()
            for sibling in self.exposures:
                sibling.client.close()
                sibling.child.door.close()
            _bound(self.limits, server, sort)
            if sort in _LIBRARIES:
                development.preload_library(_LIBRARIES[sort])
            if rehearses:
                # Within tight limits it may not fit; whether a file does is told of the file. And a
                # spare that ended here would be replaced again and again.
                with suppress(MemoryError):
                    development.rehearse()
            client = _client_from(door)
            requests: list[Request] = json.loads(_requests_line(client))
            signal.alarm(ceil(len(requests) * self.limits.patience_s) + 2)  # later than the server
            _bound_time(self.limits, len(requests))
            for line in _answers(requests, door, client, server):
                client.sendall(line)
            status = 0
        except (EOFError, BrokenPipeError):
            pass  # the client hung up
        finally:
            os._exit(status)  # no clean-up of the server's things, whatever happened

    def _reap(self) -> None:
        """Buries the children that ended and ends those whose time is up."""
        now = monotonic()
        for exposure in self.exposures[:]:
            child, is_late = exposure.child, exposure.deadline <= now
            if is_late:
                os.kill(child.pid, signal.SIGKILL)
            pid, status = os.waitpid(child.pid, 0 if is_late else os.WNOHANG)
            if not pid:
                continue
            code = os.waitstatus_to_exitcode(status)
            _tell(exposure, TIME_LIMIT if is_late else _cause(code))
            exposure.client.close()
            child.door.close()
            self.exposures.remove(exposure)

    def _bury_spare(self) -> None:
        assert self.spare is not None
        os.waitpid(self.spare.pid, 0)
        self.spare.door.close()
        self.spare = None


def _cause(code: int) -> str:
    """'signal 11', 'exit status 1', TIME_LIMIT; '' for an end without fault."""
    if code == -signal.SIGXCPU:
        return TIME_LIMIT
    if code < 0:
        return f"signal {-code}"
    return f"exit status {code}" if code else ""


def _tell(exposure: Exposure, ended: str) -> None:
    with suppress(OSError):  # the client has hung up
        exposure.client.sendall(json.dumps({"ended": ended}).encode() + b"\n")


def _answers(
    requests: Sequence[Request], door: socket.socket, client: socket.socket, server: int
) -> Iterator[bytes]:
    """What this child answers; from here on it can do nothing else."""
    try:
        files = [development.open_files(request) for request in requests]
    except OSError as ex:
        yield development.failure(ex)
        return
    _keep_open(*chain.from_iterable(files), door.fileno(), client.fileno())
    if os.geteuid() == 0:
        _become_nobody()
        _die_with(server)  # with another user the kernel forgets whose death is to be ours
    benches = Benches()

    def begin_benches() -> None:
        benches.begin(len(requests))
        # Root may fork all the same; seccomp takes it away from everybody.
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))

    missing = confinement.confine(begin_benches)
    if missing and any(request["must_be_confined"] for request in requests):
        yield development.failure(f"not confined: no {', '.join(sorted(missing))}")
        return
    yield from development.answers(requests, files, missing, benches)


def _keep_open(*kept: int) -> None:
    """Closes all other descriptors; where the standard ones were is nothing."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in range(3):
        os.dup2(nothing, fd)
    for fd in set(range(3, _FILES_MAX)) - set(kept):
        with suppress(OSError):
            os.close(fd)


def _become_nobody() -> None:
    os.setgroups([])
    os.setresgid(_NOBODY, _NOBODY, _NOBODY)
    os.setresuid(_NOBODY, _NOBODY, _NOBODY)


def _die_with(server: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != server:  # it died before the line above
            os._exit(1)


def _client_from(door: socket.socket) -> socket.socket:
    """Waits for the socket of the post that this child is for."""
    message, fds, _, _ = socket.recv_fds(door, 1, 1)
    if not message or not fds:
        raise EOFError("the server closed the door")
    return socket.socket(fileno=fds[0])


def _requests_line(client: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n") and len(line) < REQUESTS_BYTES_MAX:
        piece = client.recv(LINE_BYTES_MAX)
        if not piece:
            raise EOFError("the client hung up")
        line += piece
    return line


def _bound(limits: MediaLimits, server: int, sort: bytes) -> None:
    """Puts bounds on this child before it is given a file."""
    _die_with(server)
    with suppress(OSError):  # another system than Linux
        Path("/proc/self/oom_score_adj").write_bytes(_OOM_SCORE)
    _bound_time(limits, FILES_AT_ONCE_MAX)
    memory_bytes = light_bytes(limits) if sort == LIGHT else limits.memory_bytes_max
    if sort in _LIBRARIES:
        memory_bytes += LIBRARY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes,) * 2)
    # A picture that is turned upright is coded again, at a higher quality than it may have had.
    resource.setrlimit(resource.RLIMIT_FSIZE, (8 * limits.upload_bytes_max,) * 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES_MAX, _FILES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _bound_time(limits: MediaLimits, files: int) -> None:
    """Of a processor, for so many files."""
    cpu_s = ceil(files * limits.seconds_max)
    # The first is told by a signal of its own, whoever ignores that is ended by the second.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))


def _stand_back() -> None:
    """Leaves the processors to whoever else wants them."""
    with suppress(OSError):
        os.nice(_NICENESS)
    if sys.platform == "linux":
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def main(arguments: list[str]) -> None:
    control_fd, at_once, limits_json = arguments
    # Ctrl-C reaches the whole terminal group; the writer decides when this ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _stand_back()
    warnings.simplefilter("ignore")  # Pillow's remarks on odd files are not for the log
    limits = MediaLimits(**json.loads(limits_json))
    development.preload()
    gc.freeze()  # a collection in a child would copy every page it walks over
    gc.disable()
    control = socket.socket(fileno=int(control_fd))
    ForkServer(control, limits, int(at_once)).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
