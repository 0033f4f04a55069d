"""The JSON that clients of vichan and of 4chan's API read: names, types, and what is absent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imageboard.boards import Board
from imageboard.settings import BoardSettings
from imageboard.threads import Post, PostFile, Thread
from renderer.pages.board_pages import page_json
from renderer.pages.catalog import catalog_json, threads_json
from renderer.pages.front_page import boards_json, boards_list_json
from renderer.pages.threads import thread_json, with_commas
from templates import post_json
from tests.tables import for_each

BOARD = Board("b", BoardSettings())
CREATED_S = 1795504562  # 2026-11-24 07:16:02 UTC, a Tuesday


def a_post(**fields: Any) -> Post:
    filled: dict[str, Any] = {
        "no": 124,
        "thread": 123,
        "created_s": CREATED_S,
        "name": None,
        "tripcode": None,
        "capcode": None,
        "email": None,
        "subject": None,
        "body": "Hello.",
        "poster_id": None,
        "changed_no": 1,
        "quotes": (),
        "backlinks": (),
        "files": (),
    }
    return Post(**(filled | fields))


def a_thread(**fields: Any) -> Thread:
    filled: dict[str, Any] = {
        "no": 123,
        "is_sticky": False,
        "is_locked": False,
        "replies": 7,
        "images": 2,
        "modified_s": CREATED_S + 60,
        "bumped_s": CREATED_S,
        "posters": 3,
        "changed_no": 1,
        "removal_no": 0,
    }
    return Thread(**(filled | fields))


def a_post_file(**fields: Any) -> PostFile:
    filled: dict[str, Any] = {
        "tim": "1795504562123",
        "extension": ".jpeg",
        "thumb_extension": ".webp",
        "original_name": "cat",
        "bytes": 1234,
        "width": 640,
        "height": 480,
        "thumb_width": 255,
        "thumb_height": 191,
        "md5": "bW1tbW1tbW1tbW1tbW1tbQ==",
        "is_spoiler": False,
        "is_removed": False,
    }
    return PostFile(**(filled | fields))


def fields_of(post: Post, body_html: str = "Hello.") -> dict[str, Any]:
    return post_json.post_fields(BOARD, post, body_html)


def op_of(thread: Thread, *, board: Board = BOARD, **op: Any) -> dict[str, Any]:
    fields = post_json.post_fields(board, a_post(no=thread.no, thread=thread.no, **op), "Hello.")
    return post_json.op_fields(board, thread, fields)


# --- posts ---


def test_plain_reply_has_what_every_client_reads_and_nothing_that_is_null() -> None:
    assert fields_of(a_post()) == {
        "no": 124,
        "resto": 123,
        "com": "Hello.",
        "raw": "Hello.",
        "name": "Anonymous",
        "time": CREATED_S,
        "now": "11/24/26(Tue)07:16:02",
        "sticky": 0,
        "locked": 0,
        "cyclical": 0,
        "last_modified": CREATED_S,
        "change": 1,
    }


@for_each(
    ("post", "field", "value"),
    [
        ({"no": 123, "thread": 123}, "resto", 0),
        ({"subject": "Salt & <Pepper>"}, "sub", "Salt &amp; &lt;Pepper&gt;"),
        ({"name": "A&B"}, "name", "A&amp;B"),
        ({"tripcode": "!WokonZwxw2"}, "trip", "!WokonZwxw2"),
        ({"capcode": "Mod"}, "capcode", "Mod"),
        ({"email": "sage"}, "email", "sage"),
        ({"poster_id": "0a1b2c3d"}, "id", "0a1b2c3d"),
        ({"edited_s": 7}, "edited", 7),
    ],
)
def test_field_of_a_post(post: dict[str, Any], field: str, value: object) -> None:
    assert fields_of(a_post(**post))[field] == value


@for_each(
    "field", ["sub", "trip", "capcode", "email", "id", "filename", "tim", "ban_message", "edited"]
)
def test_what_a_post_lacks_is_absent(field: str) -> None:
    assert field not in fields_of(a_post())


def test_what_staff_say_of_a_ban_stands_in_the_text_as_in_vichans_and_by_itself() -> None:
    fields = fields_of(a_post(ban_message="Out & away"))
    assert fields["ban_message"] == "Out &amp; away"
    assert fields["com"] == ('Hello.<br/><br/><span class="public_ban">(Out &amp; away)</span>')
    assert fields["raw"] == "Hello."


# --- files ---

FILE_FIELDS = {
    "tim": "1795504562123",
    "filename": "cat",
    "ext": ".jpeg",
    "fsize": 1234,
    "md5": "bW1tbW1tbW1tbW1tbW1tbQ==",
    "w": 640,
    "h": 480,
    "tn_w": 255,
    "tn_h": 191,
    "thumb": "1795504562123.webp",
    "mime": "image/jpeg",
}


def test_file_has_its_fields_in_the_post_itself() -> None:
    fields = fields_of(a_post(files=(a_post_file(),)))
    assert FILE_FIELDS.items() <= fields.items()
    assert "spoiler" not in fields
    assert "extra_files" not in fields


def test_file_is_described_as_its_poster_typed_it() -> None:
    fields = fields_of(a_post(files=(a_post_file(alt="Mist & reeds"),)))
    assert fields["alt"] == "Mist & reeds"
    assert "alt" not in fields_of(a_post(files=(a_post_file(),)))


def test_film_says_how_long_it_is_and_whether_it_sounds() -> None:
    film = a_post_file(extension=".webm", duration_ms=75_250, has_sound=False, codecs="vp9")
    fields = fields_of(a_post(files=(film,)))
    told = {"mime": "video/webm", "duration": 75.25, "has_sound": 0, "codecs": "vp9"}
    assert told.items() <= fields.items()
    assert (
        not {"duration", "has_sound", "codecs"} & fields_of(a_post(files=(a_post_file(),))).keys()
    )


def test_spoiler_is_marked() -> None:
    assert fields_of(a_post(files=(a_post_file(is_spoiler=True),)))["spoiler"] == 1


def test_name_of_a_file_is_html_like_all_text() -> None:
    fields = fields_of(a_post(files=(a_post_file(original_name='<"cat">'),)))
    assert fields["filename"] == "&lt;&quot;cat&quot;&gt;"


def test_removed_file_does_not_look_like_a_present_one() -> None:
    """Clients build an address from any `tim` and `ext` that they find."""
    fields = fields_of(a_post(files=(a_post_file(is_removed=True),)))
    assert fields["filedeleted"] == 1
    assert not FILE_FIELDS.keys() & fields.keys()


def test_pending_file_does_not_look_like_a_present_one() -> None:
    pending = a_post_file(is_pending=True, width=None, height=None)
    fields = fields_of(a_post(files=(pending, a_post_file())))
    assert fields["filepending"] == 1
    assert not {"filename", "tim", "ext", "md5", "filedeleted"} & fields.keys()
    assert fields["extra_files"][0]["filename"] == "cat"


def test_file_without_a_thumbnail_has_numbers_all_the_same() -> None:
    sound = a_post_file(
        **dict.fromkeys(("width", "height", "thumb_extension", "thumb_width", "thumb_height"))
    )
    fields = fields_of(a_post(files=(sound,)))
    assert [fields[name] for name in ("w", "h", "tn_w", "tn_h")] == [0, 0, 0, 0]
    assert fields["filename"] == "cat"


def test_further_files_follow_the_first() -> None:
    files = (a_post_file(), a_post_file(tim="17955045621231", is_spoiler=True), a_post_file())
    fields = fields_of(a_post(files=files))
    assert fields["tim"] == "1795504562123"
    assert [file["tim"] for file in fields["extra_files"]] == ["17955045621231", "1795504562123"]
    assert fields["extra_files"][0]["spoiler"] == 1


# --- OPs ---


def test_op_counts_its_thread() -> None:
    fields = op_of(a_thread())
    counts = {
        "replies": 7,
        "images": 2,
        "omitted_posts": 0,
        "omitted_images": 0,
        "unique_ips": 3,
        "last_modified": CREATED_S + 60,
        "sticky": 0,
        "locked": 0,
        "closed": 0,
        "bumplimit": 0,
        "imagelimit": 0,
    }
    assert counts.items() <= fields.items()


def test_posters_that_were_not_counted_are_not_told() -> None:
    assert "unique_ips" not in op_of(a_thread(posters=0))


@pytest.mark.parametrize(
    ("mark", "ones"),
    [("is_sticky", {"sticky"}), ("is_locked", {"locked", "closed"})],
)
def test_marks_of_a_thread_are_told_in_both_dialects(mark: str, ones: set[str]) -> None:
    fields = op_of(a_thread(**{mark: True}))
    assert {name for name in ("sticky", "locked", "closed") if fields[name] == 1} == ones


@for_each(
    ("bump_limit", "replies", "expected"),
    [(7, 5, 0), (7, 6, 1), (7, 8, 1), (1, 0, 1), (0, 10_000, 0)],
)
def test_thread_is_told_to_have_reached_its_bump_limit(
    bump_limit: int, replies: int, expected: int
) -> None:
    board = Board("b", BoardSettings(bump_limit=bump_limit))
    assert op_of(a_thread(replies=replies), board=board)["bumplimit"] == expected


@for_each(
    ("subject", "url"),
    [
        (None, "hello"),
        ("Why is my ripple a sawtooth?", "why-is-my-ripple-a-sawtooth"),
        ("Salt & Pepper", "salt-pepper"),
        ("  --- ", ""),
        ("断熱材", ""),
        ("Crème brûlée, ＦＵＬＬ width", "creme-brulee-full-width"),
        ("x" * 100, "x" * 60),
        ("word " * 20, "word-word-word-word-word-word-word-word-word-word-word-word"),
    ],
)
def test_semantic_url(subject: str | None, url: str) -> None:
    assert op_of(a_thread(), subject=subject)["semantic_url"] == url


def test_words_of_the_text_are_in_the_address_where_there_is_no_subject() -> None:
    body = ">>>/b/7 **Why** does it\nhum & whistle, you'd say?" + " x" * 50
    op = op_of(a_thread(), body=body)
    assert op["semantic_url"].startswith("b-7-why-does-it-hum-whistle-you-d-say-x")
    assert len(op["semantic_url"]) <= 60
    assert op_of(a_thread(), body="")["semantic_url"] == ""


def test_fields_of_a_kept_post_are_not_changed_by_its_thread() -> None:
    """They are kept in the worker's memory and used again for the next thread page."""
    kept = fields_of(a_post(no=123, thread=123))
    before = dict(kept)
    post_json.op_fields(BOARD, a_thread(is_sticky=True), kept)
    assert kept == before


# --- whole files ---


def test_thread_is_its_op_and_replies_in_order() -> None:
    op, reply = {"no": 1}, post_json.dump({"no": 2})
    assert json.loads(bytes(thread_json(op, with_commas([reply, reply])))) == {
        "posts": [{"no": 1}, {"no": 2}, {"no": 2}]
    }
    assert json.loads(bytes(thread_json(op, []))) == {"posts": [{"no": 1}]}


def test_page_is_a_list_of_threads() -> None:
    assert json.loads(page_json([({"no": 1}, []), ({"no": 2}, [b'{"no":3}'])])) == {
        "threads": [{"posts": [{"no": 1}]}, {"posts": [{"no": 2}, {"no": 3}]}]
    }
    assert json.loads(page_json([])) == {"threads": []}


def test_catalog_is_a_list_of_pages_counted_from_0() -> None:
    assert json.loads(catalog_json([[{"no": 1}], [{"no": 2}]])) == [
        {"page": 0, "threads": [{"no": 1}]},
        {"page": 1, "threads": [{"no": 2}]},
    ]


def test_list_of_threads_holds_what_a_client_polls_for() -> None:
    op = op_of(a_thread(), poster_id="0a1b2c3d")
    assert json.loads(threads_json([[op]])) == [
        {
            "page": 0,
            "threads": [
                {
                    "no": 123,
                    "last_modified": CREATED_S + 60,
                    "replies": 7,
                    "change": 1,
                    "id": "0a1b2c3d",
                }
            ],
        }
    ]


def test_boards_tell_every_limit_that_a_client_should_know() -> None:
    settings = BoardSettings(title="Kettles", subtitle="& pots", files_max=0, reply_wait_s=7)
    told = json.loads(boards_json([Board("k", settings)]))["boards"][0]
    expected = {
        "board": "k",
        "title": "Kettles",
        "meta_description": "& pots",
        "per_page": 10,
        "pages": 10,
        "max_filesize": 10 * 1024 * 1024,
        "max_webm_filesize": 10 * 1024 * 1024,
        "max_webm_duration": 3600,
        "webm_audio": 1,
        "max_comment_chars": 4000,
        "bump_limit": 250,
        "cooldowns": {"threads": 30, "replies": 7, "images": 7},
        "text_only": 1,
        "accepted_types": [],
        "user_ids": 1,
        "ws_board": 0,
        "name_chars_max": 35,
        "subject_chars_max": 100,
        "body_lines_max": 200,
        "anonymous_name": "Anonymous",
    }
    assert expected.items() <= told.items()
    # What 4chan's own has (https://github.com/4chan/4chan-API/blob/master/pages/Boards.md).
    of_4chan = """board title ws_board per_page pages max_filesize max_webm_filesize
        max_comment_chars max_webm_duration bump_limit image_limit cooldowns meta_description
        spoilers custom_spoilers is_archived board_flags country_flags user_ids oekaki sjis_tags
        code_tags math_tags text_only forced_anon webm_audio require_subject min_image_width
        min_image_height"""
    assert set(of_4chan.split()) <= told.keys()


def test_board_that_is_safe_for_work_says_so_and_takes_pictures() -> None:
    (told,) = json.loads(boards_list_json([Board("k", BoardSettings(worksafe=True))]))
    assert (told["ws_board"], told["uri"]) == (1, "k")
    assert {"image/jpeg", "image/png", "image/gif", "image/webp"} <= set(told["accepted_types"])
    assert told["image_pixels_max"] >= 100_000_000


def test_both_shapes_of_the_list_of_boards_say_the_same() -> None:
    """4chan's clients ask for an object, infinity's for an array."""
    boards = [Board(name, BoardSettings(title=name)) for name in ("b", "k")]
    assert json.loads(boards_list_json(boards)) == json.loads(boards_json(boards))["boards"]
