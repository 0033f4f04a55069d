"""How pages look: dense for a regular, within every screen, usable by all, and nothing moves."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import brotli
import pytest

from imageboard.themes import THEMES
from templates.assets import assets
from tests.browser import shown_pages
from tests.browser.looks import (
    DESKTOP,
    FAINT,
    FAULTS,
    LARGE_LETTERS,
    PHONE,
    PRESSED_PX,
    SCREENS,
    TOO_SMALL,
    TOO_WIDE,
    WEAR,
    a_page,
    schemes,
    take_axe,
)
from tests.browser.visits import begun, expect, pictures_there
from tests.tables import for_each

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytestmark = pytest.mark.browser

FIRST_VISIT_BYTES_MAX = 60 * 1024
#: All that pages are made of is on one of these.
WHOLE = (
    "thread",
    "marked_thread",
    "board",
    "catalog",
    "front",
    "refused_thread",
    "search",
    "desk_post",
)
#: What regulars see: long, and of the same parts.
BUSY = ("busy_thread", "busy_board", "busy_catalog", "busy_front")
#: Where scripts add what is to be seen: pages are looked at once it is there.
SCRIPTED = ("thread", "marked_thread", "board", "catalog", "settings", *BUSY)

#: Pages may be read before their sheets are there.
DRESSED = """() =>
    [...document.querySelectorAll("link[rel=stylesheet]")].every(link => link.sheet)"""
#: Two frames later all is drawn, and told of.
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
#: Where every post, tile and picture stands, and how large it is.
PLACES = """[...document.querySelectorAll(".post, .tile, main img, main video, .recent li")].map(
    element => JSON.stringify(element.getBoundingClientRect()))"""


def test_a_regular_sees_five_posts_at_once(chromium: Browser) -> None:
    """Fifty replies, ten of them with a picture: whole posts on the first screen and on others."""
    whole = """[...document.querySelectorAll(".post")].filter(post => {
        const box = post.getBoundingClientRect();
        return box.top >= 0 && box.bottom <= innerHeight; }).length"""
    with a_page(chromium, **DESKTOP) as page:
        page.goto(shown_pages.address("busy_thread"))
        assert page.evaluate(whole) >= 5
        screens = []
        for top in range(800, 4800, 400):
            page.evaluate(f"scrollTo(0, {top})")
            page.evaluate(DRAWN)
            screens.append(page.evaluate(whole))
        assert sum(screens) / len(screens) >= 6


@for_each("kind", ["busy_thread", "busy_board", "busy_catalog", "busy_front"])
def test_a_first_visit_loads_little_besides_the_page(chromium: Browser, kind: str) -> None:
    """All sheets and scripts together, with every habit that is on for a newcomer."""
    by_url = {shown_pages.SITE_URL + asset.url: asset for asset in assets().values()}
    loaded: set[str] = set()
    with a_page(chromium) as page:
        page.on("request", lambda request: loaded.add(request.url))
        page.goto(shown_pages.address(kind))
        begun(page)
        page.wait_for_load_state("networkidle")
    found = [by_url[url] for url in loaded if url in by_url]
    assert len(found) > 20, "no script has begun"
    sent = {each.name: len(brotli.compress(each.body)) for each in found if each.name[-3:] != "svg"}
    assert sum(sent.values()) <= FIRST_VISIT_BYTES_MAX, sent


@pytest.mark.node
def test_every_page_fits_a_phone_and_keeps_to_wcag(chromium: Browser) -> None:
    """Each in another theme; and with letters twice as large, or on a wide screen, it fits too."""
    with a_page(chromium, **PHONE) as page:
        for kind, theme in zip(shown_pages.every_page(), cycle(THEMES), strict=False):
            page.set_viewport_size(PHONE["viewport"])
            page.emulate_media(color_scheme="dark" if theme.dark else "light")
            page.goto(shown_pages.address(kind))
            if kind in SCRIPTED:
                begun(page)
            page.evaluate(WEAR, theme.name)
            assert page.evaluate(TOO_WIDE) == [], kind
            assert page.evaluate(TOO_SMALL, PRESSED_PX["phone"]) == [], kind
            if not kind.startswith("busy"):
                take_axe(page)
                assert page.evaluate(FAULTS) == [], (kind, theme.name)
                assert page.evaluate(FAINT) == [], (kind, theme.name)
            page.evaluate(LARGE_LETTERS)
            assert page.evaluate(TOO_WIDE) == [], f"{kind}, letters twice as large"
            page.set_viewport_size(DESKTOP["viewport"])
            assert page.evaluate(TOO_WIDE) == [], f"{kind}, letters twice as large, and wide"


@pytest.mark.node
def test_what_pages_are_made_of_fits_a_desktop_and_can_be_read_in_every_theme(
    chromium: Browser,
) -> None:
    """And keeps to WCAG there; `python -m tests.browser.look_everywhere` shows it all pages."""
    with a_page(chromium, **DESKTOP) as page:
        for kind in (*WHOLE, *BUSY):
            page.goto(shown_pages.address(kind))
            if kind in SCRIPTED:
                begun(page)
            assert page.evaluate(TOO_WIDE) == [], kind
            assert page.evaluate(TOO_SMALL, PRESSED_PX["desktop"]) == [], kind
            if kind in WHOLE:
                take_axe(page)
                assert page.evaluate(FAULTS) == [], kind
                for theme in THEMES:
                    for scheme in schemes(theme):
                        page.emulate_media(color_scheme=scheme)
                        page.evaluate(WEAR, theme.name)
                        assert page.evaluate(FAINT) == [], (kind, theme.name, scheme)
            page.evaluate(LARGE_LETTERS)
            assert page.evaluate(TOO_WIDE) == [], f"{kind}, letters twice as large"


@for_each("screen", SCREENS)
def test_nothing_moves_when_pictures_come(chromium: Browser, screen: str) -> None:
    with a_page(chromium, **SCREENS[screen]) as page:
        held: list[Route] = []

        def come(route: Route) -> None:
            if is_held and route.request.resource_type == "image":
                held.append(route)
            else:
                route.continue_()

        page.route("**/*", come)
        # What a script changes is its own to answer for.
        page.route("**/*.js", lambda route: route.abort())
        for kind in ("busy_thread", "busy_board", "busy_catalog", "busy_front", "marked_thread"):
            is_held = True
            page.goto(shown_pages.address(kind), wait_until="domcontentloaded")
            page.wait_for_function(DRESSED)
            page.evaluate("document.querySelectorAll('img').forEach(i => { i.loading = 'eager'; })")
            page.evaluate(DRAWN)
            before = page.evaluate(PLACES)
            is_held = False
            while held:
                held.pop().continue_()
            pictures_there(page)
            assert page.evaluate(PLACES) == before, kind


#: Of each picture: the colour of its place, and by how much that is larger than what comes there.
SPARE = """() => [...document.querySelectorAll("img:is(.post-image, .tile-image, .recent-picture)")]
    .filter((img) => /thumb/.test(img.src))
    .map((img) => {
        const [width, height] = ["width", "height"].map((side) => Number(img.getAttribute(side)));
        const scale = Math.min(img.clientWidth / width, img.clientHeight / height);
        const spare = Math.max(img.clientWidth - scale * width, img.clientHeight - scale * height);
        const box = `${img.clientWidth} x ${img.clientHeight} of ${width} x ${height}`;
        return [getComputedStyle(img).backgroundColor, Math.round(spare), box];
    })"""


@for_each("screen", SCREENS)
def test_a_colour_stands_in_a_pictures_place_and_not_beside_it(
    chromium: Browser, screen: str
) -> None:
    with a_page(chromium, **SCREENS[screen]) as page:
        page.route("**/thumb/*", lambda route: None)
        for kind in ("busy_thread", "busy_catalog", "busy_front"):
            page.goto(shown_pages.address(kind), wait_until="commit")
            page.wait_for_function("() => document.readyState !== 'loading'")
            page.wait_for_function(DRESSED)
            page.evaluate(DRAWN)
            places = page.evaluate(SPARE)
            assert {colour for colour, *_ in places} == {"rgb(112, 144, 144)"}, kind
            # A box that is nearly a square is cut on both sides.
            assert [place for place in places if place[1] > 12] == [], kind


@for_each("screen", SCREENS)
def test_a_thumbnail_of_510_pixels_is_sharp_on_a_dense_screen(
    chromium: Browser, screen: str
) -> None:
    """The sheet shows it at half its size at most, so one file does for all screens."""
    with a_page(chromium, **SCREENS[screen]) as page:
        page.goto(shown_pages.address("busy_thread"))
        for place in ("article.op", "article.reply"):
            picture = page.locator(f"{place} img.post-image").first
            picture.evaluate("(img) => { img.width = 510; img.height = 383; }")
            assert 100 < picture.evaluate("(img) => img.clientWidth") <= 510 / 2 + 1


#: What has moved by itself since: 'DIV.body from 12,368 291x200 to 12,387 291x180'.
WATCH = """() => {
    const box = ({x, y, width, height}) => `${x},${y} ${width}x${height}`;
    const told = ({node, previousRect, currentRect}) =>
        `${node?.nodeName}.${node?.className} from ${box(previousRect)} to ${box(currentRect)}`;
    const found = [];
    const note = (entries) => found.push(...entries.flatMap((entry) => entry.sources.map(told)));
    const observer = new PerformanceObserver((list) => note(list.getEntries()));
    observer.observe({type: "layout-shift"});
    window.moved = () => { note(observer.takeRecords()); return found; };
}"""


@for_each("screen", SCREENS)
def test_nothing_moves_when_scripts_begin(chromium: Browser, screen: str) -> None:
    """Each thing that they add has its place: buttons, times, bars. Marks on links have none."""
    with a_page(chromium, **SCREENS[screen]) as page:
        held: list[Route] = []
        page.route("**/scripts/start.*.js", lambda route: held.append(route))
        for kind in (
            "busy_thread",
            "busy_catalog",
            "board",
            "archive_page",
            "busy_front",
            "settings",
        ):
            # What moves while the page is still being read is none of theirs.
            with page.expect_request("**/scripts/start.*.js"):
                page.goto(shown_pages.address(kind), wait_until="commit")
            page.wait_for_function("() => document.readyState !== 'loading'")
            page.wait_for_function(DRESSED)
            page.evaluate(DRAWN)
            page.evaluate(WATCH)
            held.pop().continue_()
            page.wait_for_load_state("networkidle")
            begun(page)
            page.evaluate(DRAWN)
            assert page.evaluate("moved()") == [], kind


def test_what_is_far_from_the_screen_is_not_laid_out(chromium: Browser) -> None:
    """And a link to it shows it, where it belongs."""
    drawn = "post => post.querySelector('.body').checkVisibility({contentVisibilityAuto: true})"
    is_drawn = "field => field.checkVisibility({contentVisibilityAuto: true})"
    groups = """groups => groups.map(
        (group) => group.firstElementChild.checkVisibility({contentVisibilityAuto: true}))"""
    with a_page(chromium, **DESKTOP) as page:
        page.goto(shown_pages.address("busy_thread"))
        page.evaluate(DRAWN)
        posts = page.locator("article.reply")
        far = posts.nth(36)
        assert posts.first.evaluate(drawn)
        assert not far.evaluate(drawn)
        # Neither is all of a group looked at one by one; the last ones are, for who goes there.
        is_near = [*[True] * 2, *[False] * 3, *[True] * 2]
        assert page.locator(".posts").evaluate_all(groups) == is_near
        assert not posts.last.evaluate(drawn)
        fields = [page.get_by_label("Comment"), page.get_by_label("Reason")]
        assert [field.evaluate(is_drawn) for field in fields] == [False, False]
        page.evaluate("no => { location.hash = no; }", far.get_attribute("id"))
        expect(far).to_be_in_viewport(ratio=1)
        page.evaluate(DRAWN)
        assert far.evaluate(drawn)
        assert not posts.nth(12).evaluate(drawn)


@for_each("screen", SCREENS)
@for_each("place", ["bottom", "reply"])
def test_a_link_below_the_posts_leads_to_where_it_stays(
    chromium: Browser, place: str, screen: str
) -> None:
    """The last posts have their height before it is followed, not once they come into sight."""
    top = "place => document.getElementById(place).getBoundingClientRect().top"
    with a_page(chromium, **SCREENS[screen]) as page:
        page.goto(shown_pages.address("busy_thread"))
        begun(page)
        page.evaluate(DRAWN)
        followed = page.evaluate(
            f"place => {{ location.hash = place; return ({top})(place); }}", place
        )
        page.evaluate(DRAWN)
        assert abs(page.evaluate(top, place) - followed) < 1


def test_a_thumb_on_a_tick_hits_it_whatever_stands_below(chromium: Browser) -> None:
    """Number and ID are as high as a thumb, and may be the first of the line below."""
    is_hit = """tick => {
        const {x, y, width, height} = tick.getBoundingClientRect();
        return document.elementFromPoint(x + width / 2, y + height / 2) === tick;
    }"""
    with a_page(chromium, **PHONE) as page:
        page.goto(shown_pages.address("busy_thread"))
        begun(page)
        assert page.locator(".poster_id[role=button]").count() > 10
        tick = page.locator(".delete").nth(4)
        for width in range(320, 500, 10):
            page.set_viewport_size({"width": width, "height": 568})
            tick.evaluate("tick => tick.scrollIntoView({block: 'center'})")
            page.evaluate(DRAWN)
            assert tick.evaluate(is_hit), width


def test_menu_of_a_post_hangs_over_the_end_of_its_group(chromium: Browser) -> None:
    at_top = """item => {
        const {x, y, width, height} = item.getBoundingClientRect();
        return item.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    }"""
    with a_page(chromium, **DESKTOP) as page:
        page.goto(shown_pages.address("busy_thread"))
        begun(page)
        last = page.locator(".posts").first.locator("article.reply").last
        last.evaluate("post => post.scrollIntoView({block: 'center'})")
        last.locator(".post-menu-button").click()
        items = page.get_by_role("menuitem")
        assert items.last.evaluate("item => item.closest('.posts') !== null")
        assert items.evaluate_all(f"items => items.map({at_top})") == [True] * items.count()
        # It is over, and its group is one to be left out again.
        page.keyboard.press("Escape")
        expect(items).to_have_count(0)
        assert page.locator(".has-menu").count() == 0
