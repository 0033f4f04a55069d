"""Pages of posts that wait until somebody judges them: reported ones, and held ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from imageboard.moderation import ReportedPost
from imageboard.staff_roles import Power, Visitor
from imageboard.store import move_deeds, post_deeds, removal_deeds, state_deeds
from imageboard.store.claims import Claim
from imageboard.store.deeds import Case
from imageboard.store.held import HeldPost
from imageboard.store.surroundings import Surroundings
from imageboard.threads import Post
from templates.desk import urls
from templates.desk.forms import button, case_buttons, done_sentence
from templates.desk.frame import render


class ReportedCase(NamedTuple):
    """A post in the queue, with all by which it is judged."""

    report: ReportedPost
    case: Case
    around: Surroundings
    #: Of somebody else who looks at it.
    claim: Claim | None
    #: What the page knows of what was done to it (imageboard.store.second_acts).
    seen: int


def reports_page(
    visitor: Visitor,
    reported: Sequence[ReportedCase],
    *,
    total: int,
    known: int,
    next_page: int | None,
    most_first: bool = False,
    is_whole: bool = False,
    done: str | None = None,
) -> str:
    """A page of the queue, of `total` posts, drawn when report `known` was the newest; `is_whole`:
    all of it are ticked. `done` names the button that led here.
    """
    sorted_so = {"sort": urls.MOST_REPORTED} if most_first else {}
    older = urlencode(sorted_so | {"page": next_page})
    here = f"{urls.REPORTS_URL}?{urlencode(sorted_so)}" if most_first else urls.REPORTS_URL
    return render(
        "reports",
        visitor,
        cases=[(each, each.case.post, case_buttons(visitor, each.case)) for each in reported],
        here_url=here,
        is_whole=is_whole,
        total=total,
        known=known,
        reports_url=urls.REPORTS_URL,
        dismissed_url=urls.DISMISSED_URL,
        most_reported_url=None if most_first else f"{urls.REPORTS_URL}?sort={urls.MOST_REPORTED}",
        ticked_buttons=[
            button(deed)
            for deed in removal_deeds.OF_SEVERAL
            if deed.power is not None and visitor.may_somewhere(deed.power)
        ],
        older_url=f"{urls.REPORTS_URL}?{older}" if next_page else None,
        done=done_sentence(
            (*post_deeds.OF_POSTS, *move_deeds.OF_THREADS, *removal_deeds.OF_SEVERAL), done
        ),
    )


def dismissed_page(
    visitor: Visitor,
    posts: Sequence[tuple[str, Post]],
    *,
    is_whole: bool,
    done: str | None = None,
) -> str:
    """Posts whose reports were just dismissed, the last first."""
    may = visitor.may_somewhere(Power.DISMISS_REPORTS)
    return render(
        "dismissed",
        visitor,
        posts=posts,
        dismissed_url=urls.DISMISSED_URL,
        is_whole=is_whole,
        reopen=button(removal_deeds.REOPEN_TICKED) if may else None,
        done=done_sentence(removal_deeds.OF_DISMISSED, done),
    )


def held_page(
    visitor: Visitor,
    found: Sequence[HeldPost],
    *,
    is_whole: bool,
    next_page: int | None,
    done: str | None = None,
) -> str:
    """Posts that nobody has seen yet, the first that came first; `is_whole`: all are ticked."""
    return render(
        "held",
        visitor,
        posts=found,
        held_url=urls.HELD_URL,
        file_url=urls.held_file_url,
        is_whole=is_whole,
        buttons=[button(deed) for deed in state_deeds.OF_HELD],
        later_url=f"{urls.HELD_URL}?page={next_page}" if next_page else None,
        done=done_sentence(state_deeds.OF_HELD, done),
    )
