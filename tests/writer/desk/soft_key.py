"""A passkey in software: makes and signs as a browser and its key do."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

PRESENT = AuthenticatorData.FLAG.UP
VERIFIED = PRESENT | AuthenticatorData.FLAG.UV


@dataclass
class SoftKey:
    """On a site of `origin`; its holder has shown a finger unless the flags say otherwise."""

    origin: str = "http://falconframework.org"
    host: str = "falconframework.org"
    flags: AuthenticatorData.FLAG = VERIFIED
    #: How often it has signed; None: it does not count.
    count: int | None = 0
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def made(self, asked: dict[str, Any]) -> str:
        """What a browser sends for a page's `data-passkey`."""
        public = ES256.from_cryptography_key(self.private.public_key())
        credential = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        flags = self.flags | AuthenticatorData.FLAG.AT
        data = AuthenticatorData.create(sha256(self.host.encode()), flags, 0, credential)
        attested = AttestationObject.create("none", data, {})
        client_data = self._client_data(CollectedClientData.TYPE.CREATE, asked)
        return self._told(clientDataJSON=client_data, attestationObject=attested)

    def signed(self, asked: dict[str, Any]) -> str:
        if self.count is not None:
            self.count += 1
        data = AuthenticatorData.create(sha256(self.host.encode()), self.flags, self.count or 0)
        client_data = self._client_data(CollectedClientData.TYPE.GET, asked)
        signature = self.private.sign(data + client_data.hash, ec.ECDSA(SHA256()))
        return self._told(clientDataJSON=client_data, authenticatorData=data, signature=signature)

    def copy(self, **changed: Any) -> SoftKey:
        return replace(self, **changed)

    def _client_data(self, kind: str, asked: dict[str, Any]) -> CollectedClientData:
        return CollectedClientData.create(kind, asked["publicKey"]["challenge"], self.origin)

    def _told(self, **response: bytes) -> str:
        return json.dumps(
            {
                "id": websafe_encode(self.id),
                "rawId": websafe_encode(self.id),
                "type": "public-key",
                "response": {name: websafe_encode(value) for name, value in response.items()},
                "clientExtensionResults": {},
            }
        )
