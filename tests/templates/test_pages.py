"""What holds for every page, and what each kind shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from imageboard.captchas import ShownCaptcha
from imageboard.fields import LABELS, POST_FIELDS
from imageboard.foreign_fields import refuse_untaken
from templates import Site, pages
from templates.assets import asset_url
from templates.engine import environment
from tests.tables import for_each
from tests.templates.builders import a_board, a_file, a_post, a_site, a_thread, an_about, an_op
from tests.templates.parsed import elements, parse, shape, text, with_class
from tests.templates.sample_pages import KINDS, every_page

each_kind = for_each("kind", KINDS)


@cache
def parsed(kind: str) -> Element:
    """The page as parsed: strictly, so a parse error fails every test that asks for it."""
    return parse(every_page()[kind])


@pytest.mark.slow
def test_every_kind_of_page_has_a_sample() -> None:
    assert set(every_page()) == set(KINDS)


@each_kind
def test_page_is_as_its_golden_file_has_it(kind: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{kind}.html", every_page()[kind])


@each_kind
def test_page_is_whole(kind: str) -> None:
    assert every_page()[kind].startswith("<!DOCTYPE html>\n<html")
    assert every_page()[kind].endswith("</html>\n")


@pytest.mark.slow
def test_the_same_bytes_come_out_each_time() -> None:
    once = every_page()
    environment.cache_clear()
    every_page.cache_clear()
    again = every_page()
    assert [kind for kind in KINDS if again[kind] != once[kind]] == []


@pytest.mark.slow
@each_kind
def test_nothing_inline_that_a_strict_policy_would_block(kind: str) -> None:
    page = parsed(kind)
    for element in elements(page):
        assert element.tag != "style"
        assert "style" not in element.attrib
        assert not [name for name in element.attrib if name.startswith("on")]
        assert not element.get("href", "").lower().startswith("javascript:")
    # One of text is never run, and holds none.
    scripts = [
        element.get("src")
        for element in elements(page)
        if element.tag == "script" and (element.get("type") != "text/plain" or text(element))
    ]
    of_captcha = {
        "board_empty": asset_url("scripts/typed_captcha.js"),
        "refused_thread": asset_url("scripts/altcha.js"),
        "refused_reply": "https://www.google.com/recaptcha/api.js",
        "preview": "https://www.google.com/recaptcha/api.js",
    }
    of_all = [asset_url("scripts/theme.js"), asset_url("scripts/start.js")]
    assert scripts == of_all + ([of_captcha[kind]] if kind in of_captcha else [])


@each_kind
def test_ids_are_unique_and_what_refers_to_them_finds_them(kind: str) -> None:
    page = parsed(kind)
    ids = Counter(element.get("id") for element in elements(page) if "id" in element.attrib)
    assert [name for name, count in ids.items() if count > 1] == []
    for element in elements(page):
        for attribute in ("for", "form", "aria-labelledby", "aria-describedby"):
            assert set(element.get(attribute, "").split()) <= ids.keys()


@each_kind
def test_every_image_has_its_size_and_an_alternative(kind: str) -> None:
    page = parsed(kind)
    for image in elements(page):
        if image.tag == "img":
            assert image.get("width", "").isdigit()
            assert image.get("height", "").isdigit()
            assert "alt" in image.attrib
            assert image.get("decoding") == "async"


@each_kind
def test_every_control_has_a_label(kind: str) -> None:
    page = parsed(kind)
    labelled = {element.get("for") for element in elements(page) if "for" in element.attrib}
    wrapped = {
        control
        for label in elements(page)
        if label.tag == "label"
        for control in elements(label)
        if control.tag == "input"
    }
    for control in elements(page):
        if control.tag in ("input", "textarea") and control.get("type") != "hidden":
            assert (
                control.get("id") in labelled or control in wrapped or control.get("aria-label")
            ), control.attrib


@each_kind
def test_landmarks_and_language_are_there(kind: str) -> None:
    page = parsed(kind)
    tags = Counter(element.tag for element in elements(page))
    assert page.get("lang") == "en"
    assert tags["main"] == tags["h1"] == tags["title"] == 1
    assert tags["nav"] >= 1
    assert with_class(page, "skip")[0].get("href") == "#main"


#: For one reader, or at no address of its own.
NOT_TO_BE_FOUND = {
    *("not_found", "refused_thread", "refused_reply", "refused_delete", "refused_report"),
    *("preview", "banned", "failed", "done", "settings"),
}


@each_kind
def test_search_engines_are_told_what_a_page_is_or_to_leave_it_out(kind: str) -> None:
    page = parsed(kind)
    told = {e.get("name"): e.get("content", "") for e in elements(page) if e.tag == "meta"}
    if kind in NOT_TO_BE_FOUND:
        assert told["robots"] == "noindex"
    else:
        assert "robots" not in told
        assert 10 < len(told["description"]) <= 200


def canonical(page: Element) -> list[str | None]:
    return [e.get("href") for e in elements(page) if e.get("rel") == "canonical"]


@each_kind
def test_page_names_its_one_address_where_the_site_knows_its_own(kind: str) -> None:
    page = parsed(kind)
    found = canonical(page)
    assert len(found) == (kind not in NOT_TO_BE_FOUND)
    assert all(url and url.startswith("https://board.example/") for url in found)


def test_page_of_a_site_that_does_not_know_its_address_names_none() -> None:
    site, board = a_site(url=""), a_board()
    frame = pages.thread_tail_frame(site, board, a_thread(replies=120), an_about(), 70)
    drawn = [
        b"".join(frame),
        pages.board_page(site, board, [], 1, 1),
        pages.catalog_page(site, board, []),
        pages.front_page(site, [], []),
        pages.news_page(site, None, "/news.html", []),
    ]
    assert [canonical(parse(page)) for page in drawn] == [[]] * 5
    assert '<meta name="robots" content="noindex">' in drawn[0].decode(), "the whole is found"


@each_kind
def test_every_page_leads_to_the_one_that_says_how_to_post(kind: str) -> None:
    page = parsed(kind)
    (footer,) = [
        e for e in elements(page) if e.tag == "footer" and "colophon" in e.get("class", "")
    ]
    assert "/help.html" in [e.get("href") for e in elements(footer)]


@each_kind
def test_headings_leave_no_level_out(kind: str) -> None:
    page = parsed(kind)
    levels = [int(e.tag[1]) for e in elements(page) if re.fullmatch(r"h[1-6]", e.tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea></title></form><h1>",
    "{{ 7 * 7 }}{% raw %}",
    "<gap>",
    "<!-- --><![CDATA[ ]]>",
    "javascript:alert(1)",
    "&lt;b&gt; &amp;amp;",
    "\u2067שלום\u2069 🚤",
)


@pytest.mark.slow
@for_each("words", HOSTILE)
def test_hostile_text_stays_text(words: str) -> None:
    """In no field can text become an element or an attribute."""
    for kind, page in every_page(words).items():
        assert shape(parse(page)) == shape(parse(every_page()[kind])), kind
    assert words in text(parse(every_page(words)["thread"]))


@pytest.mark.slow
@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40))
def test_no_text_at_all_changes_the_shape_of_a_thread(words: str) -> None:
    board = a_board(title=words, anonymous_name=words)
    frame = pages.thread_frame(a_site(board), board, a_thread(), an_about(words))
    calm = pages.thread_frame(a_site(a_board()), a_board(), a_thread(), an_about("still"))
    assert shape(parse(b"".join(frame))) == shape(parse(b"".join(calm)))


# --- threads ---


def test_frame_and_posts_make_the_page() -> None:
    before, after = pages.thread_frame(a_site(), a_board(), a_thread(), an_about())
    assert before.startswith(b"<!DOCTYPE html>")
    assert before.endswith(b"</header>\n")
    assert after.startswith(b"</section>")


@pytest.mark.parametrize(("replies", "expected"), [(99, False), (100, True)])
def test_long_thread_links_to_its_last_posts(replies: int, expected: bool) -> None:
    frame = pages.thread_frame(a_site(), a_board(), a_thread(replies=replies), an_about())
    assert ("/b/res/123+50.html" in b"".join(frame).decode()) is expected


def test_tail_leads_to_the_whole_thread_and_names_it_as_the_original() -> None:
    frame = pages.thread_tail_frame(a_site(), a_board(), a_thread(replies=120), an_about(), 70)
    page = b"".join(frame).decode()
    assert '<link rel="canonical" href="https://board.example/b/res/123.html">' in page
    assert "70 replies are not shown here" in page


def heading(page: Element, level: str) -> str:
    return next(text(element) for element in elements(page) if element.tag == level)


def test_thread_is_headed_by_its_subject_and_one_without_by_its_number() -> None:
    """On its own page, on those of its board and among several boards."""
    assert heading(parse(every_page()["thread"]), "h2") == "still water"
    assert heading(parse(every_page()["board"]), "h2") == "still water"
    assert heading(parse(every_page()["overboard"]), "h2") == "/b/ still water"
    about = an_about()._replace(subject=None)
    frame = pages.thread_frame(a_site(), a_board(), a_thread(), about)
    assert heading(parse(b"".join(frame)), "h2") == "Thread 123"


def links(page: Element, label: str) -> dict[str, str]:
    """{text: address} of the list of links that is labelled so."""
    (nav,) = [e for e in elements(page) if e.tag == "nav" and e.get("aria-label") == label]
    return {text(link): link.get("href", "") for link in elements(nav) if link.tag == "a"}


def test_thread_can_be_replied_to_and_updated_from_its_top_and_below_its_last_post() -> None:
    page = parse(every_page()["thread"])
    wanted = {"Reply": "#reply", "Update": "/b/res/123.html"}
    for label in ("Thread", "Thread, below its posts"):
        assert wanted.items() <= links(page, label).items()
    tail = links(parse(every_page()["thread_tail"]), "Thread")
    assert tail["Update"] == "/b/res/123+50.html"
    assert "Reply" not in links(parse(every_page()["thread_locked"]), "Thread")


def test_bottom_of_a_page_is_below_its_last_post_and_above_its_forms() -> None:
    for kind in ("thread", "board"):
        order = [e.get("id") or e.get("name") for e in elements(parse(every_page()[kind]))]
        place = order.index("bottom")
        assert max(order.index("126"), order.index("123")) < place < order.index("post-actions")
    order = [e.get("id") for e in elements(parse(every_page()["thread"]))]
    assert order.index("bottom") < order.index("reply")


def test_skip_links_lead_to_the_posts_and_to_the_form() -> None:
    targets = {
        kind: [link.get("href") for link in with_class(parse(every_page()[kind]), "skip")]
        for kind in ("thread", "thread_locked", "board", "catalog")
    }
    assert targets == {
        "thread": ["#main", "#thread_123", "#reply"],
        "thread_locked": ["#main", "#thread_123"],
        "board": ["#main", "#threads", "#new-thread"],
        "catalog": ["#main"],
    }


def test_every_page_of_a_board_leads_to_all_the_others() -> None:
    """One list for all, in which the page that is shown is marked."""
    board = a_board(archive_days=30, search=True)
    frame = pages.thread_frame(a_site(), board, a_thread(), an_about())
    drawn: dict[str, str | bytes] = {
        "Thread": b"".join(frame),
        "Index": pages.board_page(a_site(), board, [], 1, 1),
        "Catalog": pages.catalog_page(a_site(), board, []),
        "Archive": pages.archive(a_site(), board, []),
        "Month": pages.archive_page(a_site(), board, "2026-11", []),
        "Rules": pages.written_page(a_site(), board, "Rules", "/b/rules.html", Markup(), 0),
        "News": pages.news_page(a_site(), board, "/b/news.html", []),
    }
    wanted = {
        "Index": "/b/",
        "Catalog": "/b/catalog.html",
        "Archive": "/b/archive/",
        "Search": "/b/search",
    }
    for name, page in drawn.items():
        label = "Thread" if name == "Thread" else "Board"
        assert wanted.items() <= links(parse(page), label).items(), name
        current = [text(e) for e in elements(parse(page)) if e.get("aria-current") == "page"]
        assert current[:1] == ([name] if name in wanted else []), name


def test_pages_of_several_boards_lead_to_the_front_page_and_to_each_other() -> None:
    wanted = {
        "Front page": "/",
        "Index": "/overboard/",
        "Catalog": "/overboard/catalog.html",
        "Bottom": "#bottom",
    }
    for kind in ("overboard", "overboard_catalog"):
        assert links(parse(every_page()[kind]), "Board") == wanted


@pytest.mark.parametrize(
    ("settings", "thread", "notice"),
    [
        ({}, {}, None),
        ({}, {"is_locked": True}, "locked"),
        ({"reply_limit": 2}, {"replies": 2}, "it has 2 replies"),
        ({"reply_limit": 2}, {"replies": 1}, None),
    ],
)
def test_thread_that_takes_no_reply_shows_a_notice_and_no_form(
    settings: dict[str, Any], thread: dict[str, Any], notice: str | None
) -> None:
    frame = pages.thread_frame(a_site(), a_board(**settings), a_thread(**thread), an_about())
    page = parse(b"".join(frame))
    assert bool(with_class(page, "post-form")) is (notice is None)
    if notice:
        assert notice in text(with_class(page, "notice")[0])


# --- forms ---


def controls(page: Element, form_class: str) -> dict[str, Element]:
    """{name: control} of the form, those that belong to it by form="…" included."""
    form = with_class(page, form_class)[0]
    inside = set(form.iter())
    return {
        control.get("name", ""): control
        for control in elements(page)
        if control.tag in ("input", "textarea", "select", "button")
        and (control in inside or control.get("form", "?") == form.get("id"))
    }


def test_post_form_has_vichans_fields() -> None:
    form = controls(parse(every_page()["thread"]), "post-form")
    texts = {"board", "thread", "name", "email", "subject", "body", "password"}
    assert texts | {"file", "file2", "file3", "spoiler", "post"} <= form.keys()
    assert form["post"].get("value") == "New Reply"
    assert form["body"].get("maxlength") == "4000"


def test_field_that_catches_robots_is_seen_by_nobody_and_reached_by_no_key() -> None:
    board = a_board(form_trap=True)
    page = parse(pages.board_page(a_site(), board, [], 1, 1))
    (form,) = with_class(page, "post-form")
    (around,) = [each for each in elements(form) if each.get("hidden") is not None]
    (trap,) = [each for each in elements(around) if each.get("name") == "homepage"]
    assert around.get("class") is None, "no rule of a style sheet shows it again"
    assert (trap.get("tabindex"), trap.get("autocomplete")) == ("-1", "off")
    assert 'name="homepage"' not in every_page()["board"]


@pytest.mark.parametrize("name", ["post", "postcontrols"])
def test_scripts_for_vichan_find_the_forms_by_their_first_attribute(name: str) -> None:
    assert f'<form name="{name}"' in every_page()["thread"]
    assert f'<form name="{name}"' in every_page()["board"]


def test_forms_of_a_board_with_a_captcha_hold_its_widget() -> None:
    """The same for every reader; without one nothing of anybody else is loaded."""
    site = replace(a_site(), captcha=ShownCaptcha("recaptcha", "6Lc"))
    board = a_board()
    thread = b"".join(pages.thread_frame(site, board, a_thread(), an_about("Title")))
    for drawn in (thread, pages.board_page(site, board, [], 1, 1)):
        page = parse(drawn)
        (form,) = with_class(page, "post-form")
        (widget,) = with_class(form, "g-recaptcha")
        assert widget.get("data-sitekey") == "6Lc"
        (script,) = [e for e in elements(form) if e.tag == "script"]
        assert script.get("src") == "https://www.google.com/recaptcha/api.js"
    assert not with_class(parse(pages.board_page(a_site(), board, [], 1, 1)), "g-recaptcha")


def test_refusals_name_a_field_as_its_label_does() -> None:
    """'The comment is too long', not 'The body is too long'."""
    pages_with_forms = (
        every_page()["thread"],
        every_page()["refused_reply"],
        every_page()["refused_report"],
    )
    for page in map(parse, pages_with_forms):
        names = {e.get("id"): e.get("name", "") for e in elements(page) if e.get("id")}
        for shown in elements(page):
            name = names.get(shown.get("for"), "")
            if name in LABELS and name != "file":
                assert text(shown) == LABELS[name].said()


def test_posting_form_holds_every_field_of_a_post_in_its_order() -> None:
    shown = {"country_flags": "on", "thread_tags": "Anime", "user_flags": "lake"}
    board = a_board(files_max=1, file_names="asked", **shown)
    form = controls(parse(pages.board_page(a_site(), board, [], 1, 1)), "post-form")
    assert list(form) == ["board", *(field.name for field in POST_FIELDS), "post", "preview"]


@pytest.mark.parametrize("kind", ["thread", "board", "refused_thread", "refused_reply"])
def test_form_asks_for_no_field_that_the_board_does_not_take(kind: str) -> None:
    """Apps for vichan send along whatever fields they find in it."""
    form = controls(parse(every_page()[kind]), "post-form")
    refuse_untaken({name: "x" for name in form if "file" not in name}, unknown_too=True)


def test_new_thread_form_asks_for_what_the_board_needs() -> None:
    needs: dict[str, Any] = dict.fromkeys(
        ("thread_needs_file", "thread_needs_body", "thread_needs_subject"), True
    )
    page = parse(pages.board_page(a_site(), a_board(**needs), [], 1, 1))
    form = controls(page, "post-form")
    assert "thread" not in form
    assert form["post"].get("value") == "New Topic"
    assert {name for name, control in form.items() if "required" in control.attrib} == {
        "file",
        "body",
        "subject",
    }


def test_files_are_chosen_together_or_one_by_one_as_many_as_the_board_takes() -> None:
    """The form stays as long as it is for one file: what else there is is folded away."""
    form = controls(parse(every_page()["thread"]), "post-form")
    assert "multiple" in form["file"].attrib
    (apart,) = with_class(parse(every_page()["thread"]), "files-apart")
    assert (apart.tag, apart.get("open")) == ("details", None)
    inside = {element.get("name") for element in elements(apart)} - {None}
    hidden, described = {"spoiler1", "spoiler2", "spoiler3"}, {"file_alt", "file_alt2", "file_alt3"}
    assert inside == {"file2", "file3"} | hidden | described
    page = parse(pages.board_page(a_site(), a_board(files_max=1), [], 1, 1))
    assert "multiple" not in controls(page, "post-form")["file"].attrib
    (apart,) = with_class(page, "files-apart")
    assert {element.get("name") for element in elements(apart)} - {None} == {"file_alt"}


def test_text_board_takes_no_file() -> None:
    form = controls(parse(pages.board_page(a_site(), a_board(files_max=0), [], 1, 1)), "post-form")
    assert not {"file", "spoiler"} & form.keys()


def test_every_post_can_be_chosen_for_deleting_and_reporting() -> None:
    form = controls(parse(every_page()["thread"]), "post-actions")
    assert {"delete_123", "delete_124", "delete_125", "delete_126"} < form.keys()
    assert {"board", "password", "file", "delete", "reason", "report"} < form.keys()


def test_form_of_a_thread_says_from_where_it_was_sent() -> None:
    """So that a refusal leads back to the boxes."""
    assert controls(parse(every_page()["thread"]), "post-actions")["thread"].get("value") == "123"
    assert "thread" not in controls(parse(every_page()["board"]), "post-actions")


def test_each_file_can_be_chosen_where_there_are_several() -> None:
    form = controls(parse(every_page()["thread"]), "post-actions")
    of_files = {name for name in form if name.startswith("delete_") and name.count("_") > 1}
    assert of_files == {"delete_125_1", "delete_125_2"}, "the third is gone, 123 has one"


# --- boards, catalog, front page ---


def test_board_page_says_what_it_leaves_out() -> None:
    assert "12 replies and 1 image not shown" in text(parse(every_page()["board"]))


def test_board_page_lists_all_pages_and_marks_its_own() -> None:
    page = parse(every_page()["board"])
    listed = with_class(page, "pages")[0]
    links = [link for link in elements(listed) if link.tag == "a"]
    assert [link.get("href") for link in links] == [
        "/b/",
        "/b/",
        "/b/2.html",
        "/b/3.html",
        "/b/3.html",
    ]
    assert [text(link) for link in links if link.get("aria-current")] == ["2"]


def test_catalog_hides_a_spoiler_and_skips_what_has_no_picture() -> None:
    no_thumb = dict.fromkeys(("thumb_extension", "thumb_width", "thumb_height"))
    ops = [
        an_op(files=(a_file(is_spoiler=True),)),
        an_op(files=(a_file(is_removed=True), a_file(tim="1795500950999"))),
        an_op(files=(a_file(is_removed=True),)),
        an_op(files=(a_file(is_pending=True), a_file(**no_thumb))),
    ]
    tiles = [pages.Tile(a_thread(no=no), op, "") for no, op in enumerate(ops, start=1)]
    page = parse(pages.catalog_page(a_site(), a_board(), tiles))
    pictures = [e.get("src", "") for e in elements(page) if e.tag == "img"]
    assert len(pictures) == 2
    assert pictures[0].startswith("/assets/spoiler.")
    assert pictures[1] == "/b/thumb/1795500950999.webp"


@pytest.mark.parametrize("kind_of_empty", ["front", "board", "catalog"])
def test_empty_places_say_so(kind_of_empty: str) -> None:
    page = {
        "front": pages.front_page(Site("Stillboard", ()), [], []),
        "board": pages.board_page(a_site(), a_board(), [], 1, 1),
        "catalog": pages.catalog_page(a_site(), a_board(), []),
    }[kind_of_empty]
    assert with_class(parse(page), "notice")


@pytest.mark.parametrize(
    ("boards", "leads_there"),
    [
        ({"b": "none", "tea": "without_names"}, True),
        ({"b": "none"}, False),
        ({"b": "with_names", "log": "with_names"}, False),
        ({}, False),
    ],
)
def test_front_page_leads_to_the_log_where_the_site_has_one(
    boards: dict[str, str], *, leads_there: bool
) -> None:
    counts = [
        pages.BoardCount(a_board(name, public_log=public_log), 0, 0)
        for name, public_log in boards.items()
    ]
    page = pages.front_page(a_site(), counts, []).decode()
    assert ('<a href="/log/">Log</a>' in page) is leads_there


def test_front_page_greets_who_comes_in_the_operator_s_words_or_in_ours() -> None:
    ours = "Welcome! Choose a board"
    assert ours in pages.front_page(a_site(), [], []).decode()
    theirs = pages.FrontNotices([Markup("<p>Come in.</p>\n")])
    page = pages.front_page(a_site(), [], [], theirs).decode()
    assert "Come in." in page
    assert ours not in page


def test_recent_post_links_to_itself_in_its_thread() -> None:
    post = a_post()
    line = pages.RecentLine("b", post.no, post.thread, post.created_s, None, "Still")
    assert 'href="/b/res/123.html#124"' in pages.front_page(a_site(), [], [line]).decode()
