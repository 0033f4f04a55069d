"""The log of a board that comes: what it says, who is told, and that it proves nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from imageboard.store import moderation_log, old_log
from imageboard.store.ban_deeds import BANNED
from importing import logs
from importing.moving import undo
from tests.builders import a_board
from tests.importing import jschan_board, lynxchan_board
from tests.importing.conftest import SAMPLE, Site
from tests.tables import for_each

pytestmark = pytest.mark.slow

_MODLOGS = b"""
INSERT INTO mods (id,username,password,version,type,boards) VALUES (1,'Curator','aa','s',30,'*');
INSERT INTO modlogs (`mod`,ip,board,time,text) VALUES
 (1,'192.0.2.99','lab',1595501307,'Created a new <small>permanent</small> ban on
 /<strong>lab</strong>/ for <a href="?/IP/192.0.2.4">192.0.2.4</a> (<small>#5</small>) with no
 reason'),
 (7,'192.0.2.99','lab',1595501308,'Deleted post #<script>alert(1)</script>123'),
 (-1,'192.0.2.98','lab',1595501309,'User deleted own post #124'),
 (1,'192.0.2.99',NULL,1595501310,'Logged in'),
 (1,'192.0.2.99','gone',1595501311,'Deleted post #1'), (1,'192.0.2.99','lab',0,'When?');
"""
_BAN = "Created a new permanent ban on /lab/ for … (#5) with no reason"


@for_each(
    ("told", "expected"),
    [
        ("for 192.0.2.4.", "for …."),
        ("192.0.2.0/24 and 192.0.*, 192.0.2.*", "… and …, …"),
        ("2001:db8::1 (2001:db8::/32), ::ffff:192.0.2.4", "… (…), …"),
        ("of 5BWSZBVL.3RQsfd0.MnPZkGR.IP4 and 5f0c2f.BP", "of … and …"),
        ("by 0123456789abcdef0123", "by …"),
        (
            "Deleted  post\n #123: /b/ No.12, version 5.2.1",
            "Deleted post #123: /b/ No.12, version 5.2.1",
        ),
    ],
)
def test_no_address_stands_in_it(told: str, expected: str) -> None:
    """SECURITY."""
    entry = logs.entry(board="b", created_s=1, made_by=None, told=told, was_told="none")
    assert entry.told == expected


def _told(site: Site) -> list[tuple[Any, ...]]:
    return site.ask(
        "SELECT board, extract(epoch FROM happened_at)::bigint, staff, told, was_told FROM old_log"
        " ORDER BY happened_at, id"
    )


def test_the_log_of_vichan_comes_once_and_goes_again(site: Site) -> None:
    for _ in range(2):
        move = site.bring(site.move(SAMPLE.read_bytes() + _MODLOGS), draws=False)
    assert _told(site) == [
        ("lab", 1595501307, "Curator", _BAN, "none"),
        ("lab", 1595501308, "", "Deleted post #123", "none"),
        ("lab", 1595501309, None, "User deleted own post #124", "none"),
        (None, 1595501310, "Curator", "Logged in", "none"),
    ]
    assert move.report.counts["logentry"] == 0
    assert move.report.troubles["its board does not come"].examples == ["logentry ?"]
    assert move.report.troubles["of modlogs: it says nothing, or not when"].count == 1
    site.loop.site_pages.render()
    # Readers were not told there.
    assert site.web_root.read("lab/log/2020-07-23.html") is None
    with site.database.connection() as db:
        assert [entry.told for entry in old_log.newest(db, on=["lab"], limit=2)] == [
            "User deleted own post #124",
            "Deleted post #123",
        ]
    undo(site.database)
    assert _told(site) == []


@pytest.mark.parametrize(
    ("public_logs", "names", "shown"),
    [(1, "with_names", "Curator"), (2, "with_names", None), (1, "without_names", None)],
)
def test_readers_are_told_what_they_were_told_there(
    site: Site, public_logs: int, names: str, shown: str | None
) -> None:
    """And nothing of it is in the chain."""
    site.bring(site.move(SAMPLE.read_bytes() + _MODLOGS, public_logs=public_logs), draws=False)
    site.ask_nothing(
        "UPDATE boards SET settings = settings || jsonb_build_object('public_log', %s::text)", names
    )
    site.loop.render("lab")
    site.loop.site_pages.render()
    told = site.read("lab/log/2020-07-23.json")
    assert told["entries"] == []
    first, second, third = told["from_elsewhere"]
    assert first == {
        "at": "2020-07-23T10:48:27Z",
        "by": "staff",
        "board": "lab",
        "told": _BAN,
    } | ({"staff": shown} if shown else {})
    assert ("staff" in second, third["by"]) == (False, "poster")
    page = (site.web_root.read("lab/log/2020-07-23.html") or b"").decode()
    assert _BAN in page
    assert "<script>" not in page
    assert ("Curator" in page) is bool(shown)
    assert "2020-07-23" in (site.web_root.read("lab/log/index.html") or b"").decode()
    # The site's page has the board's, and not what was done on none.
    assert len(site.read("log/2020-07-23.json")["from_elsewhere"]) == 3
    assert site.findings() == []
    undo(site.database)
    site.loop.render("lab")
    site.loop.site_pages.render()
    assert site.web_root.read("lab/log/2020-07-23.json") is None


def test_a_day_with_entries_of_both_has_each_by_itself(site: Site) -> None:
    board = a_board(site.database)
    with site.database.transaction() as db:
        # Of one transaction: by anybody else's clock it may be another day.
        ((now,),) = db.execute("SELECT (now() AT TIME ZONE 'UTC')::date::text").fetchall()
        moderation_log.add(db, BANNED, staff="alice", board=board.name, ban=3)
        entry = old_log.NewOldEntry(board.name, f"{now}T00:00:00Z", None, "x", "with_names")
        old_log.add(db, [entry._replace(told=f"{no}") for no in range(1_001)])
    site.loop.render(board.name)
    site.loop.site_pages.render()
    pages = [site.read(f"b/log/{now}{number}.json") for number in ("", "-2")]
    assert [(len(page["entries"]), len(page["from_elsewhere"])) for page in pages] == [
        (1, 1_000),
        (0, 1),
    ]


def test_the_log_of_jschan_comes(site: Site, tmp_path: Path) -> None:
    site.bring(jschan_board.JSCHAN.move(site, tmp_path), draws=False)
    began_s = jschan_board.BEGAN_S
    assert _told(site) == [
        ("b", began_s + 1, "helper", "Delete, Ban No.11 (floods from …)", "with_names"),
        ("b", began_s + 2, "helper", "Edit No.12", "without_names"),
    ]


def test_the_log_of_lynxchan_comes(site: Site, tmp_path: Path) -> None:
    site.bring(lynxchan_board.LYNXCHAN.move(site, tmp_path), draws=False)
    assert _told(site) == [
        (
            "b",
            lynxchan_board.BEGAN_S + 1,
            "helper",
            "helper banned … with reason <Flood>.",
            "with_names",
        )
    ]


def test_entries_are_forgotten_with_their_names(site: Site) -> None:
    with site.database.transaction() as db:
        entry = old_log.NewOldEntry(None, "2020-01-01T00:00:00Z", "a", "b", "none")
        assert old_log.add(db, [entry, entry._replace(happened_at="now")]) == 2
        assert old_log.forget(db, 30, 100) == 1
        assert old_log.forget(db, 30, 100) == 0
