"""Become a program that dies with its parent: python leash.py [options] -- PROGRAM ARGS…

Run as a script between fork and exec (a `preexec_fn` would run Python in a forked copy of
a process that may have threads). Standard library only, started with -I -S: about 15 ms.

--parent PID      the process that started us
--death-signal N  what the kernel sends to PROGRAM when that process's thread ends
--identity HOW    `own`:    stay who we are
                  `mapped`: a user namespace in which we are a system user without privilege.
                            Outside of it files stay ours, so nothing has to be chowned.
                  `nobody`: become the user nobody, for machines without user namespaces
"""

from __future__ import annotations

import argparse
import ctypes
import os
import pwd
import signal
import sys
from contextlib import suppress

PR_SET_PDEATHSIG = 1  # linux/prctl.h
CLONE_NEWUSER = 0x10000000  # linux/sched.h

#: Whom to be inside a namespace: PostgreSQL's initdb wants a user that has a name.
INSIDE_NAMES = ("daemon", "bin", "nobody")


def enter_user_namespace() -> None:
    """Be one of INSIDE_NAMES in a namespace of our own, which outside is who we were.

    Raises:
        OSError: this kernel or container allows no user namespaces.
        KeyError: this system has none of these users.
    """
    uid, gid = os.geteuid(), os.getegid()
    inside = _first_user_of(INSIDE_NAMES)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:  # os.unshare() is there only from Python 3.12 on
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{inside.pw_uid} {uid} 1")
    _write("/proc/self/gid_map", f"{inside.pw_gid} {gid} 1")


def become_nobody() -> None:
    """Give up root for good."""
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


def tie_to(parent_pid: int, death_signal: int) -> None:
    """Have the kernel send us `death_signal` when the parent ends; exit if it has already.

    To be called last: the kernel forgets the wish when credentials change. Other systems
    than Linux have no such call; there the supervisor's process groups have to do.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent_pid:
        sys.exit(0)


def _first_user_of(names: tuple[str, ...]) -> pwd.struct_passwd:
    for name in names:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise KeyError(names)


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:  # noqa: PTH123 - pathlib would double the start-up time
        file.write(text)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="leash")
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--death-signal", type=int, default=signal.SIGTERM)
    parser.add_argument("--identity", choices=("own", "mapped", "nobody"), default="own")
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def main() -> None:
    """Read the arguments, put the leash on, become the program."""
    arguments = _read_arguments()
    if arguments.identity == "mapped":
        enter_user_namespace()
    elif arguments.identity == "nobody":
        become_nobody()
    tie_to(arguments.parent, arguments.death_signal)
    try:
        os.execv(arguments.command[0], arguments.command)  # noqa: S606 - a shell is what is not wanted
    except OSError as ex:
        sys.exit(f"can't run {arguments.command[0]}: {ex.strerror}")


if __name__ == "__main__":
    main()
