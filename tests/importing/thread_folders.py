"""Folders of threads as 4chan's API has them, made for a test."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

#: 2024-02-10, and a month later.
T0 = 1_707_523_200
LATER = T0 + 31 * 86_400


def a_post(no: int, thread: int, **fields: Any) -> dict[str, Any]:
    """As 4chan spells one: `now` is New York's wall clock."""
    return {"no": no, "resto": thread, "now": "02/09/24(Fri)19:00:00", "time": T0 + no} | fields


def an_op(no: int, **fields: Any) -> dict[str, Any]:
    return a_post(no, 0, name="Anonymous", com=f"Thread {no}", semantic_url="thread") | fields


def a_file(tim: int | str, **fields: Any) -> dict[str, Any]:
    told = {"tim": tim, "ext": ".png", "filename": "cat &amp; dog", "fsize": 99, "w": 8, "h": 6}
    return told | {"tn_w": 4, "tn_h": 3, "md5": "AAAAAAAAAAAAAAAAAAAAAA=="} | fields


def a_picture(kind: str = "PNG", size: tuple[int, int] = (8, 6), shade: int = 0) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, (shade % 256, shade // 256, 0)).save(out, kind)
    return out.getvalue()


def write(board: Path, *posts: dict[str, Any], folder: str = "thread") -> Path:
    """A thread, with the files of its posts beside it as 4chan names them."""
    path = board / folder / f"{posts[0]['no']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"posts": posts}))
    for post in posts:
        if "tim" in post and not post.get("filedeleted"):
            name = f"{post['tim']}{post['ext']}"
            (board / name).write_bytes(a_picture(shade=post["no"]))
            (board / f"{post['tim']}s.jpg").write_bytes(a_picture("JPEG", (4, 3)))
    return path
