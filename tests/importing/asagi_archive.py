"""An archive of asagi, made for a test: its tables as mysqldump writes them, and its files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.importing.thread_folders import T0, a_picture

_POSTS = (
    "doc_id media_id poster_ip num subnum thread_num op timestamp timestamp_expired preview_orig"
    " preview_w preview_h media_filename media_w media_h media_size media_hash media_orig spoiler"
    " deleted capcode email name trip title comment delpass sticky locked poster_hash"
    " poster_country exif"
).split()
_IMAGES = "media_id media_hash media preview_op preview_reply total banned".split()
_MD5 = "AAAAAAAAAAAAAAAAAAAAAA=="


def in_new_york(unix_s: int) -> int:
    """As asagi counts it."""
    wall = datetime.fromtimestamp(unix_s, ZoneInfo("America/New_York"))
    return int(wall.replace(tzinfo=UTC).timestamp())


def a_row(no: int, thread: int, **columns: Any) -> dict[str, Any]:
    zeros = dict.fromkeys(
        "media_id poster_ip subnum timestamp_expired preview_w preview_h media_w media_h media_size"
        " spoiler deleted sticky locked".split(),
        0,
    )
    told = {
        "doc_id": no,
        "num": no,
        "thread_num": thread,
        "op": int(no == thread),
        "timestamp": in_new_york(T0 + no % 1_000),
        "capcode": "N",
        "name": "Anonymous",
        "comment": f"Post {no}",
    }
    return dict.fromkeys(_POSTS) | zeros | told | columns


def a_file(tim: int, media_id: int = 1, **columns: Any) -> dict[str, Any]:
    told = {
        "media_id": media_id,
        "media_orig": f"{tim}.png",
        "preview_orig": f"{tim}s.jpg",
        "media_filename": "cat.png",
        "media_hash": _MD5,
    }
    sizes = {"preview_w": 4, "preview_h": 3, "media_w": 8, "media_h": 6, "media_size": 99}
    return told | sizes | columns


def an_image(media_id: int, name: str, **columns: Any) -> dict[str, Any]:
    told = {"media_id": media_id, "media_hash": _MD5, "media": f"{name}.png", "total": 1}
    return dict.fromkeys(_IMAGES) | told | {"preview_op": f"{name}s.jpg", "banned": 0} | columns


def a_dump(**tables: Iterable[dict[str, Any]]) -> str:
    """Tables in the order in which mysqldump has them."""
    return "".join(_table(name, list(rows)) for name, rows in sorted(tables.items()))


def _table(name: str, rows: list[dict[str, Any]]) -> str:
    columns = _IMAGES if name.endswith("_images") else _POSTS
    declared = ",\n".join(f"  `{column}` text" for column in columns)
    values = ",".join(f"({','.join(_literal(row[column]) for column in columns)})" for row in rows)
    made = f"CREATE TABLE `{name}` (\n{declared}\n) ENGINE=InnoDB;\n"
    return f"{made}INSERT INTO `{name}` VALUES {values};\n"


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def store(media: Path, board: str, name: str) -> bytes:
    """A file and its thumbnail, where asagi has them."""
    content = a_picture()
    for kind, file, body in (
        ("image", f"{name}.png", content),
        ("thumb", f"{name}s.jpg", a_picture("JPEG", (4, 3))),
    ):
        place = media / board / kind / name[:4] / name[4:6] / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(body)
    return content


TIM = 1_707_523_200_123
#: So far from the next that nothing may be held for each number between.
FAR = 4_000_000_000


def an_archive(media: Path) -> str:
    """/g/ with two threads, and what does not come; of two posts with a file each there is one."""
    store(media, "g", f"{TIM}")
    expired = in_new_york(T0 + 40 * 86_400)
    thread = [
        # Seen before the first post of its thread.
        a_row(101, 100, comment=">>100\n>>102\nyes", **a_file(TIM + 5)),
        a_row(100, 100, title="A 'quoted' title", timestamp_expired=expired, **a_file(TIM)),
        a_row(FAR, 100, email="sage", capcode="M", **a_file(TIM + 9, media_id=2)),
        a_row(101, 100, subnum=1, comment="a ghost"),
        a_row(103, 100, deleted=1),
        a_row(60, 60, deleted=1),
        a_row(61, 60),  # Its first post was deleted, and so was its thread.
        a_row(50, 50, sticky=1),
    ]
    images = [an_image(1, f"{TIM}"), an_image(2, "1500000000000", banned=1)]
    return a_dump(g=thread, g_images=images, g_deleted=[a_row(104, 100)], g_threads=[a_row(1, 1)])
