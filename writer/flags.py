"""Pictures of a board's flags, `/b/flags/lake.png`: few and small, kept by who has seen them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import falcon

from imageboard.boards import read_board_name
from imageboard.store import flags
from imageboard.store.database import Database

ADDRESS = "/{board}/flags/{name}.png"
_KEPT_S = 3600


@dataclass(frozen=True, slots=True)
class Flags:
    """Answered from the database: a file each would be a kind of page for a few bytes."""

    database: Database

    def on_get(self, req: falcon.Request, resp: falcon.Response, board: str, name: str) -> None:
        with self.database.connection() as db:
            picture = flags.picture(db, read_board_name(board), name)
        if picture is None:
            raise falcon.HTTPNotFound
        resp.cache_control = ["public", f"max-age={_KEPT_S}"]
        etag = hashlib.sha256(picture).hexdigest()[:16]
        resp.etag = etag
        if etag in (req.if_none_match or ()):
            resp.status = falcon.HTTP_304
            return
        resp.content_type = "image/png"
        resp.data = picture
