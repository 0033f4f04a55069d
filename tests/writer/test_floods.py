"""What a whole network sends at once, which each of its addresses alone would be allowed to."""

from __future__ import annotations

import ipaddress
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import redis
from falcon import testing

from deploy.embedded.valkey import Valkey
from imageboard import allowances
from imageboard.allowances import Allowances
from imageboard.cloaks import Cloak
from imageboard.settings import BoardSettings, Settings
from imageboard.store import boards
from imageboard.store.database import Database
from tests.builders import a_board
from tests.writer.sending import until_spent
from tests.writer.solving import payload, solution
from writer.allowances import Pressure, pressure
from writer.app import build_parts, create_app
from writer.captchas import altcha

pytestmark = pytest.mark.slow

#: Threads that come together.
AT_ONCE = 12


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Callable[..., testing.TestClient]]:
    """Starts writers of one board; each has connections of its own."""
    parts = []

    def start(**more: str) -> testing.TestClient:
        behind_a_proxy = {"STILLBOARD_TRUSTED_PROXIES": "127.0.0.0/8"}
        parts.append(build_parts(Settings.read(environment | behind_a_proxy | more)))
        return testing.TestClient(create_app(parts[-1]))

    yield start
    for each in parts:
        each.darkroom.close()
        each.database.close()


@pytest.fixture
def board(database: Database) -> None:
    """/b/ with the settings that a new board has."""
    with database.transaction() as db:
        boards.add(db, "b", BoardSettings())


def send(client: testing.TestClient, address: str, **fields: str) -> Any:
    body = urlencode({"board": "b", "json_response": "1"} | fields)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Real-IP": address}
    return client.simulate_post("/post", body=body, headers=headers)


def send_file(client: testing.TestClient, address: str, file: bytes) -> Any:
    fields = {"board": b"b", "body": b"See.", "json_response": b"1", 'file"; filename="a.jpg': file}
    parts = [
        b'--part\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        % (name.encode(), value)
        for name, value in fields.items()
    ]
    headers = {"Content-Type": "multipart/form-data; boundary=part", "X-Real-IP": address}
    return client.simulate_post("/post", body=b"".join(parts) + b"--part--\r\n", headers=headers)


def addresses_of(network: str, count: int) -> list[str]:
    """So many, far apart: each of IPv6 in a /64 of its own, and those of a /48 in as many /56."""
    whole = ipaddress.ip_network(network)
    poster = 1 if whole.version == 4 else 2**64
    step = whole.num_addresses // poster // (count + 1) * poster
    return [str(whole[number * step + 1]) for number in range(count)]


def assert_no_more_than(room: int, refill_s: float, began_s: float, statuses: Counter[int]) -> None:
    """All that there was room for got in, and what came back while it took its time."""
    came_back = int((time.monotonic() - began_s) / refill_s) + 1
    assert statuses.keys() <= {200, 429}
    assert room <= statuses[200] <= room + came_back


def flood(clients: list[testing.TestClient], addresses: list[str], **fields: str) -> Counter[int]:
    """One post from each address, as many at once as can be; how many had which answer."""
    statuses: Counter[int] = Counter()
    together = threading.Barrier(AT_ONCE)
    counting = threading.Lock()

    def send_share(number: int) -> None:
        together.wait()
        for place in range(number, len(addresses), AT_ONCE):
            client = clients[place % len(clients)]
            answer = send(client, addresses[place], body=f"Flood {place}.", **fields)
            with counting:
                statuses[answer.status_code] += 1
            if answer.status_code == 429:
                assert 0 < int(answer.headers["Retry-After"]) <= 3600
                assert answer.json["error"]

    threads = [threading.Thread(target=send_share, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


@pytest.mark.parametrize(
    ("network", "threads", "replies"),
    [
        ("2001:db8:1::/48", 15, 4 * 6),
        ("2001:db8:2:100::/56", 2 * 6, 2 * 6),
        ("198.51.100.0/24", 15, 10 * 6),
    ],
)
def test_network_may_as_much_as_a_few_addresses(
    start: Callable[..., testing.TestClient],
    database: Database,
    board: None,
    network: str,
    threads: int,
    replies: int,
) -> None:
    """Through two writers at once. Of threads at most half of what the board takes."""
    clients = [start(), start()]
    addresses, began_s = addresses_of(network, 101), time.monotonic()
    statuses = flood(clients, addresses)
    # Where its threads are as many as its posts of a minute, it is those that bound them.
    refill_s = 3600 / threads if threads < replies else 60 / replies
    assert_no_more_than(threads, refill_s, began_s, statuses)
    with database.transaction() as db:
        assert boards.get(db, "b").last_no == statuses[200], "what was refused has no number"
        db.execute("UPDATE posts SET created_at = created_at - interval '1 hour'")
        db.execute("DELETE FROM allowances")
    began_s = time.monotonic()
    statuses = flood(clients, addresses, thread="1")
    assert_no_more_than(replies, 60 / replies, began_s, statuses)


def test_board_takes_no_more_in_an_hour_wherever_it_comes_from(
    start: Callable[..., testing.TestClient], database: Database, board: None
) -> None:
    """From as many networks as there are threads on the board. Other boards take theirs."""
    with database.transaction() as db:
        boards.add(db, "tea", BoardSettings())
        boards.change_settings(db, "b", {"posts_per_minute_max": "50"})
    client, began_s = start(), time.monotonic()
    everywhere = [f"2001:db8:{number:x}::1" for number in range(101)]
    assert flood([client], everywhere) == {200: 30, 429: 71}
    refused = send(client, "203.0.113.7", body="One more.")
    assert refused.json["code"] == "board_has_too_many_new_threads"
    assert send(client, "203.0.113.7", body="Elsewhere.", board="tea").status_code == 200
    others = [f"2001:db8:{number:x}:8000::1" for number in range(40)]
    # With the threads, 50.
    assert_no_more_than(20, 60 / 50, began_s, flood([client], others, thread="1"))


def test_nothing_is_bounded_where_limits_are_off(
    start: Callable[..., testing.TestClient], database: Database, board: None
) -> None:
    client = start(STILLBOARD_LIMITS="off")
    assert flood([client], addresses_of("2001:db8::/48", 60)) == {200: 60}


def test_allowances_hold_and_posts_are_taken_without_the_queue(
    start: Callable[..., testing.TestClient],
    board: None,
    queue: redis.Redis,
    valkey_server: Valkey,
) -> None:
    client = start()
    valkey_server.stop()
    try:
        statuses = flood([client], addresses_of("2001:db8::/48", 30))
    finally:
        valkey_server.start()
        valkey_server.wait_until_ready()
    assert statuses == {200: 15, 429: 15}


def test_network_is_under_pressure_from_half_of_its_allowance_on(
    start: Callable[..., testing.TestClient], database: Database, board: None
) -> None:
    """Which is when a captcha may be asked for; and so is the board, for everybody."""
    client, made = start(), Allowances(Settings.read({}), Cloak(b"k" * 32))

    def pressure_on(address: str, *, is_thread: bool) -> Pressure:
        taken = made.of_post(
            ipaddress.ip_address(address), "b", BoardSettings(), is_thread=is_thread
        )
        return pressure(database, taken)

    inside, outside = "2001:db8::1", "2001:db8:1::1"
    assert not pressure_on(inside, is_thread=True)
    flood([client], addresses_of("2001:db8::/48", 7))
    assert not pressure_on(inside, is_thread=True), "less than half of fifteen are used"
    flood([client], ["2001:db8:0:ffff::1"])
    assert pressure_on(inside, is_thread=True) == Pressure(on_board=False, from_network=True)
    assert not pressure_on(inside, is_thread=False), "of 24 posts, eight"
    assert not pressure_on(outside, is_thread=True)
    flood([client], [f"2001:db8:{number:x}::1" for number in range(1, 9)])
    assert pressure_on("192.0.2.1", is_thread=True) == Pressure(on_board=True, from_network=False)
    assert not pressure_on("192.0.2.1", is_thread=False), "replies are not what presses it"


def test_uploads_are_counted_before_they_are_decoded(
    start: Callable[..., testing.TestClient], board: None
) -> None:
    """Of an address, twenty in a minute, whether or not they are pictures."""
    client = start()
    refused = until_spent(
        lambda no: send_file(client, f"2001:db8::{no + 1:x}", b"no picture"),
        allowances.UPLOADS_PER_MINUTE,
        60 / allowances.UPLOADS_PER_MINUTE,
        taken=415,
    )
    assert refused.json["code"] == "network_too_fast"
    assert send(client, "2001:db8::1", body="Without one.").status_code == 200


def test_network_solves_captchas_from_half_of_its_allowance_on_and_waits_at_its_end(
    start: Callable[..., testing.TestClient], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four posts an hour; what is typed is kept, and nobody else is asked for anything."""
    monkeypatch.setattr(altcha, "NUMBER_MAX", 50)
    with database.transaction() as db:
        boards.add(db, "b", BoardSettings(captcha="pressed", reply_wait_s=3600))
    client = start()
    assert send(client, "203.0.113.1", body="OP").status_code == 200

    def reply(address: str, **fields: str) -> Any:
        return send(client, address, body=f"From {address}", thread="1", **fields)

    def solved() -> str:
        challenge = client.simulate_get("/captcha/altcha").json
        return payload(solution(challenge))

    addresses = iter(addresses_of("2001:db8::/48", 10))
    assert [reply(next(addresses)).status_code for _ in range(3)] == [200] * 3
    asked = reply(next(addresses))
    assert (asked.status_code, asked.json["captcha"]["provider"]) == (403, "altcha")
    assert reply("2001:db8:1::1").status_code == 200, "another network"
    assert reply(next(addresses), altcha=solved()).status_code == 200
    refused = reply(next(addresses), altcha=solved())
    assert (refused.status_code, refused.json["code"]) == (429, "network_too_fast")
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    page = reply(next(addresses), altcha=solved(), json_response="")
    assert page.status_code == 429
    assert "From 2001:db8" in page.text


def test_strangers_of_however_many_networks_leave_places_to_those_whose_posts_stand(
    start: Callable[..., testing.TestClient],
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else thirteen /48 would shut the board, to regulars too, for as long as a post may wait."""
    monkeypatch.setattr(allowances, "HELD_OF_STRANGERS", 5)
    board = a_board(database, "b", threads_per_hour_max=0, threads_per_hour_of_address_max=0)
    writer, numbers = start(), itertools.count()

    def post_as(address: str) -> int:
        return send(writer, address, body=f"From {address}, {next(numbers)}").status_code

    regular, of_today = "192.0.2.1", "192.0.2.2"
    assert [post_as(regular), post_as(of_today)] == [200, 200]
    with database.transaction() as db:
        db.execute("UPDATE posts SET created_at = now() - interval '25 hours' WHERE no = 1")
        boards.change_settings(db, board.name, {"staff_look_first": "posts"})
    writer = start()  # which has not read the board's settings yet
    flood = [post_as(f"2001:db8:{no}::1") for no in range(6)]
    assert flood == [202] * 5 + [429]
    assert post_as(of_today) == 429, "it may be theirs as well"
    assert [post_as(regular) for _ in range(3)] == [202] * 3


def test_nobody_takes_all_places_of_posts_that_wait_for_staff(
    start: Callable[..., testing.TestClient], database: Database
) -> None:
    """Twenty of an address at once; others have theirs, and a network has a few times that."""
    with database.transaction() as db:
        settings = BoardSettings(
            staff_look_first="posts",
            reply_wait_s=0,
            thread_wait_s=0,
            threads_per_hour_max=0,
            threads_per_hour_of_address_max=0,
        )
        boards.add(db, "b", settings)
    client = start()
    sent = Counter(send(client, "2001:db8::1", body=f"No {no}").status_code for no in range(21))
    assert sent == {202: 20, 429: 1}
    refused = send(client, "2001:db8::1", body="One more")
    assert refused.json["code"] == "held_full_of_network"
    assert "of your network or of others who are new here wait" in refused.json["error"]
    assert send(client, "192.0.2.1", body="Of somebody else").status_code == 202
    flooded = Counter(
        send(client, address, body=f"From {address}").status_code
        for address in addresses_of("2001:db8::/48", 70)
    )
    assert flooded[202] == 60, "a /48 counts as four"
