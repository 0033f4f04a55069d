"""Boards of several old sites come into one: what is called the same there is each site's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.importing.coming import Coming, progress_bars
from imageboard.staff_roles import Role
from imageboard.store import staff
from imageboard.store.banners import NewBanner
from importing.loading import AnotherBoard
from importing.moving import Move, undo
from importing.vichan import php
from importing.vichan.dump import VichanDump
from tests.builders import a_board, a_post
from tests.importing import jschan_board
from tests.importing.conftest import Site

pytestmark = pytest.mark.slow

_POSTS = """
INSERT INTO boards (uri,title,subtitle) VALUES {boards};
{posts}
"""
#: Each has the number 1, or a name that any site may use.
_OTHERS = """
INSERT INTO mods (id,username,password,version,type,boards) VALUES
 (1,'{who}','aa','{site}',20,'*');
INSERT INTO reports (id,time,ip,board,post,reason) VALUES
 (1,179550130{at},'192.0.2.7','{board}',1,'{site}');
INSERT INTO news (id,name,time,subject,body) VALUES (1,'x',179540000{at},'{site}','x');
INSERT INTO pages (id,board,name,title,type,content) VALUES
 (1,'{board}','rules','{site}','html','x'), (2,NULL,'faq','{site}','html','x');
INSERT INTO bans (id,ipstart,ipend,created,expires,board,creator,reason,seen,post) VALUES
 (1,0xC000020{at},NULL,179550130{at},NULL,NULL,1,'{site}',0,NULL);
INSERT INTO ban_appeals (id,ban_id,time,message,denied) VALUES (1,1,1795501310,'{site}',0);
INSERT INTO ip_notes (id,ip,`mod`,time,body) VALUES
 (1,'192.0.2.66',1,179550130{at},'{site}');
INSERT INTO modlogs (`mod`,ip,board,time,text) VALUES (1,'192.0.2.9',NULL,1795501305,'{site}');
"""
_FILTERS = "$config['wordfilters'] = array(array('{site}', 'dog'));"
_FLAGS = "$config['user_flag'] = true; $config['user_flags'] = array('nz' => '{site}');"
#: What staff and readers find of a site, by its name.
_FOUND = """
    SELECT 'ban', reason FROM bans
    UNION ALL SELECT 'report', reason FROM reports
    UNION ALL SELECT 'news', title FROM news
    UNION ALL SELECT 'page', title FROM written_pages
    UNION ALL SELECT 'note', note FROM poster_notes
    UNION ALL SELECT 'appeal', a.body || ' against ' || b.reason
        FROM appeals a JOIN bans b ON b.id = a.ban
    UNION ALL SELECT 'rule', what FROM spam_rules
    UNION ALL SELECT 'flag', board FROM board_flags
    UNION ALL SELECT 'logentry', told FROM old_log
    UNION ALL SELECT 'account', name FROM staff
    UNION ALL SELECT 'banner', board FROM banners
    ORDER BY 1, 2
"""


class _Old:
    """A site of vichan, and what is in it."""

    def __init__(self, folder: Path, name: str, *boards: str, at: int, who: str = "") -> None:
        self.name, self.folder = name, folder
        self.boards = boards
        titles = ", ".join(f"('{board}','{board}','')" for board in boards)
        posts = "\n".join(
            f"INSERT INTO posts_{board} (id,body,body_nomarkup,time)"
            f" VALUES (1,'x','x',179550095{at});"
            for board in boards
        )
        self.dump = _POSTS.format(boards=titles, posts=posts) + _OTHERS.format(
            site=name, board=boards[0], at=at, who=who or name
        )
        for board in boards:
            (folder / board).mkdir(parents=True)
        for place in ("static/flags/nz.png", "static/banners/a.png"):
            (folder / place).parent.mkdir(parents=True)
            (folder / place).write_bytes(jschan_board.a_flag())

    def source(self, filters: str = "") -> VichanDump:
        path = self.folder / "dump.sql"
        path.write_text(self.dump)
        salt = f"$config['secure_trip_salt'] = '{self.name}';"
        told = php.settings([(filters or _FILTERS).format(site=self.name), salt])
        flags = php.settings([_FLAGS.format(site=self.name)])
        of_boards = dict.fromkeys(self.boards, flags)
        return VichanDump([path], settings=told, settings_of_boards=of_boards, folder=self.folder)


def _bring(site: Site, old: _Old, *, filters: str = "", **names: str) -> Move:
    """As `--board` asks for boards: {name there: name here}."""
    asked = Coming(site.settings, site.database, progress_bars(), names, {}, False, False)
    move = asked.move(old.source(filters), old.folder)
    taken = iter(range(100))
    move.take_banner = lambda board, path: NewBanner(
        path.suffix,
        f"{board.name}{next(taken)}".rjust(32, "0"),
        board.name.encode().ljust(32),
        1,
        2,
        3,
    )
    return site.bring(move, draws=False)


def _found(site: Site) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind, said in site.ask(_FOUND):
        found.setdefault(kind, []).append(said)
    return found


def test_what_two_sites_call_the_same_comes_of_both_and_of_each_once(
    site: Site, tmp_path: Path
) -> None:
    """Ban 1 of the one, ban 1 of the other; an appeal is against that of its own site."""
    first = _Old(tmp_path / "first", "first", "b", at=1)
    second = _Old(tmp_path / "second", "second", "b", at=2)
    a_post(site.database, a_board(site.database, "here"))
    for _ in range(2):
        _bring(site, first)
        move = _bring(site, second, b="c")
        both = ["first", "second"]
        assert _found(site) == {
            **dict.fromkeys(("account", "ban", "logentry", "news"), both),
            **dict.fromkeys(("note", "report", "rule"), both),
            # That of the whole site has one address here.
            "page": ["first", "first", "second"],
            "appeal": ["first against first", "second against second"],
            "banner": ["b", "c"],
            "flag": ["b", "c"],
        }
    assert move.report.troubles["a page of this name is here"].examples == ["/faq"]
    undo(site.database)
    left = _found(site)
    assert left.keys() <= {"account"}


def test_an_account_that_is_called_as_one_of_another_site_is_told(
    site: Site, tmp_path: Path
) -> None:
    """SECURITY: whoever is called so there gets no role by being called so."""
    _bring(site, _Old(tmp_path / "first", "first", "b", at=1, who="jan"))
    told = _bring(site, _Old(tmp_path / "second", "second", "c", at=2, who="jan")).report
    assert told.troubles["an account of this name is here"].examples == ["jan"]
    assert site.ask("SELECT password_hash FROM staff") == [("$vichan0$first$aa",)]


def test_boards_of_one_site_that_come_one_after_the_other_get_its_filters_and_staff(
    site: Site, tmp_path: Path
) -> None:
    """And what is of the whole site comes once; what staff took away or gave since stays so."""
    old = _Old(tmp_path / "old", "old", "b", "c", "d", at=1)
    old.dump = old.dump.replace("'old',20,'*'", "'old',20,'b,c,d'")
    a_post(site.database, a_board(site.database, "here"))
    _bring(site, old, b="b")
    once = _found(site)
    _bring(site, old, c="c")
    rules = "SELECT board, what FROM spam_rules ORDER BY board"
    assert site.ask(rules) == [("b", "old"), ("c", "old")]
    roles = "SELECT board, role FROM board_roles ORDER BY board"
    assert site.ask(roles) == [("b", "moderator"), ("c", "moderator")]
    of_boards = ("banner", "flag", "rule")
    assert {kind: said for kind, said in _found(site).items() if kind not in of_boards} == {
        kind: said for kind, said in once.items() if kind not in of_boards
    }
    site.ask_nothing("DELETE FROM spam_rules WHERE board = 'b'")
    a_board(site.database, "d")
    with site.database.transaction() as db:
        staff.appoint(db, "old", None, "b")
        staff.appoint(db, "old", Role.JANITOR, "d")
    _bring(site, old, b="b", c="c", d="d")
    assert site.ask(rules) == [("c", "old"), ("d", "old")]
    assert site.ask(roles) == [("c", "moderator"), ("d", "janitor")]


def test_a_filter_is_known_by_what_it_says(site: Site, tmp_path: Path) -> None:
    """Not by its place in the settings, which another one in front of it changes."""
    old = _Old(tmp_path / "old", "old", "b", at=1)
    _bring(site, old)
    _bring(
        site,
        old,
        filters="$config['wordfilters'] = array(array('new', 'x'), array('{site}', 'dog'));",
    )
    assert site.ask("SELECT what FROM spam_rules ORDER BY what") == [("new",), ("old",)]


def test_a_move_from_before_goes_on_and_keeps_no_other_site_away(
    site: Site, tmp_path: Path
) -> None:
    """What came was noted by its name alone once."""
    first = _Old(tmp_path / "first", "first", "b", at=1)
    second = _Old(tmp_path / "second", "second", "c", at=2)
    _bring(site, first)
    site.ask_nothing("UPDATE imports SET without_digests = true")
    site.ask_nothing("DELETE FROM imported_others WHERE kind = 'grant'")
    site.ask_nothing(
        "UPDATE imported_others SET digest = '', name = CASE WHEN kind = 'rule'"
        " THEN 'wordfilters 0' ELSE name END"
    )
    before = _found(site)
    _bring(site, first)
    assert _found(site) == before
    _bring(site, second)
    now = _found(site)
    for kind in ("account", "ban", "news", "note", "report", "rule", "appeal"):
        assert len(now[kind]) == 2, kind


def test_other_boards_of_a_site_that_came_before_bring_nothing_of_it_twice(
    site: Site, tmp_path: Path
) -> None:
    """Bans, news and notes that were noted by their names alone are known by their moments."""
    old = _Old(tmp_path / "old", "old", "b", "c", at=1)
    a_post(site.database, a_board(site.database, "here"))
    _bring(site, old, b="b")
    site.ask_nothing("UPDATE imports SET without_digests = true")
    site.ask_nothing("UPDATE imported_others SET digest = ''")
    once = _found(site)
    told = _bring(site, old, c="c").report
    of_site = ("ban", "news", "note", "appeal")
    now = _found(site)
    assert {kind: now[kind] for kind in of_site} == {kind: once[kind] for kind in of_site}
    assert not set(of_site) & told.counts.keys()
    # Ban 1 of another site is another ban, though.
    _bring(site, _Old(tmp_path / "other", "other", "d", at=2))
    assert _found(site)["ban"] == ["old", "other"]


def test_a_board_of_another_site_is_not_taken_for_a_later_dump_of_the_one_that_came(
    site: Site, tmp_path: Path
) -> None:
    """Its texts would stand under the numbers of others; a changed text has its moment still."""
    first = _Old(tmp_path / "first", "first", "b", at=1)
    second = _Old(tmp_path / "second", "second", "b", at=2)
    second.dump = second.dump.replace("'x','x'", "'y','y'")
    _bring(site, first)
    everything = "SELECT no, body, created_at, secrets_sealed FROM posts, old_boards"
    before = site.ask(everything), _found(site)
    with pytest.raises(AnotherBoard):
        _bring(site, second)
    assert (site.ask(everything), _found(site)) == before
    first.dump = first.dump.replace("'x','x'", "'y','y'")
    _bring(site, first)
    assert site.ask("SELECT body FROM posts") == [("y",)]
