"""A drill says what is true, disturbs nobody for long, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deploy.backups import drilling, wal_stream
from deploy.backups.drilling import Drill, NotSettled
from deploy.backups.source import opened
from imageboard.store.servers import wal
from renderer.keeper.press import Press
from renderer.web_root import WebRoot
from tests.deploy.backups.live_board import LiveBoard, a_picture

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wal_stream, "SHIP_EVERY_S", 0.2)
    monkeypatch.setattr(drilling, "HELD_S_MAX", 0.5)


def drill(live_board: LiveBoard, say: Callable[[str], object] = lambda _line: None) -> Drill:
    """One, after which nothing of it may be left, however it ends."""
    source = live_board.source
    try:
        return drilling.drill(source, {}, probes=2, say=say)
    finally:
        assert list(source.backups.glob("drill-*")) == []
        with opened(source.replication_url) as database, database.connection() as db:
            assert wal.slot(db, wal_stream.DRILL_SLOT) is None


def test_good_board_comes_out_the_same_and_what_a_killed_drill_left_is_gone(
    live_board: LiveBoard,
) -> None:
    """Also pages that have rested: the restored ones were drawn a moment ago, in haste."""
    source = live_board.source
    (source.backups / "drill-killed" / "restored").mkdir(parents=True)
    with opened(source.replication_url) as database, database.connection() as db:
        wal.make_slot(db, wal_stream.DRILL_SLOT)
    first = live_board.post("the first", picture=a_picture())
    live_board.post("a reply", thread=first)
    hasty = live_board.pages()
    press = Press(live_board.database, WebRoot(source.settings.web_root), live_board.loop, rest_s=0)
    while press.run_once():
        pass
    assert live_board.pages() != hasty
    meanwhile: list[int] = []

    def post_between(line: str) -> None:
        if line.startswith("base backup: "):
            meanwhile.append(live_board.post("while it is restored"))

    found = drill(live_board, post_between)
    assert found.differing == []
    assert found.compared_files == len(hasty)
    assert len(found.rpo_s) == 2
    assert found.held_s > 0
    assert len(meanwhile) == 1, "posting went on while it was restored"
    assert set(found.took_s) == {"base backup", "WAL", "recovery", "pictures", "pages"}
    assert found.rto_s >= sum(found.took_s.values()) * 0.9


def test_page_that_the_database_does_not_tell_of_is_found(live_board: LiveBoard) -> None:
    live_board.post("something")
    live_board.pages()
    web_root = live_board.source.settings.web_root
    page, torn = (web_root / "b" / name for name in ("index.html", "catalog.html.br"))
    right, whole = page.read_bytes(), torn.read_bytes()
    extra = web_root / "b" / "res" / "9999.html"
    try:
        page.write_bytes(right + b"<!-- by hand -->")
        torn.write_bytes(whole[:-9])
        extra.write_text("by hand")
        found = drill(live_board)
        assert found.differing == ["b/catalog.html.br", "b/index.html", "b/res/9999.html"]
    finally:
        page.write_bytes(right)
        torn.write_bytes(whole)
        extra.unlink()


def test_pages_that_do_not_catch_up_end_it_and_posting_goes_on(live_board: LiveBoard) -> None:
    live_board.post("that nobody renders")
    with pytest.raises(NotSettled):
        drill(live_board)
    live_board.post("posting goes on")
    live_board.pages()
