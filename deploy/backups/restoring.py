"""The story of a restore: a new data folder, in which the board is as it was at a moment.

Beside the board that runs, never over it: what is there may be all that is left of the last hours.
"""

from __future__ import annotations

import gzip
import json
import os
import pwd
import shutil
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy import environment as environments
from deploy.backups import media, postgres_tools, segments, sets
from deploy.backups.postgres_tools import ToolFailed
from deploy.backups.sealing import SealBroken, Unseal
from deploy.backups.sets import BackupSet, PartDamaged
from deploy.backups.taking import DUMP, KEYS, wal_names
from deploy.backups.vault import NotInVault, Vault
from deploy.backups.wal_stream import key_of
from deploy.data_folder import PLAIN_PATH, DataFolder
from deploy.embedded.postgres import Postgres
from deploy.embedded.service import ServiceFailed, write_private
from imageboard.errors import ImageboardError
from imageboard.settings import Settings
from imageboard.store import posts
from imageboard.store.database import Database
from imageboard.store.servers import wal
from imageboard.words import N_

#: Replaying the WAL of a day of a busy board takes minutes; this is for one that is stuck.
RECOVERY_WAIT_S_MAX = 3600.0
WAL_AT_ONCE = 4
MEDIA_ASKED_AT_ONCE = 1000

#: Of a set that was whole when it was signed off. Another identity's is none: all are sealed alike.
_DAMAGES = (PartDamaged, NotInVault, SealBroken, ToolFailed, tarfile.TarError, EOFError, OSError)

#: What PostgreSQL says when the WAL ends before the moment that was asked for.
_TOO_SHORT = "recovery ended before configured recovery target was reached"

#: Settings that say where the parts of the board that runs are: none of the restored one's.
_PLACES = (
    *("DATABASE_URL", "DB_HOST", "REDIS_URL", "REDIS_ADDR", "REDIS_SENTINELS"),
    *("STILLBOARD_DATA", "STILLBOARD_WEB_ROOT", "STILLBOARD_BACKUP_DATABASE_URL"),
)


class NothingToRestore(ImageboardError):
    message = N_(
        "There is no finished backup of a board from before {moment}: `backup list` shows "
        "what there is."
    )


class WalGap(ImageboardError):
    message = N_(
        "The WAL in the backup store has a hole: {names}. A moment before it can be restored "
        "with --despite-gap, which stops there."
    )


class NotEmpty(ImageboardError):
    message = N_("{path} is not empty: restore into a new folder, beside what is there.")


@dataclass(frozen=True, slots=True)
class Moment:
    """Until when. At most one is given; none: everything that is there.

    `at_s` takes in what was committed at that very moment; `lsn` ends before what begins there.
    """

    at_s: float | None = None
    lsn: str | None = None

    def __str__(self) -> str:
        if self.at_s is not None:
            return datetime.fromtimestamp(self.at_s, UTC).isoformat(" ")
        return self.lsn or "now"

    def as_options(self) -> dict[str, str]:
        """For PostgreSQL, which ends the recovery there."""
        if self.at_s is not None:
            return {"recovery_target_time": str(self)}
        if self.lsn is not None:
            return {"recovery_target_lsn": self.lsn, "recovery_target_inclusive": "off"}
        return {}


@dataclass
class Restored:
    """A board in its new folder."""

    folder: DataFolder
    set_id: str
    settings: Settings
    #: Its database, as long as it runs.
    server: Postgres
    #: When the newest change was committed that is there; None: none since the backup itself.
    newest_s: float | None
    #: Whether the WAL ended before the moment that was asked for.
    is_short: bool
    media_files: int
    #: {what was done: seconds}, in order.
    took_s: dict[str, float] = field(default_factory=dict)


@dataclass
class Restore:
    """One restore into `to`: from a base and the WAL, or from a dump."""

    vault: Vault
    unseal: Unseal
    to: Path
    moment: Moment
    environ: Mapping[str, str]
    despite_gap: bool = False
    #: Whether pictures are wanted too.
    has_media: bool = True
    say: Callable[[str], None] = lambda _line: None
    _took_s: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def from_base(self) -> Iterator[Restored]:
        """From a base backup and the WAL since: to any moment. Its database runs in the block.

        One that is damaged is told and left for the one before it: that wants more of the WAL.

        Raises:
            NothingToRestore, WalGap, NotEmpty, WrongIdentity, SealBroken, PartDamaged, NotInVault,
            ToolFailed, ServiceFailed: the folder is of no use then.
        """
        every = sets.signed_off(self.vault)
        bases = bases_before(every, self.moment)
        with self._new_folder() as folder:
            with self._phase("base backup"):
                base = self._unpack_newest(bases, folder)
            with self._phase("WAL"):
                wal_folder = self._fetch_wal(base, every, folder)
            server = self._server(folder, wal_folder)
            try:
                with self._phase("recovery"):
                    is_short = self._recover(server)
                yield self._finished(base, folder, server, is_short=is_short)
            finally:
                _stop(server)
            for path in wal_folder.iterdir():
                path.unlink()
            wal_folder.rmdir()

    @contextmanager
    def from_dump(self) -> Iterator[Restored]:
        """From the newest dump before the moment: into another version of PostgreSQL, too."""
        dumped = newest_dump(sets.signed_off(self.vault), self.moment)
        with self._new_folder() as folder:
            self._begin_with(dumped, folder)
            path = folder.path / DUMP
            with self._phase("dump"):
                sets.read_into(self.vault, dumped, DUMP, path, self.unseal)
            server = self._server(folder, None)
            server.start()
            try:
                with self._phase("tables"):
                    server.wait_until_ready()
                    own = postgres_tools.own_version()
                    postgres_tools.load_dump(server.url, path, server=own)
                    path.unlink()
                yield self._finished(dumped, folder, server, is_short=False)
            finally:
                _stop(server)

    @contextmanager
    def _new_folder(self) -> Iterator[DataFolder]:
        """A folder of our own."""
        if self.to.exists() and any(self.to.iterdir()):
            raise NotEmpty(path=self.to)
        if not PLAIN_PATH.fullmatch(str(self.to.absolute())):
            raise ServiceFailed(f"{self.to}: choose a path of letters, digits and . _ - alone")
        folder = DataFolder(self.to)
        with folder.locked():
            yield folder

    def _begin_with(self, of: BackupSet, folder: DataFolder) -> None:
        """With the keys of the board."""
        self.say(f"from {of.id}, {self.moment} at the latest, into {self.to}")
        keys = sets.read(self.vault, of, KEYS, self.unseal)
        write_private(folder.path / "keys.json", keys.decode() + "\n")

    def _unpack_newest(self, bases: Sequence[BackupSet], folder: DataFolder) -> BackupSet:
        """The first of them that is whole."""
        for base in bases:
            try:
                self._begin_with(base, folder)
                self._unpack(base, folder)
            except _DAMAGES as ex:
                if base is bases[-1]:
                    raise
                self.say(f"{base.id} is damaged: {ex}")
                shutil.rmtree(folder.path / "postgres", ignore_errors=True)
                (folder.path / "packed").unlink(missing_ok=True)
            else:
                return base
        raise NothingToRestore(moment=self.moment)

    def _unpack(self, base: BackupSet, folder: DataFolder) -> None:
        cluster = folder.path / "postgres"
        packed = folder.path / "packed"
        for name, target in zip(
            postgres_tools.BASE_FILES, (cluster, cluster / "pg_wal", cluster), strict=True
        ):
            target.mkdir(mode=0o700, exist_ok=True)
            if name.endswith(".tar.gz"):
                sets.read_into(self.vault, base, name, packed, self.unseal)
                with tarfile.open(packed, "r:gz") as archive:
                    _extract(archive, target)
            else:
                sets.read_into(self.vault, base, name, target / name, self.unseal)
        packed.unlink()
        postgres_tools.check_base(cluster)

    def _fetch_wal(self, base: BackupSet, every: Sequence[BackupSet], folder: DataFolder) -> Path:
        """All that a recovery may ask for, unsealed, each file of a whole segment's size."""
        names = wal_names(self.vault).get(base.system, [])
        wanted = segments.between(names, base.start_segment, _end_of_interest(every, self.moment))
        lacking = segments.missing(wanted, base.start_segment) if wanted else []
        if lacking and not self.despite_gap:
            raise WalGap(names=", ".join(lacking[:3]) + (" …" if len(lacking) > 3 else ""))
        target = folder.path / "wal"
        target.mkdir(mode=0o700)

        def fetch(name: str) -> None:
            body = self.unseal.unseal(self.vault.get(key_of(base.system, name)), what=name)
            body = gzip.decompress(body)
            if segments.parse(name):
                body = body.ljust(segments.SEGMENT_BYTES, b"\0")
            (target / name.removesuffix(segments.PARTIAL)).write_bytes(body)

        whole = {name for name in wanted if not name.endswith(segments.PARTIAL)}
        with ThreadPoolExecutor(WAL_AT_ONCE) as pool:
            for _ in pool.map(
                fetch, [name for name in wanted if name.removesuffix(segments.PARTIAL) not in whole]
            ):
                pass
            for _ in pool.map(fetch, sorted(whole)):
                pass
        return target

    def _server(self, folder: DataFolder, wal_folder: Path | None) -> RecoveringPostgres:
        keys = folder.keys()
        return RecoveringPostgres(
            folder.path,
            socket_dir=folder.socket_dir(),
            password=keys["POSTGRES_PASSWORD"],
            superuser_password=keys["POSTGRES_SUPERUSER_PASSWORD"],
            log=folder.log("restore"),
            wal_folder=wal_folder,
            moment=self.moment,
        )

    def _recover(self, server: RecoveringPostgres) -> bool:
        """Bring the database to the moment; whether the WAL ended before it."""
        server.start()
        try:
            server.wait_until_ready()
        except ServiceFailed:
            assert server.log is not None
            if server.moment == Moment() or _TOO_SHORT not in server.log.read_text(
                errors="replace"
            ):
                raise
            # All that is there is older than the moment: so all of it is wanted.
            server.moment = Moment()
            server.start()
            server.wait_until_ready()
            return True
        return False

    def _finished(
        self, of: BackupSet, folder: DataFolder, server: Postgres, *, is_short: bool
    ) -> Restored:
        environ = {name: value for name, value in self.environ.items() if name not in _PLACES}
        environment = environments.of_parts(folder, environ, keys=folder.keys(), limits=True)
        settings = Settings.read(environment | {"DATABASE_URL": server.url})
        database = Database(server.url, connections_max=2, name="stillboard restore")
        database.open()
        try:
            with database.connection() as db:
                newest_s = wal.replayed_until(db)
            with self._phase("pictures"):
                uploads = settings.data / "uploads"
                count = (
                    fetch_media(self.vault, self.unseal, database, uploads) if self.has_media else 0
                )
        finally:
            database.close()
        return Restored(folder, of.id, settings, server, newest_s, is_short, count, self._took_s)

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        began_s = time.monotonic()
        yield
        self._took_s[name] = round(time.monotonic() - began_s, 2)
        self.say(f"{name}: {self._took_s[name]:.2f} s")


class RecoveringPostgres(Postgres):
    """A server that brings its cluster to a moment and then is one like any other.

    Without `wal_folder` it is that from the beginning.
    """

    ready_wait_s = RECOVERY_WAIT_S_MAX

    def __init__(
        self,
        folder: Path,
        *,
        socket_dir: Path,
        password: str,
        superuser_password: str,
        log: Path,
        wal_folder: Path | None,
        moment: Moment,
    ) -> None:
        super().__init__(
            folder,
            socket_dir=socket_dir,
            password=password,
            superuser_password=superuser_password,
            log=log,
        )
        self.moment = moment
        self._wal_folder = wal_folder

    def prepare(self) -> None:
        """Its own configuration in the place of the lost server's, and the order to recover."""
        super().prepare()
        if self._wal_folder is not None:
            (self.cluster / "recovery.signal").touch()
            if self.identity() == "nobody":
                _hand_over([self.cluster, self._wal_folder, self.socket_dir])

    def ready(self) -> bool:
        """Not while it recovers, when it stands by."""
        return super().ready() and _state(self.cluster) == "ready"

    def command(self) -> list[str]:
        """On the command line, so that nothing of it is left in the cluster."""
        if self._wal_folder is None:
            return super().command()
        options = {
            "restore_command": f'cp "{self._wal_folder}/%f" "%p"',
            "recovery_target_action": "promote",
            # Nobody is let in before the end of it, so that `ready` means just that.
            "hot_standby": "off",
        } | self.moment.as_options()
        return [
            *super().command(),
            *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
        ]


def fetch_media(vault: Vault, unseal: Unseal, database: Database, uploads: Path) -> int:
    """Those that a post holds, out of all that are in the vault; how many were wanted."""
    names = sorted({media.name_of(found.key) for found in vault.list(media.PREFIX)})
    wanted = []
    for first in range(0, len(names), MEDIA_ASKED_AT_ONCE):
        some = names[first : first + MEDIA_ASKED_AT_ONCE]
        with database.connection() as db:
            held = posts.stored_names(db, list({name.partition(".")[0] for name in some}))
        wanted += [name for name in some if name.partition(".")[0] in held]
    # They never change: what is here is as it was.
    lacking = [name for name in wanted if not (uploads / name[:2] / name).exists()]
    media.fetch(vault, unseal, lacking, uploads)
    return len(wanted)


def read_keys(vault: Vault, of: BackupSet, unseal: Unseal) -> dict[str, str]:
    """The secrets of the board at that time, by name."""
    found: dict[str, str] = json.loads(sets.read(vault, of, KEYS, unseal))
    return found


def bases_before(every: Sequence[BackupSet], moment: Moment) -> list[BackupSet]:
    """The base backups to begin with, the last that was finished by then first.

    Raises:
        NothingToRestore: there is none.
    """
    return _before(every, "base", moment)


def newest_dump(every: Sequence[BackupSet], moment: Moment) -> BackupSet:
    """The last dump that was finished by then. Raises NothingToRestore."""
    return _before(every, "dump", moment)[0]


def _before(every: Sequence[BackupSet], kind: str, moment: Moment) -> list[BackupSet]:
    latest_s = float("inf") if moment.at_s is None else moment.at_s
    fitting = [one for one in every if one.kind == kind and one.finished_s <= latest_s]
    if not fitting:
        raise NothingToRestore(moment=moment)
    return sorted(fitting, key=lambda one: (one.finished_s, one.id), reverse=True)


def _end_of_interest(every: Sequence[BackupSet], moment: Moment) -> str | None:
    """A segment that was begun after the moment; None: nobody knows of one."""
    if moment.at_s is None:
        return None
    later = [one for one in every if one.kind == "base" and one.begun_s > moment.at_s]
    return min(later, key=lambda one: one.begun_s).start_segment if later else None


def _state(cluster: Path) -> str:
    """Of a server, as it says in its pid file: 'starting', 'standby', 'ready' …"""
    with suppress(OSError, IndexError):
        return (cluster / "postmaster.pid").read_text().splitlines()[7].strip()
    return ""


def _stop(server: Postgres) -> None:
    """And leave no folder for sockets behind, which may be one among the temporary files."""
    server.stop()
    shutil.rmtree(server.socket_dir, ignore_errors=True)


#: Newer Pythons want to be told that the above has been seen to.
_TRUSTED: dict[str, Any] = (
    {"filter": "fully_trusted"} if hasattr(tarfile, "fully_trusted_filter") else {}
)


def _extract(archive: tarfile.TarFile, target: Path) -> None:
    """Files and folders with their rights, but owned by us: the lost server may have run as
    somebody else.

    SECURITY: what would come to lie outside is refused by ourselves, since Python 3.11.2, which is
    Debian 12's, has no filters yet.

    Raises:
        ServiceFailed: something in it is no file or folder below `target`.
    """
    for member in archive:
        is_below = (target / member.name).resolve().is_relative_to(target.resolve())
        if not is_below or not (member.isfile() or member.isdir()):
            raise ServiceFailed(f"{member.name} in the backup is no file or folder of a cluster")
        member.uid, member.gid, member.uname, member.gname = os.geteuid(), os.getegid(), "", ""
        archive.extract(member, target, **_TRUSTED)


def _hand_over(places: Sequence[Path]) -> None:
    """To the user nobody, who runs the server where nothing better works."""
    nobody = pwd.getpwnam("nobody")
    for place in places:
        for path in (place, *place.rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
