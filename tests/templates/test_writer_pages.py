"""Answers to one poster: nothing typed is lost, and it is clear what to do next."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import pytest

from imageboard.captchas import ShownCaptcha
from imageboard.fields import BOX_FIELDS, POST_FIELDS, TEXT_FIELDS
from imageboard.settings import BoardSettings
from imageboard.words import Message
from templates import writer_pages
from templates.fragments import post_html
from tests.tables import for_each
from tests.templates.builders import CREATED_S, a_board, an_op
from tests.templates.parsed import elements, fields_of, parse, parse_fragment, text, with_class

TYPED = {
    **{field.name: f"A {field.name}#typed" for field in TEXT_FIELDS},
    "body": "\n  first line blank,\nsecond not",
    **{box.name: "on" for box in BOX_FIELDS},
    "spoiler3": "on",
    "nonce": "n-1",
    "user_flag": "lake",
}


RECAPTCHA = ShownCaptcha("recaptcha", "6Lc")


def refused(**values: Any) -> Element:
    filled: dict[str, Any] = {
        "sentence": Message("The comment is too long."),
        "status": 422,
        "draft": TYPED,
        "board": "b",
        "thread": 123,
        "field": "body",
    }
    return parse(writer_pages.refused_page(**filled | values))


def sent_again(page: Element) -> dict[str, str]:
    """What a browser would send when the form's first button is pressed; no file is chosen."""
    (form,) = [element for element in elements(page) if element.tag == "form"]
    (button, *_others) = [element for element in elements(form) if element.tag == "button"]
    return {button.get("name", ""): button.get("value", "")} | fields_of(form)


def test_everything_typed_is_sent_again() -> None:
    assert sent_again(refused()) == TYPED | {"board": "b", "thread": "123", "post": "New Reply"}


def test_new_thread_stays_a_new_thread() -> None:
    fields = sent_again(refused(thread=None))
    assert fields["post"] == "New Topic"
    assert "thread" not in fields


def test_reply_to_a_number_that_is_none_does_not_become_a_thread() -> None:
    fields = sent_again(refused(draft=TYPED | {"thread": "12x"}, thread=None, field="thread"))
    assert fields["thread"] == "12x"


@pytest.mark.parametrize(
    ("values", "row"),
    [
        ({"board": None, "thread": None, "field": "board"}, "board"),
        ({"field": "thread"}, "thread"),
    ],
)
def test_a_wrong_place_can_be_mended(values: dict[str, Any], row: str) -> None:
    page = refused(**values)
    (control,) = [e for e in elements(page) if e.get("name") == row]
    assert control.get("type") == "text"


@for_each("field", ["thread", *(field.name for field in POST_FIELDS if field not in BOX_FIELDS)])
def test_field_to_change_is_marked(field: str) -> None:
    settings = BoardSettings(thread_tags="Anime")
    page = refused(field=field, settings=settings, thread=123 if field == "thread" else None)
    (marked,) = [e for e in elements(page) if e.get("aria-invalid")]
    assert marked.get("name") == field
    assert "refusal" in marked.get("aria-describedby", "").split()


@for_each("field", ["user_flag", "nonce"])
def test_field_that_no_page_asks_for_can_be_copied_or_emptied(field: str) -> None:
    """Sent along unseen it would be refused for ever."""
    (row,) = [e for e in elements(refused(field=field)) if e.get("name") == field]
    assert (row.get("type"), row.get("value")) == ("text", TYPED[field])
    assert row.get("aria-invalid")


def test_file_is_asked_for_again_and_why() -> None:
    page = refused(field="file")
    (file,) = [e for e in elements(page) if e.get("type") == "file"]
    assert file.get("aria-invalid") == "true"
    assert "multiple" in file.attrib, "there may have been several"
    assert "choose them again" in text(page)


@pytest.mark.parametrize("button", ["delete", "report"])
def test_refused_action_keeps_the_chosen_posts(button: str) -> None:
    draft = {
        button: "Go",
        "delete_124": "on",
        "delete_125": "on",
        "password": "secret",
        "reason": "spam",
        "file": "on",
    }
    fields = sent_again(refused(draft=draft, thread=None, field=None))
    assert {name: fields[name] for name in draft if name != button} == {
        name: value for name, value in draft.items() if name != button
    }
    assert [name for name in fields if name in ("post", "delete", "report")] == [button]


def test_what_was_chosen_stays_chosen() -> None:
    settings = BoardSettings(thread_tags="Anime, Loop")
    page = refused(draft=TYPED | {"tag": "Loop"}, thread=None, settings=settings, field="tag")
    (select,) = [e for e in elements(page) if e.tag == "select" and e.get("name")]
    assert [(e.get("value"), "selected" in e.attrib) for e in elements(select)][1:] == [
        ("", False),
        ("Anime", False),
        ("Loop", True),
    ]
    assert (select.get("name"), select.get("aria-invalid")) == ("tag", "true")
    (tag,) = with_class(parse_fragment(post_html(a_board(), an_op(tag="<b>"), "")), "tag")
    assert tag.text == "<b>"


def test_captcha_is_shown_only_with_its_key_and_its_old_answer_is_dropped() -> None:
    draft = TYPED | {"g-recaptcha-response": "used"}
    page = refused(draft=draft, captcha=RECAPTCHA)
    assert with_class(page, "g-recaptcha")[0].get("data-sitekey") == "6Lc"
    assert "g-recaptcha-response" not in sent_again(page)
    assert not with_class(refused(), "g-recaptcha")
    deletion = refused(draft={"delete": "Delete", "delete_1": "on"}, captcha=RECAPTCHA)
    assert not with_class(deletion, "g-recaptcha"), "a deletion needs none"


@pytest.mark.parametrize(
    ("board", "thread", "url"),
    [(None, None, "/"), ("b", None, "/b/"), ("b", 123, "/b/res/123.html")],
)
def test_there_is_a_way_back(board: str | None, thread: int | None, url: str) -> None:
    page = refused(board=board, thread=thread)
    assert url in [e.get("href") for e in elements(page) if text(e) == "Back without sending"]


@pytest.mark.parametrize(
    ("expires_s", "board", "shown"),
    [
        (None, "b", ["on /b/", "does not expire"]),
        (CREATED_S + 86_400, None, ["on any board", "2026-11-25 (Wed) 06:15"]),
    ],
)
def test_the_banned_are_told_where_why_and_until_when(
    expires_s: int | None, board: str | None, shown: list[str]
) -> None:
    page = writer_pages.banned_page(
        sentence=Message("You are banned."),
        board=board,
        reason="Throwing stones",
        created_s=CREATED_S,
        expires_s=expires_s,
        ban_id=17,
    )
    for words in (*shown, "Throwing stones", "2026-11-24 (Tue) 06:15", "17"):
        assert words in text(parse(page))


@for_each("board", ["/evil.example", "b/../..", "b.c", "b\n", "", "x" * 59])
def test_what_is_no_name_of_a_board_is_never_linked_to(board: str) -> None:
    """'//evil.example/' would lead off the site."""
    page = refused(board=board, draft=TYPED | {"board": board}, thread=None, field=None)
    links = {e.get("href") for e in elements(page) if e.tag == "a"}
    assert links == {"#main", "/", "/help.html"}
    (row,) = [e for e in elements(page) if e.get("name") == "board"]
    assert row.get("value") == board


def test_done_page_leads_back() -> None:
    page = parse(
        writer_pages.done_page(
            title=Message("Reported"), sentence=Message("Thanks."), back_url="/b/"
        )
    )
    assert with_class(page, "button")[0].get("href") == "/b/"
