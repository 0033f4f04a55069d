"""What was said already: a board may take each text once, or remember texts that many post."""

from __future__ import annotations

from imageboard.errors import RuleBroken
from imageboard.post_rules import NewPost
from imageboard.settings import BoardSettings
from imageboard.spam import sketches
from imageboard.store import receipts, said_texts
from imageboard.store.database import Connection
from imageboard.words import NN_


def are_looked_for(settings: BoardSettings) -> bool:
    return bool(settings.unique_text_days) or settings.alike_text != "off"


def say(db: Connection, new_post: NewPost, settings: BoardSettings) -> None:
    """In the transaction that stores the post: what is refused after all was not said.

    Raises:
        RuleBroken: it may not be said again yet.
    """
    if _is_sent_again(db, new_post):
        return
    digest = sketches.digest(new_post.body) if settings.unique_text_days else None
    if digest and not said_texts.say(db, new_post.board, digest, settings.unique_text_days):
        # Its first time may have been committed while this one waited for it.
        if _is_sent_again(db, new_post):
            return
        raise RuleBroken(
            NN_(
                "That was said here within the last day: say something new.",
                "That was said here within the last {days} days: say something new.",
                "days",
            ),
            field="body",
            days=settings.unique_text_days,
        )
    sketch = sketches.sketch(new_post.body) if settings.alike_text != "off" else None
    if sketch:
        minutes = settings.alike_text_minutes
        said_texts.note(db, new_post.board, sketch, new_post.address_hash, minutes)


def _is_sent_again(db: Connection, new_post: NewPost) -> bool:
    """Then it is answered as before, and stores nothing."""
    return receipts.is_there(db, new_post.address_hash, new_post.nonce, new_post.delivery)
