"""A Debian as its installer leaves it, with the packages that the pages name, and kept.

Unpacked by debootstrap from the mirror that apt uses on this machine. That takes minutes, so the
root is kept in the user's cache folder until the pages name other packages.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.environment import ROOT
from tests.deploy.debian import pages

#: The one that docs/operations.md asks for.
SUITE = "trixie"
#: Its Python.
PYTHON = "3.13"
#: The kind of this folder: another way of making it is another number.
_EDITION = 1


def cache_folder() -> Path:
    kept = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(kept) / "stillboard-tests"


def root(name: str, install: Sequence[pages.Block]) -> str:
    """Its folders, as overlayfs takes them; nobody may write to them.

    What these blocks install lies above what all machines share: so that what is missing there is
    not brought along by another page.
    """
    with _made_once(cache_folder() / f"debian-{SUITE}-{_EDITION}") as making:
        if making:
            _make(making)
    base = cache_folder() / f"debian-{SUITE}-{_EDITION}"
    commands = "".join(block.text for block in install)
    key = hashlib.sha256(f"{base.name} {commands}".encode()).hexdigest()[:12]
    with _made_once(cache_folder() / f"{name}-{key}") as making:
        if making:
            _install(base, making, commands)
    return f"{cache_folder()}/{name}-{key}/upper:{base}"


def wheels() -> Path:
    """The packages of requirements/run.txt for that Debian's Python, by hash.

    A machine of the tests has no network: what pip asks for lies here.
    """
    wanted = ROOT / "requirements/run.txt"
    key = hashlib.sha256(PYTHON.encode() + wanted.read_bytes()).hexdigest()[:12]
    with _made_once(cache_folder() / f"wheels-{key}") as making:
        if making:
            machine = os.uname().machine
            _call(
                *("/usr/bin/pip3", "download", "--quiet", "--dest", str(making)),
                *("--require-hashes", "--no-deps", "--requirement", str(wanted)),
                *("--only-binary", ":all:", "--python-version", PYTHON),
                *(f"--platform=manylinux_2_{n}_{machine}" for n in range(42, 4, -1)),
                *(f"--platform=manylinux{kind}_{machine}" for kind in ("2014", "2010", "1")),
                f"--platform=linux_{machine}",
            )
    return cache_folder() / f"wheels-{key}"


@contextmanager
def _made_once(folder: Path) -> Iterator[Path | None]:
    """Where to make it, or None when it is there; what is half made is thrown away."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    kind = folder.name.partition("-")[0]
    with (folder.parent / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            yield None
            return
        for old in folder.parent.glob(f"{kind}-*"):  # of other pages, or half made
            shutil.rmtree(old)
        making = folder.with_name(f"{folder.name}.making")
        making.mkdir()
        yield making
        making.rename(folder)


def _make(folder: Path) -> None:
    _call("debootstrap", "--include=dbus", SUITE, str(folder), *_mirror())
    (folder / "etc/apt/apt.conf.d/yes").write_text('APT::Get::Assume-Yes "true";\n')
    (folder / "etc/hostname").write_text("board\n")
    (folder / "etc/hosts").write_text("127.0.0.1 localhost board example.org\n::1 example.org\n")


#: Nothing starts in a folder that nobody has booted.
_INSTALL = """
mount --make-rprivate /
mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" debian "$2/root"
cd "$2/root"
mount -t proc proc proc
mount -t tmpfs tmpfs dev
for device in null zero random urandom; do
    touch dev/$device
    mount --bind /dev/$device dev/$device
done
printf '#!/bin/sh\\nexit 101\\n' >usr/sbin/policy-rc.d
chmod 755 usr/sbin/policy-rc.d
chroot . /bin/sh -euc "$3"
chroot . apt-get clean
rm usr/sbin/policy-rc.d
"""


def _install(base: Path, folder: Path, install: str) -> None:
    for name in ("upper", "work", "root"):
        (folder / name).mkdir()
    _call("unshare", "--mount", "sh", "-euc", _INSTALL, "sh", str(base), str(folder), install)


def _mirror() -> list[str]:
    """Where apt gets Debian's packages on this machine; without one debootstrap's own choice."""
    listed = _call(
        *("apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)"),
        "Identifier: Packages",
    )
    found = re.findall(r"^Debian\|Debian\|main\|(\S+)$", listed, re.MULTILINE)
    return found[:1]


def _call(*command: str) -> str:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)[:200]}\n{done.stdout[-3000:]}"
    return done.stdout
