"""An export of everything: a tar of tables and files that another Stillboard reads back.

docs/export-format.md describes it. Its members, in order: `manifest.json`, `uploads/…`,
`tables/…` and `end.json`, by which a file that was cut short is known.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, BinaryIO

from imageboard.errors import ImageboardError
from imageboard.parts import Part
from imageboard.store import migrations, whole_tables
from imageboard.store.database import Database, snapshot
from imageboard.store.uploads import PARTS, UploadStore
from imageboard.words import N_

FORMAT = "stillboard-export"
#: To be raised with a table whose rows mean something else than before; readers know all below.
VERSION = 1
#: No part of a table, and no upload, is larger than any of ours can be.
_PART_BYTES_MAX = 512 * 1024 * 1024
_JSON_BYTES_MAX = 1024 * 1024
_UPLOAD = re.compile(rf"uploads/[0-9a-f]{{2}}/([0-9a-f]{{32}})({PARTS})")
_TABLE = re.compile(r"tables/([a-z_]{1,63})/[0-9]{6}\.jsonl")

#: Told of what is done: 'posts', 12_000.
Progress = Callable[[str, int], None]


class NotAnExport(ImageboardError):
    message = N_("This is no export of a Stillboard: {why}.")


class MadeByANewerVersion(ImageboardError):
    message = N_(
        "This export was made by a newer version: {what} is not known here. "
        "Update this board first."
    )


class BoardInUse(ImageboardError):
    message = N_(
        "This board was used already ({what}): an export is read back into one that never was. "
        "Start one on another data folder (up --data DIR)."
    )


@dataclass
class Carried:
    """What went."""

    rows: dict[str, int] = field(default_factory=dict)
    uploads: int = 0
    bytes: int = 0
    #: Uploads that a row names and that were gone when their turn came.
    gone: list[str] = field(default_factory=list)


# --- Out ----------------------------------------------------------------------------------------


def write(
    database: Database, uploads: UploadStore, out: BinaryIO, *, told: Progress = lambda *_: None
) -> Carried:
    """Write the board as it stands at one moment; posting goes on meanwhile."""
    carried = Carried()
    with (
        database.connection() as db,
        snapshot(db),
        tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        writer = _Writer(tar)
        names = {table: whole_tables.columns(db, table) for table in whole_tables.CARRIED}
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "schema": migrations.schema_version(),
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "tables": names,
        }
        writer.add("manifest.json", _as_json(manifest))
        for name in whole_tables.uploads(db):
            _write_upload(writer, uploads, name, carried)
            carried.uploads += 1
            told("uploads", carried.uploads)
        for table, columns in names.items():
            carried.rows[table] = 0
            for part, rows in enumerate(whole_tables.read(db, table, columns), start=1):
                lines = "".join(f"{row}\n" for row in rows).encode()
                writer.add(f"tables/{table}/{part:06}.jsonl", lines)
                carried.rows[table] += len(rows)
                told(table, carried.rows[table])
        end = {"members": writer.members, "sha256": writer.sum.hexdigest(), "rows": carried.rows}
        writer.add("end.json", _as_json(end))
    carried.bytes = writer.bytes
    return carried


def _write_upload(writer: _Writer, uploads: UploadStore, name: str, carried: Carried) -> None:
    for part in Part:
        try:
            body = uploads.path_of(name, part).read_bytes()
        except FileNotFoundError:
            # A file without a thumbnail; or one that was taken down since the moment began.
            if part is Part.ORIGINAL:
                carried.gone.append(name)
            continue
        writer.add(f"uploads/{name[:2]}/{name}{part}", body)


class _Writer:
    """Adds members, and sums them up."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.sum = hashlib.sha256()
        self.members = 0
        self.bytes = 0

    def add(self, name: str, body: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size = len(body)
        # SECURITY: it has hashes of passwords and of addresses.
        info.mode = 0o600
        self._tar.addfile(info, io.BytesIO(body))
        _add_to_sum(self.sum, name, hashlib.sha256(body))
        self.members += 1
        self.bytes += len(body)


# --- In -----------------------------------------------------------------------------------------


def read(
    database: Database, uploads: UploadStore, source: BinaryIO, *, told: Progress = lambda *_: None
) -> Carried:
    """Fill a board that was never used. All rows or none; uploads without rows are swept later.

    Raises:
        NotAnExport: it is something else, was cut short, or was changed.
        MadeByANewerVersion: it holds what this version does not know.
        BoardInUse: there are posts.
        StatementFailed: a row breaks a rule of this version.
    """
    try:
        with tarfile.open(fileobj=source, mode="r|*") as tar:
            return _read(_members(tar), database, uploads, told)
    except (tarfile.TarError, EOFError, OSError) as ex:
        if isinstance(ex, OSError) and not isinstance(ex, EOFError) and ex.errno is not None:
            raise
        raise NotAnExport(why="it can't be read to its end") from ex


@dataclass(frozen=True)
class _Member:
    name: str
    body: BinaryIO
    size: int


def _members(tar: tarfile.TarFile) -> Iterator[_Member]:
    for info in tar:
        body = tar.extractfile(info) if info.isfile() else None
        if body is None:
            raise NotAnExport(why="it holds more than files")
        if info.size > _PART_BYTES_MAX:
            raise NotAnExport(why="a part of it is too large")
        # A tar's own reader of a file is no BinaryIO to mypy, and is one.
        yield _Member(info.name, body, info.size)  # type: ignore[arg-type]


def _read(
    members: Iterator[_Member], database: Database, uploads: UploadStore, told: Progress
) -> Carried:
    summed = _Sum()
    manifest = _manifest(summed, members)
    columns: dict[str, list[str]] = manifest["tables"]
    carried = Carried()
    with database.connection() as db:
        _refuse_what_is_unknown(columns, {t: whole_tables.columns(db, t) for t in columns})
    member = next(members, None)
    while member is not None and (found := _UPLOAD.fullmatch(member.name)):
        uploads.put_back(found[1], Part(found[2]), summed.reading(member))
        carried.uploads += not found[2]
        told("uploads", carried.uploads)
        member = next(members, None)
    with database.transaction() as db:
        if used := whole_tables.used(db):
            raise BoardInUse(what=", ".join(used))
        whole_tables.clear_what_was_founded(db)
        while member is not None and (found := _TABLE.fullmatch(member.name)):
            table = found[1]
            if table not in columns:
                raise NotAnExport(why=f"nothing says what {table} has")
            # Not splitlines(): U+2028 and its like stand in texts as they are, a line feed never.
            rows = summed.reading(member).read().decode().rstrip("\n").split("\n")
            whole_tables.write(db, table, columns[table], rows)
            carried.rows[table] = carried.rows.get(table, 0) + len(rows)
            told(table, carried.rows[table])
            member = next(members, None)
        _check_end(member, summed)
        for table in columns:
            whole_tables.go_on_counting(db, table)
    carried.bytes = summed.bytes
    return carried


def _manifest(summed: _Sum, members: Iterator[_Member]) -> dict[str, Any]:
    member = next(members, None)
    if member is None or member.name != "manifest.json" or member.size > _JSON_BYTES_MAX:
        raise NotAnExport(why="it does not begin with a manifest")
    manifest = _json(summed.reading(member))
    if manifest.get("format") != FORMAT or not isinstance(manifest.get("tables"), dict):
        raise NotAnExport(why="its manifest is another one")
    if manifest.get("version") not in range(1, VERSION + 1):
        raise MadeByANewerVersion(what=f"version {manifest.get('version')} of the format")
    return manifest


def _refuse_what_is_unknown(theirs: dict[str, list[str]], ours: dict[str, list[str]]) -> None:
    for table, names in theirs.items():
        if table not in whole_tables.CARRIED:
            raise MadeByANewerVersion(what=table)
        if unknown := sorted(set(names) - set(ours[table])):
            raise MadeByANewerVersion(what=f"{table}.{unknown[0]}")


def _check_end(member: _Member | None, summed: _Sum) -> None:
    if member is None or member.name != "end.json" or member.size > _JSON_BYTES_MAX:
        raise NotAnExport(why="it has no end" if member is None else f"{member.name} has no place")
    members, sha256 = summed.members, summed.sum.hexdigest()
    end = _json(member.body)
    if (end.get("members"), end.get("sha256")) != (members, sha256):
        raise NotAnExport(why="it is not as it was written")


class _Sum:
    """Sums members up as they are read."""

    def __init__(self) -> None:
        self.sum = hashlib.sha256()
        self.members = 0
        self.bytes = 0

    def reading(self, member: _Member) -> BinaryIO:
        """Its content, which is held in memory: nothing of ours is larger than a file may be."""
        body = member.body.read()
        _add_to_sum(self.sum, member.name, hashlib.sha256(body))
        self.members += 1
        self.bytes += len(body)
        return io.BytesIO(body)


def _add_to_sum(total: Any, name: str, of_body: Any) -> None:
    total.update(f"{name}\0{of_body.hexdigest()}\n".encode())


def _as_json(values: dict[str, Any]) -> bytes:
    return json.dumps(values, indent=1).encode()


def _json(body: BinaryIO) -> dict[str, Any]:
    try:
        values = json.loads(body.read())
    except ValueError as ex:
        raise NotAnExport(why="its manifest or its end is no JSON") from ex
    if not isinstance(values, dict):
        raise NotAnExport(why="its manifest or its end is no JSON object")
    return values
