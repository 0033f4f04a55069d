"""One post: what it shows, wherever it stands."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import pytest

from imageboard.threads import Backlink, Post
from templates.fragments import post_html
from tests.tables import for_each
from tests.templates.builders import a_board, a_file, a_film, a_post, an_op
from tests.templates.parsed import elements, parse_fragment, text, with_class


def drawn(post: Post, body_html: str = "Still") -> Element:
    root = parse_fragment(post_html(a_board(), post, body_html))
    (article,) = list(root)
    return article


def test_post_is_one_article_that_bears_its_number() -> None:
    article = drawn(a_post())
    assert (article.tag, article.get("id")) == ("article", "124")
    assert article.get("class") == "post reply"
    assert drawn(an_op()).get("class") == "post op"


def test_number_leads_to_the_post_and_to_answering_it() -> None:
    """'No.' is the permalink; the number itself carries the #q anchor at which the form opens."""
    permalink, answer = with_class(drawn(a_post()), "post_no")
    assert permalink.get("href") == "/b/res/123.html#124"
    assert (answer.get("id"), answer.get("href")) == ("q124", "/b/res/123.html#q124")


def test_links_of_the_number_say_what_they_do_to_whoever_hears_them() -> None:
    """Each begins with what is to be seen, so that it is found by that when it is spoken."""
    links = with_class(drawn(a_post()), "post_no")
    assert [text(link) for link in links] == ["No.", "124"]
    assert [link.get("aria-label") for link in links] == [
        "No.: link to this post",
        "124: reply to this post",
    ]


@for_each(
    ("values", "name"),
    [
        ({}, "Post 124 by Anonymous"),
        ({"name": 'A "sharp" <one>'}, 'Post 124 by A "sharp" <one>'),
        ({"name": "", "tripcode": "!WokonZwxw2"}, "Post 124 by !WokonZwxw2"),
    ],
)
def test_post_is_told_by_its_number_and_its_author(values: dict[str, str], name: str) -> None:
    assert drawn(a_post(**values)).get("aria-label") == name


@for_each(
    ("values", "shown"),
    [
        ({}, "Anonymous"),
        ({"name": "Angler"}, "Angler"),
        ({"name": "Angler", "tripcode": "!WokonZwxw2"}, "Angler !WokonZwxw2"),
        ({"name": "", "tripcode": "!WokonZwxw2"}, "!WokonZwxw2"),
        ({"name": "Keeper", "capcode": "Mod"}, "Keeper ## Mod"),
        ({"email": "sage"}, "Anonymous sage"),
    ],
)
def test_signature(values: dict[str, str], shown: str) -> None:
    (signature,) = with_class(drawn(a_post(**values)), "signature")
    assert text(signature) == shown


@for_each(
    ("said", "shown"),
    [
        ("USER WAS BANNED FOR THIS POST", "(USER WAS BANNED FOR THIS POST)"),
        ("<b>Out</b> & away", "(<b>Out</b> & away)"),
    ],
)
def test_what_staff_say_of_a_ban_stands_under_the_text(said: str, shown: str) -> None:
    article = drawn(a_post(ban_message=said))
    (message,) = with_class(article, "public_ban")
    assert (text(message), list(message)) == (shown, [])
    assert with_class(drawn(a_post()), "public_ban") == []


@for_each(("is_told", "shown"), [(True, "(edited)"), (False, "")])
def test_post_that_staff_edited_says_so_where_its_board_wants_it(is_told: bool, shown: str) -> None:
    page = post_html(a_board(edited_mark=is_told), a_post(edited_s=1), "Still")
    assert "".join(map(text, with_class(parse_fragment(page), "edited"))) == shown


def test_time_is_in_utc_for_machines_and_people() -> None:
    (time,) = [e for e in elements(drawn(a_post())) if e.tag == "time"]
    assert time.get("datetime") == "2026-11-24T06:15:50Z"
    assert text(time) == "2026-11-24 (Tue) 06:15"


def test_body_is_taken_as_html_and_nothing_else_is() -> None:
    article = drawn(a_post(subject="<b>no</b>"), "<strong>yes</strong>")
    assert [e.tag for e in elements(article) if e.tag in ("b", "strong")] == ["strong"]
    assert text(with_class(article, "subject")[0]) == "<b>no</b>"


def test_spoiler_says_so_and_is_reached_by_the_keyboard() -> None:
    article = drawn(a_post(), '<span class="spoiler">He dies</span>')
    (spoiler,) = with_class(article, "spoiler")
    said = [spoiler.get(name) for name in ("tabindex", "role", "aria-label")]
    assert said == ["0", "group", "Spoiler"]


def test_text_that_may_be_wider_than_its_post_is_reached_by_the_keyboard() -> None:
    """It scrolls by the arrow keys."""
    for kind in ("code", "code language-python", "aa"):
        article = drawn(a_post(), f'<pre class="{kind}">x</pre>')
        assert [e.get("tabindex") for e in elements(article) if e.tag == "pre"] == ["0"]


def test_quotes_are_written_from_left_to_right_whatever_stands_around_them() -> None:
    """In an Arabic text '>>123' would read '123<<'."""
    op = '<a class="post-link" href="/b/res/123.html#123">&gt;&gt;123</a>'
    reply = '<a class="post-link" href="/b/res/123.html#125">&gt;&gt;125</a>'
    article = drawn(a_post(backlinks=(Backlink(125, 123),)), f"مرحبا {op} {reply}")
    links = [e for e in elements(article) if e.tag == "a" and text(e).startswith(">>")]
    assert [link.get("dir") for link in links] == ["ltr"] * 3
    assert [link.get("class") for link in links] == ["post-link op", "post-link", None]


def test_file_shows_what_it_is_and_keeps_its_name_for_saving() -> None:
    article = drawn(a_post(files=(a_file(),)))
    (name,) = with_class(article, "postfilename")
    assert (name.get("href"), name.get("download")) == (
        "/b/src/1795500950388.jpg",
        "lake at dawn.jpg",
    )
    assert text(with_class(article, "details")[0]) == "200 KB, 1600×1200"
    (thumb,) = with_class(article, "post-image")
    assert thumb.get("src") == "/b/thumb/1795500950388.webp"
    assert (thumb.get("width"), thumb.get("height")) == ("255", "191")


def test_picture_is_described_as_its_poster_did_and_its_name_is_said_once() -> None:
    for file in (a_file(alt="Mist & reeds"), a_film(alt="Mist & reeds")):
        article = drawn(a_post(files=(file,)))
        shown = [e.get("alt") or e.get("aria-label") for e in with_class(article, "post-image")]
        assert shown == ["Mist & reeds"]
    for file, said in ((a_file(), "Open the picture"), (a_film(), "Film")):
        article = drawn(a_post(files=(file,)))
        shown = [e.get("alt") or e.get("aria-label") for e in with_class(article, "post-image")]
        assert shown == [said]


def test_spoiler_is_not_given_away_by_its_description() -> None:
    html = post_html(a_board(), a_post(files=(a_file(is_spoiler=True, alt="He dies"),)), "")
    assert "He dies" not in html


def test_film_is_played_where_it_stands_and_loads_nothing_before() -> None:
    (film,) = with_class(drawn(a_post(files=(a_film(),))), "post-film")
    shown = {name: film.get(name) for name in ("src", "poster", "preload", "width", "height")}
    assert shown == {
        "src": "/b/src/1795500950388.webm",
        "poster": "/b/thumb/1795500950388.jpg",
        "preload": "none",
        "width": "255",
        "height": "191",
    }
    assert film.tag == "video"
    assert film.get("controls") is not None


def test_film_tells_how_long_it_is_what_plays_it_and_that_it_is_silent() -> None:
    article = drawn(a_post(files=(a_film(), a_film(has_sound=False, duration_ms=3_600_000))))
    assert [text(each) for each in with_class(article, "details")] == [
        "200 KB, 1600×1200, 1:15, vp9, opus",
        "200 KB, 1600×1200, 1:00:00, vp9, opus, no sound",
    ]


def test_sound_is_played_below_its_picture_if_it_has_one() -> None:
    sound = a_film(extension=".mp3", width=None, height=None, codecs="mp3")
    bare = sound._replace(thumb_extension=None, thumb_width=None, thumb_height=None)
    article = drawn(a_post(files=(sound, bare)))
    players = [each for each in elements(article) if each.tag in ("audio", "video")]
    assert [each.get("src") for each in players] == ["/b/src/1795500950388.mp3"] * 2
    (picture,) = with_class(article, "post-image")
    assert (picture.tag, picture.get("src")) == ("img", "/b/thumb/1795500950388.jpg")


def test_spoiler_hides_the_still_of_a_film() -> None:
    article = drawn(a_post(files=(a_film(is_spoiler=True),)))
    assert [each.tag for each in elements(article) if each.tag in ("img", "video")] == ["img"]
    assert with_class(article, "file-link")[0].get("href") == "/b/src/1795500950388.webm"


def test_thumbs_below_the_first_post_load_when_they_come_near() -> None:
    assert with_class(drawn(an_op(files=(a_file(),))), "post-image")[0].get("loading") is None
    reply = drawn(a_post(files=(a_file(),)))
    assert with_class(reply, "post-image")[0].get("loading") == "lazy"


def test_spoiler_shows_neither_picture_nor_what_it_is_called_in_its_place() -> None:
    article = drawn(a_post(files=(a_file(is_spoiler=True),)))
    (image,) = with_class(article, "post-image")
    assert image.get("src", "").startswith("/assets/spoiler.")
    assert "lake" not in image.get("alt", "")


def test_deleted_file_leaves_a_notice_and_no_link() -> None:
    article = drawn(a_post(files=(a_file(is_removed=True),)))
    assert text(with_class(article, "file-removed")[0]) == "File deleted"
    assert "1795500950388" not in post_html(a_board(), a_post(files=(a_file(is_removed=True),)), "")


def test_quoting_posts_are_linked_where_they_stand() -> None:
    article = drawn(a_post(backlinks=(Backlink(125, 123), Backlink(900, 800))))
    (mentioned,) = with_class(article, "mentioned")
    assert [link.get("href") for link in mentioned] == [
        "/b/res/123.html#125",
        "/b/res/800.html#900",
    ]
    assert not with_class(drawn(a_post()), "mentioned")


NO_THUMB: dict[str, Any] = dict.fromkeys(("thumb_extension", "thumb_width", "thumb_height"))


def test_pending_file_is_named_and_can_not_be_opened() -> None:
    article = drawn(a_post(files=(a_file(is_pending=True, **NO_THUMB),)))
    (pending,) = with_class(article, "file-pending")
    assert text(pending).endswith(": being made ready")
    assert not with_class(article, "file-link")
    assert not with_class(article, "post-image")


def test_removed_file_says_why_where_that_is_known() -> None:
    file = a_file(is_removed=True, removed_because="It holds <no> video.")
    article = drawn(a_post(files=(file,)))
    assert text(with_class(article, "file-removed")[0]) == "It holds <no> video."


@pytest.mark.parametrize("size", [{}, {"width": None, "height": None}], ids=["size", "no size"])
def test_file_without_a_thumbnail_is_a_link(size: dict[str, Any]) -> None:
    article = drawn(a_post(files=(a_file(**NO_THUMB, **size),)))
    (link,) = with_class(article, "postfilename")
    assert link.get("href", "").startswith("/b/src/")
    assert not with_class(article, "post-image")
    assert ("×" in text(with_class(article, "details")[0])) == (not size)
    assert "None" not in text(article)


def test_scripts_for_vichan_find_every_part_of_a_post() -> None:
    """The names of classes that userscripts and readers rely on (docs/compatibility.md)."""
    post = a_post(
        name="Angler",
        tripcode="!WokonZwxw2",
        subject="Lake",
        files=(a_file(),),
        backlinks=(Backlink(125, 123),),
    )
    article = drawn(post)
    for name in ("intro", "body", "files", "file", "post-image", "name", "trip", "subject"):
        assert with_class(article, name), name
    assert with_class(article, "mentioned")
    assert [e.tag for e in with_class(article, "post_no")] == ["a", "a"]
