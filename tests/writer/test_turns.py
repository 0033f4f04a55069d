"""Who posts to a board waits for those before, and for nobody else; texts do not wait for files."""

from __future__ import annotations

import ipaddress
import runpy
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from imageboard.errors import OwnPictureWaits, PicturesBusy, StoreUnavailable
from tests.deploy.stand_ins import WAIT_S, eventually
from writer.turns import FILE_THREADS_MAX, FileTurns, Turns

ROOT = Path(__file__).parents[2]
ADDRESSES = [ipaddress.ip_address(f"192.0.2.{number}") for number in range(FILE_THREADS_MAX + 1)]


def test_who_waits_has_the_turn_after_whoever_has_it() -> None:
    turns = Turns()
    order: list[str] = []
    is_waiting = threading.Event()

    def wait() -> None:
        is_waiting.set()
        with turns.taken("b"):
            order.append("second")

    second = threading.Thread(target=wait)
    with turns.taken("b"):
        second.start()
        is_waiting.wait()
        order.append("first")
    second.join()
    assert order == ["first", "second"]


def test_another_board_does_not_wait() -> None:
    turns = Turns(wait_s_max=0)
    with turns.taken("b"), turns.taken("c"):
        pass


def test_turn_that_does_not_come_is_told_as_a_database_that_does_not_answer() -> None:
    turns = Turns(wait_s_max=0)
    with turns.taken("b"), pytest.raises(StoreUnavailable), turns.taken("b"):
        pytest.fail("two had the turn")


def test_turn_is_given_back_by_a_post_that_is_refused() -> None:
    turns = Turns(wait_s_max=0)
    with pytest.raises(StoreUnavailable), turns.taken("b"):
        raise StoreUnavailable(part="database")
    with turns.taken("b"):
        pass


# --- files ---


def test_files_leave_half_of_the_threads_to_texts() -> None:
    assert runpy.run_path(str(ROOT / "deploy/gunicorn.py"))["threads"] >= 2 * FILE_THREADS_MAX


def test_no_more_files_are_taken_than_threads_may_be_held(tmp_path: Path) -> None:
    turns = FileTurns(tmp_path / "turns")
    with ExitStack() as held:
        for address in ADDRESSES[:-1]:
            held.enter_context(turns.taken(address))
        with pytest.raises(PicturesBusy) as refusal, turns.taken(ADDRESSES[-1]):
            pytest.fail("one too many")
    assert refusal.value.retry_after_s > 0
    with turns.taken(ADDRESSES[-1]):
        pass


@pytest.mark.parametrize(
    ("first", "second"),
    [("192.0.2.1", "192.0.2.1"), ("2001:db8:0:7::1", "2001:db8:0:7:ffff::2")],
)
def test_poster_has_one_turn_in_all_processes(tmp_path: Path, first: str, second: str) -> None:
    here, there = (FileTurns(tmp_path, own_wait_s_max=0) for _ in range(2))
    with (
        here.taken(ipaddress.ip_address(first)),
        pytest.raises(OwnPictureWaits),
        there.taken(ipaddress.ip_address(second)),
    ):
        pytest.fail("two at once")
    with there.taken(ipaddress.ip_address(second)):
        pass


def test_second_file_of_a_poster_is_taken_after_the_first(tmp_path: Path) -> None:
    turns = FileTurns(tmp_path)
    order: list[str] = []
    is_waiting = threading.Event()

    def wait() -> None:
        is_waiting.set()
        with turns.taken(ADDRESSES[0]):
            order.append("second")

    second = threading.Thread(target=wait)
    with turns.taken(ADDRESSES[0]):
        second.start()
        is_waiting.wait()
        order.append("first")
    second.join()
    assert order == ["first", "second"]


def test_who_waits_for_files_of_their_own_leaves_room_for_others(tmp_path: Path) -> None:
    """However many one poster sends at once."""
    turns = FileTurns(tmp_path, own_wait_s_max=WAIT_S)
    refused: list[type[Exception]] = []

    def send() -> None:
        try:
            with turns.taken(ADDRESSES[0]):
                pass
        except (OwnPictureWaits, PicturesBusy) as ex:
            refused.append(type(ex))

    with turns.taken(ADDRESSES[0]):
        senders = [threading.Thread(target=send) for _ in range(8)]
        for sender in senders:
            sender.start()
        assert eventually(lambda: len(refused) == 6)
        with turns.taken(ADDRESSES[1]):
            pass
    for sender in senders:
        sender.join()
    assert len(refused) == 6, "two waited, and had their turn"


def test_without_limits_one_address_sends_many_and_nobody_is_refused(tmp_path: Path) -> None:
    turns = FileTurns(tmp_path, has_limits=False)
    order: list[str] = []

    def wait() -> None:
        with turns.taken(ADDRESSES[0]):
            order.append("one more")

    one_more = threading.Thread(target=wait)
    with ExitStack() as held:
        for _ in range(FILE_THREADS_MAX):
            held.enter_context(turns.taken(ADDRESSES[0]))
        one_more.start()
        order.append("all")
    one_more.join()
    assert order == ["all", "one more"]
