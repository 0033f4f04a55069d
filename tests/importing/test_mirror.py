"""What is read of a living site is all that there is, once, and only the difference later."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from importing.living.errors import SiteGivenUp, SiteNotRead
from importing.living.kept import Kept
from importing.living.mirror import Mirror
from importing.report import Report
from tests.importing.old_site import OldSite, Reply, serving
from tests.importing.thread_folders import a_file, a_post, an_op, write
from tests.walk import sample


@pytest.fixture
def old(tmp_path: Path) -> Iterator[OldSite]:
    """/lab/ of a vichan, and /b/ of a 4chan."""
    there = tmp_path / "there"
    shutil.copytree(sample.FOLDER / "lab", there / "lab")
    for path in (there / "lab" / "res").glob("*.json"):
        path.with_suffix(".html").write_text(_page(there / "lab" / "thumb", path))
    tim = 1_707_523_200_123
    write(there / "b", an_op(100, **a_file(tim)), a_post(102, 100, filedeleted=1))
    write(there / "b", an_op(101))
    write(there / "b", an_op(50, archived=1))
    lists = {"threads": [{"page": 1, "threads": [{"no": 100}, {"no": 101}]}], "archive": [50]}
    for name, told in lists.items():
        (there / "b" / f"{name}.json").write_text(json.dumps(told))
    (there / "boards.json").write_text('{"boards": [{"board": "b"}, {"board": "lab"}]}')
    with serving(there) as old:
        yield old


def _page(thumbs: Path, thread: Path) -> str:
    """As vichan draws pictures."""
    drawn = []
    for post in json.loads(thread.read_text())["posts"]:
        for file in [post, *post.get("extra_files", [])] if "filename" in post else []:
            thumb = f"/lab/thumb/{file['tim']}.png"
            has_one = (thumbs / f"{file['tim']}.png").is_file()
            drawn.append(
                f'<a href="/lab/src/{file["tim"]}{file["ext"]}" target="_blank"><img'
                f' class="post-image" src="{thumb if has_one else "/static/spoiler.png"}"></a>'
            )
    return "\n".join(drawn)


def mirror(old: OldSite, tmp_path: Path, *boards: str) -> Mirror:
    """As it is read by whoever calls the command, from the beginning."""
    with Kept(tmp_path / "here") as kept:
        made = Mirror(old.site(), kept, Report(), frozenset(boards))
        made.read()
        made.site.close()
    return made


def files(folder: Path) -> set[str]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name[0] != ".")
    return {str(path.relative_to(folder)) for path in found}


@pytest.mark.slow
def test_all_of_it_is_read_once(old: OldSite, tmp_path: Path) -> None:
    assert mirror(old, tmp_path).failed == 0
    there = files(old.folder)
    # Pages of a board are those of its threads once more.
    pages = {path for path in there if path.startswith("lab/") and path.count("/") == 1}
    pages |= {f"lab/res/{no}.html" for no in _WITHOUT_FILES}
    assert files(tmp_path / "here") == (there - pages - _OF_4CHAN.keys()) | set(
        _OF_4CHAN.values()
    ) | {"lab/threads.json"}
    assert len(old.paths) == len(set(old.paths))

    old.asked.clear()
    assert mirror(old, tmp_path).failed == 0
    assert not [path for path in old.paths if path.startswith(("/lab/src/", "/b/1707"))]
    assert "/b/thread/50.json" not in old.paths
    assert {known is not None for path, known in old.asked if "/res/" in path} == {True}


#: Threads of the sample.
_WITHOUT_FILES = (6, 11, 13, 16)
#: {where 4chan has it: where it is kept}
_OF_4CHAN = {
    "b/1707523200123.png": "b/src/1707523200123.png",
    "b/1707523200123s.jpg": "b/thumb/1707523200123s.jpg",
}


@pytest.mark.slow
def test_what_is_gone_there_is_gone_here(old: OldSite, tmp_path: Path) -> None:
    mirror(old, tmp_path, "b", "lab")
    (old.folder / "b" / "thread" / "101.json").unlink()
    (old.folder / "b" / "archive.json").write_text("[]")
    (old.folder / "lab" / "res" / "46.json").unlink()
    write(old.folder / "b", an_op(100), a_post(104, 100))
    mirror(old, tmp_path, "b", "lab")
    here = tmp_path / "here"
    assert not {"b/thread/101.json", "lab/res/46.json", "lab/res/46.html"} & files(here)
    # An archive forgets; whoever keeps it does not.
    assert (here / "b" / "thread" / "50.json").is_file()
    told = json.loads((here / "b" / "thread" / "100.json").read_text())
    assert [post["no"] for post in told["posts"]] == [100, 104]


@pytest.mark.slow
def test_who_is_killed_on_the_way_goes_on_where_he_was(old: OldSite, tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    def dies(done: int, _all: int) -> None:
        if done == 5:
            raise Killed

    with Kept(tmp_path / "here") as kept:
        dying = Mirror(old.site(), kept, Report(), on_thread=dies)
        with pytest.raises(Killed):
            dying.read()
    came = {path for path in old.paths if "/src/" in path}
    assert came
    # Half of a file is none.
    (tmp_path / "here" / "lab" / "src" / ".1795500950388.png.part").write_bytes(b"half")
    old.asked.clear()
    mirror(old, tmp_path)
    assert not came & set(old.paths)
    place = "lab/src/1795500950388.png"
    assert (tmp_path / "here" / place).read_bytes() == (old.folder / place).read_bytes()
    assert not list((tmp_path / "here").rglob(".*.part"))


@pytest.mark.slow
def test_what_is_no_thread_keeps_what_was_read_before(old: OldSite, tmp_path: Path) -> None:
    mirror(old, tmp_path, "b")
    lies = {
        "html": b"<!DOCTYPE html>",
        "another": (old.folder / "b" / "thread" / "101.json").read_bytes(),
        "list": b"[]",
        "numbers": b'{"posts": [{"no": 1e9, "time": 3}]}',
    }
    for name, body in lies.items():
        old.told["/b/thread/100.json"] = [Reply(200, body)] * 5
        assert mirror(old, tmp_path, "b").failed == 1, name
    lists = [b'{"a": 1}', b'[{"page": 1, "threads": [{"no": "../x"}]}]', b"[" * 100_000, b"<html>"]
    for body in lists:
        old.told["/b/threads.json"] = [Reply(200, body)] * 5
        assert mirror(old, tmp_path, "b").failed == 2, body[:40]
    assert (tmp_path / "here" / "b" / "thread" / "101.json").is_file()
    # The first try fails, and the second does not.
    old.told["/b/thread/100.json"] = [Reply(200, lies["html"])]
    assert mirror(old, tmp_path, "b").failed == 0


def test_a_site_that_is_down_is_left_alone(old: OldSite, tmp_path: Path) -> None:
    (old.folder / "b" / "threads.json").write_text(json.dumps(list(range(1, 1_000))))
    for no in range(1, 1_000):
        old.told[f"/b/res/{no}.json"] = [Reply(500)] * 5
    with pytest.raises(SiteGivenUp, match="5 times on end: it answers 500, 5 times"):
        mirror(old, tmp_path, "b")
    assert len(old.asked) < 60


def test_names_of_boards_lead_nowhere_else(old: OldSite, tmp_path: Path) -> None:
    """SECURITY: what a site calls a board becomes a folder."""
    told = {"boards": [{"board": name} for name in ("../../x", "/etc", "..", ".x", "a/b", "")]}
    (old.folder / "boards.json").write_text(json.dumps(told))
    with Kept(tmp_path / "here") as kept:
        assert Mirror(old.site(), kept, Report()).read() == []
    assert old.paths == ["/boards.json"]


def test_a_site_without_a_list_of_boards_wants_their_names(old: OldSite, tmp_path: Path) -> None:
    (old.folder / "boards.json").unlink()
    with pytest.raises(SiteNotRead, match="name them with --board"):
        mirror(old, tmp_path)
    assert mirror(old, tmp_path, "b").failed == 0
