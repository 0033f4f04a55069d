"""Threads that go to another board: what their texts say then. Pure; the store moves them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from imageboard.addresses import BOARD_NAME

#: Of any post, as the database holds it.
BODY_CHARS_MAX = 65_536

# As imageboard.markup.parsing finds quotes.
_QUOTE = re.compile(
    r">>(?<![^\s(*'_~|]>>)"
    rf"(?:(?P<no>[1-9][0-9]{{0,17}})|>/(?P<board>{BOARD_NAME})/(?P<board_no>[1-9][0-9]{{0,17}}))"
    r"(?=[\s,.)?!*'_~|]|\Z)"
)


def renumbered(body: str, board: str, numbers: Mapping[int, int]) -> str:
    """The text of a post that leaves `board` with others; `numbers` are their old and new ones.

    '>>5 >>9', {5: 17} -> '>>17 >>>/b/9': what stays behind is then on another board. A text that
    has no room for that stays as it was typed.
    """

    def renumber(quote: re.Match[str]) -> str:
        if quote["no"] is None and quote["board"] != board:
            return quote[0]
        no = int(quote["no"] or quote["board_no"])
        return f">>{numbers[no]}" if no in numbers else f">>>/{board}/{no}"

    said = _QUOTE.sub(renumber, body)
    return said if len(said) <= BODY_CHARS_MAX else body
