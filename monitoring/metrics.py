"""Every metric of the board, in one place; docs/metrics.md lists them and a test checks it."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_FAST_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15)

posts_stored = Counter("stillboard_posts_stored", "Posts stored.", ["kind"])
posts_refused = Counter("stillboard_posts_refused", "Posts refused, by what was wrong.", ["error"])
own_posts_not_seen = Counter(
    "stillboard_own_posts_not_seen", "Posters led to a page before it showed their post."
)
request_seconds = Histogram(
    "stillboard_request_seconds", "Time from a request to its answer.", ["route"], buckets=_FAST_S
)
responses = Counter("stillboard_responses", "Answers of the writer, by status.", ["status"])

steps = Counter("stillboard_render_steps", "Steps of the render loop that had something to draw.")
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

boards_left_behind = Counter("stillboard_boards_left_behind", "Boards that catch-up had to wake.")
part_failures = Counter("stillboard_part_failures", "Failures of a part, by its name.", ["part"])
darkroom_pictures = Counter(
    "stillboard_darkroom_pictures",
    "Uploads that the darkroom was given: developed, refused, died (its process did), unavailable.",
    ["how"],
)
