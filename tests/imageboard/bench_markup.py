"""How long markup takes: `python -m tests.imageboard.bench_markup` prints the best of many runs.

Not a test: clocks lie on a busy machine. What must hold (time grows with length, whatever the
text) is in test_markup.py.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable

from imageboard import markup
from imageboard.markup import Links, Marking
from imageboard.markup.marks import ALL
from tests.imageboard.hostile_texts import hostile_texts

CHARS = 20_000
EVERY = Marking(ALL)

TYPICAL = (
    ">>124\n"
    ">store exactly what was typed\n"
    "Agreed, it's the '''only''' way. The notes at https://example.org/wiki/Ohm_(unit) say so.\n"
    "\n"
    "Same rail after an hour: 4.96 V, so it is the cable & not the **charger**."
)
PLAIN = (
    TYPICAL.translate(str.maketrans("", "", ">'*&")).replace("https://", "")[:200].ljust(200, "x")
)


def best_us(number: int, call: Callable[..., object], *arguments: object) -> float:
    """Microseconds that one call takes, in the best of five runs of `number` calls."""
    return min(timeit.repeat(lambda: call(*arguments), number=number, repeat=5)) / number * 1e6


def render(text: str) -> str:
    tree = markup.parse(text, EVERY)
    links = {quote: f"/b/res/{quote.no}.html#{quote.no}" for quote in markup.quoted(tree)}
    return markup.to_html(tree, Links(links, {"b"}))


def main() -> None:
    for name, text in (("typical post", TYPICAL), ("plain post", PLAIN)):
        tree = markup.parse(text)
        links = dict.fromkeys(markup.quoted(tree), "/b/res/1.html#1")
        parse_us = best_us(2000, markup.parse, text)
        html_us = best_us(2000, markup.to_html, tree, Links(links, {"b"}))
        print(f"{name}, {len(text)} characters: parse {parse_us:.1f} µs, to_html {html_us:.1f} µs")
    print(f"\n{CHARS:,} characters of …{'parse + quoted + to_html':>40}{'HTML':>12}")
    for name, text in hostile_texts(CHARS).items():
        took_ms = best_us(1, render, text) / 1000
        print(f"{name:30}{took_ms:>26.2f} ms{len(render(text)):>12,} B")


if __name__ == "__main__":
    main()
