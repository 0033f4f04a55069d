"""A board of which there are two of each part, on one machine: real servers, real programs.

PostgreSQL primary and replica, Valkey primary and replica with three sentinels, two writers, two
render workers, the catch-up pass, nginx in front.
"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from deploy.embedded.nginx import Nginx
from deploy.embedded.service import Service, free_port
from deploy.environment import ROOT
from deploy.founding import prepare_database
from deploy.parts import GUNICORN_ARGUMENTS, CatchUp, Program, render_worker
from imageboard.settings import Settings
from nginx.site import NginxSite
from tests.cli.boards import command
from tests.deploy.stand_ins import WAIT_S
from tests.ha.replica import PairedPostgres
from tests.ha.watched import Sentinel, WatchedValkey

PASSWORD = "a password of the drill"
_LOOK_EVERY_S = 0.05


class House:
    """All parts, each a Service with its own process group. The main thread builds and kills."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.web_root = folder / "public"
        for place in (self.data, self.web_root, folder / "server_a", folder / "server_b"):
            place.mkdir()
        self.postgres = self._postgres("server_a")
        self.replica = self._postgres("server_b", follows=self.postgres)
        valkey = self._valkey("valkey_a")
        self.valkeys = [valkey, self._valkey("valkey_b", follows=valkey.port)]
        self.sentinels = [self._sentinel(f"sentinel_{number}") for number in (1, 2, 3)]
        self.environment = self._environment()
        self.settings = Settings.read(self.environment)
        ports = [free_port(), free_port()]
        self.writers = [self._writer(n, port) for n, port in enumerate(ports, start=1)]
        self.renderers = [
            render_worker(
                number,
                redis_url=self.settings.redis_url,
                environment=self.environment,
                log=self.log(f"renderer-{number}"),
            )
            for number in (1, 2)
        ]
        self.catch_up = CatchUp(
            sockets=folder, environment=self.environment, log=self.log("catch-up")
        )
        self.nginx = Nginx(
            NginxSite(
                web_root=self.web_root,
                writer_upstreams=tuple(f"127.0.0.1:{port}" for port in ports),
                run_dir=folder / "nginx",
                listen_port=free_port(),
                limits=False,
                trusted_proxies=("127.0.0.1/32",),
                worker_processes=1,
            ),
            log=self.log("nginx"),
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.nginx.site.listen_port}"

    @property
    def services(self) -> list[Service]:
        """In the order in which they are started."""
        return [
            *(self.postgres, self.replica, *self.valkeys, *self.sentinels),
            *(*self.renderers, self.catch_up, *self.writers, self.nginx),
        ]

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def build(self) -> None:
        """Everything runs, a post waits for the replica, and there is a front page."""
        for servers in ([self.postgres, *self.valkeys], [self.replica, *self.sentinels]):
            _start(servers)
        prepare_database(self.settings, keep=lambda _login: None)
        self.wait_for(self._sentinels_agree, "the sentinels know each other")
        _start([*self.renderers, self.catch_up, *self.writers, self.nginx])
        self.wait_for((self.web_root / "b" / "index.html").is_file, "the first pages")
        self.cli("database", "sync")

    def stop(self) -> None:
        """All, the last one first."""
        for service in reversed(self.services):
            service.stop()

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Look until it is so; meanwhile programs that have ended are started again.

        That is the work of systemd, of a container engine or of `up`; servers stay dead.
        """
        deadline = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < deadline, what
            self.look_after()
            time.sleep(_LOOK_EVERY_S)

    def look_after(self) -> None:
        """Start render workers and the catch-up pass again that have ended."""
        for program in (*self.renderers, self.catch_up):
            if program.poll() is not None:
                program.kill()
                program.start()

    def cli(self, *arguments: str) -> str:
        """What the command printed; an AssertionError with its complaint when it failed."""
        done = self.call(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(*arguments),
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def primary_valkey(self) -> WatchedValkey:
        """The one that the first sentinel which answers names."""
        for sentinel in self.sentinels:
            told = _ask(sentinel.port, lambda asked: asked.sentinel_master("stillboard"))
            if told is not None:
                return next(one for one in self.valkeys if one.port == told["port"])
        raise AssertionError("no sentinel answers")

    def _sentinels_agree(self) -> bool:
        for sentinel in self.sentinels:
            told = _ask(sentinel.port, lambda asked: asked.sentinel_master("stillboard"))
            if told is None or (told["num-other-sentinels"], told["num-slaves"]) != (2, 1):
                return False
        return True

    def _postgres(self, name: str, follows: PairedPostgres | None = None) -> PairedPostgres:
        return PairedPostgres(
            name,
            self.folder / name,
            port=free_port(),
            password=PASSWORD,
            superuser_password="another",
            follows=follows,
            log=self.log(name),
        )

    def _valkey(self, name: str, follows: int | None = None) -> WatchedValkey:
        return WatchedValkey(
            name,
            self.folder,
            port=free_port(),
            password="queue",
            follows=follows,
            log=self.log(name),
        )

    def _sentinel(self, name: str) -> Sentinel:
        return Sentinel(
            name,
            self.folder,
            port=free_port(),
            password="queue",
            primary_port=self.valkeys[0].port,
            log=self.log(name),
        )

    def _writer(self, number: int, port: int) -> Program:
        return Program(
            f"writer-{number}",
            ["gunicorn", *GUNICORN_ARGUMENTS],
            environment={
                **self.environment,
                "STILLBOARD_WRITER_BIND": f"127.0.0.1:{port}",
                "STILLBOARD_WRITER_WORKERS": "1",
            },
            log=self.log(f"writer-{number}"),
            is_ready=lambda _pid: _accepts(port),
        )

    def _environment(self) -> dict[str, str]:
        """What an operator writes into the settings of such a board."""
        both = self.postgres.url.replace(
            f":{self.postgres.port}/", f":{self.postgres.port},127.0.0.1:{self.replica.port}/"
        )
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "DATABASE_URL": both,
            "DATABASE_REPLICA_URL": self.replica.url,
            "REDIS_SENTINELS": ",".join(f"127.0.0.1:{one.port}" for one in self.sentinels),
            "REDIS_PASSWORD": "queue",
            "STILLBOARD_DATA": str(self.data),
            "STILLBOARD_WEB_ROOT": str(self.web_root),
            "STILLBOARD_ADDRESS_KEY": "k" * 32,
            "CSRF_KEY": "c" * 32,
            "STILLBOARD_LIMITS": "off",
        }


@contextmanager
def a_house() -> Iterator[House]:
    """A house in a short folder below /tmp; nothing of it is left."""
    with tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder:
        house = House(Path(folder))
        try:
            house.build()
            yield house
        finally:
            house.stop()


def _start(services: list[Service]) -> None:
    """Together; each is ready."""
    for service in services:
        service.start()
    for service in services:
        service.wait_until_ready()


def _accepts(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def _ask(port: int, question: Callable[[redis.Redis], Any]) -> Any:
    """None: this sentinel is not there."""
    try:
        with redis.Redis(port=port, password="queue", socket_timeout=WAIT_S) as asked:
            return question(asked)
    except redis.RedisError:
        return None
