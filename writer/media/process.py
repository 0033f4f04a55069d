"""The fork server: decoders loaded once, a fresh process for each file.

`python -m writer.media.process CONTROL_FD AT_ONCE LIMITS_JSON`, started by Darkroom.

The server reads nothing that a poster wrote. Through its control socket it is handed one socket
for each file, forks a child on it, and watches: the child reads the request from that socket,
answers on it and exits. The server speaks only for a child that died without an answer:
{"died": "signal 11"}. One thread, so that fork is safe; about 2 ms from request to child.

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
import traceback
import warnings
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from time import monotonic
from typing import NoReturn

from imageboard.media import MediaLimits
from writer.media import development, picture
from writer.media.exchange import LINE_BYTES_MAX, TIME_LIMIT

_FILES_MAX = 64
_PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Exposure:
    """A child at work. `lifeline` ends when it does: the child alone holds the other end."""

    pid: int
    lifeline: int
    client: socket.socket
    deadline: float


class ForkServer:
    def __init__(self, control: socket.socket, limits: MediaLimits, at_once: int) -> None:
        self.control = control
        self.limits = limits
        self.at_once = at_once
        self.exposures: list[Exposure] = []

    def serve(self) -> None:
        """Runs until the writer closes its end of the control socket."""
        while self._poll():
            self._reap()
        for exposure in self.exposures:
            os.kill(exposure.pid, signal.SIGKILL)

    def _poll(self) -> bool:
        """Waits for the next thing to do, and takes in a file; False when the writer is gone."""
        poll = select.poll()
        # Without POLLIN a hang-up is still reported: files wait in the socket while all are busy.
        has_room = len(self.exposures) < self.at_once
        poll.register(self.control, select.POLLIN if has_room else 0)
        for exposure in self.exposures:
            poll.register(exposure.lifeline, 0)
            poll.register(exposure.client, 0)
        events = dict(poll.poll(self._patience_ms()))
        seen = events.get(self.control.fileno(), 0)
        if seen & (select.POLLHUP | select.POLLERR):
            return False
        if seen & select.POLLIN:
            return self._accept()
        hung_up = {fd for fd, event in events.items() if event & (select.POLLHUP | select.POLLERR)}
        for exposure in self.exposures:
            if exposure.client.fileno() in hung_up:
                exposure.deadline = 0.0  # nobody waits for it
        return True

    def _patience_ms(self) -> int | None:
        deadlines = [exposure.deadline for exposure in self.exposures]
        return max(0, ceil((min(deadlines) - monotonic()) * 1000)) if deadlines else None

    def _accept(self) -> bool:
        """Forks a child on the next socket that the writer sent; False at end of file."""
        message, fds, _, _ = socket.recv_fds(self.control, 1, 1)
        if not message or not fds:
            return False
        client = socket.socket(fileno=fds[0])
        lifeline, child_end = os.pipe()
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._be_child(client, server)
        os.close(child_end)
        self.exposures.append(
            Exposure(pid, lifeline, client, monotonic() + self.limits.seconds_max)
        )
        return True

    def _be_child(self, client: socket.socket, server: int) -> NoReturn:
        status = 1
        try:
            self.control.close()
            for sibling in self.exposures:
                sibling.client.close()
                os.close(sibling.lifeline)
            _confine(self.limits, server)
            client.sendall(development.answer(_request_line(client), self.limits))
            status = 0
        except (EOFError, BrokenPipeError):
            pass  # the client hung up
        except Exception:
            traceback.print_exc()  # a bug of ours, for the log; the poster gets a refusal
        finally:
            os._exit(status)  # no clean-up of the server's things, whatever happened

    def _reap(self) -> None:
        """Buries the children that ended and ends those whose time is up."""
        now = monotonic()
        for exposure in self.exposures[:]:
            is_late = exposure.deadline <= now
            if is_late:
                os.kill(exposure.pid, signal.SIGKILL)
            pid, status = os.waitpid(exposure.pid, 0 if is_late else os.WNOHANG)
            if not pid:
                continue
            if code := os.waitstatus_to_exitcode(status):
                _speak_for(exposure, TIME_LIMIT if is_late else _cause(code))
            exposure.client.close()
            os.close(exposure.lifeline)
            self.exposures.remove(exposure)


def _cause(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit status {code}"


def _speak_for(exposure: Exposure, cause: str) -> None:
    with suppress(OSError):  # the client has hung up
        exposure.client.sendall(json.dumps({"died": cause}).encode() + b"\n")


def _request_line(client: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n") and len(line) < LINE_BYTES_MAX:
        piece = client.recv(LINE_BYTES_MAX)
        if not piece:
            raise EOFError("the client hung up")
        line += piece
    return line


def _confine(limits: MediaLimits, server: int) -> None:
    """Puts bounds on this child before it looks at the file."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != server:  # it died before the line above
            os._exit(1)
    # A little later than the server, whose verdict says what happened.
    cpu_s = ceil(limits.seconds_max) + 2
    signal.alarm(cpu_s)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes_max,) * 2)
    # A picture that is turned upright is coded again, at a higher quality than it may have had.
    resource.setrlimit(resource.RLIMIT_FSIZE, (8 * limits.upload_bytes_max,) * 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES_MAX, _FILES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(arguments: list[str]) -> None:
    control_fd, at_once, limits_json = arguments
    # Ctrl-C reaches the whole terminal group; the writer decides when this ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")  # Pillow's remarks on odd files are not for the log
    limits = MediaLimits(**json.loads(limits_json))
    picture.preload()
    gc.freeze()  # a collection in a child would copy every page it walks over
    gc.disable()
    control = socket.socket(fileno=int(control_fd))
    ForkServer(control, limits, int(at_once)).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
