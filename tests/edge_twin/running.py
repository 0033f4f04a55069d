"""The CDN's twin as it runs: alone, and in front of a whole board that purges it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.service import free_port
from tests.cdn.purge_api import TOKEN, ZONE, PurgeApi
from tests.edge_twin.nginx_edge import NginxEdge, render
from tests.edge_twin.purgers import EdgeTwinPurger
from tests.nginx.front import Front
from tests.walk.board_process import BoardProcess, a_board_process


@dataclass
class Edge(Front):
    """The second nginx, run as the first is."""

    site: NginxEdge  # type: ignore[assignment]

    def configuration(self) -> str:
        return render(self.site)


class EdgePurgeApi(PurgeApi):
    """The CDN's purge call, to which the twin does what the CDN would."""

    def __init__(self, purger: EdgeTwinPurger) -> None:
        super().__init__()
        self._purger = purger

    def purge(self, urls: tuple[str, ...]) -> None:
        super().purge(urls)
        self._purger.purge(urls)


@dataclass(frozen=True)
class BoardBehindEdge:
    """`url` is what readers go to."""

    board: BoardProcess
    url: str


@contextmanager
def a_board_behind_an_edge() -> Iterator[BoardBehindEdge]:
    """A whole board whose pages readers have from the edge's copies."""
    with tempfile.TemporaryDirectory(prefix="edge") as folder:
        run_dir, port = Path(folder), free_port()
        url = f"http://127.0.0.1:{port}/"
        purger = EdgeTwinPurger(run_dir / "cache")
        with (
            EdgePurgeApi(purger) as api,
            a_board_process(
                CDN_ZONE_ID=ZONE,
                CDN_API_TOKEN=TOKEN,
                CDN_BASE_URL=url,
                STILLBOARD_CDN_API_URL=api.url,
            ) as board,
        ):
            site = NginxEdge(
                origin=f"127.0.0.1:{board.running.port}",
                run_dir=run_dir,
                listen_port=port,
                worker_processes=1,
                user="root root" if os.geteuid() == 0 else None,
            )
            assert site.cache_dir == purger.cache_dir
            with Edge(site):
                yield BoardBehindEdge(board, url)
