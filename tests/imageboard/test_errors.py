"""What is wrong is told in one sentence, with the status and the field that belong to it."""

from __future__ import annotations

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
    NoSuchBoard,
    NoSuchPost,
    NoSuchThread,
    NotYours,
    RuleBroken,
    StoreUnavailable,
    ThreadFull,
    ThreadLocked,
    TooFast,
)

ALL = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ImageboardError)
]


class _Anything(dict[str, object]):
    """Fills every blank."""

    def __missing__(self, name: str) -> str:
        return f"<{name}>"


@pytest.mark.parametrize("kind", ALL)
def test_every_error_has_a_sentence_and_a_status_of_its_own_kind(
    kind: type[ImageboardError],
) -> None:
    assert kind.__doc__
    error = kind.__new__(kind)
    error.data = _Anything()
    assert error.sentence
    assert "\n" not in error.sentence
    assert 400 <= kind.status < 600


@pytest.mark.parametrize("kind", [kind for kind in ALL if issubclass(kind, errors.PostRefused)])
def test_refused_post_is_the_posters_matter(kind: type[ImageboardError]) -> None:
    assert 400 <= kind.status < 500


@pytest.mark.parametrize(
    ("error", "status", "field", "sentence"),
    [
        (BadField(field="body", reason="The text is odd."), 400, "body", "The text is odd."),
        (RuleBroken(field="name", reason="Too long."), 422, "name", "Too long."),
        (ThreadLocked(), 422, "thread", "This thread is locked: nobody can reply to it."),
        (
            ThreadFull(reply_limit=500),
            422,
            "thread",
            "This thread is full: it has 500 replies. Start a new one.",
        ),
        (NoSuchBoard(board="zz"), 404, "board", "There is no board /zz/."),
        (
            NoSuchThread(board="b", thread=7),
            404,
            "thread",
            "There is no thread 7 on /b/: it was deleted or has fallen off the last page.",
        ),
        (NoSuchPost(board="b", no=7), 404, None, "There is no post 7 on /b/."),
        (
            Banned(where="/b/", reason="spam"),
            403,
            None,
            "You are banned from posting on /b/: spam",
        ),
        (
            CrossSite(),
            403,
            None,
            "This form was sent from another site. Open the board and post from there.",
        ),
        (
            CaptchaFailed(reason="solve it again."),
            403,
            "captcha",
            "The captcha was not solved: solve it again.",
        ),
        (NotYours(reason="Wrong password."), 403, "password", "Wrong password."),
        (
            TooFast(retry_after_s=9),
            429,
            None,
            "You are posting too fast: wait 9 seconds and send it again.",
        ),
        (FileRefused(reason="Not an image."), 415, "file", "Not an image."),
        (FileTooLarge(bytes_max_mb="10"), 413, "file", "The file is too large: 10 MB at most."),
        (ImageTooLarge(reason="Huge."), 413, "file", "Huge."),
        (
            StoreUnavailable(part="database"),
            503,
            None,
            "The database is not available: nothing was stored. Try again in a moment.",
        ),
        (
            BadSetting(name="LOG_LEVEL", fault="is odd", example="INFO"),
            500,
            None,
            "LOG_LEVEL: is odd. Example: LOG_LEVEL=INFO",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, ImageboardError) else "",
)
def test_sentence_status_and_field(
    error: ImageboardError, status: int, field: str | None, sentence: str
) -> None:
    assert (error.status, error.field, error.sentence) == (status, field, sentence)
    assert str(error) == sentence


def test_braces_in_what_a_poster_typed_are_text() -> None:
    assert BadField(reason="{board} {0}").sentence == "{board} {0}"


def test_blank_that_nothing_fills_is_a_bug() -> None:
    with pytest.raises(KeyError):
        ThreadFull()
