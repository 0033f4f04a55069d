"""Sealing with age (https://age-encryption.org): the server writes what it can't read.

It knows public keys alone, the recipients. Whoever takes the server over gets the board, and not
its past. Everything streams: a part is in memory, never a whole database.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pyrage
from pyrage import x25519

from imageboard.errors import ImageboardError
from imageboard.words import N_

#: An object in the vault: small enough to be put within a time limit and tried again.
PART_BYTES = 16 * 2**20

_PREFIX_OF_IDENTITY = "AGE-SECRET-KEY-"


class BadIdentity(ImageboardError):
    message = N_("{path} holds no identity of age: a line that begins with AGE-SECRET-KEY-.")


class WrongIdentity(ImageboardError):
    message = N_(
        "{what} was not sealed for this identity: find the one whose public key was among "
        "STILLBOARD_BACKUP_RECIPIENTS when it was taken."
    )


class SealBroken(ImageboardError):
    message = N_("{what} can't be unsealed: it is damaged, or cut short.")


class Seal:
    """Seals for some recipients; whoever holds the identity of one of them can read it."""

    def __init__(self, recipients: Sequence[str]) -> None:
        self.recipients = tuple(recipients)
        self._keys = [x25519.Recipient.from_str(key) for key in recipients]

    def seal(self, body: bytes) -> bytes:
        """For what is small. Costs 0.06 ms, and 200 bytes for each recipient."""
        return bytes(pyrage.encrypt(body, self._keys))

    def seal_file(self, source: BinaryIO, take_part: Callable[[bytes], None]) -> None:
        """Hand over the sealed bytes of `source` in parts of PART_BYTES, the last one shorter.

        Raises:
            Whatever `take_part` raises, and OSError when `source` can't be read.
        """
        parts = _Parts(take_part)
        try:
            pyrage.encrypt_io(source, parts, self._keys)
        except pyrage.EncryptError as ex:
            raise parts.failure or OSError(str(ex)) from ex
        # Not every failure of a writer comes back from age's library.
        if parts.failure:
            raise parts.failure
        parts.finish()


class Unseal:
    """Reads what was sealed for any of these identities."""

    def __init__(self, identities: Sequence[str]) -> None:
        self._keys = [x25519.Identity.from_str(key) for key in identities]

    @classmethod
    def from_file(cls, path: Path) -> Unseal:
        """The identities in a file as `backup keygen` and age-keygen write it; # comments. '-' is
        standard input: a key that is piped in lies nowhere on the machine.

        Raises:
            BadIdentity: it can't be read, or holds none.
        """
        try:
            text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
            lines = text.splitlines()
            return cls([_identity(line) for line in lines if _is_key(line)] or [""])
        except (OSError, ValueError, pyrage.IdentityError):
            raise BadIdentity(path=path) from None

    def unseal(self, body: bytes, *, what: str) -> bytes:
        """Raises WrongIdentity or SealBroken, which names `what` it was."""
        try:
            return bytes(pyrage.decrypt(body, self._keys))
        except (pyrage.DecryptError, OSError) as ex:
            raise _failure(ex, what) from ex

    def unseal_file(self, parts: Iterable[bytes], target: BinaryIO, *, what: str) -> None:
        """Write to `target` what was sealed into these parts.

        Raises:
            WrongIdentity, SealBroken: part of it may have been written.
            Whatever comes from `parts`, and OSError from `target`.
        """
        source, sink = _Joined(iter(parts)), _Sink(target)
        try:
            pyrage.decrypt_io(source, sink, self._keys)
        except (pyrage.DecryptError, OSError) as ex:
            raise source.failure or sink.failure or _failure(ex, what) from ex


def new_identity() -> tuple[str, str]:
    """(identity, recipient): the secret key, and the public one that belongs to it."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def _is_key(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _identity(line: str) -> str:
    key = line.strip()
    if not key.startswith(_PREFIX_OF_IDENTITY):
        raise ValueError("no identity")
    return key


def _failure(ex: Exception, what: str) -> ImageboardError:
    if isinstance(ex, pyrage.DecryptError) and "No matching keys" in str(ex):
        return WrongIdentity(what=what)
    return SealBroken(what=what)


class _Parts:
    """What age writes to: hands over a part as soon as it is full, and remembers a failure."""

    def __init__(self, take_part: Callable[[bytes], None]) -> None:
        self._take_part = take_part
        self._buffer = bytearray()
        self.failure: Exception | None = None

    def write(self, data: bytes) -> int:
        self._buffer += data
        while len(self._buffer) >= PART_BYTES:
            self._hand_over(PART_BYTES)
        return len(data)

    def flush(self) -> None:
        """A part is handed over when it is full."""

    def finish(self) -> None:
        self._hand_over(len(self._buffer))

    def _hand_over(self, size: int) -> None:
        part = bytes(self._buffer[:size])
        del self._buffer[:size]
        try:
            self._take_part(part)
        except Exception as ex:
            self.failure = ex
            raise


class _Joined:
    """What age reads from: parts as one stream."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        # PERF: a view, so that a part of 16 MB is not copied for each 64 KB that are read of it.
        self._rest = memoryview(b"")
        self.failure: Exception | None = None

    def read(self, size: int) -> bytes:
        if not self._rest:
            try:
                self._rest = memoryview(next(self._parts, b""))
            except Exception as ex:
                self.failure = ex
                raise
        taken = self._rest[:size]
        self._rest = self._rest[size:]
        return bytes(taken)


class _Sink:
    """What age writes plain bytes to; remembers a failure, which is no fault of the seal."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.failure: Exception | None = None

    def write(self, data: bytes) -> int:
        try:
            self._target.write(data)
        except Exception as ex:
            self.failure = ex
            raise
        return len(data)

    def flush(self) -> None:
        """Left to whoever opened the target."""
