"""Boards, their names and what their owners can set."""

from __future__ import annotations

from dataclasses import fields

import pytest

from imageboard.boards import BoardSettings, read_board_name
from imageboard.errors import BadBoardSetting, NoSuchBoard

NUMBERS = [setting.name for setting in fields(BoardSettings) if setting.type == "int"]
FLAGS = [setting.name for setting in fields(BoardSettings) if setting.type == "bool"]
TEXTS = [setting.name for setting in fields(BoardSettings) if setting.type == "str"]


def test_every_setting_is_a_number_a_flag_or_a_text() -> None:
    assert len(NUMBERS) + len(FLAGS) + len(TEXTS) == len(fields(BoardSettings))


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e3", "many", " 5", "٣", "1000000000"])
def test_number_out_of_bounds_is_refused_with_its_bounds(name: str, text: str) -> None:
    with pytest.raises(BadBoardSetting, match=rf"^{name}: a whole number from \d+ to \d+"):
        BoardSettings().changed({name: text})


@pytest.mark.parametrize("name", NUMBERS)
def test_every_default_is_a_value_that_could_be_set(name: str) -> None:
    settings = BoardSettings()
    assert settings.changed({name: str(getattr(settings, name))}) == settings


@pytest.mark.parametrize("name", FLAGS)
def test_flag_is_on_or_off(name: str) -> None:
    for text in ("on", "true", "1", "YES"):
        assert getattr(BoardSettings().changed({name: text}), name) is True
    for text in ("off", "False", "0", "no"):
        assert getattr(BoardSettings().changed({name: text}), name) is False
    for text in ("", "maybe", "2"):
        with pytest.raises(BadBoardSetting, match=f"^{name}: on or off"):
            BoardSettings().changed({name: text})


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("text", ["two\nlines", "tab\t", "nul\0", "x" * 201])
def test_text_is_one_short_line(name: str, text: str) -> None:
    with pytest.raises(BadBoardSetting, match=f"^{name}: one line of at most"):
        BoardSettings().changed({name: text})


@pytest.mark.parametrize("name", ["title", "anonymous_name"])
@pytest.mark.parametrize("text", ["", "  "])
def test_text_that_pages_can_not_do_without_is_not_empty(name: str, text: str) -> None:
    with pytest.raises(BadBoardSetting, match=f"^{name}: can't be empty"):
        BoardSettings().changed({name: text})


def test_several_changes_are_made_together_and_the_rest_stays() -> None:
    changed = BoardSettings(title="Kettles").changed({"bump_limit": "300", "reply_limit": "0"})
    assert (changed.title, changed.bump_limit, changed.reply_limit) == ("Kettles", 300, 0)


def test_unknown_setting_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(BadBoardSetting, match=r"no such setting; there are .*\bbump_limit\b"):
        BoardSettings().changed({"bumplimit": "1"})


def test_stored_settings_survive_a_new_and_a_dropped_setting() -> None:
    """The database holds what an older or newer version wrote."""
    stored = BoardSettings(title="Kettles").to_json()
    del stored["bump_limit"]
    stored["of_another_version"] = 1
    assert BoardSettings.from_json(stored) == BoardSettings(title="Kettles")


@pytest.mark.parametrize("text", ["b", "/b/", " /b/ ", "b/", "wsr", "3", "a" * 16])
def test_board_is_named_with_or_without_its_slashes(text: str) -> None:
    assert read_board_name(text) == text.strip(" /")


@pytest.mark.parametrize(
    "text", ["", "/", "B", "b c", "../b", "b/../c", "ü", "a" * 17, "b.html", "b\nc"]
)
def test_what_can_be_no_boards_name_is_no_board(text: str) -> None:
    with pytest.raises(NoSuchBoard):
        read_board_name(text)
