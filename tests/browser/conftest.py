"""A board with something on it, for the browser to show."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.talk import Talk, a_talk
from tests.walk.board_process import BoardProcess, Upload, a_board_process
from tests.writer.media import hostile

#: What breaks a layout: words without an end, code, many quotes, a heading, right-to-left text.
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
WIDE_TEXT = f"""{LONG_WORD}
>{LONG_WORD}
https://example.org/{"a-very-long-path/" * 20}
[code]{"for (;;) { /* a line of code that does not end */ } " * 8}[/code]
==A heading== **and a spoiler** '''bold''' ''italic''
שלום עולם، مرحبا بالعالم
{" ".join(">>1" for _ in range(60))}"""


@pytest.fixture(scope="session")
def board() -> Iterator[BoardProcess]:
    """Its board /b/ has a long thread 1 with everything that breaks a layout."""
    with a_board_process() as board:
        wide = Upload("a wide picture.png", hostile.a_png(hostile.scene(1800, 400)))
        board.post(board="b", subject=f"A subject {LONG_WORD[:80]}", body=WIDE_TEXT, files=[wide])
        for number in range(60):
            files = [Upload(f"{LONG_WORD[:90]}.png", wide.body)] if number % 10 == 0 else []
            text = WIDE_TEXT if number % 7 == 0 else f">>1 Reply number {number}."
            board.post(board="b", thread=1, name="N" * 25 + "#trip", body=text, files=files)
        board.settle()
        yield board


@pytest.fixture(scope="session")
def talk(board: BoardProcess) -> Talk:
    talk = a_talk(board)
    board.settle()
    return talk
