"""What staff do to their own accounts, a row each."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import NamedTuple

from imageboard import passwords
from imageboard.cloaks import Cloak
from imageboard.errors import BadField, CodeWrong, RuleBroken
from imageboard.moderation import Action
from imageboard.store import passkeys, second_factors, staff
from imageboard.store.database import Connection
from imageboard.store.deeds import Deed, Done, Field, Order
from imageboard.store.passkeys import NewPasskey
from imageboard.words import N_


def end_session(db: Connection, order: Order) -> None:
    staff.end_session_of(db, order.visitor.name, order.asked)


def end_others(db: Connection, order: Order) -> None:
    staff.end_sessions(db, order.visitor.name, keep=order.visitor.session)


def change_password(db: Connection, order: Order) -> Done:
    """All sessions but the one that asks are over."""
    staff.change_hash(db, order.visitor.name, order.asked, keep=order.visitor.session)
    return Done()


def begin_app(db: Connection, order: Order) -> None:
    """Nothing to log: it counts from its first code on."""
    if not second_factors.begin(db, order.visitor.name, order.asked.cloak):
        raise RuleBroken(N_("There is an app already: remove that one first."))


def confirm_app(db: Connection, order: Order) -> Done:
    """An app has shown that it knows the secret; from now on log-ins ask for its codes."""
    name, asked = order.visitor.name, order.asked
    typed, cloak = asked.typed, asked.cloak
    if not second_factors.use_code(db, name, typed, cloak, time.time(), is_first=True):
        raise CodeWrong
    second_factors.keep_recovery_codes(db, name, asked.recovery_codes)
    # Whoever came in by the password alone is asked for more.
    staff.end_sessions(db, name, keep=order.visitor.session)
    return Done()


def remove_app(db: Connection, order: Order) -> Done | None:
    return Done() if second_factors.remove(db, order.visitor.name) else None


def make_recovery_codes(db: Connection, order: Order) -> Done:
    second_factors.keep_recovery_codes(db, order.visitor.name, order.asked.recovery_codes)
    return Done()


def add_passkey(db: Connection, order: Order) -> Done:
    """The first factor of an account comes with recovery codes."""
    name, made = order.visitor.name, order.asked
    passkeys.add(db, name, made.name, made.passkey)
    if made.recovery_codes:
        second_factors.keep_recovery_codes(db, name, made.recovery_codes)
        staff.end_sessions(db, name, keep=order.visitor.session)
    return Done()


def rename_passkey(db: Connection, order: Order) -> None:
    passkeys.rename(db, order.visitor.name, *order.asked)


def remove_passkey(db: Connection, order: Order) -> Done | None:
    return Done() if passkeys.remove(db, order.visitor.name, order.asked[0]) else None


class MadePasskey(NamedTuple):
    """One that a browser has made and that was looked at."""

    name: str
    passkey: NewPasskey
    #: Of an account that had no second factor yet; its page shows them once.
    recovery_codes: tuple[str, ...]


class Code(NamedTuple):
    """What a form says of a second factor, and what is needed to look at it."""

    typed: str
    cloak: Cloak
    #: New ones, which their page shows once.
    recovery_codes: tuple[str, ...] = ()


def read_code(typed: Mapping[str, str], cloak: Cloak, _board: str | None) -> Code:
    return Code(typed.get("code", ""), cloak, second_factors.new_recovery_codes())


def read_no_code(_typed: Mapping[str, str], cloak: Cloak, _board: str | None) -> Code:
    return Code("", cloak)


def read_passkey_name(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> str:
    """What else the form has is the browser's, and looked at before."""
    return passkeys.read_name(typed.get("name", ""))


def read_passkey(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> tuple[int, str]:
    """Its number and what is typed as its name."""
    text = typed.get("no", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadField(N_("Which passkey?"), field="no")
    return int(text), typed.get("name", "")


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
BEGIN_APP = Deed(
    name="begin_app",
    power=None,
    button=N_("Set up an app"),
    done=N_("Let the app look at the picture, then type the code that it shows."),
    actions=(),
    work=begin_app,
    read=read_no_code,
    shows=False,
    is_dangerous=True,
)
CONFIRM_APP = Deed(
    name="confirm_app",
    power=None,
    heading=N_("Let an app look at this"),
    button=N_("That is the code"),
    done=N_("From now on a log-in asks for a code of the app."),
    actions=(Action("add_app", N_("set up an app as their second factor")),),
    work=confirm_app,
    fields=(Field("code", N_("The code that it shows"), chars_max=20),),
    read=read_code,
    shows=False,
    is_dangerous=True,
)
REMOVE_APP = Deed(
    name="remove_app",
    power=None,
    button=N_("Remove the app"),
    done=N_("Log-ins no longer ask for a code of an app."),
    actions=(Action("remove_app", N_("removed the app that was their second factor")),),
    work=remove_app,
    shows=False,
    is_dangerous=True,
)
RECOVERY_CODES = Deed(
    name="recovery_codes",
    power=None,
    button=N_("Make new recovery codes"),
    done=N_("These are your new recovery codes."),
    actions=(Action("make_recovery_codes", N_("made new recovery codes")),),
    work=make_recovery_codes,
    read=read_code,
    shows=False,
    is_dangerous=True,
)
ADD_PASSKEY = Deed(
    name="add_passkey",
    power=None,
    button=N_("Make a passkey"),
    done=N_("The passkey is there: log in with it."),
    actions=(Action("add_passkey", N_("made a passkey")),),
    # It is handed a MadePasskey: what the browser made has to be looked at first.
    work=add_passkey,
    read=read_passkey_name,
    shows=False,
    is_dangerous=True,
)
RENAME_PASSKEY = Deed(
    name="rename_passkey",
    power=None,
    button=N_("Rename it"),
    done=N_("The passkey has another name."),
    actions=(),
    work=rename_passkey,
    read=read_passkey,
    shows=False,
)
REMOVE_PASSKEY = Deed(
    name="remove_passkey",
    power=None,
    button=N_("Remove it"),
    done=N_("The passkey opens nothing any more."),
    actions=(Action("remove_passkey", N_("removed a passkey")),),
    work=remove_passkey,
    read=read_passkey,
    shows=False,
    is_dangerous=True,
)
OF_ACCOUNT: tuple[Deed, ...] = (
    END_SESSION,
    END_OTHERS,
    CHANGE_PASSWORD,
    BEGIN_APP,
    CONFIRM_APP,
    REMOVE_APP,
    RECOVERY_CODES,
    ADD_PASSKEY,
    RENAME_PASSKEY,
    REMOVE_PASSKEY,
)
#: What a log-in leaves in the log, which is no deed.
USED_RECOVERY_CODE = Action("use_recovery_code", N_("logged in with a recovery code"))
