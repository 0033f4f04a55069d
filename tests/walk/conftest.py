"""One running board for all tests that leave it up: each adds a board of its own to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.boards import UNPRESSED
from tests.walk.board_process import BoardProcess, a_board_process

#: The sample's, so that its secure tripcodes come out as they did there.
SECURE_TRIP_SALT = "x"


@pytest.fixture(scope="session")
def board_process() -> Iterator[BoardProcess]:
    with a_board_process(STILLBOARD_SECURE_TRIP_SALT=SECURE_TRIP_SALT, **UNPRESSED) as board:
        yield board
