"""By which words a post is found: what is indexed of it, and what is looked for.

Languages that put blanks between words are indexed by words, without capitals and accents. Where
words stand together (Chinese, Japanese, Thai …; Korean too, which adds endings to them) each two
characters that follow one another are a word, and 東京都 is 東京 followed by 京都: so whatever is
two characters or longer is found, wherever it stands. Ideographs are words by themselves too.

What is no word of the text has a mark before it that none begins with: `s:` of the subject, `n:`
of the name, `t:` a tripcode, `f:` of a file's name, `h:` its hash, `b:` the board, `+file`; `@` and
`@@` tell where in time the post stands (find_posts() in store/schema.sql).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from imageboard.plain_text import only_seen

#: Longer ones are cut, here and where they are looked for.
WORD_CHARS_MAX = 64
#: PostgreSQL keeps no more places of one word, and none further on.
_PLACES_OF_WORD_MAX = 255
_PLACE_MAX = 16_383
#: Between two texts, so that no phrase reaches from one into the other.
_GAP = 10
#: So many posts are a block, and so many blocks a wide one, as powers of two.
_BLOCK_BITS, _WIDE_BITS = 12, 17

# Thai, Lao, Tibetan, Burmese, Khmer, kana, ideographs, Hangul.
_TOGETHER = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0f40-\u0fbc\u1000-\u1049\u1050-\u109d\u1780-\u17d3"
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\uac00-\ud7a3"
)
# Marks of Indian scripts are vowels: part of the word.
_VOWELS = "\u0900-\u0963\u0966-\u0dff"
_SIGNS = "\u2600-\u27bf\U0001f300-\U0001faff"
_TOKENS = re.compile(
    f"(?P<together>[{_TOGETHER}]+)|(?P<word>(?:[^\\W_{_TOGETHER}]|[{_VOWELS}])+)|[{_SIGNS}]"
)
_TOGETHER_ALONE = re.compile(f"[{_TOGETHER}]+")
_IDEOGRAPH = re.compile(
    "[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def _folding() -> dict[int, str]:
    """Letters of Latin and Greek without their accents; no accents and points by themselves."""
    accents = [*range(0x300, 0x370), 0x640, 0x670]
    points = [*range(0x591, 0x5C8), *range(0x64B, 0x660)]
    folded = dict.fromkeys((*accents, *points), "")
    for number in (*range(0xC0, 0x250), *range(0x370, 0x400), *range(0x1E00, 0x2000)):
        folded[number] = unicodedata.normalize("NFD", chr(number))[0]
    # Most people type it without its dots. й without its mark is another letter.
    folded[ord("ё")] = "е"
    return folded


_FOLDED = _folding()


class Placed(NamedTuple):
    """A word, and which of its text it is."""

    word: str
    place: int


class FileWords(NamedTuple):
    """What a file is found by."""

    name: str
    #: In hexadecimal digits: MD5 and SHA-256, of what is served and of what was sent.
    hashes: Sequence[str]


def folded(text: str) -> str:
    """'ＣＡＦÉ' -> 'cafe'."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return text if text.isascii() else only_seen(text).translate(_FOLDED)


def indexed(text: str) -> Iterator[Placed]:
    """Every word by which `text` is found. 'A 東京' -> a 1, 東 2, 東京 2, 京 3."""
    place = 0
    for token in _TOKENS.finditer(folded(text)):
        run = token["together"]
        if run is None:
            place += 1
            yield Placed(token[0][:WORD_CHARS_MAX], place)
            continue
        for char, pair in _pairs(run):
            place += 1
            if pair:
                yield Placed(pair, place)
            if (not pair and len(run) == 1) or _IDEOGRAPH.match(char):
                yield Placed(char, place)


def looked_for(text: str) -> list[Placed]:
    """Words that stand like this wherever `text` does. 'A 東京都' -> a 1, 東京 2, 京都 3."""
    found: list[Placed] = []
    place = 0
    for token in _TOKENS.finditer(folded(text)):
        run = token["together"]
        if run is None:
            place += 1
            found.append(Placed(token[0][:WORD_CHARS_MAX], place))
            continue
        for char, pair in _pairs(run):
            place += 1
            if pair or len(run) == 1:
                found.append(Placed(pair or char, place))
    return found


def stands_together(word: str) -> bool:
    """Whether a word is of a script without blanks between words."""
    return _TOGETHER_ALONE.fullmatch(word) is not None


def _pairs(run: str) -> Iterator[tuple[str, str]]:
    """'東京' -> ('東', '東京'), ('京', '')."""
    for char, following in zip(run, (*run[1:], ""), strict=True):
        yield char, following and char + following


def vector(
    *,
    board: str,
    place: int,
    subject: str | None,
    name: str | None,
    tripcode: str | None,
    body: str,
    files: Iterable[FileWords],
) -> str:
    """A post's words as PostgreSQL reads a tsvector: `'b:tech' 'cat':1A,17 'dog':18 …`."""
    places: dict[str, list[str]] = {}
    for word in (f"b:{board}", f"@{place >> _BLOCK_BITS}", f"@@{place >> _WIDE_BITS}"):
        places[word] = []
    if tripcode:
        places[f"t:{tripcode}"] = []
    end = _add(places, subject or "", weight="A")
    _add(places, body, after=end)
    _add(places, subject or "", mark="s:")
    _add(places, name or "", mark="n:")
    end = 0
    for file in files:
        places["+file"] = []
        end = _add(places, file.name, mark="f:", after=end)
        places |= {f"h:{digits}": [] for digits in file.hashes}
    return " ".join(
        f"{quoted(word)}:{','.join(at)}" if at else quoted(word) for word, at in places.items()
    )


def _add(
    places: dict[str, list[str]], text: str, *, mark: str = "", weight: str = "", after: int = 0
) -> int:
    """Add the words of `text`; the place after which those of another may begin."""
    last = after
    for word, place in indexed(text):
        last = after + place
        if last > _PLACE_MAX:
            break
        at = places.setdefault(f"{mark}{word}", [])
        if len(at) < _PLACES_OF_WORD_MAX:
            at.append(f"{last}{weight}")
    return last + _GAP


def quoted(word: str) -> str:
    """As a tsvector and a tsquery take any word."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
