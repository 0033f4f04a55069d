"""Looking at the site as a reader does, through the CDN: is what was removed really gone?"""

from __future__ import annotations

from http import HTTPStatus
from typing import Protocol

import urllib3

from cdn.purger import urls_of
from imageboard.markers import Removed, shown

_TIMEOUT = urllib3.Timeout(connect=3, read=5)
_BODY_BYTES_MAX = 16 * 1024 * 1024
#: Gone, or a redirect to the one address of the page, which is looked at by itself.
_SHOWS_NOTHING = frozenset({301, 308, 404, 410})


class EdgeProbe(Protocol):
    """Whoever can say what a reader sees."""

    def shows(self, path: str, removed: Removed) -> bool:
        """Whether a reader still finds the removed post, or its file, at `path`."""


class HttpEdgeProbe:
    """Asks the public address."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._http = urllib3.PoolManager(timeout=_TIMEOUT, retries=False)

    def shows(self, path: str, removed: Removed) -> bool:
        """True also when the edge can't be asked: a removal is not done until it is seen."""
        return any(self._url_shows(url, path, removed) for url in urls_of(path, self._base_url))

    def _url_shows(self, url: str, path: str, removed: Removed) -> bool:
        try:
            response = self._http.request("GET", url, preload_content=False)
            body = response.read(_BODY_BYTES_MAX)
            response.close()
        except urllib3.exceptions.HTTPError:
            return True
        if response.status in _SHOWS_NOTHING:
            return False
        # An error page holds no post, and says nothing about what the next reader is sent.
        is_whole = response.status == HTTPStatus.OK and len(body) < _BODY_BYTES_MAX
        return not is_whole or shown(path, body, removed)
