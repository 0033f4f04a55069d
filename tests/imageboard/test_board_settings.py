"""What an owner can set for a board, and what is refused."""

from __future__ import annotations

import pytest

from imageboard.errors import BadBoardSetting
from imageboard.settings import BoardSettings
from imageboard.words import Message
from tests.tables import for_each

ROWS = {row.name: row for row in BoardSettings.rows()}
NUMBERS = [name for name, row in ROWS.items() if row.reader.kind == "number"]
FLAGS = [name for name, row in ROWS.items() if row.reader.kind == "flag"]
TEXTS = [name for name, row in ROWS.items() if row.reader.kind == "text"]
#: Tried where they are used.
NAMES = ["thread_tags", "user_flags", "report_categories"]
ASKED = "captcha_questions"
CHOICES = [name for name, row in ROWS.items() if row.reader.kind == "choice"]


def refusal(name: str, text: str) -> str:
    with pytest.raises(BadBoardSetting) as refused:
        BoardSettings().changed({name: text})
    assert isinstance(refused.value.fault, Message), "it is marked for other languages"
    return str(refused.value)


def test_every_setting_is_of_a_kind_that_is_tried_here() -> None:
    lists = {"marks", "file_kinds", "blocked_countries", ASKED}
    assert {*NUMBERS, *FLAGS, *TEXTS, *CHOICES, *NAMES} | lists == set(ROWS)


@for_each("name", CHOICES)
def test_choice_is_one_of_those_that_there_are(name: str) -> None:
    for choice in ROWS[name].reader.choices:
        assert getattr(BoardSettings().changed({name: choice.upper()}), name) == choice
    choices = ", ".join(ROWS[name].reader.choices)
    for text in ("", "sometimes"):
        assert refusal(name, text) == f"{name}: is not one of {choices}. {ROWS[name].sentence}"


@for_each("name", NUMBERS)
@for_each("text", ["", "-1", "1.5", "1e3", "many", " 5", "٣", "1000000000"])
def test_number_out_of_bounds_is_refused_with_its_bounds_and_what_it_says(
    name: str, text: str
) -> None:
    low, high = ROWS[name].reader.low, ROWS[name].reader.high
    assert refusal(name, text) == (
        f"{name}: is not a whole number from {low} to {high}. {ROWS[name].sentence}"
    )


@for_each("name", NUMBERS)
def test_both_bounds_of_a_number_can_be_set_and_no_further(name: str) -> None:
    low, high = ROWS[name].reader.low, ROWS[name].reader.high
    assert low is not None
    assert high is not None
    for value in (low, high):
        assert getattr(BoardSettings().changed({name: str(value)}), name) == value
    refusal(name, str(high + 1))
    refusal(name, str(low - 1))


@for_each("name", FLAGS)
def test_flag_is_on_or_off(name: str) -> None:
    for text in ("on", "true", "1", "YES"):
        assert getattr(BoardSettings().changed({name: text}), name) is True
    for text in ("off", "False", "0", "no"):
        assert getattr(BoardSettings().changed({name: text}), name) is False
    for text in ("", "maybe", "2"):
        assert refusal(name, text) == f"{name}: is neither on nor off. {ROWS[name].sentence}"


def test_countries_are_a_list_of_their_letters() -> None:
    for text in ("de, FR", "FR DE", " fr,DE,de "):
        assert BoardSettings().changed({"blocked_countries": text}).blocked_countries == "DE, FR"
    assert BoardSettings().changed({"blocked_countries": ""}).blocked_countries == ""
    for text in ("Germany", "XX", "D"):
        assert "is not a list of at most 250 countries" in refusal("blocked_countries", text)


def test_marks_are_a_list_of_those_that_there_are() -> None:
    for text in ("spoiler bold", "Bold, SPOILER", "  spoiler,bold  spoiler"):
        assert BoardSettings().changed({"marks": text}).marks == "bold spoiler"
    assert BoardSettings().changed({"marks": " "}).marks == ""
    assert BoardSettings().changed({"file_kinds": "PNG, jpeg"}).file_kinds == "jpeg png"
    assert refusal("marks", "bold blink").startswith("marks: is not a list of any of bold, italic")


@for_each("name", TEXTS)
@for_each("text", ["two\nlines", "tab\t", "nul\0", "x" * 201])
def test_text_is_one_short_line(name: str, text: str) -> None:
    assert refusal(name, text).startswith(f"{name}: is not one line of at most")


@pytest.mark.parametrize("name", ["title", "anonymous_name"])
@pytest.mark.parametrize("text", ["", "  "])
def test_text_that_pages_can_not_do_without_is_not_empty(name: str, text: str) -> None:
    assert refusal(name, text).startswith(f"{name}: is empty")


def test_several_changes_are_made_together_and_the_rest_stays() -> None:
    changed = BoardSettings(title="Kettles").changed({"bump_limit": "300", "reply_limit": "0"})
    assert (changed.title, changed.bump_limit, changed.reply_limit) == ("Kettles", 300, 0)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("bumplimit", "bump_limit"), ("Title", "title"), ("files-max", "files_max"), ("qqq", None)],
)
def test_unknown_setting_is_refused_with_the_nearest_and_all_that_there_are(
    name: str, meant: str | None
) -> None:
    told = refusal(name, "1")
    assert told.startswith(f"{name}: no such setting; ")
    assert ("did you mean" in told) == (meant is not None)
    if meant:
        assert f"did you mean {meant}? " in told
    assert told.endswith(", ".join(sorted(ROWS)))


@for_each("name", ROWS)
def test_setting_that_a_stored_board_lacks_has_its_default(name: str) -> None:
    """The database holds what an older or newer version wrote."""
    stored = BoardSettings().to_json()
    del stored[name]
    assert BoardSettings.from_json(stored) == BoardSettings()
    assert BoardSettings.from_json(stored | {name: None}) == BoardSettings()


def test_setting_of_another_version_is_passed_over() -> None:
    assert BoardSettings.from_json({"of_another_version": 1}) == BoardSettings()
