"""A post from a train stands once: `python -m tests.browser.train` looks longer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser import train
from tests.browser.weak_network import Fate
from tests.walk.board_process import BoardProcess

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def board_with_limits() -> Iterator[BoardProcess]:
    with train.a_board() as board:
        yield board


#: Of these seeds the first try is cut in each of the three ways.
@pytest.mark.parametrize(
    ("journey", "seed"),
    [
        ("plain form", 1),
        ("plain form with a picture", 2),
        ("with a picture", 4),
        ("offline, then online", 4),
        ("closed", 9),
        ("reloaded", 11),
    ],
)
def test_post_from_a_train_stands_once_and_nothing_of_it_is_lost(
    chromium: Browser, board_with_limits: BoardProcess, journey: str, seed: int
) -> None:
    arrival = train.travel(chromium, board_with_limits, journey, seed, latency_s=0.2, loss=0.5)
    assert arrival.problems == []
    assert set(arrival.posts) != {Fate.PASSES}, "a try was cut"
