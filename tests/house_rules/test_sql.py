"""SQL stands in .sql files: each query has a name and a sentence, and is used."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.house_rules.repository import ROOT, nodes_of
from tests.tables import for_each

STORE = ROOT / "imageboard" / "store"
SCHEMA = STORE / "schema.sql"
QUERY_FILES = sorted(path for path in STORE.glob("*.sql") if path != SCHEMA)

_HEADER = re.compile(r"^-- ([a-z_]+) --\n", re.MULTILINE)
_FUNCTION = re.compile(r"^CREATE FUNCTION (\w+)", re.MULTILINE)


def queries(path: Path) -> dict[str, str]:
    """{name: the text below it}"""
    _before, *parts = _HEADER.split(path.read_text(encoding="utf-8"))
    return dict(zip(parts[::2], parts[1::2], strict=True))


def comment(text: str) -> str:
    """The comment with which a query begins."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("-- "):
            break
        lines.append(line.removeprefix("-- "))
    return " ".join(lines)


def used_queries(module: Path) -> set[str]:
    """Names that are read from the module's `_SQL`."""
    return {
        node.attr
        for node in nodes_of(module)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "_SQL"
    }


@for_each("path", QUERY_FILES, ids=lambda path: path.stem)
def test_every_query_has_a_sentence(path: Path) -> None:
    for name, text in queries(path).items():
        assert re.fullmatch(r"[A-Z].*\.", comment(text)), f"{path.name}: {name}"


@for_each("path", QUERY_FILES, ids=lambda path: path.stem)
def test_every_query_is_used_by_the_module_beside_it_and_every_used_one_is_there(
    path: Path,
) -> None:
    assert set(queries(path)) == used_queries(path.with_suffix(".py"))


@for_each("path", QUERY_FILES, ids=lambda path: path.stem)
def test_nothing_stands_before_the_first_query(path: Path) -> None:
    """It would belong to none."""
    assert _HEADER.split(path.read_text(encoding="utf-8"))[0].strip() == ""


def test_every_function_of_the_schema_has_a_comment() -> None:
    schema = SCHEMA.read_text(encoding="utf-8")
    bare = []
    for function in _FUNCTION.finditer(schema):
        line_above = schema[: function.start()].rstrip("\n").rpartition("\n")[2]
        is_beside = schema[: function.start()].endswith(line_above + "\n")
        if not (is_beside and line_above.startswith("-- ")):
            bare.append(function.group(1))
    assert bare == []


@for_each(
    "module",
    sorted(path for path in STORE.glob("*.py") if path.with_suffix(".sql") in QUERY_FILES),
    ids=lambda path: path.stem,
)
def test_no_sql_is_written_in_python(module: Path) -> None:
    """Statements are executed by the names that they have in the .sql file."""
    pasted = [
        ast.unparse(call)
        for call in nodes_of(module)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "execute"
        and not isinstance(call.args[0], ast.Attribute | ast.Name)
    ]
    assert pasted == []
