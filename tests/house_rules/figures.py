"""How large the code is at two revisions: modules, functions and their lengths, tests apart.

    python -m tests.house_rules.figures 192b99c main

prints a table for docs/decisions/. A function's lines are from its `def` to its end, its docstring
among them, its decorators not; a function within another counts for both.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from tests.house_rules.repository import ROOT


class Figures(NamedTuple):
    """Of one revision; lines of functions."""

    modules: int
    lines: int
    functions: int
    median: int
    p90: int
    longest: int
    #: 'loadtest/report.py: summary'
    longest_is: str


def figures(sources: Sequence[tuple[str, str]]) -> Figures:
    """Of these modules: (path, text)."""
    lengths = sorted(
        (node.end_lineno - node.lineno + 1, f"{path}: {node.name}")
        for path, text in sources
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    )
    longest, longest_is = lengths[-1]
    return Figures(
        modules=len(sources),
        lines=sum(text.count("\n") for _path, text in sources),
        functions=len(lengths),
        median=lengths[len(lengths) // 2][0],
        p90=lengths[len(lengths) * 9 // 10][0],
        longest=longest,
        longest_is=longest_is,
    )


def modules_at(revision: str) -> Iterator[tuple[str, str]]:
    """(path, text) of every module in a room at `revision`; not of tests/."""
    for path in _git("ls-tree", "-r", "--name-only", revision).splitlines():
        place = PurePosixPath(path)
        if place.suffix == ".py" and len(place.parts) > 1 and place.parts[0] != "tests":
            yield path, _git("show", f"{revision}:{path}")


def table(revisions: Sequence[str]) -> str:
    """Markdown: a row for each figure, a column for each revision."""
    found = [figures(list(modules_at(revision))) for revision in revisions]
    rows = [("", *revisions), *(("---",) * (len(revisions) + 1),)]
    rows += [
        (name.replace("_", " "), *(str(getattr(each, name)) for each in found))
        for name in Figures._fields
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout


if __name__ == "__main__":
    sys.stdout.write(table(sys.argv[1:]))
