"""An old dump with all that makes dumps hard to read at once.

It is of a version before 4.9, has a prefix and no names of columns, was encoded twice, and is in
two files, one of them packed.
"""

from __future__ import annotations

import gzip
import ipaddress
from pathlib import Path

import pytest

from importing.errors import NoBoards
from importing.records import OldBan, OldPassword
from importing.report import Report
from importing.vichan import php
from importing.vichan.dump import VichanDump
from tests.house_rules.named_tests import is_there
from tests.house_rules.repository import ROOT

_SETTINGS = """<?php
$config['db']['prefix'] = 'vi_';
$config['custom_tripcode']['##key'] = '!!mine';
$config['dir']['img'] = 'files/';
"""
#: 26 columns: as they were before 4.9.
_POSTS = """-- MySQL dump 10.13
INSERT INTO `vi_boards` VALUES ('λ','Вещи',NULL);
INSERT INTO `vi_bans` VALUES
(1,'192.0.2.66',2,1395501000,NULL,'Реклама','λ',1),
(2,'198.51.*',2,1395501000,9395501000,NULL,NULL,0),
(4,'2001:db8::/32',2,1395501000,NULL,NULL,NULL,0), (5,'nobody',2,1,NULL,NULL,NULL,0);
INSERT INTO `vi_cites` VALUES ('λ',7,'λ',40);
INSERT INTO `vi_posts_λ` VALUES
(7,NULL,'Тема','sage',' ','!abc',NULL,'',' 0',1395501023,1395501999,'1395501023824.png',30,20,
 '1395501023824.jpg',300,200,900,'чай.JPG','00000000000000000000000000000000','secret','192.0.2.7',
 1,0,0,NULL),
(9,7,NULL,'a%20&amp;%20b','Аня',NULL,NULL,
 '<a href="/%CE%BB/thread/7.html#7">&gt;&gt;7</a><br/>да',
 '>>7\\r\\nда\\n\\n<tinyboard trip>x</tinyboard>',
 1395501024,NULL,'spoiler',128,128,'1395501024000.gif',3,2,9,'a.gif',NULL,NULL,'::ffff:192.0.2.8',
 0,0,0,NULL),
(11,7,NULL,NULL,'Аня',NULL,NULL,'нет',NULL,1395501025,NULL,NULL,NULL,NULL,'deleted',NULL,NULL,NULL,
 NULL,NULL,NULL,'127.0.0.1',0,0,0,NULL);
-- Dump completed on 2014-03-22
"""
_LATER = """-- MySQL dump 10.13
CREATE TABLE `vi_posts_λ` (
  `id` int(11) NOT NULL AUTO_INCREMENT
) ENGINE=InnoDB AUTO_INCREMENT=51 DEFAULT CHARSET=utf8;
INSERT INTO `vi_bans` (`id`,`ipstart`,`ipend`,`created`,`expires`,`board`,`creator`,`reason`,`seen`)
 VALUES (3,_binary '\\0\\0\\n\\Z',NULL,1395501026,NULL,'λ',-1,NULL,1);
-- Dump completed on 2014-03-23
"""


def _as_latin_1(dump: str) -> bytes:
    """As mysqldump writes UTF-8 that tables took for Latin-1; their names are what they are."""
    twice = dump.encode().decode("latin-1").encode()
    name = "_λ`"
    return twice.replace(name.encode().decode("latin-1").encode(), name.encode())


def test_an_old_dump_is_read_as_it_was_meant(tmp_path: Path) -> None:
    told = php.settings([_SETTINGS])
    one, two = tmp_path / "one.sql.gz", tmp_path / "two.sql"
    one.write_bytes(gzip.compress(_as_latin_1(_POSTS)))
    two.write_bytes(_as_latin_1(_LATER))
    dump = VichanDump([one, two], prefix=str(told["db.prefix"]), settings=told)
    report = Report()
    dump.survey()

    assert list(dump.boards) == ["λ"]
    assert (dump.boards["λ"].title, dump.surveys["λ"].last_no) == ("Вещи", 50)
    assert dump.surveys["λ"].last_tim == 1395501024000
    assert not dump.is_cut_off
    assert "custom tripcodes do not come: they are keys of secrets that people chose" in (
        dump.left_behind
    )
    op, reply, last = dump.posts(report)
    assert (op.subject, op.body, op.name, op.tripcode) == ("Тема", " 0", None, "!abc")
    assert op.password == OldPassword("plain", "secret")
    assert op.marks is not None
    assert (op.marks.bumped_s, op.marks.is_sticky) == (1395501999, True)
    (picture,) = op.files
    assert (picture.path, picture.original_name) == ("files/1395501023824.jpg", "чай")
    assert (reply.body, reply.email, reply.quotes) == (">>7\nда", "a & b", (("λ", 7),))
    assert (reply.files[0].is_spoiler, reply.files[0].thumb_path) == (True, None)
    assert (last.body, last.address, last.files[0].path) == ("нет", None, None)
    bans = dict(dump.others(report))
    assert all(isinstance(ban, OldBan) for ban in bans.values())
    assert {name: _told(ban) for name, ban in bans.items() if isinstance(ban, OldBan)} == {
        "1": ("192.0.2.66", "192.0.2.66", "λ", "Реклама", True),
        "2": ("198.51.0.0", "198.51.255.255", None, "", False),
        "3": ("0.0.10.26", "0.0.10.26", "λ", "", True),
        "4": ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", None, "", False),
    }
    assert [trouble.examples for trouble in report.troubles.values()] == [["bans 5"]]


def _told(ban: OldBan) -> tuple[object, ...]:
    first, last = (str(ipaddress.ip_address(packed)) for packed in (ban.first, ban.last))
    return first, last, ban.board, ban.reason, ban.is_seen


def test_a_dump_without_boards_is_refused(tmp_path: Path) -> None:
    """Of another database, or with a prefix: nothing would come, without a word."""
    path = tmp_path / "dump.sql"
    path.write_bytes(b"INSERT INTO `old_posts_b` (`id`,`time`,`body`) VALUES (1,1700000000,'x');\n")
    with pytest.raises(NoBoards):
        VichanDump([path]).survey()
    VichanDump([path], prefix="old_").survey()


def test_a_number_that_no_post_can_have_is_no_number_behind_which_others_come(
    tmp_path: Path,
) -> None:
    path = tmp_path / "dump.sql"
    path.write_bytes(
        b"INSERT INTO posts_b (id,time,body) VALUES (7,1700000000,'x'),(99999999999,1,'y');\n"
        b"INSERT INTO cites (board,post,target_board,target) VALUES ('b',7,'b',88888888888);\n"
    )
    dump = VichanDump([path])
    dump.survey()
    assert dump.surveys["b"].last_no == 7


def test_a_post_whose_files_can_not_be_read_comes_without_them(tmp_path: Path) -> None:
    """Their column was too short for long names: a thread would have lost its first post."""
    path = tmp_path / "dump.sql"
    cut = ('[{\\"file\\":\\"17', "7", "[" * 50_000)
    rows = ",".join(f"({no},1700000000,'x','{files}')" for no, files in enumerate(cut, 1))
    path.write_text(f"INSERT INTO posts_b (id,time,body,files) VALUES {rows};\n")
    dump, report = VichanDump([path]), Report()
    dump.survey()
    assert [(post.no, post.files) for post in dump.posts(report)] == [(1, ()), (2, ()), (3, ())]
    told = report.troubles["its files can't be read, and it comes without them"]
    assert told.examples == ["/b/1", "/b/2", "/b/3"]


def test_each_trap_is_held_by_a_test_that_is_there() -> None:
    note = ROOT / "docs/decisions/0074-what-hides-in-a-dump-of-vichan.md"
    lines = note.read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")][1:]
    assert len(rows) > 20
    assert [row for row in rows if len(row) != 2 or not is_there(row[1])] == []
