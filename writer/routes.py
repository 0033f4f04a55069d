"""Routes: an address, what answers there, and who may call it.

Nothing answers that is not declared: `add_routes` stops the start. The gate (writer.desk.gate)
holds every request to the declaration before its responder runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from typing import Any, NamedTuple

import falcon
from falcon import inspect
from falcon.routing import CompiledRouter

from imageboard import addresses
from imageboard.staff_roles import Power
from imageboard.store.deeds import Deed


class Who(Enum):
    """Whom a route serves, where that takes no power."""

    #: Nobody needs to be logged in; the responder reads what is sent, and judges it.
    ANYBODY = auto()
    #: Nobody needs to be logged in, but a form is one of our log-in page.
    AT_THE_DOOR = auto()
    #: Anyone who is logged in; a form is one of their session's pages.
    STAFF = auto()


class PowerOfDeed(NamedTuple):
    """The power of that deed of the table which the form names."""

    table: tuple[Deed, ...]


#: With a power: on the address's {board}, if it has one, else on any board at all; what is shown of
#: other boards is then the responder's to leave out (Visitor.boards).
Needs = Who | Power | PowerOfDeed


class Route(NamedTuple):
    """One address, in the one spelling that it has."""

    address: str
    resource: object
    get: Needs | None = None
    post: Needs | None = None

    def needs(self, method: str) -> Needs | None:
        """None: not declared."""
        return {"GET": self.get, "POST": self.post}.get(method)

    @property
    def declared(self) -> set[tuple[str, str]]:
        """{('/mod/log', 'GET')}"""
        return {
            (self.address, method) for method in ("GET", "POST") if self.needs(method) is not None
        }


class Router(CompiledRouter):
    """Falcon's, which remembers what answers where.

    PERF: falcon.inspect could tell, and looks up in which line of its source each responder stands:
    0.15 s of CPU at the start of each process of the writer.
    """

    def __init__(self) -> None:
        super().__init__()
        #: {('/mod/log', 'GET')}
        self.answering: set[tuple[str, str]] = set()

    def add_route(self, uri_template: str, resource: object, **kwargs: Any) -> None:
        super().add_route(uri_template, resource, **kwargs)
        methods = self.map_http_methods(resource, **kwargs)
        self.answering |= {(uri_template, method) for method in methods}


# Else falcon.inspect, which a test asks too, would not look into it.
inspect.register_router(Router)(inspect.inspect_compiled_router)


class OneSpelling:
    """Falcon middleware: an address with escaped letters, or slashes in front, is none of ours.

    SECURITY: nginx limits how often an address is asked for. One that it takes for another and that
    is the same here would pass by its limit. Slashes at the end are not taken off either.
    """

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        """Raises HTTPNotFound."""
        # As it was sent; gunicorn keeps it.
        sent = str(req.env.get("RAW_URI", req.path)).partition("?")[0]
        # Falcon would take slashes in front for one.
        if sent not in (req.path, addresses.url_of(req.path[1:])) or req.path.startswith("//"):
            raise falcon.HTTPNotFound


class RouteUndeclared(Exception):
    """Something would answer that nobody has said who may call, or the other way round."""


def add_routes(
    app: falcon.App[falcon.Request, falcon.Response], router: Router, routes: Iterable[Route]
) -> None:
    """Add them to the app, which has this router, and hold all that it answers, however it came in,
    to what is declared.

    Raises RouteUndeclared.
    """
    declared: set[tuple[str, str]] = set()
    for route in routes:
        app.add_route(route.address, route.resource)
        declared |= route.declared
    for address, method in sorted(router.answering - declared):
        raise RouteUndeclared(f"{method} {address}: its Route does not say what it needs")
    for address, method in sorted(declared - router.answering):
        raise RouteUndeclared(f"{method} {address}: has a declaration, but no responder")
    if inspect.inspect_sinks(app) or inspect.inspect_static_routes(app):
        raise RouteUndeclared("sinks and static routes can't say what they need")
