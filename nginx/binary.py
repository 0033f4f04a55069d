"""What an nginx binary was built with: two of the same version can differ in it."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

#: X25519MLKEM768 came with this OpenSSL; an older one refuses a list that names it.
_OPENSSL_WITH_MLKEM = (3, 5)
#: keepalive_min_timeout came with this nginx.
_NGINX_WITH_KEEPALIVE_MIN = (1, 27, 4)
_NGINX = re.compile(r"nginx/(\d+)\.(\d+)\.(\d+)")
_OPENSSL = re.compile(r"(?:running|built) with OpenSSL (\d+)\.(\d+)")


@dataclass(frozen=True)
class Abilities:
    """What `nginx -V` tells of a binary; the defaults hold for nginx.org's and Debian's."""

    http3: bool = False
    stub_status: bool = True
    mlkem: bool = False
    """The key exchange that a quantum computer cannot undo later."""
    keepalive_min: bool = False
    """A connection that was just used can be kept though its worker is to end."""


#: Of a binary that was not asked.
USUAL = Abilities()


def abilities_of(binary: Path) -> Abilities:
    """Ask `binary` itself.

    Raises:
        OSError: it can't be run.
        subprocess.CalledProcessError: it is no nginx.
    """
    told = subprocess.run([binary, "-V"], check=True, capture_output=True, text=True).stderr
    return abilities_in(told)


def abilities_in(told: str) -> Abilities:
    """The abilities in what `nginx -V` said."""
    # "built with OpenSSL 3.3.7 7 Apr 2026 (running with OpenSSL 3.5.0 ...)": the last one counts.
    versions = _OPENSSL.findall(told)
    openssl = tuple(map(int, versions[-1])) if versions else (0, 0)
    found = _NGINX.search(told)
    version = tuple(map(int, found.groups())) if found else (0, 0, 0)
    return Abilities(
        http3="--with-http_v3_module" in told,
        stub_status="--with-http_stub_status_module" in told,
        mlkem=openssl >= _OPENSSL_WITH_MLKEM,
        keepalive_min=version >= _NGINX_WITH_KEEPALIVE_MIN,
    )
