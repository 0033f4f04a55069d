"""The jobs of the queues: render one board, bring the cloud up.

RQ calls them by name; `prepare` gives this process the parts that it works with, once, when the
worker starts.
"""

from __future__ import annotations

from dataclasses import dataclass

from cdn.edge_probe import HttpEdgeProbe
from cdn.purger import CloudflarePurger, Pace, Purger
from cdn.s3_object_store import Bucket, S3ObjectStore
from imageboard.errors import NoSuchBoard
from imageboard.settings import Settings
from imageboard.store.database import Database
from imageboard.uploads import UploadStore
from imageboard.wake_up import WakeUp, connect
from monitoring.logs import get_logger
from renderer.cloud_stage import CloudStage
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a worker works with."""

    database: Database
    wake_up: WakeUp
    loop: RenderLoop
    #: None: there is no bucket, so no second stage.
    cloud: CloudStage | None


_parts: Parts | None = None


def build_parts(settings: Settings) -> Parts:
    """The parts that the settings describe; connections open when they are first used."""
    settings.require("database_url", "redis_url")
    # One connection holds the lock and reads; the others are for what comes beside it.
    database = Database(settings.database_url, connections_max=4, name="renderer")
    database.open()
    wake_up = WakeUp(connect(settings.redis_url))
    loop = RenderLoop(
        database=database,
        web_root=WebRoot(settings.web_root),
        uploads=UploadStore(settings.data / "uploads"),
        site_name=settings.site_name,
        site_url=settings.site_url,
    )
    cloud = build_cloud(settings, database)
    if cloud is not None:
        loop.has_cloud = True
        loop.on_published = wake_up.ask_for_publishing
    return Parts(database=database, wake_up=wake_up, loop=loop, cloud=cloud)


def build_cloud(settings: Settings, database: Database) -> CloudStage | None:
    """The second stage, when the settings name a bucket."""
    if not settings.has_object_store:
        return None
    purger: Purger | None = None
    if settings.cdn_zone_id:
        purger = CloudflarePurger(
            settings.cdn_zone_id, settings.cdn_api_token, api_url=settings.cdn_api_url
        )
    return CloudStage(
        database=database,
        web_root=WebRoot(settings.web_root),
        objects=S3ObjectStore(
            Bucket(
                endpoint_url=settings.object_store_endpoint,
                name=settings.r2_bucket_name,
                access_key=settings.r2_access_key,
                secret_key=settings.r2_secret_key,
            )
        ),
        purger=purger,
        probe=HttpEdgeProbe(settings.cdn_base_url) if settings.cdn_base_url else None,
        base_url=settings.cdn_base_url,
        pace=Pace(urls_per_s=settings.cdn_urls_per_s),
    )


def prepare(parts: Parts) -> None:
    global _parts  # RQ hands a job nothing but its arguments
    _parts = parts


def render_board(board: str) -> int:
    """Render what waits for one board; the number of changes that its pages now show."""
    parts = _prepared()
    # Before the outbox is read: a change that comes from here on makes a call of its own.
    parts.wake_up.answered(board)
    try:
        progress = parts.loop.render(board, gives_way=parts.wake_up.others_wait)
    except NoSuchBoard:
        log.warning("board_unknown", board=board)
        return 0
    if not progress.is_done:
        parts.wake_up.ask_again(board)
    return progress.changes


def publish() -> int:
    """Bring bucket and CDN up to date; the number of files settled."""
    parts = _prepared()
    parts.wake_up.publishing_answered()
    return parts.cloud.run() if parts.cloud is not None else 0


def _prepared() -> Parts:
    assert _parts is not None, "the worker calls prepare() first"
    return _parts
