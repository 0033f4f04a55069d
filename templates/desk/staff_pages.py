"""Pages of people: one's own account, who is of the staff, and roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from imageboard import totp
from imageboard.staff_roles import Grant, MadeRole, Power, Role, Visitor, title_of
from imageboard.store import account_deeds, staff_deeds
from imageboard.store.invitations import Invitation
from imageboard.store.passkeys import NAME_CHARS_MAX
from imageboard.store.second_factors import Factors
from imageboard.store.staff import Account, ListedSession
from imageboard.words import Message
from templates.desk import urls
from templates.desk.forms import Refusal, button, deed_form, done_sentence
from templates.desk.frame import as_json, render


class _Person(NamedTuple):
    """One of the staff, as another sees them."""

    account: Account
    title: Message
    #: Whoever looks may suspend them.
    is_below: bool


class _SecretOfApp(NamedTuple):
    """What an app is shown, or told, once."""

    picture: Markup
    uri: str
    spelled: str


def account_page(
    visitor: Visitor,
    sessions: Sequence[ListedSession],
    factors: Factors,
    *,
    site: str,
    passkey: Mapping[str, Any],
    secret: bytes | None = None,
    codes: tuple[str, ...] = (),
    done: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    """One's own sessions, password and second factor; `done` names the button that led here.

    `secret` waits for an app, `codes` are new: this page alone shows them.
    """
    return render(
        "account",
        visitor,
        account_url=urls.ACCOUNT_URL,
        proof_url=urls.proof_url(urls.ACCOUNT_URL),
        sessions=sessions,
        end=button(account_deeds.END_SESSION),
        end_others=button(account_deeds.END_OTHERS),
        change_password=deed_form(account_deeds.CHANGE_PASSWORD, None, None),
        factors=factors,
        passkey=as_json(passkey),
        add_passkey=button(account_deeds.ADD_PASSKEY),
        rename_passkey=button(account_deeds.RENAME_PASSKEY),
        remove_passkey=button(account_deeds.REMOVE_PASSKEY),
        passkey_chars_max=NAME_CHARS_MAX,
        secret=secret and _shown_to_app(secret, visitor.name, site),
        codes=codes,
        begin_app=button(account_deeds.BEGIN_APP),
        confirm_app=deed_form(account_deeds.CONFIRM_APP, None, None),
        remove_app=button(account_deeds.REMOVE_APP),
        recovery_codes=button(account_deeds.RECOVERY_CODES),
        done=done_sentence(account_deeds.OF_ACCOUNT, done),
        sentence=refusal and refusal.sentence,
    )


def staff_page(
    visitor: Visitor,
    *,
    accounts: Sequence[Account],
    invitations: Sequence[Invitation],
    made_roles: Sequence[MadeRole],
    boards: Sequence[str],
    done: str | None = None,
    refusal: Refusal | None = None,
    link: str | None = None,
) -> str:
    """Who is of the staff, as what, and who is invited; `link` is of a new invitation.

    Forms offer the roles that the visitor may give somewhere, and the boards that there are.
    """
    places = [None, *boards]
    roles = [
        str(role)
        for role in (*Role, *made_roles)
        if any(visitor.may_grant(Grant(role, place)) for place in places)
    ]
    offers = {"role": roles, "board": boards}
    names = {"account": [account.name for account in accounts]}
    return render(
        "staff",
        visitor,
        staff_url=urls.STAFF_URL,
        proof_url=urls.proof_url(urls.STAFF_URL),
        people=[
            _Person(account, title_of(account.grants), visitor.is_over(account.grants))
            for account in accounts
        ],
        invited=[(each, visitor.may_grant(each.grant)) for each in invitations],
        invite=deed_form(staff_deeds.INVITE, None, refusal, offers),
        appoint=deed_form(staff_deeds.APPOINT, None, refusal, offers | names),
        suspend=button(staff_deeds.SUSPEND),
        let_in=button(staff_deeds.LET_IN),
        reset_factor=button(staff_deeds.RESET_FACTOR),
        take_back=button(staff_deeds.TAKE_BACK),
        done=done_sentence(staff_deeds.OF_STAFF, done),
        sentence=refusal and refusal.sentence,
        link=link,
    )


def roles_page(
    visitor: Visitor,
    made_roles: Sequence[MadeRole],
    *,
    done: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    """The roles, with what each may, and a form to make one."""
    return render(
        "roles",
        visitor,
        roles_url=urls.ROLES_URL,
        proof_url=urls.proof_url(urls.ROLES_URL),
        roles=[
            (role, [power.words for power in Power if role.has(power)], role in made_roles)
            for role in (*Role, *made_roles)
        ],
        make=deed_form(staff_deeds.MAKE_ROLE, None, refusal),
        remove=button(staff_deeds.REMOVE_ROLE),
        done=done_sentence(staff_deeds.OF_ROLES, done),
        sentence=refusal and refusal.sentence,
    )


def _shown_to_app(secret: bytes, name: str, site: str) -> _SecretOfApp:
    # Imported here: it is half a megabyte, and this is the one page that draws a code.
    import segno

    uri = totp.uri(secret, name, site)
    # Black on white, whatever the page's colours: cameras need it so.
    picture = segno.make_qr(uri, error="m").svg_inline(scale=5, border=4, light="#fff")
    return _SecretOfApp(Markup(picture), uri, totp.spelled(secret))  # noqa: S704 - of our own
