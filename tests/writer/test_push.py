"""A reader whose browser is closed is told of replies: from the form to the message it reads."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

import pytest
import redis
from cryptography.exceptions import InvalidTag
from falcon import testing
from prometheus_client import REGISTRY

from deploy.environment import ROOT
from imageboard import allowances as allowance_rules
from imageboard import push, push_keys
from imageboard.cloaks import Cloak, parse_address
from imageboard.push_keys import PushKey
from imageboard.settings import Settings
from imageboard.store import boards, personal, posts, push_subscriptions
from imageboard.store.database import Database
from renderer.render_loop import RenderLoop, build_loop
from tests.builders import a_board, a_post
from tests.tables import for_each
from tests.writer.push_stand_in import Browser, StandIn, a_push_service
from tests.writer.sending import send
from writer.app import create_app, parts_with
from writer.courier import jobs, services
from writer.courier.delivering import LEASE_S, REFUSALS_MAX, Courier
from writer.search import Places

pytestmark = pytest.mark.slow


@pytest.fixture
def service() -> Iterator[StandIn]:
    with a_push_service() as stand_in:
        yield stand_in


@pytest.fixture
def settings(environment: dict[str, str], service: StandIn, tmp_path: Any) -> Settings:
    return Settings.read(
        environment
        | {
            "STILLBOARD_WEB_ROOT": str(tmp_path / "public"),
            "STILLBOARD_OWN_POST_WAIT_MS": "0",
            "STILLBOARD_SITE_URL": "https://board.example",
            "STILLBOARD_PUSH": "on",
            "STILLBOARD_PUSH_KEY": "p" * 32,
            "STILLBOARD_PUSH_SERVICES": service.url,
        }
    )


@pytest.fixture
def loop(settings: Settings, database: Database) -> RenderLoop:
    return build_loop(settings, database)


@pytest.fixture
def courier(settings: Settings, queue: redis.Redis) -> Iterator[Courier]:
    made = jobs.build_courier(settings)
    yield made
    made.database.close()


@pytest.fixture
def thread(database: Database) -> int:
    return a_post(database, a_board(database)).no


def subscribe(client: testing.TestClient, browser: Browser, thread: int, **fields: str) -> Any:
    return send(client, push="1", body="", thread=str(thread), **browser.fields, **fields)


def stop(client: testing.TestClient, browser: Browser, thread: int) -> Any:
    asked = {"push_stop": "1", "body": "", "endpoint": browser.endpoint}
    return send(client, thread=str(thread), **asked)


def a_reply(database: Database, thread: int, *quoted: int) -> int:
    with database.connection() as db:
        board = boards.get(db, "b")
    body = "\n".join(f">>{no}" for no in quoted) or "Hello."
    return a_post(database, board, thread=thread, body=body).no


def test_reader_is_told_of_replies_that_their_page_shows(
    client: testing.TestClient,
    database: Database,
    loop: RenderLoop,
    courier: Courier,
    service: StandIn,
    thread: int,
) -> None:
    browser = Browser(service)
    assert subscribe(client, browser, thread, every="1").status_code == 200
    loop.render("b")
    assert courier.deliver() == 0, "nothing has come since"
    a_reply(database, thread)
    a_reply(database, thread)
    assert courier.deliver() == 0, "its page does not show them"
    loop.render("b")
    assert courier.deliver() == 1
    assert browser.messages == [{"board": "b", "thread": thread, "count": 2, "every": True}]


def tell_all(courier: Courier, loop: RenderLoop) -> int:
    """What the clock and the queue do: draw what came, and tell of it."""
    loop.render("b")
    return courier.deliver()


def a_minute_later(database: Database, *, seconds: int = 61) -> None:
    """For all that wait."""
    with database.transaction() as db:
        db.execute(
            "UPDATE push_subscriptions SET due_at = due_at - make_interval(secs => %s)", (seconds,)
        )


def rows(database: Database) -> list[tuple[Any, ...]]:
    with database.connection() as db:
        query = "SELECT told_no, tries, refusals, due_at > now() FROM push_subscriptions"
        return db.execute(query).fetchall()


def due_in_s(database: Database) -> float:
    """When the one that waits is told again."""
    with database.connection() as db:
        query = "SELECT extract(epoch FROM due_at - now())::float8 FROM push_subscriptions"
        ((due_s,),) = db.execute(query).fetchall()
    return float(due_s)


def sent(how: str) -> float:
    return REGISTRY.get_sample_value("stillboard_push_messages_total", {"how": how}) or 0.0


# --- of what they are told ---


def test_reader_is_told_of_replies_to_own_posts_alone_and_of_none_of_their_own(
    client: testing.TestClient,
    database: Database,
    loop: RenderLoop,
    courier: Courier,
    service: StandIn,
    thread: int,
) -> None:
    mine = a_reply(database, thread)
    browser = Browser(service)
    assert subscribe(client, browser, thread, own=str(mine)).status_code == 200
    a_reply(database, thread)
    a_reply(database, thread, thread)
    more = a_reply(database, thread, mine)
    assert subscribe(client, browser, thread, own=f"{mine},{more}").status_code == 200
    assert tell_all(courier, loop) == 0, "nobody else has answered"
    a_reply(database, thread, mine)
    with database.connection() as db:
        elsewhere = a_post(database, boards.get(db, "b"), body=f">>{more}")
    assert elsewhere.thread != thread
    assert tell_all(courier, loop) == 1
    assert browser.messages == [{"board": "b", "thread": thread, "count": 2, "every": False}]


def test_word_of_a_thread_comes_once_a_minute_and_tells_of_all_since(
    client: testing.TestClient,
    database: Database,
    loop: RenderLoop,
    courier: Courier,
    service: StandIn,
    thread: int,
) -> None:
    browser = Browser(service)
    subscribe(client, browser, thread, every="1")
    a_reply(database, thread)
    assert tell_all(courier, loop) == 1
    for _ in range(3):
        a_reply(database, thread)
        assert tell_all(courier, loop) == 0
    a_minute_later(database)
    assert tell_all(courier, loop) == 1
    assert [message["count"] for message in browser.messages] == [1, 3]
    a_minute_later(database)
    assert tell_all(courier, loop) == 0, "nothing twice"


def test_reply_that_no_page_shows_yet_is_told_of_with_the_next_word(
    client: testing.TestClient,
    database: Database,
    loop: RenderLoop,
    courier: Courier,
    service: StandIn,
    thread: int,
) -> None:
    """Nobody is led to a page that lacks what they were told of."""
    browser = Browser(service)
    subscribe(client, browser, thread, every="1")
    a_reply(database, thread)
    loop.render("b")
    a_reply(database, thread)
    assert courier.deliver() == 1
    a_minute_later(database)
    assert courier.deliver() == 0
    assert tell_all(courier, loop) == 1
    assert [message["count"] for message in browser.messages] == [1, 1]


def test_removed_reply_is_not_told_of(
    client: testing.TestClient,
    database: Database,
    loop: RenderLoop,
    courier: Courier,
    service: StandIn,
    thread: int,
) -> None:
    browser = Browser(service)
    subscribe(client, browser, thread, every="1")
    gone = a_reply(database, thread)
    with database.transaction() as db:
        posts.remove(db, "b", gone)
    assert tell_all(courier, loop) == 0


def test_message_holds_nothing_but_board_thread_and_count_and_its_length_tells_nothing(
    client: testing.TestClient,
    database: Database,
    loop: RenderLoop,
    courier: Courier,
    service: StandIn,
    thread: int,
) -> None:
    browser, other = Browser(service, "one"), Browser(service, "other")
    subscribe(client, browser, thread, every="1")
    subscribe(client, other, thread, own=str(thread))
    a_reply(database, thread, thread)
    assert tell_all(courier, loop) == 2
    one, two = service.came
    assert len(one.body) == len(two.body)
    assert set(browser.messages[0]) == {"board", "thread", "count", "every"}
    with pytest.raises(InvalidTag):
        other.read(next(each.body for each in service.came if each.path == browser.path))
    headers = one.headers
    assert (headers["TTL"], headers["Content-Encoding"]) == ("86400", "aes128gcm")
    assert len(headers["Topic"]) <= 32
    assert headers["Topic"] == two.headers["Topic"]
    assert headers["Authorization"].startswith("vapid t=")
    assert headers["Authorization"].endswith(f", k={PushKey(b'p' * 32).public}")


def test_name_of_a_board_may_be_as_long_as_names_are(
    client: testing.TestClient,
    database: Database,
    loop: RenderLoop,
    courier: Courier,
    service: StandIn,
) -> None:
    name = "あ" * 58
    board = a_board(database, name)
    no = a_post(database, board).no
    browser = Browser(service)
    subscribe(client, browser, no, every="1", board=name)
    a_post(database, board, thread=no)
    loop.render(name)
    assert courier.deliver() == 1
    assert browser.messages == [{"board": name, "thread": no, "count": 1, "every": True}]


def test_reader_who_has_stopped_is_told_no_more(
    client: testing.TestClient,
    database: Database,
    loop: RenderLoop,
    courier: Courier,
    service: StandIn,
    thread: int,
) -> None:
    browser = Browser(service)
    subscribe(client, browser, thread, every="1")
    assert stop(client, browser, thread).status_code == 200
    a_reply(database, thread)
    assert tell_all(courier, loop) == 0
    assert rows(database) == []


# --- what becomes of a message ---


@pytest.mark.parametrize(
    ("status", "headers", "how", "wait_s"),
    [
        (500, {}, "unreachable", 60),
        (503, {"Retry_After": "300"}, "unreachable", 300),
        (429, {"Retry_After": "200"}, "put_off", 200),
        (429, {}, "put_off", 60),
        (403, {}, "refused", 60),
        (301, {"Location": "http://127.0.0.1:1/"}, "refused", 60),
    ],
)
def test_message_that_was_not_taken_is_sent_again_after_the_pause_that_the_service_asks_for(
    client: testing.TestClient,
    database: Database,
    loop: RenderLoop,
    courier: Courier,
    service: StandIn,
    thread: int,
    status: int,
    headers: dict[str, str],
    how: str,
    wait_s: int,
) -> None:
    browser = Browser(service)
    subscribe(client, browser, thread, every="1")
    a_reply(database, thread)
    before, began_s = sent(how), time.monotonic()
    service.says(status, **headers)
    assert tell_all(courier, loop) == 0
    assert sent(how) == before + 1
    assert len(service.came) == 1
    service.says(201)
    assert courier.deliver() == 0, "too early"
    due_s = due_in_s(database)
    assert wait_s - (time.monotonic() - began_s) <= due_s <= wait_s
    now_s = courier.services.clock()
    courier.services.clock = lambda: now_s + wait_s + 1
    a_minute_later(database, seconds=wait_s + 1)
    assert courier.deliver() == 1
    assert [message["count"] for message in browser.messages] == [1, 1]
    assert rows(database) == [(thread + 1, 0, 0, True)]


def test_service_that_asked_to_be_left_alone_hears_of_no_other_browser(
    client: testing.TestClient,
    database: Database,
    loop: RenderLoop,
    courier: Courier,
    service: StandIn,
    thread: int,
) -> None:
    subscribe(client, Browser(service, "one"), thread, every="1")
    a_reply(database, thread)
    service.says(429, Retry_After="600")
    assert tell_all(courier, loop) == 0
    late = Browser(service, "late")
    subscribe(client, late, thread, every="1")
    a_reply(database, thread)
    service.says(201)
    assert tell_all(courier, loop) == 0
    assert len(service.came) == 1


def test_silent_service_takes_a_bounded_time_and_its_message_comes_later(
    client: testing.TestClient,
    database: Database,
    loop: RenderLoop,
    courier: Courier,
    service: StandIn,
    thread: int,
) -> None:
    browser = Browser(service)
    subscribe(client, browser, thread, every="1")
    a_reply(database, thread)
    service.may_answer.clear()
    courier.services.timeout_s = 0.2
    before = sent("unreachable")
    assert tell_all(courier, loop) == 0
    assert sent("unreachable") == before + 1
    service.may_answer.set()
    courier.services.timeout_s = 30.0
    now_s = courier.services.clock()
    courier.services.clock = lambda: now_s + 61
    a_minute_later(database)
    assert courier.deliver() == 1


@pytest.mark.parametrize("status", [404, 410])
def test_browser_that_is_gone_is_forgotten(
    client: testing.TestClient,
    database: Database,
    loop: RenderLoop,
    courier: Courier,
    service: StandIn,
    thread: int,
    status: int,
) -> None:
    subscribe(client, Browser(service), thread, every="1")
    a_reply(database, thread)
    service.says(status)
    before = sent("gone")
    assert tell_all(courier, loop) == 0
    assert (sent("gone"), rows(database)) == (before + 1, [])


def test_browser_that_is_refused_over_hours_is_forgotten(
    client: testing.TestClient,
    database: Database,
    loop: RenderLoop,
    courier: Courier,
    service: StandIn,
    thread: int,
) -> None:
    subscribe(client, Browser(service), thread, every="1")
    a_reply(database, thread)
    service.says(403)
    loop.render("b")
    for refusals in range(1, REFUSALS_MAX):
        courier.deliver()
        assert [row[2] for row in rows(database)] == [refusals]
        a_minute_later(database, seconds=3601)
    courier.deliver()
    assert rows(database) == []


def test_courier_that_is_killed_while_it_sends_loses_nothing_and_tells_under_the_same_topic(
    client: testing.TestClient,
    database: Database,
    loop: RenderLoop,
    settings: Settings,
    environment: dict[str, str],
    service: StandIn,
    thread: int,
    tmp_path: Any,
) -> None:
    """So a service that still has the first message puts the second in its place."""
    browser = Browser(service)
    subscribe(client, browser, thread, every="1")
    a_reply(database, thread)
    loop.render("b")
    service.may_answer.clear()
    program = (
        "import os; from imageboard.settings import Settings; from writer.courier import jobs;"
        "jobs.build_courier(Settings.read(os.environ)).deliver()"
    )
    given = {
        **environment,
        "PYTHONPATH": str(ROOT),
        "STILLBOARD_SITE_URL": settings.site_url,
        "STILLBOARD_PUSH": "on",
        "STILLBOARD_PUSH_KEY": "p" * 32,
        "STILLBOARD_PUSH_SERVICES": service.url,
    }
    with subprocess.Popen([sys.executable, "-c", program], env=given, cwd=tmp_path) as process:
        assert service.has_come.wait()
        process.kill()
    service.may_answer.set()
    courier = jobs.build_courier(settings)
    try:
        assert courier.deliver() == 0, "it is claimed for a while"
        a_minute_later(database, seconds=int(LEASE_S) + 1)
        assert courier.deliver() == 1
        a_minute_later(database)
        assert courier.deliver() == 0
    finally:
        courier.database.close()
    assert [message["count"] for message in browser.messages] == [1, 1]
    assert len({each.headers["Topic"] for each in service.came}) == 1


def test_browser_sealed_with_a_key_that_is_no_more_is_forgotten(
    client: testing.TestClient,
    database: Database,
    loop: RenderLoop,
    courier: Courier,
    service: StandIn,
    thread: int,
) -> None:
    subscribe(client, Browser(service), thread, every="1")
    a_reply(database, thread)
    courier.cloak = Cloak(b"n" * 32)
    assert tell_all(courier, loop) == 0
    assert (rows(database), service.came) == ([], [])


def test_service_that_the_operator_takes_out_hears_nothing_more(
    client: testing.TestClient,
    database: Database,
    loop: RenderLoop,
    courier: Courier,
    service: StandIn,
    thread: int,
) -> None:
    subscribe(client, Browser(service), thread, every="1")
    a_reply(database, thread)
    courier.allowed = ("push.example",)
    assert tell_all(courier, loop) == 0
    assert (rows(database), service.came) == ([], [])


# --- what is taken ---


@for_each(
    ("name", "wrong"),
    {
        "another host": {"endpoint": "https://evil.example/x"},
        "http": {"endpoint": "http://10.0.0.1/x"},
        "a password": {"endpoint": "https://fcm.googleapis.com@evil.example/x"},
        "no key": {"p256dh": ""},
        "a key that is no point": {"p256dh": "B" + "A" * 86},
        "half a secret": {"auth": "AAAA"},
        "own posts that are no numbers": {"own": "1,x"},
        "no wish": {"every": ""},
        "no thread": {"thread": ""},
    }.items(),
)
def test_browser_that_does_not_say_what_it_must_is_refused(
    name: str,
    wrong: dict[str, str],
    client: testing.TestClient,
    database: Database,
    service: StandIn,
    thread: int,
) -> None:
    fields = {"thread": str(thread), "every": "1"} | Browser(service).fields | wrong
    answer = send(client, push="1", body="", **fields)
    assert (answer.status_code, rows(database)) == (400, []), name


def test_thread_that_is_not_there_or_takes_no_replies_has_no_word_of_replies(
    client: testing.TestClient, database: Database, service: StandIn, thread: int
) -> None:
    browser = Browser(service)
    assert subscribe(client, browser, thread + 999, every="1").status_code == 404
    with database.transaction() as db:
        posts.mark_thread(db, "b", thread, is_locked=True)
    assert subscribe(client, browser, thread, every="1").status_code == 422
    assert rows(database) == []


def test_form_of_another_site_is_refused(
    client: testing.TestClient, database: Database, service: StandIn, thread: int
) -> None:
    fields = Browser(service).fields | {"board": "b", "thread": str(thread), "every": "1"}
    answer = client.simulate_post(
        "/post",
        body=urlencode(fields | {"push": "1", "json_response": "1"}),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "cross-site",
        },
    )
    assert (answer.status_code, rows(database)) == (403, [])


def test_there_is_a_limit_to_how_many_threads_one_address_is_told_of(
    client: testing.TestClient,
    database: Database,
    service: StandIn,
    thread: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(push, "OF_ADDRESS_MAX", 2)
    browsers = [Browser(service, str(number)) for number in range(3)]
    told = [subscribe(client, browser, thread, every="1").status_code for browser in browsers]
    assert told == [200, 200, 422]
    assert subscribe(client, browsers[0], thread, every="1").status_code == 200, "it has its place"
    stop(client, browsers[0], thread)
    assert subscribe(client, browsers[2], thread, every="1").status_code == 200


@pytest.mark.parametrize("limit", ["OF_THREAD_MAX", "OF_BOARD_MAX", "OF_SITE_MAX"])
def test_there_is_a_limit_to_how_many_are_told(
    client: testing.TestClient,
    database: Database,
    service: StandIn,
    thread: int,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
) -> None:
    monkeypatch.setattr(push, limit, 1)
    assert subscribe(client, Browser(service, "one"), thread, every="1").status_code == 200
    assert subscribe(client, Browser(service, "two"), thread, every="1").status_code == 422


def test_asking_takes_of_an_allowance(
    client: testing.TestClient,
    database: Database,
    service: StandIn,
    thread: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(allowance_rules, "PUSHES_PER_HOUR", 2)
    browser = Browser(service)
    told = [subscribe(client, browser, thread, every="1").status_code for _ in range(2)]
    assert [*told, stop(client, browser, thread).status_code] == [200, 200, 429]


def test_nothing_that_is_kept_or_logged_names_the_browser(
    client: testing.TestClient,
    database: Database,
    loop: RenderLoop,
    courier: Courier,
    service: StandIn,
    thread: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nor do two rows of one browser have anything in common."""
    with database.connection() as db:
        other = a_post(database, boards.get(db, "b")).no
    browser = Browser(service, "a-name-that-is-found")
    for no in (thread, other):
        subscribe(client, browser, no, every="1")
        a_reply(database, no)
    service.says(500)
    tell_all(courier, loop)
    service.says(410)
    a_minute_later(database)
    with database.connection() as db:
        query = "SELECT s::text, key, sealed, page FROM push_subscriptions s"
        kept = db.execute(query).fetchall()
    (one, *first), (two, *second) = kept
    assert b"a-name-that-is-found" not in b"".join(bytes(value) for value in first[:2])
    assert "a-name-that-is-found" not in one + two + "".join(capsys.readouterr())
    assert not {bytes(value) for value in first[:2]} & {bytes(value) for value in second[:2]}


def test_what_is_known_of_an_address_goes_with_it_and_with_time(
    client: testing.TestClient, database: Database, service: StandIn, thread: int
) -> None:
    cloak = Cloak(b"k" * 32)
    address = parse_address("127.0.0.1")
    subscribe(client, Browser(service), thread, every="1")
    with database.transaction() as db:
        held = {row.holding.table: row.rows for row in personal.held_of(db, address, cloak)}
        assert held["push_subscriptions"] == 1
        assert push_subscriptions.forget_hashes(db, 40, 10) == 0
        db.execute("UPDATE push_subscriptions SET expires_at = expires_at - interval '8 days'")
        assert push_subscriptions.forget_hashes(db, 7, 10) == 1
        assert push_subscriptions.forget_expired(db, 10) == 0
        db.execute("UPDATE push_subscriptions SET expires_at = now()")
        assert push_subscriptions.forget_expired(db, 10) == 1
    subscribe(client, Browser(service), thread, every="1")
    with database.transaction() as db:
        assert personal.forget(db, address, cloak) >= 1
    assert rows(database) == []
    subscribe(client, Browser(service), thread, every="1")
    with database.transaction() as db:
        posts.remove(db, "b", thread)
        assert push_subscriptions.forget_expired(db, 10) == 1


def test_site_that_does_not_say_so_tells_nobody(
    environment: dict[str, str], database: Database, queue: redis.Redis, service: StandIn
) -> None:
    """The default."""
    settings = Settings.read(environment)
    assert not settings.push
    parts = parts_with(settings, database, Places(database))
    no = a_post(database, a_board(database)).no
    with closing(parts.darkroom):
        client = testing.TestClient(create_app(parts))
        assert subscribe(client, Browser(service), no, every="1").status_code == 422
    assert push_keys.shown(settings) == ""


# --- where messages may go ---


@for_each(
    ("text", "is_public"),
    [
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::1", False),
        ("64:ff9b::a00:1", False),
        ("ff02::1", False),
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
    ],
)
def test_messages_go_to_addresses_of_the_world_alone(text: str, is_public: bool) -> None:
    assert services.is_public(parse_address(text)) is is_public, text


def test_name_that_leads_into_a_network_of_ours_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, service: StandIn
) -> None:
    """Whatever a name server says; and what it says is asked once."""
    asked: list[str] = []

    def told(host: str, *_rest: Any, **_more: Any) -> list[Any]:
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]

    monkeypatch.setattr(services.socket, "getaddrinfo", told)
    connected: list[Any] = []
    monkeypatch.setattr(
        services.socket, "create_connection", lambda *place: connected.append(place)
    )
    browser = Browser(service)
    to = push.read(
        "https://push.example/x",
        browser.fields["p256dh"],
        browser.fields["auth"],
        ("push.example",),
    )
    outcome = services.Services(PushKey(b"p" * 32), "https://board.example").send(to, b"{}", "t")
    assert (outcome.how, outcome.why) == ("unreachable", "NotPublic")
    assert (asked, connected) == (["push.example"], [])
