"""Rules against spam, in force: what becomes of a post that they hit, and what of its poster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from falcon import testing

from imageboard.errors import StoreUnavailable
from imageboard.file_bans import BannedFile, NewFileBan
from imageboard.old_boards import OldBoard
from imageboard.spam.known_files import Marks
from imageboard.spam.rules import NewRule
from imageboard.store import bans, file_bans, held, moderation_log, old_boards, spam_rules
from imageboard.store.database import Database
from imageboard.tripcodes import Salt, split_name
from tests.builders import CLOAK, a_board, a_post
from tests.writer.media.hostile import a_png
from tests.writer.sending import send, send_files, send_picture
from tests.writer.solving import payload, solution
from writer.captchas import altcha
from writer.old_boards import OldBoards
from writer.origins import Origins
from writer.rule_book import KeptRules
from writer.signing import Signing

HERE = "127.0.0.1"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule is in force with the next post."""
    monkeypatch.setattr(KeptRules, "_KEPT_S", -1)
    monkeypatch.setattr(OldBoards, "_KEPT_S", -1)


@pytest.fixture
def rule(database: Database) -> Callable[..., int]:
    """Puts one in force on /b/: its number."""
    a_board(database)

    def add(**fields: Any) -> int:
        new = NewRule(**({"is_on": True, "what": "spam"} | fields))
        with database.transaction() as db:
            return spam_rules.add(db, new, "admin")

    return add


def hits(database: Database) -> dict[int, int]:
    with database.connection() as db:
        return {each.id: each.hits for each in spam_rules.all_of(db) if each.hits}


def test_post_is_refused_in_the_words_of_the_rule(
    client: testing.TestClient, database: Database, rule: Callable[..., int]
) -> None:
    own = rule(what="casino", sentence="No casinos here.")
    ours = rule(way="looks_like", what="viagra")
    refused = send(client, body="Best CASINO")
    assert (refused.status_code, refused.json["code"]) == (422, "refused_by_rule")
    assert refused.json["error"] == "No casinos here."
    refused = send(client, body="v-і-a-g-r-a")
    assert refused.json["error"] == "This looks like spam: a rule of the board refuses it."
    assert send(client, body="Tea.").status_code == 200
    assert hits(database) == {own: 1, ours: 1}


def test_rule_of_one_board_says_nothing_on_another(
    client: testing.TestClient, database: Database, rule: Callable[..., int]
) -> None:
    a_board(database, "tea")
    rule(board="tea")
    assert send(client, body="spam").status_code == 200
    assert send(client, board="tea", body="spam").status_code == 422


def test_rule_only_counts_where_it_says_so(
    client: testing.TestClient, database: Database, rule: Callable[..., int]
) -> None:
    counted = rule(action="log")
    assert send(client, body="spam").status_code == 200
    assert hits(database) == {counted: 1}


def test_poster_is_banned_for_a_time_and_told_so(
    client: testing.TestClient, database: Database, rule: Callable[..., int]
) -> None:
    number = rule(board="b", action="ban", sentence="Spam.", ban_s=3600)
    refused = send(client, body="spam").json
    assert refused["banned"]
    assert refused["ban"]["reason"] == "Spam."
    assert refused["ban"]["expires"] - refused["ban"]["created"] == 3600
    assert send(client, body="spam").json["ban"]["id"] == refused["ban"]["id"], "banned once"
    assert send(client, body="Tea.").json["banned"]
    with database.connection() as db:
        (entry,) = moderation_log.newest(db, on=None, limit=10)
        (ban,) = bans.in_force(db, on=None, limit=10)
    assert (entry.action, entry.staff, entry.board) == ("ban", f"rule {number}", "b")
    assert entry.detail == {"ban": ban.id}
    assert ban.range is None
    assert hits(database) == {number: 1}


@pytest.mark.parametrize(
    ("again", "is_banned"),
    [
        ("2001:db8:1:1::1", True),
        ("2001:db8:1:1:ffff::2", True),
        ("2001:db8:1:2::1", False),
        ("198.51.100.9", False),
    ],
)
def test_ban_of_a_rule_holds_for_all_addresses_of_one_subscriber(
    client: testing.TestClient, rule: Callable[..., int], again: str, is_banned: bool
) -> None:
    """Whoever has a /48 has others left: their posts are few, by the allowances of networks."""
    rule(action="ban", sentence="Spam.", ban_s=3600)
    assert send_files(client, [], address="2001:db8:1:1::1", body="spam").json["banned"]
    answer = send_files(client, [], address=again, body="Tea.")
    assert answer.json.get("banned", False) is is_banned


def test_worst_of_several_rules_is_what_happens(
    client: testing.TestClient, rule: Callable[..., int]
) -> None:
    rule(action="log")
    rule(sentence="Refused.")
    rule(action="captcha")
    assert send(client, body="spam").json["error"] == "Refused."


@pytest.mark.slow
def test_post_is_held_by_a_rule_until_staff_have_looked(
    client: testing.TestClient, database: Database, rule: Callable[..., int]
) -> None:
    by_text = rule(action="hold")
    assert send(client, body="spam").json["held"]
    assert send_picture(client, body="Tea.").status_code == 200
    with database.connection() as db:
        (post,) = spam_rules.of_last_day(db, on=None, limit=10)
    by_file = rule(place="md5", way="is", what=post.md5[0], action="hold")
    assert send_picture(client, body="Tea?").json["held"]
    with database.connection() as db:
        waiting = held.waiting(db, on=None, limit=10)
    assert [each.because for each in waiting] == [f"rule {by_text}", f"rule {by_file}"]


def test_suspect_solves_a_captcha_on_a_board_that_never_asks_for_one(
    client: testing.TestClient, rule: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(altcha, "NUMBER_MAX", 50)
    rule(action="captcha")
    assert send(client, body="Tea.").status_code == 200
    refused = send(client, body="spam")
    assert refused.json["code"] == "captcha_failed"
    assert refused.json["captcha"]["challenge"] == "/captcha/altcha"
    page = send(client, body="spam", json_response="")
    assert "altcha" in page.text, "the form that is shown again has what it needs"
    solved = payload(solution(client.simulate_get("/captcha/altcha").json))
    assert send(client, body="spam", altcha=solved).status_code == 200
    assert send(client, body="more spam", altcha=solved).status_code == 403, "good once"


def test_pass_spares_no_suspect(
    client: testing.TestClient,
    database: Database,
    rule: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else one captcha that was solved would let through as much spam as a pass has posts."""
    monkeypatch.setattr(altcha, "NUMBER_MAX", 50)
    rule(action="captcha")
    a_board(database, "tea", captcha="always", captcha_pass_posts=9)
    solved = payload(solution(client.simulate_get("/captcha/altcha").json))
    earned = send(client, board="tea", body="Tea.", altcha=solved).json["captcha_pass"]["value"]
    assert send(client, board="tea", body="More tea.", captcha_pass=earned).status_code == 200
    refused = send(client, board="tea", body="spam", captcha_pass=earned)
    assert refused.json["code"] == "captcha_failed"


@pytest.mark.slow
def test_suspect_file_is_known_by_its_hash_before_it_is_stored(
    client: testing.TestClient,
    database: Database,
    rule: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(altcha, "NUMBER_MAX", 50)
    assert send_picture(client).status_code == 200
    with database.connection() as db:
        (post,) = spam_rules.of_last_day(db, on=None, limit=10)
    (md5,), sent = post.md5, post.sha256[-1]
    rule(place="md5", way="is", what=md5, action="captcha")
    assert send_picture(client).json["code"] == "captcha_failed"
    solved = payload(solution(client.simulate_get("/captcha/altcha").json))
    assert send_picture(client, altcha=solved).status_code == 200
    rule(place="sha256", way="is", what=sent)
    assert send_picture(client).json["code"] == "refused_by_rule"
    assert send_files(client, [("file", "other.png", a_png())]).status_code == 200


def test_words_are_replaced_before_the_boards_rules_are_asked(
    client: testing.TestClient, database: Database, rule: Callable[..., int]
) -> None:
    number = rule(what="spam", action="replace", replacement="ham")
    rule(what="nothing else", action="replace", replacement="")
    assert "I like ham." in send(client, body="I like SPAM.", preview="1").json["html"]
    assert hits(database) == {}, "a preview is not counted"
    assert "I like ham." in send(client, body="I like SPAM.").json["html"]
    with database.connection() as db:
        assert db.execute("SELECT body FROM posts").fetchone() == ("I like ham.",)
    assert hits(database) == {number: 1}
    assert send(client, body="nothing else").json["field"] == "body", "it is empty then"


def test_preview_does_not_tell_what_rules_refuse(
    client: testing.TestClient, rule: Callable[..., int]
) -> None:
    rule()
    assert send(client, body="spam", preview="1").status_code == 200


def test_banned_poster_sees_the_ban_not_the_rule(
    client: testing.TestClient, database: Database, rule: Callable[..., int]
) -> None:
    number = rule(action="ban", sentence="First.", ban_s=3600)
    send(client, body="spam")
    rule(what="tea")
    assert send(client, body="tea").json["reason"] == "First."
    assert hits(database) == {number: 1}


def test_known_posters_are_those_whose_post_has_stood_for_a_day(
    client: testing.TestClient, database: Database, rule: Callable[..., int]
) -> None:
    rule(poster="new")
    assert send(client, body="spam").status_code == 422
    with database.connection() as db:
        db.execute("TRUNCATE spam_rules CASCADE")
    board = a_board(database, "old")
    a_post(database, board, address=HERE)
    rule(poster="known")
    assert send(client, body="spam").status_code == 200, "it stands for a moment only"
    with database.connection() as db:
        db.execute("UPDATE posts SET created_at = now() - interval '25 hours'")
    assert send(client, body="spam").status_code == 422


@pytest.mark.slow
def test_country_may_be_kept_from_posting(
    client: testing.TestClient, rule: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Origins, "country", lambda *_asked: "DE")
    rule(place="post", what="", countries=frozenset({"FR"}))
    assert send(client).status_code == 200
    rule(place="post", what="", countries=frozenset({"FR", "DE"}), sentence="Not from there.")
    assert send(client, body="Again.").json["error"] == "Not from there."


def test_robot_that_fills_in_all_fields_is_refused_and_a_person_sees_why(
    client: testing.TestClient, database: Database
) -> None:
    a_board(database, form_trap=True)
    assert send(client, homepage="").status_code == 200, "as every browser sends it"
    refused = send(client, homepage="http://example.com/")
    assert refused.json["error"] == "The field homepage is there to catch robots: leave it empty."
    page = send(client, homepage="x", json_response="").text
    assert "homepage" in page
    assert 'name="homepage"' not in page, "the form that is shown again can be sent"
    assert send(client, path="/post.php", homepage="x").json["code"] == "refused_by_rule"


def test_posts_that_staff_sign_are_asked_by_no_rule(
    client: testing.TestClient, rule: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    rule()
    assert send(client, body="spam", name="## Mod").status_code == 422, "a tripcode of anybody"
    monkeypatch.setattr(Signing, "signed", lambda _self, _req, draft: replace(draft, capcode="Mod"))
    assert send(client, body="spam").status_code == 200


# --- what is known of the rules ---


class _Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_rules_are_compiled_when_they_have_changed_and_asked_for_once_a_second(
    database: Database, rule: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeptRules, "_KEPT_S", 1.0)
    asked: list[str] = []
    for name in ("version", "all_of"):
        there = getattr(spam_rules, name)
        monkeypatch.setattr(
            spam_rules, name, lambda db, name=name, there=there: asked.append(name) or there(db)
        )
    clock = _Clock()
    kept = KeptRules(database, clock)
    first = kept.get()
    assert first.is_empty
    assert kept.get() is first
    assert asked == ["version", "all_of"]
    number = rule()
    clock.now_s = 1.5
    second = kept.get()
    assert not second.is_empty
    for clock.now_s in (1.6, 2.0, 3.0, 4.5):
        assert kept.get() is second
    assert asked == ["version", "all_of"] * 2 + ["version"] * 2
    for change in (
        lambda db: spam_rules.switch(db, number, is_on=False),
        lambda db: spam_rules.change(db, number, NewRule(what="x", is_on=True)),
        lambda db: spam_rules.remove(db, number),
    ):
        with database.transaction() as db:
            change(db)
        clock.now_s += 2
        before, second = second, kept.get()
        assert second is not before
    banned = BannedFile((b"x" * 32,), None)
    with database.transaction() as db:
        ban = file_bans.add(db, banned, NewFileBan(None, "No.", None), "lake")
    clock.now_s += 2
    assert kept.get().file_ban("b", Marks(sha256=((b"x" * 32).hex(),))) is not None
    with database.transaction() as db:
        file_bans.lift(db, ban)
    clock.now_s += 2
    second = kept.get()
    assert second.file_ban("b", Marks(sha256=((b"x" * 32).hex(),))) is None
    with database.connection() as db:
        spam_rules.count_hits(db, [number, 999])
    clock.now_s += 2
    assert kept.get() is second, "what was hit changes no rule"


def test_rules_are_read_again_once_the_database_is_back(
    database: Database, rule: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    rule()
    kept = KeptRules(database)
    with monkeypatch.context() as patched:
        patched.setattr(
            spam_rules,
            "version",
            lambda _db: (_ for _ in ()).throw(StoreUnavailable(part="database")),
        )
        with pytest.raises(StoreUnavailable):
            kept.get()
    assert not kept.get().is_empty


@pytest.mark.slow
def test_rule_about_a_tripcode_knows_the_boards_own(
    client: testing.TestClient, database: Database, rule: Callable[..., int]
) -> None:
    """A board that came from elsewhere signs with the secret of its old engine."""
    rule(place="tripcode", way="is", what="!!4XzKAGoCE=")
    assert send(client, name="Ann##test").status_code == 200
    with database.transaction() as db:
        old_boards.put(db, "b", OldBoard("jschan", {"tripcodeSecret": "changeme"}), CLOAK)
        elder = OldBoard("vichan", {"secure_trip_salt": "x"})
        old_boards.put(db, a_board(database, "elder").name, elder, CLOAK)
        tripcode = split_name("##tea", Salt("x")).tripcode
        spam_rules.add(
            db, NewRule(is_on=True, place="tripcode", way="is", what=tripcode or ""), "a"
        )
    assert send(client, name="Ann##test").status_code == 422
    assert send(client, board="elder", name="Ann##tea").status_code == 422
    assert send(client, name="Ann##tea").status_code == 200
