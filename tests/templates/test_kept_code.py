"""Templates that were compiled once are loaded, and only while nothing about them has changed."""

from __future__ import annotations

import shutil
import sys
from gettext import NullTranslations
from pathlib import Path

import jinja2
import pytest

from imageboard.words import ENGLISH, LANGUAGES
from templates import kept_code, languages
from templates.assets import ASSETS_FOLDER
from templates.engine import TEMPLATES_FOLDER, environment, fingerprint, fingerprint_of
from templates.kept_code import KeptCode

GERMAN = LANGUAGES["de"]
NAME = "fragments/hello.html"


@pytest.fixture(autouse=True)
def _bytecode_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever these tests were called with."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the templates that were compiled, and not loaded."""
    names: list[str] = []
    compile_ = jinja2.Environment.compile

    def noting(self: jinja2.Environment, source: str, name: str, filename: str) -> object:
        names.append(name)
        return compile_(self, source, name, filename)

    monkeypatch.setattr(jinja2.Environment, "compile", noting)
    return names


def said(folder: Path, text: str = "hello", kept: KeptCode | None = None) -> str:
    """What a new process says by a template of this text."""
    loader = jinja2.DictLoader({NAME: text})
    env = jinja2.Environment(
        loader=loader, autoescape=True, bytecode_cache=kept or KeptCode(ENGLISH, folder)
    )
    return env.get_template(NAME).render()


def test_what_was_compiled_is_loaded_by_the_next_process(
    tmp_path: Path, compiled: list[str]
) -> None:
    assert [said(tmp_path), said(tmp_path)] == ["hello", "hello"]
    assert compiled == [NAME]
    assert [path.name for path in tmp_path.iterdir()] == ["fragments.hello.html.en.pyc"]


def test_every_template_of_the_board_is_kept_and_draws_the_same(compiled: list[str]) -> None:
    pages = []
    for _ in range(2):
        environment.cache_clear()
        compiled.clear()
        pages.append(environment(GERMAN).get_template("fragments/theme_chooser.html").render())
    assert compiled == []
    assert pages[0] == pages[1]


def test_a_changed_template_is_compiled_again(tmp_path: Path, compiled: list[str]) -> None:
    assert [said(tmp_path, text) for text in ("hello", "bye", "bye")] == ["hello", "bye", "bye"]
    assert compiled == [NAME] * 2


def test_each_language_has_its_own(tmp_path: Path, compiled: list[str]) -> None:
    for language in (ENGLISH, GERMAN, ENGLISH, GERMAN):
        said(tmp_path, kept=KeptCode(language, tmp_path))
    assert compiled == [NAME] * 2


def test_a_changed_word_is_compiled_again(
    tmp_path: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words stand in the code."""
    said(tmp_path, kept=KeptCode(GERMAN, tmp_path))
    words = languages.catalog(GERMAN)
    changed = type("Changed", (NullTranslations,), {})()
    changed._catalog = dict(vars(words)["_catalog"]) | {"Reply": "Antworten!"}
    monkeypatch.setattr(languages, "catalog", lambda _language: changed)
    said(tmp_path, kept=KeptCode(GERMAN, tmp_path))
    assert compiled == [NAME] * 2


@pytest.mark.parametrize("compiler", kept_code.COMPILERS)
def test_who_compiles_otherwise_compiles_again(
    tmp_path: Path, compiled: list[str], compiler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(tmp_path)
    read_bytes = Path.read_bytes

    def otherwise(path: Path) -> bytes:
        return read_bytes(path) + (b" " if path == TEMPLATES_FOLDER / compiler else b"")

    monkeypatch.setattr(Path, "read_bytes", otherwise)
    said(tmp_path)
    assert compiled == [NAME] * 2


def test_another_jinja2_compiles_again(
    tmp_path: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said(tmp_path)
    monkeypatch.setattr(jinja2, "__version__", "99.0")
    said(tmp_path)
    assert compiled == [NAME] * 2


@pytest.mark.slow
def test_half_a_file_is_as_good_as_none(tmp_path: Path, compiled: list[str]) -> None:
    """A crash may have left any part of one."""
    said(tmp_path)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert said(tmp_path) == "hello", length
        assert path.read_bytes() == whole, length
    path.write_bytes(bytes(len(whole)))
    assert said(tmp_path) == "hello"
    assert compiled == [NAME] * (len(whole) + 2)


def test_where_nothing_can_be_kept_templates_are_compiled(tmp_path: Path) -> None:
    """A checkout may be another user's, a disk be full."""
    (tmp_path / "no folder").write_bytes(b"")
    assert said(tmp_path / "no folder") == "hello"
    (tmp_path / "full" / "fragments.hello.html.en.pyc" / "in the way").mkdir(parents=True)
    assert said(tmp_path / "full") == "hello"
    assert len(list((tmp_path / "full").iterdir())) == 1


def test_nothing_is_written_where_python_writes_no_bytecode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert said(tmp_path) == "hello"
    assert list(tmp_path.iterdir()) == []


def test_what_is_kept_is_no_source(tmp_path: Path) -> None:
    """Else all pages would have to be drawn again as soon as a template is loaded."""
    bytecode = shutil.ignore_patterns("__pycache__")
    shutil.copytree(TEMPLATES_FOLDER, tmp_path / "templates", ignore=bytecode)
    said(tmp_path / "templates" / "__pycache__")
    assert len(list((tmp_path / "templates").rglob("*.pyc"))) == 1
    assert fingerprint_of(tmp_path / "templates", ASSETS_FOLDER) == fingerprint()
