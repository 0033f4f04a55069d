"""What comes of a post that looks like spam: it is changed, held or refused, its poster banned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import NamedTuple

import falcon

from imageboard import tripcodes
from imageboard.bans import NewBan
from imageboard.boards import Board
from imageboard.cloaks import Address
from imageboard.errors import RefusedByRule
from imageboard.post_rules import Draft, NewFile, NewPost
from imageboard.spam import matching
from imageboard.spam.known_files import marks
from imageboard.spam.matching import Candidate, Circumstances, RuleBook
from imageboard.spam.rules import ACTIONS, Rule
from imageboard.store import ban_deeds, bans, moderation_log, spam_rules
from monitoring import metrics
from monitoring.logs import get_logger
from writer import findings
from writer.abuse import AbuseChecks
from writer.findings import BoardChecks, Finding
from writer.origins import Origins
from writer.rule_book import KeptRules

log = get_logger(__name__)

#: Of several that hit, what comes of the first of these.
_SEVERITY = {action.name: place for place, action in enumerate(ACTIONS)}


@dataclass(frozen=True, slots=True)
class Looked:
    """A draft as rules left it, and what they found in it."""

    draft: Draft
    hits: Sequence[Rule] = ()
    #: None: none looks at files.
    book: RuleBook | None = None
    candidate: Candidate | None = None
    about: Circumstances | None = None


class Verdict(NamedTuple):
    """Of a post that is neither refused nor its poster banned."""

    #: The poster is to solve a captcha.
    is_suspect: bool = False
    #: Why staff look at it first, in a line for them. None: they need not.
    held_because: str | None = None

    def on(self, new_post: NewPost) -> NewPost:
        """The post, which is held if that is what was found."""
        if self.held_because is None or new_post.held_because is not None:
            return new_post
        return replace(new_post, held_because=self.held_because)


@dataclass(frozen=True, slots=True)
class SpamChecks:
    """For those who post, not for staff who sign as such."""

    kept_rules: KeptRules
    origins: Origins
    abuse_checks: AbuseChecks
    board_checks: BoardChecks
    #: Of a board by its name.
    trip_salt: Callable[[str], tripcodes.Salt]

    def look(self, req: falcon.Request, draft: Draft, board: Board, address: Address) -> Looked:
        """Nothing comes of it yet: a preview shows what is replaced, and no more.

        Raises StoreUnavailable.
        """
        book = self.kept_rules.get()
        if book.is_empty or draft.capcode is not None:
            return Looked(draft)
        checks = self.abuse_checks
        about = Circumstances(
            country=cache(partial(self.origins.country, req, address)),
            is_known=cache(partial(checks.is_known, address)),
            is_pressed=cache(partial(checks.is_pressed, draft, board, address)),
        )
        candidate = matching.candidate(draft, partial(self._tripcode, draft))
        hits = book.hits(candidate, about)
        draft = matching.replaced(draft, hits)
        return Looked(draft, hits, book if book.looks_at_files else None, candidate, about)

    def enforce(
        self, req: falcon.Request, looked: Looked, board: Board, address: Address
    ) -> Verdict:
        """Raises Banned, RefusedByRule."""
        found = [findings.of_rule(rule) for rule in looked.hits]
        if looked.draft.capcode is None:
            country = partial(self.origins.country, req, address)
            found += self.board_checks.find(looked.draft, board, address, country)
        return self._enforce(found, looked.draft, board, address)

    def enforce_on_files(
        self, looked: Looked, files: Sequence[NewFile], board: Board, address: Address
    ) -> Verdict:
        """The same for what is known only when files were looked into."""
        if not files or looked.book is None:
            return Verdict()
        assert looked.candidate is not None
        assert looked.about is not None
        hits = looked.book.hits_of_files(looked.candidate, marks(files), looked.about)
        found = [findings.of_rule(rule) for rule in hits]
        return self._enforce(found, looked.draft, board, address)

    def _enforce(
        self, found: Sequence[Finding], draft: Draft, board: Board, address: Address
    ) -> Verdict:
        # What was stored before is answered as then: by itself it would look alike, or too fast.
        if not found or self.abuse_checks.is_sent_again(draft, address):
            return Verdict()
        worst = min(found, key=lambda each: _SEVERITY.get(each.action, len(_SEVERITY)))
        if worst.action in ("ban", "refuse"):
            # Whoever is banned is told that first, and not banned again.
            self.abuse_checks.refuse_banned(board.name, address)
        self._count(found, board)
        if worst.action == "ban":
            self._ban(worst, address)
        if worst.action == "refuse":
            raise RefusedByRule(worst.refusal)
        return Verdict(
            is_suspect=any(each.action == "captcha" for each in found),
            held_because=next((each.name for each in found if each.action == "hold"), None),
        )

    def _count(self, found: Sequence[Finding], board: Board) -> None:
        for each in found:
            metrics.spam_findings.labels(each.name, each.action).inc()
        log.info("spam_found", board=board.name, by=[each.name for each in found])
        numbers = [each.rule.id for each in found if each.rule is not None]
        if numbers:
            with self.abuse_checks.database.connection() as db:
                spam_rules.count_hits(db, numbers)

    def _ban(self, finding: Finding, address: Address) -> None:
        """As one of the staff would; the log names the rule. Raises Banned."""
        rule, poster = finding.rule, self.abuse_checks.cloak.hash_address(address)
        assert rule is not None, "only rules ban"
        new_ban = NewBan(
            board=rule.board,
            reason=rule.sentence,
            duration_s=rule.ban_s,
            address_hash=poster,
        )
        with self.abuse_checks.database.transaction() as db:
            ban_id = bans.add(db, new_ban, finding.name)
            moderation_log.add(
                db, ban_deeds.BANNED, staff=finding.name, board=rule.board, ban=ban_id
            )
            refusal = bans.refusal(db, bans.get(db, ban_id), poster)
        raise refusal

    def _tripcode(self, draft: Draft) -> str | None:
        return tripcodes.split_name(draft.name, self.trip_salt(draft.board)).tripcode
