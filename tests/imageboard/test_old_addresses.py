"""The table of other engines' addresses: no row is idle, and none leads to another."""

from __future__ import annotations

import re

from imageboard.old_addresses import OF_A_RENAMED_BOARD, OLD_ADDRESSES
from tests.nginx.old_addresses import NOBODYS, OLD
from tests.tables import for_each

_IN_PYTHON = [re.compile("/" + old.whole.replace("(?<", "(?P<")) for old in OLD_ADDRESSES]


def row_of(address: str) -> int | None:
    return next((row for row, shape in enumerate(_IN_PYTHON) if shape.match(address)), None)


def test_each_row_has_an_address_that_it_leads_on() -> None:
    assert {row_of(address) for address, _led_to in OLD} == set(range(len(OLD_ADDRESSES)))


@for_each("led_to", sorted({led_to for _address, led_to in OLD}))
def test_where_an_address_leads_is_the_end(led_to: str) -> None:
    assert row_of(led_to) is None


@for_each("address", NOBODYS)
def test_what_only_looks_alike_leads_nowhere(address: str) -> None:
    assert row_of(address) is None


def test_each_group_of_a_pattern_stands_in_its_target_or_can_be_left() -> None:
    for old in (*OLD_ADDRESSES, *OF_A_RENAMED_BOARD):
        groups = set(re.findall(r"\(\?<([a-z]+)>", old.whole))
        assert set(re.findall(r"{([a-z]+)}", old.target)) <= groups, old
