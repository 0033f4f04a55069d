"""A program of the board that is forked from `up`, with all that is loaded there.

PERF: a render worker or catch-up is 48 MB of which 38 are modules, the same in each, and 0.5 s of a
processor go into loading them. Forked, they share what `up` has loaded (warming.py).

What a new start would have given a program it is given here: a session, an environment and standard
files of its own, no open file of ours, no signal handler, no rights (`leash.py`). What differs: all
have one layout of memory and one seed of hashes, and what `up` knows lies in their memory; it is in
files of their user anyway. Whatever opens strangers' files (the darkroom) is a program of its own.

Linux only, and only as long as the version that `up` was started with is the one to be run.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, NoReturn

from deploy.embedded import leash
from deploy.embedded.service import Identity

_PR_SET_DUMPABLE = 4
#: linux/capability.h
_CAPABILITY_VERSION_3 = 0x20080522
#: malloc.h
_M_ARENA_MAX = -8
_LOOK_EVERY_S = 0.02
#: proc_pid_stat(5), which counts from 1.
_ARGUMENTS_BEGIN, _ARGUMENTS_END = 48, 49


def can_fork() -> bool:
    """Whether we are a process of one thread: of others' locks a copy would wait for ever."""
    try:
        return len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208 - names alone are asked for
    except OSError:
        return False  # not Linux


class ForkedProgram:
    """What subprocess.Popen is of a program that is started anew."""

    def __init__(
        self,
        module: Sequence[str],
        *,
        environment: Mapping[str, str],
        log: IO[bytes] | None,
        identity: Identity,
        death_signal: int,
    ) -> None:
        """`module` and its arguments: ['renderer.worker', 'render']. From the main thread only."""
        self.returncode: int | None = None
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _be_program(module, environment, log, identity, parent, death_signal)

    def poll(self) -> int | None:
        """The exit status (negative: the signal) once it has ended; None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired, as Popen does."""
        deadline_s = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if deadline_s is not None and time.monotonic() > deadline_s:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(_LOOK_EVERY_S)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def _be_program(
    module: Sequence[str],
    environment: Mapping[str, str],
    log: IO[bytes] | None,
    identity: Identity,
    parent: int,
    death_signal: int,
) -> NoReturn:
    """The child's whole life. Nothing of ours is run in it: no handler, no `finally`."""
    status = 1
    try:
        _forget_parent()
        _take_places(log)
        os.environ.clear()  # noqa: TID251 - as a new start would
        os.environ.update(environment)  # noqa: TID251
        _be_called([sys.executable, "-P", "-m", *module])
        _give_up_rights(identity)
        leash.tie_to(parent, death_signal)
        sys.argv = list(module)
        runpy.run_module(module[0], run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as ex:
        status = _status_of(ex)
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(BaseException):
            _end_threads()
        os._exit(status)


def _forget_parent() -> None:
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            # Python's own for Ctrl-C is what a new start has as well.
            ours = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, ours)
    atexit._clear()
    ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)  # MALLOC_ARENA_MAX is read at a start alone


def _take_places(log: IO[bytes] | None) -> None:
    """The standard files; all others of ours are closed, the lock of the data folder among them."""
    nothing = os.open(os.devnull, os.O_RDWR)
    told = nothing if log is None else log.fileno()
    for place, kept in enumerate((nothing, told, told)):
        os.dup2(kept, place)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(write_through=True)  # type: ignore[union-attr]  # they are text files


def _give_up_rights(identity: Identity) -> None:
    """As a program is that is started anew by another user than root: without capabilities."""
    if identity == "mapped":
        leash.enter_user_namespace()
    if identity == "nobody":
        leash.become_nobody()
    if identity != "own":
        libc = ctypes.CDLL(None, use_errno=True)
        nothing = (ctypes.c_uint32 * 6)()
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
        if libc.capset(header, nothing) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        # The change of user has taken from us what a new program has again: its own /proc.
        libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def _be_called(arguments: Sequence[str]) -> None:
    """What `ps` shows. There is as much room as our own call took."""
    fields = ["", "", "", *Path("/proc/self/stat").read_text().rpartition(")")[2].split()]
    begin, end = int(fields[_ARGUMENTS_BEGIN]), int(fields[_ARGUMENTS_END])
    line = "\0".join(arguments).encode()[: end - begin - 1]
    ctypes.memmove(begin, line.ljust(end - begin, b"\0"), end - begin)


def _status_of(ex: SystemExit) -> int:
    """As the interpreter has it: sys.exit('why') says why, and is 1."""
    if ex.code is None or isinstance(ex.code, int):
        return ex.code or 0
    print(ex.code, file=sys.stderr)
    return 1


def _end_threads() -> None:
    """The order in which an interpreter ends."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
