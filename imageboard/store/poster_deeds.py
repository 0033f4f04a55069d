"""What staff do on the page of a post's author, a row each. See imageboard.store.deeds."""

from __future__ import annotations

from collections.abc import Mapping

from imageboard import plain_text
from imageboard.cloaks import Cloak
from imageboard.errors import BadField, RuleBroken
from imageboard.moderation import Action
from imageboard.staff_roles import Power
from imageboard.store import notes, posts
from imageboard.store.database import Connection
from imageboard.store.deeds import Deed, Done, Field, Order
from imageboard.store.notes import NOTE_CHARS_MAX, NOTES_MAX
from imageboard.words import N_


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
