"""What is found in a post that looks like spam: by a rule, or by what the board's settings ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from imageboard.boards import Board
from imageboard.cloaks import Address, Cloak
from imageboard.fields import TRAP_FIELD
from imageboard.post_rules import Draft
from imageboard.spam import sketches
from imageboard.spam.rules import Rule
from imageboard.store import said_texts
from imageboard.store.database import Database
from imageboard.words import N_, Message
from writer.block_lists import BlockLists
from writer.listed_ranges import ListedRanges

_TRAPPED = N_("The field {name} is there to catch robots: leave it empty.").filled(name=TRAP_FIELD)
_FROM_THERE = N_("This board takes no posts from where you are.")
_ON_A_LIST = N_("Your address is on a list of those from which spam comes: try another network.")
_ALIKE = N_("Others have just posted nearly the same: say it in other words.")


class Finding(NamedTuple):
    """What is suspicious, and what is to come of it."""

    #: For staff and figures: 'rule 7', 'alike_text'. No account can be called so.
    name: str
    #: A row of imageboard.spam.rules.ACTIONS.
    action: str
    #: What its poster reads, if it is refused for that.
    refusal: Message
    #: None: it is what a setting of the board asks.
    rule: Rule | None = None


def of_rule(rule: Rule) -> Finding:
    return Finding(f"rule {rule.id}", rule.action, rule.refusal, rule)


class BoardChecks(NamedTuple):
    """What a board's settings have looked for in each post."""

    database: Database
    cloak: Cloak
    ranges: ListedRanges
    block_lists: BlockLists

    def find(
        self, draft: Draft, board: Board, address: Address, country: Callable[[], str | None]
    ) -> Iterator[Finding]:
        """Costs nothing on a board that asks for nothing. Raises StoreUnavailable."""
        settings = board.settings
        if draft.is_trapped:
            yield Finding("form_trap", "refuse", _TRAPPED)
        if settings.blocked_countries and country() in settings.blocked_countries.split(", "):
            yield Finding("blocked_countries", "refuse", _FROM_THERE)
        if settings.listed_ranges != "off" and self.ranges.hold(address):
            yield Finding("listed_ranges", settings.listed_ranges, _FROM_THERE)
        if settings.block_lists != "off" and self.block_lists.hold(address):
            yield Finding("block_lists", settings.block_lists, _ON_A_LIST)
        if settings.alike_text != "off" and self._is_alike(draft, address):
            yield Finding("alike_text", settings.alike_text, _ALIKE)

    def _is_alike(self, draft: Draft, address: Address) -> bool:
        sketch = sketches.sketch(draft.body)
        if sketch is None:
            return False
        poster = self.cloak.hash_address(address)
        with self.database.connection() as db:
            return said_texts.is_alike(db, draft.board, sketch, poster)
