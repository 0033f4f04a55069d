"""Every row of the deeds holds together, whatever it does."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from imageboard.errors import BadField
from imageboard.store import (
    account_deeds,
    ban_deeds,
    board_deeds,
    deeds,
    log_words,
    post_deeds,
    poster_deeds,
    removal_deeds,
    staff_deeds,
    state_deeds,
)
from imageboard.store.deeds import Deed
from imageboard.words import Message
from tests.tables import for_each

TABLES = (
    post_deeds.OF_POSTS,
    ban_deeds.OF_BANS,
    removal_deeds.OF_REMOVALS,
    removal_deeds.OF_SEVERAL,
    removal_deeds.OF_DISMISSED,
    poster_deeds.OF_POSTERS,
    state_deeds.OF_STATES,
    state_deeds.OF_HELD,
    account_deeds.OF_ACCOUNT,
    staff_deeds.OF_STAFF,
    staff_deeds.OF_ROLES,
    board_deeds.OF_BOARDS,
    board_deeds.OF_NEW_BOARDS,
    board_deeds.OF_PAGES,
    board_deeds.OF_PICTURES,
)
ALL = [deed for table in TABLES for deed in table]


def test_button_names_one_deed_of_its_page() -> None:
    for table in TABLES:
        assert max(Counter(deed.name for deed in table).values()) == 1
        for deed in table:
            assert deeds.named(table, deed.name) is deed
        for name in ("", "explode", table[0].name.upper(), f" {table[0].name}"):
            with pytest.raises(BadField):
                deeds.named(table, name)


def test_name_in_the_log_has_one_meaning() -> None:
    """Two deeds may leave the same entry, in the same words."""
    words = {action.name: action.words for deed in ALL for action in deed.actions}
    for deed in ALL:
        assert deed.actions or deed in account_deeds.OF_ACCOUNT
        for action in deed.actions:
            assert words[action.name] == action.words == log_words.WORDS[action.name]


@for_each("deed", ALL, ids=lambda deed: deed.name)
def test_row_is_named_and_worded_like_the_others(deed: Deed) -> None:
    assert re.fullmatch("[a-z]+(_[a-z]+)*", deed.name)
    assert re.fullmatch(r"[A-Z].*\.", deed.done.id)
    for action in deed.actions:
        assert re.fullmatch("[a-z]+(_[a-z]+)*", action.name)
        assert not action.words.id.endswith(".")
    if isinstance(deed.button, Message):
        assert re.fullmatch(r"[A-Z].*[^.]", deed.button.id)
    assert not (deed.removes and not deed.shows), "what is removed is no longer shown"


@for_each("deed", [deed for deed in ALL if deed.fields], ids=lambda deed: deed.name)
def test_form_of_a_deed_has_each_field_once_and_none_of_the_page_s(deed: Deed) -> None:
    names = [field.name for field in deed.fields]
    assert len(set(names)) == len(names)
    assert not {"deed", "form_token", "back"} & set(names)
    assert deed in ban_deeds.OF_BANS or deed.heading
