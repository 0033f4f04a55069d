"""Staff who are logged in sign posts as their role may; for others the same name is a tripcode."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from falcon import testing

from imageboard.staff_roles import Role
from imageboard.store import staff, threads
from imageboard.store.database import Database
from tests.builders import a_board
from tests.templates.parsed import parse_fragment, with_class
from writer.desk.sessions import POSTING_COOKIE

pytestmark = pytest.mark.slow

TOKEN = "t" * 43


def log_in(database: Database, role: Role) -> None:
    with database.transaction() as db:
        staff.add(db, "alice", "correct horse battery", role)
        hashed = staff.password_hash(db, "alice")
        assert hashed is not None
        assert staff.open_session(db, "alice", TOKEN, password_hash=hashed)


def send(client: testing.TestClient, name: str, cookie: str = TOKEN) -> testing.Result:
    fields = {"board": "b", "body": "Hello.", "name": name, "json_response": "1"}
    return client.simulate_post(
        "/post",
        body=urlencode(fields),
        cookies={POSTING_COOKIE: cookie},
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )


@pytest.mark.parametrize(
    ("role", "name", "shown"),
    [
        (Role.JANITOR, "Anna ## Janitor", ("Anna", "Janitor")),
        (Role.MODERATOR, "## mod", (None, "Mod")),
        (Role.ADMIN, "Anna ## Admin", ("Anna", "Admin")),
        (Role.ADMIN, "Anna", ("Anna", None)),
    ],
)
def test_role_signs_with_what_it_may_say(
    client: testing.TestClient,
    database: Database,
    role: Role,
    name: str,
    shown: tuple[str | None, str | None],
) -> None:
    """On a board without names too, where the capcode is all."""
    a_board(database, forced_anonymous=shown[0] is None)
    log_in(database, role)
    answer = send(client, name)
    with database.connection() as db:
        (post,) = threads.posts_by_no(db, "b", [1])
    assert (post.name, post.capcode, post.tripcode) == (*shown, None)
    html = with_class(parse_fragment(answer.json["html"]), "capcode")
    assert [each.text for each in html] == ([f"## {shown[1]}"] if shown[1] else [])


@pytest.mark.parametrize(
    ("name", "said"), [("## Admin", "as Janitor, Mod you may"), ("X ## King", 'sign as "King"')]
)
def test_role_signs_with_nothing_above_it(
    client: testing.TestClient, database: Database, name: str, said: str
) -> None:
    a_board(database)
    log_in(database, Role.MODERATOR)
    refused = send(client, name)
    assert (refused.status_code, refused.json["field"]) == (422, "name")
    assert said in refused.json["error"]


@pytest.mark.parametrize("cookie", ["", "x" * 43])
def test_nobody_else_signs_as_staff(
    client: testing.TestClient, database: Database, cookie: str
) -> None:
    a_board(database)
    log_in(database, Role.ADMIN)
    assert send(client, "X ## Admin", cookie).status_code == 200
    with database.connection() as db:
        (post,) = threads.posts_by_no(db, "b", [1])
    assert (post.name, post.capcode) == ("X", None)
    assert (post.tripcode or "").startswith("!!")
