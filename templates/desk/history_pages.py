"""Pages of what was done: the log, what was removed, and threads that are kept aside."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from imageboard.moderation import LogEntry
from imageboard.staff_roles import Power, Visitor
from imageboard.store import log_words, post_deeds, removal_deeds
from imageboard.store.old_log import OldEntry
from imageboard.store.removals import Removal
from imageboard.store.threads import AsideThread
from templates.desk import urls
from templates.desk.forms import button, done_sentence
from templates.desk.frame import render


def log_page(
    visitor: Visitor,
    entries: Sequence[LogEntry],
    from_elsewhere: Sequence[OldEntry],
    *,
    undoable: Collection[int],
    has_more: bool,
    done: str | None = None,
) -> str:
    """What was done, newest first; `undoable` are the removals that can be undone.

    `from_elsewhere`: what was done before boards came here, if all that was done here stands above.
    """
    last = f"elsewhere={from_elsewhere[-1].id}" if from_elsewhere else ""
    if entries and not last:
        last = f"before={entries[-1].id}"
    return render(
        "log",
        visitor,
        entries=entries,
        from_elsewhere=from_elsewhere,
        log_words=log_words.WORDS,
        log_details=log_words.DETAILS,
        undoable=undoable,
        removed_url=urls.REMOVED_URL,
        undo=button(removal_deeds.UNDO),
        done=done_sentence(removal_deeds.OF_REMOVALS, done),
        older_url=f"{urls.LOG_URL}?{last}" if has_more else None,
    )


def removed_page(
    visitor: Visitor,
    found: Sequence[Removal],
    *,
    next_page: int | None,
    done: str | None = None,
) -> str:
    """What can be brought back, the newest first."""
    return render(
        "removed",
        visitor,
        removals=found,
        removed_url=urls.REMOVED_URL,
        undo=button(removal_deeds.UNDO),
        erase=button(removal_deeds.ERASE),
        erasable={
            removal.id
            for removal in found
            if all(visitor.may(Power.ERASE, board) for board in removal.boards)
        },
        older_url=f"{urls.REMOVED_URL}?page={next_page}" if next_page else None,
        done=done_sentence(removal_deeds.OF_REMOVALS, done),
    )


def aside_page(
    visitor: Visitor,
    threads: Sequence[AsideThread],
    *,
    next_page: int | None,
    done: str | None = None,
) -> str:
    """Threads that fell off their boards, the last one first."""
    (bring_back,) = (deed for deed in post_deeds.OF_POSTS if deed.power is Power.BRING_BACK)
    return render(
        "aside",
        visitor,
        threads=threads,
        bring_back=button(bring_back),
        older_url=f"{urls.ASIDE_URL}?page={next_page}" if next_page else None,
        done=done_sentence(post_deeds.OF_POSTS, done),
    )
