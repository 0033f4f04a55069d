"""Names with a secret: 'tantalum#tea' is shown as 'tantalum !WokonZwxw2', on every board alike.

Both kinds are vichan's (inc/functions.php, generate_tripcode, read 2026-11-24), so that people
keep their tripcodes when a board moves here: the classic '#' needs nothing, the secure '##'
needs the old board's `secure_trip_salt` as the secret.

They are signatures for fun, not authentication: DES looks at seven bits of the first eight bytes.
"""

from __future__ import annotations

import ctypes
import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha1
from typing import NamedTuple

from passlib.hash import bsdi_crypt, des_crypt


class Signature(NamedTuple):
    """Who signs a post: the name as shown ('' when none was given) and the tripcode."""

    name: str
    tripcode: str | None


# The name may be missing; three '#' are a secure password that begins with '#'.
_SIGNED_NAME = re.compile(r"([^#]*)(##|#)(.+)", re.DOTALL)

# What PHP's Shift_JIS encoder takes and Python's refuses or writes otherwise (mbfilter_sjis.c).
_WIDE_FORMS = str.maketrans(
    {
        "\uff5e": "\u301c",  # fullwidth tilde: wave dash
        "\u2225": "\u2016",  # parallel to: double vertical line
        "\uff0d": "\u2212",  # fullwidth hyphen-minus: minus sign
        "\uffe0": "\u00a2",  # fullwidth cent
        "\uffe1": "\u00a3",  # fullwidth pound
        "\uffe2": "\u00ac",  # fullwidth not
        "\u00a5": "\uffe5",  # yen: fullwidth yen, where Python writes a backslash
        "\u203e": "\uffe3",  # overline: fullwidth macron, where Python writes a tilde
    }
)

# A salt is two of [./0-9A-Za-z]. Each other byte between '.' and 'z' has a letter that stands for
# it; those outside are '.'.
_SALT_CHARACTERS = bytes(
    byte if ord(".") <= byte <= ord("z") else ord(".") for byte in range(256)
).translate(bytes.maketrans(rb":;<=>?@[\]^_`", b"ABCDEFGabcdef"))

#: '_', then 49,152 rounds spelt in crypt's own base 64, then four characters of salt.
_SECURE_ROUNDS = "_..A."


def split_name(text: str, secret: str) -> Signature:
    """'Anon#tea' -> ('Anon', '!WokonZwxw2'); 'Anon##tea' -> '!!…'; 'Anon' -> ('Anon', None).

    `text` has passed `clean_line`; `secret` salts the secure kind. 'X ## Mod' is a secure
    tripcode like any other: what a member of staff may call themselves is decided elsewhere.

    Costs 10 µs (classic) and 6 ms (secure) with the system's libcrypt, which lets other threads
    run; 0.3 ms and 0.5 s where there is none and the work is done in Python (measured on a
    2-core machine).
    """
    signed = _SIGNED_NAME.fullmatch(text)
    if signed is None:
        return Signature(text, None)
    name, kind, password = signed.groups()
    tripcode = _secure(password, secret) if kind == "##" else _classic(password)
    return Signature(name.rstrip(), tripcode)


def _classic(password: str) -> str:
    secret_bytes = _shift_jis(password)
    salt = (secret_bytes + b"H..")[1:3].translate(_SALT_CHARACTERS)
    return "!" + _crypt(secret_bytes, salt.decode("ascii"))[-10:]


def _secure(password: str, secret: str) -> str:
    secret_bytes = _shift_jis(password)
    digest = sha1(secret_bytes + secret.encode(), usedforsecurity=False).digest()
    salt = b64encode(digest)[:4].decode("ascii").replace("+", ".")
    return "!!" + _crypt(secret_bytes, _SECURE_ROUNDS + salt)[-10:]


def _shift_jis(password: str) -> bytes:
    """The bytes that are hashed: what Shift_JIS lacks becomes '?'."""
    return password.translate(_WIDE_FORMS).encode("shift_jis", "replace")


def _crypt(password: bytes, setting: str) -> str:
    """crypt(3) of `password`, by DES (two characters of salt) or extended DES ('_', nine)."""
    return _crypt_in_c(password, setting) or _crypt_in_python(password, setting)


def _crypt_in_python(password: bytes, setting: str) -> str:
    scheme = bsdi_crypt if setting.startswith("_") else des_crypt
    # Not `hash`, which makes an even count of rounds odd.
    hashed: str = scheme.genhash(password, setting)
    return hashed


# The largest `struct crypt_data` that a C library asks for is glibc's own old one, 131,232 bytes.
_CRYPT_DATA_BYTES = 256 * 1024


# Debian's and Fedora's libcrypt; musl and the BSDs keep crypt_r in libc, which is None here.
_CRYPT_LIBRARIES = ("libcrypt.so.1", "libcrypt.so.2", None)


def _load_crypt_r() -> Callable[[bytes, bytes, ctypes.Array[ctypes.c_char]], bytes | None] | None:
    for library in _CRYPT_LIBRARIES:
        try:
            crypt_r = ctypes.CDLL(library).crypt_r
        except (OSError, AttributeError):
            continue
        crypt_r.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p)
        crypt_r.restype = ctypes.c_char_p
        return crypt_r
    return None


_crypt_r = _load_crypt_r()


def _crypt_in_c(password: bytes, setting: str) -> str | None:
    """None where there is no libcrypt, or one built without DES (it answers '*0')."""
    if _crypt_r is None:
        return None
    scratch = ctypes.create_string_buffer(_CRYPT_DATA_BYTES)
    hashed = _crypt_r(password, setting.encode("ascii"), scratch)
    if hashed is None or not hashed.startswith(setting.encode("ascii")):
        return None
    return hashed.decode("ascii")
