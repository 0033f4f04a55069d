"""Boards and their names."""

from __future__ import annotations

import pytest

from imageboard.boards import read_board_name, read_new_name, read_old_name
from imageboard.errors import BadBoardSetting, NoSuchBoard
from tests.tables import for_each


@for_each("text", ["b", "/b/", " /b/ ", "b/", "wsr", "3", "a" * 16, "B", "ü", "λ", "$$"])
def test_board_is_named_with_or_without_its_slashes(text: str) -> None:
    assert read_board_name(text) == text.strip(" /")


@for_each(
    "text", ["", "/", "b c", "../b", "b/../c", "b-c", "\U0001f408", "a" * 59, "b.html", "b\nc"]
)
def test_what_can_be_no_boards_name_is_no_board(text: str) -> None:
    with pytest.raises(NoSuchBoard):
        read_board_name(text)


@for_each("name", ["λ", "Δ", "B", "b", "$$", "x" * 58, "日本語"])
def test_board_from_elsewhere_keeps_its_name(name: str) -> None:
    assert read_old_name(name) == name


@for_each(
    "name",
    ["", "/λ/", "a b", "static", "mod", "a\u202eb", "a\u200bb", "e\u0301", "a\u00a0b", "x" * 59],
)
def test_name_that_nobody_sees_or_that_means_something_here_is_not_kept(name: str) -> None:
    with pytest.raises(BadBoardSetting):
        read_old_name(name)


@for_each("name", ["B", "λ", "$$", "a" * 17])
def test_new_board_has_a_name_that_everybody_can_type(name: str) -> None:
    with pytest.raises(BadBoardSetting):
        read_new_name(name)
