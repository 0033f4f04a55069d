"""One connection to the board for what is not load: preparations, probes and the last look."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType
from urllib.parse import urlsplit


class Connection:
    """Blocking, kept open; a page that was read before is asked for only if it has changed."""

    def __init__(self, url: str, *, timeout_s: float = 30) -> None:
        """`url`: 'http://127.0.0.1:8080'."""
        parts = urlsplit(url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._http = kind(parts.netloc, timeout=timeout_s)
        self._etags: dict[str, str] = {}

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _ex: BaseException | None,
        _at: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, path: str, *, encoding: str = "identity") -> tuple[int, bytes]:
        """Status and body, in that encoding if the board has it."""
        return self._ask("GET", path, headers={"Accept-Encoding": encoding})

    def get_changed(self, path: str) -> bytes | None:
        """The page; None: as it was when this was last asked, or not there."""
        headers = {"If-None-Match": self._etags[path]} if path in self._etags else {}
        self._http.request("GET", path, headers=headers)
        response = self._http.getresponse()
        body = response.read()
        if response.status != HTTPStatus.OK:
            return None
        self._etags[path] = response.headers.get("ETag", "")
        return body

    def post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Send a form to /post; status and body of the answer."""
        return self._ask("POST", "/post", body, headers)

    def post_as_browser(self, body: bytes, headers: Mapping[str, str]) -> tuple[str, bytes]:
        """Send a form to /post and go where the answer leads; that address, and its page.

        Raises RuntimeError: the form was refused.
        """
        self._http.request("POST", "/post", body, dict(headers))
        response = self._http.getresponse()
        text = response.read()
        if response.status != HTTPStatus.SEE_OTHER:
            raise RuntimeError(f"{response.status}: {text.decode(errors='replace')[:300]}")
        place = urlsplit(response.headers["Location"])
        path = f"{place.path}?{place.query}" if place.query else place.path
        return path, self.get(path)[1]

    def _ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, bytes]:
        self._http.request(method, path, body, dict(headers))
        response = self._http.getresponse()
        return response.status, response.read()
