"""The story of `./stillboard up`: the whole board on one machine, in the foreground."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from deploy import environment as environments
from deploy.ballast import Ballast
from deploy.data_folder import DataFolder, Renewed, Rollout, Run, running_parts
from deploy.embedded.nginx import Nginx, check_port
from deploy.embedded.postgres import Postgres
from deploy.embedded.seaweedfs import SeaweedFS
from deploy.embedded.service import Service, ServiceFailed
from deploy.embedded.valkey import Valkey
from deploy.follow import LogFollower
from deploy.metrics_addresses import FIRST_PROGRAMS, addresses, write_targets
from deploy.own_site import WRITER_SOCKET, is_ok, log_socket, own_url, site_of, url_of
from deploy.supervisor import Supervisor
from deploy.telling import say
from imageboard import media_kinds
from imageboard.errors import ImageboardError
from imageboard.settings import Settings
from imageboard.store.room import MB, Room

FRONT_PAGE_WAIT_S = 60.0
TRIM_LOGS_EVERY_S = 5.0
#: Of the bucket of `up --with-r2`.
BUCKET_NAME = "stillboard"
#: Servers and programs write so much at a start, and some more.
STARTS_WITH_BYTES = 8 * MB
#: More than nginx writes at its start.
PROBE_BYTES = 256 * 1024
#: None where it would have no work.
_DEVELOPERS = ("developer",) if media_kinds.HAS_SLOW else ()
#: In the order of their ports for metrics, whether or not there is one.
_COURIERS = ("courier",)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller of `up` asked for."""

    host: str
    port: int
    data: Path
    limits: bool
    verbose: bool
    with_r2: bool = False

    @property
    def url(self) -> str:
        """'http://127.0.0.1:8080/', 'http://[::1]:8080/'."""
        return url_of(self.host, self.port)

    @property
    def own_url(self) -> str:
        """The same from this machine."""
        return own_url(self.host, self.port)


def run(wish: Wish, environ: Mapping[str, str]) -> None:
    """Start everything, say so, and keep it running until a signal comes.

    Raises:
        ServiceFailed: it could not be started; one line for the operator. Nothing is left running.
        BadSetting: a setting is wrong.
    """
    folder = DataFolder(wish.data)
    ballast = Ballast(folder.path)
    try:
        with folder.locked():
            check_port(wish.host, wish.port)
            ballast.give_way()
            House(wish, folder, ballast, environ).run()
    except OSError as ex:
        raise ServiceFailed(f"can't go on with {folder.path}: {ex}") from ex


class House:
    """One board's services and the order in which they come up."""

    def __init__(
        self, wish: Wish, folder: DataFolder, ballast: Ballast, environ: Mapping[str, str]
    ) -> None:
        self._wish = wish
        self._folder = folder
        self._ballast = ballast
        self._keys = folder.keys()
        self._environment = environments.of_parts(
            folder, environ, keys=self._keys, limits=wish.limits
        )
        # A wrong setting stops us here, before anything is started.
        self._given = Settings.read(self._environment)
        if self._given.backup_to.startswith("s3://"):
            self._given.require("backup_access_key", "backup_secret_key")
        self._room = Room.from_settings(self._given)
        self._socket_dir = folder.socket_dir()
        self._started_at = time.time()
        self._began = time.monotonic()
        self._metrics: dict[str, str] = {}
        self._rollout = Rollout()
        #: Whether this start has founded the board: no page of it stands yet.
        self._is_first = False
        #: What run.json should say is running, and whether it does.
        self._noted: list[Service] = []
        self._is_noted = True
        #: Serves pages while there is no room to start anything else.
        self._reader: Nginx | None = None
        self._log_follower = LogFollower(folder.logs) if wish.verbose else None
        self._logs_trimmed = time.monotonic()

    def run(self) -> None:
        """See `run` above."""
        self._folder.trim_logs()
        try:
            with Supervisor(say, on_change=self._note) as supervisor:
                self._start_however_full(supervisor)
                supervisor.watch(self._each_second, lambda: self._roll_out(supervisor))
        finally:
            self._folder.forget_run(self._described([]))
            self._folder.forget_memory()
        say("stopped")

    def _start_however_full(self, supervisor: Supervisor) -> None:
        """Start; where the disk is too full for that, let people read until it is not."""
        while True:
            try:
                return self._start(supervisor)
            except ServiceFailed as ex:
                if self._room.free_bytes >= STARTS_WITH_BYTES:
                    raise
                say(f"the disk is too full to start: {ex}")
            supervisor.stop()
            with folder_with_room(self._folder.nginx) as run_dir:
                self._reader = self._nginx(self._given, run_dir)
                supervisor.start([self._reader])
                say(f"reading only, at {self._wish.url}, until there is room for more")
                supervisor.watch(
                    self._each_second, until=lambda: self._room.free_bytes >= STARTS_WITH_BYTES
                )
            supervisor.heed_signals()

    def _start(self, supervisor: Supervisor) -> None:
        with self._phase("servers"):
            supervisor.start(self._servers())
        settings = Settings.read(self._environment)
        settings.require("database_url", "redis_url")
        with self._phase("tables"):
            self._prepare_database(settings)
        supervisor.heed_signals()
        with self._phase("programs"):
            programs = self._programs(settings)
            drawn_otherwise = self._drawn_otherwise(settings)
            if self._reader is not None:
                supervisor.dismiss(self._reader)
                self._reader = None
            supervisor.start(programs)
        with self._phase("front page"):
            supervisor.wait_for(
                partial(self._serves, settings),
                "the front page",
                time.monotonic() + FRONT_PAGE_WAIT_S,
            )
        if not self._wish.limits:
            print("stillboard: no limits: whoever reaches this board may flood it", file=sys.stderr)
        print(f"ready: {self._wish.url}", flush=True)
        if drawn_otherwise:
            say(
                f"pages of {', '.join(drawn_otherwise)} were drawn with other templates: "
                "./stillboard rerender --all"
            )

    def _servers(self) -> list[Service]:
        """Those that the operator has not brought along. Their URLs go into the environment."""
        servers: list[Service] = []
        if not self._given.database_url:
            postgres = Postgres(
                self._folder.path,
                socket_dir=self._socket_dir,
                password=self._keys["POSTGRES_PASSWORD"],
                superuser_password=self._keys["POSTGRES_SUPERUSER_PASSWORD"],
                log=self._folder.log("postgres"),
            )
            self._environment["DATABASE_URL"] = postgres.url
            servers.append(postgres)
            if not postgres.cluster.exists():
                say("making the database (this once)")
        if not self._given.redis_url:
            valkey = Valkey(
                self._folder.path,
                socket_dir=self._socket_dir,
                password=self._keys["VALKEY_PASSWORD"],
                log=self._folder.log("valkey"),
            )
            self._environment["REDIS_URL"] = valkey.url
            servers.append(valkey)
        if self._wish.with_r2 and not self._given.has_object_store:
            servers.append(self._bucket())
        return servers

    def _bucket(self) -> SeaweedFS:
        """A bucket on this machine in the place of R2, for who wants to see the second stage."""
        bucket = SeaweedFS(
            self._folder.path,
            bucket=BUCKET_NAME,
            access_key="stillboard",
            secret_key=self._keys["SEAWEEDFS_SECRET_KEY"],
            log=self._folder.log("seaweedfs"),
        )
        self._environment |= {
            "S3_ENDPOINT_URL": bucket.url,
            "R2_BUCKET_NAME": bucket.bucket,
            "R2_ACCESS_KEY": bucket.access_key,
            "R2_SECRET_KEY": bucket.secret_key,
        }
        say(f"the bucket is at {bucket.url}/{bucket.bucket}/")
        return bucket

    def _prepare_database(self, settings: Settings) -> None:
        # Imported here: loading the servers' clients would delay their own start.
        from deploy.founding import FIRST_BOARD, prepare_database

        try:
            login = prepare_database(
                settings,
                keep=lambda login: self._folder.keep_first_login(login.name, login.password),
            )
        except ImageboardError as ex:
            raise ServiceFailed(f"the servers can't be used: {ex}") from ex
        self._is_first = login is not None
        if login is not None:
            print(f"made the board /{FIRST_BOARD}/ and a staff account: {self._wish.url}mod/")
            print(f"  name:     {login.name}\n  password: {login.password}")
            print(f"  kept in {self._folder.first_login}: delete it once noted", flush=True)

    def _drawn_otherwise(self, settings: Settings) -> list[str]:
        """Boards whose pages are as they were before an upgrade, until somebody draws them.

        PERF: asked before the programs are forked, as nginx.conf is rendered: what we run later we
        copy, 2 MB for this.
        """
        # Imported here, while PostgreSQL is up already.
        from deploy.founding import boards_drawn_otherwise

        return [f"/{name}/" for name in boards_drawn_otherwise(settings)]

    def _programs(self, settings: Settings) -> list[Service]:
        # Imported here, while PostgreSQL is up already.
        from deploy.parts import (
            CatchUp,
            Writer,
            backup_wal,
            courier,
            developer,
            publisher,
            render_worker,
        )
        from deploy.warming import warm_up

        warm_up()
        folder = self._folder
        socket = self._socket_dir / WRITER_SOCKET
        environment = self._environments_of_programs(settings)
        workers = [
            render_worker(
                number,
                redis_url=settings.redis_url,
                environment=environment[f"renderer-{number}"],
                log=folder.log(f"renderer-{number}"),
            )
            for number in range(1, settings.render_workers + 1)
        ]
        second_stage = [
            publisher(
                redis_url=settings.redis_url,
                environment=environment["publisher"],
                log=folder.log("publisher"),
            )
        ]
        slow_media = [
            developer(
                redis_url=settings.redis_url, environment=environment[name], log=folder.log(name)
            )
            for name in _DEVELOPERS
        ]
        couriers = [
            courier(
                redis_url=settings.redis_url, environment=environment[name], log=folder.log(name)
            )
            for name in _COURIERS
        ]
        keeper = CatchUp(
            sockets=self._socket_dir,
            environment=environment["catch-up"],
            log=folder.log("catch-up"),
        )
        writer = Writer(socket, environment=environment["writer"], log=folder.log("writer"))
        for program in (*workers, *second_stage, keeper, writer):
            program.is_forked = True
        backups = [backup_wal(environment=self._environment, log=folder.log("backup-wal"))]
        # Stopped from the last: the door closes first, and what came in by then gets its page.
        return [
            *(backups if "wal" in settings.backup_kinds else []),
            *(second_stage if settings.has_cloud else []),
            *workers,
            *slow_media,
            *(couriers if settings.push else []),
            keeper,
            writer,
            self._prepared(self._nginx(settings, folder.nginx)),
        ]

    @staticmethod
    def _prepared(nginx: Nginx) -> Nginx:
        """PERF: to render nginx.conf once the programs are forked copies 8 MB for us."""
        try:
            nginx.prepare()
        except OSError as ex:
            raise ServiceFailed(f"nginx can't be prepared: {ex}") from ex
        return nginx

    def _nginx(self, settings: Settings, run_dir: Path) -> Nginx:
        site = site_of(
            settings,
            self._folder,
            self._socket_dir / WRITER_SOCKET,
            host=self._wish.host,
            port=self._wish.port,
        )
        return Nginx(
            replace(site, run_dir=run_dir),
            language=settings.language,
            log=self._folder.log("nginx"),
        )

    def _environments_of_programs(self, settings: Settings) -> dict[str, dict[str, str]]:
        """{program: environment}: the same for all but for where each shows its metrics."""
        renderers = [f"renderer-{number}" for number in range(1, settings.render_workers + 1)]
        programs = [*FIRST_PROGRAMS, *renderers, *_DEVELOPERS, *_COURIERS]
        idle = {
            *(() if settings.has_cloud else ("publisher",)),
            *(() if settings.push else _COURIERS),
        }
        self._metrics = addresses(settings.metrics_listen, programs)
        shown = {
            program: address for program, address in self._metrics.items() if program not in idle
        }
        folder = self._folder.path / "metrics"
        with suppress(OSError):  # those of the last start stand there
            write_targets(folder / "targets.json", shown)
        environment = {
            program: {**self._environment, "STILLBOARD_METRICS_LISTEN": address}
            for program, address in self._metrics.items()
        }
        environment["catch-up"].setdefault(
            "STILLBOARD_NGINX_LOG_LISTEN", log_socket(self._socket_dir)
        )
        # The others are one process each, and would share their figures for nothing.
        environment["writer"].setdefault(
            "PROMETHEUS_MULTIPROC_DIR", str(self._folder.memory() or folder / "writer")
        )
        return environment

    def _serves(self, settings: Settings) -> bool:
        """Whether a post would work: the writer reaches its database, and the pages are there.

        Of a board that was just founded each: the front page, which leads to the others, may be
        the first that is drawn.
        """
        # Imported here, as it was for the tables.
        from deploy.founding import every_page_stands

        if not all(is_ok(self._wish.own_url, path) for path in ("readyz", "")):
            return False
        return not self._is_first or every_page_stands(settings)

    def _roll_out(self, supervisor: Supervisor) -> None:
        """Bring the programs to the version that lies in the checkout: the way of a post, the door
        last. After the first that does not come up the others stay as they are.
        """
        self._rollout = Rollout(self._rollout.number + 1, is_over=False)
        parts = [part for part in reversed(supervisor.services) if part.renewal != "never"]
        for part in [*parts[1:], *parts[:1]]:
            renewed = _renewed(supervisor, part)
            self._rollout = replace(self._rollout, renewed=(*self._rollout.renewed, renewed))
            self._note(supervisor.services)
            if renewed.fault:
                break
        self._rollout = replace(self._rollout, is_over=True)
        self._note(supervisor.services)

    def _each_second(self) -> None:
        if self._ballast.give_way():
            say(f"the disk of {self._folder.path} is full: the ballast is given up, make room")
        self._ballast.make(keep_free_bytes=self._room.posts_free_bytes_min)
        if not self._is_noted:
            self._note(self._noted)
        if time.monotonic() - self._logs_trimmed > TRIM_LOGS_EVERY_S:
            self._logs_trimmed = time.monotonic()
            self._folder.trim_logs()
        if self._log_follower:
            for part, line in self._log_follower.new_lines():
                say(f"{part} | {line}")

    def _note(self, services: list[Service]) -> None:
        """Write run.json; on a full disk as soon as there is room."""
        self._noted = services
        try:
            self._folder.note_run(self._described(services))
            self._is_noted = True
        except OSError:
            self._is_noted = False

    def _described(self, services: list[Service]) -> Run:
        return Run(
            pid=os.getpid(),
            started_at=self._started_at,
            url=self._wish.url,
            socket_dir=str(self._socket_dir),
            environment=environments.environment_for_run(self._environment),
            parts=running_parts(services),
            metrics=self._metrics,
            rollout=self._rollout,
        )

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        """With --verbose: how long it took."""
        began = time.monotonic()
        yield
        if self._wish.verbose:
            now = time.monotonic()
            say(f"{name}: {now - began:.2f} s ({now - self._began:.2f} s since the start)")


def _renewed(supervisor: Supervisor, part: Service) -> Renewed:
    began = time.monotonic()
    try:
        supervisor.renew(part)
    except ServiceFailed as ex:
        say(f"{part.name} stays as it was: {ex}")
        return Renewed(part.name, time.monotonic() - began, str(ex))
    took_s = time.monotonic() - began
    say(f"{part.name} is renewed after {took_s:.1f} s")
    return Renewed(part.name, took_s)


@contextmanager
def folder_with_room(usual: Path) -> Iterator[Path]:
    """`usual`, or one that is elsewhere, and goes again, where its disk takes nothing any more."""
    probe = usual / "probe"
    try:
        usual.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(bytes(PROBE_BYTES))
        probe.unlink()
    except OSError:
        probe.unlink(missing_ok=True)
    else:
        yield usual
        return
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    with tempfile.TemporaryDirectory(
        prefix="stillboard-", dir=memory if memory.is_dir() else None
    ) as elsewhere:
        yield Path(elsewhere)
