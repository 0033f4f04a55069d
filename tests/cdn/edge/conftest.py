"""The Worker in a real workerd, in front of a real nginx and a stand-in of R2's public address."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cdn.cache_policy import NotServed, ObjectHeaders, headers_of
from tests.cdn.edge.outside import Outside
from tests.deploy.stand_ins import WAIT_S
from tests.nginx.conftest import OLD_BOARDS, OLD_MEDIA, PAGES, WITHOUT_SIBLINGS, page_text
from tests.nginx.conftest import front as front
from tests.nginx.conftest import make_front as make_front
from tests.nginx.conftest import web_root as web_root
from tests.nginx.front import Answer, Front, ask_at
from tests.node_packages import installed

EDGE = Path(__file__).parents[3] / "cdn" / "edge"
SERVE = Path(__file__).with_name("serve.mjs")


@pytest.fixture(scope="session")
def miniflare() -> Path:
    """The folder that holds miniflare; installed on first use, as package-lock.json has it."""
    return installed(EDGE)


@dataclass
class Edge:
    """workerd with the Worker in it, and all that it can reach."""

    port: int
    outside: Outside

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        host: str = "board.example",
    ) -> Answer:
        named = {"Host": host} | (headers or {})
        return ask_at("127.0.0.1", self.port, method, path, named, body)

    def get(self, path: str, **headers: str) -> Answer:
        """`get("/b/", if_none_match='"1"')`."""
        return self.ask("GET", path, {name.replace("_", "-"): v for name, v in headers.items()})


@pytest.fixture(scope="session")
def running_edge(miniflare: Path) -> Iterator[Edge]:
    with an_edge(miniflare) as running:
        yield running


@contextmanager
def an_edge(miniflare: Path, captcha: str = "", renamed: str = "") -> Iterator[Edge]:
    """workerd, in front of an empty bucket and no board."""
    with Outside() as outside:
        place = f"127.0.0.1:{outside.server_port}"
        process = subprocess.Popen(
            ["node", SERVE, miniflare / "worker.mjs", place, captcha, renamed],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin
        assert process.stdout
        listening = process.stdout.readline()
        assert listening, "workerd did not start; see above"
        yield Edge(int(listening.rpartition(":")[2]), outside)
        process.stdin.close()
        process.wait(WAIT_S)
        process.stdout.close()


@pytest.fixture
def edge(running_edge: Edge, front: Front) -> Edge:
    """The edge of a board that is wholly published, in the bucket and at its own nginx."""
    outside = running_edge.outside
    outside.asked.clear()
    outside.origin_port = front.site.listen_port
    outside.bucket.is_down = False
    outside.bucket.objects.clear()
    for name in PAGES + WITHOUT_SIBLINGS + OLD_BOARDS + OLD_MEDIA:
        outside.bucket.put(name, page_text(name), _headers_of(name))
    return running_edge


def _headers_of(name: str) -> ObjectHeaders:
    """As a page, what the board would never put: if somebody does, the edge must not serve it."""
    try:
        return headers_of(name)
    except NotServed:
        return ObjectHeaders("text/html; charset=utf-8", "public, max-age=3600")
