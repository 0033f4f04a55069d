"""Feeds and maps: what feed readers and search engines are given."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from imageboard.boards import Board
from imageboard.facts import (
    BoardChanged,
    Fact,
    MediaReady,
    PageRange,
    PostAdded,
    PostChanged,
    ThreadRemoved,
    ThreadRerendered,
)
from imageboard.store import boards, posts
from imageboard.store.database import Database
from renderer.pages import oembed
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot
from tests.builders import A_MOMENT, a_board, a_file, a_post, seconds_later
from tests.tables import for_each

pytestmark = pytest.mark.slow

SITE = "https://board.example"
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def site_loop(loop: RenderLoop) -> RenderLoop:
    """Of a site whose address is known."""
    return replace(loop, site_url=SITE)


@pytest.fixture
def board(database: Database) -> Board:
    """With two threads, of which the older one was replied to last."""
    board = a_board(database, title="Kettles", subtitle="& <pots>")
    a_post(database, board, at=A_MOMENT, subject="First & <foremost>", files=(a_file(),))
    a_post(database, board, at=seconds_later(60), name="Anna", body="> quoted\nline two")
    a_post(database, board, at=seconds_later(120), thread=1, body="A reply to >>1")
    return board


def read(web_root: WebRoot, path: str) -> bytes:
    body = web_root.read(path)
    assert body is not None, path
    return body


def parsed(web_root: WebRoot, path: str) -> Element:
    return ElementTree.fromstring(read(web_root, path))


def texts(element: Element, path: str) -> list[str]:
    return [found.text or "" for found in element.findall(path)]


def test_atom_feed_of_a_board_has_its_threads_the_newest_first(
    site_loop: RenderLoop, board: Board, web_root: WebRoot
) -> None:
    site_loop.render("b")
    feed = parsed(web_root, "b/index.atom")
    assert feed.findtext(f"{ATOM}title") == "/b/ - Kettles"
    assert feed.findtext(f"{ATOM}subtitle") == "& <pots>"
    assert feed.findtext(f"{ATOM}updated") == "2026-11-24T12:01:00Z"
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [
        f"{SITE}/b/res/2.html",
        f"{SITE}/b/res/1.html",
    ]
    assert texts(feed, f"{ATOM}entry/{ATOM}author/{ATOM}name") == ["Anna", "Anonymous"]
    first = entries[1]
    assert first.findtext(f"{ATOM}title") == "First & <foremost>"
    assert first.findtext(f"{ATOM}published") == "2026-11-24T12:00:00Z"
    (enclosure,) = first.findall(f"{ATOM}link[@rel='enclosure']")
    assert enclosure.get("href", "").startswith(f"{SITE}/b/src/")
    assert (enclosure.get("type"), enclosure.get("length")) == ("image/png", "1234")
    content = entries[0].findtext(f"{ATOM}content")
    assert content == '<span class="quote">&gt; quoted</span><br/>line two'


def test_rss_and_json_feed_say_the_same(
    site_loop: RenderLoop, board: Board, web_root: WebRoot
) -> None:
    site_loop.render("b")
    rss, data = parsed(web_root, "b/index.rss"), json.loads(read(web_root, "b/feed.json"))
    assert texts(rss, "channel/item/link") == [item["url"] for item in data["items"]]
    assert texts(rss, "channel/item/guid") == [item["id"] for item in data["items"]]
    assert texts(rss, "channel/item/title") == [item["title"] for item in data["items"]]
    assert texts(rss, "channel/item/description") == [
        item["content_html"] for item in data["items"]
    ]
    (date,) = {parsedate_to_datetime(text) for text in texts(rss, "channel/item/pubDate")[1:]}
    assert date == A_MOMENT
    assert data["version"] == "https://jsonfeed.org/version/1.1"
    assert data["feed_url"] == f"{SITE}/b/feed.json"
    first: dict[str, Any] = data["items"][-1]
    assert (first["_post"]["board"], first["_post"]["no"]) == ("b", 1)
    assert first["attachments"][0]["size_in_bytes"] == 1234
    assert first["date_published"] == "2026-11-24T12:00:00Z"


def test_links_of_a_text_are_whole_addresses(
    database: Database, site_loop: RenderLoop, board: Board, web_root: WebRoot
) -> None:
    """Readers of feeds show it on pages of their own, and most know of no address to begin with."""
    a_post(database, board, body='>>1 >>>/b/ and <a href="/b/"> https://a.b/')
    site_loop.render("b")
    atom, rss = parsed(web_root, "b/index.atom"), parsed(web_root, "b/index.rss")
    shown = [
        texts(atom, f"{ATOM}entry/{ATOM}content")[0],
        texts(rss, "channel/item/description")[0],
        json.loads(read(web_root, "b/feed.json"))["items"][0]["content_html"],
        texts(parsed(web_root, "b/res/4.atom"), f"{ATOM}entry/{ATOM}content")[0],
    ]
    quote = f'<a class="post-link" href="{SITE}/b/res/1.html#1">&gt;&gt;1</a>'
    to_board = f'<a href="{SITE}/b/index.html">&gt;&gt;&gt;/b/</a>'
    to_web = '<a href="https://a.b/" rel="nofollow noopener">https://a.b/</a>'
    assert set(shown) == {f'{quote} {to_board} and &lt;a href="/b/"&gt; {to_web}'}


def test_reply_changes_no_feed_of_its_board(
    database: Database, site_loop: RenderLoop, board: Board, web_root: WebRoot
) -> None:
    """They show how threads begin: a post costs nothing for them."""
    site_loop.render("b")
    paths = ("b/index.atom", "b/index.rss", "b/feed.json", "b/sitemap.xml")
    before = [(web_root.folder / path).stat().st_ino for path in paths]
    a_post(database, board, thread=2)
    site_loop.render("b")
    assert [(web_root.folder / path).stat().st_ino for path in paths] == before
    a_post(database, board)
    site_loop.render("b")
    assert all(b"/b/res/5.html" in read(web_root, path) for path in paths)


def test_feed_of_a_thread_has_its_last_posts_the_newest_first(
    database: Database, site_loop: RenderLoop, board: Board, web_root: WebRoot
) -> None:
    site_loop.render("b")
    feed = parsed(web_root, "b/res/1.atom")
    assert feed.findtext(f"{ATOM}title") == "/b/ - First & <foremost>"
    assert texts(feed, f"{ATOM}entry/{ATOM}id") == [
        f"{SITE}/b/res/1.html#3",
        f"{SITE}/b/res/1.html#1",
    ]
    assert texts(feed, f"{ATOM}entry/{ATOM}title") == ["No. 3", "First & <foremost>"]
    for _ in range(20):
        a_post(database, board, thread=1)
    site_loop.render("b")
    numbers = re.findall(rb"<id>\S+#([0-9]+)</id>", read(web_root, "b/res/1.atom"))
    assert [int(no) for no in numbers] == list(range(23, 13, -1))


def test_removed_thread_leaves_feeds_and_map_at_once(
    database: Database, site_loop: RenderLoop, board: Board, web_root: WebRoot
) -> None:
    site_loop.render("b")
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    site_loop.render("b")
    for path in ("b/index.atom", "b/index.rss", "b/feed.json", "b/sitemap.xml"):
        assert b"/b/res/1.html" not in read(web_root, path), path
    assert web_root.read("b/res/1.atom") is None


def test_feed_of_a_site_without_an_address_has_ids_all_the_same(
    loop: RenderLoop, board: Board, web_root: WebRoot
) -> None:
    loop.render("b")
    feed = parsed(web_root, "b/index.atom")
    assert texts(feed, f"{ATOM}entry/{ATOM}id")[0] == "tag:stillboard,2026:/b/res/2.html"
    guid = parsed(web_root, "b/index.rss").find("channel/item/guid")
    assert guid is not None
    assert guid.get("isPermaLink") == "false"


def test_empty_board_has_feeds(database: Database, loop: RenderLoop, web_root: WebRoot) -> None:
    a_board(database)
    loop.render("b")
    assert parsed(web_root, "b/index.atom").findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"
    assert parsed(web_root, "b/index.rss").find("channel/item") is None
    assert json.loads(read(web_root, "b/feed.json"))["items"] == []


def test_map_of_the_site_leads_to_the_maps_of_its_boards(
    site_loop: RenderLoop, board: Board, web_root: WebRoot
) -> None:
    site_loop.render("b")
    site_loop.site_pages.render()
    index = parsed(web_root, "sitemap.xml")
    assert texts(index, f"{MAP}sitemap/{MAP}loc") == [f"{SITE}/b/sitemap.xml"]
    assert texts(parsed(web_root, "b/sitemap.xml"), f"{MAP}url/{MAP}loc") == [
        f"{SITE}/b/",
        f"{SITE}/b/catalog.html",
        f"{SITE}/b/res/2.html",
        f"{SITE}/b/res/1.html",
    ]
    assert f"Sitemap: {SITE}/sitemap.xml".encode() in read(web_root, "robots.txt")
    assert read(web_root, "favicon.ico").startswith(b"\0\0\1\0")


def test_site_without_an_address_names_no_map(loop: RenderLoop, web_root: WebRoot) -> None:
    loop.site_pages.render()
    assert b"Sitemap" not in read(web_root, "robots.txt")


def test_page_tells_whoever_links_to_it_what_it_is_about(
    site_loop: RenderLoop, board: Board, web_root: WebRoot
) -> None:
    site_loop.render("b")
    page = read(web_root, "b/res/1.html").decode()
    assert '<meta property="og:title" content="First &amp; &lt;foremost&gt;">' in page
    assert '<meta property="og:description" content="Hello.">' in page
    assert f'<meta property="og:url" content="{SITE}/b/res/1.html">' in page
    assert re.search(f'<meta property="og:image" content="{SITE}/b/thumb/[0-9]+[.]png">', page)
    assert '<link rel="alternate" type="application/atom+xml" href="/b/res/1.atom">' in page
    board_page = read(web_root, "b/index.html").decode()
    for feed in ("index.atom", "index.rss", "feed.json"):
        assert f'href="/b/{feed}">' in board_page


def test_hidden_picture_is_not_shown_to_whoever_links_to_its_thread(
    database: Database, site_loop: RenderLoop, web_root: WebRoot
) -> None:
    a_post(database, a_board(database), files=(a_file(is_spoiler=True),))
    site_loop.render("b")
    assert b"og:image" not in read(web_root, "b/res/1.html")
    assert b"thumb" not in read(web_root, "b/res/1.oembed.json")


def embed_of(web_root: WebRoot, thread: int) -> dict[str, Any]:
    embed: dict[str, Any] = json.loads(read(web_root, f"b/res/{thread}.oembed.json"))
    return embed


def test_thread_tells_in_oembeds_words_what_it_is_about(
    site_loop: RenderLoop, board: Board, web_root: WebRoot
) -> None:
    """https://oembed.com: a link, with a picture of which all three are told or none."""
    site_loop.render("b")
    page = read(web_root, "b/res/1.html").decode()
    (address,) = re.findall(r'type="application/json\+oembed" href="([^"]+)"', page)
    assert address == f"{SITE}/b/res/1.oembed.json"
    embed = embed_of(web_root, 1)
    assert re.fullmatch(f"{SITE}/b/thumb/[0-9]+[.]png", embed.pop("thumbnail_url"))
    assert (embed.pop("thumbnail_width"), embed.pop("thumbnail_height")) == (255, 191)
    assert embed.pop("_post")["no"] == 1
    assert embed == {
        "version": "1.0",
        "type": "link",
        "title": "First & <foremost>",
        "author_name": "/b/ - Kettles",
        "author_url": f"{SITE}/b/",
        "provider_name": "Stillboard",
        "provider_url": f"{SITE}/",
        "cache_age": 86400,
    }
    assert not any(name.startswith("thumbnail") for name in embed_of(web_root, 2))


@for_each(
    ("fact", "stale"),
    [
        (PostAdded(thread=1, no=9, pages=PageRange(1, 1), quoted_threads=(4,)), []),
        (PostAdded(thread=9, no=9, pages=PageRange(1, 1)), [9]),
        (PostChanged(thread=1, no=1, pages=PageRange(1, 1)), [1]),
        (MediaReady(thread=1, no=1, pages=PageRange(1, 1)), [1]),
        (ThreadRemoved(thread=1, pages=PageRange(1, 1)), [1]),
        (ThreadRerendered(thread=1), [1]),
    ],
)
def test_only_what_changes_an_opening_makes_its_oembed_stale(fact: Fact, stale: list[int]) -> None:
    """A reply does not: each would draw a file more."""
    assert list(oembed.KIND.stale(fact)) == stale


def test_what_is_removed_is_gone_from_oembed(
    database: Database, site_loop: RenderLoop, board: Board, web_root: WebRoot
) -> None:
    site_loop.render("b")
    with database.transaction() as db:
        posts.remove_files(db, "b", 1)
    site_loop.render("b")
    assert "thumbnail_url" not in embed_of(web_root, 1)
    with database.transaction() as db:
        posts.remove(db, "b", 1)
    site_loop.render("b")
    assert web_root.read("b/res/1.oembed.json") is None


def test_site_without_an_address_tells_nothing_in_oembeds_words(
    site_loop: RenderLoop, loop: RenderLoop, board: Board, database: Database, web_root: WebRoot
) -> None:
    """Readers take whole addresses alone; nor is there a file left that nobody is told of."""
    site_loop.render("b")
    with database.transaction() as db:
        boards.ask_again(db, "b", BoardChanged())
    loop.render("b")
    assert b"oembed" not in read(web_root, "b/res/1.html")
    assert web_root.read("b/res/1.oembed.json") is None
