"""Looking at the site as a reader does, through the CDN: is what was removed really gone?"""

from __future__ import annotations

from typing import Protocol

import urllib3

from cdn.purger import urls_of

_TIMEOUT = urllib3.Timeout(connect=3, read=5)
_BODY_BYTES_MAX = 16 * 1024 * 1024


class EdgeProbe(Protocol):
    """Whoever can say what a reader sees."""

    def shows(self, path: str, post_no: int) -> bool:
        """Whether a reader still finds the removed post (or its file) at `path`."""


class HttpEdgeProbe:
    """Asks the public address."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._http = urllib3.PoolManager(timeout=_TIMEOUT, retries=False)

    def shows(self, path: str, post_no: int) -> bool:
        """True also when the edge can't be asked: a removal is not done until it is seen."""
        return any(self._url_shows(url, post_no) for url in urls_of(path, self._base_url))

    def _url_shows(self, url: str, post_no: int) -> bool:
        try:
            response = self._http.request("GET", url, preload_content=False)
            body = response.read(_BODY_BYTES_MAX)
            response.release_conn()
        except urllib3.exceptions.HTTPError:
            return True
        if response.status in (404, 410):
            return False
        if url.endswith((".html", "/")):
            return f'id="{post_no}"'.encode() in body
        if url.endswith(".json"):
            return f'"no":{post_no},'.encode() in body
        return True
