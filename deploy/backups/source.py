"""The board that is backed up: where its database, uploads and keys are."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy import environment as environments
from deploy.backups import postgres_tools
from deploy.backups.sealing import Seal
from deploy.data_folder import DataFolder
from deploy.embedded.postgres import Postgres
from imageboard.settings import Settings
from imageboard.store.database import Database


@dataclass(frozen=True)
class Source:
    """One board, up on this machine or on servers of the operator's."""

    folder: DataFolder
    settings: Settings

    @classmethod
    def of_board(cls, data: Path | None, environ: Mapping[str, str]) -> Source:
        """Raises ServiceFailed when no board is up and no servers are named; BadSetting."""
        folder = DataFolder(environments.data_path(data, environ))
        return cls(folder, environments.settings_of_board(data, environ))

    @property
    def seal(self) -> Seal:
        """Raises BadSetting when there is no recipient."""
        self.settings.require("backup_recipients")
        return Seal(self.settings.backup_recipients)

    @property
    def replication_url(self) -> str:
        """Of a role that may copy the whole cluster: the embedded server's superuser's.

        Raises:
            BadSetting: the server is the operator's, and STILLBOARD_BACKUP_DATABASE_URL not set.
        """
        if self.settings.backup_database_url:
            return self.settings.backup_database_url
        run = self.folder.run() if self.folder.is_locked() else None
        keys = self.folder.keys()
        if run is not None:
            embedded = Postgres(
                self.folder.path,
                socket_dir=Path(run.socket_dir),
                password=keys["POSTGRES_PASSWORD"],
                superuser_password=keys["POSTGRES_SUPERUSER_PASSWORD"],
            )
            if embedded.url == self.settings.database_url:
                return embedded.superuser_url
        self.settings.require("backup_database_url")
        raise AssertionError("unreachable")

    @property
    def uploads(self) -> Path:
        return self.settings.data / "uploads"

    @property
    def backups(self) -> Path:
        """What the backups need on this machine; all of it can be made again."""
        path = self.folder.path / "backups"
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def keys(self) -> dict[str, str]:
        """The secrets that a restored board needs, as keys.json holds them.

        Those of the settings go before those of the folder, as they do when the board runs: the
        passwords too, since a base backup brings the roles of its server along.
        """
        settings = self.settings
        _, password = postgres_tools.without_password(settings.database_url)
        given = {
            "POSTGRES_PASSWORD": password.get("PGPASSWORD", ""),
            "STILLBOARD_ADDRESS_KEY": base64.b64encode(settings.address_key).decode(),
            "CSRF_KEY": base64.b64encode(settings.csrf_key).decode(),
            "STILLBOARD_SECURE_TRIP_SALT": settings.secure_trip_salt,
            "STILLBOARD_LOG_KEY": base64.b64encode(settings.log_key).decode(),
            "STILLBOARD_PUSH_KEY": base64.b64encode(settings.push_key).decode(),
        }
        return dict(self.folder.keys()) | {name: key for name, key in given.items() if key}


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """A database, closed after the block."""
    database = Database(url, connections_max=2, name="stillboard backup")
    database.open()
    try:
        yield database
    finally:
        database.close()
