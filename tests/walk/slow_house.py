"""The house with a slow kind: films, whose files say for themselves how long they take.

A film is lines of text: "FILM", a gate, what its maker wrote into it, "END". Its thumbnail is red.
The gate is "open"; or "dies", and the process that develops it does; or the path of a FIFO, and it
is developed when somebody has written there.
"""

from __future__ import annotations

from pathlib import Path

from tests.media_table import add_row, copy_rooms

ROOMS = (
    "imageboard",
    "writer",
    "renderer",
    "templates",
    "cdn",
    "nginx",
    "deploy",
    "cli",
    "monitoring",
    "public/assets",
)

_ROW = """    MediaKind("film", "Film", "video/x-film", ("film", "flm"),
              is_picture=False, is_slow=True),
"""

_READER = '''"""Films: a line that says so, and a last one."""

from writer.media.containers.container import Container, broken


def is_one(head):
    return head.startswith(b"FILM\\n")


def walk(data, limits):
    if not data.endswith(b"\\nEND\\n"):
        raise broken("film: no end")
    return Container("film", width=0, height=0, kept=[data])
'''

_MAKER = '''"""What is served of a film has none of what its maker wrote into it."""

import os
from io import BytesIO

from PIL import Image

from imageboard.words import N_
from writer.media.containers.container import refused
from writer.media.picture import Print


def develop(container, thumb_px_max):
    _, gate, *_, _ = container.clean_bytes().decode().splitlines()
    if gate == "dies":
        os._exit(7)
    if gate == "empty":
        raise refused(N_("The film shows nothing."))
    body = BytesIO()
    Image.new("RGB", (40, 30), "red").save(body, "PNG")
    return Print(b"FILM\\nopen\\nEND\\n", body.getvalue(), ".png", 320, 240, 40, 30)
'''

#: Before it is confined: from then on it could reach no gate.
_CONFINED = "    missing = confinement.confine(begin_benches)\n"
_HELD = """    for request in requests:
        if not (request["is_waited_for"] or request["is_light"]):
            name, gate, *_ = Path(request["upload"]).read_bytes().split(b"\\n", 2)
            if name == b"FILM" and gate.startswith(b"/"):
                Path(gate.decode()).read_bytes()
"""

#: What is served of any of them.
SERVED = b"FILM\nopen\nEND\n"


def a_film(gate: str = "open", note: str = "shot by me") -> bytes:
    return f"FILM\n{gate}\n{note}\nEND\n".encode()


def build(house: Path) -> None:
    """One row and two files more; and a gate, where a process may still go through one."""
    copy_rooms(house, ROOMS)
    add_row(house, _ROW)
    (house / "writer/media/containers/film.py").write_text(_READER)
    (house / "writer/media/slow/film.py").write_text(_MAKER)
    process = house / "writer/media/process.py"
    steps = process.read_text()
    assert steps.count(_CONFINED) == 1
    process.write_text(steps.replace(_CONFINED, _HELD + _CONFINED))
