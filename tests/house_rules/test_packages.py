"""Each package's `__init__.py` is its map."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.house_rules.repository import ROOT, modules, tree_of
from tests.tables import for_each

PACKAGES = [path for path in modules() if path.name == "__init__.py"]
#: A line of a map: the name of a module, file or folder, two blanks, what it is for.
MAP_LINE = re.compile(r"^ *([a-z_][a-z_0-9]*(?:\.py)?/?)  +(?![ =])", re.MULTILINE)


def name_of(path: Path) -> str:
    return str(path.parent.relative_to(ROOT))


def docstring(path: Path) -> str:
    return ast.get_docstring(tree_of(path)) or ""


@for_each("package", PACKAGES, ids=name_of)
def test_package_says_what_it_is(package: Path) -> None:
    assert docstring(package).partition("\n")[0].endswith((".", ":"))


@for_each("package", PACKAGES, ids=name_of)
def test_map_of_a_package_names_only_what_is_there(package: Path) -> None:
    folder = package.parent
    there = {path.name for path in folder.iterdir()} | {path.stem for path in folder.glob("*.py")}
    named = {name.rstrip("/") for name in MAP_LINE.findall(docstring(package))}
    assert named <= there


@for_each("module", modules(), ids=lambda path: str(path.relative_to(ROOT)).removesuffix(".py"))
def test_module_says_what_it_is(module: Path) -> None:
    assert docstring(module)
