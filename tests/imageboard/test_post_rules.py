"""What a board asks of a post."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from imageboard.boards import Board
from imageboard.errors import BadBoardSetting, BadField, FilesTooLarge, FileTooLarge, RuleBroken
from imageboard.fields import FILES_BYTES_MAX, TEXT_FIELDS, TextField
from imageboard.post_rules import (
    Draft,
    NewPost,
    OfferedFile,
    Return,
    accept,
    check,
    keeps_file_names,
    read_email,
)
from imageboard.settings import BoardSettings
from imageboard.tripcodes import Salt
from tests.builders import AN_ADDRESS, CLOAK, a_draft, a_file, a_new_post
from tests.tables import for_each

#: Small limits, so that a table's row shows what breaks them.
SMALL = BoardSettings(
    name_chars_max=5,
    email_chars_max=5,
    subject_chars_max=5,
    body_chars_max=20,
    body_lines_max=3,
    files_max=2,
    upload_bytes_max=1024 * 1024,
)


def offered(*sizes: int) -> tuple[OfferedFile, ...]:
    return tuple(OfferedFile("cat.png", size) for size in sizes)


def accepted(*, settings: BoardSettings | None = None, **fields: Any) -> NewPost:
    return a_new_post(Board("b", settings or BoardSettings()), **fields)


@for_each("field", TEXT_FIELDS, ids=[field.name for field in TEXT_FIELDS])
def test_text_is_as_long_as_its_field_allows_and_no_longer(field: TextField) -> None:
    longest = field.chars_max(SMALL)
    check(a_draft(**{field.name: "x" * longest}), SMALL)
    with pytest.raises(RuleBroken, match=f"{longest + 1} characters, {longest} at most") as refusal:
        check(a_draft(**{field.name: "x" * (longest + 1)}), SMALL)
    assert refusal.value.field == field.name


@for_each(
    ("fields", "field", "said"),
    [
        ({"body": "a\nb\nc\nd"}, "body", "4 lines, 3 at most"),
        ({"offered": offered(1, 1, 1)}, "file", "2 at most"),
        ({"body": ""}, "body", "The post is empty"),
        ({"body": "\u200b"}, "body", "The post is empty"),
        ({"body": "\u3164\n\u2800 \u00ad"}, "body", "The post is empty"),
        ({"body": "** **"}, "body", "The post is empty"),
        ({"body": "[code]\n[/code]"}, "body", "The post is empty"),
        ({"body": "'''**\u200b**'''"}, "body", "The post is empty"),
        ({"body": "==\u3164=="}, "body", "The post is empty"),
    ],
)
def test_broken_rule_names_the_field_and_the_limit(
    fields: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(RuleBroken, match=said) as refusal:
        check(a_draft(**fields), SMALL)
    assert refusal.value.field == field


@for_each(
    "fields",
    [
        {"name": "äöü€😀"},
        {"body": "a\nb\nc"},
        {"body": "", "offered": offered(1)},
        {"body": "**\u200b**", "offered": offered(1)},
        {"body": ">"},
        {"body": "****"},
        {"body": ">>1"},
        {"body": "[code]"},
        {"offered": offered(1024 * 1024, 1024 * 1024)},
    ],
)
def test_limit_itself_is_allowed(fields: dict[str, Any]) -> None:
    check(a_draft(**fields), SMALL)


def test_too_large_file_is_told_the_boards_own_limit() -> None:
    with pytest.raises(FileTooLarge, match=r"1\.5 MB at most"):
        check(
            a_draft(offered=offered(1_600_000)),
            BoardSettings(upload_bytes_max=3 * 1024 * 1024 // 2),
        )


def test_files_of_one_post_are_bounded_together() -> None:
    """As the form is that nginx lets through: else the last of them would be the one to blame."""
    most = offered(*[FILES_BYTES_MAX // 4] * 4)
    check(a_draft(offered=most), BoardSettings())
    with pytest.raises(FilesTooLarge, match="too large together: 10 MB at most"):
        check(a_draft(offered=(*most[:3], *offered(FILES_BYTES_MAX // 4 + 1))), BoardSettings())


def test_board_without_files_says_so() -> None:
    with pytest.raises(RuleBroken, match="this board takes none"):
        check(a_draft(offered=offered(1)), BoardSettings(files_max=0))


@for_each(
    ("settings", "fields", "field"),
    [
        ({"thread_needs_file": True}, {}, "file"),
        ({"thread_needs_body": True}, {"body": "", "offered": offered(1)}, "body"),
        ({"thread_needs_body": True}, {"body": "\u2800", "offered": offered(1)}, "body"),
        ({"thread_needs_body": True}, {"body": "[code][/code]", "offered": offered(1)}, "body"),
        ({"thread_needs_subject": True}, {}, "subject"),
        ({"thread_needs_subject": True}, {"subject": "\u3164"}, "subject"),
    ],
)
def test_what_a_board_asks_of_threads_it_does_not_ask_of_replies(
    settings: dict[str, bool], fields: dict[str, Any], field: str
) -> None:
    """And the other way round."""
    of_replies = {name.replace("thread", "reply"): value for name, value in settings.items()}
    for board, thread, other, said in (
        (BoardSettings(**settings), None, 1, "A new thread needs a"),
        (BoardSettings(**of_replies), 1, None, "A reply needs a"),
    ):
        with pytest.raises(RuleBroken, match=said) as refusal:
            check(a_draft(thread=thread, **fields), board)
        assert refusal.value.field == field
        check(a_draft(thread=other, **fields), board)


def test_board_without_names_takes_none() -> None:
    board = BoardSettings(forced_anonymous=True)
    # Apps send back what the JSON calls all who have no name.
    for name in (" \u200b", board.anonymous_name):
        check(a_draft(name=name), board)
    for name in ("Anon", "#tea"):
        with pytest.raises(RuleBroken, match="no names on this board") as refusal:
            check(a_draft(name=name), board)
        assert refusal.value.field == "name"


@for_each(
    ("names", "asks", "are_kept"),
    [
        ("kept", False, True),
        ("kept", True, True),
        ("asked", False, False),
        ("asked", True, True),
        ("replaced", False, False),
        ("replaced", True, None),
    ],
)
def test_file_keeps_its_name_as_board_and_poster_want(
    names: str, asks: bool, are_kept: bool | None
) -> None:
    draft, settings = a_draft(keeps_file_names=asks), BoardSettings(file_names=names)
    if are_kept is None:
        with pytest.raises(RuleBroken, match="keeps no names of files"):
            check(draft, settings)
    else:
        check(draft, settings)
        assert keeps_file_names(draft, settings) == are_kept


@for_each(
    ("email", "expected"),
    [
        ("", Return(None, is_sage=False, to_thread=True)),
        ("noko", Return(None, is_sage=False, to_thread=True)),
        ("nonoko", Return(None, is_sage=False, to_thread=False)),
        ("NoNoko", Return(None, is_sage=False, to_thread=False)),
        ("sage", Return("sage", is_sage=True, to_thread=True)),
        ("Sage nonoko", Return("Sage", is_sage=True, to_thread=False)),
        ("nonoko sage", Return("sage", is_sage=True, to_thread=False)),
        ("me@example.org", Return("me@example.org", is_sage=False, to_thread=True)),
        ("message", Return("message", is_sage=False, to_thread=True)),
    ],
)
def test_email_field_says_where_the_poster_and_the_thread_go(email: str, expected: Return) -> None:
    assert read_email(email) == expected


@for_each(
    ("typed", "name", "tripcode"),
    [
        ("", None, None),
        ("Anonymous", None, None),
        ("Tantalum", "Tantalum", None),
        ("Tantalum#tea", "Tantalum", "!WokonZwxw2"),
        ("#tea", None, "!WokonZwxw2"),
        ("\u3164", None, None),
        ("\u200b\u2060#tea", None, "!WokonZwxw2"),
        ("\u200eTantalum", "\u200eTantalum", None),
        # Who signs as Anonymous keeps that name when the board's anonymous name changes.
        ("Anonymous#tea", "Anonymous", "!WokonZwxw2"),
    ],
)
def test_name_is_stored_only_when_it_is_the_posters_own(
    typed: str, name: str | None, tripcode: str | None
) -> None:
    post = accepted(name=typed)
    assert (post.name, post.tripcode) == (name, tripcode)


def test_secret_of_a_tripcode_is_not_kept() -> None:
    post = accepted(name="Tantalum##a secret of mine")
    assert post.name == "Tantalum"
    assert "secret" not in repr(post)


@for_each(
    ("body", "quotes"),
    [
        ("no quote", ()),
        (">>1 and >>1 again", (("b", 1),)),
        (">>1 >>>/b/1", (("b", 1),)),
        (">>2 >>>/c/1 >>1", (("b", 2), ("c", 1), ("b", 1))),
        ("[code]>>1[/code]", ()),
        (">>>/c/", ()),
    ],
)
def test_each_quoted_post_is_named_once_with_its_board(
    body: str, quotes: tuple[tuple[str, int], ...]
) -> None:
    assert accepted(body=body).quotes == quotes


def test_blank_fields_are_stored_as_absent() -> None:
    post = accepted(subject="", email="noko", password="")
    assert (post.subject, post.email, post.password_hash) == (None, None, None)


@for_each("nothing", ["\u200b", "\u3164", "\u2800\u2800", "\u0301", "\u200e\u00ad"])
def test_field_that_shows_nothing_is_stored_as_absent(nothing: str) -> None:
    """A name or a subject that nobody sees could not be pressed or told from the next."""
    post = accepted(name=nothing, subject=nothing, email=nothing, body=f"**{nothing}**")
    assert (post.name, post.subject, post.email, post.body) == (None, None, None, "")


def test_neither_address_nor_password_is_kept_readable() -> None:
    post = accepted(password="hunter2", address="198.51.100.23")
    assert post.password_hash == CLOAK.hash_password("hunter2")
    kept = repr(post)
    assert "hunter2" not in kept
    assert "198.51.100.23" not in kept
    assert ipaddress.ip_address("198.51.100.23").packed not in post.address_sealed


@pytest.mark.parametrize(("thread", "wait_s"), [(None, 30), (7, 10)])
def test_threads_and_replies_wait_as_the_board_has_it(thread: int | None, wait_s: int) -> None:
    settings = BoardSettings(reply_wait_s=10, thread_wait_s=30, same_text_wait_s=120)
    post = accepted(settings=settings, thread=thread)
    assert (post.wait_s, post.same_text_wait_s) == (wait_s, 120)


def test_posters_post_has_no_power_of_staff() -> None:
    post = accepted(name="Moderator ## Mod")
    assert post.capcode is None
    assert not post.ignores_lock


def test_text_and_files_are_stored_as_they_came() -> None:
    body = "  indented\n\n**marks** <b>stay</b>  "
    post = accept(
        Draft(board="b", thread=3, body=body, subject=" two  blanks", nonce="12345678"),
        Board("b", BoardSettings()),
        address=AN_ADDRESS,
        cloak=CLOAK,
        trip_salt=Salt("x"),
        files=(a_file(),),
    )
    assert (post.body, post.subject, post.nonce) == (body, " two  blanks", "12345678")
    assert post.files == (a_file(),)


@for_each(
    ("fields", "error", "said"),
    [
        ({"tag": "Loop"}, None, ""),
        ({"tag": ""}, None, ""),
        ({"tag": "loop"}, RuleBroken, "choose one of Anime, Loop"),
        ({"tag": "Loop", "thread": 1}, RuleBroken, "A reply has no tag"),
    ],
)
def test_thread_has_one_of_the_tags_that_its_board_offers(
    fields: dict[str, Any], error: type[Exception] | None, said: str
) -> None:
    settings = BoardSettings().changed({"thread_tags": " Anime ,Loop,"})
    if error is None:
        check(a_draft(**fields), settings)
        assert accepted(settings=settings, **fields).tag == (fields["tag"] or None)
        return
    with pytest.raises(error, match=said) as refusal:
        check(a_draft(**fields), settings)
    assert refusal.value.field == "tag"  # type: ignore[attr-defined]


def test_board_without_tags_says_so() -> None:
    with pytest.raises(BadField, match="This board has no tags"):
        check(a_draft(tag="Loop"), BoardSettings())


@for_each("text", ["a, a", ", ".join(map(str, range(21))), "x" * 41, "a\u0007"])
def test_names_that_are_no_tags_are_refused(text: str) -> None:
    with pytest.raises(BadBoardSetting):
        BoardSettings().changed({"thread_tags": text})
