"""A board with one captcha, in this process: its writer, and its pages under their own policy.

PERF: a board of its own for each captcha takes its processes 10 s of CPU to begin; this takes none.
That nginx sends the same policy, and lets challenges through, is tested where nginx is.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from deploy.embedded.valkey import Valkey
from imageboard.page_policy import captcha_sources, enabled_captchas, page_policy
from imageboard.settings import Settings
from imageboard.store.database import Database
from renderer.render_loop import RenderLoop, build_loop
from templates import assets
from tests.builders import a_board
from writer.app import build_parts, create_app

Start = Callable[..., Any]
BOARD = "tea"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8"}
_TYPES |= {".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png"}


@dataclass
class CaptchaSite:
    """What is posted shows on the page that is asked for next."""

    settings: Settings
    writer: Callable[[dict[str, Any], Start], Iterable[bytes]]
    loop: RenderLoop
    url: str = ""
    #: One page is drawn at a time.
    _drawing: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        policy = page_policy(captcha_sources(enabled_captchas(self.settings)))

        def under_policy(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start(status, [*headers, ("Content-Security-Policy", policy)], *more)

        path = environ["PATH_INFO"]
        if path.startswith(("/post", "/captcha/")):
            return self.writer(environ, under_policy)
        asset = _by_url().get(path)
        body = asset or self._page(path)
        headers = [("Content-Type", _TYPES.get(Path(path).suffix, _TYPES[".html"]))]
        if asset is not None:
            headers.append(("Cache-Control", "max-age=31536000, immutable"))
        under_policy("200 OK" if body is not None else "404 Not Found", headers)
        return [body or b""]

    def _page(self, path: str) -> bytes | None:
        with self._drawing:
            self.loop.render(BOARD)
            self.loop.site_pages.render()
        file = self.loop.web_root.folder / path.lstrip("/")
        file = file / "index.html" if path.endswith("/") else file
        return file.read_bytes() if file.is_file() else None


class _Server(ThreadingMixIn, WSGIServer):
    #: Closing it waits for what is still being answered: its folder is to go.
    daemon_threads = False

    def handle_error(self, *_args: object) -> None:
        """Quiet: a browser that goes on hangs up."""


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_args: object) -> None:
        pass


@cache
def _by_url() -> dict[str, bytes]:
    return {asset.url: asset.body for asset in assets.assets().values()}


@contextmanager
def a_captcha_site(
    database: Database, database_url: str, valkey: Valkey, **environ: str
) -> Iterator[CaptchaSite]:
    """`environ`: what says which captcha there is."""
    with tempfile.TemporaryDirectory(prefix="sb-") as folder:
        settings = Settings.read(
            {
                "DATABASE_URL": database_url,
                "REDIS_URL": valkey.url,
                "STILLBOARD_DATA": folder,
                "STILLBOARD_WEB_ROOT": f"{folder}/public",
                "STILLBOARD_ADDRESS_KEY": "k" * 32,
                "CSRF_KEY": "c" * 32,
                "STILLBOARD_OWN_POST_WAIT_MS": "0",
            }
            | environ
        )
        a_board(database, BOARD, title="Tea")
        parts = build_parts(settings)
        site = CaptchaSite(settings, create_app(parts), build_loop(settings, database))
        try:
            with make_server("127.0.0.1", 0, site, _Server, _Quiet) as server:
                site.url = f"http://127.0.0.1:{server.server_port}"
                serving = {"poll_interval": 0.01}
                thread = threading.Thread(target=server.serve_forever, kwargs=serving)
                thread.start()
                try:
                    yield site
                finally:
                    server.shutdown()
                    thread.join()
        finally:
            parts.darkroom.close()
            parts.database.close()
