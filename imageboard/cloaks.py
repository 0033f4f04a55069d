"""Posters' addresses and passwords, secrets of staff: kept so that the database betrays none.

An address is kept twice: as a keyed hash, by which two posts of one address are told to be so,
and sealed (AES-GCM) so that staff can ban a range; each until it expires. Without the key neither
can be turned back into an address.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from imageboard.settings import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NONCE_BYTES = 12
#: A subscriber is given a /64 of IPv6 at least: one /64 is one poster.
_IPV6_POSTER_PREFIX = 64
#: Networks that have an IPv4 address after their prefix: as sockets write it, as translators do
#: (the well-known prefix of RFC 6052; one of the operator's own says nothing by itself), and 6to4.
_HOLDS_IPV4 = tuple(map(ipaddress.IPv6Network, ("::ffff:0:0/96", "64:ff9b::/96", "2002::/16")))


def parse_address(text: str) -> Address:
    """'192.0.2.1' or '2001:db8::1'; an IPv4 address inside IPv6 is the IPv4 one.

    Raises ValueError.
    """
    address = ipaddress.ip_address(text)
    return address if address.version == 4 else parse_network(text).network_address


def parse_network(text: str) -> Network:
    """'192.0.2.7/24' is 192.0.2.0/24, and '2002:c000:200::/40' is that too.

    Whose it is, where that is told: also in nginx/templates/client.conf.jinja. A translator in
    front of a server that has IPv6 alone writes all of IPv4 into one /64, where one ban would hit
    everybody. And 6to4 gives whoever has an IPv4 address a /48 besides.

    Raises ValueError.
    """
    network = ipaddress.ip_network(text, strict=False)
    if isinstance(network, ipaddress.IPv6Network):
        for outer in _HOLDS_IPV4:
            if network.subnet_of(outer):
                bits = int(network.network_address) >> (96 - outer.prefixlen) & 0xFFFFFFFF
                return ipaddress.IPv4Network((bits, min(32, network.prefixlen - outer.prefixlen)))
    return network


def poster_of(address: Address) -> str:
    """What one poster has in common: the address, or the /64 of an IPv6 one."""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_POSTER_PREFIX), strict=False))
    return str(address)


class Cloak:
    """Hashes and seals with keys derived from one secret of at least 32 bytes.

    What was hashed or sealed with `former` secrets is known again; nothing is made with them.
    """

    def __init__(self, secret: bytes, former: Sequence[bytes] = ()) -> None:
        self._all = (self, *(Cloak(each) for each in former))
        self._address_key = derived_key(secret, b"address")
        self._count_key = derived_key(secret, b"count")
        self._password_key = derived_key(secret, b"password")
        self._seal = AESGCM(derived_key(secret, b"seal"))
        self._seal_of_secrets = AESGCM(derived_key(secret, b"second factor"))
        self._seal_of_boards = AESGCM(derived_key(secret, b"old board"))
        self._seal_of_push = AESGCM(derived_key(secret, b"push subscription"))

    def hash_address(self, address: Address) -> bytes:
        """16 bytes, the same for one poster."""
        return hmac.digest(self._address_key, poster_of(address).encode(), "sha256")[:16]

    def former_hashes(self, address: Address) -> list[bytes]:
        """What `hash_address` made of it with former secrets."""
        return [cloak.hash_address(address) for cloak in self._all[1:]]

    def hash_name(self, name: str) -> bytes:
        """16 bytes that stand for a network, or what else is counted without being told."""
        return hmac.digest(self._count_key, name.encode(), "sha256")[:16]

    def hash_password(self, password: str) -> bytes:
        """32 bytes. Keyed, not slow: it guards one post for its poster, who rarely reuses it."""
        return hmac.digest(self._password_key, password.encode(), "sha256")

    def password_matches(self, password: str, password_hash: bytes | None) -> bool:
        if not password or password_hash is None:
            return False
        return any(
            hmac.compare_digest(cloak.hash_password(password), password_hash) for cloak in self._all
        )

    def seal_address(self, address: Address) -> bytes:
        """At most 44 bytes that only `open_address` can read."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._seal.encrypt(nonce, address.packed, None)

    def open_address(self, sealed: bytes) -> Address | None:
        """The address; None when it was sealed with another key."""
        packed = _opened((cloak._seal for cloak in self._all), sealed)
        return None if packed is None else ipaddress.ip_address(packed)

    def seal_secret(self, secret: bytes, whose: str) -> bytes:
        """What an account of the staff must be able to have back; for that account alone."""
        return _sealed(self._seal_of_secrets, secret, whose)

    def open_secret(self, sealed: bytes, whose: str) -> bytes | None:
        """The secret; None when it was sealed with another key, or for somebody else."""
        return _opened((cloak._seal_of_secrets for cloak in self._all), sealed, whose)

    def seal_for_board(self, secrets_of_engine: bytes, board: str) -> bytes:
        """What the engine that a board came from hashed with; for that board alone."""
        return _sealed(self._seal_of_boards, secrets_of_engine, board)

    def open_for_board(self, sealed: bytes, board: str) -> bytes | None:
        """The same; None when it was sealed with another key, or for another board."""
        return _opened((cloak._seal_of_boards for cloak in self._all), sealed, board)

    def seal_for_push(self, subscription: bytes, key: bytes) -> bytes:
        """Where word of replies goes; for the row of that key alone."""
        return _sealed(self._seal_of_push, subscription, key.hex())

    def open_for_push(self, sealed: bytes, key: bytes) -> bytes | None:
        """The same; None when it was sealed with another key, or for another row."""
        return _opened((cloak._seal_of_push for cloak in self._all), sealed, key.hex())


def _sealed(seal: AESGCM, secret: bytes, whose: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + seal.encrypt(nonce, secret, whose.encode())


def _opened(seals: Iterable[AESGCM], sealed: bytes, whose: str = "") -> bytes | None:
    nonce, encrypted = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    for seal in seals:
        with suppress(InvalidTag):
            return seal.decrypt(nonce, encrypted, whose.encode())
    return None


def derived_key(secret: bytes, purpose: bytes) -> bytes:
    """A key for this purpose alone, 32 bytes."""
    return hmac.digest(secret, b"stillboard/" + purpose, hashlib.sha256)
