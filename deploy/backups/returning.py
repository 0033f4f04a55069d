"""The story of a return: what was restored goes back into the servers that a board has.

Those of systemd's, compose's or Kubernetes' PostgreSQL: with the roles and passwords that the
server has. What the database held before stays in it, in a schema of another name, until somebody
drops it: it may be all that is left of the last hours.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy import sightings
from deploy.backups import postgres_tools
from deploy.backups.rendering import render_everything
from deploy.backups.restoring import Moment, Restore, fetch_media, newest_dump, read_keys
from deploy.backups.sealing import Unseal
from deploy.backups.sets import read_into, signed_off
from deploy.backups.source import Source, opened
from deploy.backups.taking import DUMP
from deploy.backups.vault import Vault
from imageboard.errors import ImageboardError
from imageboard.settings import Settings
from imageboard.store import figures, migrations
from imageboard.store.servers import wal
from imageboard.words import N_

#: The stream of the WAL goes on meanwhile: what it sends off is the return itself.
_MAY_RUN = frozenset({"backup-wal"})


class ProgramsRun(ImageboardError):
    message = N_(
        "Programs of the board are connected to its database: {names}. Stop them first "
        "(docs/disaster-recovery.md), and start them afterwards."
    )


@dataclass(frozen=True)
class Returned:
    """What is back."""

    set_id: str
    #: The schema that holds what was there before; '': nothing was.
    kept_in: str
    media_files: int
    #: Pictures that neither the store nor this machine has.
    lost: list[str]
    #: Secrets that are others here than in the backup: their work is not what it was.
    other_keys: list[str]


@dataclass
class Return:
    """One return into the servers and folders that `source`'s settings name."""

    source: Source
    vault: Vault
    unseal: Unseal
    moment: Moment
    environ: Mapping[str, str]
    despite_gap: bool = False
    say: Callable[[str], None] = lambda _line: None

    def run(self, *, from_dump: bool) -> Returned:
        """Bring the tables, the pictures and the pages back.

        Raises:
            ProgramsRun, and whatever a restore raises: nothing was changed, but for pages when it
            is the last step that fails; it can be called again.
        """
        self._check_nobody_is_connected()
        with tempfile.TemporaryDirectory(prefix="return-", dir=self.source.backups) as scratch:
            dump = Path(scratch) / DUMP
            set_id, keys = self._dumped(Path(scratch), dump, from_dump=from_dump)
            kept_in = self._load(dump)
        settings = self.source.settings
        with opened(settings.database_url) as database:
            migrations.apply(database)
            self.say("pictures …")
            uploads = settings.data / "uploads"
            count = fetch_media(self.vault, self.unseal, database, uploads)
        self.say("pages …")
        lost = render_everything(settings)
        return Returned(set_id, kept_in, count, lost, _differing(keys, self.source.keys()))

    def _check_nobody_is_connected(self) -> None:
        with opened(self.source.settings.database_url) as database, database.connection() as db:
            connected = figures.programs(db)
        wanted = [name for name in sightings.implied(self.source.settings) if name not in _MAY_RUN]
        if running := [name for name in wanted if name in connected]:
            raise ProgramsRun(names=", ".join(running))

    def _dumped(self, scratch: Path, dump: Path, *, from_dump: bool) -> tuple[str, dict[str, str]]:
        """The tables of that moment as a file, which goes into any version; which set, its keys."""
        if from_dump:
            found = newest_dump(signed_off(self.vault), self.moment)
            self.say(f"from {found.id}")
            read_into(self.vault, found, DUMP, dump, self.unseal)
            postgres_tools.check_dump(dump)
            return found.id, read_keys(self.vault, found, self.unseal)
        restore = Restore(
            self.vault,
            self.unseal,
            scratch / "board",
            self.moment,
            self.environ,
            despite_gap=self.despite_gap,
            has_media=False,
            say=self.say,
        )
        with restore.from_base() as restored:
            own = postgres_tools.own_version()
            postgres_tools.dump(restored.server.url, dump, server=own)
            return restored.set_id, dict(restored.folder.keys())

    def _load(self, dump: Path) -> str:
        settings = self.source.settings
        kept_in = (
            f"{postgres_tools.SET_ASIDE}{datetime.fromtimestamp(time.time(), UTC):%Y%m%d_%H%M%S}"
        )
        with opened(settings.database_url) as database, database.connection() as db:
            server = wal.version(db)
            has_tables = figures.has_tables(db)
            if has_tables:
                figures.set_aside(db, kept_in)
        self.say(f"tables, into PostgreSQL {server} …")
        try:
            postgres_tools.load_dump(settings.database_url, dump, server=server)
        except ImageboardError:
            if has_tables:
                with opened(settings.database_url) as database, database.connection() as db:
                    figures.put_back(db, kept_in)
            raise
        return kept_in if has_tables else ""


def _differing(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    names = [row.name for row in Settings.rows() if row.is_secret]
    return [name for name in names if name in then and then[name] != now.get(name, "")]
