"""Staff, reports, news and pages come with their board; and what can't come is said."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from imageboard.boards import Board
from imageboard.cloaks import parse_address
from imageboard.store import notes, reports, staff, written
from imageboard.store.banners import NewBanner
from imageboard.store.uploads import UploadStore, new_names
from importing.media import OldMedia
from importing.moving import Move, undo
from importing.records import OldFile
from importing.vichan import php
from tests.builders import CLOAK, a_board, a_post
from tests.importing.conftest import SAMPLE, Site
from tests.walk import sample

pytestmark = pytest.mark.slow

_OTHERS = b"""
INSERT INTO mods (id,username,password,version,type,boards) VALUES
 (1,'Curator','$6$rounds=25000$c2FsdA$x','1',30,'*'),
 (2,'Jan','aa','salt',10,'lab,gone'), (3,'Far','aa','salt',20,'gone'), (4,'Odd','aa','0',99,'*');
INSERT INTO reports (id,time,ip,board,post,reason) VALUES
 (1,1795501300,'192.0.2.7','lab',9,'Spam &amp; so'), (2,1795501301,'192.0.2.7','lab',9,'again'),
 (3,1795501302,'','lab',24,'of a post that is gone');
INSERT INTO news (id,name,time,subject,body) VALUES (1,'Curator',1795400000,'Moved','<b>Soon</b>');
INSERT INTO pages (id,board,name,title,type,content) VALUES
 (1,'lab','rules','Rules','html','<p>Be kind</p>'), (2,NULL,'FAQ','FAQ','markdown','*So*'),
 (3,NULL,'no/good','X','html','x');
INSERT INTO bans (id,ipstart,ipend,created,expires,board,creator,reason,seen,post) VALUES
 (7,0xC0000200,0xC0000209,1795501307,NULL,'lab',2,NULL,0,NULL),
 (8,0xC0000201,NULL,1595501307,1595501308,NULL,2,'over',0,NULL);
INSERT INTO noticeboard VALUES (1,2);
INSERT INTO ban_appeals (id,ban_id,time,message,denied) VALUES
 (1,2,1795501310,'I am <not> it',0), (2,1,1795501311,'Sorry',1), (3,8,1795501312,'x',0);
INSERT INTO ip_notes (id,ip,`mod`,time,body) VALUES
 (1,'192.0.2.66',2,1795501305,'Sells <em>lamps</em>'), (2,'hash',-1,1795501305,'x');
INSERT INTO theme_settings VALUES ('ukko','uri','*'), ('ukko2','uri','all'), ('recent','html',
 'recent.html'), ('rss','xml','feed.xml'), ('sitemap','path','sitemap.xml'), ('recent','title','a');
INSERT INTO posts_lab (id,thread,body,body_nomarkup,time,bump) VALUES
 (210,77777,'x','of no thread',1795501400,1795501400), (211,3,'x','when?',NULL,NULL);
"""


def test_staff_reports_news_and_pages_come_once(site: Site) -> None:
    for _ in range(2):
        move = site.bring(site.move(SAMPLE.read_bytes() + _OTHERS), draws=False)
    with site.database.connection() as db:
        roles = {
            account.name: [(grant.board, str(grant.role)) for grant in account.grants]
            for account in staff.list_all(db)
        }
        # SECURITY: whoever looked after one board looks after that alone.
        assert roles == {"curator": [(None, "admin")], "jan": [("lab", "janitor")]}
        assert staff.password_hash(db, "jan") == "$vichan0$salt$aa"
        (reported,) = reports.queue(db, on=None, limit=9)
        assert (reported.no, reported.reasons) == (9, ["Spam & so"])
        (news,) = written.news(db, None, 9)
        assert (news.title, news.body, news.created_s) == ("Moved", "'''Soon'''", 1795400000)
        pages = [written.page(db, board, name) for board, name in (("lab", "rules"), (None, "faq"))]
        assert [page and (page.title, page.body) for page in pages] == [
            ("Rules", "Be kind"),
            ("FAQ", "*So*"),
        ]
    bans = site.ask(
        "SELECT range::text, created_by, reason FROM bans WHERE board = 'lab' ORDER BY id"
    )
    assert ("192.0.2.0/29", "Jan", "") in bans
    assert len(bans) == 3
    assert {why: trouble.examples for why, trouble in move.report.troubles.items()} == {
        "the dump has no post of it": ["/b/"],
        "the staff's own notices do not come": ["noticeboard"],
        "nothing answers here where a theme drew /all/": ["ukko2"],
        "nothing answers here where a theme drew /feed.xml": ["rss"],
        "its thread is not there": ["/lab/210"],
        "no post can be made of it: its time is no number": ["/lab/211"],
        "a link leads to a post that is not there, and is plain text": [
            "/lab/130 to /b/5050",
            "/lab/176 to /b/5050",
        ],
        "its board does not come": ["account 3"],
        "of mods: its type is none of vichan's own": ["mods 4"],
        "a report of a post that is not there": ["/lab/24"],
        "of pages: its name is none that a page may have": ["pages 3"],
        "it is over": ["ban 8"],
        "a note about no address": ["note 2"],
        "an appeal against a ban that does not come": ["appeal 3"],
    }
    assert site.ask(
        "SELECT b.reason, a.body, a.answer FROM appeals a JOIN bans b ON b.id = a.ban ORDER BY a.id"
    ) == [
        (
            "Flood from this range; mail the curator if you are ''not'' the flooder.",
            "I am <not> it",
            None,
        ),
        ("Advertising in three threads, second time.", "Sorry", "It was denied."),
    ]
    with site.database.connection() as db:
        address_hash = CLOAK.hash_address(parse_address("192.0.2.66"))
        (note,) = notes.on_poster(db, address_hash)
        assert (note.staff, note.note, note.written_s) == ("Jan", "Sells ''lamps''", 1795501305)
    undo(site.database)
    left = "SELECT (SELECT count(*) FROM poster_notes), (SELECT count(*) FROM appeals)"
    assert site.ask(left) == [(0, 0)]
    # Nobody else could make an account.
    assert site.ask("SELECT name FROM staff WHERE is_enabled") == [("curator",)]


def test_filters_flags_and_banners_come_once(site: Site, tmp_path: Path) -> None:
    """Those of the site and of the board, with pictures from where vichan has them."""
    old = tmp_path / "old"
    shutil.copytree(sample.FOLDER / "lab", old / "lab")
    picture = next((old / "lab/thumb").glob("*.png")).read_bytes()
    for name in ("flags/nz.png", "flags/large.png", "banners/a.png", "banners/lab/b.gif"):
        path = old / "static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture if "large" in name or "banners" in name else a_small_png())
    told = php.settings(
        [
            """$config['user_flag'] = true; $config['wordfilters'][] = array('cat', 'dog');
            $config['user_flags'] = array('nz' => 'Order, of tea', 'large' => 'L', 'gone' => 'G');
            $config['filters'][] = array('condition' => array('ip' => '/^1/'));"""
        ]
    )
    of_board = php.settings(["$config['wordfilters'][] = array('/(?<!a)b/', 'c', true);"])
    looked_at: list[tuple[str, Path]] = []

    def take(board: Board, path: Path) -> NewBanner:
        looked_at.append((board.name, path))
        return NewBanner(
            path.suffix, f"{len(looked_at):032}", bytes(31) + b"%d" % len(looked_at), 1, 2, 3
        )

    def a_move() -> Move:
        move = site.move(SAMPLE, old, **told)
        move.dump.settings_of_boards = {"lab": of_board}  # type: ignore[attr-defined]
        move.dump.folder = old  # type: ignore[attr-defined]
        move.take_banner = take
        return move

    looked = a_move()
    looked.look()
    looked.rehearse()
    assert looked.report.troubles["a flag without its picture"].examples == [
        "/lab/ static/flags/gone.png"
    ]
    assert (looked.report.counts["flag"], looked.report.counts["banner"]) == (2, 2)
    for _ in range(2):
        move = site.bring(a_move(), draws=False)
    assert looked_at == [("lab", old / "static/banners" / name) for name in ("a.png", "lab/b.gif")]
    assert site.board("lab").settings.flags == (("nz", "Order of tea"),)
    rules = "SELECT board, is_on, what, replacement FROM spam_rules"
    assert site.ask(rules) == [(None, True, "cat", "dog")]
    assert site.ask("SELECT extension FROM banners ORDER BY tim") == [(".png",), (".gif",)]
    troubles = {why.partition(":")[0]: each.examples for why, each in move.report.troubles.items()}
    assert troubles["a flag"] == ["/lab/ static/flags/large.png"]
    assert troubles["a flag without its picture"] == ["/lab/ static/flags/gone.png"]
    assert troubles["a filter that looks at this does not come"] == ["filters 0"]
    assert troubles["a filter can't be a rule here"] == ["wordfilters 0 of lab"]
    undo(site.database)
    assert site.ask(rules) == []
    left = "SELECT (SELECT count(*) FROM banners), (SELECT count(*) FROM board_flags)"
    assert site.ask(left) == [(0, 0)]


def test_a_filter_is_of_the_boards_that_it_was_of(site: Site) -> None:
    """Not of one on which people post already, nor of one that had its own instead."""
    a_post(site.database, a_board(site.database, "here"))
    other = "INSERT INTO posts_raw (id,body,body_nomarkup,time) VALUES (1,'x','x',1795500950);\n"
    move = site.move(
        SAMPLE.read_bytes() + other.encode() + other.replace("raw", "own").encode(),
        **php.settings(["$config['wordfilters'] = array(array('cat', 'dog'));"]),
    )
    move.dump.settings_of_boards = {  # type: ignore[attr-defined]
        "own": php.settings(["$config['wordfilters'] = array();"]),
        "raw": php.settings(["$config['wordfilters'][] = array('tea', 'milk');"]),
    }
    site.bring(move, draws=False)
    assert site.ask("SELECT board, what FROM spam_rules ORDER BY board, what") == [
        ("lab", "cat"),
        ("raw", "cat"),
        ("raw", "tea"),
    ]


def a_small_png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 11)).save(out, "png")
    return out.getvalue()


def test_what_is_wrong_with_one_post_keeps_no_other_away(site: Site) -> None:
    """A name that two files share, a post that comes twice, one that the database refuses."""
    line = next(line for line in SAMPLE.read_bytes().splitlines(True) if b" VALUES (8,5," in line)
    same_file = line.replace(b"VALUES (8,", b"VALUES (210,")
    refused = line.replace(b"VALUES (8,", b"VALUES (211,").replace(b"526.png", b"527.png")
    refused = refused.replace(b'width\\":520', b'width\\":9999999999')
    assert b"9999999999" in refused
    move = site.bring(site.move(SAMPLE.read_bytes() + line + same_file + refused), draws=False)
    counts = move.report.counts
    assert (counts["posts"], counts["files"]) == (197, 31)
    troubles = {why: trouble.examples for why, trouble in move.report.troubles.items()}
    assert troubles["another file has its name, and it has a new one"] == [
        "/lab/210: 1795500957526.png"
    ]
    assert troubles["the database refuses it: 22003"] == ["/lab/211"]
    assert site.ask("SELECT tim FROM files WHERE post_no = 210") == [("17955009570000210-0",)]
    assert site.ask("SELECT count(*) FROM threads") == [(14,)]


def test_what_is_wrong_with_one_ban_keeps_no_other_away(site: Site) -> None:
    """Nor with news, or an entry of the log: the database refuses it, and only it."""
    endless = b"9" * 300
    rows = (
        b"""
INSERT INTO bans (id,ipstart,created,creator,reason) VALUES
 (%s,0xC0000207,1795501307,1,'endless'), (2,0xC0000208,1795501307,1,'good'),
 (3,0xC0000209,99999999999999,1,'far ahead'), (4,0xC000020A,1795501307,1,'good');
"""
        % endless
    )
    move = site.bring(site.move(SAMPLE.read_bytes() + rows), draws=False)
    assert site.ask("SELECT count(*) FROM bans WHERE reason = 'good'") == [(2,)]
    troubles = {why: told.examples for why, told in move.report.troubles.items()}
    assert troubles["the database refuses it: imported_others_name_check"] == [f"ban {'9' * 80}"]
    assert troubles["the database refuses it: 22008"] == ["ban 3"]


def test_a_file_that_is_not_in_its_folder_is_shown_as_deleted(site: Site, tmp_path: Path) -> None:
    """And one that was left behind by a post that is gone is not published."""
    old = tmp_path / "old"
    shutil.copytree(sample.FOLDER / "lab", old / "lab")
    (old / "lab/src/1795500952425.png").unlink()
    (old / "lab/src/1795500000000.png").write_bytes(b"of a post that is gone")
    move = site.bring(site.move(SAMPLE, old), draws=False)
    lost = "SELECT removed_at IS NOT NULL, stored_as FROM files WHERE post_no = 3"
    assert site.ask(lost) == [(True, None)]
    assert move.report.troubles["a file is not in the folder of its board"].examples == [
        "/lab/src/1795500952425.png"
    ]
    assert site.ask("SELECT count(*) FROM files WHERE tim LIKE '1795500000000%%'") == [(0,)]


def test_a_file_is_linked_or_copied_and_brought_again_when_it_was_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old/lab/src").mkdir(parents=True)
    source = tmp_path / "old/lab/src/a.png"
    source.write_bytes(b"picture")
    store = UploadStore(tmp_path / "uploads")
    old_media = OldMedia(tmp_path / "old", store)
    first, second = new_names(2)
    linked = old_media.place("lab", a_file(), first)
    assert linked is not None
    assert store.original(linked.stored_as).stat().st_ino == source.stat().st_ino

    def another_disk(*_paths: object) -> None:
        raise OSError(errno.EXDEV, "another disk")

    monkeypatch.setattr(os, "link", another_disk)
    copied = old_media.place("lab", a_file(), second)
    assert copied is not None
    store.drop(copied.stored_as)
    old_media.place_again(copied)
    store.flush([copied.stored_as])
    assert store.original(copied.stored_as).read_bytes() == b"picture"
    assert (copied.md5, copied.bytes_read) == (hashlib.md5(b"picture").digest(), 7)
    assert old_media.place("lab", a_file(path="src/b.png"), first) is None


def a_file(path: str = "src/a.png") -> OldFile:
    return OldFile(
        tim="1795501023824",
        extension=".png",
        original_name="a",
        path=path,
        thumb_path=None,
        told_bytes=7,
        width=1,
        height=1,
        thumb_width=None,
        thumb_height=None,
        md5=None,
        is_spoiler=False,
    )
