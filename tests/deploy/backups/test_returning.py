"""A board goes back into the servers that it came from, whose passwords stay what they are."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from deploy.backups import sets
from deploy.backups.restoring import Moment
from deploy.backups.retention import DAY_S
from deploy.backups.returning import ProgramsRun, Return, Returned
from deploy.backups.source import Source
from deploy.backups.taking import Run
from deploy.backups.vault import Vault
from deploy.data_folder import DataFolder
from renderer.web_root import WebRoot
from tests.deploy.backups.live_board import LiveBoard, Stream, a_picture, pages_of

pytestmark = pytest.mark.slow


@pytest.fixture
def source(live_board: LiveBoard, empty_database_url: str, tmp_path: Path) -> Source:
    """Servers of the operator's: an empty database of another cluster, and empty folders."""
    settings = replace(
        live_board.source.settings,
        database_url=empty_database_url,
        data=tmp_path / "servers",
        web_root=tmp_path / "servers/public",
    )
    return Source(DataFolder(tmp_path / "servers"), settings)


@pytest.fixture
def board(live_board: LiveBoard) -> LiveBoard:
    return live_board


def bring_back(
    source: Source,
    board: LiveBoard,
    vault: Vault,
    moment: Moment | None = None,
    *,
    from_dump: bool = False,
) -> tuple[Returned, list[str]]:
    said: list[str] = []
    wish = Return(source, vault, board.unseal, moment or Moment(), {}, say=said.append)
    return wish.run(from_dump=from_dump), said


def test_board_of_a_moment_goes_into_servers_that_have_nothing(
    source: Source, board: LiveBoard, stream: Stream, folder_vault: Vault
) -> None:
    board.back_up(folder_vault)
    board.post("the earlier one", picture=a_picture())
    pages_then, then_s = board.pages(), board.now()
    board.post("the later one")
    stream.ship()
    returned, _ = bring_back(source, board, folder_vault, Moment(at_s=then_s))
    assert pages_of(source.settings.web_root) == pages_then
    assert (returned.kept_in, returned.lost, returned.other_keys) == ("", [], [])
    assert returned.media_files > 0


def test_what_the_database_held_is_kept_beside_and_its_role_and_password_stay(
    source: Source, board: LiveBoard, folder_vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a try before was in vain, since the dump could not be loaded: it leaves what was
    there.
    """
    board.post("of last night", picture=a_picture())
    pages_then = board.pages()
    board.back_up(folder_vault, "dump")
    first, _ = bring_back(source, board, folder_vault, from_dump=True)
    assert not first.kept_in

    def fail(*_: object, **__: object) -> None:
        raise sets.PartDamaged(key="board.dump")

    with monkeypatch.context() as patch:
        patch.setattr("deploy.backups.postgres_tools.load_dump", fail)
        with pytest.raises(sets.PartDamaged):
            bring_back(source, board, folder_vault, from_dump=True)
    assert (there := stored_posts(source)) > 0
    again, _ = bring_back(source, board, folder_vault, from_dump=True)
    assert pages_of(source.settings.web_root) == pages_then
    assert stored_posts(source, again.kept_in) == stored_posts(source) == there


def stored_posts(source: Source, schema: str = "public") -> int:
    """How many, asked with the password of before."""
    with psycopg.connect(source.settings.database_url) as db:
        row = db.execute(f"SELECT count(*) FROM {schema}.posts").fetchone()
    assert row is not None
    return int(row[0])


def test_nothing_is_returned_while_a_program_is_connected(
    source: Source, board: LiveBoard, folder_vault: Vault
) -> None:
    board.back_up(folder_vault, "dump")
    with (
        psycopg.connect(source.settings.database_url, application_name="writer"),
        pytest.raises(ProgramsRun, match="are connected to its database: writer"),
    ):
        bring_back(source, board, folder_vault, from_dump=True)


def test_base_that_is_damaged_is_told_and_the_one_before_it_taken(
    source: Source, board: LiveBoard, stream: Stream, folder_vault: Vault
) -> None:
    # Of the day before: of one day the last is kept.
    run = Run(board.source, folder_vault, board.source.backups)
    run.clock = lambda: time.time() - DAY_S
    run.take("full")
    board.post("between the two")
    stream.ship()
    stream.switch_segment()
    board.back_up(folder_vault)
    board.post("after both")
    stream.ship()
    newest = [one for one in sets.signed_off(folder_vault) if one.kind == "base"][-1]
    (damaged, *_) = folder_vault.list(f"sets/{newest.id}/base.tar.gz")
    folder_vault.put(damaged.key, b"not what it was")
    returned, said = bring_back(source, board, folder_vault)
    assert returned.set_id != newest.id
    assert any(line.startswith(f"{newest.id} is damaged: ") for line in said), said
    assert pages_of(source.settings.web_root) == board.pages()
    assert WebRoot(source.settings.web_root).read("b/index.html")
