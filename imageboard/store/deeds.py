"""What a deed of the staff is: its power, its words, its form, its work and what it leaves behind.

Each deed is a row, in post_deeds.py and the other …_deeds.py beside it. Everything else reads the
row: the desk draws its button and its form, the gate asks for its power, the log has its words. To
add a deed, add a row (docs/extending.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from imageboard.cloaks import Address, Cloak
from imageboard.errors import BadField
from imageboard.moderation import Action
from imageboard.staff_roles import Power, Visitor
from imageboard.store import moderation_log
from imageboard.store.database import Connection
from imageboard.store.removals import Authored
from imageboard.threads import Post, Thread
from imageboard.words import N_, Message


class Case(NamedTuple):
    """A post as the desk shows it, by which a deed says whether and how it is offered."""

    board: str
    post: Post
    is_reported: bool
    #: The thread that the post begins; None: it is a reply, stands in the queue or its thread fell
    #: off the board.
    begins: Thread | None = None
    #: Its thread fell off the board: no reader sees it.
    is_aside: bool = False
    #: Its thread fell off the board: readers find it in the archive.
    is_archived: bool = False
    #: Whether the author can be banned without being named.
    is_author_known: bool = True
    #: SECURITY: for ranges around it, never to be shown. None: no longer kept, or not looked for.
    address: Address | None = None
    #: How many posts its author wrote that the visitor may delete: in its 'thread', on its 'board'
    #: and on the 'site'. Empty: not looked for.
    authored: Mapping[str, Authored] = MappingProxyType({})


#: The same for every post, or by the case.
Words = Message | Callable[[Case], Message]


class Field(NamedTuple):
    """A field of a deed's form; its name is also what BadField names."""

    name: str
    label: Words
    hint: Words | None = None
    initial: str = ""
    chars_max: int | None = None
    is_required: bool = True
    #: Takes the whole line.
    is_wide: bool = False
    #: What a box sends when it is ticked; None: it is a line of text.
    ticked: str | None = None
    #: A password, new or the one that is: its name for browsers that keep them.
    kept_as: Literal["new-password", "current-password"] | None = None
    #: Values to choose from, beside anything else.
    offers: Callable[[Case], Sequence[str]] | None = None


class Order(NamedTuple):
    """A deed that one of the staff asked for."""

    visitor: Visitor
    #: The post; None for a deed of no post.
    board: str | None = None
    no: int | None = None
    #: What the deed's `read` made of its form.
    asked: Any = None

    @property
    def post(self) -> tuple[str, int]:
        """Board and number."""
        assert self.board is not None
        assert self.no is not None
        return self.board, self.no


@dataclass(frozen=True, slots=True)
class Done:
    """What the log is told, besides who did it to which post."""

    #: None: the first of the deed's.
    action: Action | None = None
    #: None: the post's.
    board: str | None = None
    #: {'ban': 7}: never an address, never a range.
    detail: Mapping[str, int | str] | None = None
    #: The boards that look different afterwards. None: the post's, where the deed shows.
    stale: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that staff do."""

    #: In forms and addresses: `deed=delete_file`.
    name: str
    #: None: anyone of the staff, to what is their own.
    power: Power | None
    #: On the button.
    button: Words
    #: On the page to which the form leads.
    done: Message
    #: What it may leave in the log; none: nothing.
    actions: tuple[Action, ...]
    #: In the caller's transaction. None: nothing was left to do, so nothing is logged.
    work: Callable[[Connection, Order], Done | None]
    #: Whether a post has the button.
    fits: Callable[[Case], bool] = lambda _case: True
    #: A deed with fields has a form of its own, under this heading; not in the queue.
    heading: Message | None = None
    fields: tuple[Field, ...] = ()
    #: (fields as typed, cloak, the post's board) -> Order.asked. Raises BadField, NoSuchBoard.
    read: Callable[[Mapping[str, str], Cloak, str | None], object] = lambda *_typed: None
    #: The post is no longer there afterwards.
    removes: bool = False
    #: The public pages look different afterwards.
    shows: bool = True
    #: Only for who proved a moment ago who they are.
    is_dangerous: bool = False


def carry_out(db: Connection, deed: Deed, order: Order) -> tuple[str, ...]:
    """The deed and its entry in the log, in one transaction: the boards that then look different.

    Raises what the deed's work raises: NoSuchPost, RuleBroken, NoSuchBan, NotAllowed …
    """
    done = deed.work(db, order)
    if done is not None:
        moderation_log.add(
            db,
            done.action or deed.actions[0],
            staff=order.visitor.name,
            board=done.board or order.board,
            post_no=order.no,
            **(done.detail or {}),
        )
        if done.stale is not None:
            return done.stale
    return (order.board,) if deed.shows and order.board is not None else ()


def named(table: Sequence[Deed], name: str) -> Deed:
    """Raises BadField."""
    for deed in table:
        if deed.name == name:
            return deed
    raise BadField(N_("Press one of the page's buttons."), field="deed")


def undone_by(removal: int | None) -> dict[str, int | str]:
    """What the log is told of a removal, so that it can be undone from there; None: it can't."""
    return {} if removal is None else {"removal": removal}


# --- what several read from forms ---


def read_sure(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> bool:
    if typed.get("sure") != "yes":
        raise BadField(N_("Tick the box: this can't be undone."), field="sure")
    return True


def read_file_number(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> int:
    """From 1."""
    text = typed.get("file", "").strip()
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 2 and int(text)):
        raise BadField(N_("Which file? Its number, please: 1 is the first."), field="file")
    return int(text)
