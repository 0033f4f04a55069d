"""Passwords of staff."""

from __future__ import annotations

import unicodedata

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from imageboard import passwords
from imageboard.errors import WeakPassword

GOOD = "correct horse battery"


def test_hash_is_argon2id_with_the_recommended_parameters_and_a_salt() -> None:
    first, second = passwords.hash_password(GOOD), passwords.hash_password(GOOD)
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second


@pytest.mark.slow
def test_only_the_password_matches() -> None:
    stored = passwords.hash_password(GOOD)
    assert passwords.matches(GOOD, stored)
    assert not passwords.matches(GOOD + " ", stored)
    assert not passwords.matches("", stored)
    assert not passwords.matches("\udcff", stored)
    assert not passwords.matches(GOOD, "not a hash")


def test_two_spellings_of_one_letter_are_one_password() -> None:
    composed = "caf\u00e9 au lait, s'il vous plaît"
    stored = passwords.hash_password(unicodedata.normalize("NFD", composed))
    assert passwords.matches(composed, stored)


@pytest.mark.slow
def test_account_that_is_not_there_costs_a_whole_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[bytes] = []

    class CountingHasher(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            hashed.append(bytes(password) if isinstance(password, bytes) else password.encode())
            return super().hash(password, salt=salt)

    monkeypatch.setattr(passwords, "_HASHER", CountingHasher())
    assert not passwords.matches(GOOD, None)
    assert hashed == [GOOD.encode()]


def test_hash_with_other_parameters_is_outdated() -> None:
    assert not passwords.is_outdated(passwords.hash_password(GOOD))
    assert passwords.is_outdated(PasswordHasher.from_parameters(CHEAPEST).hash(GOOD))


@pytest.mark.parametrize("weak", ["", "short", "x" * 201, "ababababababab"])
def test_weak_password_is_refused(weak: str) -> None:
    with pytest.raises(WeakPassword):
        passwords.check(weak)


def test_generated_password_is_good_and_new() -> None:
    made = {passwords.generate() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        passwords.check(password)
