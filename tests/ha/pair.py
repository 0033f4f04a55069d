"""Two PostgreSQL servers, and what the tests ask of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from cli.registry import stillboard
from imageboard.store.database import Connection, Database
from imageboard.store.servers import replication
from tests.deploy.stand_ins import eventually
from tests.ha.replica import PairedPostgres


@dataclass
class Pair:
    """`primary` and `replica` are what they were at the beginning."""

    primary: PairedPostgres
    replica: PairedPostgres
    #: A data folder, for commands.
    data: Path

    @property
    def url(self) -> str:
        """Both, as a board's DATABASE_URL names them."""
        both = f":{self.primary.port},127.0.0.1:{self.replica.port}/"
        url = self.primary.url.replace(f":{self.primary.port}/", both)
        return f"{url}?target_session_attrs=read-write"

    def call(self, *arguments: str) -> Result:
        """`stillboard database …`"""
        environ = {
            "DATABASE_URL": self.url,
            "DATABASE_REPLICA_URL": self.replica.url,
            "STILLBOARD_DATA": str(self.data),
        }
        return CliRunner().invoke(stillboard, ["database", *arguments], obj=environ)

    def wait_until_streaming(self, primary: PairedPostgres) -> None:
        with replication.server(primary.url) as db:
            assert eventually(
                lambda: [one.state for one in replication.followers(db)] == ["streaming"]
            )

    def wait_until_nobody_follows(self) -> None:
        """The primary has noticed, too: it goes on sending for a moment to a replica that ended."""
        with replication.server(self.primary.url) as db:
            assert eventually(lambda: replication.followers(db) == [])

    def wait_until_somebody_waits(self) -> None:
        """A commit on the primary waits for the replica."""
        with replication.server(self.primary.url) as db:
            assert eventually(lambda: waits_for_replica(db))


def waits_for_replica(db: Connection) -> bool:
    row = db.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    ).fetchone()
    return row is not None and row[0] > 0


def note(database: Database, text: str) -> None:
    """Store a line."""
    with database.transaction() as db:
        db.execute("INSERT INTO notes VALUES (%s)", (text,))


def notes(db: Connection) -> set[str]:
    return {text for (text,) in db.execute("SELECT text FROM notes")}
