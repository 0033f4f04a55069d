"""A kind of media is one row and one reader: everything else takes it from there."""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from imageboard.media_kinds import KINDS
from tests.media_table import add_row, copy_rooms
from writer.media import containers, slow

pytestmark = pytest.mark.slow

#: What is copied of the house: all that a kind passes through, and a real nginx for the test.
ROOMS = (
    "imageboard",
    "writer",
    "templates",
    "nginx",
    "cdn",
    "monitoring",
    "public/assets",
    "deploy/embedded",
)
ROOMS_OF_TESTS = ("tests/deploy", "tests/nginx", "tests/templates", "tests/writer/media")

ROW = """    MediaKind("note", "Note", "text/x-note", ("note", "nt"),
              is_picture=False, has_thumbnail=False, is_download=True),
"""
READER = '''"""Notes: a line that says so, then text."""

from writer.media.containers.container import Container


def is_one(head):
    return head.startswith(b"NOTE\\n")


def walk(data, limits):
    return Container("note", width=0, height=0, kept=[data.rstrip()])
'''


def test_each_row_has_its_reader_and_each_reader_its_row() -> None:
    modules = [module.name for module in pkgutil.iter_modules(containers.__path__)]
    readers = {
        name for name in modules if hasattr(import_module(f"{containers.__name__}.{name}"), "walk")
    }
    assert readers == {kind.name for kind in KINDS} == set(containers.READERS)


def test_each_slow_row_has_its_maker_and_each_maker_its_slow_row() -> None:
    modules = {module.name for module in pkgutil.iter_modules(slow.__path__)}
    assert modules == {kind.name for kind in KINDS if kind.is_slow} == set(slow.MAKERS)


@pytest.fixture(scope="module")
def house_with_notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The house with one row and one file more."""
    house = tmp_path_factory.mktemp("house")
    copy_rooms(house, (*ROOMS, *ROOMS_OF_TESTS))
    add_row(house, ROW)
    (house / "writer/media/containers/note.py").write_text(READER)
    return house


@pytest.fixture(scope="module")
def seen(house_with_notes: Path) -> dict[str, Any]:
    """What a note met on its way."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tests.writer.media.walk_of_a_note"],
        env=os.environ | {"PYTHONPATH": str(house_with_notes)},
        cwd=house_with_notes,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_new_kind_is_offered_in_the_form(seen: dict[str, Any]) -> None:
    assert "image/avif," in seen["form"]
    assert ",text/x-note" in seen["form"]
    assert " or Note" in seen["form"]


def test_a_new_kind_is_read_and_stored_without_a_thumbnail(seen: dict[str, Any]) -> None:
    file = seen["file"]
    assert (file["original_name"], file["extension"], file["bytes"]) == ("letter", ".nt", 10)
    assert (file["width"], file["height"]) == (None, None), "the database knows no size of 0"
    assert (file["thumb_extension"], file["thumb_width"], file["thumb_height"]) == (None,) * 3
    assert seen["stored"] == [file["stored_as"]]


@pytest.mark.parametrize("name", ["b/src/17.nt", "b/src/18.note"])
def test_a_download_is_served_to_be_saved(seen: dict[str, Any], name: str) -> None:
    answer = seen[name]
    assert (answer["status"], answer["body"]) == (200, "NOTE\nhello")
    assert answer["headers"]["content-type"] == ["text/x-note"]
    assert answer["headers"]["content-disposition"] == ["attachment"]
    assert answer["headers"]["x-content-type-options"] == ["nosniff"]
    assert answer["policy"]["content_type"] == "text/x-note"
    assert answer["headers"]["cache-control"] == [answer["policy"]["cache_control"]]


@pytest.mark.parametrize("name", ["b/thumb/17.nt", "assets/a.nt"])
def test_only_pictures_are_thumbnails_and_parts_of_pages(seen: dict[str, Any], name: str) -> None:
    assert (seen[name]["status"], seen[name]["policy"]) == (404, None)


def test_the_worker_is_told_of_a_new_kind(seen: dict[str, Any]) -> None:
    for ending in ("note", "nt"):
        assert f'"{ending}": "text/x-note"' in seen["worker"]
    assert '"sort": "download"' in seen["worker"]
