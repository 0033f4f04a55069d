"""Staff accounts and sessions, on a real PostgreSQL."""

from __future__ import annotations

import threading

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from imageboard import passwords
from imageboard.errors import (
    BadRole,
    BadStaffName,
    LastAdmin,
    NoSuchBoard,
    NoSuchRole,
    NoSuchStaff,
    RoleHeld,
    StaffNameTaken,
    WeakPassword,
)
from imageboard.staff_roles import Grant, MadeRole, Power, Role
from imageboard.store import roles, staff
from imageboard.store.database import Connection, Database
from tests.builders import a_board
from tests.tables import for_each

PASSWORD = "correct horse battery"
HERE, THERE = b"h" * 16, b"t" * 16


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """PERF: 20 to 40 ms of CPU each, by design; tests/imageboard/test_passwords.py has them so."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher.from_parameters(CHEAPEST))


def an_account(database: Database, name: str = "alice", role: Role = Role.MODERATOR) -> None:
    with database.transaction() as db:
        staff.add(db, name, PASSWORD, role)


def a_session(database: Database, token: str = "token", name: str = "alice") -> None:
    with database.transaction() as db:
        stored = staff.password_hash(db, name)
        assert stored is not None
        assert staff.open_session(db, name, token, password_hash=stored)


def is_open(database: Database, token: str = "token") -> bool:
    with database.connection() as db:
        return staff.session(db, token) is not None


def earlier(db: Connection, seconds: float) -> None:
    """Everything happened that much earlier than it did."""
    db.execute(
        "UPDATE sessions SET expires_at = expires_at - make_interval(secs => %s)", (seconds,)
    )


def test_account_is_kept_with_a_hash_of_its_password(database: Database) -> None:
    an_account(database)
    with database.connection() as db:
        (account,) = staff.list_all(db)
        stored = staff.password_hash(db, "alice")
    assert (account.name, account.role, account.is_enabled) == ("alice", Role.MODERATOR, True)
    assert passwords.matches(PASSWORD, stored)


@for_each("name", ["", "Alice", "a b", "ä", "x" * 33, "a\0"])
def test_name_that_is_none_is_refused(database: Database, name: str) -> None:
    with database.transaction() as db:
        with pytest.raises(BadStaffName):
            staff.add(db, name, PASSWORD)
        with pytest.raises(NoSuchStaff):
            staff.set_password(db, name, PASSWORD)
        assert staff.password_hash(db, name) is None


def test_name_is_given_once(database: Database) -> None:
    an_account(database)
    with pytest.raises(StaffNameTaken):
        an_account(database)


def test_weak_password_makes_no_account(database: Database) -> None:
    with database.transaction() as db:
        with pytest.raises(WeakPassword):
            staff.add(db, "alice", "password")
        assert staff.list_all(db) == []


def test_session_is_kept_by_its_hash_alone(database: Database) -> None:
    an_account(database)
    a_session(database)
    with database.connection() as db:
        session = staff.session(db, "token")
        kept = db.execute("SELECT sessions::text FROM sessions").fetchall()
    assert session is not None
    assert (session.staff, session.grants) == ("alice", (Grant(Role.MODERATOR),))
    assert "token" not in str(kept)
    assert not is_open(database, "Token")


def test_session_ends_twelve_hours_after_the_log_in(database: Database) -> None:
    an_account(database)
    a_session(database)
    with database.transaction() as db:
        earlier(db, 12 * 3600 - 60)
    assert is_open(database)
    with database.transaction() as db:
        earlier(db, 61)
    assert not is_open(database)


def test_new_password_ends_every_session_of_that_account(database: Database) -> None:
    an_account(database)
    an_account(database, "bob")
    a_session(database, "one")
    a_session(database, "two")
    a_session(database, "bobs", "bob")
    with database.transaction() as db:
        staff.set_password(db, "alice", "a new password")
    assert [is_open(database, token) for token in ("one", "two", "bobs")] == [False, False, True]


def test_renewed_hash_leaves_sessions_open(database: Database) -> None:
    an_account(database)
    a_session(database)
    with database.transaction() as db:
        staff.renew_hash(db, "alice", passwords.hash_password(PASSWORD))
    assert is_open(database)


def test_disabled_account_is_logged_out_and_has_no_password(database: Database) -> None:
    an_account(database)
    a_session(database)
    with database.transaction() as db:
        staff.set_enabled(db, "alice", False)
        assert staff.password_hash(db, "alice") is None
    assert not is_open(database)
    with database.transaction() as db:
        staff.set_enabled(db, "alice", True)
        assert passwords.matches(PASSWORD, staff.password_hash(db, "alice"))
    assert not is_open(database), "enabled again is not logged in again"


def test_no_session_for_a_password_that_was_changed_meanwhile(database: Database) -> None:
    an_account(database)
    with database.connection() as db:
        checked = staff.password_hash(db, "alice")
    assert checked is not None
    with database.transaction() as db:
        staff.set_password(db, "alice", "a new password")
    with database.transaction() as db:
        assert not staff.open_session(db, "alice", "token", password_hash=checked)


def test_password_change_waits_for_a_log_in_and_ends_its_session(database: Database) -> None:
    """The log-in has its lock and has not committed: the change must not miss its session."""
    an_account(database)
    with database.connection() as db:
        checked = staff.password_hash(db, "alice")
    assert checked is not None

    def change() -> None:
        with database.transaction() as other:
            staff.set_password(other, "alice", "a new password")

    changing = threading.Thread(target=change)
    with database.transaction() as db:
        assert staff.open_session(db, "alice", "token", password_hash=checked)
        changing.start()
        _wait_until_blocked(database, changing)
    changing.join()
    assert not is_open(database)


def _wait_until_blocked(database: Database, thread: threading.Thread) -> None:
    """Until `thread` waits for a lock, or has ended without doing so."""
    with database.connection() as db:
        while thread.is_alive():
            row = db.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchone()
            if row != (0,):
                return


def test_what_is_over_is_forgotten_and_nothing_else(database: Database) -> None:
    an_account(database)
    a_session(database, "old")
    with database.transaction() as db:
        earlier(db, 13 * 3600)
    a_session(database, "new")
    with database.transaction() as db:
        staff.forget_expired(db)
        assert db.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
    assert is_open(database, "new")


TIDIER = MadeRole("tidier", frozenset({Power.READ_REPORTS, Power.DELETE_FILE}))


def grants(database: Database, name: str = "alice") -> tuple[Grant, ...]:
    with database.connection() as db:
        return staff.get(db, name).grants


def test_roles_on_boards_stand_beside_the_one_on_all(database: Database) -> None:
    a_board(database)
    a_board(database, "tea")
    an_account(database, role=Role.JANITOR)
    a_session(database)
    with database.transaction() as db:
        staff.appoint(db, "alice", Role.MODERATOR, "tea")
        staff.appoint(db, "alice", Role.JANITOR, "b")
        staff.appoint(db, "alice", Role.OWNER, "b")
    held = (Grant(Role.JANITOR), Grant(Role.OWNER, "b"), Grant(Role.MODERATOR, "tea"))
    with database.connection() as db:
        session = staff.session(db, "token")
        assert session is not None
        assert session.grants == held
        assert [account.grants for account in staff.list_all(db)] == [held]
    with database.transaction() as db:
        staff.appoint(db, "alice", None)
        staff.appoint(db, "alice", None, "tea")
    assert grants(database) == (Grant(Role.OWNER, "b"),)
    with database.transaction() as db, pytest.raises(NoSuchBoard):
        staff.appoint(db, "alice", Role.JANITOR, "nowhere")


def test_made_role_counts_from_the_next_request_on(database: Database) -> None:
    an_account(database)
    with database.transaction() as db:
        roles.make(db, TIDIER)
        staff.appoint(db, "alice", roles.named(db, "tidier"))
    assert grants(database) == (Grant(TIDIER),)
    less = TIDIER._replace(powers=frozenset({Power.DELETE_FILE}))
    with database.transaction() as db:
        roles.make(db, less)
    assert grants(database) == (Grant(less),)


def test_role_that_is_held_stays_and_one_that_went_has_no_power(database: Database) -> None:
    a_board(database)
    an_account(database, role=Role.ADMIN)
    with database.transaction() as db:
        roles.make(db, TIDIER)
        staff.appoint(db, "alice", TIDIER, "b")
        with pytest.raises(RoleHeld):
            roles.remove(db, "tidier")
        staff.appoint(db, "alice", None, "b")
        roles.remove(db, "tidier")
        with pytest.raises(NoSuchRole):
            roles.remove(db, "tidier")
        with pytest.raises(NoSuchRole):
            roles.named(db, "tidier")
        staff.appoint(db, "alice", TIDIER, "b")
    assert grants(database) == (Grant(Role.ADMIN),)


@for_each("name", [*Role, "", "Tidier", "a b", "x" * 33])
def test_name_that_no_made_role_can_have(database: Database, name: str) -> None:
    with database.transaction() as db, pytest.raises(BadRole):
        roles.make(db, TIDIER._replace(name=name))


def test_there_are_only_so_many_roles(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "ROLES_MAX", 1)
    with database.transaction() as db:
        roles.make(db, TIDIER)
        roles.make(db, TIDIER)
        with pytest.raises(BadRole):
            roles.make(db, TIDIER._replace(name="another"))


def test_the_last_admin_stays(database: Database) -> None:
    an_account(database, role=Role.ADMIN)
    an_account(database, "bob", role=Role.ADMIN)
    with database.transaction() as db:
        staff.set_enabled(db, "bob", False)
        for refused in (
            lambda: staff.set_enabled(db, "alice", False),
            lambda: staff.appoint(db, "alice", Role.OWNER),
            lambda: staff.appoint(db, "alice", None),
        ):
            with pytest.raises(LastAdmin):
                refused()
        staff.appoint(db, "bob", None)
        staff.set_enabled(db, "bob", True)


def test_two_admins_who_put_each_other_out_do_not_both(database: Database) -> None:
    an_account(database, role=Role.ADMIN)
    an_account(database, "bob", role=Role.ADMIN)
    refused: list[LastAdmin] = []

    def put_out_bob() -> None:
        try:
            with database.transaction() as other:
                staff.set_enabled(other, "bob", False)
        except LastAdmin as ex:
            refused.append(ex)

    other = threading.Thread(target=put_out_bob)
    with database.transaction() as db:
        staff.set_enabled(db, "alice", False)
        other.start()
        _wait_until_blocked(database, other)
    other.join()
    assert len(refused) == 1
