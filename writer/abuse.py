"""Who may not post: bans, uploads, the captcha. Posts are counted under the board's lock."""

from __future__ import annotations

from dataclasses import dataclass

from imageboard.allowances import Allowances
from imageboard.boards import Board
from imageboard.cloaks import Address, Cloak
from imageboard.post_rules import Draft
from imageboard.store import allowances, bans, receipts
from imageboard.store.database import Database
from writer.allowances import pressure
from writer.captchas import Captchas
from writer.forms import Form


@dataclass(frozen=True, slots=True)
class AbuseChecks:
    """What the board's rules do not ask: who it is that posts."""

    database: Database
    cloak: Cloak
    allowances: Allowances
    captchas: Captchas

    def allow(self, form: Form, draft: Draft, board: Board, address: Address) -> None:
        """After the board's rules: an answer to a captcha is good for one try, and what they refuse
        must not cost it.

        A ban is looked for here only when what comes next costs more than looking: a picture is
        decoded, a captcha's answer is used up. Otherwise posts.add finds it.

        Raises Banned, Warned, NetworkTooFast, CaptchaFailed.
        """
        is_asked = self._is_captcha_asked(draft, board, address)
        if form.files or is_asked:
            self.refuse_banned(board.name, address)
        if form.files:
            self._count_uploads(len(form.files), address)
        if is_asked:
            self.captchas.check(form, address)

    def _is_captcha_asked(self, draft: Draft, board: Board, address: Address) -> bool:
        is_new = draft.thread is None

        def is_pressed() -> bool:
            taken = self.allowances.of_post(address, board.name, board.settings, is_thread=is_new)
            return bool(pressure(self.database, taken))

        is_asked = self.captchas.is_asked(board, is_new=is_new, is_pressed=is_pressed)
        return is_asked and not self._is_sent_again(draft, address)

    def _is_sent_again(self, draft: Draft, address: Address) -> bool:
        """Whether this form was stored before: it is answered as then, and stores nothing."""
        with self.database.connection() as db:
            poster = self.cloak.hash_address(address)
            return receipts.is_there(db, poster, draft.nonce, draft.delivery)

    def refuse_banned(self, board: str, address: Address) -> None:
        """Raises Banned, with all that a banned poster is told, or Warned."""
        with self.database.connection() as db:
            ban = bans.find(db, board, self.cloak.hash_address(address), address)
            if ban is not None:
                raise bans.refusal(db, ban)

    def _count_uploads(self, count: int, address: Address) -> None:
        """Before they are decoded, which costs more than all else of a post.

        Raises NetworkTooFast.
        """
        asked = self.allowances.of_uploads(address, count)
        with self.database.connection() as db:
            allowances.take(db, asked)
