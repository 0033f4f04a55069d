"""A certificate authority for machines without a network, spoken to by certbot (RFC 8555).

`python3 acme_server.py FOLDER`, on the machine itself, with the packages that certbot brings along.
It believes who asks, but not that a name is theirs: the challenge is fetched from port 80 of the
name, as Let's Encrypt does. Its own certificate is FOLDER/authority.pem.
"""

from __future__ import annotations

import base64
import datetime
import json
import ssl
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PORT = 14000
HERE = f"https://localhost:{PORT}"
DAYS = 90
_USES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
#: As RFC 8555 wants it: base64, 128 bits or more.
TOKEN = "dG9rZW4tb2YtdGhlLXRlc3Rz"


class Authority:
    """Signs for whoever has shown that a name is theirs."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self.certificate = self._sign(self._name, self._key.public_key(), [], is_authority=True)

    def sign(self, request: x509.CertificateSigningRequest) -> str:
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        signed = self._sign(request.subject, request.public_key(), list(names.value))
        return pem(signed) + pem(self.certificate)

    def for_itself(self) -> str:
        """Key and certificate of the server that speaks for it."""
        key = ec.generate_private_key(ec.SECP256R1())
        signed = self._sign(self._name, key.public_key(), [x509.DNSName("localhost")])
        plain = serialization.NoEncryption()
        form = serialization.PrivateFormat.PKCS8
        return key.private_bytes(serialization.Encoding.PEM, form, plain).decode() + pem(signed)

    def _sign(
        self,
        subject: x509.Name,
        key: Any,
        names: list[x509.GeneralName],
        *,
        is_authority: bool = False,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=DAYS))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )
        if is_authority:
            # OpenSSL's strict rules, which Python 3.13 asks for.
            can = dict.fromkeys(_USES, False) | {"key_cert_sign": True, "crl_sign": True}
            builder = builder.add_extension(x509.KeyUsage(**can), critical=True)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
        return builder.sign(self._key, hashes.SHA256())


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


class Door(BaseHTTPRequestHandler):
    """One order after another; each has one name and one challenge."""

    authority: ClassVar[Authority]
    names: ClassVar[list[str]] = []
    thumbprint: ClassVar[str] = ""
    is_proven: ClassVar[bool] = False
    chain: ClassVar[str] = ""

    def do_GET(self) -> None:
        self._answer(
            {
                name: f"{HERE}/{name}"
                for name in ("newNonce", "newAccount", "newOrder", "revokeCert")
            }
        )

    def do_HEAD(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = json.loads(from_base64(sent["payload"]) or b"{}")
        signed = json.loads(from_base64(sent["protected"]))
        {
            "/newAccount": self._account,
            "/newOrder": self._new_order,
            "/order": self._order,
            "/authorization": self._authorization,
            "/challenge": self._challenge,
            "/finalize": self._finalize,
            "/certificate": self._certificate,
        }[self.path](asked, signed)

    def _account(self, asked: Any, signed: Any) -> None:
        Door.thumbprint = thumbprint(signed["jwk"])
        self._answer({"status": "valid"}, status=201, location="account")

    def _new_order(self, asked: Any, signed: Any) -> None:
        Door.names = [each["value"] for each in asked["identifiers"]]
        assert len(Door.names) == 1
        Door.is_proven, Door.chain = False, ""
        self._order(asked, signed, status=201)

    def _order(self, asked: Any, signed: Any, status: int = 200) -> None:
        ready = "ready" if Door.is_proven else "pending"
        order = {
            "status": "valid" if Door.chain else ready,
            "identifiers": [{"type": "dns", "value": name} for name in Door.names],
            "authorizations": [f"{HERE}/authorization"],
            "finalize": f"{HERE}/finalize",
            "certificate": f"{HERE}/certificate",
        }
        self._answer(order, status=status, location="order")

    def _authorization(self, asked: Any, signed: Any) -> None:
        status = "valid" if Door.is_proven else "pending"
        self._answer(
            {
                "status": status,
                "identifier": {"type": "dns", "value": Door.names[0]},
                "challenges": [self._a_challenge()],
            }
        )

    def _challenge(self, asked: Any, signed: Any) -> None:
        place = f"http://{Door.names[0]}/.well-known/acme-challenge/{TOKEN}"
        with urllib.request.urlopen(place, timeout=10) as found:
            Door.is_proven = found.read().decode().strip() == f"{TOKEN}.{Door.thumbprint}"
        self._answer(self._a_challenge())

    def _a_challenge(self) -> dict[str, str]:
        status = "valid" if Door.is_proven else "pending"
        return {"type": "http-01", "token": TOKEN, "status": status, "url": f"{HERE}/challenge"}

    def _finalize(self, asked: Any, signed: Any) -> None:
        request = x509.load_der_x509_csr(from_base64(asked["csr"]))
        Door.chain = self.authority.sign(request)
        self._order(asked, signed)

    def _certificate(self, asked: Any, signed: Any) -> None:
        self._answer(Door.chain)

    def _answer(self, body: Any, *, status: int = 200, location: str = "") -> None:
        sent = body if isinstance(body, str) else json.dumps(body)
        self.send_response(status)
        self.send_header("Replay-Nonce", "bm9uY2U")
        self.send_header("Content-Type", "application/json")
        self.send_header("Link", f'<{HERE}/authorization>;rel="up"')
        if location:
            self.send_header("Location", f"{HERE}/{location}")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(sent.encode())


def thumbprint(key: dict[str, str]) -> str:
    """RFC 7638."""
    needed = {name: key[name] for name in sorted(key) if name in ("crv", "e", "kty", "n", "x", "y")}
    digest = hashes.Hash(hashes.SHA256())
    digest.update(json.dumps(needed, separators=(",", ":")).encode())
    return base64.urlsafe_b64encode(digest.finalize()).decode().rstrip("=")


def from_base64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def main() -> None:
    folder = Path(sys.argv[1])
    Door.authority = Authority()
    (folder / "itself.pem").write_text(Door.authority.for_itself())
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Door)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "itself.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    # Last: whoever sees it can ask.
    (folder / "authority.pem").write_text(pem(Door.authority.certificate))
    server.serve_forever()


if __name__ == "__main__":
    main()
