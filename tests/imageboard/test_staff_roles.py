"""Who of the staff may do what: the whole table."""

from __future__ import annotations

import pytest

from imageboard.errors import NotAllowed
from imageboard.staff_roles import Power, Role, Visitor

EVERYONE = {Role.JANITOR, Role.MODERATOR, Role.ADMIN}
NO_JANITOR = {Role.MODERATOR, Role.ADMIN}

TABLE = {
    Power.READ_REPORTS: EVERYONE,
    Power.DISMISS_REPORTS: EVERYONE,
    Power.DELETE: EVERYONE,
    Power.DELETE_FILE: EVERYONE,
    Power.BAN: NO_JANITOR,
    Power.STICKY: NO_JANITOR,
    Power.LOCK: NO_JANITOR,
    Power.READ_LOG: {Role.ADMIN},
}


def test_table_names_every_power() -> None:
    assert set(TABLE) == set(Power)


@pytest.mark.parametrize("power", Power)
@pytest.mark.parametrize("role", Role)
def test_role_may_do_what_the_table_says(role: Role, power: Power) -> None:
    visitor = Visitor("alice", role, "")
    assert visitor.may(power) == (role in TABLE[power])
    if role not in TABLE[power]:
        with pytest.raises(NotAllowed, match=role.value):
            visitor.require(power)
