"""Passkeys: what a browser is asked to sign, and whether it did (WebAuthn).

https://www.w3.org/TR/webauthn-3/ (read 2026-11-29), by Yubico's python-fido2. A key asks its holder
for a finger or a number before it signs, so it is two factors by itself. Who made it is not asked.

What is to be signed is kept nowhere before it is: it is signed by us, for one page of one browser,
and each is good once.
"""

from __future__ import annotations

import hmac
import json
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any

import falcon
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from imageboard.cloaks import Cloak
from imageboard.errors import PasskeyRefused
from imageboard.store import passkeys, spent_answers
from imageboard.store.database import Connection
from imageboard.store.passkeys import NewPasskey
from writer.clients import SCHEME_HEADER

#: Whoever has to look for their phone has time to.
CHALLENGE_KEPT_S = 10 * 60
#: What a browser sends; they are some hundreds of characters long.
ANSWER_CHARS_MAX = 16_384

_NONCE_BYTES = 16
_EXPIRES_BYTES = 5
_SIGNATURE_BYTES = 16


class Passkeys:
    """Asks and checks. `page` in each: the token of the forms of the page that asks."""

    def __init__(
        self, key: bytes, cloak: Cloak, site: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._key = key
        self._cloak = cloak
        self._site = site
        self._clock = clock

    def to_make(
        self, req: falcon.Request, page: str, staff: str, ids: Sequence[bytes]
    ) -> dict[str, Any]:
        """What a browser is asked to make a key by; not where it has one of `ids` already."""
        options, _state = self._server(req).register_begin(
            PublicKeyCredentialUserEntity(
                # The same for each key of an account, and not its name: keys show it to others.
                id=self._cloak.hash_name(f"passkeys of {staff}"),
                name=staff,
                display_name=staff,
            ),
            [
                PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=each)
                for each in ids
            ],
            resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
            challenge=self._challenge("make", page),
        )
        return dict(options)

    def to_sign(self, req: falcon.Request, page: str) -> dict[str, Any]:
        """What a browser is asked to sign, with whichever key of this site it has."""
        options, _state = self._server(req).authenticate_begin(
            user_verification=UserVerificationRequirement.REQUIRED,
            challenge=self._challenge("sign", page),
        )
        return dict(options)

    def made(self, db: Connection, req: falcon.Request, page: str, answer: str) -> NewPasskey:
        """Raises PasskeyRefused."""
        try:
            response = RegistrationResponse.from_dict(_read(answer))
            challenge = response.response.client_data.challenge
            self._spend(db, "make", page, challenge)
            made = self._server(req).register_complete(_state(challenge), response)
        except _FAULTS as ex:
            raise PasskeyRefused from ex
        credential = made.credential_data
        assert credential is not None, "register_complete has looked"
        return NewPasskey(credential.credential_id, bytes(credential), made.counter)

    def signed(self, db: Connection, req: falcon.Request, page: str, answer: str) -> str:
        """Whose key it was; it has signed once more, and this answer is used up.

        Raises PasskeyRefused.
        """
        try:
            response = AuthenticationResponse.from_dict(_read(answer))
            found = passkeys.find(db, response.raw_id)
            if found is None:
                raise PasskeyRefused
            staff, credential = found
            challenge = response.response.client_data.challenge
            self._server(req).authenticate_complete(
                _state(challenge), [AttestedCredentialData(credential)], response
            )
            self._spend(db, "sign", page, challenge)
        except _FAULTS as ex:
            raise PasskeyRefused from ex
        if not passkeys.use(db, response.raw_id, response.response.authenticator_data.counter):
            raise PasskeyRefused
        return staff

    def _server(self, req: falcon.Request) -> Fido2Server:
        """SECURITY: keys are asked for by the very origin that the browser has called."""
        origin = f"{req.get_header(SCHEME_HEADER) or req.scheme}://{req.get_header('Host')}"
        return Fido2Server(
            PublicKeyCredentialRpEntity(id=req.host, name=self._site),
            verify_origin=lambda claimed: claimed == origin,
        )

    def _challenge(self, purpose: str, page: str) -> bytes:
        expires_s = int(self._clock()) + CHALLENGE_KEPT_S
        begun = secrets.token_bytes(_NONCE_BYTES) + expires_s.to_bytes(_EXPIRES_BYTES, "big")
        return begun + self._signature(begun, purpose, page)

    def _spend(self, db: Connection, purpose: str, page: str, challenge: bytes) -> None:
        """Raises ValueError: it is none of ours for this page, too old, or was used before."""
        begun, signature = challenge[:-_SIGNATURE_BYTES], challenge[-_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(begun, purpose, page)):
            raise ValueError("not ours")
        expires_s = int.from_bytes(begun[_NONCE_BYTES:], "big")
        if expires_s <= self._clock():
            raise ValueError("too old")
        if not spent_answers.spend(db, websafe_encode(challenge), expires_s):
            raise ValueError("used before")

    def _signature(self, begun: bytes, purpose: str, page: str) -> bytes:
        signed = b"\0".join((b"passkey", purpose.encode(), page.encode(), begun))
        return hmac.digest(self._key, signed, "sha256")[:_SIGNATURE_BYTES]


#: What the library and a made-up answer raise; it tells them apart by words alone.
_FAULTS = (ValueError, KeyError, TypeError, AttributeError, RecursionError, NotImplementedError)


def _read(answer: str) -> dict[str, Any]:
    """Raises ValueError."""
    if len(answer) > ANSWER_CHARS_MAX:
        raise ValueError("too long")
    read = json.loads(answer)
    if not isinstance(read, dict):
        raise TypeError("no object")
    return read


def _state(challenge: bytes) -> dict[str, Any]:
    """As the library keeps it; that the challenge is ours `_spend` has seen, or will."""
    return {
        "challenge": websafe_encode(challenge),
        "user_verification": UserVerificationRequirement.REQUIRED,
    }
