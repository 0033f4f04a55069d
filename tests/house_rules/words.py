"""Every word of the interface, gathered from code and templates for those who translate.

`python -m tests.house_rules.words` writes templates/locale/stillboard.pot anew, brings each
language's .po up to date with it, and makes of each the .mo that is read, and the module with what
scripts say. It tells what a language still lacks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from gettext import c2py
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from imageboard.settings import BoardSettings
from templates.assets import ASSETS_FOLDER
from templates.languages import DOMAIN, LOCALE_FOLDER
from tests.house_rules.repository import ROOT, files, packages

TEMPLATE = LOCALE_FOLDER / f"{DOMAIN}.pot"
#: What scripts say, one module for each language: public/assets/scripts/words.js reads it.
OF_SCRIPTS = ASSETS_FOLDER / "words"
#: What is said there is read on the command line alone, in English.
_FOR_OPERATORS = (
    "cdn/",
    "cli/",
    "deploy/",
    "importing/",
    "imageboard/settings/environment.py",
    "imageboard/settings/process.py",
)
#: Numbers whose form a script is told; a larger one has that of its last two digits.
_NUMBERS = 200
#: Messages differ in it: (sentence or its two forms, context).
Key = tuple[str | tuple[str, ...], str | None]

_BOARD_SETTINGS = "imageboard/settings/board.py"
_SCRIPTS = "public/assets/scripts/"
_MARKS = {"N_": None, "NN_": (1, 2), "NP_": ((1, "c"), 2)}
_OF_TEMPLATES = {"gettext": None, "pgettext": ((1, "c"), 2)}
_OF_SCRIPTS = {"msg": None, "msgs": (1, 2)}
#: As templates/engine.py reads them.
_JINJA = {"trim_blocks": "on", "lstrip_blocks": "on", "newstyle_gettext": "on", "silent": "off"}
#: A date that stays, so that gathering the same words changes nothing.
_GATHERED = datetime(2026, 11, 28, tzinfo=UTC)


@cache
def gathered() -> Catalog:
    """All words as they are marked now.

    PERF: once a process, for reading all sources takes 0.8 s of CPU.
    """
    catalog = Catalog(
        project="Stillboard",
        header_comment="# Every word of Stillboard's interface. How to go on: docs/extending.md.",
        creation_date=_GATHERED,
        charset="utf-8",
    )
    for path in files():
        if path.split("/")[0] in packages() or path.startswith(_SCRIPTS):
            for found, context in _words_of(path):
                catalog.add(found, locations=[(path, 0)], context=context)
    for row in BoardSettings.rows():
        # Marked by being there: the desk says each beside its field.
        catalog.add(row.sentence, locations=[(_BOARD_SETTINGS, 0)])
    return catalog


def keys(catalog: Catalog) -> set[Key]:
    return {(message.id, message.context) for message in catalog if message.id}


def languages() -> list[Path]:
    """The .po of each language."""
    return sorted(LOCALE_FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def language(path: Path) -> Catalog:
    """What is committed at the path of a .po."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3].replace("-", "_"))


def template() -> Catalog:
    """What is committed."""
    with TEMPLATE.open("rb") as file:
        return read_po(file)


def compiled(catalog: Catalog) -> bytes:
    """The .mo of a language's catalog."""
    body = BytesIO()
    write_mo(body, catalog)
    return body.getvalue()


def module(code: str, catalog: Catalog) -> str:
    """What scripts say in the language, as a module of the browser."""
    said = {
        message.id[0] if isinstance(message.id, tuple) else message.id: message.string
        for message in translated(catalog)
        if (message.id, message.context) in of_scripts() and all(message.string)
    }
    told = json.dumps(
        {"forms": forms(catalog), "said": said}, ensure_ascii=False, indent=0, sort_keys=True
    )
    head = f"/** What scripts say in {code}: made by tests/house_rules/words.py. */"
    return f"{head}\n\nexport default {told};\n"


def forms(catalog: Catalog) -> str:
    """Which of its forms a sentence has that counts to 0, 1, 2 …: '1011111…'."""
    form = c2py(catalog.plural_expr)
    return "".join(str(form(number)) for number in range(_NUMBERS))


@cache
def of_scripts() -> frozenset[Key]:
    """The words that a script says."""
    return frozenset(
        (message.id, message.context)
        for message in gathered()
        if any(path.startswith(_SCRIPTS) for path, _line in message.locations)
    )


def lacking(catalog: Catalog) -> list[str]:
    """The sentences that it does not say, of those that readers, posters and staff see."""
    said = {(each.id, each.context) for each in translated(catalog) if all(each.string)}
    return [
        message.id if isinstance(message.id, str) else message.id[0]
        for message in gathered()
        if message.id and _is_seen(message) and (message.id, message.context) not in said
    ]


def _is_seen(message: Message) -> bool:
    return not all(path.startswith(_FOR_OPERATORS) for path, _line in message.locations)


def _words_of(path: str) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    if path.endswith(".html"):
        found = extract_from_file("jinja2", ROOT / path, keywords=_OF_TEMPLATES, options=_JINJA)
    elif path.endswith(".py"):
        found = extract_from_file("python", ROOT / path, keywords=_MARKS)
    elif path.startswith(_SCRIPTS):
        found = extract_from_file("javascript", ROOT / path, keywords=_OF_SCRIPTS)
    else:
        return
    for _line, words, _comments, context in found:
        yield words, context


def _write_all() -> None:
    words = gathered()
    _write(TEMPLATE, words)
    for path in languages():
        catalog = language(path)
        # A guess from a word that looks alike is no translation.
        catalog.update(words, no_fuzzy_matching=True)
        _write(path, catalog)
        catalog = language(path)
        path.with_suffix(".mo").write_bytes(compiled(catalog))
        OF_SCRIPTS.mkdir(exist_ok=True)
        code = path.parts[-3]
        (OF_SCRIPTS / f"{code}.js").write_text(module(code, catalog), encoding="utf-8")
        for sentence in lacking(catalog):
            print(f"{code} lacks: {sentence}")


def _write(path: Path, catalog: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(
            file,
            catalog,
            width=98,
            sort_output=True,
            include_lineno=False,
            # Where words stand changes often, what they mean seldom: only the list of all tells.
            no_location=path != TEMPLATE,
            # What nobody says any more: its translation is in the history.
            ignore_obsolete=True,
        )


def translated(catalog: Catalog) -> list[Message]:
    return [each for each in catalog if each.id and each.string and not each.fuzzy]


if __name__ == "__main__":
    _write_all()
