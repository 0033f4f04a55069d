"""Who reports posts, and who deletes them while everybody else goes on."""

from __future__ import annotations

import re
from http import HTTPStatus

from loadtest import forms
from loadtest.scenarios.visitor import POSSIBLY_GONE, Answer, Visitor
from loadtest.tally import Place

_TOKEN = re.compile(rb'name="form_token" value="([^"]+)"')
_REPORTED = re.compile(rb'<form class="desk-deeds" action="/mod/[^"/]+/(\d+)"')
_SHOWN = frozenset({HTTPStatus.OK})
_DONE = frozenset({HTTPStatus.SEE_OTHER})
#: Of reported posts that are ours; the others' are dismissed all the same, or the desk fills up.
_DELETED_SHARE = 0.7


class Reporter(Visitor):
    """Reports posts of this run's own posters."""

    def wait_time(self) -> float:
        return self.random.uniform(0.5, 2.0)

    def act(self) -> None:
        place = self.crowd.own_posts.choose(self.random)
        if place is None:
            return
        fields = {
            "board": self.board,
            "report": "Report",
            f"delete_{place.no}": "on",
            "reason": f"Not about kettles, says {self.name}.",
            "json_response": "1",
        }
        form = forms.urlencoded(fields)
        # One that was deleted a moment ago can't be reported.
        self.ask(
            "POST",
            "/post",
            kind="post",
            name="report",
            expected=POSSIBLY_GONE,
            headers=form.headers,
            body=form.body,
        )


class StaffMember(Visitor):
    """Logs in, and works through the reports: deletes replies, dismisses the rest."""

    one_per_process = True

    def wait_time(self) -> float:
        return self.random.uniform(0.5, 1.5)

    def on_start(self) -> None:
        plan = self.crowd.plan
        page = self.ask("GET", "/mod/", kind="staff", name="log-in form", expected=_SHOWN)
        fields = {"name": plan.staff_name, "password": plan.staff_password}
        answer = self._ask("/mod/login", "log-in", fields, page.body)
        if answer.status != HTTPStatus.SEE_OTHER:
            self.crowd.halt(
                f"the board does not let {plan.staff_name} in: "
                "name an account with --staff-name and --staff-password-file"
            )

    def act(self) -> None:
        queue = self.ask("GET", "/mod/reports", kind="staff", name="reports", expected=_SHOWN)
        reported = [int(no) for no in _REPORTED.findall(queue.body)]
        if not reported:
            return
        no = self.random.choice(reported)
        place = self.crowd.own_posts.place_of(no)
        # An OP would take its thread along, and with it posts that others look for.
        is_reply = place is not None and place.no != place.thread
        if place is not None and is_reply and self.random.random() < _DELETED_SHARE:
            self._delete(place, queue.body)
        else:
            self._do("dismiss", no, queue.body)

    def _delete(self, place: Place, page: bytes) -> None:
        self.crowd.own_posts.forget(place)
        answered = self._do("delete", place.no, page)
        if answered is not None:
            self.crowd.tally.deleted.append(place)
            self.crowd.lookout.watch_go(
                place.thread, place.no, since_s=answered, name="deleted reply off its page"
            )

    def _do(self, deed: str, no: int, page: bytes) -> float | None:
        """One of the desk's buttons: when it was pressed; None: it was not done."""
        fields = {"deed": deed, "back": "reports"}
        answer = self._ask(f"/mod/{self.board}/{no}", deed, fields, page)
        return answer.sent_s if answer.status == HTTPStatus.SEE_OTHER else None

    def _ask(self, path: str, name: str, fields: dict[str, str], page: bytes) -> Answer:
        """A form of the desk, with the token that stood on `page`."""
        token = _TOKEN.search(page)
        form = forms.urlencoded(fields | {"form_token": token[1].decode() if token else ""})
        return self.ask(
            "POST",
            path,
            kind="staff",
            name=name,
            expected=_DONE,
            headers=form.headers,
            body=form.body,
        )
