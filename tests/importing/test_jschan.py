"""What stands in jschan's documents is what was typed and seen there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imageboard.cloaks import parse_address
from imageboard.old_addresses import OLD_FILE
from imageboard.store import bans, old_boards, posts, reports, staff, written
from importing.documents import posts_of
from importing.jschan import others
from importing.jschan.posts import PostReader
from importing.jschan.secrets import secrets_of
from importing.jschan.text import as_markdown, typed
from importing.moving import Move
from importing.records import BrokenFiles, OldGrant, OldPassword
from importing.report import Report
from tests.builders import CLOAK
from tests.databases import Lender
from tests.importing import jschan_board
from tests.importing.conftest import Site
from tests.importing.jschan_board import BEGAN_S, PICTURES, a_file, a_post, sha256_of
from tests.importing.mongo import as_read, moment
from tests.tables import for_each

READER = PostReader("Anon", Path("/old/file"))


@for_each(
    ("nomarkup", "expected"),
    [
        ("''bold'' **italic**", "'''bold''' ''italic''"),
        ("''**both**'' ** no ''one", "'''''both''''' ** no ''one"),
        ("||one\r\ntwo|| three", "[spoiler]one\ntwo[/spoiler] three"),
        ("__u__ ~~s~~ `m` ==t==", "__u__ ~~s~~ `m` ==t=="),
        (">green\n<pink\n>>1\n>>>/b/2", ">green\n<pink\n>>1\n>>>/b/2"),
        ("[code]c\n''x''[/code] ''x''", "[code]c\n''x''[/code] '''x'''"),
        ("[code]aa\n ∧＿∧\n（´∀｀）[/code]", "[aa]\n ∧＿∧\n（´∀｀）[/aa]"),
        ("(((them))) [label](https://a.b) ##2%6=7\n\n", "(((them))) [label](https://a.b) ##2%6=7"),
        ("", ""),
    ],
)
def test_its_grammar_becomes_ours(nomarkup: str, expected: str) -> None:
    assert typed(nomarkup) == expected


def test_news_and_pages_become_markdown() -> None:
    raw = "==Title==\n''bold'' **italic**\r\n[link](/b/)\n\nnew\n[code]c\nint **a;[/code]"
    assert as_markdown(raw) == (
        "## Title\\\n**bold** *italic*\\\n[link](/b/)\n\nnew\n\n```c\nint **a;\n```"
    )


def test_a_text_of_which_only_the_page_was_kept_is_its_words() -> None:
    told = a_post(
        7, nomarkup=None, message="a<br>&gt;b <script>c</script><span class='bold'>d</span>"
    )
    assert READER.post(as_read(told)).body == "a\n>b '''d'''"
    assert READER.post(as_read(a_post(7, nomarkup=None, message=None))).body == ""


@for_each(
    ("changes", "expected"),
    [
        ({"name": "Anon"}, {"name": None}),
        ({"name": "Anon", "tripcode": "!abc"}, {"name": None, "tripcode": "!abc"}),
        ({"name": " \u2003"}, {"name": None}),
        ({"capcode": "## Admin Bob"}, {"capcode": "Admin Bob"}),
        ({"subject": "a\0b\nc"}, {"subject": "ab c"}),
        ({"ip": "192.0.2.9"}, {"address": "192.0.2.9"}),
        ({"ip": {"single": "192.0.2.9"}}, {"address": "192.0.2.9"}),
        ({"ip": None}, {"address": None}),
        ({"ip": {"raw": "127.0.0.1"}}, {"address": None}),
        ({"password": "typed"}, {"password": OldPassword("plain", "typed")}),
        ({"country": {"code": "T1", "name": "Tor"}}, {"country": None, "flag": None}),
        ({"country": {"code": "../x", "custom": True}}, {"flag": "x"}),
        ({"country": {"code": "☃", "custom": True}}, {"flag": None}),
        ({"banmessage": "a\nb"}, {"ban_message": "a b"}),
        ({"edited": {"date": moment(BEGAN_S)}}, {"edited_s": BEGAN_S}),
        ({"files": None, "country": 7, "edited": "x"}, {"files": (), "edited_s": None}),
    ],
)
def test_fields_of_a_post(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    post = READER.post(as_read(a_post(7, 3, **changes)))
    assert {name: getattr(post, name) for name in expected} == expected


@for_each(
    ("changes", "why"),
    [
        ({"postId": "7"}, "its postId is no number"),
        ({"postId": 2**40}, "its postId is no number"),
        ({"date": 12}, None),
        ({"postId": True}, "its postId is no number"),
        ({"date": None}, "its date is no number"),
        ({"thread": "x"}, "its thread is no number"),
        ({"files": [a_file(filename="../../etc/passwd")]}, "no name of jschan's"),
    ],
)
def test_what_is_no_post_is_said(changes: dict[str, Any], why: str | None) -> None:
    told = a_post(7, 3) | changes
    if why is None:
        READER.post(as_read(told))
        return
    with pytest.raises(ValueError, match=why):
        READER.post(as_read(told))


def test_a_file_is_there_whatever_its_name_ended_in() -> None:
    """As a phone, a browser that saved it twice, and somebody without endings call theirs."""
    endings = {".JPG": ".jpg", ".jpg (2)": ".bin", "README": ".bin", "": ".bin", ".webm": ".webm"}
    digest = sha256_of(PICTURES[0])
    for ending, extension in endings.items():
        (file,) = READER.post(as_read(a_post(7, files=[a_file(filename=digest + ending)]))).files
        assert (file.path, file.extension) == (f"/old/file/{digest}{ending}", extension)
        assert file.address is not None
        is_linked = ending.isascii() and " " not in ending and ending != "README"
        assert (re.fullmatch(OLD_FILE, file.address) is not None) is is_linked


def test_a_post_whose_files_can_not_be_read_comes_without_them() -> None:
    """A thread would have lost its first post, and with it all others."""
    report, told = Report(), as_read(a_post(7, files=[a_file(filename="..")]))
    (post,) = posts_of([told], "board", lambda _board: READER.post, lambda _told: "/b/7", report)
    assert (post.no, post.files) == (7, ())
    assert report.troubles[BrokenFiles.told].examples == ["/b/7"]


def test_no_name_of_a_file_leads_out_of_its_folder() -> None:
    """SECURITY: nor does the ending of its thumbnail."""
    told = a_post(7, files=[a_file(thumbextension="/../../x")])
    (file,) = READER.post(as_read(told)).files
    assert file.thumb_path == f"/old/file/thumb/{sha256_of(PICTURES[0])}.jpg"


def test_secrets_are_read_from_its_script_or_its_environment() -> None:
    script = """
    module.exports = {
        cookieSecret: 'no',
        //postPasswordSecret: 'old',
        postPasswordSecret: `a b`,
        ipHashSecret: process.env.IP_HASH_SECRET,
    };"""
    assert secrets_of([script]) == {"postPasswordSecret": "a b"}
    told = [script, "IP_HASH_SECRET=c\n  POST_PASSWORD_SECRET: 'd'\n"]
    assert secrets_of(told) == {"postPasswordSecret": "d", "ipHashSecret": "c"}


def test_a_role_of_one_board_stays_one_of_that_board() -> None:
    """SECURITY: also of an account whose name differs from an owner's by a capital alone."""
    boards = jschan_board.collections()["boards"]
    staff_of = {board["_id"]: others.staff_of(board) for board in boards if "_id" in board}
    found: dict[str, object] = {}
    for account in jschan_board.collections()["accounts"]:
        try:
            found[account["_id"]] = others.account(account, staff_of).grants
        except ValueError as ex:
            found[account["_id"]] = str(ex)
    assert found == {
        "root": (OldGrant("admin", None),),
        "global": (OldGrant("moderator", None),),
        "Owner": "it has no role",
        "owner": (OldGrant("owner", "b"),),
        "helper": (OldGrant("moderator", "b"), OldGrant("moderator", "tech")),
        "visitor": "it has no role",
    }


@pytest.fixture(scope="module")
def come(lender: Lender, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Move]]:
    """Where it came to, undrawn, and how."""
    with lender.lend() as lent:
        site = Site(tmp_path_factory.mktemp("come"), lent.open())
        yield site, site.bring(jschan_board.JSCHAN.move(site, site.folder), draws=False)


def test_all_else_comes_and_what_does_not_is_said(come: tuple[Site, Move]) -> None:
    site, move = come
    with site.database.connection() as db:
        roles = {
            account.name: [(grant.board, str(grant.role)) for grant in account.grants]
            for account in staff.list_all(db)
        }
        assert roles["root"] == [(None, "admin")]
        assert roles["owner"] == [("b", "owner")]
        assert staff.password_hash(db, "helper") == jschan_board.PASSWORD_HASH
        (reported,) = reports.queue(db, on=None, limit=9)
        assert (reported.no, reported.reasons) == (10, ["Spam"])
        (news,) = written.news(db, None, 9)
        assert (news.title, news.body) == ("We move", "Soon.\\\n**Really**.")
        texts = {}
        for name in ("rules", "announcement"):
            page = written.page(db, "b", name)
            assert page is not None
            texts[name] = page.body
        assert texts == {
            "rules": "## One\\\n*Be kind.*\n\n```c\nint a;\n```",
            "announcement": "*Welcome*, and **read** the rules.",
        }
        hit = {
            address: bans.find(
                db, "b", CLOAK.hash_address(parse_address(address)), parse_address(address)
            )
            for address in (
                "192.0.2.66",
                "198.51.100.200",
                "2001:db8:7:ffff::1",
                "2001:db8:1:2:ffff::1",
                "192.0.2.67",
                "198.51.101.1",
            )
        }
    assert [ban and ban.reason for ban in hit.values()] == ["Flood"] * 4 + [None, None]
    assert site.ask("SELECT name FROM board_flags") == [("lake_1",)]
    assert site.ask("SELECT body, answered_at IS NOT NULL FROM appeals") == [
        ("I was not there.", True)
    ]
    assert {why: trouble.examples for why, trouble in move.report.troubles.items()} == {
        "of modlog: it says nothing, or not when": [f"modlog {3:024x}"],
        "second factors do not come: whoever had one sets it up again": ["accounts root"],
        "a flag without its picture": [f"/b/ {site.folder}/flag/b/gone.png"],
        "a banner that nobody looks at": [f"/b/ {site.folder}/banner/b/a.png"],
        "of bans: its address is hidden, and no post knows it": [
            f"bans {no:024x}" for no in (5, 6)
        ],
        "of accounts: it has no role": ["accounts Owner", "accounts visitor"],
    }


def test_an_old_address_of_a_file_leads_to_the_first_post_that_shows_it(
    come: tuple[Site, Move],
) -> None:
    site, _move = come
    stored, thumb = f"{sha256_of(PICTURES[0])}.png", f"{sha256_of(PICTURES[0])}.jpg"
    tims = site.ask("SELECT tim FROM files ORDER BY post_no, position")
    assert len({tim for (tim,) in tims}) == len(tims) == 4
    with site.database.transaction() as db:
        ((first,), _second, (third,), _fourth) = tims
        assert old_boards.file_at(db, f"file/{stored}") == f"/b/src/{first}.png"
        assert old_boards.file_at(db, f"file/thumb/{thumb}") == f"/b/thumb/{first}.jpg"
        posts.remove_files(db, "b", 1)
        assert old_boards.file_at(db, f"file/{stored}") == f"/b/src/{third}.png"


def test_a_post_of_a_bypass_is_nobodys_and_an_edit_is_seen(come: tuple[Site, Move]) -> None:
    site, _move = come
    told = site.ask(
        "SELECT floor(extract(epoch FROM edited_at)), country, address_sealed FROM posts"
        " WHERE board = 'b' AND no = 8"
    )
    assert told == [(BEGAN_S + 900, "DE", None)]
    assert site.ask("SELECT flag, flag_name FROM posts WHERE board = 'b' AND no = 10") == [
        ("lake_1", "Lake 1")
    ]


@pytest.mark.slow
def test_secrets_that_a_later_call_is_given_count_from_then_on(site: Site, tmp_path: Path) -> None:
    def secrets_after(**told: str) -> object:
        move = jschan_board.JSCHAN.move(site, tmp_path)
        move.dump.secrets = told  # type: ignore[attr-defined]
        site.bring(move, draws=False)
        with site.database.connection() as db:
            return old_boards.list_all(db, CLOAK)["b"].secrets

    assert secrets_after(postPasswordSecret="a") == {"postPasswordSecret": "a"}
    both = {"postPasswordSecret": "a", "tripcodeSecret": "b"}
    assert secrets_after(**both) == both
    assert secrets_after() == both


@pytest.mark.slow
def test_a_later_dump_takes_away_the_file_that_staff_took_from_a_post(site: Site) -> None:
    """There it leaves the list: what stood behind it stands in its place."""
    site.bring(jschan_board.JSCHAN.move(site, site.folder), draws=False)
    posts_then = jschan_board.collections()["posts"]
    of_two, alone = a_file(PICTURES[1], spoiler=True), []
    later = [
        post | {"files": {(1, "b"): [of_two], (5, "b"): alone}.get((post["postId"], post["board"]))}
        if (post["postId"], post["board"]) in {(1, "b"), (5, "b")}
        else post
        for post in posts_then
        if post["postId"] != 6
    ]
    source = jschan_board.source(site.folder, {"posts": later})
    move = site.bring(Move(source, site.database, site.settings, site.folder), draws=False)
    assert move.report.boards["b"]["posts removed"] == 1
    assert site.ask(
        "SELECT post_no, position, removed_at IS NULL FROM files WHERE board = 'b' ORDER BY 1, 2"
    ) == [(1, 0, False), (1, 1, True), (5, 0, False), (10, 0, True)]
