"""A restored board is the board as it was at that moment, and its pages are those pages."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.backups import restoring
from deploy.backups.rendering import render_everything
from deploy.backups.restoring import Moment, NothingToRestore, Restore, Restored, WalGap
from deploy.backups.sealing import Unseal, WrongIdentity, new_identity
from deploy.backups.sets import BackupSet
from deploy.backups.source import Source, opened
from deploy.backups.taking import wal_names
from deploy.backups.vault import Vault
from deploy.backups.wal_stream import key_of
from deploy.embedded.service import ServiceFailed
from imageboard.store.uploads import UploadStore
from renderer.render_loop import build_loop
from tests.deploy.backups.live_board import LiveBoard, Stream, a_picture, pages_of
from tests.deploy.backups.test_retention import NOW_S, a_set

pytestmark = pytest.mark.slow

#: Everything that there is.
NOW = Moment()


@contextmanager
def restored(
    stream: Stream, to: Path, moment: Moment = NOW, *, despite_gap: bool = False
) -> Iterator[Restored]:
    """Its pages are rendered when the block begins; its database runs in it."""
    board = stream.board
    restore = Restore(stream.shipper.vault, board.unseal, to, moment, {}, despite_gap=despite_gap)
    with restore.from_base() as found:
        render_everything(found.settings)
        yield found


def test_moment_between_two_posts_has_the_earlier_and_not_the_later(
    live_board: LiveBoard, stream: Stream, folder_vault: Vault, tmp_path: Path
) -> None:
    """And one after the last change has everything, and says that it is short."""
    live_board.back_up(folder_vault)
    picture = a_picture()
    earlier = live_board.post("the earlier one", picture=picture)
    pages_then = live_board.pages()
    between_s = live_board.now()
    later = live_board.post("the later one", thread=earlier)
    stream.ship()
    assert live_board.pages() != pages_then

    with restored(stream, tmp_path / "then", Moment(at_s=between_s)) as found:
        assert pages_of(found.settings.web_root) == pages_then
        assert not found.is_short
        assert found.newest_s is not None
        assert found.newest_s <= between_s
        page = (found.settings.web_root / f"b/res/{earlier}.html").read_text()
        assert "the earlier one" in page
        assert f'id="{later}"' not in page
        names = [path.name for path in found.settings.data.glob("uploads/*/*")]
        assert picture in [
            UploadStore(found.settings.data / "uploads").original(name).read_bytes()
            for name in names
            if "." not in name
        ]

    with restored(stream, tmp_path / "now", Moment(at_s=live_board.now() + 60)) as found:
        assert found.is_short
        assert pages_of(found.settings.web_root) == live_board.pages()


def test_board_that_was_restored_can_be_lost_again(
    live_board: LiveBoard, stream: Stream, folder_vault: Vault, tmp_path: Path
) -> None:
    """It goes on as a timeline of its own; the second restore follows it there."""
    live_board.back_up(folder_vault)
    live_board.post("on the first server")
    stream.ship()
    with restored(stream, tmp_path / "first") as first, second_life(live_board, first) as board:
        with board.streaming(folder_vault, tmp_path / "second") as its_stream:
            board.post("on the second server", picture=a_picture())
            its_stream.ship()
            its_stream.switch_segment()
            board.post("the last words")
            its_stream.ship()
        pages = board.pages()
    with restored(stream, tmp_path / "again") as again:
        assert pages_of(again.settings.web_root) == pages


@contextmanager
def second_life(lost: LiveBoard, found: Restored) -> Iterator[LiveBoard]:
    """The restored board, posted to."""
    settings = replace(
        found.settings,
        backup_database_url=found.server.superuser_url,
        backup_recipients=lost.source.settings.backup_recipients,
    )
    with opened(found.server.url) as database:
        loop = build_loop(settings, database)
        yield LiveBoard(Source(found.folder, settings), lost.board, database, loop, lost.unseal)


def test_whole_segments_and_the_one_in_the_making_come_back_from_a_bucket(
    live_board: LiveBoard, bucket_vault: Vault, tmp_path: Path
) -> None:
    """It serves as well as a folder, and holds no partial segment beside the whole one."""
    with live_board.streaming(bucket_vault, tmp_path) as stream:
        live_board.back_up(bucket_vault)
        for text in ("one", "two", "three"):
            live_board.post(text, picture=a_picture())
            stream.ship()
            stream.switch_segment()
        live_board.post("in the making")
        stream.ship()
        (names,) = wal_names(bucket_vault).values()
        partial = [name for name in names if name.endswith(".partial")]
        assert len(partial) <= 1
        assert len(names) >= 4
        with restored(stream, tmp_path / "new") as found:
            assert pages_of(found.settings.web_root) == live_board.pages()


def test_hole_in_the_wal_is_refused_and_its_near_side_can_be_had(
    live_board: LiveBoard, stream: Stream, folder_vault: Vault, tmp_path: Path
) -> None:
    live_board.back_up(folder_vault)
    live_board.post("before the hole")
    pages_then = live_board.pages()
    stream.ship()
    stream.switch_segment()
    live_board.post("in the hole")
    stream.ship()
    ((system, names),) = wal_names(folder_vault).items()
    hole = max(name.removesuffix(".partial") for name in names)
    stream.switch_segment()
    live_board.post("behind the hole")
    stream.ship()
    folder_vault.delete([key_of(system, hole)])

    with pytest.raises(WalGap, match=hole), restored(stream, tmp_path / "refused"):
        pass
    with restored(stream, tmp_path / "near", despite_gap=True) as found:
        assert pages_of(found.settings.web_root) == pages_then


def test_dump_alone_is_enough_for_the_board_of_last_night(
    live_board: LiveBoard, folder_vault: Vault, tmp_path: Path
) -> None:
    live_board.post("of last night", picture=a_picture())
    pages_then = live_board.pages()
    live_board.back_up(folder_vault, "dump")
    live_board.post("of this morning")
    restore = Restore(folder_vault, live_board.unseal, tmp_path / "new", NOW, {})
    with restore.from_dump() as found:
        render_everything(found.settings)
        assert pages_of(found.settings.web_root) == pages_then


def test_another_identity_opens_nothing(
    live_board: LiveBoard, folder_vault: Vault, tmp_path: Path
) -> None:
    live_board.back_up(folder_vault)
    identity, _recipient = new_identity()
    restore = Restore(folder_vault, Unseal([identity]), tmp_path / "new", NOW, {})
    with pytest.raises(WrongIdentity), restore.from_base():
        pass


def test_folder_with_something_in_it_is_left_alone(
    live_board: LiveBoard, folder_vault: Vault, tmp_path: Path
) -> None:
    live_board.back_up(folder_vault)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("dear")
    restore = Restore(folder_vault, live_board.unseal, tmp_path / "mine", NOW, {})
    with pytest.raises(restoring.NotEmpty), restore.from_base():
        pass
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter"]


def test_empty_vault_says_that_there_is_nothing(
    live_board: LiveBoard, folder_vault: Vault, tmp_path: Path
) -> None:
    restore = Restore(folder_vault, live_board.unseal, tmp_path / "new", NOW, {})
    with pytest.raises(NothingToRestore), restore.from_base():
        pass


@pytest.mark.parametrize(
    ("days_ago", "chosen"), [(0, "base-0.5"), (0.6, "base-1"), (1.5, "base-2"), (2.5, None)]
)
def test_recovery_begins_with_the_last_base_that_was_finished_by_then(
    days_ago: float, chosen: str | None
) -> None:
    every: list[BackupSet] = [a_set("base", 2), a_set("base", 1), a_set("base", 0.5)]
    every.append(a_set("dump", 0))
    moment = Moment(at_s=NOW_S - days_ago * 86_400)
    if chosen is None:
        with pytest.raises(NothingToRestore):
            restoring.bases_before(every, moment)
    else:
        assert restoring.bases_before(every, moment)[0].id == chosen


def a_link(name: str, target: str) -> tarfile.TarInfo:
    link = tarfile.TarInfo(name)
    link.type, link.linkname = tarfile.SYMTYPE, target
    return link


@pytest.mark.parametrize(
    "member",
    [
        tarfile.TarInfo("../outside"),
        tarfile.TarInfo("/etc/outside"),
        a_link("inside", "/etc/passwd"),
    ],
    ids=["above", "absolute", "link"],
)
def test_nothing_comes_to_lie_outside_of_the_cluster(
    tmp_path: Path, member: tarfile.TarInfo
) -> None:
    with tarfile.open(tmp_path / "packed", "w") as archive:
        archive.addfile(member)
    (tmp_path / "cluster").mkdir()
    with (
        tarfile.open(tmp_path / "packed") as archive,
        pytest.raises(ServiceFailed, match="no file or folder of a cluster"),
    ):
        restoring._extract(archive, tmp_path / "cluster")
    assert list((tmp_path / "cluster").iterdir()) == []
