"""A command of the board as its units run: with their user, their settings and their folder.

`python -m deploy.as_unit status`, which deploy/systemd/stillboard calls: under systemd the settings
are in a file that root alone can read, and the data is a user's that nobody logs in as. systemd
itself is asked, so that whatever `systemctl edit` has changed holds for commands too.
"""

from __future__ import annotations

import os
import pwd
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.service import ServiceFailed
from deploy.env_file import with_env_file

#: It has all that commands need; what the writer alone needs is no setting of theirs.
UNIT = "stillboard-catch-up.service"
#: Of the caller's, what a program on a terminal wants to know.
_KEPT = ("PATH", "TERM", "LANG", "LC_ALL", "NO_COLOR", "COLUMNS")


@dataclass(frozen=True, slots=True)
class Unit:
    """What systemd says of a unit, as far as a command has it in common."""

    user: str
    folder: str
    #: In order: what comes later wins.
    files: tuple[Path, ...]
    environment: Mapping[str, str]

    @classmethod
    def loaded(cls, name: str) -> Unit:
        """Raises ServiceFailed when there is no such unit, or no systemd."""
        names = ("LoadState", "User", "WorkingDirectory", "EnvironmentFiles", "Environment")
        command = ["systemctl", "show", name, *(f"--property={each}" for each in names)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
        except (OSError, subprocess.SubprocessError) as ex:
            raise ServiceFailed(f"systemd can't be asked for {name}: {ex}") from None
        told: dict[str, list[str]] = {}
        for line in done.stdout.splitlines():
            key, _, value = line.partition("=")
            told.setdefault(key, []).append(value)
        if told.get("LoadState") != ["loaded"]:
            why = done.stderr.strip() or "it is not installed: docs/containers.md"
            raise ServiceFailed(f"systemd has no {name}: {why}")
        return cls(
            user=told.get("User", [""])[0] or "root",
            # '!/folder' when it may be missing.
            folder=told.get("WorkingDirectory", ["/"])[0].lstrip("!-") or "/",
            files=tuple(
                Path(each.rpartition(" (")[0]) for each in told.get("EnvironmentFiles", ())
            ),
            environment=_pairs(" ".join(told.get("Environment", ()))),
        )

    def settings(self) -> dict[str, str]:
        """Raises ServiceFailed: a file can't be read."""
        given = dict(self.environment)
        for path in self.files:
            given |= with_env_file({}, path)
            given["STILLBOARD_ENV_FILE"] = str(path)
        return given


def main(arguments: Sequence[str]) -> None:
    """Become the command; does not return."""
    try:
        unit = Unit.loaded(UNIT)
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= unit.settings()
        _become(unit.user)
    except ServiceFailed as ex:
        sys.exit(f"stillboard: {ex}")
    environment["HOME"] = unit.folder
    os.umask(0o022)  # pages are read by nginx
    try:
        os.chdir(unit.folder)
        os.execve(sys.executable, [sys.executable, "-P", "-m", "cli", *arguments], environment)  # noqa: S606
    except PermissionError as ex:
        sys.exit(f"stillboard: {unit.user} may not enter {ex.filename}: chmod a+rX")


def _become(user: str) -> None:
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        raise ServiceFailed(f"there is no user {user}, as whom the unit runs") from None
    if account.pw_uid == os.geteuid():
        return
    if os.geteuid() != 0:
        raise ServiceFailed(f"the board is run by {user}: call it as root (sudo)")
    os.initgroups(user, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def _pairs(words: str) -> dict[str, str]:
    """'A=b "C=d e"' -> {'A': 'b', 'C': 'd e'}, as systemctl writes them."""
    pairs = (word.partition("=") for word in shlex.split(words))
    return {name: value for name, _, value in pairs}


if __name__ == "__main__":
    main(sys.argv[1:])
