"""A board whose programs are started one by one, as systemd and engines of containers start them.

With servers that are the operator's, settings in the environment alone, and no `up`.
"""

from __future__ import annotations

import base64
import http.server
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded.service import Service
from deploy.parts import CatchUp, Writer, render_worker
from deploy.supervisor import Supervisor
from tests.cli.boards import UNPRESSED, call
from tests.deploy.stand_ins import WAIT_S

KEY = base64.b64encode(b"k" * 32).decode()


class Board:
    """Its programs, each of which a test may stop and start."""

    def __init__(self, folder: Path, database_url: str, redis_url: str, site_url: str) -> None:
        self.environ = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "STILLBOARD_DATA": str(folder / "data"),
            "STILLBOARD_WEB_ROOT": str(folder / "public"),
            "STILLBOARD_SITE_URL": site_url,
            "STILLBOARD_ADDRESS_KEY": KEY,
            "CSRF_KEY": KEY,
            "STILLBOARD_SECURE_TRIP_SALT": KEY,
            # Nobody writes beside a test that takes its pages away.
            **UNPRESSED,
        }
        self.data, self.web_root = folder / "data", folder / "public"
        self._redis_url = redis_url
        self._folder = folder

    def call(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """A command, with the programs' settings and nothing else that tells of the board."""
        return call(*arguments, **self.environ | environ)

    def programs(self) -> dict[str, Service]:
        environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": _root(), **self.environ}
        logs = self._folder
        return {
            "renderer": render_worker(
                1,
                redis_url=self._redis_url,
                environment=environment,
                log=logs / "renderer.log",
            ),
            "catch-up": CatchUp(sockets=logs, environment=environment, log=logs / "catch-up.log"),
            "writer": Writer(
                self._folder / "w.sock", environment=environment, log=logs / "writer.log"
            ),
        }


@contextmanager
def a_board_without_up(
    folder: Path, database_url: str, redis_url: str
) -> Iterator[tuple[Board, dict[str, Service]]]:
    """With its web server, which serves the pages and nothing else."""
    (folder / "public").mkdir()
    handler = _quiet_handler(folder / "public")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{site.server_address[1]}"
        board = Board(folder, database_url, redis_url, url)
        done = board.call("migrate")
        assert done.returncode == 0, done.stderr
        programs = board.programs()
        for program in programs.values():
            program.ready_wait_s = WAIT_S
        with Supervisor(lambda _line: None) as supervisor:
            supervisor.start(list(programs.values()))
            yield board, programs
        site.shutdown()


def _quiet_handler(folder: Path) -> type[http.server.SimpleHTTPRequestHandler]:
    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(folder))  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _root() -> str:
    from deploy.environment import ROOT

    return str(ROOT)
