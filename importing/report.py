"""What came, and what could not, and why: told at the end, and kept in the data folder."""

from __future__ import annotations

import html
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imageboard.errors import StatementFailed

#: Of each kind of trouble, that are named.
EXAMPLES_MAX = 20
#: Texts in HTML that are kept, and how much of each.
HTML_MAX = 10_000
HTML_CHARS_MAX = 65_536


@dataclass
class Trouble:
    """Something that could not come as it was."""

    count: int = 0
    #: '/b/124: it has no time'
    examples: list[str] = field(default_factory=list)


@dataclass
class Report:
    """Counts by what was counted ('posts'), and troubles by the sentence that says why."""

    counts: Counter[str] = field(default_factory=Counter)
    troubles: dict[str, Trouble] = field(default_factory=dict)
    #: {'lab': {'posts': 196, …}}
    boards: dict[str, Counter[str]] = field(default_factory=dict)
    #: {'/b/124': what staff wrote there as HTML}, which nobody is shown.
    kept_html: dict[str, str] = field(default_factory=dict)

    def count(self, what: str, number: int = 1, *, board: str | None = None) -> None:
        if number == 0:
            return
        self.counts[what] += number
        if board is not None:
            self.boards.setdefault(board, Counter())[what] += number

    def trouble(self, why: str, where: str, *, number: int = 1) -> None:
        trouble = self.troubles.setdefault(why, Trouble())
        trouble.count += number
        if len(trouble.examples) < EXAMPLES_MAX:
            trouble.examples.append(where)

    def add(self, other: Report) -> None:
        """What another one tells as well."""
        for board, counts in other.boards.items():
            self.boards.setdefault(board, Counter()).update(counts)
        self.counts.update(other.counts)
        for why, more in other.troubles.items():
            trouble = self.troubles.setdefault(why, Trouble())
            trouble.count += more.count
            trouble.examples = (trouble.examples + more.examples)[:EXAMPLES_MAX]
        for where, written in other.kept_html.items():
            if len(self.kept_html) < HTML_MAX:
                self.kept_html[where] = written

    def keep_html(self, where: str, written: str) -> None:
        """SECURITY: in a file beside the report, that no web server knows."""
        self.trouble("staff wrote HTML: its text came, and it is kept beside this report", where)
        if len(self.kept_html) < HTML_MAX:
            self.kept_html[where] = written[:HTML_CHARS_MAX]

    def as_json(self) -> dict[str, Any]:
        return {
            "counts": dict(self.counts),
            "boards": {name: dict(counts) for name, counts in self.boards.items()},
            "troubles": [
                {"why": why, "count": trouble.count, "examples": trouble.examples}
                for why, trouble in self.troubles.items()
            ],
        }

    def as_text(self) -> str:
        lines = [f"{number:>10,}  {what}" for what, number in self.counts.items()]
        for why, trouble in self.troubles.items():
            named = "; ".join(trouble.examples[:3])
            more = " …" if trouble.count > 3 else ""
            lines.append(f"{trouble.count:>10,}  {why}: {named}{more}")
        return "\n".join(lines)

    def write(self, folder: Path, name: str) -> Path:
        """As NAME.json and NAME.html, in a folder that nobody else reads; where the page is.

        HTML that was kept stands in NAME-html.jsonl, a post a line.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        told = json.dumps(self.as_json(), ensure_ascii=False, indent=1)
        (folder / f"{name}.json").write_text(told, encoding="utf-8")
        if self.kept_html:
            kept = [
                json.dumps({"post": where, "html": written}, ensure_ascii=False) + "\n"
                for where, written in self.kept_html.items()
            ]
            (folder / f"{name}-html.jsonl").write_text("".join(kept), encoding="utf-8")
        page = folder / f"{name}.html"
        page.write_text(self._as_page(), encoding="utf-8")
        return page

    def _as_page(self) -> str:
        kinds = list(self.counts)
        head = "".join(f"<th>{html.escape(kind)}</th>" for kind in kinds)
        rows = "".join(
            f"<tr><th>/{html.escape(name)}/</th>"
            + "".join(f"<td>{counts[kind]:,}</td>" for kind in kinds)
            + "</tr>"
            for name, counts in sorted(self.boards.items())
        )
        total = "".join(f"<td>{self.counts[kind]:,}</td>" for kind in kinds)
        troubles = "".join(
            f"<h2>{trouble.count:,}: {html.escape(why)}</h2><ul>"
            + "".join(f"<li>{html.escape(each)}</li>" for each in trouble.examples)
            + "</ul>"
            for why, trouble in self.troubles.items()
        )
        return (
            '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Import</title>'
            f"<h1>What came</h1><table><tr><th></th>{head}</tr>{rows}"
            f"<tr><th>All</th>{total}</tr></table><h1>What could not</h1>"
            f"{troubles or '<p>Nothing.</p>'}</html>\n"
        )


def refused(ex: StatementFailed) -> str:
    """Why something did not come that no reader found fault with."""
    return f"the database refuses it: {ex.constraint or ex.sqlstate}"
