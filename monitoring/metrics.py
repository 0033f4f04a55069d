"""Every metric of the board, in one place; docs/metrics.md lists them and a test checks it.

Each program makes all of them when it imports this module, and shows those that `SHOWN_BY` gives
it: one that it never touches would stand at 0 and hide that the part which does is down.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.metrics import MetricWrapperBase

# When each counter began would be one more series for each, of no use to any query of ours.
disable_created_metrics()  # type: ignore[no-untyped-call]

_FAST_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15)

# A `multiprocess_mode` says what becomes of the workers of gunicorn together.

build_info = Gauge(
    "stillboard_build_info",
    "1: which version of the board, of Python and of the tables the part was made for.",
    ["version", "python", "schema"],
    multiprocess_mode="livemax",
)
database_connections = Gauge(
    "stillboard_database_connections",
    "Connections to PostgreSQL that the part holds: in_use, idle.",
    ["state"],
    multiprocess_mode="livesum",
)
database_max_connections = Gauge(
    "stillboard_database_max_connections",
    "Connections to PostgreSQL that the part may hold.",
    multiprocess_mode="livesum",
)
database_waiting_requests = Gauge(
    "stillboard_database_waiting_requests",
    "Those who wait for a connection of the part's to be free.",
    multiprocess_mode="livesum",
)

query_seconds = Histogram(
    "stillboard_query_seconds",
    "Time from a statement to PostgreSQL's answer, waiting for a board's row among it.",
    buckets=_FAST_S,
)

posts_stored = Counter("stillboard_posts_stored", "Posts stored.", ["kind"])
posts_refused = Counter("stillboard_posts_refused", "Posts refused, by what was wrong.", ["error"])
own_posts_not_seen = Counter(
    "stillboard_own_posts_not_seen", "Posters led to a page before it showed their post."
)
request_seconds = Histogram(
    "stillboard_request_seconds", "Time from a request to its answer.", ["route"], buckets=_FAST_S
)
captchas = Counter(
    "stillboard_captchas",
    "Captchas of forms: solved, failed, missing, unchecked (the provider did not say).",
    ["how"],
)
responses = Counter("stillboard_responses", "Answers of the writer, by status.", ["status"])

steps = Counter("stillboard_render_steps", "Steps of the render loop that had something to draw.")
render_lock_waits = Counter(
    "stillboard_render_lock_waits",
    "Waits for the right to write the files of a board, or of the site.",
    ["lock"],
)
site_drawings = Counter(
    "stillboard_site_drawings", "Times that the pages that show several boards were drawn."
)
step_seconds = Histogram("stillboard_render_step_seconds", "Time of one step.", buckets=_FAST_S)
changes_settled = Counter("stillboard_changes_settled", "Changes that all of their pages show.")
files_per_step = Histogram(
    "stillboard_render_step_files",
    "Files written and removed by one step.",
    buckets=(0, 1, 2, 5, 10, 20, 50, 200),
)
change_to_visible_seconds = Histogram(
    "stillboard_change_to_visible_seconds",
    "From the commit of a change to all of its pages standing in the web root.",
    buckets=_FAST_S,
)
files_written = Counter("stillboard_files_written", "Files put into the web root.")
files_unchanged = Counter("stillboard_files_unchanged", "Files drawn and found to stand already.")
files_removed = Counter("stillboard_files_removed", "Files taken out of the web root.")
bytes_written = Counter("stillboard_written_bytes", "Bytes of pages written, uncompressed.")
uploads_missing = Counter("stillboard_uploads_missing", "Files that the upload store has lost.")

takedown_seconds = Histogram(
    "stillboard_takedown_seconds",
    "From a removal to what was removed being gone: origin, bucket, and as seen at the edge.",
    ["where"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300),
)
takedowns_not_gone = Counter(
    "stillboard_takedowns_not_gone", "Looks at the edge that still found what was removed."
)

cloud_puts = Counter("stillboard_cloud_puts", "Files put into the bucket.")
cloud_put_bytes = Counter("stillboard_cloud_put_bytes", "Bytes put into the bucket.")
cloud_puts_again = Counter(
    "stillboard_cloud_puts_again", "Puts that have to be made again, by their cause.", ["cause"]
)
cloud_failures = Counter(
    "stillboard_cloud_failures",
    "Failures of the bucket or the CDN as a whole, by their class.",
    ["error"],
)
cloud_deletes = Counter("stillboard_cloud_deletes", "Files deleted in the bucket.")
cloud_paused_seconds = Gauge(
    "stillboard_cloud_paused_seconds",
    "How long the bucket or the CDN is left alone since it fails as a whole; 0: it does not.",
)
cloud_behind_files = Gauge("stillboard_cloud_behind_files", "Files that the cloud is behind with.")
cloud_behind_seconds = Gauge(
    "stillboard_cloud_behind_seconds", "Age of the oldest version that the cloud does not have."
)
cdn_purged_urls = Counter("stillboard_cdn_purged_urls", "Addresses that the CDN was told of.")
publish_to_cloud_seconds = Histogram(
    "stillboard_publish_to_cloud_seconds",
    "From a file standing in the web root to the bucket holding it.",
    buckets=(0.05, 0.1, 0.5, 1, 2, 5, 10, 60, 600),
)
unsettled_seconds = Gauge(
    "stillboard_unsettled_seconds", "Age of the oldest change that no page shows."
)

board_unsettled_seconds = Gauge(
    "stillboard_board_unsettled_seconds",
    "The same of each board that was ever behind.",
    ["board"],
)
open_takedowns = Gauge("stillboard_open_takedowns", "Removals that are not gone everywhere yet.")
takedown_open_seconds = Gauge("stillboard_takedown_open_seconds", "Age of the oldest of them.")
bans_in_force = Gauge("stillboard_bans_in_force", "Bans that are neither lifted nor expired.")
open_reports = Gauge("stillboard_open_reports", "Reports that nobody has dealt with.")
database_bytes = Gauge("stillboard_database_bytes", "Size of the board's database on its disk.")
replication_slot_active = Gauge(
    "stillboard_replication_slot_active", "1: somebody reads from the slot; 0: nobody.", ["slot"]
)
replication_slot_bytes = Gauge(
    "stillboard_replication_slot_bytes", "WAL that PostgreSQL keeps for the slot.", ["slot"]
)
queue_jobs = Gauge(
    "stillboard_queue_jobs", "Calls in a queue: waiting, running, failed.", ["queue", "state"]
)
queue_oldest_seconds = Gauge(
    "stillboard_queue_oldest_seconds", "For how long the oldest call waits.", ["queue"]
)
queue_workers = Gauge("stillboard_queue_workers", "Workers that listen to a queue.", ["queue"])
disk_bytes = Gauge("stillboard_disk_bytes", "Size of the disk that holds a folder.", ["folder"])
disk_free_bytes = Gauge("stillboard_disk_free_bytes", "Bytes free there.", ["folder"])
disk_free_files = Gauge(
    "stillboard_disk_free_files", "Files that may still be made there.", ["folder"]
)
backup_last_success_timestamp_seconds = Gauge(
    "stillboard_backup_last_success_timestamp_seconds",
    "When the last backup of a kind was finished that is good, in Unix seconds.",
    ["kind"],
)
backup_last_failure_timestamp_seconds = Gauge(
    "stillboard_backup_last_failure_timestamp_seconds",
    "When the last backup of a kind failed, in Unix seconds.",
    ["kind"],
)
certificate_end_timestamp_seconds = Gauge(
    "stillboard_certificate_end_timestamp_seconds",
    "When the site's certificate ends to be valid, in Unix seconds.",
    ["file"],
)
catch_up_pass_timestamp_seconds = Gauge(
    "stillboard_catch_up_pass_timestamp_seconds",
    "When catch-up last looked at everything, in Unix seconds.",
)

boards_drawn_otherwise = Gauge(
    "stillboard_otherwise_drawn_boards",
    "Boards whose pages were drawn with other templates: rerender --all.",
)
boards_left_behind = Counter("stillboard_boards_left_behind", "Boards that catch-up had to wake.")
part_failures = Counter("stillboard_part_failures", "Failures of a part, by its name.", ["part"])
darkroom_pictures = Counter(
    "stillboard_darkroom_pictures",
    "Uploads that the darkroom was given: developed, refused, died (its process did), unavailable.",
    ["how"],
)

_OF_EVERY_PART = (
    build_info,
    database_connections,
    database_max_connections,
    database_waiting_requests,
    query_seconds,
    part_failures,
)
_OF_RENDERING = (
    steps,
    step_seconds,
    render_lock_waits,
    site_drawings,
    changes_settled,
    files_per_step,
    change_to_visible_seconds,
    files_written,
    files_unchanged,
    files_removed,
    bytes_written,
    uploads_missing,
    takedown_seconds,
)

#: {part: what it shows}. Catch-up renders too, when the queue is down.
SHOWN_BY: dict[str, tuple[MetricWrapperBase, ...]] = {
    "writer": (
        *_OF_EVERY_PART,
        posts_stored,
        posts_refused,
        own_posts_not_seen,
        request_seconds,
        captchas,
        responses,
        darkroom_pictures,
    ),
    "renderer": (*_OF_EVERY_PART, *_OF_RENDERING),
    "publisher": (
        *_OF_EVERY_PART,
        takedown_seconds,
        takedowns_not_gone,
        cloud_puts,
        cloud_put_bytes,
        cloud_puts_again,
        cloud_failures,
        cloud_deletes,
        cloud_paused_seconds,
        cdn_purged_urls,
        publish_to_cloud_seconds,
    ),
    "catch_up": (
        *_OF_EVERY_PART,
        *_OF_RENDERING,
        cloud_behind_files,
        cloud_behind_seconds,
        unsettled_seconds,
        board_unsettled_seconds,
        open_takedowns,
        takedown_open_seconds,
        bans_in_force,
        open_reports,
        database_bytes,
        replication_slot_active,
        replication_slot_bytes,
        queue_jobs,
        queue_oldest_seconds,
        queue_workers,
        disk_bytes,
        disk_free_bytes,
        disk_free_files,
        backup_last_success_timestamp_seconds,
        backup_last_failure_timestamp_seconds,
        certificate_end_timestamp_seconds,
        catch_up_pass_timestamp_seconds,
        boards_drawn_otherwise,
        boards_left_behind,
    ),
}


def note_pool(connections: Mapping[str, int]) -> None:
    """Show what `Database.connections()` says."""
    database_connections.labels("in_use").set(connections["in_use"])
    database_connections.labels("idle").set(connections["idle"])
    database_max_connections.set(connections["max"])
    database_waiting_requests.set(connections["waiting"])


def note_build(version: str, schema: str) -> None:
    """Show what the program was made of."""
    build_info.labels(version, platform.python_version(), schema).set(1)
