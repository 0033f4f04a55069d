"""PostgreSQL's own tools, each run to its end on a leash: it dies with us.

They come out of the wheel, or from the system where it has the server's own version: pg_dump reads
older servers too, but what it writes for one may hold settings that only a newer one knows. Base
backups and WAL can be restored by a server of the same major version alone, and the one that a
restore starts is the wheel's.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from deploy.embedded.service import run_as
from deploy.embedded.wheels import postgres_binary
from imageboard.errors import ImageboardError
from imageboard.words import N_

#: Files of a base backup: what pg_basebackup calls them.
BASE_FILES = ("base.tar.gz", "pg_wal.tar.gz", "backup_manifest")


#: Begin of schemas in which a return has left what was there before; no backup holds them.
SET_ASIDE = "before_"
#: Where Debian and Red Hat put those of each version.
_PLACES = ("/usr/lib/postgresql/{version}/bin", "/usr/pgsql-{version}/bin")


class ToolFailed(ImageboardError):
    message = N_("{tool} failed: {complaint}")


class ToolMissing(ImageboardError):
    message = N_(
        "The server is PostgreSQL {server}, and there is no {tool} of that version here: install "
        "its client programs (postgresql-client-{server})."
    )


class OtherVersion(ImageboardError):
    message = N_(
        "The server is PostgreSQL {server}. Base backups and the WAL can be taken and restored "
        "of {own} alone; the tables are in the dump, as of each night. With "
        "STILLBOARD_BACKUP_WAL=off that is enough for `backup`."
    )


@cache
def own_version() -> int:
    """The major version of the tools, and of the server, in the wheel."""
    command = [str(postgres_binary("pg_dump")), "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1].split(".")[0])


def check_version(server: int) -> None:
    """Raises OtherVersion: base backups and WAL of this server could not be restored here."""
    if server != own_version():
        raise OtherVersion(server=server, own=own_version())


def tool(name: str, server: int) -> Path:
    """'pg_dump' for a server of that major version: its own, else the wheel's if that is newer.

    Raises:
        ToolMissing: the wheel's is too old for it.
    """
    if server != own_version():
        for place in _PLACES:
            path = Path(place.format(version=server)) / name
            if path.exists():
                return path
        if server > own_version():
            raise ToolMissing(tool=name, server=server)
    return postgres_binary(name)


def without_password(url: str) -> tuple[str, dict[str, str]]:
    """(the URL as an argument that everybody may see, the environment that holds the rest).

    'postgresql://me:secret@h/d' -> ('postgresql://me@h/d', {'PGPASSWORD': 'secret'})
    """
    userinfo, at, rest = urlsplit(url).netloc.rpartition("@")
    user, _, password = userinfo.partition(":")
    shown = url.replace(f"{userinfo}{at}{rest}", f"{user}{at}{rest}", 1)
    # SECURITY: the arguments of a process can be read by every user of the machine.
    return shown, {"PGPASSWORD": unquote(password)} if password else {}


def dump(url: str, target: Path, *, server: int) -> None:
    """One consistent moment of the board's database, table by table, compressed."""
    # Before 16 there is one way to compress, and no name for it.
    compression = "gzip:1" if server > 15 else "1"
    options = ["--format=custom", f"--compress={compression}", f"--file={target}"]
    options.append(f"--exclude-schema={SET_ASIDE}*")
    _run(tool("pg_dump", server), options, url)


def load_dump(url: str, source: Path, *, server: int) -> None:
    """Into an empty database, all or nothing."""
    options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    _run(tool("pg_restore", server), [*options, source], url)


def check_dump(source: Path) -> None:
    """Whether the dump can be read, to its table of contents."""
    _run(postgres_binary("pg_restore"), ["--list", source])


def base_backup(url: str, folder: Path) -> None:
    """The whole cluster as BASE_FILES in `folder`, with the WAL that makes it consistent.

    Checked right away against its own manifest: every file's SHA-256.
    """
    options = [f"--pgdata={folder}", "--format=tar", "--compress=client-gzip:1"]
    options += ["--wal-method=stream", "--checkpoint=fast", "--manifest-checksums=SHA256"]
    _run(postgres_binary("pg_basebackup"), options, url)
    check_base(folder)


def check_base(folder: Path) -> None:
    """The files of a base backup, packed or unpacked, against the manifest beside them.

    WAL of packed ones is left out: pg_verifybackup can't read it there.
    """
    is_packed = (folder / BASE_FILES[0]).exists()
    options = ["--format=tar", "--no-parse-wal"] if is_packed else ["--format=plain"]
    _run(postgres_binary("pg_verifybackup"), [*options, "--quiet", folder])


def _run(program: Path, options: Sequence[str | Path], url: str = "") -> None:
    shown, environment = without_password(url) if url else ("", {})
    connection = ["--no-password", f"--dbname={shown}"] if url else []
    complaint = run_as("own", [program, *connection, *options], environment=environment)
    if complaint:
        raise ToolFailed(tool=program.name, complaint=complaint.splitlines()[-1])
