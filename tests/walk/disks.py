"""Small file systems, and somebody else's files that fill them."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from imageboard.store.room import MB, free_bytes, free_files

#: Somebody else's file, and their folder of files.
FOREIGN, MANY = "foreign", "many"


class NoDisk(Exception):
    """No file system can be mounted here."""


@contextmanager
def a_small_disk(size_mb: int, files: int = 0) -> Iterator[Path]:
    """An empty file system in memory, which only root can mount; with so many inodes, if said.

    Raises NoDisk.
    """
    if os.geteuid() != 0:
        raise NoDisk("mounting a file system takes root")
    with tempfile.TemporaryDirectory(prefix="disk-", dir="/tmp") as name:
        options = f"size={size_mb}m,mode=0755" + (f",nr_inodes={files}" if files else "")
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "stillboard", name], capture_output=True
        )
        if mounted.returncode != 0:
            raise NoDisk("this machine lets nobody mount a file system")
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)


def clear(disk: Path) -> None:
    """Nothing of somebody else is there any more."""
    (disk / FOREIGN).unlink(missing_ok=True)
    shutil.rmtree(disk / MANY, ignore_errors=True)


def fill(disk: Path, leave_mb: float = 0) -> Path:
    """Somebody else's file, which takes all of the room but for so much."""
    foreign = disk / FOREIGN
    with foreign.open("ab", buffering=0) as file, suppress(OSError):
        while (over := free_bytes(disk) - int(leave_mb * MB)) > 0:
            file.write(bytes(min(MB, over)))
    return foreign


def fill_with_files(disk: Path, leave: int = 0) -> Path:
    """Somebody else's empty files, which take all inodes but so many: there are bytes left."""
    foreign = disk / MANY
    foreign.mkdir(exist_ok=True)
    with suppress(OSError):
        while free_files(disk) > leave:
            (foreign / secrets.token_hex(8)).touch()
    return foreign


def grow(disk: Path, more_mb: int) -> None:
    """The same file system, larger: what an operator does in the end."""
    size_bytes = shutil.disk_usage(disk).total + more_mb * MB
    subprocess.run(["mount", "-o", f"remount,size={size_bytes}", disk], check=True)
