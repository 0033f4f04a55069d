"""Questions that an operator thinks up, for a captcha that people answer by typing.

What colour is grass? = green; Two and three? = 5, five
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

from imageboard.words import N_

COUNT_MAX = 50
CHARS_MAX = 4_000
QUESTION_CHARS_MAX = 200
ANSWER_CHARS_MAX = 50


class Question(NamedTuple):
    text: str
    #: Folded, any of which is right.
    answers: frozenset[str]

    def is_answer(self, typed: str) -> bool:
        return folded(typed) in self.answers


@lru_cache(maxsize=100)
def read(text: str) -> tuple[Question, ...]:
    """Semicolons between questions, the last = of each before its answers, commas between those.

    Raises ValueError with the fault, which holds nothing of the text.
    """
    if len(text) > CHARS_MAX or any(ord(char) < 32 for char in text):
        raise ValueError(
            N_("is not one line of at most {chars_max} characters").filled(chars_max=CHARS_MAX)
        )
    found = tuple(_question(each) for each in text.split(";") if each.strip())
    if len(found) > COUNT_MAX or len({each.text for each in found}) < len(found):
        raise ValueError(
            N_("holds more than {count_max} questions, or one twice").filled(count_max=COUNT_MAX)
        )
    return found


def folded(answer: str) -> str:
    """' Nine teen. ' -> 'nineteen': as it is compared, whatever its case, blanks and full stops."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", answer).casefold())
    return "".join(char for char in plain if unicodedata.category(char)[0] not in "PZC")


def _question(text: str) -> Question:
    asked, equals, answers = text.rpartition("=")
    asked = asked.strip()
    each = [folded(answer) for answer in answers.split(",")]
    if not equals or not asked or not all(each):
        raise ValueError(N_("holds a question without an answer: put “= answer” behind each"))
    if len(asked) > QUESTION_CHARS_MAX or any(len(one) > ANSWER_CHARS_MAX for one in each):
        raise ValueError(
            N_(
                "holds a question of more than {question_chars_max} characters, or an answer of"
                " more than {answer_chars_max}"
            ).filled(question_chars_max=QUESTION_CHARS_MAX, answer_chars_max=ANSWER_CHARS_MAX)
        )
    return Question(asked, frozenset(each))
