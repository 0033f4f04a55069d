"""Boards to be loaded: small ones, that are up for all tests of a process."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.boards import UNPRESSED, RunningBoard
from tests.walk.board_process import BoardProcess, a_board_process


@pytest.fixture(scope="session")
def loaded_board() -> Iterator[BoardProcess]:
    """Without limits, with more than one page of threads to read."""
    with a_board_process(**UNPRESSED) as board:
        board.cli("seed", "--threads", "12", "--replies", "4", "--images")
        yield board


@pytest.fixture(scope="session")
def board_with_limits() -> Iterator[RunningBoard]:
    """As it is started for people; it believes a proxy at our address whom it asks for."""
    with tempfile.TemporaryDirectory(prefix="sb-", dir="/tmp") as folder:
        board = RunningBoard(
            Path(folder) / "data", STILLBOARD_TRUSTED_PROXIES="127.0.0.1", **UNPRESSED
        )
        try:
            yield board
        finally:
            board.stop()
