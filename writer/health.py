"""/healthz: this process answers. /readyz: it could store a post."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.errors import StoreUnavailable
from imageboard.store import migrations
from imageboard.store.database import Database

ALIVE, READY = "/healthz", "/readyz"
#: Asked every few seconds, by whoever watches a process.
PROBES = (ALIVE, READY)


class Alive:
    """Liveness: nothing is looked at, so nothing but this process can make it fail."""

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = "alive\n"


@dataclass(frozen=True, slots=True)
class Ready:
    """Readiness: posting needs PostgreSQL, at this version's schema, and nothing else."""

    database: Database

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.content_type = falcon.MEDIA_TEXT
        try:
            with self.database.connection() as db:
                is_current = migrations.is_current(db)
        except StoreUnavailable:
            resp.status, resp.text = falcon.HTTP_503, "the database is not available\n"
            return
        if not is_current:
            resp.status, resp.text = falcon.HTTP_503, "the database awaits its migrations\n"
            return
        resp.text = "ready\n"
