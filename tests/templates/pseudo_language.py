"""A language made up for tests, in which every word of the interface stands between ⟦ and ⟧.

What is read outside of them can't be translated: it is not marked, so nobody's catalog has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from unittest.mock import patch
from xml.etree.ElementTree import Element

from babel.messages.catalog import Catalog

from imageboard.words import Language
from templates import engine, fragments, kept_parts, languages
from tests.house_rules import words
from tests.templates.parsed import elements, parse

PSEUDO = Language("en-XA", "rtl")

#: Attributes that are read, or read out.
_SHOWN = ("alt", "aria-label", "placeholder", "title")
_MARKED = re.compile("⟦[^⟦⟧]*⟧")
#: What operators, posters and the builders of tests name, and what is the same in every language:
#: boards, times, marks.
_NAMES = re.compile(
    r"Stillboard|Random|Anonymous|lake at dawn|Morning at the lake|\[/?code\]|/[a-z0-9]{1,16}/"
    r"|\bUTC\b|\.(?:jpg|webm)\b|\bvp9, opus\b"
)


def written_to(folder: Path) -> None:
    """Put the language's catalog below `folder`."""
    path = folder / PSEUDO.code / "LC_MESSAGES" / f"{languages.DOMAIN}.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(_compiled())


@contextmanager
def instead_of_english() -> Iterator[None]:
    """Whatever is said is said in the made-up language, whoever asks for which."""
    made_up = GNUTranslations(BytesIO(_compiled()))
    forget()
    with patch.object(languages, "catalog", lambda _language: made_up):
        yield
    forget()


def forget() -> None:
    """Everything that is kept as it was said."""
    engine.environment.cache_clear()
    for module in (fragments, kept_parts):
        for part in vars(module).values():
            if hasattr(part, "cache_clear") and part.__module__ == module.__name__:
                part.cache_clear()


def bare_words(page: str, names: Sequence[str] = ()) -> list[str]:
    """Words of the page, or of what is read out of it, that are not marked; `names` are none."""
    root = parse(page)
    shown = ["".join(_texts(root))]
    for element in elements(root):
        shown += [element.get(name, "") for name in _SHOWN]
    found = []
    for text in map(unmarked, shown):
        for name in names:
            text = text.replace(name, " ")
        found += re.findall(r"[^\W\d_]+", text)
    return found


def _texts(element: Element) -> Iterator[str]:
    """As it is read. In a <textarea> stands a draft, in a <template> what apps look for."""
    if element.tag not in ("script", "style", "textarea", "template") and isinstance(
        element.tag, str
    ):
        yield element.text or ""
        for child in element:
            yield from _texts(child)
    yield f"{element.tail or ''} "


def unmarked(text: str) -> str:
    """What is left of it without what is marked, and without names that are always the same."""
    while (shorter := _MARKED.sub(" ", text)) != text:
        text = shorter
    return _NAMES.sub(" ", text)


@cache
def _compiled() -> bytes:
    """The language's catalog, as gettext reads it.

    PERF: of the words that are committed. tests/house_rules/test_words.py holds them to those of
    templates and code, which take 1.2 s of CPU to gather.
    """
    made_up = Catalog(locale="en")
    for message in words.template():
        if message.id:
            sides = message.id if isinstance(message.id, tuple) else (message.id,)
            # Marks between digits are no words.
            marked = tuple(f"⟦{side}⟧" if len(side) > 1 else side for side in sides)
            made_up.add(
                message.id, marked if len(marked) > 1 else marked[0], context=message.context
            )
    return words.compiled(made_up)
