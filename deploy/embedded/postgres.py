"""PostgreSQL: a durable cluster with the role and the database `stillboard`."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import sys
from pathlib import Path
from urllib.parse import quote

from deploy.embedded.service import (
    Identity,
    Service,
    ServiceFailed,
    identity_without_root,
    run_as,
    write_private,
)
from deploy.embedded.wheels import postgres_binary
from imageboard.store.room import MB

ROLE = "stillboard"
DATABASE = "stillboard"
SUPERUSER = "postgres"

#: It only names the socket's file: no TCP port is opened.
SOCKET_NUMBER = 5432

CONFIGURATION = """\
# Written anew at each start. Put settings of your own into operator.conf beside this file.

listen_addresses = ''
port = {socket_number}
unix_socket_directories = {socket_dir}
unix_socket_permissions = 0700
password_encryption = scram-sha-256
max_connections = 100

# A post that was acknowledged is on the disk.
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
# PERF: after a crash everything is flushed before the WAL is replayed. File by file that took 0.2
# to 5 s of a busy disk, with all posts waiting; in one call of the system 0.01 to 0.1 s.
recovery_init_sync_method = {flush}

# Whoever streams the WAL away (backups, a replica) holds back no more of it than this, however
# long it is gone: a full disk would stop the board.
max_slot_wal_keep_size = {slot_wal_mb}MB
# Between two checkpoints.
max_wal_size = {wal_mb}MB

# What a board reads is in memory, and nobody replicates it row by row: four processes fewer.
io_method = sync
# PERF: memory is set aside for so many reads at once, and with `sync` there is one: 1 MB less than
# with 64 for each process.
io_max_concurrency = 8
max_logical_replication_workers = 0

shared_buffers = 64MB
jit = off                # all queries are short: compiling them costs more than running them
random_page_cost = 1.1   # solid-state disks
# PERF: a board that is young, or was just imported, is soon known to the planner. Until then it
# looks for the files of a post among all of its board: to remove 450 posts takes twice the
# processor. To look so often takes less than a thousandth of one.
autovacuum_naptime = 10s

timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_min_duration_statement = 1s
log_parameter_max_length = 0     # parameters are people's posts: never in a log
log_parameter_max_length_on_error = 0
log_error_verbosity = terse      # nor in the detail of a failed statement

include_if_exists = 'operator.conf'
"""

ACCESS = """\
# Written anew at each start. Put lines of your own into operator_hba.conf beside this file.
# Passwords, and over the Unix socket only.
# type  database     user  method
local   all          all   scram-sha-256
local   replication  all   scram-sha-256

include_if_exists operator_hba.conf
"""


class Postgres(Service):
    """A cluster in `folder`/postgres, reached over a Unix socket in `socket_dir`.

    `durable=False` is for tests: three times faster, and lost with the machine's power.
    """

    # "Fast" shutdown ends sessions and writes a checkpoint. When we are killed there may be no
    # time for that: "immediate" leaves within milliseconds, and the next start replays the WAL,
    # which is the same path that a power cut takes.
    stop_signal = signal.SIGINT
    death_signal = signal.SIGQUIT
    stop_wait_s = 30.0

    def __init__(
        self,
        folder: Path,
        *,
        socket_dir: Path,
        password: str,
        superuser_password: str,
        durable: bool = True,
        log: Path | None = None,
        identity: Identity | None = None,
    ) -> None:
        super().__init__("postgres", log)
        self.cluster = folder.absolute() / "postgres"
        self.socket_dir = socket_dir.absolute()
        self.password = password
        self.superuser_password = superuser_password
        self.durable = durable
        self._identity = identity

    def identity(self) -> Identity:
        """PostgreSQL refuses to run as root, and as a user id without a name (containers)."""
        if self._identity is None:
            self._identity = identity_without_root() if _has_name(os.geteuid()) else "mapped"
        return self._identity

    @property
    def url(self) -> str:
        """For the board: the owner of the database, no superuser."""
        return self._url(ROLE, self.password, DATABASE)

    @property
    def superuser_url(self) -> str:
        """For tests and upkeep that make databases."""
        return self._url(SUPERUSER, self.superuser_password, "postgres")

    def _url(self, role: str, password: str, database: str) -> str:
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{role}:{quote(password, safe='')}@{host}:{SOCKET_NUMBER}/{database}"

    def prepare(self) -> None:
        """Make the cluster if there is none, and write its configuration.

        Raises:
            ServiceFailed: initdb failed, or the cluster is of another major version.
        """
        if not self.cluster.exists():
            self._make_cluster()
        self._refuse_other_version()
        configuration = CONFIGURATION.format(
            socket_number=SOCKET_NUMBER,
            socket_dir=_conf_path(self.socket_dir),
            durable="on" if self.durable else "off",
            slot_wal_mb=min(4096, self._part_of_disk_mb()),
            wal_mb=min(1024, self._part_of_disk_mb()),
            flush="syncfs" if syncfs_tells_of_errors() else "fsync",
        )
        # The folder is closed; PostgreSQL may be another user than we are.
        write_private(self.cluster / "postgresql.conf", configuration, mode=0o644)
        write_private(self.cluster / "pg_hba.conf", ACCESS, mode=0o644)

    def _part_of_disk_mb(self) -> int:
        """An eighth of the disk; at least what PostgreSQL needs to go round in."""
        return max(64, shutil.disk_usage(self.cluster).total // 8 // MB)

    def command(self) -> list[str]:
        """postgres itself rather than pg_ctl: it stays our child."""
        return [str(postgres_binary("postgres")), "-D", str(self.cluster)]

    def ready(self) -> bool:
        """What pg_ctl asks too: the status line that postmaster keeps in its pid file.

        A replica stands by as long as it is one.
        """
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        states = ("ready", "standby")
        return len(lines) >= 8 and lines[0] == str(self.pid) and lines[7].strip() in states

    def _make_cluster(self) -> None:
        """All of it beside its place, then one rename: a half-made cluster is never started."""
        unfinished = self.cluster.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if self.identity() == "nobody":
            self._hand_to_nobody(unfinished)
        self._initdb(unfinished)
        self._make_database(unfinished)
        unfinished.rename(self.cluster)

    def _hand_to_nobody(self, cluster: Path) -> None:
        nobody = pwd.getpwnam("nobody")
        for folder in (cluster, self.socket_dir):
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)

    def _initdb(self, cluster: Path) -> None:
        complaint = run_as(
            self.identity(),
            [
                postgres_binary("initdb"),
                f"--pgdata={cluster}",
                f"--username={SUPERUSER}",
                "--auth=reject",  # until pg_hba.conf is ours and there are passwords
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--data-checksums",
                "--no-instructions",
                *([] if self.durable else ["--no-sync"]),
            ],
        )
        if complaint and self.identity() != "own":
            raise ServiceFailed(
                "PostgreSQL runs neither as root nor as a user without a name, and the way round "
                f"that fails here ({complaint.splitlines()[-1]}): start the board as another user"
            )
        if complaint:
            raise ServiceFailed(f"initdb failed: {complaint.splitlines()[-1]}")
        (cluster / "pg_hba.conf").write_text(ACCESS, encoding="utf-8")

    def _make_database(self, cluster: Path) -> None:
        self._run_alone(
            cluster,
            "postgres",
            f"ALTER ROLE {SUPERUSER} PASSWORD {sql_text(self.superuser_password)};\n\n"
            f"CREATE ROLE {ROLE} LOGIN PASSWORD {sql_text(self.password)};\n\n"
            f"CREATE DATABASE {DATABASE} OWNER {ROLE};\n\n",
        )

    def _run_alone(self, cluster: Path, database: str, statements: str) -> None:
        """In single-user mode: no server has to be started for it, and no client is needed.

        Each statement ends at an empty line (-j).
        """
        complaint = run_as(
            self.identity(),
            [
                *(postgres_binary("postgres"), "--single", "-j", "-D", cluster),
                *("-c", "exit_on_error=on", database),
            ],
            text_in=statements,
        )
        if complaint:
            raise ServiceFailed(f"the database was not made: {complaint.splitlines()[-1]}")

    def _refuse_other_version(self) -> None:
        made_by = (self.cluster / "PG_VERSION").read_text().strip()
        template = postgres_binary("postgres").parents[1] / "share" / "postgres.bki"
        with template.open() as file:
            ours = file.readline().split()[-1]  # "# PostgreSQL 18"
        if made_by != ours:
            raise ServiceFailed(
                f"{self.cluster} was made by PostgreSQL {made_by}, and this is {ours}: dump it "
                f"with the board's last version, move the folder away, start, and load the dump"
            )


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def syncfs_tells_of_errors() -> bool:
    """Whether the kernel has syncfs(2), and it fails when a write did: Linux 5.8 or newer.

    See https://www.postgresql.org/docs/18/runtime-config-error-handling.html (read 2026-11-24).
    """
    if sys.platform != "linux":
        return False
    version = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return version is not None and tuple(map(int, version.groups())) >= (5, 8)


def sql_text(text: str) -> str:
    """A string literal: it's -> 'it''s'."""
    return "'" + text.replace("'", "''") + "'"


def _conf_path(path: Path) -> str:
    """One entry of a path list in postgresql.conf, which may hold commas and quotes."""
    entry = '"' + str(path).replace('"', '""') + '"'
    return "'" + entry.replace("\\", "\\\\").replace("'", "''") + "'"
