"""A month of a board: slices of a day added up, and what that is in requests, puts and dollars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from loadtest.capacity import site
from loadtest.capacity.parameters import Parameters
from loadtest.capacity.simulation import DAY_S, Slice, boards_of, simulate

DAYS_PER_MONTH = 30.4
#: Of three hours each.
SLICES_PER_DAY = 8
#: Beyond, a simulated day takes long and nobody has measured anything like it.
USERS_MAX = 3_000_000
#: Itself and its thumbnails, which never change and have one address each.
FILES_OF_PICTURE = 3


@dataclass(frozen=True, slots=True)
class Month:
    """What so many people a day come to. Rates are of the busiest hour, the rest of a month."""

    users: int
    boards: int
    peak: Slice
    requests_per_s_peak: float
    posts_per_s_peak: float
    mbit_per_s_peak: float
    #: Share of all requests that no edge can answer: to the bucket, or to nginx without one.
    miss_share: float
    misses_per_s_peak: float
    requests: float
    posts: float
    puts: float
    purged_urls: float
    bucket_reads: float
    #: The same with tiered caching.
    bucket_reads_tiered: float
    stored_gb: float
    #: Replies of the thread that a post goes to, on average.
    replies: float
    class_a_dollars: float
    class_b_dollars: float
    storage_dollars: float
    worker_dollars: float

    @property
    def dollars(self) -> float:
        return (
            self.class_a_dollars + self.class_b_dollars + self.storage_dollars + self.worker_dollars
        )


def a_month(parameters: Parameters, users: int, seed: int = 1) -> Month:
    """The simulation, at `users` people a day.

    Raises:
        ValueError: nobody, or more than the model is bounded to.
    """
    if not 1 <= users <= USERS_MAX:
        raise ValueError(f"from 1 to {USERS_MAX:,} daily users")
    slices = [
        simulate(parameters, users, level, seed * SLICES_PER_DAY + number)
        for number, level in enumerate(levels(parameters.peak_to_mean))
    ]
    day_s = DAY_S / SLICES_PER_DAY
    reads, misses, upper_misses, puts, purged_urls, replies, posts = (
        sum(getattr(each, name) / each.seconds for each in slices) * day_s
        for name in ("reads", "misses", "upper_misses", "puts", "purged_urls", "replies", "posts")
    )
    pages = users * parameters.pages_per_user_day
    media = pages * (parameters.thumbnails_per_page + parameters.pictures_per_page)
    of_pictures = FILES_OF_PICTURE * (
        users * parameters.posts_per_user_day * parameters.picture_share
    )
    media_misses = _media_misses(parameters, media, of_pictures)
    requests = reads + media + users * parameters.assets_per_user_day
    bucket_reads = DAYS_PER_MONTH * (misses + media_misses)
    all_puts = DAYS_PER_MONTH * (puts + of_pictures)
    stored_gb = _stored_gb(parameters, users)
    peak = slices[0]
    per_s_peak = parameters.peak_to_mean / DAY_S
    return Month(
        users=users,
        boards=boards_of(parameters, users),
        peak=peak,
        requests_per_s_peak=requests * per_s_peak,
        posts_per_s_peak=users * parameters.posts_per_user_day * per_s_peak,
        mbit_per_s_peak=_bytes_per_day(parameters, users, replies / max(posts, 1))
        * per_s_peak
        * 8e-6,
        miss_share=(misses + media_misses) / requests,
        misses_per_s_peak=peak.misses / peak.seconds + media_misses * per_s_peak,
        requests=DAYS_PER_MONTH * requests,
        posts=DAYS_PER_MONTH * users * parameters.posts_per_user_day,
        puts=all_puts,
        purged_urls=DAYS_PER_MONTH * purged_urls,
        bucket_reads=bucket_reads,
        bucket_reads_tiered=DAYS_PER_MONTH * (upper_misses + of_pictures),
        stored_gb=stored_gb,
        replies=replies / max(posts, 1),
        class_a_dollars=class_a_dollars(parameters, all_puts),
        class_b_dollars=class_b_dollars(parameters, bucket_reads),
        storage_dollars=_beyond(stored_gb, parameters.storage_free_gb)
        * parameters.storage_dollars_per_gb_month,
        worker_dollars=_worker_dollars(parameters, DAYS_PER_MONTH * requests),
    )


def class_a_dollars(parameters: Parameters, puts: float) -> float:
    """What a month's puts cost."""
    beyond = _beyond(puts, parameters.class_a_free)
    return beyond * parameters.class_a_dollars_per_million / 1e6


def class_b_dollars(parameters: Parameters, reads: float) -> float:
    """What a month's reads of the bucket cost."""
    beyond = _beyond(reads, parameters.class_b_free)
    return beyond * parameters.class_b_dollars_per_million / 1e6


def levels(peak_to_mean: float) -> list[float]:
    """The slices of a day, busiest first: 1.75 -> [1.75, 1.53, 1.53, 1, 1, 0.47, 0.47, 0.25].

    They add up to a day of the mean.
    """
    swing = peak_to_mean - 1
    hours = (1 + swing * math.cos(2 * math.pi * n / SLICES_PER_DAY) for n in range(SLICES_PER_DAY))
    return sorted((max(0.02, level) for level in hours), reverse=True)


def _media_misses(parameters: Parameters, views: float, files: float) -> float:
    """Pictures never change: each place fetches each once, if anybody there ever sees it."""
    views_of_each = views / max(files, 1)
    places = site.zipf(int(parameters.edge_places), 1.0)
    return files * sum(1 - math.exp(-views_of_each * share) for share in places)


def _stored_gb(parameters: Parameters, users: int) -> float:
    """Pictures of all threads that have not fallen off their board, and the pages."""
    posts = users * parameters.posts_per_user_day
    threads = boards_of(parameters, users) * parameters.threads_per_board
    kept_posts = min(DAYS_PER_MONTH * posts, threads / parameters.new_thread_share)
    picture = (
        parameters.picture_bytes + parameters.thumbnail_bytes + parameters.dense_thumbnail_bytes
    )
    pages = threads * parameters.thread_bytes + kept_posts * parameters.thread_bytes_per_post
    # JSON is about half of a page, and boards' pages and catalogs as much again.
    return (kept_posts * parameters.picture_share * picture + 2 * pages) / 1e9


def _bytes_per_day(parameters: Parameters, users: int, replies: float) -> float:
    """What readers are sent, pages as brotli."""
    views = users * parameters.pages_per_user_day
    threads = 40 / 72
    page = (
        threads * (parameters.thread_br_bytes + replies * parameters.thread_br_bytes_per_post)
        + (1 - threads) * parameters.board_page_br_bytes
    )
    return views * (
        page
        + parameters.thumbnails_per_page * parameters.dense_thumbnail_bytes
        + parameters.pictures_per_page * parameters.picture_bytes
    )


def _worker_dollars(parameters: Parameters, requests: float) -> float:
    if requests / DAYS_PER_MONTH <= parameters.worker_free_per_day:
        return 0.0
    beyond = _beyond(requests, parameters.worker_included)
    return (
        parameters.worker_dollars_per_month + beyond * parameters.worker_dollars_per_million / 1e6
    )


def _beyond(amount: float, free: float) -> float:
    return max(0.0, amount - free)


def of_each(parameters: Parameters, users: Sequence[int], seed: int = 1) -> list[Month]:
    """One month for each number of people."""
    return [a_month(parameters, each, seed) for each in users]
