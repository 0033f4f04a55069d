"""A board whose threads somebody has as JSON stands here as it stood there."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from importing.fourchan.folder import NoThreads, ThreadFolder
from importing.moving import Move
from importing.report import Report
from tests.importing.conftest import Site
from tests.importing.thread_folders import LATER, T0, a_file, a_picture, a_post, an_op, write
from tests.walk import sample

pytestmark = pytest.mark.slow


def a_move(site: Site, folder: Path, **told: Any) -> Move:
    return Move(ThreadFolder(folder, **told), site.database, site.settings, folder)


def a_board(folder: Path) -> None:
    """/b/ with a thread that stands and two that were archived, a month apart."""
    board = folder / "b"
    write(
        board,
        an_op(100, sub="Cats &amp; dogs", sticky=1, **a_file(1_707_523_200_123)),
        a_post(
            102, 100, com='<a href="#p100" class="quotelink">&gt;&gt;100</a><br>so', id="AbC/+123"
        ),
        a_post(900_000_000, 100, **a_file(1_707_523_300_123_456, filedeleted=1)),
    )
    archived = {"closed": 1, "archived": 1}
    reply = a_post(
        52, 50, capcode="mod", name="X", com='<a href="/b/thread/100#p102">&gt;&gt;102</a>'
    )
    write(board, an_op(50, archived_on=T0 + 60, **archived, **a_file(1_707_523_200_050)), reply)
    write(board, an_op(60, archived_on=LATER, **archived))
    (folder / "boards.json").write_text('{"boards": [{"board": "b", "title": "Random"}]}')


def test_threads_of_4chan_stand_on_their_board_and_in_its_archive(
    site: Site, tmp_path: Path
) -> None:
    a_board(folder := tmp_path / "kept")
    move = site.bring(a_move(site, folder))
    assert site.findings() == []
    assert dict(move.report.counts) == {
        "threads": 3,
        "posts": 6,
        "files": 2,
        "files that were deleted there": 1,
    }
    assert [page["threads"][0]["no"] for page in site.read("b/catalog.json")] == [100]
    op, reply, last = site.read("b/res/100.json")["posts"]
    assert (op["sub"], op["sticky"], op["tim"]) == ("Cats &amp; dogs", 1, "1707523200123")
    assert (op["filename"], op["tn_w"], op["time"]) == ("cat &amp; dog", 4, T0 + 100)
    assert site.web_root.read("b/src/1707523200123.png") == a_picture(shade=100)
    assert (reply["raw"], reply["id"]) == (">>100\nso", "AbC/+123")
    assert 'href="/b/res/100.html#100"' in reply["com"]
    assert (last["no"], last["filedeleted"]) == (900_000_000, 1)

    assert site.read("b/archive.json") == [50, 60]
    months = {name: site.web_root.read(f"b/archive/{name}.html") for name in ("2024-02", "2024-03")}
    assert [b"/b/res/50.html" in (months[name] or b"") for name in months] == [True, False]
    old = site.read("b/res/50.json")["posts"]
    assert (old[0]["archived"], old[0]["archived_on"]) == (1, T0 + 60)
    assert site.web_root.read("b/thumb/1707523200050.jpg") == a_picture("JPEG", (4, 3))
    assert (old[1]["capcode"], 'href="/b/res/100.html#102"' in old[1]["com"]) == ("Mod", True)
    # Nobody's time is over in an archive that came.
    assert site.ask("SELECT expire_archived()") == [(False,)]
    assert site.ask("SELECT last_no, settings->>'title' FROM boards") == [(900_000_000, "Random")]


def test_what_was_archived_there_since_is_archived_here(site: Site, tmp_path: Path) -> None:
    a_board(folder := tmp_path / "kept")
    site.bring(a_move(site, folder))
    gone = {"closed": 1, "archived": 1, "archived_on": LATER + 60}
    write(folder / "b", an_op(100, **gone), a_post(102, 100))
    write(folder / "b", an_op(104))
    site.bring(a_move(site, folder))
    assert site.findings() == []
    assert site.read("b/archive.json") == [50, 60, 100]
    assert site.ask("SELECT name, threads FROM archive_pages ORDER BY name") == [
        ("2024-02", 1),
        ("2024-03", 2),
    ]
    # And once more.
    assert a_move(site, folder).look() == 6
    again = a_move(site, folder)
    again.look()
    assert again.bring() == []


def test_pages_of_the_archive_are_filled_by_five_hundred(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    for no in range(1, 502):
        write(folder / "b", an_op(no, archived=1, archived_on=T0 + no))
    site.bring(a_move(site, folder), draws=False)
    write(folder / "b", an_op(600, archived=1, archived_on=T0))
    site.bring(a_move(site, folder), draws=False)
    pages = site.ask("SELECT name, number, threads FROM archive_pages ORDER BY number")
    assert pages == [("2024-02", 1, 500), ("2024-02-2", 2, 2)]
    standing = site.ask("SELECT archive_page, count(*) FROM all_threads GROUP BY 1 ORDER BY 1")
    assert standing == [("2024-02", 500), ("2024-02-2", 2)]
    (first,) = site.ask("SELECT min(archived_at) FROM all_threads WHERE archive_page = '2024-02'")
    assert first == (datetime.fromtimestamp(T0 + 1, tz=UTC),)


#: What only a dump of the database knows.
_ONLY_IN_THE_DUMP = "address_hash address_sealed poster_tag password_hash password_scheme".split()
_POSTS = (
    f"SELECT to_jsonb(p) - '{{{','.join(_ONLY_IN_THE_DUMP)}}}'::text[] FROM posts p ORDER BY no"
)
_FILES = "SELECT to_jsonb(f) - '{stored_as}'::text[] FROM files f ORDER BY post_no, position"
_QUOTES = "SELECT no, to_board, to_no FROM quotes WHERE to_board = 'lab' ORDER BY 1, 3"
_THREADS = "SELECT to_jsonb(t) - 'changed_no' FROM threads t ORDER BY no"


#: A blank before a heading, lines around code, and dashes that vichan made of hyphens: what HTML
#: does not tell.
_SPELLED_OTHERWISE = {66, 91, 105, 147}


def _place(row: dict[str, Any]) -> tuple[int, int]:
    return row.get("post_no", row.get("no")), row.get("position", 0)


def _lab_alone(found: list[tuple[Any, ...]]) -> list[Any]:
    rows = [row[0] for row in found if row[0]["board"] == "lab"]
    # Of a file that was deleted vichan's JSON does not say what it was called.
    return [row | {"tim": 0, "extension": 0} if row.get("removed_at") else row for row in rows]


def test_vichan_s_json_comes_to_the_same_as_its_dump(
    site: Site, moved: Site, tmp_path: Path
) -> None:
    """But for what no page tells."""
    shutil.copytree(sample.FOLDER / "lab", tmp_path / "kept" / "lab")
    site.bring(a_move(site, tmp_path / "kept"))
    assert site.findings() == []
    for query in (_POSTS, _FILES, _THREADS):
        theirs = {_place(row): row for row in _lab_alone(moved.ask(query))}
        ours = {_place(row): row for row in _lab_alone(site.ask(query))}
        assert ours.keys() == theirs.keys()
        assert {place[0] for place in ours if ours[place] != theirs[place]} <= _SPELLED_OTHERWISE
        assert [row | {"body": 0} for row in ours.values()] == [
            row | {"body": 0} for row in theirs.values()
        ]
    assert site.ask(_QUOTES) == moved.ask(_QUOTES)


def test_what_can_t_be_read_is_said_and_removes_nothing(site: Site, tmp_path: Path) -> None:
    a_board(folder := tmp_path / "kept")
    site.bring(a_move(site, folder), draws=False)
    thread = folder / "b" / "thread" / "100.json"
    thread.write_text("<!DOCTYPE html>")
    write(folder / "b", an_op(7)).rename(thread.with_name("8.json"))
    (folder / "b" / "0.json").write_text('{"threads": []}')
    move = site.bring(a_move(site, folder), draws=False)
    assert move.report.troubles["it is no JSON"].examples[-1] == "/b/thread/100.json"
    assert any("called after" in why for why in move.report.troubles)
    assert site.ask("SELECT count(*) FROM posts") == [(6,)]
    with pytest.raises(NoThreads):
        a_move(site, folder / "b").look()


@pytest.mark.parametrize(
    ("json_at", "file_at", "thumb_at"),
    [
        ("thread/5.json", "1707523200123.png", "1707523200123s.jpg"),
        ("5/5.json", "5/images/1707523200123.png", "5/thumbs/1707523200123s.jpg"),
        ("5 cats/5.json", "5 cats/1707523200123 cat.png", "thumb/1707523200123s.jpg"),
        ("res/5.json", "src/1707523200123.png", "thumb/1707523200123s.jpg"),
    ],
)
def test_files_are_found_where_programs_put_them(
    tmp_path: Path, json_at: str, file_at: str, thumb_at: str
) -> None:
    op = an_op(5, **a_file(1_707_523_200_123))
    for path, content in ((json_at, json.dumps({"posts": [op]})), (file_at, "a"), (thumb_at, "b")):
        place = tmp_path / "b" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    source = ThreadFolder(tmp_path)
    source.survey()
    (post,) = source.posts(Report())
    assert (post.files[0].path, post.files[0].thumb_path) == (file_at, thumb_at)
