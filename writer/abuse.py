"""Who may not post: bans, uploads, the captcha. Posts are counted under the board's lock."""

from __future__ import annotations

from dataclasses import dataclass

from imageboard.allowances import Allowances
from imageboard.cloaks import Address, Cloak
from imageboard.store import allowances, bans
from imageboard.store.database import Database
from writer.captchas import Captcha
from writer.forms import Form


@dataclass(frozen=True, slots=True)
class AbuseChecks:
    """What the board's rules do not ask: who it is that posts."""

    database: Database
    cloak: Cloak
    allowances: Allowances
    #: None: off.
    captcha: Captcha | None

    def allow(self, form: Form, board: str, address: Address) -> None:
        """Before the board's rules are looked at.

        A ban is looked for here only when what comes next costs more than looking: a picture is
        decoded, a captcha's token is good for one question. Otherwise posts.add finds it.

        Raises Banned, NetworkTooFast, CaptchaFailed.
        """
        if form.files or self.captcha is not None:
            self.refuse_banned(board, address)
        if form.files:
            self._count_uploads(len(form.files), address)
        if self.captcha is not None:
            self.captcha.check(form, address)

    def refuse_banned(self, board: str, address: Address) -> None:
        """Raises Banned, with all that a banned poster is told."""
        with self.database.connection() as db:
            ban = bans.find(db, board, self.cloak.hash_address(address), address)
        if ban is not None:
            raise bans.refusal(ban)

    def _count_uploads(self, count: int, address: Address) -> None:
        """Before they are decoded, which costs more than all else of a post.

        Raises NetworkTooFast.
        """
        asked = self.allowances.of_uploads(address, count)
        with self.database.connection() as db:
            allowances.take(db, asked)
