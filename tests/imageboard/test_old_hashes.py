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


@for_each("old", [VICHAN, VICHAN_0, JSCHAN], ids=("vichan", "vichan, version 0", "jschan"))
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
