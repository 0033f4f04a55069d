"""Who may not post: bans and the captcha. Flood checks are made under the board's lock."""

from __future__ import annotations

from dataclasses import dataclass

from imageboard.cloaks import Address, Cloak
from imageboard.errors import Banned
from imageboard.store import bans
from imageboard.store.database import Database
from writer.captcha import Captcha
from writer.forms import Form


@dataclass(frozen=True, slots=True)
class AbuseChecks:
    """Asked before any rule of the board is looked at."""

    database: Database
    cloak: Cloak
    #: None: off.
    captcha: Captcha | None

    def allow(self, form: Form, board: str, address: Address) -> None:
        """Raises Banned, CaptchaFailed."""
        self.refuse_banned(board, address)
        if self.captcha is not None:
            self.captcha.check(form, address)

    def refuse_banned(self, board: str, address: Address) -> None:
        """Raises Banned, with all that a banned poster is told."""
        with self.database.connection() as db:
            ban = bans.find(db, board, self.cloak.hash_address(address), address)
        if ban is not None:
            raise Banned(
                where=f"/{ban.board}/" if ban.board else "all boards",
                board=ban.board,
                reason=ban.reason,
                created_s=ban.created_s,
                expires_s=ban.expires_s,
                ban_id=ban.id,
            )
