"""What the operator did at the machine, by a command: in the same log as what staff do.

Whoever has the machine needs no power of the desk; all the more it is written down.
"""

from __future__ import annotations

from imageboard.store import moderation_log
from imageboard.store.database import Connection

#: In place of a name; no account can be called that.
OPERATOR = "(operator)"


def note(
    db: Connection,
    action: str,
    *,
    board: str | None = None,
    post_no: int | None = None,
    **detail: int | str,
) -> None:
    """Write it down, in the transaction in which it is done; `action` by its name in the log."""
    # PERF: imported here: it loads every deed of the desk, which is half of what a command loads
    # that only shows something.
    from imageboard.store.log_words import ACTIONS

    moderation_log.add(db, ACTIONS[action], staff=OPERATOR, board=board, post_no=post_no, **detail)
