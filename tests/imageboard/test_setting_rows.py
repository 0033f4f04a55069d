"""A setting is one row: each says all that is needed, and adding one takes nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from imageboard.errors import BadBoardSetting, BadSetting
from imageboard.settings import (
    BoardRow,
    BoardSettings,
    FormField,
    ProcessRow,
    Row,
    Settings,
    Shows,
    as_typed,
    form_fields,
)
from imageboard.settings.readers import flag, whole
from imageboard.settings.rows import setting
from tests.tables import for_each

ALL: list[Row] = [*Settings.rows(), *BoardSettings.rows()]
COUNTED = [row for row in ALL if row.reader.kind == "number"]

#: How the name of a setting says what it counts.
NAMED_FOR_ITS_UNIT = {
    "MB": "_mb_",
    "connections": "connections",
    "days": "days",
    "workers": "workers",
    "milliseconds": "_ms$",
    "URLs a second": "urls_per_s$",
    "files": "files|^image_limit$",  # vichan's name
    "places": "^place$",
    "replies": "repl(y|ies)|^bump_limit$",  # vichan's name
    "characters": "chars",
    "pixels": "px|pixels",
    "seconds": "_s$",
}


@for_each("row", ALL, ids=lambda row: row.name)
def test_row_says_in_a_sentence_what_it_is_for(row: Row) -> None:
    assert re.fullmatch(r"[A-Z`].{8,}\.", row.sentence)
    assert row.reader.allowed


@for_each("row", BoardSettings.rows(), ids=lambda row: row.name)
def test_default_of_a_board_could_be_set(row: BoardRow) -> None:
    assert row.reader.read(as_typed(row.default)) == row.default


@for_each("row", Settings.rows(), ids=lambda row: row.name)
def test_default_of_the_machine_could_be_given(row: ProcessRow) -> None:
    """Or there is none: an empty value counts as not given."""
    text = as_typed(row.default)
    assert not text or row.reader.read(text) == row.default


@for_each("row", COUNTED, ids=lambda row: row.name)
def test_number_has_bounds_and_its_unit_in_its_name(row: Row) -> None:
    assert row.reader.low is not None
    assert row.reader.high is not None
    assert row.reader.low <= row.default <= row.reader.high
    assert re.search(NAMED_FOR_ITS_UNIT.get(row.unit, row.unit), row.attribute)


def test_no_name_is_taken_twice() -> None:
    names = [row.name for row in ALL]
    assert sorted(set(names)) == sorted(names)


# --- one more ---


@dataclass(frozen=True, slots=True)
class MoreOfABoard(BoardSettings):
    """A board with one setting more, which shows nowhere."""

    nap_s: int = setting(
        BoardRow(
            whole(0, 60, "seconds"),
            5,
            "Seconds for which a poster naps.",
            shows=Shows.NOWHERE,
            is_read_in_sql=True,
        )
    )


@dataclass(frozen=True, slots=True)
class MoreOfTheMachine(Settings):
    """A machine with one setting more."""

    naps: bool = setting(
        ProcessRow(
            flag(), True, "Whether it naps.", "STILLBOARD_NAPS", example="on", is_secret=False
        )
    )


def test_setting_of_a_board_is_added_by_a_row_alone() -> None:
    changed = MoreOfABoard().changed({"nap_s": "9"})
    assert changed.nap_s == 9
    assert MoreOfABoard.from_json(changed.to_json()) == changed
    assert MoreOfABoard.from_json(BoardSettings().to_json()).nap_s == 5
    assert [row.name for row in MoreOfABoard().differing(changed)] == ["nap_s"]
    assert MoreOfABoard.defaults_in_sql() == BoardSettings.defaults_in_sql() | {"nap_s": 5}
    with pytest.raises(BadBoardSetting, match=r"^nap_s: is not a whole number from 0 to 60\. Sec"):
        MoreOfABoard().changed({"nap_s": "61"})


def test_setting_of_the_machine_is_added_by_a_row_alone() -> None:
    settings = MoreOfTheMachine.read({"STILLBOARD_NAPS": "off"})
    assert isinstance(settings, MoreOfTheMachine)
    assert settings.naps is False
    with pytest.raises(BadSetting, match=r"^STILLBOARD_NAPS: is neither on nor off\. Example"):
        MoreOfTheMachine.read({"STILLBOARD_NAPS": "maybe"})
    with pytest.raises(BadSetting, match=r"Did you mean STILLBOARD_NAPS\?"):
        MoreOfTheMachine.read({"STILLBOARD_NAP": "on"})


# --- forms ---


def test_form_asks_for_each_setting_with_its_kind_bounds_default_unit_and_sentence() -> None:
    fields = {field.name: field for field in form_fields(MoreOfABoard.rows())}
    assert list(fields) == [row.name for row in MoreOfABoard.rows()]
    assert fields["nap_s"] == FormField(
        name="nap_s",
        kind="number",
        value="5",
        sentence="Seconds for which a poster naps.",
        unit="seconds",
        low=0,
        high=60,
        choices=(),
    )
    assert fields["poster_ids"][:3] == ("poster_ids", "flag", "on")
    assert fields["poster_ids"].choices == ("on", "off")
    title = fields["title"]
    assert (title.kind, title.low, title.high, title.unit) == ("text", 1, 80, "characters")


def test_what_a_form_shows_by_itself_is_accepted_as_it_is() -> None:
    typed = {field.name: field.value for field in form_fields(BoardSettings.rows())}
    assert BoardSettings().changed(typed) == BoardSettings()
