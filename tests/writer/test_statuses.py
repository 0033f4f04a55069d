"""Every error that whoever sends a request can cause has a status, and no status is left over."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from imageboard import errors
from imageboard.errors import (
    ImageboardError,
    PartUnavailable,
    PostRefused,
    StaffRefused,
    TooManyReports,
)
from imageboard.words import N_
from tests.tables import for_each
from writer.statuses import STATUSES, status_of

#: Groups of errors that visitors cause; nobody raises these themselves.
GROUPS = (PostRefused, StaffRefused, PartUnavailable)


def below(kind: type[ImageboardError]) -> Iterator[type[ImageboardError]]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


def an(kind: type[ImageboardError]) -> ImageboardError:
    """One that carries nothing."""
    return kind.__new__(kind)


VISITORS = sorted(
    {kind for group in GROUPS for kind in below(group) if kind.__module__ == errors.__name__},
    key=lambda kind: kind.__name__,
)


@for_each("kind", VISITORS)
def test_error_that_a_visitor_causes_has_a_row(kind: type[ImageboardError]) -> None:
    """A new one: add it to writer/statuses.py."""
    assert status_of(an(kind)) != HTTPStatus.INTERNAL_SERVER_ERROR


@for_each("kind", [kind for kind in VISITORS if issubclass(kind, PostRefused)])
def test_refused_post_is_the_posters_matter(kind: type[ImageboardError]) -> None:
    assert 400 <= status_of(an(kind)) < 500


@for_each("kind", STATUSES)
def test_row_says_what_no_other_row_says(kind: type[ImageboardError]) -> None:
    assert kind.__module__ == errors.__name__
    for above in kind.__mro__[1:]:
        assert STATUSES.get(above) != STATUSES[kind], f"{above.__name__} says so already"


def test_error_without_a_row_is_a_fault_of_ours() -> None:
    class Unheard(PostRefused):
        code = "unheard"

    class Operators(ImageboardError):
        message = N_("The operator's matter.")

    assert status_of(Unheard()) == HTTPStatus.INTERNAL_SERVER_ERROR
    assert status_of(Operators()) == HTTPStatus.INTERNAL_SERVER_ERROR


def test_row_holds_for_errors_below() -> None:
    assert status_of(TooManyReports(retry_after_s=3)) == HTTPStatus.TOO_MANY_REQUESTS
