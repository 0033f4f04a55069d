"""Every route of the app, by every method, for everyone who may come: who gets to a responder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import falcon
import pytest
from falcon import inspect, testing

from imageboard.staff_roles import Grant, MadeRole, Power, Role
from imageboard.store import roles, staff
from imageboard.store.database import Connection, Database
from imageboard.store.deeds import Deed
from templates.desk import urls
from tests.builders import a_board
from tests.imageboard.test_staff_roles import TABLE
from tests.writer.desk.conftest import PASSWORD, TheDesk, make_desk
from writer import app as writer_app
from writer import request_log
from writer.desk.sessions import SESSION_COOKIE
from writer.routes import PowerOfDeed, Route, Router, RouteUndeclared, Who, add_routes

pytestmark = pytest.mark.slow

App = falcon.App[falcon.Request, falcon.Response]

METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
#: What falls out of an address or a form, for a route that is only asked whether it lets in.
PARAMS = {"name": "lake", "board": "b", "no": "1", "held": "1", "number": "1"}

#: Who may come, and their role on /b/.
EVERYONE: dict[str, Role | None] = {
    "nobody": None,
    "janitor": Role.JANITOR,
    "moderator": Role.MODERATOR,
    "owner": Role.OWNER,
    "admin": Role.ADMIN,
    "moderator of /b/": Role.MODERATOR,
    "admin of another board": None,
    "whose role was taken away": None,
    "whose role there was taken away": None,
    "whose kind of role may nothing more": None,
    "admin who proved it too long ago": Role.ADMIN,
    "whose account is disabled": None,
    "whose session is over": None,
    "who logged out": None,
    "whose password was changed": None,
    "whose cookie is made up": None,
}
GRANTS = {
    "moderator of /b/": Grant(Role.MODERATOR, "b"),
    "admin of another board": Grant(Role.ADMIN, "tea"),
    "whose role there was taken away": Grant(Role.ADMIN, "b"),
    "whose kind of role may nothing more": Grant(MadeRole("gardener", frozenset(Power))),
}
#: Logged in, and of the staff of nothing.
WITHOUT_ROLE = {
    "whose role was taken away",
    "whose role there was taken away",
    "whose kind of role may nothing more",
}
OUTSIDE = {
    "nobody",
    "whose account is disabled",
    "whose session is over",
    "who logged out",
    "whose password was changed",
    "whose cookie is made up",
}


class Call(NamedTuple):
    """One request that may be let in: a deed is part of what a form asks for."""

    route: Route
    method: str
    deed: Deed | None

    @property
    def path(self) -> str:
        return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: PARAMS[found[1]], self.route.address)

    @property
    def power(self) -> Power | None:
        needs = self.route.needs(self.method)
        if self.deed is not None:
            return self.deed.power
        return needs if isinstance(needs, Power) else None

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.deed.name if self.deed else ''}"


def calls(routes: tuple[Route, ...]) -> Iterator[Call]:
    for route in routes:
        for method in METHODS:
            needs = route.needs(method)
            table = needs.table if isinstance(needs, PowerOfDeed) else (None,)
            for deed in table:
                yield Call(route, method, deed)


def lets_in(call: Call, who: str) -> bool:
    """By what is declared and by the table of roles, written out once more."""
    needs = call.route.needs(call.method)
    if needs is None:
        return False
    if needs in (Who.ANYBODY, Who.AT_THE_DOOR):
        return True
    if who in OUTSIDE:
        return False
    if call.deed and call.deed.is_dangerous and who == "admin who proved it too long ago":
        return False
    if call.power is None:
        return True
    if who in WITHOUT_ROLE:
        return False
    if who == "admin of another board":
        # Let in where no board is named: the page shows that board alone.
        return "{board}" not in call.route.address and Role.ADMIN in TABLE[call.power]
    return EVERYONE[who] in TABLE[call.power]


@dataclass
class Probe:
    """Stands where a responder stands, and notes that the gate let somebody in."""

    entered: list[str]

    def on(self, req: falcon.Request, resp: falcon.Response, **_params: object) -> None:
        self.entered.append(req.method)
        resp.text = "in"


@dataclass
class ProbedApp:
    """The app with its routes and its gate, and a probe behind each route."""

    desk: TheDesk
    routes: list[Route]
    entered: list[str]

    def ask(
        self,
        call: Call,
        cookies: dict[str, str],
        fields: dict[str, str],
        headers: dict[str, str] | None = None,
    ) -> testing.Result:
        self.entered.clear()
        browser = self.desk.browser()
        browser.cookies = dict(cookies)
        if call.method != "POST":
            return browser.ask(call.method, call.path)
        deed = {"deed": call.deed.name} if call.deed else {}
        return browser.post(call.path, headers, **(deed | fields))


@pytest.fixture
def probed(
    desk: TheDesk, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ProbedApp:
    declared: list[Route] = []
    entered: list[str] = []

    def add_probes(app: App, router: Router, routes: tuple[Route, ...]) -> None:
        declared.extend(routes)
        add_routes(app, router, [route._replace(resource=probe(route)) for route in routes])

    def probe(route: Route) -> object:
        methods = {f"on_{method.lower()}": Probe.on for _, method in route.declared}
        return type("Probed", (Probe,), methods)(entered)

    with monkeypatch.context() as patched:
        patched.setattr(writer_app, "add_routes", add_probes)
        probed_desk = make_desk(database, tmp_path)
    assert desk.app is not probed_desk.app
    return ProbedApp(probed_desk, declared, entered)


#: What befalls somebody who has logged in, as `somebody`.
BEFALLS: dict[str, Callable[[Connection], object]] = {
    "whose account is disabled": lambda db: staff.set_enabled(db, "somebody", False),
    "whose role was taken away": lambda db: staff.appoint(db, "somebody", None),
    "whose role there was taken away": lambda db: staff.appoint(db, "somebody", None, "b"),
    "whose kind of role may nothing more": lambda db: roles.make(
        db, MadeRole("gardener", frozenset())
    ),
    "whose password was changed": lambda db: staff.set_password(
        db, "somebody", "another horse battery"
    ),
    "admin who proved it too long ago": lambda db: db.execute(
        "UPDATE sessions SET proved_at = now() - interval '601 seconds'"
    ),
    "whose session is over": lambda db: db.execute("UPDATE sessions SET expires_at = now()"),
}


@pytest.fixture
def come(desk: TheDesk) -> Callable[[str], tuple[dict[str, str], str]]:
    """(cookies, token of their session's forms) of one of EVERYONE."""

    def hire(who: str) -> None:
        grant = GRANTS.get(who, Grant(Role.ADMIN))
        a_board(desk.database, "tea")
        with desk.database.transaction() as db:
            if isinstance(grant.role, MadeRole):
                roles.make(db, grant.role)
            staff.add(db, "somebody", PASSWORD, *grant)

    def made(who: str) -> tuple[dict[str, str], str]:
        browser = desk.browser()
        if who == "whose cookie is made up":
            browser.cookies[SESSION_COOKIE] = "x" * 43
        if who in ("nobody", "whose cookie is made up"):
            return browser.cookies, "x"
        if who not in list(Role):
            hire(who)
        assert browser.log_in(who if who in list(Role) else "somebody").status_code == 303
        cookies, token = dict(browser.cookies), browser.form_token()
        if who == "who logged out":
            browser.send("/mod/logout")
        if befalls := BEFALLS.get(who):
            with desk.database.transaction() as db:
                befalls(db)
        return cookies, token

    return made


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """(route, status) of each request, as the log has them."""
    found: list[tuple[str, int]] = []
    monkeypatch.setattr(
        request_log.log,
        "info",
        lambda _event, *, route, status, **_facts: found.append((route, status)),
    )
    return found


def door(desk: TheDesk) -> tuple[dict[str, str], str]:
    """The cookie and the token of a log-in form."""
    browser = desk.browser()
    token = browser.form_token()
    return browser.cookies, token


@pytest.mark.parametrize("who", EVERYONE)
def test_gate_lets_in_whom_the_declaration_names_and_nobody_else(
    who: str,
    desk: TheDesk,
    probed: ProbedApp,
    come: Callable[[str], tuple[dict[str, str], str]],
    logged: list[tuple[str, int]],
) -> None:
    at_door, door_token = door(desk)
    cookies, token = come(who)
    asked = list(calls(probed.routes))
    assert len(asked) > 7 * len(probed.routes)
    for call in asked:
        is_door = call.route.needs(call.method) is Who.AT_THE_DOOR
        fields = {"form_token": door_token if is_door else token}
        answer = probed.ask(call, at_door | cookies, fields)
        expected = [call.method] if lets_in(call, who) else []
        assert probed.entered == expected, f"{call}: {answer.status}"
        if not expected and call.route.needs(call.method) is not None:
            is_led_on = call.method == "GET" and who in OUTSIDE
            assert answer.status_code == (303 if is_led_on else 403), str(call)
            assert answer.headers["cache-control"] == "no-store"
            assert logged[-1] == (call.route.address, answer.status_code)
    assert desk.log() == [], "what was refused was not done"


def test_proof_leads_back_to_each_page_that_asks_for_one(probed: ProbedApp) -> None:
    pages = [
        route.address.replace("{board}", "b").replace("{no:int}", "7")
        for route in probed.routes
        if isinstance(route.post, PowerOfDeed)
        and any(deed.is_dangerous for deed in route.post.table)
    ]
    assert [urls.back_url(page) for page in pages] == pages


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        (None, {}),
        ("", {}),
        ("x" * 64, {}),
        ("of somebody else's session", {}),
        ("of their other session", {}),
        ("of their session before", {}),
        ("right", {"Origin": "https://evil.example"}),
        ("right", {"Sec-Fetch-Site": "cross-site"}),
    ],
)
def test_no_form_passes_the_gate_without_the_token_of_its_session(
    token: str | None,
    headers: dict[str, str],
    desk: TheDesk,
    probed: ProbedApp,
    come: Callable[[str], tuple[dict[str, str], str]],
    logged: list[tuple[str, int]],
) -> None:
    """Whatever their role, and whoever else is logged in; each form by another role in turn."""
    somebody_elses = come("moderator of /b/")[1]
    forms = [
        call
        for call in calls(probed.routes)
        if call.method == "POST" and call.route.needs("POST") not in (Who.ANYBODY, None)
    ]
    assert len(forms) > 40
    sessions = {
        role: two_sessions(desk, come, role, ends=token == "of their session before")
        for role in Role
    }
    for call, role in zip(forms, cycle(sessions), strict=False):
        cookies, right, of_other = sessions[role]
        tokens = {
            "right": right,
            "of somebody else's session": somebody_elses,
            "of their other session": of_other,
            "of their session before": of_other,
        }
        fields = {} if token is None else {"form_token": tokens.get(token, token)}
        answer = probed.ask(call, cookies, fields | {"name": "admin"}, headers)
        assert (answer.status_code, probed.entered) == (403, []), f"{role}: {call}"
        assert logged[-1] == (call.route.address, 403)
    assert desk.log() == [], "what was refused was not done"


def two_sessions(
    desk: TheDesk, come: Callable[[str], tuple[dict[str, str], str]], role: Role, *, ends: bool
) -> tuple[dict[str, str], str, str]:
    """(cookies, token of their forms, token of a session of theirs that was before it)."""
    others, of_other = come(role)
    if ends:
        before = desk.browser()
        before.cookies = others
        assert before.send("/mod/logout").status_code == 303
    return *come(role), of_other


def test_deed_that_the_page_does_not_have_is_refused_at_the_gate(
    probed: ProbedApp, come: Callable[[str], tuple[dict[str, str], str]]
) -> None:
    cookies, token = come(Role.ADMIN)
    for call in calls(probed.routes):
        if isinstance(call.route.needs(call.method), PowerOfDeed):
            others = "lift" if "{no:int}" in call.route.address else "sticky"
            for name in ("", "explode", "DELETE", others):
                answer = probed.ask(call, cookies, {"form_token": token, "deed": name})
                assert (answer.status_code, probed.entered) == (400, []), f"{call}: {name}"


class Silent:
    """A resource whose responders a route may forget to declare."""

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = "in"

    def on_put(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = "in"


class Spoken:
    """One responder."""

    on_get = Silent.on_get


def test_route_without_a_declaration_stops_the_start() -> None:
    for route, what in (
        (Route("/mod/x", Spoken()), "GET /mod/x"),
        (Route("/mod/x", Spoken(), post=Who.STAFF), "GET /mod/x"),
        (Route("/mod/x", Silent(), get=Who.STAFF), "PUT /mod/x"),
        (Route("/mod/x", Spoken(), get=Who.STAFF, post=Power.BAN), "POST /mod/x"),
    ):
        router = Router()
        app: App = falcon.App(router=router)
        with pytest.raises(RouteUndeclared, match=f"^{what}:"):
            add_routes(app, router, [route])


def test_what_is_added_beside_the_declared_routes_stops_the_start() -> None:
    def by_the_way(app: App) -> None:
        app.add_route("/mod/secret", Spoken())

    def sink(app: App) -> None:
        app.add_sink(lambda *_: None, "/mod/sink")

    def folder(app: App) -> None:
        app.add_static_route("/mod/static", "/")

    for add in (by_the_way, sink, folder):
        router = Router()
        app: App = falcon.App(router=router)
        add(app)
        with pytest.raises(RouteUndeclared):
            add_routes(app, router, [Route("/mod/x", Spoken(), get=Who.STAFF)])


def test_route_that_is_added_after_the_start_lets_nobody_in(desk: TheDesk) -> None:
    """Whatever way was found around the declarations, the gate is shut."""
    desk.app.add_route("/mod/later", Spoken())
    assert desk.browser().get("/mod/later").status_code == 500


def test_every_route_of_the_app_is_declared(desk: TheDesk, probed: ProbedApp) -> None:
    answering = {
        (route.path, method.method)
        for route in inspect.inspect_routes(desk.app)
        for method in route.methods
        if not method.internal
    }
    assert answering == {each for route in probed.routes for each in route.declared}
