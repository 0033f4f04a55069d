"""PostgreSQL servers of which one follows the other, with the configuration of deploy/ha/."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path
from urllib.parse import quote

from deploy.embedded.postgres import DATABASE, Postgres, sql_text
from deploy.embedded.service import ServiceFailed, run_as
from deploy.embedded.wheels import postgres_binary
from deploy.environment import ROOT

HA = ROOT / "deploy/ha"
REPLICATOR = "replicator"

CONFIGURATION = """\
# Written anew at each start.
include '{ha}/postgresql.conf'
cluster_name = '{name}'
listen_addresses = '127.0.0.1'
port = {port}
"""

ACCESS = """\
# type  database     user        address       method
host    all          all         127.0.0.1/32  scram-sha-256
host    replication  {replicator}  127.0.0.1/32  scram-sha-256
"""


class PairedPostgres(Postgres):
    """One of two servers, over TCP on 127.0.0.1; with `follows` it begins as a copy of the other.

    A promoted one stays a primary when it is started again: what it is stands in its cluster.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        port: int,
        password: str,
        superuser_password: str,
        follows: PairedPostgres | None = None,
        log: Path | None = None,
    ) -> None:
        super().__init__(
            folder,
            socket_dir=folder,
            password=password,
            superuser_password=superuser_password,
            log=log,
        )
        self.name = name
        self.port = port
        self.follows = follows

    def _url(self, role: str, password: str, database: str) -> str:
        return f"postgresql://{role}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> None:
        """Its cluster, its configuration, and who may come in."""
        super().prepare()
        configuration = CONFIGURATION.format(ha=HA, name=self.name, port=self.port)
        (self.cluster / "operator.conf").write_text(configuration, encoding="utf-8")
        access = ACCESS.format(replicator=REPLICATOR)
        (self.cluster / "operator_hba.conf").write_text(access, encoding="utf-8")

    def fence(self) -> None:
        """Of a stopped old primary: whoever starts it, it takes no writes."""
        (self.cluster / "standby.signal").touch()

    def rejoin(self, primary: PairedPostgres) -> None:
        """Make a stopped old primary the replica of the one that took its place.

        What it had that the new primary has not is undone; it need not be copied anew.

        Raises:
            ServiceFailed: pg_rewind can't: the way back is a new copy.
        """
        # It first lets the server recover by itself, which a standby would not do.
        (self.cluster / "standby.signal").unlink(missing_ok=True)
        complaint = run_as(
            self.identity(),
            [
                *(postgres_binary("pg_rewind"), "-R", f"--target-pgdata={self.cluster}"),
                f"--source-server={self._source(primary)} dbname={DATABASE}",
            ],
        )
        if complaint:
            raise ServiceFailed(f"{self.name} was not rewound: {complaint.splitlines()[-1]}")
        self._ask_for_slot(primary)
        # What the new primary was told when it was a replica came along with its other files.
        with (self.cluster / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
            settings.write(f"primary_slot_name = '{self.name}'\n")
        self.follows = primary

    def _ask_for_slot(self, primary: PairedPostgres) -> None:
        complaint = run_as(
            self.identity(),
            [
                *(postgres_binary("pg_receivewal"), "--create-slot", "--if-not-exists"),
                *("-S", self.name, "-d", self._source(primary)),
            ],
        )
        if complaint:
            raise ServiceFailed(f"{primary.name} has no slot: {complaint.splitlines()[-1]}")

    def _make_cluster(self) -> None:
        if self.follows is None:
            super()._make_cluster()
            return
        copy = self.cluster.with_name("postgres.unfinished")
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir(mode=0o700)
        if self.identity() == "nobody":
            self._hand_to_nobody(copy)
        self._copy_from(self.follows, copy)
        copy.rename(self.cluster)

    def _copy_from(self, primary: PairedPostgres, copy: Path) -> None:
        """A base backup that knows its primary (-R), with a slot there that keeps its WAL (-C)."""
        complaint = run_as(
            self.identity(),
            [
                *(postgres_binary("pg_basebackup"), "-D", copy, "-R", "-C", "-S", self.name),
                *("-X", "stream", "-c", "fast", "-d", self._source(primary)),
            ],
        )
        if complaint:
            raise ServiceFailed(f"{primary.name} was not copied: {complaint.splitlines()[-1]}")

    def _source(self, primary: PairedPostgres) -> str:
        """How to reach `primary` as one who may copy it; also what -R writes down."""
        where = f"host=127.0.0.1 port={primary.port} user={REPLICATOR}"
        return f"{where} passfile={self._password_file()}"

    def _password_file(self) -> Path:
        """For libpq, https://www.postgresql.org/docs/18/libpq-pgpass.html (read 2026-11-24)."""
        path = self.cluster.with_name("replication.password")
        escaped = self.password.replace("\\", "\\\\").replace(":", "\\:")
        path.touch(mode=0o600)
        path.write_text(f"127.0.0.1:*:*:{REPLICATOR}:{escaped}\n", encoding="utf-8")
        if self.identity() == "nobody":
            nobody = pwd.getpwnam("nobody")
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        return path

    def _make_database(self, cluster: Path) -> None:
        super()._make_database(cluster)
        replicator = f"CREATE ROLE {REPLICATOR} LOGIN REPLICATION"
        self._run_alone(
            cluster,
            DATABASE,
            f"{replicator} PASSWORD {sql_text(self.password)};\n\n"
            + (HA / "grants.sql").read_text(encoding="utf-8"),
        )
