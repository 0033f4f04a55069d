"""Where a post comes from: countries, listed ranges and block lists that a board does not want."""

from __future__ import annotations

import ipaddress
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from falcon import testing

from imageboard.errors import BadSetting
from imageboard.settings import Settings
from imageboard.spam import ranges
from imageboard.store import block_list_answers
from imageboard.store.database import Database
from tests.builders import CLOAK, a_board
from tests.deploy.stand_ins import WAIT_S, eventually
from tests.tables import for_each
from tests.writer.sending import send_files
from writer import block_lists
from writer.app import build_parts, create_app
from writer.block_lists import BlockLists
from writer.listed_ranges import ListedRanges
from writer.origins import Origins

HERE = ipaddress.ip_address("192.0.2.7")
LISTED = ipaddress.ip_address("198.51.100.9")
LIST = """\
# exits of Tor, fetched each hour
198.51.100.0/25 ; SBL1
198.51.100.64/26
203.0.113.5

; data centres
2001:db8:1::/48 # one
2002:c633:6500::/40
no address
"""


# --- ranges ---


@for_each(
    ("address", "is_held"),
    [
        ("198.51.100.0", True),
        ("198.51.100.127", True),
        ("198.51.100.128", False),
        ("198.51.101.7", True),  # also by 6to4, which is this one
        ("203.0.113.5", True),
        ("203.0.113.6", False),
        ("0.0.0.0", False),
        ("255.255.255.255", False),
        ("2001:db8:1:ffff::9", True),
        ("2001:db8:2::", False),
        ("::", False),
    ],
)
def test_list_of_ranges_holds_what_it_says(address: str, is_held: bool) -> None:
    found = ranges.read(LIST.splitlines())
    assert (found.lines, found.unread) == (5, 1)
    assert found.hold(ipaddress.ip_address(address)) is is_held


class _Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_list_is_read_again_when_it_has_changed_and_kept_when_it_can_not_be(tmp_path: Path) -> None:
    file, clock = tmp_path / "ranges.txt", _Clock()
    file.write_text("203.0.113.5\n")
    listed = ListedRanges(file, clock)
    assert not listed.hold(LISTED)
    file.write_text(f"{LISTED}\n203.0.113.5\n")
    assert not listed.hold(LISTED), "it is looked at once a minute"
    clock.now_s = 61
    assert listed.hold(LISTED)
    for broken in (lambda: file.write_bytes(b"\xff\xfe\x00"), file.unlink):
        broken()
        clock.now_s += 61
        assert listed.hold(LISTED)
    with pytest.raises(BadSetting):
        ListedRanges(file)
    assert not ListedRanges(None).hold(LISTED)


# --- block lists ---


class Resolver:
    """A name server on a UDP port, which says what `answer` makes of each question."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.place: tuple[str, int] = self._socket.getsockname()
        self.asked: list[str] = []
        self.answer: Callable[[bytes, str], list[bytes]] = lambda asked, _name: [denied(asked)]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        # It is closed, maybe while it answers a question that nobody waits for any more.
        with suppress(OSError):
            while True:
                asked, sender = self._socket.recvfrom(512)
                name = name_in(asked)
                if not name:
                    return
                self.asked.append(name)
                for answer in self.answer(asked, name):
                    self._socket.sendto(answer, sender)

    def close(self) -> None:
        # A question without a name ends it.
        self._socket.sendto(bytes(17), self.place)
        self._socket.close()


def name_in(message: bytes) -> str:
    labels, place = [], 12
    while length := message[place]:
        labels.append(message[place + 1 : place + 1 + length].decode())
        place += 1 + length
    return ".".join(labels)


def denied(asked: bytes, code: int = 3) -> bytes:
    return asked[:2] + struct.pack(">5H", 0x8180 | code, 1, 0, 0, 0) + asked[12:]


def told(asked: bytes, address: str) -> bytes:
    """With a record of another kind before it, as for a name that is an alias."""
    text = b"\xc0\x0c" + struct.pack(">HHIH", 16, 1, 60, 3) + b"\x02hi"
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + ipaddress.ip_address(address).packed
    return asked[:2] + struct.pack(">5H", 0x8180, 1, 2, 0, 0) + asked[12:] + text + record


@pytest.fixture
def resolver() -> Iterator[Resolver]:
    there = Resolver()
    yield there
    there.close()


ZONES = ("a.example", "b.example")


def lists_whom_it_is_asked_about(asked: bytes, name: str) -> list[bytes]:
    """But not what no list may have."""
    return [denied(asked) if name.startswith("1.0.0.127.") else told(asked, "127.0.0.2")]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer is waited for as long as a busy machine may need for it, and asked for once."""
    monkeypatch.setattr(block_lists, "_WAIT_S", WAIT_S)
    monkeypatch.setattr(block_lists, "_ASK_AGAIN_AFTER_S", WAIT_S)


@pytest.fixture
def lists(database: Database, resolver: Resolver) -> tuple[BlockLists, _Clock]:
    clock = _Clock()
    return BlockLists(ZONES, resolver.place, database, CLOAK, clock), clock


def test_address_is_asked_backwards_in_all_lists_and_the_answer_is_kept(
    database: Database, resolver: Resolver, lists: tuple[BlockLists, _Clock]
) -> None:
    asked, _ = lists
    resolver.answer = lambda question, name: [
        told(question, "127.0.0.4") if name == "9.100.51.198.b.example" else denied(question)
    ]
    for _ in range(2):
        assert asked.hold(LISTED)
        assert not asked.hold(HERE)
    assert sorted(resolver.asked) == [
        "1.0.0.127.b.example",
        "7.2.0.192.a.example",
        "7.2.0.192.b.example",
        "9.100.51.198.a.example",
        "9.100.51.198.b.example",
    ]
    with database.connection() as db:
        assert block_list_answers.forget_expired(db, 10) == 0
        db.execute("UPDATE block_list_answers SET until = now()")
        assert block_list_answers.forget_expired(db, 10) == 2


def test_address_of_ipv6_is_asked_by_its_digits(
    resolver: Resolver, lists: tuple[BlockLists, _Clock]
) -> None:
    lists[0].hold(ipaddress.ip_address("2001:db8::1"))
    assert resolver.asked[0] == f"1.{'0.' * 23}8.b.d.0.1.0.0.2.a.example"


SILENT: dict[str, Callable[[bytes, str], list[bytes]]] = {
    "says nothing": lambda _asked, _name: [],
    "fails": lambda asked, _name: [denied(asked, 2)],
    "refuses us": lambda asked, _name: [told(asked, "127.255.255.254")],
    "is cut off": lambda asked, _name: [told(asked, "127.0.0.2")[:-9]],
    "answers what nobody asked": lambda asked, _name: [
        bytes(2) + told(asked, "127.0.0.2")[2:],
        told(asked[:12] + b"\x01x" + asked[12:], "127.0.0.2"),
        b"",
        b"\xff" * 500,
    ],
    "says half": lambda asked, name: [denied(asked)] if name.endswith("a.example") else [],
}


@pytest.mark.parametrize("how", SILENT)
def test_list_that_is_silent_shuts_nobody_out_and_is_left_alone_for_a_while(
    resolver: Resolver,
    lists: tuple[BlockLists, _Clock],
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    monkeypatch.setattr(block_lists, "_WAIT_S", 0.05)
    asked, clock = lists
    resolver.answer = SILENT[how]
    assert not asked.hold(LISTED)
    # Who gave up has not waited until all questions were read.
    assert eventually(lambda: len(resolver.asked) == len(ZONES))
    resolver.answer = lists_whom_it_is_asked_about
    assert not asked.hold(LISTED), "nobody is asked just after that"
    assert len(resolver.asked) == len(ZONES)
    clock.now_s = 31
    monkeypatch.setattr(block_lists, "_WAIT_S", WAIT_S)
    assert asked.hold(LISTED)


def test_what_leads_everywhere_is_no_list(
    resolver: Resolver, lists: tuple[BlockLists, _Clock]
) -> None:
    """Some name servers answer every name with the address of an advertisement."""
    resolver.answer = lambda asked, _name: [told(asked, "93.184.216.34")]
    assert not lists[0].hold(LISTED)


def test_nobody_is_asked_where_no_list_is_named(database: Database, resolver: Resolver) -> None:
    assert not BlockLists((), resolver.place, database, CLOAK).hold(LISTED)
    assert resolver.asked == []


def test_few_wait_for_lists_and_the_others_are_let_in(
    resolver: Resolver, lists: tuple[BlockLists, _Clock]
) -> None:
    asked, _ = lists
    resolver.answer = lists_whom_it_is_asked_about
    with asked._turns, asked._turns:
        assert not asked.hold(LISTED)
    assert resolver.asked == []
    assert asked.hold(LISTED)


def test_question_that_was_lost_on_the_way_is_asked_once_more(
    resolver: Resolver, lists: tuple[BlockLists, _Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(block_lists, "_ASK_AGAIN_AFTER_S", 0.0)
    lost = set[str]()

    def answer(asked: bytes, name: str) -> list[bytes]:
        if name not in lost and name.endswith("a.example"):
            lost.add(name)
            return []
        is_the_one = name.endswith("a.example")
        return lists_whom_it_is_asked_about(asked, name) if is_the_one else [denied(asked)]

    resolver.answer = answer
    assert lists[0].hold(LISTED)


def test_list_that_has_everybody_is_not_believed_and_the_others_are(
    resolver: Resolver, lists: tuple[BlockLists, _Clock]
) -> None:
    """One that was given up, whose domain somebody bought: it would shut a board for all."""
    asked, clock = lists
    resolver.answer = lambda question, name: (
        [told(question, "127.0.0.2")]
        if name.endswith("a.example") or name == "9.100.51.198.b.example"
        else [denied(question)]
    )
    assert not asked.hold(HERE)
    assert asked.hold(LISTED)
    count = len(resolver.asked)
    assert not asked.hold(ipaddress.ip_address("192.0.2.8"))
    assert [name for name in resolver.asked[count:] if "a.example" in name] == []
    clock.now_s = 601
    resolver.answer = lists_whom_it_is_asked_about
    assert asked.hold(ipaddress.ip_address("192.0.2.9")), "it may have been mended"


@pytest.mark.slow
@pytest.mark.parametrize("how", ["slow", "dead", "lying"])
def test_crowd_of_new_addresses_is_let_in_whatever_the_name_server_does(
    resolver: Resolver,
    lists: tuple[BlockLists, _Clock],
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    """Of the writer's threads two wait at most, and no more than once."""
    asked, _ = lists
    answered = threading.Event()
    if how == "dead":
        monkeypatch.setattr(block_lists, "_WAIT_S", 0.01)
        resolver.answer = SILENT["says nothing"]
    elif how == "lying":
        resolver.answer = lambda question, _name: [told(question, "127.0.0.2")]
    else:

        def once_all_others_are_in(question: bytes, _name: str) -> list[bytes]:
            answered.wait()
            return [denied(question)]

        resolver.answer = once_all_others_are_in
    crowd = [ipaddress.ip_address("198.18.0.0") + number for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        held = [threads.submit(asked.hold, address) for address in crowd]
        for number, one in enumerate(as_completed(held), start=1):
            assert one.result() is False
            if number == len(crowd) - 2:
                answered.set()
        answered.set()
    addresses = {name[: -len(".a.example")] for name in resolver.asked}
    assert how == "lying" or len(addresses) <= 2


# --- what boards make of it ---


@pytest.fixture
def start(
    settings: Settings,
    queue: redis.Redis,
    resolver: Resolver,
    tmp_path: Path,
    one_fork_server: None,
) -> Iterator[testing.TestClient]:
    file = tmp_path / "ranges.txt"
    file.write_text("203.0.113.0/24\n")
    there = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "STILLBOARD_DATA": str(tmp_path),
        "STILLBOARD_ADDRESS_KEY": "k" * 32,
        "CSRF_KEY": "c" * 32,
        "STILLBOARD_RANGES_FILE": str(file),
        "STILLBOARD_BLOCK_LISTS": "a.example",
        "STILLBOARD_BLOCK_LISTS_RESOLVER": f"127.0.0.1:{resolver.place[1]}",
    }
    parts = build_parts(Settings.read(there))
    yield testing.TestClient(create_app(parts))
    parts.darkroom.close()
    parts.database.close()


def answers(client: testing.TestClient, address: str, board: str = "b") -> Any:
    return send_files(client, [], address=address, board=board, body=f"From {address}.").json


@pytest.mark.slow
def test_board_says_what_becomes_of_posts_from_there(
    start: testing.TestClient,
    database: Database,
    resolver: Resolver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_board(database, listed_ranges="refuse", block_lists="hold")
    a_board(database, "tea", listed_ranges="captcha", blocked_countries="DE, FR")
    a_board(database, "all")
    resolver.answer = lambda asked, name: [
        told(asked, "127.0.0.2") if name.startswith("9.100.51.198.") else denied(asked)
    ]
    assert "id" in answers(start, "192.0.2.7")
    refused = answers(start, "203.0.113.9")
    assert refused["error"] == "This board takes no posts from where you are."
    assert answers(start, str(LISTED))["held"]
    assert answers(start, "203.0.113.9", "tea")["code"] == "captcha_failed"
    assert "id" in answers(start, "203.0.113.9", "all")
    asked = len(resolver.asked)
    monkeypatch.setattr(Origins, "country", lambda *_asked: "FR")
    assert answers(start, "192.0.2.7", "tea")["code"] == "refused_by_rule"
    monkeypatch.setattr(Origins, "country", lambda *_asked: None)
    assert "id" in answers(start, "192.0.2.7", "tea")
    assert len(resolver.asked) == asked, "these boards ask no list"
