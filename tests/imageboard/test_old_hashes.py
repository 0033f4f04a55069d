"""Passwords of staff as other engines hashed them: each with a hash that its engine would make."""

from __future__ import annotations

import pytest

from imageboard import libcrypt, old_hashes, passwords
from tests.tables import for_each

VICHAN = (
    "$6$rounds=25000$abcdefgh$"
    "zuydHzwf30cZX29uBH7UKICkwSZO2pCUptKrBSDTozD"
    "RCovYc084bFyomQpQUIiKHMpv.fqlaWBIZkDtVrWGb1"
)
VICHAN_0 = "$vichan0$2$alt$4623885ab2019dfa37c53bc7aa7fbde13872db009ede1d19b709c2474b384f67"
JSCHAN = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"
#: Made by crypto.pbkdf2 of node 20, as src/be/engine/accountOps.js calls it.
LYNXCHAN = (
    "$lynxchan$4096$c3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc"
    "3Nzc3Nzc3Nzc3Nzc3Nzcw==$SyZg2ZxawXruDRmFgeJJf5S21/A79JINHXxW4tAeEkNnkDku/syKdW0z"
    "1jVT8i4Pn/SMK0U5y+wv4si6beJ3iiTTSQhMAB1v1t0Hl77tfyNDAg+Zpjjhl5Lw6hvqmMAYoT7oFNi2"
    "AdUViNjmQzZzYwi7M4WIUHGhWsaalzB2wO98FB2pzLrP/XLE3A7PhHeQJvy+ZXnJV3FpavJ/Zp1+q8WZ"
    "0VtTbIkXKT/c2m0+NBiXlozNrl99C7LZTVcnIeNMtBpCFvMyQjt7K3wzuzI03tATOkxp5jD88V/6BzmG"
    "0hmXdga/njkb4GP9WwtMtkOwyyes0ShDr5OoErsYkE167w=="
)


@pytest.mark.slow
@for_each(
    "old",
    [VICHAN, VICHAN_0, JSCHAN, LYNXCHAN],
    ids=("vichan", "vichan, version 0", "jschan", "LynxChan"),
)
def test_right_password_is_taken_and_to_be_hashed_anew(old: str) -> None:
    assert passwords.matches("secret", old)
    assert not passwords.matches("Secret", old)
    assert passwords.is_outdated(old)
    tries = ("secret ", "", "secret\0", "\udcff", "x" * 200_000, old)
    assert not any(old_hashes.matches(typed, old) for typed in tries)


@for_each(
    "stored",
    [
        "$6$rounds=25000$abcdefgh$",
        VICHAN[:-1],
        VICHAN_0[:-1],
        LYNXCHAN[:-1],
        LYNXCHAN.replace("$4096$", "$99999999$"),
        "$1$abcdefgh$" + "x" * 22,
        "$6$rounds=9999999999$abcdefgh$" + "x" * 86,
        "",
    ],
)
def test_half_a_hash_or_another_kind_is_none(stored: str) -> None:
    assert not old_hashes.is_old(stored)
    assert not old_hashes.matches("", stored)
    assert not passwords.matches("secret", stored)


def test_without_the_c_library_sha512_is_reckoned_and_bcrypt_is_nobodys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(libcrypt, "_crypt_r", None)
    assert old_hashes.matches("secret", VICHAN)
    assert not old_hashes.matches("Secret", VICHAN)
    assert not old_hashes.matches("secret", JSCHAN)
