"""What a process gives up before it reads a stranger's bytes: all but memory and what it has open.

    missing = confine()     from here on, for good; frozenset() where the kernel knows it all
    missing_here()          the same, found out by a process of its own
    hide_memory()           of the programs beside it: what they hold is nobody else's to read
    python -m writer.media.confinement      prints it, for `doctor`

Two layers, each enough against most of what a hijacked decoder would try:

    landlock    no file by name, no TCP, no socket without a name, no signal to others outside
    seccomp     of the kernel's 400 calls the few that reading, reckoning and writing take

Both are asked for by number through libc's `syscall` and `prctl`: Python has no functions for them,
and a library of our own to compile would have to be built for each machine (decision 0024).
They can't be undone, and hold for whatever the process becomes.

Sources: https://docs.kernel.org/userspace-api/landlock.html, …/seccomp_filter.html,
linux/landlock.h, linux/seccomp.h, linux/filter.h (6.18), and the kernel's tables of calls.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from struct import pack
from types import MappingProxyType
from typing import NamedTuple

LANDLOCK, SECCOMP = "landlock", "seccomp"
LAYERS = (LANDLOCK, SECCOMP)

_SECCOMP_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_DUMPABLE = 4
_PROT_EXEC = 4


def confine(begin_others: Callable[[], None] = lambda: None) -> frozenset[str]:
    """Puts on every layer that the kernel has; the names of those that it lacks.

    Called in a process of one thread that has open all that it will need. `begin_others` may begin
    further threads, which are held to the same; afterwards none can be begun.
    """
    if sys.platform != "linux":
        return frozenset(LAYERS)
    libc = ctypes.CDLL(None, use_errno=True)
    # Both ask for this: no program that it starts has more rights than it, whoever owns that file.
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    missing = set()
    if not _restrict_by_landlock(libc):
        missing.add(LANDLOCK)
    begin_others()  # they inherit all of the above
    if not _restrict_by_seccomp(libc):  # last: it takes the calls away by which the other is asked
        missing.add(SECCOMP)
    return frozenset(missing)


def hide_memory() -> None:
    """Keeps this process's memory, environment and core from others of the same user.

    For the programs that hold keys. Processes that it forks are hidden too, programs that it starts
    are not. Root may read on: a debugger or profiler has to be root's.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def missing_here() -> frozenset[str]:
    """Layers that this machine lacks, tried out by a short-lived program."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-P", "-m", __name__]
    environment = {"PYTHONPATH": str(root)}
    said = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, cwd="/", check=True, timeout=30
    )
    return frozenset(json.loads(said.stdout))


# --- Landlock ---

#: The same on every machine.
_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446
_VERSION_FLAG = 1
#: By version: what of files can be forbidden, as bits; later ones know more, and take no less.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_FILE_RIGHTS_SINCE_5 = 16
#: To bind and to connect by TCP, since 4; sockets without a name and signals, since 6.
_TCP, _TCP_SINCE = 0b11, 4
_OUTSIDE, _OUTSIDE_SINCE = 0b11, 6


def _restrict_by_landlock(libc: ctypes.CDLL) -> bool:
    """A ruleset that handles all and allows nothing; False where the kernel has none."""
    version = libc.syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)
    if version < 1:
        return False
    rights = [(1 << _FILE_RIGHTS.get(version, _FILE_RIGHTS_SINCE_5)) - 1]
    if version >= _TCP_SINCE:
        rights.append(_TCP)
    if version >= _OUTSIDE_SINCE:
        rights.append(_OUTSIDE)
    ruleset = pack(f"={len(rights)}Q", *rights)
    fd = libc.syscall(_LANDLOCK_CREATE_RULESET, ruleset, ctypes.c_size_t(len(ruleset)), 0)
    if fd < 0:
        return False
    is_restricted: bool = libc.syscall(_LANDLOCK_RESTRICT_SELF, fd, 0) == 0
    os.close(fd)
    return is_restricted


# --- seccomp ---


class _Machine(NamedTuple):
    """A processor's name in linux/audit.h, which of a call's numbers is its own, and that of
    `seccomp`.
    """

    audit: int
    column: int
    seccomp: int


_MACHINES = MappingProxyType({
    "x86_64": _Machine(0xC000003E, 0, 317),
    "aarch64": _Machine(0xC00000B7, 1, 277),
})  # fmt: skip


class _Check(NamedTuple):
    """Of an argument, counted from 0: what is left of it under the mask has this value."""

    argument: int
    value: int
    mask: int = 0xFFFF_FFFF


class _Call(NamedTuple):
    """A call that is allowed, by its numbers on x86-64 and arm64, if all the checks hold."""

    numbers: tuple[int, int]
    checks: tuple[_Check, ...] = ()


_NO_PROGRAM = (_Check(2, 0, _PROT_EXEC),)
#: What CPython, glibc or musl, and the decoders call while they work. Whatever else a library tries
#: is answered with EPERM, and it goes on without.
_ALLOWED = MappingProxyType({
    # What is open: read, written, closed. Nothing is opened, and nothing is handed to others.
    "read": _Call((0, 63)),
    "write": _Call((1, 64)),
    "close": _Call((3, 57)),
    "lseek": _Call((8, 62)),
    "sendto": _Call((44, 206)),  # a stream's peer is the only one whom it can be told
    # Memory, none of which is ever run.
    "brk": _Call((12, 214)),
    "mmap": _Call((9, 222), _NO_PROGRAM),
    "mprotect": _Call((10, 226), _NO_PROGRAM),
    "munmap": _Call((11, 215)),
    "mremap": _Call((25, 216)),
    "madvise": _Call((28, 233)),
    # Itself.
    "futex": _Call((202, 98)),
    "sched_yield": _Call((24, 124)),
    "rt_sigaction": _Call((13, 134)),
    "rt_sigprocmask": _Call((14, 135)),
    "rt_sigreturn": _Call((15, 139)),
    "sigaltstack": _Call((131, 132)),
    "restart_syscall": _Call((219, 128)),
    "getcwd": _Call((79, 17)),  # '/': Pillow wants it to save one picture as another
    "getpid": _Call((39, 172)),
    "gettid": _Call((186, 178)),
    "exit": _Call((60, 93)),
    "exit_group": _Call((231, 94)),
    # Clocks and chance.
    "clock_gettime": _Call((228, 113)),
    "clock_getres": _Call((229, 114)),
    "gettimeofday": _Call((96, 169)),
    "getrandom": _Call((318, 278)),
})  # fmt: skip
#: abort() signals its own thread; who else is signalled is told by the process's number.
_ABORT = (234, 131)

# Of linux/filter.h and linux/seccomp.h: load a word, mask it, jump if equal, end with a verdict.
_LOAD, _AND, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x54, 0x15, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF_0000, 0x8000_0000, 0x0005_0000 | 1  # EPERM
#: In `struct seccomp_data`.
_NUMBER_AT, _AUDIT_AT, _ARGUMENTS_AT = 0, 4, 16


class _Step(NamedTuple):
    """One instruction. The jumps count steps that are left out, if equal and if not."""

    code: int
    value: int
    if_equal: int = 0
    if_not: int = 0


def _restrict_by_seccomp(libc: ctypes.CDLL) -> bool:
    machine = _MACHINES.get(os.uname().machine)
    # A 32-bit interpreter on a 64-bit kernel makes calls of another table.
    if machine is None or sys.maxsize < 2**32:
        return False
    steps = _filter(machine, os.getpid())
    code = b"".join(pack("=HBBI", s.code, s.if_equal, s.if_not, s.value) for s in steps)
    held = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(steps), ctypes.addressof(held))
    # On all threads of the process. The answer is 0, or which thread could not be held to it.
    answer: int = libc.syscall(
        machine.seccomp, _SECCOMP_SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(program)
    )
    return answer == 0


class _Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def _filter(machine: _Machine, pid: int) -> list[_Step]:
    """The program that the kernel runs at each call. What it does not name is refused.

    The x32 calls of x86-64 have numbers of their own, so none of them is named.
    """
    abort = _Call(_ABORT, (_Check(0, pid),))
    return [
        _Step(_LOAD, _AUDIT_AT),
        _Step(_JUMP_IF_EQUAL, machine.audit, if_equal=1),
        _Step(_RETURN, _KILL),
        _Step(_LOAD, _NUMBER_AT),
        *_steps_of(machine, [*_ALLOWED.values(), abort]),
        _Step(_RETURN, _REFUSE),
    ]


def _steps_of(machine: _Machine, calls: Iterable[_Call]) -> Iterable[_Step]:
    for call in calls:
        checks = [step for check in call.checks for step in _steps_of_check(check)]
        # A check that fails goes on to the verdict behind this one.
        body = [*checks, _Step(_RETURN, _ALLOW), *([_Step(_RETURN, _REFUSE)] if checks else [])]
        yield _Step(_JUMP_IF_EQUAL, call.numbers[machine.column], if_not=len(body))
        for at, step in enumerate(body):
            is_jump = step.code == _JUMP_IF_EQUAL
            yield step._replace(if_not=len(body) - at - 2) if is_jump else step


def _steps_of_check(check: _Check) -> list[_Step]:
    """On both machines the lower half of an argument comes first."""
    return [
        _Step(_LOAD, _ARGUMENTS_AT + 8 * check.argument),
        _Step(_AND, check.mask),
        _Step(_JUMP_IF_EQUAL, check.value),
    ]


if __name__ == "__main__":
    missing = confine()
    os.write(1, json.dumps(sorted(missing)).encode())
