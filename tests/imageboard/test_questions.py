"""Questions for a captcha, as an operator types them; answers as posters do."""

from __future__ import annotations

import pytest

from imageboard import questions
from tests.tables import for_each

ASKED = "What colour is grass? = green; 2 + 3 = ? = 5, Five"


def test_questions_are_read_with_all_their_answers() -> None:
    grass, sum_ = questions.read(ASKED)
    assert (grass.text, sum_.text) == ("What colour is grass?", "2 + 3 = ?")
    assert (grass.answers, sum_.answers) == ({"green"}, {"5", "five"})
    assert questions.read(" ; ") == ()


@for_each(
    ("typed", "is_right"),
    [
        ("green", True),
        (" GREEN. ", True),
        ("g r e e n", True),
        ("\uff27reen", True),  # full-width, as a Japanese keyboard types it
        ("“green”", True),
        ("greenish", False),
        ("", False),
        ("...", False),
        ("5", False),
    ],
)
def test_answer_is_taken_in_any_case_and_spacing(typed: str, is_right: bool) -> None:
    grass, _sum = questions.read(ASKED)
    assert grass.is_answer(typed) == is_right


@for_each(
    "text",
    [
        "What colour is grass?",
        "What colour is grass? =",
        "= green",
        "Grass? = green; Sky?",
        "Grass? = green, ",
        "Grass? = !",
        "Grass? = green; Grass? = brown",
        "Grass?\n = green",
        f"{'x' * 201} = green",
        f"Grass? = {'x' * 51}",
        "; ".join(f"{number}? = {number}" for number in range(51)),
        "x" * 4_001,
    ],
)
def test_question_that_nobody_could_answer_is_refused_without_being_repeated(text: str) -> None:
    """It may be a secret."""
    with pytest.raises(ValueError) as refused:
        questions.read(text)
    assert "rass" not in str(refused.value)
