"""Texts of a thread that goes to another board: what they quote is said anew."""

from __future__ import annotations

from imageboard import moves
from tests.tables import for_each


@for_each(
    ("typed", "said"),
    [
        (">>5", ">>17"),
        (">>5\n>quoted >>6.", ">>17\n>quoted >>18."),
        (">>9", ">>>/b/9"),
        (">>>/b/5", ">>17"),
        (">>>/b/9", ">>>/b/9"),
        (">>>/c/5 >>>/c/", ">>>/c/5 >>>/c/"),
        (">>>5 >>5x a>>5", ">>>5 >>5x a>>5"),
        ("(>>5) >>05", "(>>17) >>05"),
    ],
)
def test_quotes_are_renumbered(typed: str, said: str) -> None:
    assert moves.renumbered(typed, "b", {5: 17, 6: 18}) == said


def test_board_may_have_the_name_that_it_had_elsewhere() -> None:
    assert moves.renumbered(">>>/Té_1/5 >>9", "Té_1", {5: 17}) == ">>17 >>>/Té_1/9"


def test_text_without_room_stays_as_it_was_typed() -> None:
    """A text that came from elsewhere may be longer than any that is posted here."""
    long = "x" * 50_000
    assert moves.renumbered(f">>9{long}", "b", {}) == f">>9{long}"
    assert moves.renumbered(f">>9 {long}", "b", {}) == f">>>/b/9 {long}"
    full = ">>9 " * 16_000
    assert moves.renumbered(full, "b", {}) == full
