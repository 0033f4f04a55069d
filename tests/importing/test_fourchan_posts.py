"""What 4chan's API has of a post is what was typed there, and what vichan's has."""

from __future__ import annotations

from typing import Any

import pytest

from importing.fourchan import pages, threads
from importing.fourchan.boards import boards
from importing.fourchan.posts import ThreadReader, left_behind
from importing.fourchan.text import html_of, said
from tests.importing.thread_folders import a_file, a_post, an_op
from tests.tables import for_each

_EXIF = (
    'A<br><br><span class="abbr">[EXIF data available. Click <a href="javascript:void(0)" '
    "onclick=\"toggle('exif7')\">here</a> to show/hide.]</span><br>"
    '<table class="exif" id="exif7"><tr><td>Make</td><td>Canon</td></tr></table>'
)
_BANNED = '<b style="color:red;">(USER WAS BANNED FOR THIS POST)</b>'


@for_each(
    ("com", "body"),
    [
        ("a<br>b<br><br>c<br>", "a\nb\n\nc"),
        # As staff's own posts have it: a line in HTML is none of its text.
        ("a<br> \r\n\r\nb\nc", "a\nb c"),
        ("lo<wbr>ng &amp;amp; &gt;&#039;so&#039;", "long &amp; >'so'"),
        ('<span class="quote">&gt;so</span>', ">so"),
        ('<a href="#p7" class="quotelink">&gt;&gt;7</a><br>x', ">>7\nx"),
        ('<span class="deadlink">&gt;&gt;7</span>', ">>7"),
        ('<a href="/g/thread/5#p6" class="quotelink">&gt;&gt;&gt;/g/6</a>', ">>>/g/6"),
        ('<a href="//boards.4chan.org/g/" class="quotelink">&gt;&gt;&gt;/g/</a>', ">>>/g/"),
        ("<s>no<br>one</s>", "[spoiler]no\none[/spoiler]"),
        (
            '<pre class="prettyprint">if a &lt; b:<br>    pass</pre>',
            "[code]\nif a < b:\n    pass\n[/code]",
        ),
        ('<span class="sjis">(´∀｀)<br>ok</span>', "[aa](´∀｀)\nok[/aa]"),
        ('<span class="math">x^2</span>', "[math]x^2[/math]"),
        (
            'a<span class="fortune" style="color:#fd4d32"><br><br><b>Your fortune: Good</b></span>',
            "a\n\n'''Your fortune: Good'''",
        ),
        (_EXIF, "A"),
        (f"A<br><br>{_BANNED}", "A"),
        # SECURITY: nothing of it is markup here.
        ("<script>alert(1)</script><img src=x onerror=y>&lt;b&gt;", "<b>"),
        ("", ""),
    ],
)
def test_text_is_as_it_was_typed(com: str, body: str) -> None:
    assert said(html_of(com)).body == body


@pytest.mark.slow
@for_each(
    "com",
    [
        "<a " * 11_000,
        "<a" * 16_000,
        "<s>" * 6_000 + "</x>" * 4_000,
        '<b style="color:red;">' * 1_400,
        '<span class="abbr">[EXIF' * 1_300,
        " " * 32_000,
        '<a href="/b/res/' * 2_000,
    ],
)
def test_a_text_that_is_made_to_be_read_without_end_is_read(com: str) -> None:
    """SECURITY: what takes an hour at the length that is read is tried at an eighth of it."""
    for op in (an_op(3), {"no": 3, "time": 5, "resto": 0, "locked": 0}):
        reader = ThreadReader("b", op, 9)
        assert len(reader.post(a_post(7, 3, com=com)).body) <= 4 * len(com)


def test_what_staff_wrote_below_a_text_is_not_of_it() -> None:
    assert said(f"A<br><br>{_BANNED}").ban_message == "USER WAS BANNED FOR THIS POST"
    assert said('<strong style="color: red;">Enough.</strong>').ban_message == "Enough."
    assert said("<b>red</b>").ban_message is None


def test_a_quote_is_a_link_where_the_old_page_had_one() -> None:
    com = (
        '<a href="#p7" class="quotelink">&gt;&gt;7</a> <span class="deadlink">&gt;&gt;8</span> '
        '<a href="/g/thread/5#p6" class="quotelink">x</a> <a href="/b/thread/1/slug#p9">x</a>'
        '<a href="//boards.4chan.org/%CE%BB/thread/5#p6">x</a><a href="100#103">x</a>'
        '<a href="https://example.com/">x</a><a href="/g/catalog#s=9">x</a>&gt;&gt;99'
    )
    assert said(com).quotes == (("", 7), ("g", 6), ("b", 9), ("λ", 6), ("", 103))


READER = ThreadReader("b", an_op(3), bumped_s=99)


@for_each(
    ("fields", "expected"),
    [
        ({"name": "Anonymous"}, {"name": None}),
        ({"name": "O&#039;Neil", "sub": "a &lt;b&gt;"}, {"name": "O'Neil", "subject": "a <b>"}),
        ({"trip": "!abc"}, {"name": None, "tripcode": "!abc"}),
        ({"id": "Ep8pui8V"}, {"poster_id": "Ep8pui8V"}),
        ({"capcode": "admin_highlight"}, {"capcode": "Admin"}),
        ({"capcode": "developer"}, {"capcode": "Developer"}),
        ({"country": "DE", "country_name": "Germany"}, {"country": "DE", "flag": None}),
        ({"country": "XX", "country_name": "Unknown"}, {"country": None, "flag": None}),
        (
            {"country": "A1", "country_name": "Anonymous Proxy"},
            {"country": None, "flag": "a1", "flag_name": "Anonymous Proxy"},
        ),
        (
            {"board_flag": "4CC", "flag_name": "4cc &amp; /b/", "country": "XX"},
            {"country": None, "flag": "4cc", "flag_name": "4cc & /b/"},
        ),
        (
            {"troll_country": "NZ", "country_name": "Nazi"},
            {"country": None, "flag": "nz", "flag_name": "Nazi"},
        ),
        ({"com": _BANNED}, {"body": "", "ban_message": "USER WAS BANNED FOR THIS POST"}),
        ({"com": "half \ud800 of it\0"}, {"body": "half ? of it"}),
        # Who posted is known to nobody but 4chan.
        ({}, {"address": None, "password": None, "email": None}),
    ],
)
def test_a_field_of_a_post(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    post = READER.post(a_post(7, 3, **fields))
    assert {name: getattr(post, name) for name in expected} == expected


def test_a_moment_is_that_of_utc_and_not_of_new_york() -> None:
    assert READER.post(a_post(7, 3, time=1_700_000_000)).created_s == 1_700_000_000


@for_each(
    ("fields", "expected"),
    [
        (
            a_file(1_707_523_200_123),
            {
                "tim": "1707523200123",
                "extension": ".png",
                "original_name": "cat & dog",
                "path": "1707523200123.png",
                "thumb_path": "1707523200123s.jpg",
                "thumb_width": 4,
                "md5": bytes(16),
            },
        ),
        (a_file(1_707_523_200_123_456), {"tim": "1707523200123456"}),
        (a_file(1_707_523_200_123, spoiler=1), {"is_spoiler": True}),
        (a_file(1_707_523_200_123, filedeleted=1), {"path": None, "thumb_path": None}),
        ({"filedeleted": 1}, {"tim": "17075232070000007-0", "path": None, "extension": ".bin"}),
        ({"filedeleted": 1, "tn_w": 4, "tn_h": 3}, {"path": None, "thumb_path": None}),
        # More than a column of ours holds.
        (a_file(1_707_523_200_123, fsize=10**18, w=2**31, h=1), {"told_bytes": 0, "width": None}),
        # SECURITY: nothing leads out of the folder.
        (a_file("../../etc"), {"path": None, "tim": "17075232070000007-0"}),
        (a_file(1_707_523_200_123, ext="/../x"), {"path": None}),
        (a_file(1_707_523_200_123, w=-1, md5="?"), {"width": None, "height": None, "md5": None}),
    ],
)
def test_a_file_of_a_post(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    (file,) = READER.post(a_post(7, 3, **fields)).files
    assert {name: getattr(file, name) for name in expected} == expected


def test_a_thread_is_as_its_first_post_says() -> None:
    def marks(**fields: Any) -> Any:
        return ThreadReader("b", an_op(3, **fields), 99).post(an_op(3, **fields)).marks

    assert READER.post(a_post(7, 3)).marks is None
    assert (marks(sticky=1, closed=1).is_sticky, marks(closed=1).is_locked) == (True, True)
    archived = marks(closed=1, archived=1, archived_on=500)
    assert (archived.archived_s, archived.is_locked) == (500, False)
    assert marks(archived=1).archived_s == 99
    assert ThreadReader("b", an_op(3, tag="Loop"), 99).post(an_op(3, tag="Loop")).tag == "Loop"


def test_what_does_not_come_is_said() -> None:
    assert left_behind(a_post(1, 1)) == set()
    assert len(left_behind(a_post(1, 1, m_img=1, since4pass=2016, com=_EXIF))) == 3


def test_vichan_s_fields_are_as_vichan_has_them() -> None:
    op = {"no": 3, "time": 5, "resto": 0, "locked": 1, "sticky": 0, "cyclical": "1"}
    reader = ThreadReader("b", op, 9, {"1395501023824.jpg": "1395501023824.webp"})
    com = '<strong>a</strong><br/><a href="/b/res/3.html#3">&gt;&gt;3</a>'
    post = reader.post({"no": 4, "time": 6, "name": "a &amp; <b>", "com": com, "email": "a%20b"})
    assert (post.name, post.body, post.email) == ("a & <b>", "'''a'''\n>>3", "a b")
    assert post.quotes == (("b", 3),)
    marks = reader.post(op).marks
    assert marks is not None
    assert (marks.is_locked, marks.is_cyclical) == (True, True)
    told = a_file("1395501023824", ext=".jpg")
    files = reader.post({"no": 4, "time": 6} | told | {"extra_files": [told, {}, "x"]}).files
    assert [file.thumb_path for file in files] == ["1395501023824.webp"] * 2 + [None]
    ours = reader.post({"no": 4, "time": 6, "com": "<em>x</em>", "raw": "*x*", "filename": "x"})
    assert ours.body == "*x*"


def test_pages_of_vichan_tell_which_thumbnail_a_file_has() -> None:
    page = (
        '<a href="/b/src/1-0.jpg" target="_blank"><img class="post-image" src="/b/thumb/1-0.webp"'
        ' style="width:5px"></a> <a href="/b/src/2.png"><img src="/static/spoiler.png"></a>'
        '<a href="/b/src/3.pdf"><img src="/static/file.png"></a>'
        '<a href="/b/src/4.png"><img src="/b/thumb/../../x.png"></a>'
    )
    assert pages.pictures(page) == {"1-0.jpg": "1-0.webp", "2.png": None}


def test_a_thread_was_bumped_by_its_last_reply_that_could() -> None:
    posts = [a_post(4, 3), a_post(5, 3), a_post(6, 3, email="sage")]
    first = an_op(3, last_modified=5_000_000_000)
    assert threads.Thread(first, posts, ()).bumped_s(0) == posts[1]["time"]
    assert threads.Thread(first, posts, ()).bumped_s(1) == posts[0]["time"]
    vichans = {"no": 3, "time": 5, "resto": 0, "locked": 0, "last_modified": 77}
    assert threads.Thread(vichans, posts, ()).bumped_s(0) == 77


@for_each(
    ("sent", "why"),
    [
        (b"<!DOCTYPE html><title>Just a moment", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b'{"posts": []}', "its first post is none"),
        (b'{"posts": [7]}', "its first post is none"),
        (b'{"posts": [{"no": 5, "resto": 4, "time": 3}]}', "its first post is none"),
        (b'{"posts": [{"no": 1e400, "time": 3}]}', "its no is no number"),
        (b'{"posts": [{"no": -5, "time": 3}]}', "its no is no number"),
        (b'{"posts": [{"no": 5}]}', "its time is no number"),
        (b'{"posts": [{"no": 5, "time": %d}]}' % 10**30, "its time is no number"),
        (b'{"posts": [{"no": 5, "time": 1' + b"0" * 9_999 + b"}]}", "it is no JSON"),
    ],
)
def test_what_is_no_thread_is_said(sent: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        threads.of_json(sent)


def test_of_a_thread_only_its_own_posts_count() -> None:
    posts = b'{"no": 5, "time": 3}, {"no": 6, "resto": 9, "time": 3}, 7, {"no": "7", "resto": 5}'
    thread = threads.of_json(b'{"posts": [%s, {"no": 6, "resto": 5, "time": 4}]}' % posts)
    assert thread is not None
    assert [reply["no"] for reply in thread.replies] == [6]
    assert len(thread.faults) == 3
    assert threads.of_json(b'{"threads": []}') is None
    assert threads.of_json(b"[]") is None


def test_boards_are_told_by_their_list() -> None:
    told = boards({"boards": [{"board": "b", "title": "A &amp; B", "bump_limit": 300, "x": 1}, 7]})
    assert (told["b"].title, told["b"].settings) == ("A & B", {"bump_limit": "300"})
    assert boards([{"uri": "λ", "title": "Lambda", "subtitle": "calm"}])["λ"].subtitle == "calm"
    assert boards("no") == boards({"boards": 7}) == {}
