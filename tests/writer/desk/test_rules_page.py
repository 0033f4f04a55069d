"""Rules against spam at the desk: tried on the last day's posts, put in force, changed, removed."""

from __future__ import annotations

import html
import re

import pytest

from imageboard.spam.rules import Rule
from imageboard.staff_roles import Role
from imageboard.store import spam_rules, staff
from tests.builders import a_board, a_file, a_post
from tests.tables import for_each
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk

URL = "/mod/rules"


def rules(desk: TheDesk) -> list[Rule]:
    with desk.database.connection() as db:
        return spam_rules.all_of(db)


def tried(answer_text: str) -> str:
    """'2 of 4'"""
    found = re.search(r"Posts of the last day that it hits: (\d+ of \d+)\.", answer_text)
    assert found is not None
    return found[1]


@pytest.fixture
def owner(desk: TheDesk) -> Browser:
    """Of /tea/."""
    a_post(desk.database, a_board(desk.database, "tea"), body="a reply about tea")
    with desk.database.transaction() as db:
        staff.add(db, "ann", PASSWORD, Role.OWNER, "tea")
    browser = desk.browser()
    browser.log_in("ann")
    return browser


@pytest.mark.slow
def test_rule_is_added_changed_switched_and_removed_and_the_log_says_so(
    desk: TheDesk, admin: Browser
) -> None:
    typed = {"board": "b", "what": "Casi<no>", "action": "ban", "sentence": "Spam."}
    added = admin.send(URL, deed="add_rule", duration="3d", countries="de", **typed)
    assert added.headers["location"] == f"{URL}?done=add_rule"
    (rule,) = rules(desk)
    assert (rule.board, rule.what, rule.ban_s, rule.is_on) == ("b", "Casi<no>", 259_200, False)
    assert rule.created_by == "admin"
    page = admin.get(f"{URL}?rule={rule.id}").text
    form = dict(re.findall(r'<input type="text" id="rule-\w+" name="(\w+)" value="([^"]*)"', page))
    assert html.unescape(form["what"]) == "Casi<no>"
    assert form["countries"] == "DE"
    chosen = re.findall(r'<option value="(\w*)" selected>', page)
    assert chosen == ["b", "text", "contains", "any", "any", "any", "ban"]
    number = str(rule.id)
    admin.send(URL, deed="change_rule", rule=number, is_on="on", **typed | form)
    (changed,) = rules(desk)
    assert (changed.is_on, changed.what, changed.ban_s) == (True, "Casi&lt;no&gt;", 259_200)
    admin.send(URL, deed="switch_rule_off", rule=number)
    assert not rules(desk)[0].is_on
    admin.send(URL, deed="switch_rule_off", rule=number)
    admin.send(URL, deed="switch_rule_on", rule=number)
    assert rules(desk)[0].is_on
    admin.send(URL, deed="remove_rule", rule=number)
    assert rules(desk) == []
    logged = [(entry.staff, entry.action, entry.board, entry.detail) for entry in desk.log()]
    deeds = ("add_rule", "change_rule", "switch_rule_off", "switch_rule_on", "remove_rule")
    assert logged == [("admin", deed, "b", {"rule": rule.id}) for deed in deeds]
    assert "added a rule against spam" in admin.get("/mod/log").text
    assert admin.send(URL, deed="remove_rule", rule=number).status_code == 404


@pytest.mark.slow
def test_rule_is_tried_on_the_posts_of_a_day_and_nothing_comes_of_it(
    desk: TheDesk, admin: Browser
) -> None:
    page = admin.send(URL, deed="try_rule", what="ＴＨＲＥＡＤ", poster="new").text
    assert tried(page) == "1 of 4"
    assert "another thread" in page
    assert "that was not asked" in page
    assert 'value="ＴＨＲＥＡＤ"' in page, "what was typed is there to be sent"
    with desk.database.connection() as db:
        db.execute("UPDATE posts SET created_at = created_at - interval '25 hours' WHERE no = 4")
    assert tried(admin.send(URL, deed="try_rule", what="thread").text) == "0 of 3"
    file = a_file().sha256.hex()
    assert tried(admin.send(URL, deed="try_rule", place="sha256", way="is", what=file).text) == (
        "1 of 3"
    )
    assert tried(admin.send(URL, deed="try_rule", place="post", kind="replies").text) == "2 of 3"
    assert "alert(1)" in admin.send(URL, deed="try_rule", what="<script>").text
    assert "<script>alert" not in admin.send(URL, deed="try_rule", what="<script>").text
    assert (rules(desk), desk.log()) == ([], [])


@pytest.mark.slow
@for_each(
    ("typed", "is_too_wide"),
    [
        ({"way": "pattern", "what": "x*"}, True),
        ({"way": "pattern", "what": ".*"}, True),
        ({"way": "pattern", "what": "^"}, True),
        ({"place": "post"}, True),
        ({"place": "post", "countries": "DE"}, False),
        ({"place": "post", "kind": "threads"}, False),
        ({"what": "spam"}, False),
    ],
)
def test_rule_that_hits_whatever_is_posted_is_warned_about(
    admin: Browser, typed: dict[str, str], is_too_wide: bool
) -> None:
    page = admin.send(URL, deed="try_rule", **typed).text
    assert ("it hits nearly everything" in page) is is_too_wide


def test_rule_that_hits_every_second_post_is_warned_about(desk: TheDesk, admin: Browser) -> None:
    board = a_board(desk.database, "tea")
    for number in range(20):
        a_post(desk.database, board, body=f"tea {number % 2}")
    warned = admin.send(URL, deed="try_rule", board="tea", what="tea 1").text
    assert tried(warned) == "10 of 20"
    assert "it hits nearly everything" in warned


def test_list_says_what_narrows_a_rule(admin: Browser) -> None:
    narrowed = {"kind": "threads", "poster": "new", "countries": "fr, de"}
    admin.send(URL, deed="add_rule", what="casino")
    assert "<dt>Only</dt>" not in admin.get(URL).text
    admin.send(URL, deed="add_rule", what="casino", **narrowed)
    assert "<dt>Only</dt><dd>threads, new posters, DE, FR</dd>" in admin.get(URL).text


@pytest.mark.slow
def test_owner_makes_and_tries_rules_for_their_board_alone(
    desk: TheDesk, admin: Browser, owner: Browser
) -> None:
    for board in ("", "b"):
        admin.send(URL, deed="add_rule", board=board, what=f"secret{board}")
    assert "secret" not in owner.get(URL).text
    for board in ("", "b", "nowhere"):
        for deed in ("add_rule", "try_rule"):
            refused = owner.send(URL, deed=deed, board=board, what="x")
            assert refused.status_code in (403, 404)
            assert "Posts of the last day" not in refused.text
    assert owner.send(URL, deed="add_rule", board="tea", what="x").status_code == 303
    theirs, others = rules(desk)[-1], rules(desk)[:2]
    for other in others:
        number = str(other.id)
        for deed in ("switch_rule_on", "remove_rule"):
            assert owner.send(URL, deed=deed, rule=number).status_code == 403
        taken = owner.send(URL, deed="change_rule", rule=number, board="tea", what="mine")
        assert taken.status_code == 403
        assert owner.get(f"{URL}?rule={number}").status_code == 403
    given = owner.send(URL, deed="change_rule", rule=str(theirs.id), board="b", what="x")
    assert given.status_code == 403
    assert rules(desk) == [*others, theirs]
    page = owner.send(URL, deed="try_rule", board="tea", what="reply").text
    assert tried(page) == "1 of 1"


def test_rule_is_not_tried_on_what_was_removed(desk: TheDesk, admin: Browser) -> None:
    admin.send("/mod/b/4", deed="delete")
    admin.send("/mod/b/3", deed="delete")
    assert tried(admin.send(URL, deed="try_rule", place="post").text) == "2 of 2"


@pytest.mark.slow
def test_rule_that_makes_no_sense_is_said_and_nothing_typed_is_lost(
    desk: TheDesk, admin: Browser
) -> None:
    for deed in ("add_rule", "try_rule"):
        refused = admin.send(URL, deed=deed, way="pattern", what="(a", sentence="Mine.")
        assert refused.status_code == 400
        assert "RE2 does not take this pattern: missing ): (a." in refused.text
        assert 'value="(a"' in refused.text
        assert 'value="Mine."' in refused.text
    assert rules(desk) == []


def test_moderator_makes_no_rules(desk: TheDesk) -> None:
    browser = desk.browser()
    browser.log_in(Role.MODERATOR.value)
    assert browser.get(URL).status_code == 403
    assert browser.send(URL, deed="add_rule", what="x").status_code == 403
