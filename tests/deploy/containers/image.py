"""The image, built from the Dockerfile, and containers of it.

buildah builds it and unshare(1) runs it: neither needs a container engine, a registry or cgroups.
A program in a container is process 1 there, is not root, and can't write to its file system.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.environment import ROOT
from tests.deploy.containers import debian_base
from tests.deploy.stand_ins import WAIT_S

DOCKERFILE = ROOT / "deploy/Dockerfile"
#: Of Debian's own Python, which is the base's too: it downloads what the base will ask for.
DEBIANS_PIP = "/usr/bin/pip3"
#: What `build` calls, as cli/programs.py names it.
PROGRAMS = ("buildah", "unshare", "setpriv", "apt-cache", "dpkg-query", "debian-pip")

#: Mounts what an engine would mount, and becomes the program.
_ENTER = """
set -eu
root=$1 data=$2 sockets=$3 folder=$4
shift 4
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --bind "$data" "$root/var/lib/stillboard"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount --bind "$sockets" "$root/run"
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
for device in null zero random urandom; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir -m 1777 "$root/dev/shm"
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs chroot --userspec=1000:1000 --groups= "$root" \
    /bin/sh -c 'cd "$0" && exec "$@"' "$folder" "$@"
"""


@dataclass(frozen=True)
class Image:
    """What was built: its files, and what it says of itself."""

    root: Path
    config: Mapping[str, Any]

    @property
    def environment(self) -> dict[str, str]:
        """What the image gives each program."""
        return dict(pair.split("=", 1) for pair in self.config["Env"])


class Container:
    """One program of the image, as process 1 of its own; its output is kept."""

    def __init__(
        self,
        image: Image,
        command: list[str],
        *,
        data: Path,
        sockets: Path,
        environment: Mapping[str, str],
    ) -> None:
        self._process = subprocess.Popen(
            [
                *("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", _ENTER),
                *("sh", str(image.root), str(data), str(sockets), image.config["WorkingDir"]),
                *command,
            ],
            # PATH finds this machine's mount and chroot as well as the image's programs.
            env={**image.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait(self) -> str:
        """What it said, once it has ended by itself; an AssertionError when it failed."""
        said, _ = self._process.communicate()
        assert self._process.returncode == 0, said
        return said

    def stop(self, number: int) -> int:
        """Send the signal to process 1 as an engine does; its exit status."""
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if self._process.poll() is None and children:
            subprocess.run(["kill", f"-{number}", children[0]], check=True)
        try:
            self._process.communicate(timeout=WAIT_S)
        except subprocess.TimeoutExpired:
            # It takes its process 1 along, and the kernel all others of that namespace.
            self._process.kill()
            self._process.communicate()
        return self._process.returncode

    def is_running(self) -> bool:
        return self._process.poll() is None


@contextmanager
def build(folder: Path) -> Iterator[Image]:
    """Run the Dockerfile's steps in `folder`; nothing is left of it afterwards."""
    wheels = _download(folder / "wheels")
    (folder / "pip.conf").write_text("[install]\nno-index = true\nfind-links = /wheels\n")
    # Images of our own making: nobody has signed them.
    (folder / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
    buildah = _Buildah(folder)
    try:
        _make_base(buildah, folder)
        buildah(
            "build",
            *("--isolation", "chroot", "--layers=false", "--format", "docker"),
            *("--signature-policy", str(folder / "policy.json")),
            *("--build-context", f"{base_image()}=docker-image://localhost/base"),
            *("--secret", f"id=pip_conf,src={folder}/pip.conf"),
            *("--volume", f"{wheels}:/wheels:ro"),
            *("--file", str(DOCKERFILE), "--tag", "localhost/board", str(ROOT)),
        )
        container = buildah("from", "--pull-never", "localhost/board")
        described = json.loads(buildah("inspect", "--type", "image", "localhost/board"))
        yield Image(Path(buildah("mount", container)), described["Docker"]["config"])
    finally:
        buildah("unmount", "--all")
        buildah("rm", "--all")
        buildah("rmi", "--all", "--force")


def base_image() -> str:
    """'docker.io/library/python:…': what the Dockerfile builds upon."""
    found = re.search(r"^FROM (\S+) AS base$", DOCKERFILE.read_text(), re.MULTILINE)
    assert found
    return found.group(1)


class _Buildah:
    """buildah with a store of its own."""

    def __init__(self, folder: Path) -> None:
        self._options = ["--root", f"{folder}/store", "--runroot", f"{folder}/runroot"]

    def __call__(self, command: str, *arguments: str) -> str:
        done = subprocess.run(
            ["buildah", *self._options, "--storage-driver", "overlay", command, *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"buildah {command}: {done.stdout}{done.stderr}"
        return done.stdout.strip()


def _make_base(buildah: _Buildah, folder: Path) -> None:
    debian_base.make(folder / "base")
    container = buildah("from", "scratch")
    buildah("copy", "--quiet", container, str(folder / "base"), "/")
    policy = str(folder / "policy.json")
    buildah("commit", "--quiet", "--signature-policy", policy, container, "localhost/base")
    buildah("rm", container)


def _download(wheels: Path) -> Path:
    """The packages of requirements/app.txt, by hash, as pip is set up on this machine."""
    done = subprocess.run(
        [
            *(DEBIANS_PIP, "download", "--quiet", "--no-deps", "--dest", str(wheels)),
            *("--require-hashes", "--only-binary", ":all:"),
            *("--requirement", str(ROOT / "requirements/app.txt")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return wheels
