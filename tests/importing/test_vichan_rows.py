"""What stands in vichan's tables is what was typed there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from importing.errors import BadDump, UnknownColumns
from importing.records import OldGrant, OldPassword
from importing.report import Report
from importing.sql_dump import Row
from importing.vichan import others, php, settings
from importing.vichan.charsets import Judge
from importing.vichan.dump import VichanDump
from importing.vichan.posts import PostReader
from importing.vichan.settings import BoardConfig
from importing.vichan.tables import Fields, fields_of, table_of
from importing.vichan.text import from_html, linked_posts, typed
from tests.tables import for_each

READER = PostReader(
    BoardConfig("b", poster_id_chars=5, secure_trip_salt="x", flags=frozenset({"nz"}))
)


def a_row(**columns: Any) -> Fields:
    filled = {"id": 7, "thread": 3, "time": 1_795_500_950, "body": "Hi", "body_nomarkup": "Hi"}
    spelled = {
        name: value if value is None or isinstance(value, bytes) else str(value).encode()
        for name, value in (filled | columns).items()
    }
    return Fields(spelled)


_ONLY_HTML = (
    '<a onclick="x" href="/b/res/1.html#1">&gt;&gt;1</a><br/><span class="quote">&gt;so</span><br>'
    "<em>a</em> <strong>b</strong> <span class='spoiler'>c</span> &amp;amp; d<br/>"
    '<span class="heading">e</span>'
)


@for_each(
    ("body_nomarkup", "body", "expected"),
    [
        ("a\r\nb\n\r\n \r\n", "", "a\nb"),
        ("0", "0", "0"),
        ("", "", ""),
        ("  indented\r\n  too ", "", "  indented\n  too "),
        # What our own form would not take.
        ("\u202bright to left", "", "\u202bright to left"),
        ("say <tinyboard escape flag>de</tinyboard>", "", "say <tinyboard flag>de</tinyboard>"),
        ("Hi\n<tinyboard flag>de</tinyboard>\n<tinyboard flag alt>Germany</tinyboard>", "", "Hi"),
        ("Bad\n<tinyboard ban message>BANNED</tinyboard>\n", "", "Bad"),
        # SECURITY: what staff wrote as HTML comes as text.
        (
            "<b>x</b><tinyboard raw html>1</tinyboard>",
            '<b>x</b><script>alert(1)</script><img src=x onerror="a">',
            "'''x'''",
        ),
        # Versions before body_nomarkup.
        (
            None,
            _ONLY_HTML,
            ">>1\n>so\n''a'' '''b''' **c** &amp; d\n==e==",
        ),
        (None, "<pre class='code lang-'>a &lt; b</pre>", "[code]\na < b\n[/code]"),
    ],
)
def test_text_is_as_it_was_typed(body_nomarkup: str | None, body: str, expected: str) -> None:
    assert typed(body_nomarkup, body).body == expected


@for_each(
    ("html", "expected"),
    [
        ('<a href="https://a.test/?a=1&amp;b">rules</a>', "rules (https://a.test/?a=1&b)"),
        ('<a href="https://a.test/x">https://a.test/x</a>', "https://a.test/x"),
        ('<a href="http://anonym.test/?https://a.test">https://a.test</a>', "https://a.test"),
        ('<a href="javascript:x()">this</a>, <a href="/b/">here</a>', "this, here"),
        ('<iframe src="https://v.test/1"></iframe><br/><img src="/x.png">', "https://v.test/1\n"),
        ('<b><a href="https://a.test">a', "'''a"),
    ],
)
def test_what_html_leads_to_and_shows_is_said(html: str, expected: str) -> None:
    assert from_html(html) == expected


def test_a_quote_is_a_link_where_the_old_page_had_one() -> None:
    body = (
        '<a onclick="highlightReply(\'7\', event);" href="/b/res/3.html#7">&gt;&gt;7</a> &gt;&gt;8'
        '<a href="/x/%CE%BB/res/3-slug+50.html#q9">&gt;&gt;&gt;/λ/9</a> <a href="/b/index.html">'
        'b</a> <a href="https://example.com/">x</a> <a href="/b/res/3.html#7">&gt;&gt;7</a>'
        "&lt;a href=&quot;/b/res/3.html#99&quot;&gt;"
    )
    assert linked_posts(body) == (("b", 7), ("λ", 9))


@for_each(
    ("columns", "expected"),
    [
        ({"name": "Anonymous"}, {"name": None}),
        ({"name": "Anonymous", "trip": "!abc"}, {"name": "Anonymous", "tripcode": "!abc"}),
        ({"name": "", "trip": "!abc"}, {"name": None, "tripcode": "!abc"}),
        ({"name": "a <b>"}, {"name": "a <b>"}),
        ({"email": "a%20&amp;%20b"}, {"email": "a & b"}),
        ({"email": "sage"}, {"email": "sage", "is_sage": True}),
        ({"ip": "192.0.2.7"}, {"address": "192.0.2.7", "poster_id": "64d19"}),
        ({"ip": "127.0.0.1"}, {"address": None, "poster_id": None}),
        ({"password": "f" * 64}, {"password": OldPassword("vichan", "f" * 64)}),
        ({"password": "as typed"}, {"password": OldPassword("plain", "as typed")}),
        ({"password": ""}, {"password": None}),
        (
            {"body_nomarkup": "x\n<tinyboard flag>de</tinyboard>"},
            {"country": "DE", "flag": None},
        ),
        (
            {
                "body_nomarkup": "x\n<tinyboard flag>lake</tinyboard>"
                "\n<tinyboard flag alt>Lake &amp; fire</tinyboard>"
            },
            {"country": None, "flag": "lake", "flag_name": "Lake & fire"},
        ),
        # A flag of the board that a country is called like.
        (
            {
                "body_nomarkup": "Hi\n<tinyboard flag>nz</tinyboard>"
                "\n<tinyboard flag alt>Order of tea</tinyboard>"
            },
            {"country": None, "flag": "nz", "flag_name": "Order of tea"},
        ),
        (
            {
                "body_nomarkup": "Hi\n<tinyboard flag>AK 47</tinyboard>"
                "\n<tinyboard flag alt>x</tinyboard>"
            },
            {"flag": "ak-47"},
        ),
        (
            {"embed": '<a href="https://youtu.be/a?b=1&amp;c=2"><img src="https://i.ytimg.com/x">'},
            {"body": "Hi\nhttps://youtu.be/a?b=1&c=2"},
        ),
        ({"embed": "https://youtu.be/a", "body_nomarkup": ""}, {"body": "https://youtu.be/a"}),
        (
            {"body_nomarkup": "x\n<tinyboard ban message>Out\nyou go</tinyboard>"},
            {"ban_message": "Out you go"},
        ),
        (
            {"body_nomarkup": "x\n<tinyboard public_ban_message>Out</tinyboard>"},
            {"body": "x", "ban_message": "Out"},
        ),
    ],
)
def test_a_field_of_a_post(columns: dict[str, Any], expected: dict[str, Any]) -> None:
    post = READER.post(a_row(**columns))
    assert {name: getattr(post, name) for name in expected} == expected


def test_marks_are_of_the_first_post_of_a_thread() -> None:
    assert READER.post(a_row(sticky=1)).marks is None
    marks = READER.post(a_row(thread=None, sticky=1, locked=0, sage=1, cycle=1, bump=99)).marks
    assert marks is not None
    assert (marks.is_sticky, marks.is_locked, marks.is_bump_locked) == (True, False, True)
    assert (marks.is_cyclical, marks.bumped_s) == (True, 99)


def _files(*told: dict[str, Any]) -> bytes:
    return json.dumps(told).encode()


_TOLD = {
    "filename": "天体 a.tar.PNG",
    "name": "cut",
    "file": "1795501023824-1.png",
    "thumb": "1795501023824-1.webp",
    "width": 30,
    "height": 20,
    "thumbwidth": 3,
    "thumbheight": 2,
    "size": 9,
    "hash": "00" * 16,
}


@for_each(
    ("changes", "expected"),
    [
        (
            {},
            {
                "tim": "1795501023824-1",
                "extension": ".png",
                "original_name": "天体 a.tar",
                "path": "src/1795501023824-1.png",
                "thumb_path": "thumb/1795501023824-1.webp",
                "width": 30,
                "md5": bytes(16),
            },
        ),
        (
            {"file": "deleted", "file_path": "b/src/1795501022804.png"},
            {"tim": "1795501022804", "path": None, "thumb_path": None},
        ),
        ({"thumb": "spoiler"}, {"is_spoiler": True, "thumb_path": None, "thumb_width": None}),
        ({"thumb": "file", "file": "1795501023824.pdf"}, {"extension": ".pdf", "thumb_path": None}),
        ({"thumb": None, "width": 0, "height": 0}, {"width": None, "height": None}),
        ({"filename": ".jpg", "file": "1795501023824.jpg"}, {"original_name": ""}),
        ({"filename": "half \ud800 of it.png"}, {"original_name": "half ? of it"}),
        # SECURITY: nothing leads out of the folder.
        ({"file": "../../etc/passwd"}, {"path": None, "tim": "17955009500000007-0"}),
        ({"thumb": "../x.png"}, {"thumb_path": None}),
        # A name that no address of ours could have.
        ({"file": "cafe0.jpg"}, {"tim": "17955009500000007-0", "path": "src/cafe0.jpg"}),
    ],
)
def test_a_file_of_a_post(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    (file,) = READER.post(a_row(files=_files(_TOLD | changes))).files
    assert {name: getattr(file, name) for name in expected} == expected


def test_versions_of_one_file_a_post_are_read_too() -> None:
    row = a_row(
        file="1395501023824.jpg",
        thumb="1395501023824.png",
        filename="cat.jpg",
        filewidth=30,
        fileheight=20,
        thumbwidth=3,
        thumbheight=2,
        filesize=9,
        filehash="0" * 32,
    )
    (file,) = READER.post(row).files
    assert (file.tim, file.original_name, file.thumb_width) == ("1395501023824", "cat", 3)
    assert file.thumb_path == "thumb/1395501023824.png"


@for_each("columns", [{"id": "x"}, {"time": None}, {"id": 0}])
def test_what_is_no_post_is_said(columns: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        READER.post(a_row(**columns))


def test_texts_that_were_encoded_twice_are_told_by_all_of_them() -> None:
    twice = "Привет".encode().decode("latin-1").encode()
    for texts, is_twice in (
        ([twice] * 40 + [b"plain"], True),
        ([twice] + ["Привет".encode()] * 40, False),
        (["Ã©".encode()] + ["é".encode()] * 9, False),
        ([b"plain"], False),
    ):
        judge = Judge()
        for text in texts:
            judge.look_at(text)
        assert judge.finds_twice is is_twice
    post = PostReader(BoardConfig("b"), is_twice=True).post(a_row(body_nomarkup=twice))
    assert post.body == "Привет"
    assert READER.post(a_row(body_nomarkup=b"caf\xe9")).body == "café"


def test_rows_are_known_by_their_columns_or_by_how_many_they_are() -> None:
    row = Row("v_bans", (), tuple([b"1"] * 10))
    assert table_of("v_bans", "v_") == "bans"
    assert table_of("v_posts_λ", "v_") == "posts_λ"
    assert (table_of("x_bans", "v_"), table_of("v_secret", "v_")) == (None, None)
    assert fields_of(row, "bans")["ipstart"] == b"1"
    with pytest.raises(UnknownColumns):
        fields_of(row, "posts_b")


def test_a_ban_hits_what_it_hit() -> None:
    row = Fields(
        ipstart=bytes([192, 0, 2, 0]),
        ipend=bytes([192, 0, 2, 9]),
        creator=b"2",
        created=b"5",
        reason=b"No &lt;b&gt;<br>ever",
        board=b"b",
    )
    ban = others.ban(row, {2: "curator"})
    assert (ban.first, ban.last, ban.made_by) == (row["ipstart"], row["ipend"], "curator")
    assert (ban.reason, ban.board, ban.expires_s) == ("No <b> ever", "b", None)
    for wrong in ({"ipstart": b"abc"}, {"ipend": b"\0\0\0\0"}):
        with pytest.raises(ValueError):
            others.ban(Fields(row | wrong), {})


def test_an_account_has_its_role_on_its_boards_alone() -> None:
    row = Fields(username=b"Jan", type=b"10", boards=b"b,lab", password=b"ab", version=b"salt")
    account = others.account(row)
    assert account.grants == (OldGrant("janitor", "b"), OldGrant("janitor", "lab"))
    assert account.password_hash == "$vichan0$salt$ab"
    of_all = others.account(Fields(row | {"boards": b"*"}))
    assert of_all.grants == (OldGrant("janitor", None),)
    with pytest.raises(ValueError):
        others.account(Fields(row | {"type": b"99"}))


def test_settings_are_read_and_never_executed() -> None:
    site = r"""<?php // $config['a'] = 1;
        /* $config['a'] = 2; */ # $config['a'] = 3;
        $config['secure_trip_salt'] = 'it\'s; $config[\'b\'] = 4';
        $config["dir"]["res"] = "thread/"; $config['anonymous'] = array(1);
        $config['max_images']=3;$config['poster_ids'] = TRUE; $config['x'] = 'a' . 'b';
        echo "$config['c'] = 5;"; $config['float'] = 0.5;"""
    told = php.settings([site, "$config['max_images'] = 4;"])
    assert told == {
        "secure_trip_salt": "it's; $config['b'] = 4",
        "dir.res": "thread/",
        "anonymous": {0: 1},
        "max_images": 4,
        "poster_ids": True,
        "float": 0.5,
    }
    computed = php.Unread.THERE
    lists = """$config['a'][] = array('x', 2 * 3, function ($m) { return 'y;), '; }, ['k' => f(1)]);
        $config['a'][] = $other; if ($config['a'] == 1) $config['b'] = 'c'; $config['d'] = [1, 2"""
    assert php.settings([lists]) == {
        "a": {0: {0: "x", 1: 6, 2: computed, 3: {"k": computed}}, 1: computed},
        "b": "c",
    }


def test_a_board_goes_on_as_it_was_set() -> None:
    ours = settings.ours({"max_images": 9, "reply_limit": 300, "poster_ids": True, "max_pages": 4})
    told = (ours["files_max"], ours["bump_limit"], ours["poster_ids"], ours["pages_max"])
    assert told == ("5", "300", "on", "4")
    # What it does not say is as vichan has it when nothing is said.
    assert (ours["body_chars_max"], ours["thread_needs_file"]) == ("1800", "on")
    assert "code" not in ours["marks"].split()
    assert "code" in settings.ours({"markup_code": "/x/"})["marks"].split()


def test_the_operator_says_what_backslashes_are(tmp_path: Path) -> None:
    path = tmp_path / "dump.sql"
    path.write_text(
        "INSERT INTO posts_b (id, time, body_nomarkup, body) VALUES (1, 1, 'C:\\Users', '');\n"
    )
    with pytest.raises(BadDump, match=r"--backslashes letters"):
        VichanDump([path]).survey()
    dump = VichanDump([path], backslashes="letters")
    dump.survey()
    assert [post.body for post in dump.posts(Report())] == ["C:\\Users"]
