"""What the busiest hour takes of each thing that has an end, and which comes to it first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from loadtest.capacity.month import Month
from loadtest.capacity.parameters import Parameters
from loadtest.capacity.simulation import boards_power

#: Who answers readers: the board's nginx alone; a CDN in front of it; a CDN in front of a bucket.
Serving = Literal["nginx alone", "CDN before nginx", "bucket and Worker"]
SERVINGS: tuple[Serving, ...] = ("nginx alone", "CDN before nginx", "bucket and Worker")


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing that has an end; `used` 1.0 is the end of it."""

    name: str
    used: float
    #: Its use grows with this power of the users.
    power: float = 1.0

    def users_at_the_end(self, users: int) -> float:
        """Daily users at which it is reached, when `users` use this much of it."""
        return users * self.used ** (-1 / self.power) if self.used else math.inf


def limits(parameters: Parameters, month: Month, serving: Serving) -> list[Limit]:
    """All of them, those first that come to their end with the fewest users."""
    peak = month.peak
    first_board_posts_per_s = peak.posts_of_first_board / peak.seconds
    connections_left = parameters.connections_max - parameters.connections_of_others
    found = [
        Limit(
            "processor",
            _cores(parameters, month, serving) / (parameters.cores - parameters.idle_cores),
        ),
        Limit("one board's posts", first_board_posts_per_s / parameters.board_posts_per_s_max),
        Limit(
            "one board's renderer",
            first_board_posts_per_s * _render_ms(parameters, month) / 1000,
        ),
        Limit("connections", _connections(parameters, month) / connections_left),
        Limit("network", _mbit_per_s(month, serving) / parameters.network_mbit_per_s_max),
        # What is stored grows with the boards: old threads fall off them.
        Limit("disk", month.stored_gb / parameters.disk_gb_max, boards_power(parameters)),
    ]
    if serving != "nginx alone":
        urls_per_s = peak.purged_urls / peak.seconds
        found.append(Limit("purges", urls_per_s / parameters.purge_urls_per_s_max))
    if serving == "bucket and Worker":
        pictures_per_s = 2 * parameters.picture_share * month.posts_per_s_peak
        puts_per_s = peak.puts / peak.seconds + pictures_per_s
        found.append(Limit("puts", puts_per_s * parameters.put_s / parameters.puts_at_once))
    return sorted(found, key=lambda limit: limit.users_at_the_end(month.users))


def cores_needed(parameters: Parameters, month: Month, serving: Serving) -> int:
    """So many that the busiest hour keeps them no busier than is good."""
    busy = parameters.idle_cores + _cores(parameters, month, serving)
    return max(1, math.ceil(busy / parameters.busy_share_max))


def _cores(parameters: Parameters, month: Month, serving: Serving) -> float:
    """In use in the busiest hour, beside what the board uses when nothing happens."""
    per_post_ms = (
        parameters.nginx_cpu_ms_per_post
        + parameters.writer_cpu_ms_per_post
        + parameters.postgres_cpu_ms_per_post
        + parameters.valkey_cpu_ms_per_post
        + parameters.picture_share * parameters.darkroom_cpu_ms_per_picture
        + _render_ms(parameters, month)
    )
    reads_per_s = {
        "nginx alone": month.requests_per_s_peak,
        "CDN before nginx": month.misses_per_s_peak,
        # Only what the bucket has not yet: the page that the poster is led to.
        "bucket and Worker": month.posts_per_s_peak,
    }[serving]
    ms = month.posts_per_s_peak * per_post_ms + reads_per_s * parameters.nginx_cpu_ms_per_read
    return ms / 1000


def _render_ms(parameters: Parameters, month: Month) -> float:
    """Of one post, as if each were rendered by itself; in a burst many share a rendering."""
    return (
        parameters.renderer_cpu_ms_per_post
        + parameters.renderer_cpu_ms_per_post_and_reply * month.replies
        + parameters.renderer_cpu_ms_per_post_and_thread * parameters.threads_per_board
    )


def _connections(parameters: Parameters, month: Month) -> float:
    """Of as many writers as the posts keep busy."""
    busy_cores = parameters.writer_cpu_ms_per_post * month.posts_per_s_peak / 1000
    return busy_cores / parameters.busy_share_max * parameters.connections_per_writer


def _mbit_per_s(month: Month, serving: Serving) -> float:
    share = {
        "nginx alone": 1.0,
        "CDN before nginx": month.miss_share,
        "bucket and Worker": month.posts_per_s_peak / month.requests_per_s_peak,
    }[serving]
    return month.mbit_per_s_peak * share
