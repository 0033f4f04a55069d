"""Who may not post: bans, uploads, the captcha. Posts are counted under the board's lock."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from imageboard.allowances import Allowances
from imageboard.boards import Board
from imageboard.cloaks import Address, Cloak
from imageboard.post_rules import Draft
from imageboard.store import allowances, bans, boards, receipts, spam_rules
from imageboard.store.database import Database
from writer.allowances import pressure
from writer.captchas import Captchas, Circumstances
from writer.forms import Form
from writer.passes import CaptchaPasses


@dataclass(frozen=True, slots=True)
class AbuseChecks:
    """What the board's rules do not ask: who it is that posts."""

    database: Database
    cloak: Cloak
    allowances: Allowances
    captchas: Captchas
    passes: CaptchaPasses

    def allow(
        self, form: Form, draft: Draft, board: Board, address: Address, *, is_suspect: bool = False
    ) -> bool:
        """Whether a captcha was asked for, and solved: who is suspected of spam (`is_suspect`) is
        asked whatever the board asks for, and spared by no pass.

        After the board's rules: an answer to a captcha is good for one try, and what they refuse
        must not cost it.

        A ban is looked for here only when what comes next costs more than looking: a picture is
        decoded, a captcha's answer is used up. Otherwise posts.add finds it. A captcha that was
        solved has earned the form a pass.

        Raises Banned, Warned, NetworkTooFast, CaptchaFailed.
        """
        is_asked = self._is_captcha_asked(draft, board, address, is_suspect=is_suspect)
        if form.files or is_asked:
            self.refuse_banned(board.name, address)
        if form.files:
            self._count_uploads(len(form.files), address)
        if not is_asked or (not is_suspect and self.passes.spares(form, board.settings)):
            return False
        self.captchas.check(form, address)
        form.pass_earned = self.passes.earned(board.settings)
        return True

    def ask_suspect(self, form: Form, draft: Draft, address: Address) -> None:
        """For who became suspect after `allow` had asked for none. Raises CaptchaFailed."""
        if self.captchas.can_ask and not self.is_sent_again(draft, address):
            self.captchas.check(form, address)

    def is_pressed(self, draft: Draft, board: Board, address: Address) -> bool:
        """Whether more than half is used of what the board or the poster's network may post."""
        is_new = draft.thread is None
        taken = self.allowances.of_post(address, board.name, board.settings, is_thread=is_new)
        return bool(pressure(self.database, taken))

    def is_known(self, address: Address) -> bool:
        """Whether a post of theirs has stood for a day."""
        with self.database.connection() as db:
            return spam_rules.is_known(db, self.cloak.hash_address(address))

    def _is_busy(self, board: Board) -> bool:
        posts = board.settings.captcha_from_posts_per_hour
        with self.database.connection() as db:
            return boards.is_busy(db, board.name, posts)

    def _is_captcha_asked(
        self, draft: Draft, board: Board, address: Address, *, is_suspect: bool
    ) -> bool:
        about = Circumstances(
            is_stranger=lambda: not self.is_known(address),
            is_pressed=partial(self.is_pressed, draft, board, address),
            is_busy=partial(self._is_busy, board),
        )
        is_asked = (is_suspect and self.captchas.can_ask) or self.captchas.is_asked(
            board, is_new=draft.thread is None, about=about
        )
        return is_asked and not self.is_sent_again(draft, address)

    def is_sent_again(self, draft: Draft, address: Address) -> bool:
        """Whether this form was stored before: it is answered as then, and stores nothing."""
        with self.database.connection() as db:
            poster = self.cloak.hash_address(address)
            return receipts.is_there(db, poster, draft.nonce, draft.delivery)

    def know_again(self, address: Address) -> None:
        """Whoever was banned under a former key, before anything looks for bans.

        PERF: one update by an index, while there is a former key.
        """
        if former := self.cloak.former_hashes(address):
            with self.database.connection() as db:
                bans.take_over(db, former, self.cloak.hash_address(address))

    def refuse_banned(self, board: str, address: Address) -> None:
        """Raises Banned, with all that a banned poster is told, or Warned."""
        self.know_again(address)
        poster = self.cloak.hash_address(address)
        with self.database.connection() as db:
            ban = bans.find(db, board, poster, address)
            if ban is not None:
                raise bans.refusal(db, ban, poster)

    def _count_uploads(self, count: int, address: Address) -> None:
        """Before they are decoded, which costs more than all else of a post.

        Raises NetworkTooFast.
        """
        asked = self.allowances.of_uploads(address, count)
        with self.database.connection() as db:
            allowances.take(db, asked)
