"""The checkout as the house rules see it: its files, its packages and their syntax trees."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def files() -> tuple[str, ...]:
    """Every file that is committed or about to be, relative to the root; not what is ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(path for path in sorted(listed.split("\0")) if path and (ROOT / path).is_file())


@cache
def packages() -> tuple[str, ...]:
    """The rooms that hold Python, as pyproject.toml lists them for import-linter."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return tuple(settings["tool"]["importlinter"]["root_packages"])


def modules() -> list[Path]:
    """Every Python file of the packages."""
    return [
        ROOT / path for path in files() if path.endswith(".py") and path.split("/")[0] in packages()
    ]


@cache
def tree_of(path: Path) -> ast.Module:
    """Parsed once; not to be changed."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """All nodes of its tree, walked through once."""
    return tuple(ast.walk(tree_of(path)))


def table(document: str, heading: str | None = None) -> dict[str, list[str]]:
    """{name: cells} of the rows whose first cell is `name`, below a heading of docs/<document>.

    Raises AssertionError when a name has two rows.
    """
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    if heading is not None:
        text = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("| `"):
            # A bar inside a cell is written \|.
            cells = line.replace(r"\|", "\0").strip("|").split("|")
            name, *rest = (cell.replace("\0", "|").strip() for cell in cells)
            assert name.strip("`") not in rows, f"docs/{document} has two rows for {name}"
            rows[name.strip("`")] = rest
    return rows
