"""Two files at the same time share a process: nobody's file is refused for the one beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from imageboard.media import MediaLimits
from tests.deploy.stand_ins import WAIT_S
from writer.media.benches import AT_ONCE, Benches, Memory
from writer.media.budget import DECODING_BYTES, light_bytes
from writer.media.containers import Container


@pytest.fixture
def benches() -> Benches:
    benches = Benches()
    benches.begin(files=4)
    return benches


def test_as_many_are_worked_on_at_once_as_there_are_benches(benches: Benches) -> None:
    """Each waits for the other, and what comes of them is in order."""
    both = threading.Barrier(AT_ONCE)

    def work(number: int) -> int:
        both.wait(WAIT_S)
        return number

    assert list(benches.map(work, range(4))) == [0, 1, 2, 3]


def test_a_file_that_is_alone_needs_no_thread() -> None:
    # Those of a test before may just end.
    benches, before = Benches(), set(threading.enumerate())
    benches.begin(files=1)
    assert not benches.are_several
    assert set(threading.enumerate()) <= before
    assert list(benches.map(abs, [-1])) == [1]


def test_where_no_thread_can_be_had_one_file_is_read_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    benches = Benches()
    benches.begin(files=2)
    assert not benches.are_several
    assert list(benches.map(abs, [-1, -2])) == [1, 2]


@pytest.fixture
def other() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as thread:
        yield thread


@pytest.mark.parametrize("whole", [lambda m: m.whole(), lambda m: m.share(99)], ids=["all", "more"])
def test_who_wants_all_memory_has_it_alone(
    other: ThreadPoolExecutor, whole: Callable[[Memory], Iterator[None]]
) -> None:
    memory, seen = Memory(10), []

    def take_some() -> None:
        with memory.share(1):
            seen.append("other")

    with whole(memory):
        taking = other.submit(take_some)
        assert not taking.done()
        seen.append("all")
    taking.result(WAIT_S)
    assert seen == ["all", "other"]


def test_what_fits_together_is_decoded_together(other: ThreadPoolExecutor) -> None:
    memory, is_in = Memory(10), threading.Event()

    def take() -> None:
        with memory.share(5):
            is_in.set()

    with memory.share(5):
        taking = other.submit(take)
        assert is_in.wait(WAIT_S)
    taking.result(WAIT_S)


def test_two_photographs_of_a_phone_fit_together() -> None:
    photograph = Container("jpeg", 4000, 3000, bytes_per_px=1)
    assert 2 * photograph.decoding_bytes <= DECODING_BYTES < light_bytes(MediaLimits())
