"""/mod/states: what boards are put into in a bad hour, by one press each."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.staff_roles import Power
from imageboard.store import held
from templates.desk import board_pages, urls
from writer.desk.gate import deed_of, visitor_of
from writer.desk.parts import Desk, boards_with, see


@dataclass(frozen=True, slots=True)
class States:
    """/mod/states"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        visitor = visitor_of(req)
        with self.desk.database.transaction() as db:
            mine = boards_with(db, visitor, Power.SET_STATE)
            waiting = held.count(db, on=visitor.boards(Power.JUDGE_HELD))
        resp.text = board_pages.states_page(
            visitor,
            mine,
            held_posts=waiting,
            done=req.get_param("done"),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        self.desk.carry_out(req)
        see(resp, urls.with_done(urls.STATES_URL, deed_of(req).name))
