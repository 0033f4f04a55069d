"""What searches cost who posts: which are sent, and how the turns are told."""

from __future__ import annotations

from collections import Counter

from loadtest import searching


def test_searches_are_of_one_word_and_of_two_in_turn_and_the_same_each_time() -> None:
    words = ("kettle", "pump", "lens")
    sought = [searching.sought(words, number) for number in range(20)]
    assert [len(each.split()) for each in sought] == [1, 2] * 10
    assert {word for each in sought for word in each.split()} == set(words)
    assert sought == [searching.sought(words, number) for number in range(20)]
    assert searching.sought(("kettle",), 1) == "kettle"


def test_searches_come_as_often_as_posts_and_not_in_step_with_them() -> None:
    moments = [searching.moment_s(number, 20.0) for number in range(1000)]
    assert moments == [searching.moment_s(number, 20.0) for number in range(1000)]
    assert [int(20 * at) for at in moments] == list(range(1000))
    phases = Counter(int(10 * (20 * at % 1)) for at in moments)
    assert set(phases) == set(range(10))
    assert max(phases.values()) < 150


def test_each_round_is_compared_with_itself() -> None:
    told = searching.ratios([2.0, 4.0, 3.0], [2.2, 4.0, 3.3])
    assert told == {"alone_ms": 3.0, "beside_ms": 3.3, "ratio": 1.1, "ratios": [1.1, 1.0, 1.1]}
