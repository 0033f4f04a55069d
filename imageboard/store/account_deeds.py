"""What staff do to their own accounts, a row each."""

from __future__ import annotations

from collections.abc import Mapping

from imageboard import passwords
from imageboard.cloaks import Cloak
from imageboard.errors import BadField
from imageboard.moderation import Action
from imageboard.store import staff
from imageboard.store.database import Connection
from imageboard.store.deeds import Deed, Done, Field, Order
from imageboard.words import N_


def end_session(db: Connection, order: Order) -> None:
    staff.end_session_of(db, order.visitor.name, order.asked)


def end_others(db: Connection, order: Order) -> None:
    staff.end_sessions(db, order.visitor.name, keep=order.visitor.session)


def change_password(db: Connection, order: Order) -> Done:
    """All sessions but the one that asks are over."""
    staff.change_hash(db, order.visitor.name, order.asked, keep=order.visitor.session)
    return Done()


def read_session(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> int:
    text = typed.get("session", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadField(N_("Which session?"), field="session")
    return int(text)


def read_new_password(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> str:
    """Raises WeakPassword."""
    password = typed.get("password", "")
    if password != typed.get("again", ""):
        raise BadField(N_("The two differ: type the password twice."), field="again")
    passwords.check(password)
    return password


END_SESSION = Deed(
    name="end_session",
    power=None,
    button=N_("End it"),
    done=N_("The session is over."),
    actions=(),
    work=end_session,
    read=read_session,
    shows=False,
)
END_OTHERS = Deed(
    name="end_others",
    power=None,
    button=N_("End all others"),
    done=N_("Your other sessions are over."),
    actions=(),
    work=end_others,
    shows=False,
)
CHANGE_PASSWORD = Deed(
    name="change_password",
    power=None,
    heading=N_("Another password"),
    button=N_("Change the password"),
    done=N_("You have another password, and your other sessions are over."),
    actions=(Action("change_password", N_("changed their own password")),),
    #: It is handed the new one's hash, which takes a process of its own to make.
    work=change_password,
    fields=(
        Field("password", N_("New password"), is_wide=True, kept_as="new-password"),
        Field("again", N_("Once more"), is_wide=True, kept_as="new-password"),
    ),
    read=read_new_password,
    shows=False,
    is_dangerous=True,
)
OF_ACCOUNT: tuple[Deed, ...] = (END_SESSION, END_OTHERS, CHANGE_PASSWORD)
