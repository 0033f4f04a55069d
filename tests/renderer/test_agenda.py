"""What is drawn when, and which changes are settled by it: tables of cases, no database."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from imageboard import facts
from imageboard.facts import Fact, PageRange
from imageboard.store.outbox import Change
from renderer.agenda import (
    HANDFUL,
    HANDFUL_MAX,
    HANDFUL_WHEN_LATE,
    REST_WAITS_S_MAX,
    Agenda,
)
from renderer.pace import HURRIED_S, Pace
from renderer.pages.kind import Page
from renderer.pages.threads import Threads
from tests.renderer.page_names import (
    ALL_MEDIA,
    CATALOG,
    LEFTOVERS,
    NAMED_KINDS,
    board_page,
    medium,
    thread,
)

THREADS_AT_ONCE = Threads.at_once_max

NOW_S = 1_000.0
LATE_S = NOW_S + REST_WAITS_S_MAX + 0.01
FIRST_PAGE = PageRange(1, 1)
#: What every post makes stale besides its thread.
REST = {board_page(1), CATALOG}


def a_reply(no: int, *, pages: PageRange = FIRST_PAGE, media: tuple[str, ...] = ()) -> Fact:
    return facts.PostAdded(thread=no, no=no + 1, pages=pages, media=media)


def a_removal(no: int) -> Fact:
    return facts.PostRemoved(thread=no, no=no + 1, pages=FIRST_PAGE)


class Told:
    """An agenda that is told of facts, numbered as they come."""

    def __init__(self, *told: Fact, pace_s: float = 0.0, shown_before_no: int = 0) -> None:
        self.agenda = Agenda(NAMED_KINDS, Pace(pace_s), shown_before_no)
        self.whole_board: list[Page] = []
        self.add(*told)

    def add(self, *told: Fact, now_s: float = NOW_S) -> None:
        first_no = self.agenda.seen_no + 1
        changes = [Change(no, fact, 0.0) for no, fact in enumerate(told, first_no)]
        self.agenda.add(changes, lambda: self.whole_board, now_s)

    def take(self, now_s: float = NOW_S, *, posts_come_in: bool = False) -> set[Page]:
        return self.agenda.take(now_s, posts_come_in=posts_come_in)

    def take_all(self) -> set[Page]:
        """Until nothing waits; no posts come in."""
        taken = set[Page]()
        while newly := self.take():
            taken |= newly
        return taken

    def take_all_due(self) -> set[Page]:
        """Until what is left keeps its pace."""
        taken = set[Page]()
        while self.agenda.has_work(NOW_S):
            taken |= self.take()
        return taken

    def shown(self) -> list[int]:
        return [change.change_no for change in self.agenda.pop_shown()]

    def settled(self) -> list[int]:
        return [change.change_no for change in self.agenda.pop_settled()]


def threads(numbers: Sequence[int]) -> set[Page]:
    return {thread(number) for number in numbers}


def test_nothing_waits_on_a_new_agenda() -> None:
    told = Told()
    assert told.take() == set()
    assert told.take() == set()
    assert told.settled() == []


def test_post_is_on_its_thread_before_board_pages_are_begun() -> None:
    told = Told(a_reply(7))
    assert told.take(posts_come_in=True) == {thread(7)}
    assert told.settled() == [], "its board page does not show it yet"
    assert told.take_all() == REST
    assert told.settled() == [1]
    assert told.take() == set()


def test_picture_is_there_as_soon_as_the_thread_that_shows_it() -> None:
    told = Told(a_reply(7, media=("src/1.png", "thumb/1.webp")))
    assert told.take(posts_come_in=True) == {
        thread(7),
        medium("src/1.png"),
        medium("thumb/1.webp"),
    }


def test_many_posts_to_a_thread_are_drawn_once() -> None:
    told = Told(*[a_reply(7)] * 50)
    assert told.take_all() == {thread(7)} | REST
    assert told.settled() == list(range(1, 51))


def test_threads_that_have_waited_longest_are_drawn_first() -> None:
    told = Told(*map(a_reply, range(20, 0, -1)))
    assert told.take(posts_come_in=True) == threads(range(20, 20 - THREADS_AT_ONCE, -1))
    told.add(a_reply(20))
    assert thread(20) not in told.take(posts_come_in=True), "it was drawn a moment ago"


def test_thread_that_is_posted_to_all_the_time_keeps_its_place() -> None:
    """Else a thread in a burst would move back with each of its posts."""
    told = Told(*map(a_reply, range(1, 21)))
    told.take(posts_come_in=True)
    told.add(*[a_reply(THREADS_AT_ONCE + 1)] * 5)
    assert thread(THREADS_AT_ONCE + 1) in told.take(posts_come_in=True)


@pytest.mark.parametrize(
    ("now_s", "posts_come_in", "expected"),
    [
        (NOW_S, True, 0),
        (LATE_S, True, HANDFUL_WHEN_LATE),
        (NOW_S, False, HANDFUL),
        (LATE_S, False, HANDFUL),
    ],
)
def test_board_pages_have_time_but_not_for_ever(
    now_s: float, posts_come_in: bool, expected: int
) -> None:
    told = Told(a_reply(1, pages=PageRange(1, 30)))
    told.take(posts_come_in=True)
    assert len(told.take(now_s, posts_come_in=posts_come_in)) == expected


def test_no_page_is_passed_by_in_a_burst_over_many() -> None:
    """Each post makes more pages stale than are drawn before the next one comes."""
    pages = 3 * HANDFUL_WHEN_LATE
    told, now_s, drawn = Told(), NOW_S, set[Page]()
    for _ in range(5):
        told.add(a_reply(1, pages=PageRange(1, pages)), now_s=now_s)
        now_s += REST_WAITS_S_MAX + 0.01
        drawn |= told.take(now_s, posts_come_in=True)
    assert {CATALOG, *map(board_page, range(1, pages + 1))} <= drawn
    assert told.agenda.settled_no > 0


def test_handfuls_grow_while_nobody_posts() -> None:
    told = Told(a_reply(1, pages=PageRange(1, 99)))
    told.take(posts_come_in=True)
    assert [len(told.take()) for _ in range(5)] == [HANDFUL, 2, 4, 8, HANDFUL_MAX]
    told.add(a_reply(1))
    told.take(posts_come_in=True)
    assert len(told.take()) == HANDFUL


def test_board_pages_that_were_drawn_a_moment_ago_wait_again() -> None:
    told = Told(a_reply(1, pages=PageRange(1, 30)))
    told.take(posts_come_in=True)
    told.take(LATE_S, posts_come_in=True)
    assert told.take(LATE_S, posts_come_in=True) == set()


def test_board_pages_do_not_wait_longer_for_each_post_that_follows() -> None:
    told = Told(a_reply(1))
    told.take(posts_come_in=True)
    told.add(a_reply(1), now_s=LATE_S)
    assert told.take(LATE_S, posts_come_in=True) == {thread(1)} | REST


def test_board_pages_do_not_come_before_threads_that_are_left() -> None:
    told = Told(*map(a_reply, range(1, THREADS_AT_ONCE + 2)))
    assert told.take() == threads(range(1, THREADS_AT_ONCE + 1))
    assert told.take() == {thread(THREADS_AT_ONCE + 1), board_page(1)}


def test_board_pages_go_from_the_first_to_the_catalog() -> None:
    told = Told(a_reply(1, pages=PageRange(1, 3)))
    assert told.take() == {thread(1), board_page(1)}
    assert told.take() == {board_page(2), board_page(3)}
    assert told.take() == {CATALOG}


def test_what_was_removed_is_taken_from_every_page_at_once() -> None:
    told = Told(*map(a_reply, range(1, 21)))
    told.add(a_removal(20))
    assert told.agenda.take_removed(NOW_S) == {thread(20)} | REST
    assert thread(20) not in {file for _ in range(9) for file in told.take()}, "nor again"


def test_nothing_is_drawn_beside_what_was_removed_but_posts_come_in_between_removals() -> None:
    """Also where each step has a removal, as in a cyclical thread that is full."""
    told = Told(a_reply(1), a_removal(2))
    assert told.agenda.take_removed(NOW_S) == {thread(2)} | REST
    assert told.take(posts_come_in=True) == set()
    told.add(a_removal(3))
    assert told.agenda.take_removed(NOW_S) == {thread(3)} | REST
    assert told.take(posts_come_in=True) == {thread(1)}
    assert told.agenda.take_removed(NOW_S) == set()
    told.add(a_reply(1))
    assert told.take(posts_come_in=True) == {thread(1)}


def test_changes_are_settled_in_order_while_others_still_come() -> None:
    """In a burst without end too: nobody waits for a moment in which nothing waits."""
    told = Told(a_reply(1), a_reply(2))
    told.take(posts_come_in=True)
    told.add(a_reply(1), a_reply(3))
    assert told.agenda.settled_no == 0
    told.take(LATE_S, posts_come_in=True)
    assert told.settled() == [1, 2, 3, 4]
    told.add(a_reply(1))
    assert told.settled() == [], "each is given once"


def test_change_is_not_settled_by_a_later_one_to_the_same_file() -> None:
    told = Told(a_reply(1))
    told.take(posts_come_in=True)
    told.add(a_reply(1))
    told.take(posts_come_in=True)
    assert told.agenda.settled_no == 0, "the board page has shown neither"


def test_whole_board_is_drawn_a_handful_at_a_time_and_posts_go_before_it() -> None:
    told = Told()
    told.whole_board = [ALL_MEDIA, *map(thread, range(1, 10)), board_page(1), CATALOG]
    told.whole_board.append(LEFTOVERS)
    told.add(facts.BoardChanged())
    assert told.take() == {ALL_MEDIA}
    assert told.take() == threads(range(1, 3))
    told.add(a_reply(9))
    assert told.take(posts_come_in=True) == {thread(9)}
    assert told.take_all() == {
        *threads(range(3, 9)),
        *REST,
        LEFTOVERS,
    }
    assert told.settled() == [1, 2]


def test_lists_are_drawn_at_once_and_then_at_their_pace() -> None:
    told = Told(a_reply(1), pace_s=1.0)
    assert told.take_all() == {thread(1)} | REST
    told.add(a_reply(1), a_reply(2))
    assert told.take() == {thread(1), thread(2)}
    assert not told.agenda.has_work(NOW_S)
    assert told.agenda.due_s() == NOW_S + 1.0
    assert told.settled() == [1], "lists do not show the others yet"
    assert told.agenda.shown_no == 3, "threads do"
    assert told.agenda.has_work(NOW_S + 1.0)
    assert told.take(NOW_S + 1.0) == REST
    assert told.settled() == [2, 3]


def test_each_list_has_a_pace_of_its_own() -> None:
    told = Told(a_reply(1, pages=PageRange(2, 2)), pace_s=1.0)
    told.take_all()
    told.add(a_reply(1, pages=PageRange(1, 2)))
    assert told.take_all_due() == {thread(1), board_page(1)}


def test_list_that_a_poster_waits_for_comes_sooner_but_not_with_each_post() -> None:
    told = Told(a_reply(1), pace_s=1.0)
    told.take_all()
    told.add(a_reply(1))
    told.agenda.pace.hurry()
    assert told.agenda.due_s() == NOW_S + HURRIED_S
    told.take()
    assert told.take(NOW_S + HURRIED_S) == REST
    told.add(a_reply(1))
    assert told.agenda.due_s() == NOW_S + HURRIED_S + 1.0, "nobody waits any more"


def test_change_is_told_as_shown_once_its_thread_shows_it() -> None:
    told = Told(a_reply(1), a_reply(2), shown_before_no=1)
    assert told.shown() == []
    told.take()
    assert told.shown() == [2], "another holder has told of the first"
    told.take_all()
    assert told.shown() == []
    assert told.settled() == [1, 2]


def test_threads_and_removals_keep_no_pace() -> None:
    told = Told(a_reply(1), pace_s=1.0)
    told.take_all()
    told.whole_board = [thread(2), thread(3), board_page(2)]
    told.add(a_removal(1), facts.BoardChanged())
    assert told.agenda.take_removed(NOW_S) == {thread(1)} | REST
    told.add(facts.BoardChanged())
    assert told.take_all_due() == {thread(2), thread(3), board_page(2)}


def test_what_threads_showed_before_the_board_was_taken_is_left_to_the_lists() -> None:
    told = Told(a_reply(1), a_removal(2), a_reply(3), shown_before_no=2)
    assert told.agenda.take_removed(NOW_S) == set()
    assert told.take_all() == {thread(3)} | REST


def test_whole_board_that_was_half_drawn_is_drawn_again() -> None:
    """Its threads have not all been shown: who leaves it says of none that they are."""
    told = Told(pace_s=1.0)
    told.whole_board = [thread(1), thread(2), board_page(1)]
    told.add(facts.BoardChanged())
    told.take()
    assert told.agenda.shown_no == 0
