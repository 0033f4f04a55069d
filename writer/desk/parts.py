"""What every page of the desk begins with, and how each of them refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import falcon

from imageboard.cloaks import Cloak
from imageboard.errors import ImageboardError, NotLoggedIn
from imageboard.queue.wake_up import WakeUp
from imageboard.settings import Settings
from imageboard.staff_roles import Power, Visitor
from imageboard.store.database import Database
from templates import desk_pages
from writer import clients
from writer.answers import Answers
from writer.desk.sessions import Sessions, check_token
from writer.forms import Form, FormReader

#: Tighter than that of the public pages: nothing here runs a script.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


class Desk:
    """The parts that the pages work with."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        cloak: Cloak,
        wake_up: WakeUp,
        answers: Answers,
    ) -> None:
        self.settings = settings
        self.database = database
        self.cloak = cloak
        self.wake_up = wake_up
        self.sessions = Sessions(settings, database, cloak)
        self._answers = answers
        self._reader = FormReader(settings.data / "scratch")

    @contextmanager
    def answering(self, req: falcon.Request, resp: falcon.Response) -> Iterator[None]:
        """Answer with a page that nobody keeps; a refusal in the block is told on one too."""
        resp.set_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        resp.cache_control = ["no-store"]
        resp.content_type = falcon.MEDIA_HTML
        try:
            yield
        except ImageboardError as ex:
            # Status, headers and figures, or the JSON that a program asked for, as everywhere.
            resp.content_type = falcon.MEDIA_JSON
            self._answers.refuse(req, resp, ex, Form())
            if not self._answers.wants_json(req):
                resp.text = desk_pages.refused_page(sentence=ex.sentence, status=ex.status)

    def visitor(self, req: falcon.Request, power: Power | None = None) -> Visitor:
        """Who of the staff looks at a page, which takes `power` on some board.

        Raises:
            NotAllowed: it is not for this role.
            HTTPSeeOther: nobody is logged in. Led on, not refused: this is how everybody arrives.
        """
        visitor = self.sessions.visitor(req)
        if visitor is None:
            raise falcon.HTTPSeeOther(desk_pages.DESK_URL)
        if power is not None:
            visitor.require_somewhere(power)
        return visitor

    @contextmanager
    def form(self, req: falcon.Request) -> Iterator[Form]:
        """A form, sent by whomever, but not from another site. Raises CrossSite, BadForm."""
        clients.refuse_other_sites(req)
        with self._reader.read(req, Form()) as form:
            yield form

    @contextmanager
    def form_of_staff(self, req: falcon.Request) -> Iterator[tuple[Visitor, Form]]:
        """A form from a page of the sender's own session.

        Raises CrossSite, BadForm, NotLoggedIn, FormNotOurs.
        """
        with self.form(req) as form:
            visitor = self.sessions.visitor(req)
            if visitor is None:
                raise NotLoggedIn
            check_token(visitor.form_token, form)
            yield visitor, form


def see(resp: falcon.Response, url: str) -> None:
    """Lead the browser on: reloading the page that it then shows does nothing a second time."""
    resp.status = falcon.HTTP_303
    resp.location = url


def number(text: str | None) -> int | None:
    """'17' -> 17; None for anything that can't be a number of ours."""
    is_number = text is not None and text.isascii() and text.isdigit() and len(text) <= 15
    return int(text) if text is not None and is_number else None
