"""Pages on the way into the desk: up to what waits for whoever came in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imageboard.staff_roles import Visitor
from imageboard.store.invitations import Invitation
from imageboard.words import Language, Message
from templates.desk import urls
from templates.desk.frame import as_json, render


def login_page(
    *,
    form_token: str,
    passkey: Mapping[str, Any],
    name: str = "",
    sentence: Message | None = None,
    language: Language,
) -> str:
    """`passkey`: what a browser is asked to sign, in base64url, as everywhere below.

    `sentence` says why the last try failed; `name` is what was typed then."""
    return render(
        "login",
        None,
        language=language,
        login_url=urls.LOGIN_URL,
        passkey_url=urls.PASSKEY_URL,
        passkey=as_json(passkey),
        form_token=form_token,
        name=name,
        sentence=sentence,
    )


def second_step_page(
    *,
    form_token: str,
    passkey: Mapping[str, Any],
    sentence: Message | None = None,
    language: Language,
) -> str:
    """After the password: asks for a code."""
    return render(
        "second_step",
        None,
        language=language,
        second_step_url=urls.SECOND_STEP_URL,
        passkey_url=urls.PASSKEY_URL,
        passkey=as_json(passkey),
        form_token=form_token,
        sentence=sentence,
    )


def proof_page(
    visitor: Visitor,
    *,
    back: str,
    passkey: Mapping[str, Any],
    sentence: Message | None = None,
) -> str:
    """Asks for the password once more; `sentence` says why."""
    return render(
        "proof",
        visitor,
        proof_url=urls.PROOF_URL,
        back=urls.back_url(back),
        passkey=as_json(passkey),
        sentence=sentence,
    )


def invited_page(
    invitation: Invitation,
    *,
    code: str,
    form_token: str,
    sentence: Message | None = None,
    language: Language,
) -> str:
    """Where the link of an invitation leads: asks for a password."""
    return render(
        "invited",
        None,
        language=language,
        invited_url=urls.INVITED_URL,
        name=invitation.name,
        title=invitation.grant.title,
        code=code,
        form_token=form_token,
        sentence=sentence,
    )


def home_page(
    visitor: Visitor, *, reported_posts: int, appeals: int = 0, held_posts: int = 0
) -> str:
    """Where a log-in leads: what waits for this visitor."""
    return render(
        "home",
        visitor,
        reported_posts=reported_posts,
        appeals=appeals,
        appeals_url=urls.APPEALS_URL,
        held_posts=held_posts,
        held_url=urls.HELD_URL,
        find_url=urls.FIND_URL,
    )


def refused_page(*, sentence: Message, status: int, language: Language) -> str:
    """Something that can't be mended by typing it again."""
    return render("refused", None, language=language, sentence=sentence, status=status)
