"""The vault puts, replaces and takes away, whatever the store is and however it fails at first."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdn.cache_policy import ObjectHeaders
from cdn.object_store import StoreRefused, StoreUnreachable, TooFast
from deploy.backups.vault import PAUSES_S, FlushedFolderStore, NotInVault, Vault, open_vault
from imageboard.errors import BadSetting
from imageboard.settings import Settings

RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"


def test_put_replaces_whatever_stood_there(vault: Vault) -> None:
    vault.put("sets/a/one", b"old")
    vault.put("sets/a/one", b"new")
    vault.put("sets/a/one", b"new")
    assert vault.get("sets/a/one") == b"new"


def test_what_is_not_there_is_said_to_be_missing(vault: Vault) -> None:
    with pytest.raises(NotInVault, match=r"has no sets/a/one\."):
        vault.get("sets/a/one")


@pytest.mark.slow
def test_delete_takes_any_number_and_minds_none_that_is_gone(vault: Vault) -> None:
    keys = [f"media/aa/{number}" for number in range(3)]
    for key in keys:
        vault.put(key, b"x")
    vault.delete([*keys, "media/aa/never-there", *(f"media/bb/{number}" for number in range(1500))])
    assert list(vault.list("media/")) == []


class Failing(FlushedFolderStore):
    """A store whose first puts fail."""

    def __init__(self, folder: Path, failures: list[Exception]) -> None:
        super().__init__(folder)
        self.failures = failures

    def put(
        self, key: str, body: bytes, *, headers: ObjectHeaders, version: int, replaces: str | None
    ) -> str:
        if self.failures:
            raise self.failures.pop(0)
        return super().put(key, body, headers=headers, version=version, replaces=replaces)


FULL_DISK = StoreUnreachable(operation="to put a", reason="No space left on device")
TOO_FAST = TooFast(operation="to put a", retry_after_s=7.0)
REFUSED = StoreRefused(operation="to put a", reason="403 AccessDenied")


def test_full_disk_and_haste_are_waited_for(tmp_path: Path) -> None:
    pauses: list[float] = []
    vault = Vault("x", Failing(tmp_path, [FULL_DISK, TOO_FAST]), pauses.append)
    vault.put("a", b"x")
    assert vault.get("a") == b"x"
    assert pauses == [PAUSES_S[0], 7.0]


def test_store_that_stays_full_is_an_error_in_the_end(tmp_path: Path) -> None:
    pauses: list[float] = []
    vault = Vault("x", Failing(tmp_path, [FULL_DISK] * 100), pauses.append)
    with pytest.raises(StoreUnreachable, match="No space left"):
        vault.put("a", b"x")
    assert pauses == list(PAUSES_S)


def test_refusal_is_an_error_at_once(tmp_path: Path) -> None:
    pauses: list[float] = []
    with pytest.raises(StoreRefused):
        Vault("x", Failing(tmp_path, [REFUSED]), pauses.append).put("a", b"x")
    assert pauses == []


def test_settings_say_where(tmp_path: Path) -> None:
    environ = {"STILLBOARD_BACKUP_TO": str(tmp_path), "STILLBOARD_BACKUP_RECIPIENTS": RECIPIENT}
    vault = open_vault(Settings.read(environ))
    vault.put("a", b"x")
    assert open_vault(Settings.read({}), str(tmp_path)).get("a") == b"x"


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({"STILLBOARD_BACKUP_TO": "/b"}, "STILLBOARD_BACKUP_RECIPIENTS: is not set"),
        ({"STILLBOARD_BACKUP_TO": "backups"}, "is neither /a/folder nor s3://bucket"),
        ({"STILLBOARD_BACKUP_RECIPIENTS": "age1short"}, "is not a list of public keys"),
    ],
)
def test_half_of_a_configuration_is_refused(environ: dict[str, str], missing: str) -> None:
    with pytest.raises(BadSetting, match=missing):
        Settings.read(environ)


def test_bucket_without_its_keys_is_refused_where_it_is_opened() -> None:
    """Not before: other programs of the board are told of the place and have no keys."""
    settings = Settings.read(
        {"STILLBOARD_BACKUP_TO": "s3://backups", "STILLBOARD_BACKUP_RECIPIENTS": RECIPIENT}
    )
    with pytest.raises(BadSetting, match="STILLBOARD_BACKUP_ACCESS_KEY: is not set"):
        open_vault(settings)


def test_without_a_place_there_is_no_vault() -> None:
    with pytest.raises(BadSetting, match="STILLBOARD_BACKUP_TO"):
        open_vault(Settings.read({}))
