"""The job of the publisher's queue: bring bucket and CDN to what the web root shows.

RQ calls it by name; `prepare` gives this process the parts that it works with, once, when the
worker starts.
"""

from __future__ import annotations

from dataclasses import dataclass

from cdn.edge_probe import HttpEdgeProbe
from cdn.no_object_store import NoObjectStore
from cdn.object_store import ObjectStore
from cdn.purger import CloudflarePurger, Pace
from imageboard.settings import Settings
from imageboard.store.database import Database
from monitoring.logs import get_logger
from renderer.publisher.cloud_stage import CloudStage
from renderer.web_root import WebRoot

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PublisherParts:
    """What a publisher works with."""

    #: None: there is neither bucket nor CDN.
    stage: CloudStage | None


_parts: PublisherParts | None = None


def prepare(parts: PublisherParts) -> None:
    global _parts  # RQ hands a job nothing but its arguments
    _parts = parts


def publish() -> int:
    """Bring bucket and CDN up to date; the number of files settled."""
    parts = _prepared()
    settled = parts.stage.run() if parts.stage is not None else 0
    if settled:
        log.info("cloud_brought_up", files=settled)
    return settled


def stop() -> None:
    """Bring the job that runs to an end."""
    if _parts is not None and _parts.stage is not None:
        _parts.stage.stop()


def build_parts(settings: Settings, database: Database) -> PublisherParts:
    """The parts that the settings describe."""
    return PublisherParts(build_stage(settings, database))


def build_stage(settings: Settings, database: Database) -> CloudStage | None:
    """The second stage, when the settings name a bucket or a CDN."""
    if not settings.has_cloud:
        return None
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
    # Imported here: boto3 takes 50 MB and half a second; a CDN without a bucket needs none of it.
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


def _prepared() -> PublisherParts:
    assert _parts is not None, "the worker calls prepare() first"
    return _parts
