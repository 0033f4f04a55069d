"""The job of the queue `media`: work on the file that has waited longest.

RQ calls it by name; `prepare` gives this process the developer that it works with, once, when the
worker starts.
"""

from __future__ import annotations

from dataclasses import replace

from imageboard.media import MediaLimits
from imageboard.queue.wake_up import WakeUp, connect
from imageboard.settings import Settings
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from monitoring.logs import request_id
from writer.developer.developing import SECONDS_MAX, Developer
from writer.media.darkroom import Darkroom

_developer: Developer | None = None


def build_developer(settings: Settings) -> Developer:
    """The developer that the settings describe. Raises BadSetting when one is missing."""
    settings.require("database_url", "redis_url")
    # One connection holds the claim and does what there is to do.
    database = Database(settings.database_url, connections_max=2, name="developer")
    database.open()
    scratch = settings.data / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    return Developer(
        database=database,
        darkroom=Darkroom(
            replace(MediaLimits(), seconds_max=SECONDS_MAX),
            scratch,
            at_once=1,
            shares_memory=False,  # but has a limit of its own
            must_be_confined=settings.darkroom_must_be_confined,
        ),
        uploads=UploadStore(settings.data / "uploads"),
        wake_up=WakeUp(connect(settings.redis_url), request_id=request_id),
    )


def prepare(developer: Developer) -> None:
    global _developer  # RQ hands a job nothing but its arguments
    _developer = developer


def develop_next() -> str:
    """Work on one file; what became of it, '' when none waits that nobody works on."""
    assert _developer is not None, "the worker calls prepare() first"
    return _developer.develop_next() or ""


def stop() -> None:
    """Bring the job that runs to an end: its file waits on. Called within a signal's handler."""
    if _developer is not None:
        _developer.darkroom.abandon()
