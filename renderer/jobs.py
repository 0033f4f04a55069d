"""The jobs of the queues: render one board, bring the cloud up.

RQ calls them by name; `prepare` gives this process the parts that it works with, once, when the
worker starts.
"""

from __future__ import annotations

from dataclasses import dataclass

from cdn.no_object_store import NoObjectStore
from cdn.object_store import ObjectStore
from cdn.purger import CloudflarePurger, Pace
from imageboard.errors import NoSuchBoard
from imageboard.settings import Settings
from imageboard.store.database import Database
from imageboard.wake_up import WakeUp, connect
from monitoring.logs import get_logger, request_id
from renderer.cloud_stage import CloudStage
from renderer.render_loop import RenderLoop, build_loop
from renderer.web_root import WebRoot

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a worker works with."""

    database: Database
    wake_up: WakeUp
    loop: RenderLoop
    #: None: this process is no publisher, or there is neither bucket nor CDN.
    cloud: CloudStage | None = None


_parts: Parts | None = None


def build_parts(settings: Settings, *, durable: bool = True) -> Parts:
    """The parts that the settings describe; connections open when they are first used.

    A render worker's transactions need not be durable: PERF: what they write down can be made
    again, and a flush to disk after each step takes longer than the step.
    """
    settings.require("database_url", "redis_url")
    # One connection holds the lock and reads; the others are for what comes beside it.
    database = Database(settings.database_url, connections_max=4, name="renderer", durable=durable)
    database.open()
    wake_up = WakeUp(connect(settings.redis_url), request_id=request_id)
    loop = build_loop(settings, database)
    if settings.has_cloud:
        loop.has_cloud = True
        loop.on_published = wake_up.ask_for_publishing
    return Parts(database=database, wake_up=wake_up, loop=loop)


def build_cloud(settings: Settings, database: Database) -> CloudStage | None:
    """The second stage, when the settings name a bucket or a CDN."""
    if not settings.has_cloud:
        return None
    # Imported here: render workers can do without urllib.
    from cdn.edge_probe import HttpEdgeProbe

    return CloudStage(
        database=database,
        web_root=WebRoot(settings.web_root),
        objects=open_object_store(settings) if settings.has_object_store else NoObjectStore(),
        purger=_purger(settings),
        probe=HttpEdgeProbe(settings.cdn_base_url) if settings.cdn_base_url else None,
        base_url=settings.cdn_base_url,
        pace=Pace(urls_per_s=settings.cdn_urls_per_s),
    )


def open_object_store(settings: Settings) -> ObjectStore:
    """The bucket that the settings name; it is asked nothing yet."""
    # Imported here: boto3 takes 50 MB and half a second, which render workers can do without.
    from cdn.s3_object_store import Bucket, S3ObjectStore

    return S3ObjectStore(
        Bucket(
            endpoint_url=settings.object_store_endpoint,
            name=settings.r2_bucket_name,
            access_key=settings.r2_access_key,
            secret_key=settings.r2_secret_key,
        )
    )


def _purger(settings: Settings) -> CloudflarePurger | None:
    if not settings.cdn_zone_id:
        return None
    return CloudflarePurger(
        settings.cdn_zone_id, settings.cdn_api_token, api_url=settings.cdn_api_url
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
        progress = parts.loop.render(board, gives_way=lambda: parts.wake_up.others_wait(board))
    except NoSuchBoard:
        log.warning("board_unknown", board=board)
        return 0
    if not progress.is_done:
        # Folded: a call that waits already is enough, and a second would come back for ever.
        parts.wake_up.ask_for_render(board)
    return progress.changes


def publish() -> int:
    """Bring bucket and CDN up to date; the number of files settled."""
    parts = _prepared()
    parts.wake_up.publishing_answered()
    settled = parts.cloud.run() if parts.cloud is not None else 0
    if settled:
        log.info("cloud_brought_up", files=settled)
    return settled


def stop() -> None:
    """Bring the job that runs to an end; a render job is always about to."""
    cloud = _prepared().cloud
    if cloud is not None:
        cloud.stop()


def _prepared() -> Parts:
    assert _parts is not None, "the worker calls prepare() first"
    return _parts
