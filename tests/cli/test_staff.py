"""`stillboard staff`, against a real PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.staff import staff as command
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
from imageboard.staff_roles import Grant, Role
from imageboard.store import invitations
from imageboard.store import staff as accounts
from imageboard.store.database import Database
from tests.builders import a_board
from tests.tables import for_each

PASSWORD = "correct horse battery"

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    """`stillboard staff …`; `typed` is what is typed when asked."""
    environ = {"DATABASE_URL": database_url, "STILLBOARD_DATA": str(tmp_path)}

    def run(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(command, arguments, obj=environ, input=typed)

    return run


def opens(database: Database, name: str, password: str) -> bool:
    with database.connection() as db:
        return passwords.matches(password, accounts.password_hash(db, name))


@pytest.mark.slow
def test_added_account_can_log_in_with_what_was_typed_twice(run: Run, database: Database) -> None:
    result = run("add", "alice", "--role", "moderator", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert result.stdout == "alice can log in, as moderator.\n"
    assert PASSWORD not in result.output
    assert opens(database, "alice", PASSWORD)


@pytest.mark.slow
def test_role_is_the_least_powerful_unless_told(run: Run, database: Database) -> None:
    run("add", "alice", "--generate")
    with database.connection() as db:
        assert [account.role for account in accounts.list_all(db)] == [Role.JANITOR]


@pytest.mark.slow
def test_passwords_that_differ_are_asked_for_again(run: Run, database: Database) -> None:
    typed = f"{PASSWORD}\nsomething else\n{PASSWORD}\n{PASSWORD}\n"
    assert run("add", "alice", typed=typed).exit_code == 0
    assert opens(database, "alice", PASSWORD)


@pytest.mark.slow
def test_generated_password_is_told_once(run: Run, database: Database) -> None:
    result = run("add", "alice", "--generate")
    password = result.stdout.split("password: ")[1].strip()
    assert opens(database, "alice", password)
    result = run("passwd", "alice", "--generate", "--json")
    told = json.loads(result.stdout)
    assert told["name"] == "alice"
    assert opens(database, "alice", told["password"])
    assert not opens(database, "alice", password)


def test_typed_password_is_not_told(run: Run) -> None:
    result = run("add", "alice", "--json", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert json.loads(result.stdout) == {"name": "alice"}


@pytest.mark.slow
def test_new_password_logs_out(run: Run, database: Database) -> None:
    run("add", "alice", "--generate")
    with database.transaction() as db:
        stored = accounts.password_hash(db, "alice")
        assert stored is not None
        accounts.open_session(db, "alice", "token", password_hash=stored)
    run("passwd", "alice", "--generate")
    with database.connection() as db:
        assert accounts.session(db, "token") is None


@pytest.mark.slow
def test_list_tells_who_there_is(run: Run) -> None:
    run("add", "alice", "--generate", "--role", "admin")
    run("add", "bob", "--generate")
    run("disable", "bob")
    lines = run("list").stdout.splitlines()
    assert lines[0].startswith("alice  admin, since 20")
    assert lines[1].startswith("bob  janitor, since ")
    assert lines[1].endswith(", disabled")
    alice, bob = json.loads(run("list", "--json").stdout)
    assert (alice["name"], alice["role"], alice["enabled"]) == ("alice", "admin", True)
    assert (bob["name"], bob["enabled"]) == ("bob", False)
    assert set(bob) == {"name", "role", "boards", "enabled", "created"}


@pytest.mark.slow
def test_role_is_given_on_a_board_and_taken_away(run: Run, database: Database) -> None:
    a_board(database)
    added = run("add", "alice", "--role", "owner", "--board", "/b/", "--generate")
    assert added.stdout.startswith("alice can log in, as owner of /b/.\n")
    (alice,) = json.loads(run("list", "--json").stdout)
    assert (alice["role"], alice["boards"]) == (None, {"b": "owner"})
    assert run("appoint", "alice", "janitor").stdout == "alice is now: janitor, owner of /b/.\n"
    run("appoint", "alice", "none", "--board", "b")
    assert run("list").stdout.startswith("alice  janitor, since 20")


@pytest.mark.slow
def test_role_is_made_of_powers(run: Run) -> None:
    made = run("make-role", "tidier", "delete_file", "read_reports")
    assert made.stdout == "tidier may see reports, delete files.\n"
    assert json.loads(run("roles", "--json").stdout)["tidier"] == ["read_reports", "delete_file"]
    assert "tidier  read_reports, delete_file\n" in run("roles").stdout
    assert run("add", "alice", "--role", "tidier", "--generate").exit_code == 0
    assert isinstance(run("remove-role", "tidier").exception, RoleHeld)
    run("appoint", "alice", "janitor")
    assert run("remove-role", "tidier").stdout == "tidier is gone.\n"
    assert isinstance(run("make-role", "flier", "fly").exception, BadRole)


def test_link_of_an_invitation_is_told_once(run: Run, database: Database) -> None:
    told = run("invite", "alice", "--role", "moderator")
    code = told.stdout.split("/mod/invited?code=")[1].strip()
    with database.transaction() as db:
        assert invitations.get(db, code).grant == Grant(Role.MODERATOR)
        assert code not in str(db.execute("SELECT invitations::text FROM invitations").fetchall())
    link = json.loads(run("invite", "bob", "--json").stdout)["link"]
    assert link.startswith("/mod/invited?code=")


@pytest.mark.slow
def test_last_admin_is_not_disabled(run: Run) -> None:
    run("add", "alice", "--role", "admin", "--generate")
    assert isinstance(run("disable", "alice").exception, LastAdmin)


@pytest.mark.slow
def test_disabled_account_is_let_in_again_when_enabled(run: Run, database: Database) -> None:
    run("add", "alice", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert run("disable", "alice").stdout == "alice can no longer log in.\n"
    assert not opens(database, "alice", PASSWORD)
    assert run("enable", "alice").stdout == "alice can log in again.\n"
    assert opens(database, "alice", PASSWORD)


@pytest.mark.parametrize(
    "call",
    [
        ["passwd", "bob", "--generate"],
        ["disable", "bob"],
        ["enable", "bob"],
        ["appoint", "bob", "admin"],
    ],
)
def test_account_that_is_not_there(run: Run, call: list[str]) -> None:
    assert isinstance(run(*call).exception, NoSuchStaff)


def test_account_that_is_there_already(run: Run) -> None:
    run("add", "alice", "--generate")
    assert isinstance(run("add", "alice", "--generate").exception, StaffNameTaken)


@pytest.mark.slow
@for_each(
    ("call", "refused"),
    [
        ("add alice --role nosuch", NoSuchRole),
        ("add alice --board nosuch", NoSuchBoard),
        ("add maria", StaffNameTaken),
        ("add Maria", BadStaffName),
        ("passwd alice", NoSuchStaff),
    ],
)
def test_nobody_types_a_password_for_a_call_that_is_wrong(
    run: Run, call: str, refused: type[Exception]
) -> None:
    """There is nobody at the terminal here, so to ask would end the call otherwise."""
    run("add", "maria", "--generate")
    assert isinstance(run(*call.split()).exception, refused)


def test_weak_password(run: Run) -> None:
    assert isinstance(run("add", "alice", typed="tea\ntea\n").exception, WeakPassword)


@pytest.mark.parametrize("name", ["", *command.commands])
def test_every_command_explains_itself(run: Run, name: str) -> None:
    result = run(*([name] if name else []), "--help")
    assert result.exit_code == 0
    assert not name or "Example: ./stillboard staff" in result.stdout


def test_wrong_call(run: Run) -> None:
    assert isinstance(run("add", "alice", "--role", "emperor", "--generate").exception, NoSuchRole)
    assert run("add").exit_code == 2
