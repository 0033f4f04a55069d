"""What one machine decides about TLS; what is not decided here is Mozilla's advice.

Protocols, ciphers, curves and the age of HSTS are those of Mozilla's guideline 6.0 for servers,
"intermediate": every browser of the last ten years.
https://ssl-config.mozilla.org/guidelines/6.0.json (read 2026-11-24). Two things differ from it.
OCSP stapling is off: Let's Encrypt closed its OCSP service on 2025-08-06, and a certificate that
names no responder has nothing to staple
(https://letsencrypt.org/2025/08/06/ocsp-service-has-reached-end-of-life.html). And without DHE
ciphers there is no need for DH parameters.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from nginx.checks import Check, bracketed, check_bool, check_host, check_number, check_path, or_else

PROTOCOLS = ("TLSv1.2", "TLSv1.3")
#: Of TLS 1.2; each has forward secrecy and authenticates what it encrypts. TLS 1.3 has its own.
CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
)
CURVES = ("X25519", "prime256v1", "secp384r1")
#: In front of the others where OpenSSL knows it (nginx.binary).
MLKEM_CURVE = "X25519MLKEM768"
#: Two years.
HSTS_S = 63_072_000


@dataclass(frozen=True)
class Tls:
    """The certificate, and what goes with it. Needs nginx 1.25.1 or newer, for `http2 on`.

    Raises:
        WrongSite: a value would break the configuration, or smuggle a directive into it.
    """

    certificate: Path
    """The certificate and those between it and the root, in that order: certbot's fullchain.pem."""

    key: Path
    listen_host: str = "127.0.0.1"
    listen_port: int = 8443
    """Where TLS is spoken. NginxSite's own port leads there, and answers ACME challenges."""

    acme_root: Path | None = None
    """certbot's --webroot-path; its challenges are in `.well-known/acme-challenge` below it."""

    public_port: int = 443
    """The port that readers use, which may be another than the one nginx listens on."""

    hsts_s: int = HSTS_S
    """For so long browsers will refuse to come without TLS; 0 promises nothing."""

    hsts_subdomains: bool = True
    hsts_preload: bool = False
    """To be put into browsers' own lists, which is hard to undo: hstspreload.org."""

    ocsp_resolver: str | None = None
    """The name server that finds the certificate's OCSP responder; None staples nothing."""

    def __post_init__(self) -> None:
        """Check every value, since each is pasted into the configuration as it is."""
        for field in fields(self):
            _CHECKS[field.name](f"tls.{field.name}", getattr(self, field.name))

    @property
    def listen(self) -> str:
        """'127.0.0.1:8443', '[::1]:8443'."""
        return f"{bracketed(self.listen_host)}:{self.listen_port}"

    @property
    def hsts(self) -> str:
        """'max-age=63072000; includeSubDomains', or '' for no promise."""
        words = [
            f"max-age={self.hsts_s}",
            "includeSubDomains" if self.hsts_subdomains else "",
            "preload" if self.hsts_preload else "",
        ]
        return "; ".join(filter(None, words)) if self.hsts_s else ""

    @property
    def port_in_addresses(self) -> str:
        """':8443', or '' for the port that goes without saying."""
        return "" if self.public_port == 443 else f":{self.public_port}"


_CHECKS: dict[str, Check] = {
    "certificate": check_path,
    "key": check_path,
    "listen_host": check_host,
    "listen_port": check_number(1, 65535),
    "acme_root": or_else(None, check_path),
    "public_port": check_number(1, 65535),
    "hsts_s": check_number(0, 10 * 31_536_000),
    "hsts_subdomains": check_bool,
    "hsts_preload": check_bool,
    "ocsp_resolver": or_else(None, check_host),
}
