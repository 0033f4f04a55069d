"""Every metric of the board: one row each, from which docs/metrics.md is made.

`python -m tests.house_rules.written_tables` writes it. A new metric is a row here, and the line
that counts. A program makes all of them when it imports this module, and shows those that are
`shown_by` it: one that it never touches would stand at 0 and hide that the part which does is
down.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping

from monitoring.metric_rows import Part, Rows

ROWS = Rows()

_EVERY_PART: tuple[Part, ...] = (
    "writer",
    "developer",
    "courier",
    "renderer",
    "publisher",
    "catch_up",
)
#: Catch-up renders too, when the queue is down.
_RENDERING: tuple[Part, ...] = ("renderer", "catch_up")
_WRITER: tuple[Part, ...] = ("writer",)
_DEVELOPER: tuple[Part, ...] = ("developer",)
_COURIER: tuple[Part, ...] = ("courier",)
_PUBLISHER: tuple[Part, ...] = ("publisher",)
_CATCH_UP: tuple[Part, ...] = ("catch_up",)

_FAST_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15)

# --- of every part ---

build_info = ROWS.gauge(
    "stillboard_build_info",
    "1 for each version of the board and of Python, and of the tables that the part was made for.",
    labels={"version": "of the board", "python": "its version", "schema": "the last migration"},
    shown_by=_EVERY_PART,
    together="livemax",
)
database_connections = ROWS.gauge(
    "stillboard_database_connections",
    "Connections to PostgreSQL that the part holds.",
    labels={"state": "`in_use`, `idle`"},
    shown_by=_EVERY_PART,
    together="livesum",
)
database_max_connections = ROWS.gauge(
    "stillboard_database_max_connections",
    "Connections to PostgreSQL that the part may hold.",
    shown_by=_EVERY_PART,
    together="livesum",
)
database_waiting_requests = ROWS.gauge(
    "stillboard_database_waiting_requests",
    "Those who wait for a connection of the part's to be free.",
    shown_by=_EVERY_PART,
    together="livesum",
)
query_seconds = ROWS.histogram(
    "stillboard_query_seconds",
    "Time from a statement to PostgreSQL's answer, waiting for a board's row among it.",
    shown_by=_EVERY_PART,
    buckets=_FAST_S,
)
part_failures = ROWS.counter(
    "stillboard_part_failures_total",
    "Failures of a part; posting fails with `database` alone, files with `darkroom` too.",
    labels={
        "part": "`database`, `queue`, `renderer`, `captcha`, `darkroom`, `passwords`, `cloud`, "
        "`disk`",
    },
    shown_by=_EVERY_PART,
)

# --- posting ---

posts_stored = ROWS.counter(
    "stillboard_posts_stored_total",
    "Posts that were stored.",
    labels={"kind": "`thread`, `reply`"},
    shown_by=_WRITER,
)
posts_refused = ROWS.counter(
    "stillboard_posts_refused_total",
    "Forms that were refused, by what was wrong with them.",
    labels={"error": "the class in imageboard/errors.py"},
    shown_by=_WRITER,
)
spam_findings = ROWS.counter(
    "stillboard_spam_findings_total",
    "Posts in which spam was found, by each thing that found it.",
    labels={
        "by": "`rule 7`, or the setting of the board",
        "action": "`ban`, `refuse`, `hold`, `captcha`, `log`, `replace`",
    },
    shown_by=_WRITER,
)
block_list_answers = ROWS.counter(
    "stillboard_block_list_answers_total",
    "Addresses about which block lists were to be asked by DNS.",
    labels={
        "how": "`listed`, `clean`, `silent` (not all answered in time), `not_asked` (one was silent"
        " just before, or too many wait), of which the last two let the poster in, `lying` (a list"
        " has everybody, and is not believed for ten minutes)"
    },
    shown_by=_WRITER,
)
own_posts_not_seen = ROWS.counter(
    "stillboard_own_posts_not_seen_total",
    "Browsers that were led to a page before it showed their post"
    " (`STILLBOARD_OWN_POST_WAIT_MS` was over).",
    shown_by=_WRITER,
)
request_seconds = ROWS.histogram(
    "stillboard_request_seconds",
    "Time from a request to its answer, uploads being read and the wait for the page included.",
    labels={"route": "the pattern of the address"},
    shown_by=_WRITER,
    buckets=_FAST_S,
)
running_requests = ROWS.gauge(
    "stillboard_running_requests",
    "Requests that the writer is at: each has one of its threads until it is answered.",
    shown_by=_WRITER,
    together="livesum",
)
max_running_requests = ROWS.gauge(
    "stillboard_max_running_requests",
    "Requests that the writer can be at, one in each thread of its processes; others wait for it.",
    shown_by=_WRITER,
    together="livesum",
)
captchas = ROWS.counter(
    "stillboard_captchas_total",
    "Captchas that came with forms.",
    labels={
        "how": "`solved`, `failed`, `missing`, `spared` (by a pass), `unchecked` (the provider gave"
        " no usable answer, and a picture was shown)"
    },
    shown_by=_WRITER,
)
responses = ROWS.counter(
    "stillboard_responses_total",
    "Answers of the writer.",
    labels={"status": "of HTTP"},
    shown_by=_WRITER,
)
darkroom_pictures = ROWS.counter(
    "stillboard_darkroom_pictures_total",
    "Uploads that the darkroom was given, by how they came out.",
    labels={
        "how": "`developed`, `opened` (of a slow kind: it waits now), `refused`, `died` (the"
        " process that read it did), `out_of_memory` (the kernel ended it: the limits of the"
        " machine are too small for what it has to do), `unavailable`",
    },
    shown_by=(*_WRITER, *_DEVELOPER),
)
darkroom_confined = ROWS.gauge(
    "stillboard_darkroom_confinement_in_force",
    "1: processes that read uploads are kept from all else by this layer; 0: the kernel, or the"
    " container, does not have it. Set by the first upload.",
    labels={"layer": "`landlock`, `seccomp`"},
    shown_by=(*_WRITER, *_DEVELOPER),
    together="livemin",
)
pending_files_tried = ROWS.counter(
    "stillboard_pending_files_tried_total",
    "Tries to make a file ready that waits; after `died` and `unavailable` it waits on.",
    labels={"how": "`ready`, `failed`, `gone` (removed meanwhile), `died`, `unavailable`"},
    shown_by=_DEVELOPER,
)
pending_files = ROWS.gauge(
    "stillboard_pending_files",
    "Files of slow kinds that were stored as they were sent, and wait, looked at each second.",
    shown_by=_CATCH_UP,
)
pending_seconds = ROWS.gauge(
    "stillboard_pending_seconds",
    "Age of the oldest file that waits.",
    shown_by=_CATCH_UP,
)
push_messages = ROWS.counter(
    "stillboard_push_messages_total",
    "Messages to push services about replies. What is `put_off` (the service asked for it) or met"
    " a service that is `unreachable` is tried again; browsers that are `gone` are forgotten, as"
    " are those that a service has `refused` again and again.",
    labels={"how": "`delivered`, `gone`, `refused`, `put_off`, `unreachable`, `unreadable`"},
    shown_by=_COURIER,
)
push_subscriptions = ROWS.gauge(
    "stillboard_push_subscriptions",
    "Browsers that are told of replies, each counted once for each thread; looked at every 5 s.",
    shown_by=_CATCH_UP,
)

# --- rendering ---

steps = ROWS.counter(
    "stillboard_render_steps_total",
    "Steps of the render loop that had something to draw.",
    shown_by=_RENDERING,
)
step_seconds = ROWS.histogram(
    "stillboard_render_step_seconds",
    "Time of one step: so long a post that comes in meanwhile waits.",
    shown_by=_RENDERING,
    buckets=_FAST_S,
)
files_per_step = ROWS.histogram(
    "stillboard_render_step_files",
    "Files that one step wrote and removed.",
    shown_by=_RENDERING,
    buckets=(0, 1, 2, 5, 10, 20, 50, 200),
)
render_lock_waits = ROWS.counter(
    "stillboard_render_lock_waits_total",
    "Waits for the right to write a board's files, or those of the site.",
    labels={"lock": "`board`, `site`"},
    shown_by=_RENDERING,
)
site_drawings = ROWS.counter(
    "stillboard_site_drawings_total",
    "Times that the pages that show several boards were drawn.",
    shown_by=_RENDERING,
)
changes_settled = ROWS.counter(
    "stillboard_changes_settled_total",
    "Changes that all of their pages show.",
    shown_by=_RENDERING,
)
change_to_visible_seconds = ROWS.histogram(
    "stillboard_change_to_visible_seconds",
    "From a change's commit to its thread's page standing in the web root: how fresh the board is.",
    shown_by=_RENDERING,
    buckets=_FAST_S,
)
files_written = ROWS.counter(
    "stillboard_files_written_total",
    "Files put into the web root.",
    shown_by=_RENDERING,
)
files_pressed = ROWS.counter(
    "stillboard_files_pressed_total",
    "Files that were compressed thoroughly, since they rested.",
    shown_by=_CATCH_UP,
)
files_unchanged = ROWS.counter(
    "stillboard_files_unchanged_total",
    "Files that were drawn and found to stand there already.",
    shown_by=_RENDERING,
)
files_removed = ROWS.counter(
    "stillboard_files_removed_total",
    "Files taken out of the web root.",
    shown_by=_RENDERING,
)
bytes_written = ROWS.counter(
    "stillboard_written_bytes_total",
    "Bytes of the pages written, before compression.",
    shown_by=_RENDERING,
)
uploads_missing = ROWS.counter(
    "stillboard_uploads_missing_total",
    "Files that a post has and the upload store has lost: restore them from a backup.",
    shown_by=(*_DEVELOPER, *_RENDERING),
)
takedown_seconds = ROWS.histogram(
    "stillboard_takedown_seconds",
    "From a removal to what was removed being gone.",
    labels={
        "where": "`origin` (the web root), `bucket` (and the CDN told), `edge` (as a reader there"
        " sees it, after a second purge)"
    },
    shown_by=(*_RENDERING, "publisher"),
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300),
)

# --- the second stage ---

takedowns_not_gone = ROWS.counter(
    "stillboard_takedowns_not_gone_total",
    "Looks at the edge that still found what was removed: it is purged again, and looked at again.",
    shown_by=_PUBLISHER,
)
cloud_puts = ROWS.counter(
    "stillboard_cloud_puts_total",
    "Files put into the bucket.",
    shown_by=_PUBLISHER,
)
cloud_put_bytes = ROWS.counter(
    "stillboard_cloud_put_bytes_total",
    "Bytes put into the bucket.",
    shown_by=_PUBLISHER,
)
cloud_puts_again = ROWS.counter(
    "stillboard_cloud_puts_again_total",
    "Puts that have to be made again; `NewerStands` that goes on is a database restored from a"
    " backup: `verify --r2 --repair`.",
    labels={"cause": "`TooFast`, `Superseded`, `NewerStands`"},
    shown_by=_PUBLISHER,
)
cloud_failures = ROWS.counter(
    "stillboard_cloud_failures_total",
    "Failures of the bucket or the CDN as a whole; `StoreRefused` and `PurgeRefused` are keys that"
    " are refused.",
    labels={"error": "the class in cdn/"},
    shown_by=_PUBLISHER,
)
cloud_deletes = ROWS.counter(
    "stillboard_cloud_deletes_total",
    "Files deleted in the bucket.",
    shown_by=_PUBLISHER,
)
cloud_paused_seconds = ROWS.gauge(
    "stillboard_cloud_paused_seconds",
    "How long the bucket or the CDN is left alone since it fails as a whole; 0: it does not. The"
    " publisher's log says why.",
    shown_by=_PUBLISHER,
)
cdn_purged_urls = ROWS.counter(
    "stillboard_cdn_purged_urls_total",
    "Addresses that the CDN was told of.",
    shown_by=_PUBLISHER,
)
publish_to_cloud_seconds = ROWS.histogram(
    "stillboard_publish_to_cloud_seconds",
    "From a file standing in the web root to the bucket holding it.",
    shown_by=_PUBLISHER,
    buckets=(0.05, 0.1, 0.5, 1, 2, 5, 10, 60, 600),
)

# --- as catch-up sees it ---

cloud_behind_files = ROWS.gauge(
    "stillboard_cloud_behind_files",
    "Files that bucket or CDN are behind with, looked at each second.",
    shown_by=_CATCH_UP,
)
cloud_behind_seconds = ROWS.gauge(
    "stillboard_cloud_behind_seconds",
    "Age of the oldest version that bucket or CDN do not have: alarm on this.",
    shown_by=_CATCH_UP,
)
unsettled_seconds = ROWS.gauge(
    "stillboard_unsettled_seconds",
    "Age of the oldest change that a page does not show, looked at each second; alarm on this too.",
    shown_by=_CATCH_UP,
)
board_unsettled_seconds = ROWS.gauge(
    "stillboard_board_unsettled_seconds",
    "Age of the oldest change of a board that a page does not show, of each that was ever behind.",
    labels={"board": "its name, of at most 100 boards"},
    shown_by=_CATCH_UP,
)
open_takedowns = ROWS.gauge(
    "stillboard_open_takedowns",
    "Removals that are not gone everywhere yet.",
    shown_by=_CATCH_UP,
)
takedown_open_seconds = ROWS.gauge(
    "stillboard_takedown_open_seconds",
    "Age of the oldest removal that is not gone everywhere: alarm on this.",
    shown_by=_CATCH_UP,
)
bans_in_force = ROWS.gauge(
    "stillboard_bans_in_force",
    "Bans that are neither lifted nor expired.",
    shown_by=_CATCH_UP,
)
open_reports = ROWS.gauge(
    "stillboard_open_reports",
    "Reports that nobody has dealt with.",
    shown_by=_CATCH_UP,
)
database_bytes = ROWS.gauge(
    "stillboard_database_bytes",
    "Size of the board's database on its disk.",
    shown_by=_CATCH_UP,
)
replication_slot_active = ROWS.gauge(
    "stillboard_replication_slot_active",
    "1: a replica, or whoever archives the WAL, reads from the slot; 0: nobody does.",
    labels={"slot": "its name"},
    shown_by=_CATCH_UP,
)
replication_slot_bytes = ROWS.gauge(
    "stillboard_replication_slot_bytes",
    "WAL that PostgreSQL keeps for the slot: so far a replica is behind.",
    labels={"slot": "its name"},
    shown_by=_CATCH_UP,
)
queue_jobs = ROWS.gauge(
    "stillboard_queue_jobs",
    "Calls in the queues; no number while Valkey is down, as with the two below.",
    labels={"queue": "`render`, `publish`, `media`", "state": "`waiting`, `running`, `failed`"},
    shown_by=_CATCH_UP,
)
queue_oldest_seconds = ROWS.gauge(
    "stillboard_queue_oldest_seconds",
    "For how long the oldest call waits.",
    labels={"queue": "`render`, `publish`, `media`"},
    shown_by=_CATCH_UP,
)
queue_workers = ROWS.gauge(
    "stillboard_queue_workers",
    "Workers that listen to a queue, and were heard of within the last two minutes.",
    labels={"queue": "`render`, `publish`, `media`"},
    shown_by=_CATCH_UP,
)
disk_bytes = ROWS.gauge(
    "stillboard_disk_bytes",
    "Size of the disk that the folder is on.",
    labels={"folder": "`data`, `web_root`"},
    shown_by=_CATCH_UP,
)
disk_free_bytes = ROWS.gauge(
    "stillboard_disk_free_bytes",
    "Bytes free on the disk that the folder is on.",
    labels={"folder": "`data`, `web_root`"},
    shown_by=_CATCH_UP,
)
disk_free_files = ROWS.gauge(
    "stillboard_disk_free_files",
    "Files that may still be made on that disk (inodes).",
    labels={"folder": "`data`, `web_root`"},
    shown_by=_CATCH_UP,
)
backup_last_success_timestamp_seconds = ROWS.gauge(
    "stillboard_backup_last_success_timestamp_seconds",
    "When the last good backup of a kind was finished, in Unix seconds; from `backups/last.json` in"
    " the data folder; 0: it is asked for, and none ever was.",
    labels={"kind": "of backup"},
    shown_by=_CATCH_UP,
)
backup_last_failure_timestamp_seconds = ROWS.gauge(
    "stillboard_backup_last_failure_timestamp_seconds",
    "When the last backup of a kind failed, in Unix seconds.",
    labels={"kind": "of backup"},
    shown_by=_CATCH_UP,
)
certificate_end_timestamp_seconds = ROWS.gauge(
    "stillboard_certificate_end_timestamp_seconds",
    "When the certificate `STILLBOARD_TLS_CERTIFICATE` ends, in Unix seconds.",
    labels={"file": "its path"},
    shown_by=_CATCH_UP,
)
catch_up_pass_timestamp_seconds = ROWS.gauge(
    "stillboard_catch_up_pass_timestamp_seconds",
    "When catch-up's last pass ended, in Unix seconds: it makes one each second.",
    shown_by=_CATCH_UP,
)
nginx_failures = ROWS.counter(
    "stillboard_nginx_failures_total",
    "Answers of nginx of a status of 400 or more, as it tells them"
    " (`STILLBOARD_NGINX_LOG_LISTEN`); of a flood not all.",
    labels={
        "status": "of HTTP",
        "asked_for": "`page` (or its JSON), `media`, `writer` (forms, captchas, the desk), `other`",
    },
    shown_by=_CATCH_UP,
)
nginx_errors = ROWS.counter(
    "stillboard_nginx_errors_total",
    "Lines of nginx's error log; `nginx_said` in catch-up's log has them without addresses.",
    labels={"level": "`error`, `crit`, `alert`, `emerg`"},
    shown_by=_CATCH_UP,
)
sample_wrong_files = ROWS.gauge(
    "stillboard_sample_wrong_files",
    "Files that the last look at a sample of the pages found wrong, as `verify` calls it; what was"
    " wrong is looked at again each time.",
    labels={
        "wrong": "`missing`, `differing`, `orphaned`, `unrecorded`, `lost`, `unreadable`",
    },
    shown_by=_CATCH_UP,
)
sample_end_timestamp_seconds = ROWS.gauge(
    "stillboard_sample_end_timestamp_seconds",
    "When the last look at a sample of the pages ended, in Unix seconds; 0: none did yet; no number"
    " where `STILLBOARD_SAMPLE_PAGES` is 0.",
    shown_by=_CATCH_UP,
)
boards_drawn_otherwise = ROWS.gauge(
    "stillboard_otherwise_drawn_boards",
    "Boards of which some pages were drawn with other templates, as after an upgrade:"
    " `./stillboard rerender --all`.",
    shown_by=_CATCH_UP,
)
boards_left_behind = ROWS.counter(
    "stillboard_boards_left_behind_total",
    "Boards that catch-up had to wake: calls are getting lost, or workers are too busy.",
    shown_by=_CATCH_UP,
)


def note_pool(connections: Mapping[str, int]) -> None:
    """Show what `Database.connections()` says."""
    database_connections.labels("in_use").set(connections["in_use"])
    database_connections.labels("idle").set(connections["idle"])
    database_max_connections.set(connections["max"])
    database_waiting_requests.set(connections["waiting"])


def note_build(version: str, schema: str) -> None:
    """Show what the program was made of."""
    build_info.labels(version, platform.python_version(), schema).set(1)
