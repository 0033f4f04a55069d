"""Boards and their names."""

from __future__ import annotations

import pytest

from imageboard.boards import read_board_name
from imageboard.errors import NoSuchBoard
from tests.tables import for_each


@for_each("text", ["b", "/b/", " /b/ ", "b/", "wsr", "3", "a" * 16])
def test_board_is_named_with_or_without_its_slashes(text: str) -> None:
    assert read_board_name(text) == text.strip(" /")


@for_each("text", ["", "/", "B", "b c", "../b", "b/../c", "ü", "a" * 17, "b.html", "b\nc"])
def test_what_can_be_no_boards_name_is_no_board(text: str) -> None:
    with pytest.raises(NoSuchBoard):
        read_board_name(text)
