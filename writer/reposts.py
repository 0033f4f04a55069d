"""Files that are there already: a board may say that each stands once in a thread, or on the board.

What counts are the bytes as they are served: the same picture with other metadata is the same.
"""

from __future__ import annotations

from imageboard.errors import RuleBroken
from imageboard.post_rules import NewPost
from imageboard.settings import BoardSettings
from imageboard.store import posts, receipts
from imageboard.store.database import Connection
from imageboard.words import N_


def refuse(db: Connection, new_post: NewPost, settings: BoardSettings) -> None:
    """Asked in the board's turn, before the post is stored.

    Two writers that store the same file at the same moment may both be let through. A form without
    a nonce that is sent by a second press of its button is refused: it says where the first one is.

    Raises:
        RuleBroken: one of its files is there, or twice in the post itself.
    """
    if not new_post.files:
        return
    hashes = [file.sha256 for file in new_post.files]
    if len(set(hashes)) < len(hashes):
        raise RuleBroken(N_("Two of the files are the same: take one of them out."), field="file")
    if _is_sent_again(db, new_post):
        return
    in_thread = settings.files_once_in == "thread"
    if in_thread and new_post.thread is None:
        return
    no = posts.with_file(db, new_post.board, hashes, thread=new_post.thread if in_thread else None)
    if no is not None:
        raise RuleBroken(
            N_("This file is there already, in post {no}, and may stand here once."),
            field="file",
            no=no,
        )


def _is_sent_again(db: Connection, new_post: NewPost) -> bool:
    """Then it is answered as before, and stores nothing."""
    return receipts.is_there(db, new_post.address_hash, new_post.nonce, new_post.delivery)
