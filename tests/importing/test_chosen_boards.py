"""Of boards that do not come nothing comes, also where a board here is called as one of them is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.importing.coming import Coming, progress_bars
from importing.asagi.dump import AsagiDump
from importing.asagi.files import StoredFiles
from importing.fourchan.folder import ThreadFolder
from importing.moving import Move, Source
from importing.vichan import php
from importing.vichan.dump import VichanDump
from tests.builders import a_board, a_post
from tests.importing import jschan_board, lynxchan_board
from tests.importing.asagi_archive import a_dump, a_row
from tests.importing.conftest import Site
from tests.importing.thread_folders import a_post as a_told_post
from tests.importing.thread_folders import an_op, write

pytestmark = pytest.mark.slow

_VICHAN = """
INSERT INTO boards (uri,title,subtitle) VALUES ('b','Random',''), ('tech','Tech','');
INSERT INTO posts_b (id,body,body_nomarkup,time) VALUES (1,'x','x',1795500950),
 (2,'x','x',1795500950);
INSERT INTO posts_tech (id,thread,body,body_nomarkup,time) VALUES
 (1,NULL,'x','x',1795500950),
 (2,1,'<a href="/b/res/1.html#1">&gt;&gt;&gt;/b/1</a>','>>>/b/1',1795500950);
INSERT INTO mods (id,username,password,version,type,boards) VALUES
 (1,'Jan','aa','salt',10,'b'), (2,'Both','aa','salt',20,'b,tech');
INSERT INTO reports (id,time,ip,board,post,reason) VALUES (1,1795501300,'192.0.2.7','b',1,'Spam');
INSERT INTO bans (id,ipstart,ipend,created,expires,board,creator,reason,seen,post) VALUES
 (1,0xC0000200,NULL,1795501307,NULL,'b',2,NULL,0,NULL);
INSERT INTO pages (id,board,name,title,type,content) VALUES (1,'b','rules','Rules','html','x');
"""
_FILTERS = "$config['wordfilters'] = array(array('cat', 'dog'));"
_FLAGS = "$config['user_flag'] = true; $config['user_flags'] = array('nz' => 'Tea');"


def _vichan(folder: Path) -> Source:
    (folder / "dump.sql").write_text(_VICHAN)
    for board in ("b", "tech"):
        (folder / board).mkdir(exist_ok=True)
    of_b = php.settings([_FILTERS, _FLAGS])
    (folder / "static/flags").mkdir(parents=True)
    (folder / "static/flags/nz.png").write_bytes(jschan_board.a_flag())
    return VichanDump([folder / "dump.sql"], settings_of_boards={"b": of_b}, folder=folder)


def _jschan(folder: Path) -> Source:
    link = '<a class="quote" href="/b/thread/1.html#1">&gt;&gt;&gt;/b/1</a>'
    linking = jschan_board.a_post(2, 1, board="tech", message=link)
    return jschan_board.source(folder, {"posts": [*jschan_board.collections()["posts"], linking]})


def _lynxchan(folder: Path) -> Source:
    link = '<a class="quoteLink" href="/b/res/1.html#1">&gt;&gt;&gt;/b/1</a>'
    linking = lynxchan_board.a_posting(1, 2, boardUri="tech", markdown=link)
    return lynxchan_board.source(
        folder, {"posts": [*lynxchan_board.collections()["posts"], linking]}
    )


def _fourchan(folder: Path) -> Source:
    link = '<a href="/b/thread/1#p1" class="quotelink">&gt;&gt;&gt;/b/1</a>'
    write(folder / "b", an_op(1), a_told_post(2, 1, com="x"))
    write(folder / "tech", an_op(1), a_told_post(2, 1, com=link))
    return ThreadFolder(folder)


def _asagi(folder: Path) -> Source:
    dump = folder / "asagi.sql"
    linking = a_row(2, 1, comment=">>>/b/1")
    dump.write_text(a_dump(b=[a_row(1, 1), a_row(2, 1)], tech=[a_row(1, 1), linking]))
    return AsagiDump([dump], StoredFiles())


_SOURCES = {
    "vichan": _vichan,
    "jschan": _jschan,
    "LynxChan": _lynxchan,
    "4chan": _fourchan,
    "asagi": _asagi,
}
#: What there is of a board beside its own posts.
_GIVEN = """
    SELECT 'bans' FROM bans WHERE board = %(board)s
    UNION ALL SELECT 'file_bans' FROM file_bans WHERE board = %(board)s
    UNION ALL SELECT 'reports' FROM reports WHERE board = %(board)s
    UNION ALL SELECT 'roles' FROM board_roles WHERE board = %(board)s
    UNION ALL SELECT 'pages' FROM written_pages WHERE board = %(board)s
    UNION ALL SELECT 'rules' FROM spam_rules WHERE board = %(board)s
    UNION ALL SELECT 'flags' FROM board_flags WHERE board = %(board)s
    UNION ALL SELECT 'quotes' FROM quotes WHERE to_board = %(board)s
"""


@pytest.fixture(params=_SOURCES)
def source_in(request: pytest.FixtureRequest) -> Callable[[Path], Source]:
    return _SOURCES[request.param]


def _bring(site: Site, folder: Path, source: Source, **names: str) -> Move:
    """As `--board` asks for boards: {name there: name here}."""
    asked = Coming(site.settings, site.database, progress_bars(), names, {}, False, False)
    return site.bring(asked.move(source, folder), draws=False)


def _given(site: Site, board: str) -> list[str]:
    with site.database.connection() as db:
        return [kind for (kind,) in db.execute(_GIVEN, {"board": board})]


def test_what_belongs_to_a_board_that_was_not_chosen_is_given_to_no_other(
    site: Site, tmp_path: Path, source_in: Callable[[Path], Source]
) -> None:
    here = a_board(site.database, "b")
    for _ in range(10):
        a_post(site.database, here)
    (tmp_path / "old").mkdir()
    source = source_in(tmp_path / "old")
    told = _bring(site, tmp_path / "old", source, tech="tech").report
    assert site.ask("SELECT no FROM posts WHERE board = 'tech' ORDER BY no") == [(1,), (2,)]
    assert _given(site, "b") == []
    assert told.troubles["a link leads to a post that is not there, and is plain text"].examples
    is_told = any("its board does not come" in why for why in told.troubles)
    assert is_told is not isinstance(source, ThreadFolder | AsagiDump)


def test_a_board_that_has_the_name_of_one_that_was_not_chosen_gets_nothing_of_it(
    site: Site, tmp_path: Path, source_in: Callable[[Path], Source]
) -> None:
    (tmp_path / "old").mkdir()
    source = source_in(tmp_path / "old")
    move = _bring(site, tmp_path / "old", source, tech="b")
    why = "its old addresses lead here with STILLBOARD_RENAMED_BOARDS=tech=b"
    assert move.report.troubles[why].examples == ["/b/"]
    assert site.ask("SELECT board, no FROM posts ORDER BY no") == [("b", 1), ("b", 2)]
    assert set(_given(site, "b")) <= {"roles"}
    assert move.report.troubles["a link leads to a board that does not come"].examples == [
        "/b/2 to /b/1 of there"
    ]
    roles = site.ask("SELECT staff FROM board_roles")
    assert roles == ([] if isinstance(source, ThreadFolder | AsagiDump) else roles)
    assert not {"jan", "owner"} & {name for (name,) in roles}


def test_a_link_to_a_board_that_comes_another_day_leads_there_from_then_on(
    site: Site, tmp_path: Path, source_in: Callable[[Path], Source]
) -> None:
    (tmp_path / "old").mkdir()
    source = source_in(tmp_path / "old")
    _bring(site, tmp_path / "old", source, tech="tech")
    assert site.ask("SELECT FROM quotes WHERE to_board = 'b'") == []
    source.boards.clear()
    source.surveys.clear()
    _bring(site, tmp_path / "old", source, b="b")
    links = "SELECT no, to_no FROM quotes WHERE board = 'tech' AND to_board = 'b'"
    assert site.ask(links) == [(2, 1)]


def test_a_board_that_is_named_and_not_there_is_said(site: Site, tmp_path: Path) -> None:
    """Who spells it wrongly would wait for it."""
    asked = Coming(site.settings, site.database, progress_bars(), {"teck": "c"}, {}, False, False)
    move = asked.move(_vichan(tmp_path), tmp_path)
    assert move.look() == 0
    assert move.report.troubles["no board of this name is in it"].examples == ["/c/"]
    assert "there is no board in it" in move.report.troubles
