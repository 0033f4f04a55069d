"""The gate: what a route needs is asked for in one place, before any responder runs.

Who is logged in, on which board with which power, and that a form is one of theirs. What it found
is handed to the responder: `visitor_of`, `form_of`, `deed_of`.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

import falcon

from imageboard.errors import ImageboardError, NotLoggedIn, ProofNeeded
from imageboard.staff_roles import Power, Visitor
from imageboard.store import deeds
from imageboard.store.deeds import Deed
from templates.desk import entrance_pages, urls
from writer import clients
from writer.answers import Answers
from writer.desk.sessions import Sessions, check_token
from writer.forms import Form, FormReader
from writer.routes import Needs, PowerOfDeed, Route, RouteUndeclared, Who
from writer.statuses import status_of

#: Of the desk's pages. Tighter than that of the public ones: hardly any runs a script.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


#: Of the few that offer a passkey: by a script of ours, which asks no server for anything.
WITH_SCRIPT = f"{CONTENT_SECURITY_POLICY}; script-src 'self'"
#: Of the one whose script asks for the page itself, again and again.
WITH_LIVE_SCRIPT = f"{WITH_SCRIPT}; connect-src 'self'"


class Gate:
    """Falcon middleware, and how the app tells a refusal."""

    def __init__(
        self, routes: Iterable[Route], sessions: Sessions, reader: FormReader, answers: Answers
    ) -> None:
        self._routes = {route.address: route for route in routes}
        self._sessions = sessions
        self._reader = reader
        self._answers = answers

    def process_resource(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        resource: object,
        params: dict[str, Any],
    ) -> None:
        """Raises whatever keeps the request out."""
        needs = self._needs(req, resource)
        if needs is None or needs is Who.ANYBODY:
            return
        req.context.is_at_desk = True
        resp.set_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        resp.cache_control = ["no-store"]
        resp.content_type = falcon.MEDIA_HTML
        if needs is Who.AT_THE_DOOR:
            self._admit_stranger(req)
        else:
            self._admit_staff(req, needs, params.get("board"))

    def process_response(
        self, req: falcon.Request, _resp: falcon.Response, _resource: object, _succeeded: bool
    ) -> None:
        """Files of a form wait no longer."""
        spool: ExitStack | None = getattr(req.context, "spool", None)
        if spool is not None:
            spool.close()

    def refuse(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        error: ImageboardError,
        _params: dict[str, Any],
    ) -> None:
        """An error handler: at the desk on a page of the desk, elsewhere as everywhere."""
        if not getattr(req.context, "is_at_desk", False):
            self._answers.refuse(req, resp, error, Form())
            return
        # Status, headers and figures, or the JSON that a program asked for, as everywhere.
        resp.content_type = falcon.MEDIA_JSON
        self._answers.refuse(req, resp, error, Form())
        if self._answers.wants_json(req):
            return
        if isinstance(error, ProofNeeded):
            let_script(resp)
            visitor = visitor_of(req)
            passkey = self._sessions.passkeys.to_sign(req, visitor.form_token)
            resp.text = entrance_pages.proof_page(
                visitor, back=req.path, passkey=passkey, sentence=error.message
            )
        else:
            status = status_of(error)
            resp.text = entrance_pages.refused_page(
                sentence=error.message, status=status, language=self._answers.language
            )

    def _needs(self, req: falcon.Request, resource: object) -> Needs | None:
        """None: Falcon's own answer, that this method is not taken."""
        route = self._routes.get(req.uri_template or "")
        needs = route.needs(req.method) if route else None
        if needs is None and (route is None or hasattr(resource, f"on_{req.method.lower()}")):
            raise RouteUndeclared(f"{req.method} {req.uri_template}")
        return needs

    def _admit_stranger(self, req: falcon.Request) -> None:
        """Raises CrossSite, BadForm, FormNotOurs."""
        if req.method == "POST":
            self._sessions.check_login_form(req, self._read_form(req))
        else:
            req.context.visitor = self._sessions.visitor(req)

    def _admit_staff(
        self, req: falcon.Request, needs: Who | Power | PowerOfDeed, board: str | None
    ) -> None:
        """Raises NotLoggedIn, CrossSite, BadForm, FormNotOurs, NotAllowed, ProofNeeded.

        BadField: there is no such deed.

        HTTPSeeOther, to the log-in, for who only looks: led on, not refused, since this is how
        everybody arrives.
        """
        is_form = req.method == "POST"
        if is_form:
            clients.refuse_other_sites(req)
        visitor = self._sessions.visitor(req)
        if visitor is None:
            raise NotLoggedIn if is_form else falcon.HTTPSeeOther(urls.DESK_URL)
        req.context.visitor = visitor
        if isinstance(needs, Power):
            _require(visitor, needs, board)
        if is_form:
            form = self._read_form(req)
            check_token(visitor.form_token, form)
            if isinstance(needs, PowerOfDeed):
                req.context.deed = deeds.named(needs.table, form.get("deed"))
                _require_for(visitor, req.context.deed, board)

    def _read_form(self, req: falcon.Request) -> Form:
        """Raises CrossSite, BadForm."""
        clients.refuse_other_sites(req)
        req.context.spool = ExitStack()
        req.context.form = req.context.spool.enter_context(self._reader.read(req, Form()))
        return form_of(req)


def let_script(resp: falcon.Response, policy: str = WITH_SCRIPT) -> None:
    """The page that is answered has one."""
    resp.set_header("Content-Security-Policy", policy)


def visitor_of(req: falcon.Request) -> Visitor:
    """Who of the staff sends the request; for routes that need more than Who.AT_THE_DOOR."""
    visitor: Visitor = req.context.visitor
    return visitor


def form_of(req: falcon.Request) -> Form:
    """What was sent, with the token that it needs."""
    form: Form = req.context.form
    return form


def deed_of(req: falcon.Request) -> Deed:
    """What the form asks for, by one who may; for routes that need PowerOfDeed."""
    deed: Deed = req.context.deed
    return deed


def _require_for(visitor: Visitor, deed: Deed, board: str | None) -> None:
    if deed.power is not None:
        _require(visitor, deed.power, board)
    if deed.is_dangerous and not visitor.is_proved:
        raise ProofNeeded


def _require(visitor: Visitor, power: Power, board: str | None) -> None:
    if board is None:
        visitor.require_somewhere(power)
    else:
        visitor.require(power, board)
