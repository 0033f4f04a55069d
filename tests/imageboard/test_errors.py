"""What is wrong is told in one sentence, whose words have an id, with the field it is about."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from string import Formatter
from typing import get_type_hints

import pytest

from imageboard import errors
from imageboard.errors import (
    BadField,
    BadSetting,
    Banned,
    CaptchaFailed,
    CrossSite,
    FileRefused,
    FileTooLarge,
    ImageboardError,
    ImageTooLarge,
    LoginFailed,
    NoSuchBoard,
    NoSuchPost,
    NoSuchThread,
    NotYours,
    RuleBroken,
    SaidWhereRaised,
    StoreUnavailable,
    ThreadFilesFull,
    ThreadFull,
    ThreadLocked,
    TooFast,
)
from imageboard.words import N_, NN_
from tests.tables import for_each

ROOT = Path(__file__).parents[2]
ALL = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type)
    and issubclass(kind, ImageboardError)
    and kind not in (ImageboardError, SaidWhereRaised)
]


def blanks(kind: type[ImageboardError]) -> set[str]:
    message = kind.message
    return {
        name
        for sentence in (message.id, message.plural or "")
        for _, name, _, _ in Formatter().parse(sentence)
        if name is not None
    }


@for_each("kind", ALL)
def test_every_error_has_a_sentence_and_a_code_of_its_own(kind: type[ImageboardError]) -> None:
    assert re.fullmatch("[a-z]+(_[a-z]+)*", vars(kind)["code"])
    assert "message" in vars(kind) or issubclass(kind, SaidWhereRaised)
    assert "\n" not in kind.message.id


def test_no_code_stands_for_two_errors() -> None:
    assert Counter(kind.code for kind in ALL).most_common(1)[0][1] == 1


@for_each("kind", ALL)
def test_what_fills_a_blank_is_declared(kind: type[ImageboardError]) -> None:
    assert blanks(kind) <= get_type_hints(kind).keys()


@for_each(
    ("error", "field", "sentence"),
    [
        (BadField(N_("The text is odd."), field="body"), "body", "The text is odd."),
        (RuleBroken(N_("Too long."), field="name"), "name", "Too long."),
        (ThreadLocked(), "thread", "This thread is locked: nobody can reply to it."),
        (
            ThreadFull(reply_limit=1),
            "thread",
            "This thread is full: it has 1 reply. Start a new one.",
        ),
        (
            ThreadFull(reply_limit=500),
            "thread",
            "This thread is full: it has 500 replies. Start a new one.",
        ),
        (ThreadFilesFull(), "file", "This thread takes no more files: reply without one."),
        (NoSuchBoard(board="zz"), "board", "There is no board /zz/."),
        (
            NoSuchThread(board="b", thread=7),
            "thread",
            "There is no thread 7 on /b/: it was deleted or has fallen off the last page.",
        ),
        (NoSuchPost(board="b", no=7), None, "There is no post 7 on /b/."),
        (
            Banned(where="/b/", reason="spam"),
            None,
            "You are banned from posting on /b/: spam",
        ),
        (
            Banned(where=N_("all boards"), reason="spam"),
            None,
            "You are banned from posting on all boards: spam",
        ),
        (
            CrossSite(),
            None,
            "This form was sent from another site. Open the board and post from there.",
        ),
        (CaptchaFailed(N_("Solve it again.")), "captcha", "Solve it again."),
        (NotYours(N_("Not of post {no}."), no=7), "password", "Not of post 7."),
        (
            TooFast(retry_after_s=9),
            None,
            "You are posting too fast: wait 9 seconds and send it again.",
        ),
        (
            TooFast(retry_after_s=1),
            None,
            "You are posting too fast: wait 1 second and send it again.",
        ),
        (FileRefused(N_("Not an image.")), "file", "Not an image."),
        (FileTooLarge(bytes_max_mb="10"), "file", "The file is too large: 10 MB at most."),
        (
            ImageTooLarge(NN_("{frames} frame.", "{frames} frames.", "frames"), frames=2),
            "file",
            "2 frames.",
        ),
        (
            StoreUnavailable(part="database"),
            None,
            "The database is not available: nothing was stored. Try again in a moment.",
        ),
        (
            BadSetting(name="LOG_LEVEL", fault=N_("is odd"), example="INFO"),
            None,
            "LOG_LEVEL: is odd. Example: LOG_LEVEL=INFO",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, ImageboardError) else "",
)
def test_sentence_and_field(error: ImageboardError, field: str | None, sentence: str) -> None:
    assert (error.field, error.sentence) == (field, sentence)
    assert str(error) == sentence
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (again.field, again.message) == (field, error.message)


def test_what_an_error_carries_is_there_by_name() -> None:
    error = Banned(where="/b/", board="b", reason="spam", created_s=1, expires_s=None, ban_id=17)
    assert (error.board, error.ban_id, error.expires_s) == ("b", 17, None)
    refused = FileRefused(N_("Not an image."), detail="JPEG: scan 101")
    assert pickle.loads(pickle.dumps(refused)).detail == "JPEG: scan 101"


@for_each("typed", ["{board} {0}", "{", "}}", "%s", "{what.__class__}"])
def test_braces_in_what_a_poster_typed_are_text(typed: str) -> None:
    assert BadField(N_("Not {what}."), what=typed).sentence == f"Not {typed}."


def test_blank_that_nothing_fills_is_a_bug() -> None:
    with pytest.raises(KeyError):
        ThreadFull()
    with pytest.raises(KeyError):
        RuleBroken(N_("Post {no} has no file."))


def test_sentences_are_there_without_docstrings() -> None:
    """`python -OO` leaves docstrings out, and asserts."""
    script = """
from imageboard.errors import *
assert False
print(LoginFailed(), TooFast(retry_after_s=2), sep="\\n")
"""
    said = subprocess.run(
        [sys.executable, "-OO", "-c", script],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert said.splitlines() == [LoginFailed().sentence, TooFast(retry_after_s=2).sentence]
