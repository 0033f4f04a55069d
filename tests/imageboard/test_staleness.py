"""Which files a fact makes stale.

That the answers are complete is proven on whole boards: tests/renderer/test_any_history.py.
"""

from __future__ import annotations

import pytest

from imageboard.facts import (
    FACTS,
    BoardChanged,
    Fact,
    FileMedia,
    MediaReady,
    PageRange,
    PostAdded,
    PostChanged,
    PostRemoved,
    ThreadChanged,
    ThreadRemoved,
    ThreadRerendered,
)
from imageboard.staleness import (
    BoardPage,
    Catalog,
    Media,
    SiteFiles,
    SiteFrame,
    StaleFile,
    ThreadFiles,
    WholeBoard,
    stale_files,
)

MEDIA = (FileMedia("1", ".png", ".webp"),)
OF_MEDIA = {Media("src/1.png"), Media("thumb/1.webp")}
EVERYWHERE = {Catalog(), SiteFiles()}

CASES: list[tuple[Fact, set[StaleFile]]] = [
    (
        PostAdded(thread=1, no=9, pages=PageRange(1, 2), quoted_threads=(4, 6), media=MEDIA),
        {ThreadFiles(1), ThreadFiles(4), ThreadFiles(6), BoardPage(1), BoardPage(2)}
        | OF_MEDIA
        | EVERYWHERE,
    ),
    (
        PostAdded(thread=9, no=9, pages=PageRange(1, 1)),
        {ThreadFiles(9), BoardPage(1)} | EVERYWHERE,
    ),
    (
        PostChanged(thread=1, no=2, pages=PageRange(3, 3), media=MEDIA),
        {ThreadFiles(1), BoardPage(3)} | OF_MEDIA | EVERYWHERE,
    ),
    (
        MediaReady(thread=1, no=2, pages=PageRange(3, 3), media=MEDIA),
        {ThreadFiles(1), BoardPage(3)} | OF_MEDIA | EVERYWHERE,
    ),
    (
        PostRemoved(thread=1, no=2, pages=PageRange(1, 3), media=MEDIA, quoting_threads=(4,)),
        {ThreadFiles(1), ThreadFiles(4), BoardPage(1), BoardPage(2), BoardPage(3)}
        | OF_MEDIA
        | EVERYWHERE,
    ),
    (
        ThreadRemoved(thread=1, pages=PageRange(2, 3), media=MEDIA, quoting_threads=(4,)),
        {ThreadFiles(1), ThreadFiles(4), BoardPage(2), BoardPage(3)} | OF_MEDIA | EVERYWHERE,
    ),
    (
        ThreadChanged(thread=1, pages=PageRange(1, 2)),
        {ThreadFiles(1), BoardPage(1), BoardPage(2), Catalog()},
    ),
    (BoardChanged(), {WholeBoard(), SiteFiles(), SiteFrame()}),
    (ThreadRerendered(thread=1), {ThreadFiles(1)}),
]


@pytest.mark.parametrize(
    ("fact", "stale"), CASES, ids=[type(fact).__name__ for fact, _stale in CASES]
)
def test_fact_makes_stale_what_shows_it_and_nothing_else(fact: Fact, stale: set[StaleFile]) -> None:
    assert stale_files(fact) == stale


def test_every_kind_of_fact_has_its_own_answer_and_a_case_here() -> None:
    for kind in FACTS.values():
        assert stale_files.dispatch(kind) is not stale_files.dispatch(Fact), kind.__name__
    assert {type(fact) for fact, _stale in CASES} == set(FACTS.values())


def test_unknown_fact_is_an_error_not_an_empty_set() -> None:
    class Forgotten(Fact):
        """A fact that was added without an answer."""

    with pytest.raises(NotImplementedError, match="Forgotten"):
        stale_files(Forgotten())
