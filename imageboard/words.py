"""Words of the interface: each has an id, its English, and is said in the reader's language.

`N_("…")` marks a sentence so that it is found and can be translated; blanks have names, `{limit}`.
What is marked is a `Message`. Catalogs, which say it in other languages, are looked up by
templates/languages.py. To add a word or a language: docs/extending.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from gettext import NullTranslations
from typing import Literal, NamedTuple


class Language(NamedTuple):
    """What a page is written in."""

    #: As in `<html lang="…">`, 'en', 'pt-BR'; the folder of its catalog has this name.
    code: str
    direction: Literal["ltr", "rtl"] = "ltr"


ENGLISH = Language("en")
#: What the site, or a board, may be in, by code: a row each, and a catalog in templates/locale/.
LANGUAGES = {
    language.code: language
    for language in (
        ENGLISH,
        Language("ar", "rtl"),
        Language("de"),
        Language("es"),
        Language("fr"),
        Language("ja"),
        Language("pt-BR"),
        Language("ru"),
    )
}
#: Says each message as its id has it.
ENGLISH_WORDS = NullTranslations()


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence, or a word, with what fills its blanks."""

    #: The English sentence, and what catalogs know it by: 'The file is too large: {mb} MB.'
    id: str
    #: The English of more than one; None: nothing is counted.
    plural: str | None = None
    #: The blank whose number chooses between the two.
    counted: str = "count"
    #: Tells apart two meanings of one English word.
    context: str | None = None
    #: What fills the blanks; a message in it is said in the same language.
    data: Mapping[str, object] = field(default_factory=dict)

    def filled(self, **data: object) -> Message:
        """The same with its blanks, or more of them, filled."""
        return replace(self, data={**self.data, **data})

    def __str__(self) -> str:
        """In English, for logs and the command line."""
        return self.said()

    def said(self, catalog: NullTranslations = ENGLISH_WORDS) -> str:
        """The sentence in the catalog's language. Raises KeyError: nothing fills a blank."""
        return self._form(catalog).format_map(
            {name: _said(value, catalog) for name, value in self.data.items()}
        )

    def _form(self, catalog: NullTranslations) -> str:
        if self.plural is not None:
            count = self.data[self.counted]
            assert isinstance(count, int)
            return catalog.ngettext(self.id, self.plural, count)
        if self.context is not None:
            return catalog.pgettext(self.context, self.id)
        return catalog.gettext(self.id)


def N_(sentence: str) -> Message:  # noqa: N802 - what translators' tools look for
    """'The text is empty.': marked, to be said later."""
    return Message(sentence)


def NN_(one: str, more: str, counted: str = "count") -> Message:  # noqa: N802
    """('{count} file', '{count} files'): by the number that fills the blank `counted`."""
    return Message(one, plural=more, counted=counted)


def NP_(context: str, sentence: str) -> Message:  # noqa: N802
    """('verb', 'Post'): an English word that other languages have several words for."""
    return Message(sentence, context=context)


_BETWEEN_THOUSANDS = NP_("between thousands", ",")
_BEFORE_DECIMALS = NP_("before decimals", ".")


class _LargeNumber(int):
    """One that is written with a language's mark between its thousands: '{count:,}'."""

    mark: str

    def __format__(self, how: str) -> str:
        return super().__format__(how).replace(",", self.mark)


def _said(value: object, catalog: NullTranslations) -> object:
    if isinstance(value, Message):
        return value.said(catalog)
    if isinstance(value, int) and value >= 1000 and catalog is not ENGLISH_WORDS:
        number = _LargeNumber(value)
        number.mark = _BETWEEN_THOUSANDS.said(catalog)
        return number
    return value


def decimals(number: str, catalog: NullTranslations = ENGLISH_WORDS) -> str:
    """'3.1' -> '3,1' where people write it so."""
    return number.replace(".", _BEFORE_DECIMALS.said(catalog)) if "." in number else number
