"""crypt(3) of the system's C library, where there is one: for tripcodes, and for old passwords.

Python has none of its own since 3.13. It lets other threads run meanwhile.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

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


def crypt(password: bytes, setting: str) -> str | None:
    """'$6$salt$…' for '$6$salt$'; None where there is no libcrypt, or one built without that kind.

    (It answers '*0' then.)
    """
    if _crypt_r is None:
        return None
    scratch = ctypes.create_string_buffer(_CRYPT_DATA_BYTES)
    hashed = _crypt_r(password, setting.encode("ascii"), scratch)
    if hashed is None or not hashed.startswith(setting.encode("ascii")):
        return None
    return hashed.decode("ascii")
