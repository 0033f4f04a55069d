"""The kinds of media as the Worker knows them: a block in cdn/edge/worker.mjs.

`python -m cdn.edge_media` writes it anew after a change of imageboard/media_kinds.py; a test
compares.
"""

from __future__ import annotations

import json
from pathlib import Path

from imageboard.media_kinds import BY_ENDING

WORKER = Path(__file__).parent / "edge" / "worker.mjs"
_BEGIN = "// imageboard/media_kinds.py, written by `python -m cdn.edge_media`:\n"
_END = "// — as far as here.\n"


def block() -> str:
    """The table in JavaScript, ending -> how a file of that name is served, with its two marks."""
    rows = "".join(
        f"  {json.dumps(ending)}: {{ type: {json.dumps(kind.content_type)},"
        f" isPicture: {json.dumps(kind.is_picture)},"
        f" isDownload: {json.dumps(kind.is_download)} }},\n"
        for ending, kind in BY_ENDING.items()
    )
    return f"{_BEGIN}const MEDIA = {{\n{rows}}};\n{_END}"


def with_block(worker: str) -> str:
    """The Worker's source with the block as it should be. Raises ValueError without its marks."""
    before, begin, rest = worker.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError("worker.mjs has no block of media")
    return f"{before}{block()}{after}"


if __name__ == "__main__":
    WORKER.write_text(with_block(WORKER.read_text()))
