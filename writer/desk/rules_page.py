"""/mod/rules: the rules against spam of one's boards, a form for one, and a try of it."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard.errors import BadField, NoSuchBoard, NoSuchRule
from imageboard.spam.rules import NewRule, as_typed
from imageboard.staff_roles import Power, Visitor
from imageboard.store import rule_deeds, rule_trials, spam_rules
from imageboard.store.database import Connection
from imageboard.store.rule_trials import Trial
from imageboard.words import Message
from templates.desk import rule_pages, urls
from writer.desk.gate import deed_of, form_of, visitor_of
from writer.desk.parts import Desk, number, places_with, see
from writer.statuses import status_of


@dataclass(frozen=True, slots=True)
class RulesPage:
    """/mod/rules, /mod/rules?rule=7"""

    desk: Desk

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        asked, visitor = number(req.get_param("rule")), visitor_of(req)
        typed: dict[str, str] = {}
        with self.desk.database.connection() as db:
            if asked is not None:
                rule = spam_rules.get(db, asked)
                visitor.require(Power.MAKE_RULES, rule.board)
                typed = as_typed(rule) | {"rule": str(rule.id)}
            resp.text = _page(db, visitor, typed, done=req.get_param("done"))

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        deed, typed = deed_of(req), form_of(req).fields
        try:
            asked = self.desk.carry_out(req)
        except (BadField, NoSuchBoard, NoSuchRule) as ex:
            resp.status = status_of(ex)
            with self.desk.database.connection() as db:
                resp.text = _page(db, visitor_of(req), typed, sentence=ex.message)
            return
        if deed is not rule_deeds.TRY:
            see(resp, urls.with_done(urls.RULES_URL, deed.name))
            return
        assert isinstance(asked, NewRule)
        visitor = visitor_of(req)
        with self.desk.database.connection() as db:
            trial = rule_trials.of_last_day(db, asked, on=visitor.boards(Power.MAKE_RULES))
            resp.text = _page(db, visitor, typed, trial=trial)


def _page(
    db: Connection,
    visitor: Visitor,
    typed: dict[str, str],
    *,
    done: str | None = None,
    sentence: Message | None = None,
    trial: Trial | None = None,
) -> str:
    return rule_pages.rules_page(
        visitor,
        spam_rules.all_of(db, on=visitor.boards(Power.MAKE_RULES)),
        places=places_with(db, visitor, Power.MAKE_RULES),
        typed=typed,
        done=done,
        sentence=sentence,
        trial=trial,
    )
