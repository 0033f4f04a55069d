"""A root file system in the place of the Dockerfile's base image, out of this machine's packages.

A registry of images can't be reached from everywhere the tests run, and unpacking a Debian from
its mirror takes 40 s. The files of packages that are installed here are the same files.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

#: What the slim image has of what the Dockerfile's steps use; their dependencies come along.
PACKAGES = (
    *("base-files", "coreutils", "dash", "findutils", "passwd", "sed", "grep", "hostname"),
    *("python3", "python3-pip"),
    # What apt is linked with, and what RE2's wheel is.
    "libstdc++6",
)
#: Links that a Debian is installed with; no package holds them.
_MERGED = ("bin", "sbin", "lib", "lib64")


def closure(packages: tuple[str, ...] = PACKAGES) -> list[str]:
    """The packages and all that they depend on, as far as it is installed."""
    listed = subprocess.run(
        [
            *("apt-cache", "depends", "--recurse", "--installed", "--no-recommends"),
            *("--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces"),
            *("--no-enhances", *packages),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return sorted({line for line in listed.splitlines() if line[0] not in " <"})


def make(root: Path) -> None:
    """Fill `root`, which must not exist yet."""
    root.mkdir(mode=0o755)
    (root / "usr").mkdir()
    for name in _MERGED:
        (root / "usr" / name).mkdir()
        (root / name).symlink_to(f"usr/{name}")
    for name in ("proc", "sys", "dev", "run", "etc", "var"):
        (root / name).mkdir()
    (root / "tmp").mkdir(mode=0o1777)
    paths = subprocess.run(
        ["dpkg-query", "--listfiles", *closure()], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    wanted = {path for path in paths if _is_wanted(path)}
    _copy(sorted(wanted | _compiled(wanted)), root)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")


def _compiled(paths: set[str]) -> set[str]:
    """What Debian made of the modules when it installed them: no package holds it.

    PERF: without it each program of Python in a container compiles what it imports, on a root
    that keeps nothing.
    """
    folders = {Path(path).parent for path in paths if path.endswith(".py")}
    return {str(file) for folder in folders for file in folder.glob("__pycache__/*.pyc")}


def _copy(paths: list[str], root: Path) -> None:
    """With owners, modes and links as they are."""
    archive = root / "tmp/files.tar"
    subprocess.run(
        [
            *("tar", "--create", f"--file={archive}", "--directory=/"),
            *("--no-recursion", "--null", "--files-from=-"),
        ],
        input="\0".join(path.lstrip("/") for path in paths).encode(),
        check=True,
    )
    subprocess.run(
        [
            *("tar", "--extract", f"--file={archive}"),
            *(f"--directory={root}", "--keep-directory-symlink"),
        ],
        check=True,
    )
    archive.unlink()


def _is_wanted(path: str) -> bool:
    """Files and links that are there; documentation is left out, as the slim image does."""
    if path.startswith(("/usr/share/doc/", "/usr/share/man/", "/usr/share/locale/")):
        return False
    place = Path(path)
    return place.is_symlink() or place.is_file()
