"""The numbers of the model: parameters.toml and measured.toml, read strictly."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path

FOLDER = Path(__file__).parent
ASSUMED, MEASURED = FOLDER / "parameters.toml", FOLDER / "measured.toml"
_KEYS = {"value", "unit", "from"}


class BadParameters(Exception):
    """A parameter that is missing, unknown or no number; its message names it."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """One field for each table of the two files, which say what it is and where it is from."""

    # people
    pages_per_user_day: float
    posts_per_user_day: float
    polls_per_page: float
    thumbnails_per_page: float
    pictures_per_page: float
    assets_per_user_day: float
    new_thread_share: float
    sage_share: float
    picture_share: float
    peak_to_mean: float
    boards_at_1k_users: float
    boards_at_1m_users: float
    threads_per_board: float
    replies_max: float
    board_zipf: float
    thread_zipf: float
    # edge and second stage
    edge_places: float
    edge_fresh_s: float
    put_pace_s: float
    puts_at_once: float
    put_s: float
    purge_urls_per_s_max: float
    picture_bytes: float
    thumbnail_bytes: float
    dense_thumbnail_bytes: float
    # prices
    class_a_dollars_per_million: float
    class_b_dollars_per_million: float
    storage_dollars_per_gb_month: float
    class_a_free: float
    class_b_free: float
    storage_free_gb: float
    worker_free_per_day: float
    worker_dollars_per_month: float
    worker_included: float
    worker_dollars_per_million: float
    # the machine
    cores: float
    network_mbit_per_s_max: float
    disk_gb_max: float
    board_posts_per_s_max: float
    connections_max: float
    connections_per_writer: float
    connections_of_others: float
    busy_share_max: float
    # measured
    nginx_cpu_ms_per_read: float
    nginx_cpu_ms_per_post: float
    writer_cpu_ms_per_post: float
    postgres_cpu_ms_per_post: float
    valkey_cpu_ms_per_post: float
    darkroom_cpu_ms_per_picture: float
    renderer_cpu_ms_per_post: float
    renderer_cpu_ms_per_post_and_reply: float
    renderer_cpu_ms_per_post_and_thread: float
    idle_cores: float
    thread_bytes: float
    thread_bytes_per_post: float
    thread_br_bytes: float
    thread_br_bytes_per_post: float
    board_page_br_bytes: float


def read(*files: Path) -> Parameters:
    """Of both files, or of those that are named.

    Raises:
        BadParameters: the files do not have each parameter once, with value, unit and source.
    """
    values: dict[str, float] = {}
    for file in files or (ASSUMED, MEASURED):
        for name, table in tomllib.loads(file.read_text()).items():
            if set(table) != _KEYS or isinstance(table["value"], bool | str):
                raise BadParameters(f"{file.name}, [{name}]: it needs a value, unit and from")
            values[name] = float(table["value"])
    wanted = {field.name for field in fields(Parameters)}
    if wanted != set(values):
        raise BadParameters(f"missing or unknown: {', '.join(sorted(wanted ^ set(values)))}")
    return Parameters(**values)


def changed(parameters: Parameters, changes: Iterable[str]) -> Parameters:
    """'put_pace_s=5' -> the same with that one changed: what if?

    Raises:
        BadParameters: there is none of that name, or it is no number.
    """
    names = {field.name for field in fields(Parameters)}
    for change in changes:
        name, _, value = change.partition("=")
        if name not in names:
            raise BadParameters(f"there is no parameter {name!r}: see {ASSUMED.name}")
        try:
            parameters = replace(parameters, **{name: float(value)})
        except ValueError:
            raise BadParameters(f"{change}: write {name}=5") from None
    return parameters
