"""The commands that stand in docs/, as a reader would type them.

A block that is tried says so in its fence, after the language, where no reader sees it:

    ```sh tried=systemd
    ```nginx tried=up file=/etc/nginx/sites-available/stillboard
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from deploy.environment import ROOT

_FENCED = re.compile(
    r"^(?P<indent> *)```(?P<info>\S+ tried=[^\n]+)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block of a page."""

    page: str
    line_no: int
    #: What is tried with it, and at which step of that: 'systemd', 'systemd-upgrade'.
    step: str
    #: Where the text has to be put; None for commands.
    file: str | None
    text: str

    @property
    def place(self) -> str:
        return f"docs/{self.page}:{self.line_no}"

    def as_commands(self) -> str:
        if self.file is None:
            return self.text
        return f"cat >{self.file} <<'END_OF_FILE'\n{self.text}END_OF_FILE\n"


def of_page(page: str) -> Iterator[Block]:
    """Every block that is tried, in the order in which a reader comes to them."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for found in _FENCED.finditer(text):
        words = dict(word.split("=", 1) for word in found["info"].split()[1:])
        lines = found["text"].splitlines(keepends=True)
        yield Block(
            page=page,
            line_no=text[: found.start()].count("\n") + 1,
            step=words["tried"],
            file=words.get("file"),
            text="".join(line.removeprefix(found["indent"]) for line in lines),
        )


def steps(step: str, *pages: str) -> list[Block]:
    """The blocks of one step, page by page; never none."""
    found = [block for page in pages for block in of_page(page) if block.step == step]
    assert found, f"no block of {', '.join(pages)} is tried as {step}"
    return found


def command_of(page: str, heading: str, row: str) -> str:
    """The first command of a table's row: '| up | `cd … && …`, where … |' -> 'cd … && …'"""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    chapter = text.split(f"# {heading}\n", 1)[1].split("\n#", 1)[0]
    (line,) = [line for line in chapter.splitlines() if line.startswith(f"| {row} |")]
    return re.findall("`([^`]+)`", line.removeprefix(f"| {row} |"))[0]
