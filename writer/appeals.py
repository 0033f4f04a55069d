"""What the banned ask of staff: the form on the page that tells them of their ban."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard import addresses
from imageboard import appeals as appeal_rules
from imageboard.allowances import Allowances
from imageboard.boards import read_board_name
from imageboard.cloaks import Cloak
from imageboard.errors import RuleBroken
from imageboard.settings import Settings
from imageboard.store import allowances, appeals, bans
from imageboard.store.database import Connection, Database
from imageboard.words import N_
from writer import clients
from writer.abuse import AbuseChecks
from writer.answers import Answers
from writer.forms import Form


@dataclass(frozen=True, slots=True)
class Appeals:
    """`appeal`, a button of `POST /post`."""

    settings: Settings
    database: Database
    cloak: Cloak
    allowances: Allowances
    abuse_checks: AbuseChecks
    answers: Answers

    def answer(self, req: falcon.Request, resp: falcon.Response, form: Form) -> None:
        """Keep it for staff: one a ban, of whoever the ban hits on the form's board.

        Raises:
            BadField, NoSuchBoard, RuleBroken, TooFast: nothing was kept.
        """
        board = read_board_name(form.get("board"))
        body = appeal_rules.read_appeal(form.get("body"))
        address = clients.client_address(req, self.settings.trusted_proxies)
        self.abuse_checks.know_again(address)
        poster = self.cloak.hash_address(address)

        def keep(db: Connection) -> None:
            ban = bans.find(db, board, poster, address)
            if ban is None:
                raise RuleBroken(N_("You are not banned from posting on /{board}/."), board=board)
            if not appeals.is_open(db, ban, poster):
                raise RuleBroken(N_("There is no appeal against this ban, or none any more."))
            allowances.take(db, self.allowances.of_appeal(address))
            appeals.add(db, ban.id, poster, body)

        self.database.again_on_deadlock(keep)
        self.answers.done(
            req,
            resp,
            form,
            title=N_("Sent"),
            sentence=N_("The staff will read it. Their answer stands where you read of the ban."),
            back_url=addresses.board_url(board),
        )
