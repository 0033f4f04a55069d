"""Who of the staff may do what, and where: the whole table."""

from __future__ import annotations

import pytest

from imageboard.errors import BeyondOwnPowers, NotAllowed
from imageboard.staff_roles import (
    AnyRole,
    Grant,
    MadeRole,
    Power,
    Role,
    Visitor,
    powers_said,
    powers_spelled,
)
from tests.tables import for_each

EVERYONE = set(Role)
NO_JANITOR = EVERYONE - {Role.JANITOR}
OWNERS = {Role.OWNER, Role.ADMIN}

TABLE = {
    Power.READ_REPORTS: EVERYONE,
    Power.DISMISS_REPORTS: EVERYONE,
    Power.DELETE: EVERYONE,
    Power.DELETE_FILE: EVERYONE,
    Power.JUDGE_HELD: EVERYONE,
    Power.ERASE: NO_JANITOR,
    Power.BAN: NO_JANITOR,
    Power.ANSWER_APPEALS: NO_JANITOR,
    Power.EDIT: OWNERS,
    Power.EDIT_NAMES: {Role.ADMIN},
    Power.STICKY: NO_JANITOR,
    Power.LOCK: NO_JANITOR,
    Power.MOVE: NO_JANITOR,
    Power.BRING_BACK: NO_JANITOR,
    Power.SET_STATE: NO_JANITOR,
    Power.READ_LOG: OWNERS,
    Power.SET_BOARD: OWNERS,
    Power.WRITE_PAGES: OWNERS,
    Power.MAKE_RULES: OWNERS,
    Power.DECORATE: OWNERS,
    Power.APPOINT: OWNERS,
    Power.MAKE_ROLES: {Role.ADMIN},
    Power.MAKE_BOARDS: {Role.ADMIN},
    Power.REMOVE_BOARDS: {Role.ADMIN},
}


#: Those that come with the board, one of each power alone, each but one power, and one of none.
ROLES: list[AnyRole] = [
    *Role,
    *(MadeRole(f"only {power.spelled}", frozenset({power})) for power in Power),
    *(MadeRole(f"appoints, {each.spelled}", frozenset({Power.APPOINT, each})) for each in Power),
    *(MadeRole(f"all but {power.spelled}", frozenset(set(Power) - {power})) for power in Power),
    MadeRole("nothing", frozenset()),
]
PLACES = (None, "b", "tea")


def a_visitor(*grants: Grant) -> Visitor:
    return Visitor("alice", grants, "")


def test_table_names_every_power() -> None:
    assert set(TABLE) == set(Power)


@for_each("power", Power)
@for_each("role", Role)
def test_role_may_do_what_the_table_says(role: Role, power: Power) -> None:
    visitor = a_visitor(Grant(role))
    for board in (None, "b", "tea"):
        assert visitor.may(power, board) == (role in TABLE[power])
        if role not in TABLE[power]:
            with pytest.raises(NotAllowed, match=f"Your role, {role.value},"):
                visitor.require(power, board)


@for_each("power", Power)
@for_each("role", Role)
def test_role_on_one_board_is_none_on_another_nor_on_all(role: Role, power: Power) -> None:
    visitor = a_visitor(Grant(role, "b"))
    assert visitor.may(power, "b") == (role in TABLE[power])
    for board in (None, "tea", "B", ""):
        assert not visitor.may(power, board)
        with pytest.raises(NotAllowed, match="of /b/"):
            visitor.require(power, board)


def test_roles_on_several_boards_add_up() -> None:
    visitor = a_visitor(Grant(Role.JANITOR, "b"), Grant(Role.MODERATOR, "tea"))
    assert visitor.title.said() == "janitor of /b/, moderator of /tea/"
    assert visitor.boards(Power.DELETE) == ["b", "tea"]
    assert visitor.boards(Power.BAN) == ["tea"]
    assert visitor.boards(Power.READ_LOG) == []
    assert not visitor.may_somewhere(Power.READ_LOG)
    visitor.require_somewhere(Power.BAN)
    with pytest.raises(NotAllowed):
        visitor.require_somewhere(Power.READ_LOG)


def test_role_on_all_boards_is_not_taken_away_by_a_lesser_one_on_one() -> None:
    visitor = a_visitor(Grant(Role.MODERATOR), Grant(Role.JANITOR, "b"))
    assert visitor.may(Power.BAN, "b")
    assert visitor.boards(Power.BAN) is None


def test_nobody_s_role_may_nothing() -> None:
    assert not any(a_visitor().may_somewhere(power) for power in Power)


@pytest.mark.slow
def test_nobody_gives_a_power_that_they_lack_there() -> None:
    """Over all pairs of roles and places: what somebody gave, or took, they could do themselves."""
    given = 0
    for own in (Grant(role, board) for role in ROLES for board in PLACES):
        visitor = a_visitor(own)
        for grant in (Grant(role, board) for role in ROLES for board in PLACES):
            had = a_visitor(grant)
            beyond = any(
                had.may(power, board) and not visitor.may(power, board)
                for power in Power
                for board in (*PLACES, "one of tomorrow")
            )
            may = visitor.may(Power.APPOINT, grant.board) and not beyond
            assert visitor.may_grant(grant) == may, f"{own} to {grant}"
            given += may
            if not may:
                with pytest.raises(BeyondOwnPowers):
                    visitor.require_over([grant])
    assert given > 500


def test_whoever_holds_more_elsewhere_is_out_of_reach() -> None:
    owner = a_visitor(Grant(Role.OWNER, "b"))
    owner.require_over([Grant(Role.OWNER, "b")])
    with pytest.raises(BeyondOwnPowers):
        owner.require_over([Grant(Role.JANITOR, "b"), Grant(Role.JANITOR, "tea")])
    with pytest.raises(BeyondOwnPowers):
        owner.require_over([])
    a_visitor(Grant(Role.ADMIN)).require_over([])


def test_powers_are_spelled_as_they_are_read() -> None:
    assert powers_spelled([power.spelled for power in Power]) == set(Power)
    assert powers_spelled(["ban", "BAN", "fly"]) == {Power.BAN}


def test_every_power_is_said_once() -> None:
    said = [words for role in Role for words in powers_said(role).split(", ")]
    assert said == [str(power.words) for power in Power]
