"""Passwords are looked at in a process of its own, which ends and takes its memory along.

Argon2 wants 19 MiB for each try. A writer that gave them itself kept them: the C library holds on
to what one of its threads has used once. `python -m writer.desk.password_checks` reads one line of
JSON, answers with one, and is gone.

PERF: 73 to 110 MB of a writer, for good, after a few log-ins.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

from imageboard import passwords
from imageboard.errors import LoginsBusy, LoginUnavailable

_ROOT = Path(__file__).parents[2]
#: From its first step on: the process takes longer to start than to check.
_AFTER_ALL_ELSE = ("nice", "-n", "19")
_MINUTE_S = 60.0
#: By then a few of those before are through.
_RETRY_AFTER_S = 2


class Verdict(NamedTuple):
    """Of a password."""

    matches: bool
    #: The same password hashed with today's parameters, where those of its hash are not.
    renewed_hash: str | None


class PasswordChecks:
    """Checks passwords, few at a time; safe to call from many threads.

    A writer's threads are for posts: however many log in, only `at_once` and `waiting_max` of them
    are taken. And so are its processors: no more than `quick_per_minute` of the checks run beside
    posts (None: all do), the others after all else. These take minutes while a raid fills the
    machine, and are given up.
    """

    def __init__(
        self,
        *,
        at_once: int = 1,
        waiting_max: int = 1,
        quick_per_minute: int | None = None,
        wait_s_max: float = 5.0,
        check_s_max: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        #: Who has a turn, and who waits for one.
        self.here = 0
        self._here_max = at_once + waiting_max
        self._counting = threading.Lock()
        self._turns = threading.Semaphore(at_once)
        self._wait_s_max = wait_s_max
        self._check_s_max = check_s_max
        #: When the last of them began, the first first.
        self._quick_s = None if quick_per_minute is None else deque([-inf] * quick_per_minute)
        self._clock = clock

    @contextmanager
    def turn(self) -> Iterator[None]:
        """For whoever comes to log in; `check` is called within.

        Raises LoginsBusy: so many wait already, or it did not come in time.
        """
        with self._counting:
            if self.here >= self._here_max:
                raise LoginsBusy(retry_after_s=_RETRY_AFTER_S)
            self.here += 1
        try:
            if not self._turns.acquire(timeout=self._wait_s_max):
                raise LoginsBusy(retry_after_s=_RETRY_AFTER_S)
            try:
                yield
            finally:
                self._turns.release()
        finally:
            with self._counting:
                self.here -= 1

    def check(self, password: str, password_hash: str | None) -> Verdict:
        """As passwords.matches, whose None stands for an account that is not there.

        Raises LoginUnavailable: the process died, or took too long.
        """
        return Verdict(**self._ask(password=password, password_hash=password_hash))

    def new_hash(self, password: str) -> str:
        """Of a password that somebody chose. Raises LoginUnavailable."""
        return str(self._ask(password=password)["hash"])

    def _ask(self, **asked: str | None) -> Any:
        try:
            answer = subprocess.run(
                [*self.rank(), sys.executable, "-P", "-m", "writer.desk.password_checks"],
                # SECURITY: on its input, since any process may read another's arguments; and with
                # none of the writer's secrets in its environment.
                input=json.dumps(asked).encode(),
                env={"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8", "PATH": os.defpath},
                cwd="/",
                stdout=subprocess.PIPE,
                timeout=self._check_s_max,
                check=True,
            ).stdout
            return json.loads(answer)
        except (OSError, subprocess.SubprocessError, ValueError) as ex:
            raise LoginUnavailable(part="passwords") from ex

    def rank(self) -> tuple[str, ...]:
        """What the next process is started by."""
        if self._quick_s is None:
            return ()
        with self._counting:
            now_s = self._clock()
            if now_s < self._quick_s[0] + _MINUTE_S:
                return _AFTER_ALL_ELSE
            self._quick_s.popleft()
            self._quick_s.append(now_s)
        return ()


def verdict(password: str, password_hash: str | None) -> Verdict:
    """Of one password."""
    if not passwords.matches(password, password_hash) or password_hash is None:
        return Verdict(matches=False, renewed_hash=None)
    is_outdated = passwords.is_outdated(password_hash)
    return Verdict(True, passwords.hash_password(password) if is_outdated else None)


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """What the process does: looks at a password, or makes the hash of a new one."""
    if "password_hash" in asked:
        return verdict(**asked)._asdict()
    return {"hash": passwords.hash_password(**asked)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(answer(json.load(sys.stdin.buffer))))
