"""What stands in LynxChan's documents is what was typed and seen there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imageboard import passwords
from imageboard.cloaks import parse_address
from imageboard.store import bans, boards, old_boards, reports, staff, written
from importing.bson_dump import Collections
from importing.lynxchan import others
from importing.lynxchan.media import MediaOfSite
from importing.lynxchan.posts import PostReader
from importing.moving import Move
from importing.records import OldGrant
from tests.builders import CLOAK
from tests.databases import Lender
from tests.importing import lynxchan_board
from tests.importing.conftest import Site
from tests.importing.jschan_board import PICTURES, bytes_of, sha256_of, thumb_of
from tests.importing.lynxchan_board import BEGAN_S, a_file, a_posting
from tests.importing.mongo import as_read, dumped, moment
from tests.tables import for_each

READER = PostReader("Anonymous", MediaOfSite(Collections({}), None, Path("/old")), 128)


@for_each(
    ("changes", "expected"),
    [
        ({"name": "Anonymous"}, {"name": None, "tripcode": None}),
        ({"name": "Ann#AbC12/"}, {"name": "Ann", "tripcode": "#AbC12/"}),
        ({"name": "Ann##AbC123"}, {"name": "Ann", "tripcode": "##AbC123"}),
        ({"name": "#AbC123"}, {"name": None, "tripcode": "#AbC123"}),
        ({"name": "C# or F#"}, {"name": "C# or F#", "tripcode": None}),
        ({"subject": "&lt;3 &amp;lt; &quot;"}, {"subject": '<3 &amp;lt; "'}),
        ({"message": "a\r\n==b==\n[aa]c[/aa] **d**"}, {"body": "a\n==b==\n[aa]c[/aa] **d**"}),
        (
            {"message": None, "markdown": "<strong>a</strong><br><span class='spoiler'>b</span>"},
            {"body": "'''a'''\n[spoiler]b[/spoiler]"},
        ),
        ({"ip": [32, 1, 13, 184, *[0] * 11, 1]}, {"address": "2001:db8::1"}),
        ({"ip": [1, 2, 3]}, {"address": None}),
        ({"ip": [1, 2, 3, 256]}, {"address": None}),
        ({"ip": None}, {"address": None}),
        ({"ip": [127, 0, 0, 1]}, {"address": None}),
        ({"flag": "/f/xx.png", "flagCode": "-xx", "flagName": "Nowhere"}, {"country": None}),
        ({"flag": "/b/flags/5e", "flagName": "☃"}, {"flag": None, "flag_name": None}),
        ({"lastEditTime": moment(BEGAN_S)}, {"edited_s": BEGAN_S}),
        ({"files": "x"}, {"files": ()}),
    ],
)
def test_fields_of_a_post(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    post = READER.post(as_read(a_posting(3, 7, **changes)))
    assert {name: getattr(post, name) for name in expected} == expected


@for_each(
    ("changes", "why"),
    [
        ({"postId": "7"}, "its postId is no number"),
        ({"threadId": None}, "its threadId is no number"),
        ({"creation": None}, "its creation is no number"),
        ({"files": [a_file(path="/.media/../../etc/passwd")]}, "no name of LynxChan's"),
    ],
)
def test_what_is_no_post_is_said(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        READER.post(as_read(a_posting(3, 7) | changes))


def test_pieces_of_a_file_come_to_their_places(tmp_path: Path) -> None:
    """Of GridFS: whatever their order, and none of a page, or beyond what a file may be."""
    far = {"files_id": lynxchan_board.PICTURE_IN_DUMP, "n": 2**31, "data": b"far"}
    told = lynxchan_board.collections()
    dump = dumped(tmp_path, told | {"fs.chunks": [far, *told["fs.chunks"]]})
    found = Collections.in_folder(dump, needed="threads")
    media = MediaOfSite(found, None, tmp_path / "laid_out")
    media.survey()
    media.lay_out()
    kept = media.find(f"{sha256_of(PICTURES[1])}.png")
    shown = media.find(f"t_{sha256_of(PICTURES[1])}")
    assert kept is not None
    assert shown is not None
    assert kept.path.read_bytes() == bytes_of(PICTURES[1])
    assert shown.path.read_bytes() == thumb_of(PICTURES[1])
    assert (kept.picture_ending, shown.picture_ending) == (".png", ".jpg")
    assert sum(path.is_file() for path in tmp_path.glob("laid_out/*/*")) == 4
    assert media.find("0" * 64) is None


def test_a_role_of_one_board_stays_one_of_that_board() -> None:
    """SECURITY."""
    told = lynxchan_board.collections()
    named = [board for board in told["boards"] if "boardUri" in board]
    staff_of = {str(board["boardUri"]): others.staff_of(board) for board in named}
    found: dict[str, object] = {}
    for user in told["users"]:
        try:
            found[user["login"]] = others.account(user, staff_of).grants
        except ValueError as ex:
            found[user["login"]] = str(ex)
    assert found == {
        "root": (OldGrant("admin", None),),
        "global": (OldGrant("moderator", None),),
        "janitor": (OldGrant("janitor", None),),
        "owner": (OldGrant("owner", "b"),),
        "helper": (OldGrant("moderator", "b"),),
        "visitor": "it has no role",
        "elder": "its password is of another kind, and it needs an invitation",
    }


@pytest.fixture(scope="module")
def come(lender: Lender, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Move]]:
    """Where it came to, undrawn, and how."""
    with lender.lend() as lent:
        site = Site(tmp_path_factory.mktemp("come"), lent.open())
        yield site, site.bring(lynxchan_board.LYNXCHAN.move(site, site.folder), draws=False)


def test_all_else_comes_and_what_does_not_is_said(come: tuple[Site, Move]) -> None:
    site, move = come
    with site.database.connection() as db:
        for account in ("root", "global"):
            assert passwords.matches("secret", staff.password_hash(db, account))
        reported = {each.no: each.reasons for each in reports.queue(db, on=None, limit=9)}
        assert reported == {5: ["Spam"], 9: ["A thread"]}
        pages = [written.page(db, "b", name) for name in ("announcement", "rules")]
        assert [page and page.body for page in pages] == ["Welcome", "1. Be kind\n2. No <b>"]
        settings = boards.get(db, "b").settings
        assert (settings.title, settings.subtitle) == ("Random &amp; so", "anything <goes>")
        assert (settings.bump_limit, settings.poster_ids, settings.worksafe) == (501, True, True)
        hit = "192.0.2.66 198.51.100.200 2001:db8:ffff::1 2001:db9:7:8:9::1".split()
        banned = [
            address
            for address in map(
                parse_address, [*hit, "192.0.2.67", "198.51.101.1", "2001:db9:7:9::"]
            )
            if bans.find(db, "b", CLOAK.hash_address(address), address)
        ]
    assert banned == [parse_address(address) for address in hit]
    assert site.ask("SELECT name FROM board_flags") == [("the-lake",)]
    assert site.ask("SELECT body, answered_at IS NOT NULL FROM appeals") == [
        ("I was not there.", False)
    ]
    banned_files = site.ask("SELECT board, hashes, created_by, bans_poster FROM file_bans")
    assert banned_files == [("b", [bytes.fromhex(lynxchan_board.BANNED)], "import", False)]
    laid_out = site.folder / "laid_out"
    assert {why: trouble.examples for why, trouble in move.report.troubles.items()} == {
        "a banner that nobody looks at": [f"/b/ {laid_out}/aba/{'ba' * 12}"],
        "of flags: it has no picture, or no name that a flag may have": [f"flags {'5d' * 12}"],
        "of staffLogs: it says nothing, or not when": [f"staffLogs {'1d' * 12}"],
        "of hashBans: it has no SHA-256": [f"hashBans {'1b' * 12}"],
        "secure tripcodes were found by chance: who signs anew has another one": [
            "secureTripcodes"
        ],
        "it was in the bin of its board": ["/b/8", "/b/3", "/b/6"],
        "a link leads to a post that is not there, and is plain text": ["/b/2 to /b/99"],
        "of bans: it hits a network by its number, a bypass, or nobody": [
            f"bans {no:024x}" for no in (5, 6)
        ],
        "of bans: it is a warning": [f"bans {7:024x}"],
        "of reports: it is closed": [f"reports {3:024x}"],
        "of users: it has no role": ["users visitor"],
        "of users: its password is of another kind, and it needs an invitation": ["users elder"],
    }


def test_what_was_in_the_bin_is_nowhere_and_its_numbers_are_given(
    come: tuple[Site, Move],
) -> None:
    site, _move = come
    nos = {no for (no,) in site.ask("SELECT no FROM posts WHERE board = 'b'")}
    assert nos == {1, 2, 4, 5, 7, 9, 10}
    assert site.ask("SELECT last_no FROM boards WHERE name = 'b'") == [(12,)]


def test_files_that_posts_share_are_found_at_their_old_addresses(come: tuple[Site, Move]) -> None:
    """A thumbnail has an ending here, and one that stands for itself is no other file there."""
    site, _move = come
    digest = sha256_of(PICTURES[0])
    files = site.ask(
        "SELECT tim, extension, thumb_extension, thumb_width, thumb_height, is_spoiler FROM files"
        " WHERE board = 'b' ORDER BY post_no, position"
    )
    assert [row[1:] for row in files] == [
        (".png", ".jpg", 128, 96, False),
        (".png", None, None, None, True),
        (".png", ".jpg", 128, 96, False),
        (".png", ".png", 640, 480, False),
        (".webm", None, None, None, False),
    ]
    with site.database.connection() as db:
        first = files[0][0]
        assert old_boards.file_at(db, f".media/{digest}.png") == f"/b/src/{first}.png"
        assert old_boards.file_at(db, f".media/t_{digest}") == f"/b/thumb/{first}.jpg"
        assert old_boards.file_at(db, f".media/{'0' * 64}.webm") is None
