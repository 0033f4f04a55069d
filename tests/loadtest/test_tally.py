"""What workers tell their master adds up to what one process would have seen."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.tally import Acknowledged, Place, Tally

_NUMBERS = st.integers(0, 50)
_PLACES = st.lists(st.builds(Place, _NUMBERS, _NUMBERS), max_size=5)
_TALLIES = st.builds(
    Tally,
    reads=_NUMBERS,
    torn=_NUMBERS,
    wrong_status=_NUMBERS,
    refused_wrongly=_NUMBERS,
    late=_NUMBERS,
    settled=_NUMBERS,
    acknowledged=st.lists(st.builds(Acknowledged, _NUMBERS, _NUMBERS, st.text()), max_size=5),
    shown_threads=st.sets(_NUMBERS, max_size=5),
    steps_back=_PLACES,
    deleted=_PLACES,
    notes=st.dictionaries(st.text(), st.integers(1, 9), max_size=3).map(Counter),
)


@pytest.mark.slow
@given(_TALLIES, _TALLIES)
def test_news_of_two_workers_add_up(one: Tally, other: Tally) -> None:
    reads = one.reads + other.reads
    acknowledged = one.acknowledged + other.acknowledged
    threads = one.shown_threads | other.shown_threads
    notes = one.notes + other.notes
    master = Tally()
    for worker in (one, other):
        master.add(json.loads(json.dumps(worker.take_news())))
    assert master.reads == reads
    assert master.acknowledged == acknowledged
    assert master.shown_threads == threads
    assert master.notes == notes


@given(_TALLIES)
def test_nothing_is_told_twice(tally: Tally) -> None:
    tally.take_news()
    assert tally == Tally()


def test_step_back_is_excused_by_a_deletion_in_the_same_thread() -> None:
    tally = Tally(steps_back=[Place(1, 9), Place(2, 8)], deleted=[Place(1, 5)])
    assert tally.backward() == 1


def test_deletion_that_another_worker_saw_excuses_as_well() -> None:
    reader, staff = Tally(steps_back=[Place(1, 9)]), Tally(deleted=[Place(1, 9)])
    master = Tally()
    master.add(reader.take_news())
    assert master.backward() == 1
    master.add(staff.take_news())
    assert master.backward() == 0


def test_first_reason_to_stop_stays() -> None:
    master = Tally()
    for sentence in ("", "the limits are on", "something else"):
        master.add(Tally(halted=sentence).take_news())
    assert master.halted == "the limits are on"
