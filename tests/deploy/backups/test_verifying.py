"""A look at the vault finds whatever was done to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.backups import media, sets
from deploy.backups.sealing import Unseal, WrongIdentity, new_identity
from deploy.backups.taking import wal_names
from deploy.backups.vault import FlushedFolderStore, Vault
from deploy.backups.verifying import Fault, Look
from deploy.backups.wal_stream import key_of
from tests.deploy.backups.live_board import LiveBoard, a_picture

pytestmark = pytest.mark.slow


@dataclass
class Filled:
    """A vault of a board with a picture, two segments and some more; kept as it was."""

    folder: Path
    unseal: Unseal


@pytest.fixture(scope="module")
def filled(live_board: LiveBoard, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    folder = tmp_path_factory.mktemp("filled")
    vault = Vault(str(folder / "vault"), FlushedFolderStore(folder / "vault"))
    with live_board.streaming(vault, folder) as stream:
        live_board.post("with a picture", picture=a_picture())
        live_board.back_up(vault)
        for _ in range(3):
            stream.switch_segment()
        live_board.post("the last one")
        stream.ship()
    return Filled(folder / "vault", live_board.unseal)


@pytest.fixture
def copied(filled: Filled, tmp_path: Path) -> Vault:
    """The filled vault, to be damaged."""
    shutil.copytree(filled.folder, tmp_path / "vault")
    return Vault("copied", FlushedFolderStore(tmp_path / "vault"), lambda _s: None)


def faults(
    vault: Vault, tmp_path: Path, unseal: Unseal | None = None, **more: object
) -> list[Fault]:
    """As if it were looked at when it was filled: these tests take longer than WAL may be old."""
    filled_s = newest(vault, "base").finished_s
    named = {"now": lambda: filled_s} | more
    look = Look(vault, tmp_path / "scratch", unseal, **named)  # type: ignore[arg-type]
    return list(look.faults())


def test_good_vault_has_no_fault(filled: Filled, copied: Vault, tmp_path: Path) -> None:
    assert faults(copied, tmp_path) == []
    assert faults(copied, tmp_path, filled.unseal) == []
    assert list((tmp_path / "scratch").iterdir()) == []


def flip_a_byte(vault: Vault, key: str) -> None:
    body = bytearray(vault.get(key))
    body[len(body) // 2] ^= 1
    vault.put(key, bytes(body))


def newest(vault: Vault, kind: str) -> sets.BackupSet:
    return [one for one in sets.signed_off(vault) if one.kind == kind][-1]


def damage_base(vault: Vault) -> None:
    base = newest(vault, "base")
    flip_a_byte(vault, base.artefact("base.tar.gz").key(base.id, 0))


def lose_dump(vault: Vault) -> None:
    dump = newest(vault, "dump")
    vault.delete([dump.artefact("board.dump").key(dump.id, 0)])


def lose_every_dump(vault: Vault) -> None:
    for one in sets.signed_off(vault):
        if one.kind == "dump":
            sets.drop(vault, one.id)


def leave_half_a_set(vault: Vault) -> None:
    vault.put("sets/20261124T020000Z-base/base.tar.gz.00000", b"half")


def lose_picture(vault: Vault) -> None:
    vault.delete([next(iter(vault.list(media.PREFIX))).key])


def lose_segment(vault: Vault) -> None:
    ((system, names),) = wal_names(vault).items()
    vault.delete([key_of(system, sorted(names)[-3])])


def lose_wal(vault: Vault) -> None:
    vault.delete(found.key for found in list(vault.list("wal/")))


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (damage_base, "is not as it was put there"),
        (lose_dump, "has no sets/"),
        (lose_every_dump, "there is none"),
        (leave_half_a_set, "was interrupted"),
        (lose_picture, "is not in the backup store"),
        (lose_segment, "no moment after it can be restored"),
        (lose_wal, "only the moments of the base backups"),
    ],
)
def test_damage_is_found_without_the_identity(
    copied: Vault, tmp_path: Path, damage: Callable[[Vault], None], told: str
) -> None:
    damage(copied)
    (fault,) = faults(copied, tmp_path)
    assert told in fault.fault


def damage_picture(vault: Vault) -> None:
    flip_a_byte(vault, next(iter(vault.list(media.PREFIX))).key)


def damage_segment(vault: Vault) -> None:
    ((system, names),) = wal_names(vault).items()
    flip_a_byte(vault, key_of(system, sorted(names)[-2]))


@pytest.mark.parametrize("damage", [damage_picture, damage_segment])
def test_damage_inside_is_found_with_the_identity(
    filled: Filled, copied: Vault, tmp_path: Path, damage: Callable[[Vault], None]
) -> None:
    damage(copied)
    (fault,) = faults(copied, tmp_path, filled.unseal)
    assert "can't be unsealed" in fault.fault


def test_what_got_old_is_found(copied: Vault, tmp_path: Path) -> None:
    base = newest(copied, "base")
    found = faults(copied, tmp_path, now=lambda: base.finished_s + 48 * 3600)
    assert [fault.fault.split(":")[0] for fault in found] == [
        "is 48 h old",
        "is 48 h old",
        f"ends {found[-1].fault.split()[1]} s ago",
    ]


def test_wrong_identity_is_an_error_of_the_caller(copied: Vault, tmp_path: Path) -> None:
    identity, _recipient = new_identity()
    with pytest.raises(WrongIdentity):
        faults(copied, tmp_path, Unseal([identity]))
