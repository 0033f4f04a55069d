"""What is sealed can be read with the identity alone, and nothing is ever lost silently."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.backups import sealing
from deploy.backups.sealing import BadIdentity, Seal, SealBroken, Unseal, WrongIdentity

IDENTITY, RECIPIENT = sealing.new_identity()
OTHER_IDENTITY, OTHER_RECIPIENT = sealing.new_identity()


def sealed_parts(body: bytes) -> list[bytes]:
    parts: list[bytes] = []
    Seal([RECIPIENT]).seal_file(io.BytesIO(body), parts.append)
    return parts


def unsealed(parts: list[bytes], identity: str = IDENTITY) -> bytes:
    target = io.BytesIO()
    Unseal([identity]).unseal_file(parts, target, what="a file")
    return target.getvalue()


@given(body=st.binary(max_size=5000), part_bytes=st.integers(50, 3000))
def test_file_comes_out_as_it_went_in_however_it_is_cut(body: bytes, part_bytes: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "PART_BYTES", part_bytes)
        parts = sealed_parts(body)
        assert all(len(part) == part_bytes for part in parts[:-1])
        assert unsealed(parts) == body


def test_every_recipient_can_read_it() -> None:
    sealed = Seal([RECIPIENT, OTHER_RECIPIENT]).seal(b"x")
    assert Unseal([IDENTITY]).unseal(sealed, what="x") == b"x"
    assert Unseal([OTHER_IDENTITY]).unseal(sealed, what="x") == b"x"


def test_another_identity_is_told_so() -> None:
    with pytest.raises(WrongIdentity, match="the dump was not sealed for this identity"):
        Unseal([OTHER_IDENTITY]).unseal(Seal([RECIPIENT]).seal(b"x"), what="the dump")
    with pytest.raises(WrongIdentity):
        unsealed(sealed_parts(b"x"), OTHER_IDENTITY)


@pytest.mark.parametrize("cut", [10, 250, -1])
def test_what_is_cut_short_is_no_file(cut: int) -> None:
    whole = b"".join(sealed_parts(b"a" * 200_000))
    with pytest.raises(SealBroken):
        unsealed([whole[:cut]])


def test_what_was_changed_is_no_file() -> None:
    whole = bytearray(b"".join(sealed_parts(b"a" * 200_000)))
    whole[100_000] ^= 1
    with pytest.raises(SealBroken):
        unsealed([bytes(whole)])


@pytest.mark.parametrize("part_bytes", [100, 1000])
@pytest.mark.parametrize("size", [10, 100_000])
def test_failure_of_the_store_is_never_swallowed(
    size: int, part_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """age's library loses some errors of whatever it writes to."""
    monkeypatch.setattr(sealing, "PART_BYTES", part_bytes)

    failures = [KeyError("full")]

    def take_part(_part: bytes) -> None:
        if failures:
            raise failures.pop()

    with pytest.raises(KeyError, match="full"):
        Seal([RECIPIENT]).seal_file(io.BytesIO(b"a" * size), take_part)


def test_failure_of_the_target_is_never_swallowed() -> None:
    class FullDisk(io.BytesIO):
        def write(self, _data: object) -> int:
            raise OSError(28, "No space left on device")

    for body in (b"x", b"x" * 200_000):
        with pytest.raises(OSError, match="No space left"):
            Unseal([IDENTITY]).unseal_file(sealed_parts(body), FullDisk(), what="a file")


def test_failure_of_a_part_comes_out_as_it_was() -> None:
    def parts() -> object:
        yield sealed_parts(b"x" * 200_000)[0][:1000]
        raise KeyError("part 1 is gone")

    with pytest.raises(KeyError, match="part 1 is gone"):
        Unseal([IDENTITY]).unseal_file(parts(), io.BytesIO(), what="a file")  # type: ignore[arg-type]


def test_identity_is_read_as_keygen_and_age_write_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"# created: today\n# public key: {RECIPIENT}\n\n{IDENTITY}\n")
    assert Unseal.from_file(path).unseal(Seal([RECIPIENT]).seal(b"x"), what="x") == b"x"


@pytest.mark.parametrize(
    "text", ["", "# nothing but a comment\n", "age1public", "AGE-SECRET-KEY-1X"]
)
def test_file_without_an_identity_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key"
    path.write_text(text)
    with pytest.raises(BadIdentity, match="holds no identity"):
        Unseal.from_file(path)
    with pytest.raises(BadIdentity):
        Unseal.from_file(tmp_path / "nowhere")
