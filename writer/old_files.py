"""Files by their bytes, as another engine addressed them: each leads to where it is now."""

from __future__ import annotations

import re
from dataclasses import dataclass

import falcon

from imageboard.old_addresses import OLD_FILE
from imageboard.store import old_boards
from imageboard.store.database import Database

ADDRESSES = ("/.media/{name}", "/file/{name}", "/file/thumb/{name}")
_OLD_FILE = re.compile(OLD_FILE)
#: Not for good: the post that has the file now may go, and another one have it too.
_KEPT_S = 3600


@dataclass(frozen=True, slots=True)
class OldFiles:
    """One look into the database for an old link: millions of them would be no map of nginx's."""

    database: Database

    def on_get(self, req: falcon.Request, resp: falcon.Response, name: str) -> None:
        address = req.path.removeprefix("/")
        url = None
        if _OLD_FILE.fullmatch(address):
            with self.database.connection() as db:
                url = old_boards.file_at(db, address)
        if url is None:
            raise falcon.HTTPNotFound
        resp.status = falcon.HTTP_301
        resp.location = url
        resp.cache_control = ["public", f"max-age={_KEPT_S}"]
