"""The staff at the desk: invitations, roles given and taken, accounts suspended."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

from imageboard.staff_roles import Grant, Power, Role
from imageboard.store import invitations, roles, staff
from tests.builders import a_board
from tests.tables import for_each
from tests.writer.desk.conftest import PASSWORD, Browser, TheDesk

NEW = "a password of their own"


@pytest.fixture
def owner(desk: TheDesk) -> Browser:
    """The owner of /b/, who is nothing on /tea/; there `keeper` is the janitor of both."""
    a_board(desk.database, "tea")
    with desk.database.transaction() as db:
        staff.add(db, "ann", PASSWORD, Role.OWNER, "b")
        staff.add(db, "keeper", PASSWORD, Role.JANITOR, "b")
        staff.appoint(db, "keeper", Role.JANITOR, "tea")
    browser = desk.browser()
    browser.log_in("ann")
    return browser


def grants(desk: TheDesk, name: str) -> tuple[Grant, ...]:
    with desk.database.connection() as db:
        return staff.get(db, name).grants


def invite(browser: Browser, **fields: str) -> str:
    """The link's code."""
    answer = browser.send("/mod/staff", deed="invite", **fields)
    assert answer.status_code == 200, answer.text
    found = re.search(r"<code>(http://[^/]+/mod/invited\?code=([\w-]+))</code>", answer.text)
    assert found is not None
    return html.unescape(found[2])


def accept(desk: TheDesk, code: str, password: str = NEW) -> int:
    browser = desk.browser()
    page = browser.get(f"/mod/invited?code={code}")
    if page.status_code != 200:
        return page.status_code
    answer = browser.send("/mod/invited", code=code, password=password, again=password)
    return answer.status_code


@pytest.mark.slow
def test_invited_person_makes_an_account_with_a_password_of_their_own(
    desk: TheDesk, admin: Browser
) -> None:
    code = invite(admin, account="Zoe", role="moderator", board="/b/")
    assert (
        "You will be zoe, moderator of /b/." in desk.browser().get(f"/mod/invited?code={code}").text
    )
    assert code not in admin.get("/mod/staff").text, "it is shown once"
    assert accept(desk, code, "short") == 422
    assert accept(desk, code) == 303
    assert grants(desk, "zoe") == (Grant(Role.MODERATOR, "b"),)
    assert desk.browser().log_in("zoe", NEW).status_code == 303
    assert accept(desk, code) == 404, "it is good once"
    (entry,) = desk.log()
    assert (entry.staff, entry.action, entry.board) == ("admin", "invite", "b")
    assert entry.detail == {"account": "zoe", "role": "moderator"}


def test_invitation_is_over_in_time_or_when_it_is_taken_back(desk: TheDesk, admin: Browser) -> None:
    old, taken = (invite(admin, account=name, role="janitor") for name in ("old", "taken"))
    with desk.database.transaction() as db:
        db.execute("UPDATE invitations SET expires_at = now() WHERE name = 'old'")
    no = desk.one("SELECT no FROM invitations WHERE name = 'taken'")
    admin.send("/mod/staff", deed="take_back", invitation=str(no))
    assert [accept(desk, code) for code in (old, taken, "", "x" * 43)] == [404] * 4
    with desk.database.transaction() as db:
        invitations.forget_expired(db)
    assert desk.one("SELECT count(*) FROM invitations") == 0


@pytest.mark.slow
@pytest.mark.parametrize("how", ["suspended", "demoted"])
def test_invitation_ends_with_the_powers_of_who_invited(
    desk: TheDesk, admin: Browser, owner: Browser, how: str
) -> None:
    code = invite(owner, account="zoe", role="owner", board="b")
    if how == "suspended":
        admin.send("/mod/staff", deed="suspend", account="ann")
    else:
        admin.send("/mod/staff", deed="appoint", account="ann", role="moderator", board="b")
    assert accept(desk, code) == 404


def test_role_is_given_and_taken_and_both_are_logged(desk: TheDesk, admin: Browser) -> None:
    moderator = desk.browser()
    moderator.log_in("moderator")
    admin.send("/mod/staff", deed="appoint", account="moderator", role="janitor")
    assert moderator.get("/mod/bans").status_code == 403, "from the next request on"
    admin.send("/mod/staff", deed="appoint", account="moderator", role="owner", board="b")
    assert moderator.get("/mod/staff").status_code == 200
    admin.send("/mod/staff", deed="appoint", account="moderator", role="")
    assert grants(desk, "moderator") == (Grant(Role.OWNER, "b"),)
    logged = [(entry.action, entry.board, entry.detail.get("role")) for entry in desk.log()]
    assert logged == [
        ("appoint", None, "janitor"),
        ("appoint", "b", "owner"),
        ("appoint", None, None),
    ]
    assert "changed a role of the staff" in admin.get("/mod/log").text


def test_suspended_account_is_out_until_it_is_let_in(desk: TheDesk, admin: Browser) -> None:
    moderator = desk.browser()
    moderator.log_in("moderator")
    admin.send("/mod/staff", deed="suspend", account="moderator")
    assert "Log out" not in moderator.get("/mod/").text
    assert moderator.log_in("moderator").status_code == 403
    admin.send("/mod/staff", deed="let_in", account="moderator")
    assert moderator.log_in("moderator").status_code == 303
    assert [entry.action for entry in desk.log()] == ["suspend", "let_in"]


#: What the owner of /b/ tries: a way to more than that.
STEPS: list[dict[str, str]] = [
    {"deed": "appoint", "account": "ann", "role": "admin"},
    {"deed": "appoint", "account": "ann", "role": "owner"},
    {"deed": "appoint", "account": "ann", "role": "admin", "board": "b"},
    {"deed": "appoint", "account": "ann", "role": "janitor", "board": "tea"},
    {"deed": "appoint", "account": "keeper", "role": "", "board": "tea"},
    {"deed": "appoint", "account": "admin", "role": "janitor"},
    {"deed": "appoint", "account": "admin", "role": ""},
    {"deed": "suspend", "account": "admin"},
    {"deed": "suspend", "account": "keeper"},
    {"deed": "let_in", "account": "janitor"},
    {"deed": "invite", "account": "zoe", "role": "janitor"},
    {"deed": "invite", "account": "zoe", "role": "admin", "board": "b"},
    {"deed": "invite", "account": "zoe", "role": "owner", "board": "tea"},
    {"deed": "invite", "account": "zoe", "role": "maker", "board": "b"},
    {"deed": "take_back", "invitation": "1"},
]


@pytest.mark.slow
@for_each("fields", STEPS, ids=lambda fields: " ".join(fields.values()))
def test_owner_of_a_board_takes_no_step_beyond_it(
    desk: TheDesk, admin: Browser, owner: Browser, fields: dict[str, str]
) -> None:
    with desk.database.transaction() as db:
        roles.make(db, roles.MadeRole("maker", frozenset({Power.MAKE_ROLES})))
    if not desk.one("SELECT count(*) FROM invitations"):
        invite(admin, account="guest", role="janitor")
    before = _who_may_what(desk)
    fields = fields | {"invitation": str(desk.one("SELECT no FROM invitations"))}
    assert owner.send("/mod/staff", **fields).status_code == 403
    assert _who_may_what(desk) == before


def test_owner_appoints_on_their_board_and_nobody_else_there(desk: TheDesk, owner: Browser) -> None:
    owner.send("/mod/staff", deed="appoint", account="keeper", role="moderator", board="b")
    assert Grant(Role.MODERATOR, "b") in grants(desk, "keeper")
    page = owner.get("/mod/staff").text
    offered = page.partition('id="appoint-role-offers"')[2].partition("</datalist>")[0]
    assert re.findall('value="([a-z]+)"', offered) == ["janitor", "moderator", "owner"]
    assert owner.get("/mod/roles").status_code == 403


def test_form_sets_no_more_than_it_asks_for(desk: TheDesk, admin: Browser) -> None:
    """Columns and rows by their own names do nothing, nor does a field twice over."""
    before = _who_may_what(desk)
    admin.send(
        "/mod/account",
        deed="change_password",
        password=NEW,
        again=NEW,
        account="moderator",
        name="moderator",
        role="admin",
        is_enabled="false",
        password_hash="x",
        grants="admin",
    )
    admin.send(
        "/mod/staff",
        deed="appoint",
        account="janitor",
        role="janitor",
        is_enabled="false",
        password=NEW,
        password_hash="x",
        grants="admin",
        invited_by="admin",
        code="x",
    )
    assert _who_may_what(desk) == before
    assert desk.browser().log_in("moderator").status_code == 303
    assert desk.browser().log_in("janitor").status_code == 303


def test_last_admin_is_told_so(desk: TheDesk, admin: Browser) -> None:
    for fields in (
        {"deed": "suspend", "account": "admin"},
        {"deed": "appoint", "account": "admin", "role": "owner"},
    ):
        answer = admin.send("/mod/staff", **fields)
        assert answer.status_code == 422
        assert "the only admin" in answer.text


@pytest.mark.slow
def test_role_is_made_changed_and_removed(
    desk: TheDesk, admin: Browser, as_role: Callable[[Role], Browser]
) -> None:
    admin.send("/mod/roles", deed="make_role", role="Tidier", may_delete_file="on")
    admin.send("/mod/staff", deed="appoint", account="janitor", role="tidier")
    janitor = as_role(Role.JANITOR)
    assert janitor.get("/mod/reports").status_code == 403
    admin.send(
        "/mod/roles", deed="make_role", role="tidier", may_delete_file="on", may_read_reports="on"
    )
    assert janitor.get("/mod/reports").status_code == 200
    assert janitor.send("/mod/b/2", deed="delete").status_code == 403
    assert janitor.send("/mod/b/2", deed="delete_file").status_code == 303
    held = admin.send("/mod/roles", deed="remove_role", role="tidier")
    assert (held.status_code, "holds the role" in held.text) == (422, True)
    admin.send("/mod/staff", deed="appoint", account="janitor", role="janitor")
    assert admin.send("/mod/roles", deed="remove_role", role="tidier").status_code == 303
    assert admin.send("/mod/roles", deed="remove_role", role="admin").status_code == 404


def _who_may_what(desk: TheDesk) -> object:
    with desk.database.connection() as db:
        return staff.list_all(db), roles.made(db), [each.no for each in invitations.open_ones(db)]
