"""What staff do about whoever wrote a post, a row each. See imageboard.store.deeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from imageboard import bans as ban_rules
from imageboard import plain_text, stored_words
from imageboard.bans import MESSAGE_CHARS_MAX, BanMessage, NewBan
from imageboard.cloaks import Cloak
from imageboard.errors import BadField, RuleBroken
from imageboard.moderation import Action
from imageboard.staff_roles import Power
from imageboard.store import held, notes, posts, ranges, removals
from imageboard.store.ban_deeds import (
    BANNED,
    REASON,
    TERMS,
    add_ban,
    reach,
    read_new_ban,
    read_terms,
)
from imageboard.store.database import Connection
from imageboard.store.deeds import Case, Deed, Done, Field, Order, undone_by
from imageboard.store.notes import NOTE_CHARS_MAX, NOTES_MAX
from imageboard.store.ranges import Opens
from imageboard.store.removals import Authored
from imageboard.words import N_, Message

WARNED = Action("warn", N_("warned a poster"))


class Extent(NamedTuple):
    """Which of an author's posts."""

    #: 'thread', 'board' or 'site'.
    where: str
    #: None: however old.
    since_s: int | None


class BanOfAuthor(NamedTuple):
    """Without a target it hits whoever wrote the post."""

    ban: NewBan
    #: Those of the last day go.
    takes_posts: bool
    #: By which it is found who else posts from a range.
    opens: Opens
    #: Under the post, for all to read; None: nothing is said.
    message: str | None = None


class WarningOfAuthor(NamedTuple):
    """What whoever wrote the post reads before the next one."""

    reason: str
    #: As of a BanOfAuthor.
    message: str | None = None


# --- the work ---


def delete_all(db: Connection, order: Order) -> Done:
    """What the post's author wrote, as far as the visitor may delete it; threads go whole."""
    extent: Extent = order.asked
    detail, stale = _delete_authored(db, order, extent)
    if not detail:
        raise BadField(N_("There is no such post."), field="since")
    return Done(detail=detail, stale=stale)


def _delete_authored(
    db: Connection, order: Order, extent: Extent
) -> tuple[dict[str, int | str], tuple[str, ...]]:
    """What the log is told, nothing if there was none, and the boards that look different."""
    board, no = order.post
    author = posts.author(db, board, no)
    if author.address_hash is None:
        raise BadField(N_("Whose address it was is no longer kept."), field="where")
    return _delete_of(
        db,
        order,
        [author.address_hash],
        on=order.visitor.boards(Power.DELETE) if extent.where == "site" else [board],
        thread=author.thread if extent.where == "thread" else None,
        since_s=extent.since_s,
    )


def _delete_of(
    db: Connection,
    order: Order,
    posters: Sequence[bytes],
    *,
    on: list[str] | None,
    thread: int | None = None,
    since_s: int | None = None,
) -> tuple[dict[str, int | str], tuple[str, ...]]:
    """What waits for staff is refused with it: nobody is to read it tomorrow."""
    # First, as in release_held(): what is held, then its board.
    waiting = held.of_authors(db, posters, on=on, thread=thread, since_s=since_s)
    nos = removals.of_authors(db, posters, on=on, thread=thread, since_s=since_s)
    if not (nos or waiting):
        return {}, ()
    removal = removals.begin(db, order.visitor.name, {*nos, *waiting.values()})
    refused = held.refuse(db, removal, list(waiting))
    gone = removals.take(db, removal, nos)
    return {"posts": gone + len(refused), **undone_by(removal)}, tuple(nos)


def ban_author(db: Connection, order: Order) -> Done:
    """Of whom the form names, or of the post's author; what they wrote goes too if it says so.

    On all boards, if the visitor may ban there and the form does not say otherwise, or else on the
    post's.
    """
    asked: BanOfAuthor = order.asked
    board, no = order.post
    new_ban = replace(asked.ban, board=asked.ban.board or reach(order))
    address_hash = posts.author(db, board, no).address_hash
    if new_ban.address_hash is None and new_ban.range is None:
        if address_hash is None:
            raise BadField(
                N_("Whose address it was is no longer kept: name an address or a range."),
                field="target",
            )
        new_ban = replace(new_ban, address_hash=address_hash)
    message = asked.message and BanMessage(board=board, no=no, text=asked.message)
    done = add_ban(db, order, new_ban, message or None)
    if not asked.takes_posts:
        return done
    detail, stale = _delete_of(
        db,
        order,
        _banned_posters(db, new_ban, asked.opens),
        on=order.visitor.boards(Power.DELETE),
        since_s=_SINCE_S["day"],
    )
    stale = tuple(dict.fromkeys((*(done.stale or ()), *stale)))
    return replace(done, detail={**(done.detail or {}), **detail}, stale=stale)


def _banned_posters(db: Connection, new_ban: NewBan, opens: Opens) -> list[bytes]:
    """Those that a ban hits, by the hashes of their addresses."""
    if new_ban.range is not None:
        return ranges.posters_in(db, new_ban.range, opens)
    assert new_ban.address_hash is not None
    return [new_ban.address_hash]


def warn_author(db: Connection, order: Order) -> Done:
    """On all boards, if the visitor may ban there, or else on the post's."""
    asked: WarningOfAuthor = order.asked
    board, no = order.post
    address_hash = posts.author(db, board, no).address_hash
    if address_hash is None:
        raise BadField(N_("Whose address it was is no longer kept."), field="reason")
    warning = NewBan(
        board=reach(order),
        reason=asked.reason,
        duration_s=ban_rules.WARNING_S_MAX,
        address_hash=address_hash,
        is_warning=True,
    )
    message = asked.message and BanMessage(board=board, no=no, text=asked.message)
    return replace(add_ban(db, order, warning, message or None), action=WARNED)


def add_note(db: Connection, order: Order) -> Done:
    if not notes.add(db, _poster(db, order), order.visitor.name, order.asked):
        raise RuleBroken(N_("There are {notes_max} notes already."), notes_max=NOTES_MAX)
    return Done()


def remove_note(db: Connection, order: Order) -> Done | None:
    return Done() if notes.remove(db, _poster(db, order), order.asked) else None


def _poster(db: Connection, order: Order) -> bytes:
    """Raises NoSuchPost, RuleBroken."""
    address_hash = posts.author(db, *order.post).address_hash
    if address_hash is None:
        raise RuleBroken(N_("Whose address it was is no longer kept."))
    return address_hash


# --- what is read from forms ---


def read_extent(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> Extent:
    where, since = (typed.get(name, "").strip().lower() for name in ("where", "since"))
    if where not in _WHERE:
        raise BadField(N_("Where? {choices}.").filled(choices=", ".join(_WHERE)), field="where")
    if since not in _SINCE_S:
        choices = ", ".join(_SINCE_S)
        raise BadField(N_("Since when? {choices}.").filled(choices=choices), field="since")
    return Extent(where, _SINCE_S[since])


def read_ban_of_author(typed: Mapping[str, str], cloak: Cloak, board: str | None) -> BanOfAuthor:
    where = board if typed.get("where") == "board" else None
    has_target = bool(typed.get("target", "").strip())
    new_ban = read_new_ban(typed, cloak, where) if has_target else read_terms(typed, where)
    return BanOfAuthor(
        new_ban,
        takes_posts=typed.get("posts") == "day",
        opens=cloak.open_address,
        message=_message(typed, stored_words.BANNED_FOR_POST),
    )


def read_warning(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> WarningOfAuthor:
    reason = ban_rules.read_reason(typed.get("reason", ""))
    return WarningOfAuthor(reason, _message(typed, stored_words.WARNED_FOR_POST))


def _message(typed: Mapping[str, str], usual: Message) -> str | None:
    """What is to be said under the post; words that were typed are meant to be."""
    text = typed.get("message", "")
    is_said = typed.get("say") == "yes" or bool(text.strip())
    return ban_rules.read_message(text, usual) if is_said else None


def read_note(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> str:
    """Raises BadField."""
    note = plain_text.clean_line(typed.get("note", ""), "note")
    if not plain_text.shows_anything(note) or len(note) > NOTE_CHARS_MAX:
        too_long = N_("A note of {chars_max} characters at most, please.")
        raise BadField(too_long, field="note", chars_max=NOTE_CHARS_MAX)
    return note


def read_note_id(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> int:
    text = typed.get("id", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadField(N_("Which note?"), field="id")
    return int(text)


# --- fields of forms ---


def _about_authored(case: Case) -> Message:
    said = N_(
        "thread: {thread}; board: {board}; site, as far as you may: {site}. In brackets those of"
        " the last hour and the last day. An OP takes its thread along."
    )
    none = Authored(0, 0, 0)
    counts = {where: case.authored.get(where, none) for where in _WHERE}
    return said.filled(
        **{where: f"{n.ever} ({n.last_hour}, {n.last_day})" for where, n in counts.items()}
    )


def _ranges(case: Case) -> tuple[str, ...]:
    return ban_rules.offered_ranges(case.address) if case.address else ()


def _about_ranges(case: Case) -> Message:
    if not case.is_author_known:
        return N_("Needed: whose address it was is no longer kept.")
    if case.address is None:
        return N_("Empty: the author's address alone. The address itself is no longer kept.")
    return N_("Empty: the author's address alone. Around it: {ranges}.").filled(
        ranges=", ".join(_ranges(case))
    )


def _said_under_post(usual: Message) -> tuple[Field, ...]:
    return (
        Field("say", N_("And say so under the post, for all to read"), ticked="yes"),
        Field(
            "message",
            N_("In these words"),
            N_("Empty: ({words})").filled(words=usual),
            chars_max=MESSAGE_CHARS_MAX,
            is_required=False,
            is_wide=True,
        ),
    )


_WHERE = ("thread", "board", "site")
_SINCE_S = {"hour": 3600, "day": 86_400, "all": None}


# --- the rows ---


DELETE_ALL = Deed(
    name="delete_all",
    power=Power.DELETE,
    heading=N_("Delete what its author wrote"),
    button=N_("Delete them all"),
    done=N_("The posts were deleted."),
    actions=(Action("delete_all", N_("deleted the posts of an author")),),
    work=delete_all,
    fits=lambda case: case.is_author_known,
    fields=(
        Field(
            "where",
            N_("Where"),
            _about_authored,
            initial="board",
            offers=lambda _case: _WHERE,
        ),
        Field(
            "since",
            N_("Since when"),
            N_("hour: of the last hour; day: of the last day; all"),
            initial="day",
            offers=lambda _case: tuple(_SINCE_S),
        ),
    ),
    read=read_extent,
    removes=True,
)
BAN_AUTHOR = Deed(
    name="ban",
    power=Power.BAN,
    heading=N_("Ban its author"),
    button=N_("Ban"),
    done=N_("The ban is in force."),
    actions=(BANNED,),
    work=ban_author,
    fields=(
        Field("target", N_("Range"), _about_ranges, is_required=False, offers=_ranges),
        *TERMS,
        Field(
            "where",
            lambda case: N_("On /{board}/ only").filled(board=case.board),
            ticked="board",
        ),
        Field(
            "posts",
            N_("And delete what they wrote in the last day, wherever you may"),
            ticked="day",
        ),
        *_said_under_post(stored_words.BANNED_FOR_POST),
    ),
    read=read_ban_of_author,
    shows=False,
)
WARN_AUTHOR = Deed(
    name="warn",
    power=Power.BAN,
    heading=N_("Warn its author"),
    button=N_("Warn"),
    done=N_("Whoever wrote it reads the warning before their next post is taken."),
    actions=(WARNED,),
    work=warn_author,
    fits=lambda case: case.is_author_known,
    fields=(REASON, *_said_under_post(stored_words.WARNED_FOR_POST)),
    read=read_warning,
    shows=False,
)
ADD_NOTE = Deed(
    name="add_note",
    power=Power.READ_REPORTS,
    heading=N_("A note for other staff"),
    button=N_("Write it down"),
    done=N_("The note is written."),
    actions=(Action("add_note", N_("wrote a note on the author of a post")),),
    work=add_note,
    fields=(Field("note", N_("Note"), chars_max=NOTE_CHARS_MAX, is_wide=True),),
    read=read_note,
    shows=False,
)
REMOVE_NOTE = Deed(
    name="remove_note",
    power=Power.READ_REPORTS,
    button=N_("Remove the note"),
    done=N_("The note is gone."),
    actions=(Action("remove_note", N_("removed a note on the author of a post")),),
    work=remove_note,
    read=read_note_id,
    shows=False,
)
OF_POSTERS: tuple[Deed, ...] = (ADD_NOTE, REMOVE_NOTE)
