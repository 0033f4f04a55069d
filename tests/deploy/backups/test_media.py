"""Each upload is copied once, whoever asks, and is there again after whatever was lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cdn.object_store import StoreRefused
from deploy.backups import media, sealing
from deploy.backups.media import MediaCopy
from deploy.backups.sealing import Seal, Unseal
from deploy.backups.vault import Vault
from imageboard.store.uploads import UploadStore

IDENTITY, RECIPIENT = sealing.new_identity()


@pytest.fixture
def uploads(tmp_path: Path) -> UploadStore:
    return UploadStore(tmp_path / "uploads")


def take(uploads: UploadStore, tmp_path: Path, body: bytes) -> str:
    (tmp_path / "one").write_bytes(body)
    (tmp_path / "two").write_bytes(b"small")
    return uploads.take(tmp_path / "one", tmp_path / "two")


def a_copy(tmp_path: Path, vault: Vault) -> MediaCopy:
    return MediaCopy(tmp_path / "uploads", tmp_path / "media.tsv", vault, Seal([RECIPIENT]))


def test_upload_is_copied_once_and_comes_back(
    uploads: UploadStore, tmp_path: Path, vault: Vault
) -> None:
    name = take(uploads, tmp_path, b"a cat")
    copy = a_copy(tmp_path, vault)
    assert copy.copy_new() == 2
    assert copy.copy_new() == 0
    assert a_copy(tmp_path, vault).copy_new() == 0, "another process knows from the index"
    media.fetch(vault, Unseal([IDENTITY]), copy.known(), tmp_path / "again")
    assert UploadStore(tmp_path / "again").original(name).read_bytes() == b"a cat"
    assert UploadStore(tmp_path / "again").thumbnail(name).read_bytes() == b"small"


def test_upload_that_comes_in_later_is_seen(
    uploads: UploadStore, tmp_path: Path, folder_vault: Vault
) -> None:
    """Also one that comes in the same tick of the clock in which its folder was looked through."""
    copy = a_copy(tmp_path, folder_vault)
    folder = uploads.original(take(uploads, tmp_path, b"a cat")).parent
    assert copy.copy_new() == 2
    changed_ns = folder.stat().st_mtime_ns
    (folder / f"{folder.name}{'0' * 30}").write_bytes(b"a dog")
    os.utime(folder, ns=(changed_ns, changed_ns))
    assert copy.copy_new() == 1


def test_lost_index_is_made_again_without_putting_anything(
    uploads: UploadStore, tmp_path: Path, folder_vault: Vault
) -> None:
    take(uploads, tmp_path, b"a cat")
    copy = a_copy(tmp_path, folder_vault)
    copy.copy_new()
    known = {name: one.sha256 for name, one in copy.known().items()}
    copy.index.unlink()
    again = a_copy(tmp_path, folder_vault)
    assert again.copy_new() == 0
    assert {name: one.sha256 for name, one in again.known().items()} == known


def test_emptied_vault_is_filled_again(
    uploads: UploadStore, tmp_path: Path, folder_vault: Vault
) -> None:
    take(uploads, tmp_path, b"a cat")
    copy = a_copy(tmp_path, folder_vault)
    copy.copy_new()
    folder_vault.delete(found.key for found in list(folder_vault.list("media/")))
    copy.compare_with_vault()
    assert copy.copy_new() == 2
    assert len(list(folder_vault.list("media/"))) == 2


def test_upload_that_was_not_put_is_tried_again(
    uploads: UploadStore, tmp_path: Path, folder_vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(uploads, tmp_path, b"a cat")
    copy = a_copy(tmp_path, folder_vault)

    def refuse(_key: str, _body: bytes) -> None:
        raise StoreRefused(operation="to put", reason="403")

    with monkeypatch.context() as patch:
        patch.setattr(folder_vault, "put", refuse)
        with pytest.raises(StoreRefused):
            copy.copy_new()
    assert copy.copy_new() == 2


def test_removed_upload_is_known_until_it_is_forgotten(
    uploads: UploadStore, tmp_path: Path, folder_vault: Vault
) -> None:
    name = take(uploads, tmp_path, b"a cat")
    copy = a_copy(tmp_path, folder_vault)
    copy.copy_new()
    uploads.drop(name)
    assert copy.standing() == set()
    assert set(copy.known()) == {name, f"{name}.thumb"}
    copy.forget([name])
    assert set(copy.known()) == {f"{name}.thumb"}
