"""A question that the operator thought up, and that every poster of the board can answer.

Robots learn the answers to those that are asked often; who changes them keeps ahead for a while. A
board's own questions stand for the site's.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import falcon

from imageboard import questions
from imageboard.cloaks import derived_key
from imageboard.errors import NoSuchBoard
from imageboard.questions import Question
from imageboard.settings import Settings
from imageboard.store.database import Database
from imageboard.words import N_
from writer.board_list import BoardList
from writer.forms import Form
from writer.sealing import SealedCaptcha, Sentences


@dataclass(frozen=True, slots=True)
class QuestionCaptcha(SealedCaptcha):
    """Asks one of the board's questions, or of the site's where it has none."""

    boards: BoardList
    site_questions: tuple[Question, ...]

    sentences = Sentences(
        missing=N_("Answer the question, then send the form."),
        too_old=N_(
            "The question is too old, or was answered before."
            " Here is another one: answer it, then send the form."
        ),
        wrong=N_(
            "This was not the answer to the question."
            " Here is another one: answer it, then send the form."
        ),
    )

    def challenge(self, board_name: str) -> dict[str, Any]:
        """Raises NoSuchBoard, StoreUnavailable, HTTPNotFound: there is nothing to ask."""
        there = self._of_board(board_name) if board_name else self.site_questions
        if not there:
            raise falcon.HTTPNotFound
        asked = secrets.choice(there).text
        return {"id": self.fresh_id(asked), "question": asked}

    def is_right(self, asked: str, typed: str, form: Form) -> bool:
        """Not to a question that is another board's, or is asked no more."""
        return any(
            question.text == asked and question.is_answer(typed)
            for question in self._of_board(form.get("board").strip().strip("/"))
        )

    def _of_board(self, name: str) -> tuple[Question, ...]:
        board = self.boards.get(name)
        if board is None:
            raise NoSuchBoard(board=name)
        return questions.read(board.settings.captcha_questions) or self.site_questions


def from_settings(settings: Settings, database: Database, boards: BoardList) -> QuestionCaptcha:
    key = derived_key(settings.csrf_key, b"question captcha")
    return QuestionCaptcha(key, database, boards, questions.read(settings.captcha_questions))
