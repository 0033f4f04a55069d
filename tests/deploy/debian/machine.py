"""A machine that was just installed: Debian's own systemd is its process 1, and starts the rest.

Namespaces in the place of a virtual machine: processes, mounts, names, cgroups and a network that
leads nowhere. What is written to its disk goes with it.
"""

from __future__ import annotations

import base64
import json
import secrets
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.deploy.debian.pages import Block

#: Mounts what a machine has, and becomes its systemd.
_BOOT = """
set -eu
root=$1 folder=$2 wheels=$3 repository=$4
ip link set lo up
mount --make-rprivate /
cd "$folder"
mount -t overlay -o "lowerdir=$root,upperdir=$folder/upper,workdir=$folder/work" board root
cd root
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=0755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=0755 tmpfs dev
for device in null zero full random urandom tty; do
    touch dev/$device
    mount --bind /dev/$device dev/$device
done
mkdir dev/pts dev/shm run/host run/outside
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount --bind "$folder/host" run/host
mkdir -p srv/wheels srv/stillboard.git
mount --bind "$wheels" srv/wheels
mount --bind "$repository" srv/stillboard.git
pivot_root . run/outside
umount -l run/outside
exec env -i container=test NOTIFY_SOCKET=/run/host/notify PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /sbin/init --log-level=warning --show-status=0
"""
#: Nothing of this machine's environment comes along.
_LOGGED_IN = (
    *("/usr/bin/env", "-i", "HOME=/root", "LANG=C.UTF-8", "LOGNAME=root", "SHELL=/bin/bash"),
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
)
#: One core, others beside it: what takes longer hangs.
_BOOT_S_MAX = 600


class CommandFailed(AssertionError):
    """A command of a page did not work as it stands there."""


class Machine:
    """With one root shell, which stays open as an operator's does."""

    def __init__(self, debian: str, folder: Path, *, wheels: Path, repository: Path) -> None:
        self._folder = folder
        for name in ("upper", "work", "root", "host"):
            (folder / name).mkdir()
        with (
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices,
            (folder / "console").open("w") as console,
        ):
            notices.bind(str(folder / "host/notify"))
            notices.settimeout(_BOOT_S_MAX)
            self._unshared = subprocess.Popen(
                [
                    *("unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup"),
                    *("--fork", "--kill-child", "sh", "-c", _BOOT, "sh"),
                    *map(str, (debian, folder, wheels, repository)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
            )
            try:
                # As systemd tells whoever runs it, once all that is enabled has started.
                while b"READY=1" not in notices.recv(4096).splitlines():
                    pass
            except TimeoutError:
                self._kill()
                said = (folder / "console").read_text()
                raise AssertionError(f"Debian did not come up: {said[-3000:]}") from None
        self._shell = self._popen("/bin/bash", "-e")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._shell.kill()
        self._shell.communicate()
        self._kill()

    def _kill(self) -> None:
        # It takes its process 1 along, and the kernel all others of that namespace.
        self._unshared.kill()
        self._unshared.wait()

    def type(
        self, block: Block, replaced: Mapping[str, str] | None = None, *, answer: str = ""
    ) -> str:
        """Type a block into the shell, where what was set and entered before still is.

        `replaced` is what a reader puts in the place of words that can't be known; `answer` what
        is said to whatever a command asks.

        Raises CommandFailed at its first command that fails, with what was shown until then.
        """
        text = block.as_commands()
        for word, replacement in (replaced or {}).items():
            text = text.replace(word, replacement)
        mark = secrets.token_hex(8)
        sent = base64.b64encode(text.encode()).decode()
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        asked = f"< <(yes {shlex.quote(answer)})" if answer else "</dev/null"
        self._shell.stdin.write(f'eval "$(base64 -d <<<{sent})" {asked}\necho {mark}\n')
        self._shell.stdin.flush()
        said: list[str] = []
        for line in self._shell.stdout:
            if line == f"{mark}\n":
                return "".join(said)
            said.append(line)
        self._shell.communicate()
        self._shell = self._popen("/bin/bash", "-e")
        raise CommandFailed(f"{block.place} does not work as it stands:\n{text}\n{''.join(said)}")

    def run(self, command: str, *, given: str = "", may_fail: bool = False) -> str:
        """A command of a test's own, in a shell of its own; what it said."""
        process = self._popen("/bin/bash", "-euc", command)
        said, _ = process.communicate(given)
        if process.returncode != 0 and not may_fail:
            raise CommandFailed(f"{command}\n{said}")
        return said

    def until(self, command: str, *, is_so: Callable[[str], bool]) -> str:
        """Ask again until it is so; for what the board does by itself, within a second or two."""
        deadline = time.monotonic() + _BOOT_S_MAX
        while True:
            said = self.run(command, may_fail=True)
            if is_so(said):
                return said
            assert time.monotonic() < deadline, f"{command}: {said}"
            time.sleep(0.2)

    def visit(self, *orders: dict[str, Any], address: str = "127.0.0.2") -> list[dict[str, Any]]:
        """What a visitor's browser is answered: tests/deploy/debian/visitor.py."""
        command = ["nsenter", f"--target={self._first}", "--net", sys.executable, "-P", "-m"]
        command += ["tests.deploy.debian.visitor"]
        command += [str(self._folder / "host/authority.pem"), address]
        done = subprocess.run(
            command, input=json.dumps(orders), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        answers: list[dict[str, Any]] = json.loads(done.stdout)
        return answers

    @property
    def _first(self) -> str:
        """Its process 1, as this machine counts."""
        outer = self._unshared.pid
        return Path(f"/proc/{outer}/task/{outer}/children").read_text().strip()

    def _popen(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["nsenter", f"--target={self._first}", "--all", "--wdns=/root", *_LOGGED_IN, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
