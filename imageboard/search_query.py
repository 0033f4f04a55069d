"""What somebody looks for, as they type it, made into what PostgreSQL looks for (a tsquery).

    cat dog          both
    cat OR dog       one of them, or both; a b OR c is a, and one of b and c
    "black cat"      one after the other
    -dog             not that
    kitt*            words that begin so

Whatever else is typed is as if it were not there. Pure; its time grows with the length of the text
alone.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from imageboard import search_words
from imageboard.errors import BadField
from imageboard.search_words import quoted
from imageboard.words import N_, NN_

CHARS_MAX = 200
TERMS_MAX = 20
#: Of the beginning of a word: shorter ones begin too many.
BEGINNING_CHARS_MIN = 3

_TERMS = re.compile(r'(?P<not>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_ORS = frozenset({"OR", "|"})
_ANDS = frozenset({"AND", "&"})
_HASH = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")
_MD5_IN_BASE64 = re.compile(r"[A-Za-z0-9+/]{22}==")

NOTHING_TO_FIND = N_("There is no word in it to look for.")
ONLY_LEFT_OUT = N_("Everything in it is left out by “-”: type what is to be found, too.")
_TOO_LONG = NN_(
    "This is too long to be looked for: {count} character at most.",
    "This is too long to be looked for: {count} characters at most.",
)
_TOO_MANY = NN_(
    "This is too much to be looked for at once: {count} word at most.",
    "This is too much to be looked for at once: {count} words at most.",
)
_TOO_SHORT = NN_(
    "Before “*” a word has to begin with {count} character at least.",
    "Before “*” a word has to begin with {count} characters at least.",
)
_NO_HASH = N_("This is no MD5 or SHA-256 of a file.")


class Sought(NamedTuple):
    """Parts of a tsquery."""

    #: Each of them has to be there.
    wanted: tuple[str, ...] = ()
    #: None of them may be.
    left_out: tuple[str, ...] = ()

    def with_all(self, other: Sought) -> Sought:
        return Sought(self.wanted + other.wanted, self.left_out + other.left_out)

    @property
    def tsquery(self) -> str:
        return " & ".join((*self.wanted, *(f"!({each})" for each in self.left_out)))


def text(typed: str, field: str, mark: str = "") -> Sought:
    """What was typed into `field`, for words with this mark (see search_words).

    Raises:
        BadField: there is too much in it, or nothing to find.
    """
    if len(typed) > CHARS_MAX:
        raise BadField(_TOO_LONG.filled(count=CHARS_MAX), field=field)
    alternatives: list[list[str]] = []
    left_out: list[str] = []
    is_alternative = False
    terms = list(_TERMS.finditer(typed))
    if len(terms) > TERMS_MAX:
        raise BadField(_TOO_MANY.filled(count=TERMS_MAX), field=field)
    for term in terms:
        if term[0] in _ORS:
            is_alternative = True
            continue
        if term[0] in _ANDS or not (query := _term(term, field, mark)):
            continue
        if term["not"]:
            left_out.append(query)
        elif is_alternative and alternatives:
            alternatives[-1].append(query)
        else:
            alternatives.append([query])
        is_alternative = False
    if typed.strip() and not alternatives and not left_out:
        raise BadField(NOTHING_TO_FIND, field=field)
    return Sought(tuple(map(_any_of, alternatives)), tuple(left_out))


def tripcode(typed: str) -> Sought:
    """As posts show it, with its '!'."""
    code = typed.strip()[:CHARS_MAX]
    return Sought((quoted(f"t:{code}"),)) if code else Sought()


def file_hash(typed: str, field: str) -> Sought:
    """In hexadecimal digits, or MD5 as JSON has it. Raises BadField."""
    digits = typed.strip()
    if not digits:
        return Sought()
    if _MD5_IN_BASE64.fullmatch(digits):
        digits = base64.b64decode(digits).hex()
    if not _HASH.fullmatch(digits.lower()):
        raise BadField(_NO_HASH, field=field)
    return Sought((quoted(f"h:{digits.lower()}"),))


def with_file() -> Sought:
    return Sought((quoted("+file"),))


def on_boards(names: Sequence[str]) -> Sought:
    """On one of them."""
    return Sought((_any_of([quoted(f"b:{name}") for name in names]),))


def _term(term: re.Match[str], field: str, mark: str) -> str:
    """'' when it has no word."""
    is_phrase = term["word"] is None
    typed = term["phrase"] if is_phrase else term["word"]
    words = search_words.looked_for(typed)
    if not words:
        return ""
    last = ""
    # Where words stand together, all that is there is found, however it goes on.
    if not is_phrase and typed.endswith("*") and not search_words.stands_together(words[-1].word):
        if len(words[-1].word) < BEGINNING_CHARS_MIN:
            raise BadField(_TOO_SHORT.filled(count=BEGINNING_CHARS_MIN), field=field)
        last = ":*"
    return "".join(_one_after_the_other(words, mark)) + last


def _one_after_the_other(words: Sequence[search_words.Placed], mark: str) -> Iterator[str]:
    before = None
    for word, place in words:
        if before is not None:
            yield f" <{place - before}> "
        yield quoted(mark + word)
        before = place


def _any_of(queries: Sequence[str]) -> str:
    return f"({' | '.join(queries)})"
