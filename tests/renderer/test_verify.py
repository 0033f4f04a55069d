"""The proof finds each way in which a web root can be wrong, and mends it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from cli.registry import stillboard
from imageboard.store import boards
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.render_loop import RenderLoop
from renderer.verify import Finding, Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_file, a_post

pytestmark = pytest.mark.slow


@pytest.fixture
def site(
    database: Database, loop: RenderLoop, uploads: UploadStore, web_root: WebRoot, tmp_path: Path
) -> Path:
    """A rendered board with a thread, a file and two pages; its web root."""
    board = a_board(database, threads_per_page=1)
    original, thumbnail = tmp_path / "original", tmp_path / "thumbnail"
    original.write_bytes(b"picture")
    thumbnail.write_bytes(b"thumbnail")
    stored_as = uploads.take(original, thumbnail)
    a_post(database, board, files=(a_file(stored_as=stored_as),))
    a_post(database, board, thread=1, body=">>1")
    a_post(database, board)
    loop.render("b")
    loop.site_pages.render()
    return web_root.folder


def test_rendered_site_has_no_difference(
    database: Database, web_root: WebRoot, uploads: UploadStore, site: Path
) -> None:
    assert list(Verifier(database, web_root, uploads, "Stillboard").verify()) == []


def damage(path: str, how: Callable[[Path], object]) -> Callable[[Path], object]:
    return lambda site: how(next(site.glob(path)))


@pytest.mark.parametrize(
    ("harm", "finding"),
    [
        (damage("b/res/1.html", Path.unlink), ("missing", "b/res/1.html")),
        (damage("b/res/1.html", lambda p: p.write_text("old")), ("differing", "b/res/1.html")),
        (damage("b/res/1.html.gz", Path.unlink), ("differing", "b/res/1.html")),
        (damage("b/res/1.json.br", lambda p: p.write_bytes(b"\0")), ("differing", "b/res/1.json")),
        (damage("index.html", Path.unlink), ("missing", "index.html")),
        (damage("b/thumb/*", Path.unlink), ("missing", "b/thumb/")),
        (damage("b/src/*", lambda p: (p.unlink(), p.write_text("x"))), ("differing", "b/src/")),
        (lambda s: (s / "b/res/99.html").write_text("x"), ("orphaned", "b/res/99.html")),
        (lambda s: (s / "b/3.html").write_text("x"), ("orphaned", "b/3.html")),
        (lambda s: (s / "b/res/98.json.gz").write_text("x"), ("orphaned", "b/res/98.json.gz")),
        (lambda s: (s / "b/src/1.png").write_text("x"), ("orphaned", "b/src/1.png")),
    ],
    ids=lambda value: f"{value[0]}:{value[1]}" if isinstance(value, tuple) else "",
)
def test_damage_is_found_named_and_mended(
    database: Database,
    web_root: WebRoot,
    uploads: UploadStore,
    site: Path,
    harm: Callable[[Path], object],
    finding: tuple[str, str],
) -> None:
    harm(site)
    found = list(Verifier(database, web_root, uploads, "Stillboard", repair=True).verify())
    assert [one.wrong for one in found] == [finding[0]]
    assert found[0].path.startswith(finding[1])
    assert list(Verifier(database, web_root, uploads, "Stillboard").verify()) == []


def test_wrong_ledger_is_found_and_mended(
    database: Database, web_root: WebRoot, uploads: UploadStore, site: Path
) -> None:
    with database.transaction() as db:
        db.execute("DELETE FROM publications WHERE path = 'b/res/1.html'")
    verifier = Verifier(database, web_root, uploads, "Stillboard", repair=True)
    assert list(verifier.verify()) == [Finding("unrecorded", "b/res/1.html")]
    assert list(verifier.verify()) == []


def test_lost_upload_is_named(
    database: Database, web_root: WebRoot, uploads: UploadStore, site: Path, tmp_path: Path
) -> None:
    for place in (tmp_path / "uploads").rglob("*.thumb"):
        place.unlink()
    found = list(Verifier(database, web_root, uploads, "Stillboard", repair=True).verify())
    assert [one.wrong for one in found] == ["lost"]


def test_post_that_waits_is_rendered_not_reported(
    database: Database, web_root: WebRoot, uploads: UploadStore, site: Path
) -> None:
    with database.connection() as db:
        board = boards.get(db, "b")
    a_post(database, board, thread=1, body="just now")
    assert list(Verifier(database, web_root, uploads, "Stillboard").verify()) == []
    assert b"just now" in (web_root.read("b/res/1.html") or b"")


# --- a sample ---


def a_verifier(
    database: Database, web_root: WebRoot, uploads: UploadStore, **fields: object
) -> Verifier:
    return Verifier(database, web_root, uploads, "Stillboard", **fields)  # type: ignore[arg-type]


def of_all(verifier: Verifier) -> list[Finding]:
    """Of a sample that is larger than the board."""
    return list(verifier.verify_sample(100, Random(1)))


@pytest.mark.parametrize(
    ("harm", "finding"),
    [
        (damage("b/res/1.html", Path.unlink), ("missing", "b/res/1.html")),
        (damage("b/2.html", lambda p: p.write_text("old")), ("differing", "b/2.html")),
        (damage("b/catalog.json.gz", Path.unlink), ("differing", "b/catalog.json")),
        (damage("index.html", Path.unlink), ("missing", "index.html")),
        (damage("b/thumb/*", Path.unlink), ("missing", "b/thumb/")),
        (damage("b/src/*", lambda p: (p.unlink(), p.write_text("x"))), ("differing", "b/src/")),
    ],
    ids=lambda value: f"{value[0]}:{value[1]}" if isinstance(value, tuple) else "",
)
def test_sample_finds_damage_of_each_kind_of_page_and_mends_it(
    database: Database,
    web_root: WebRoot,
    uploads: UploadStore,
    site: Path,
    harm: Callable[[Path], object],
    finding: tuple[str, str],
) -> None:
    assert of_all(a_verifier(database, web_root, uploads)) == []
    harm(site)
    found = of_all(a_verifier(database, web_root, uploads, repair=True))
    assert [one.wrong for one in found] == [finding[0]]
    assert found[0].path.startswith(finding[1])
    assert list(a_verifier(database, web_root, uploads).verify()) == []


def test_sample_draws_as_many_pages_as_it_is_asked_for_and_seeds_pick_them(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore
) -> None:
    board, _ = a_board(database), a_board(database, "empty")
    for _ in range(30):
        a_post(database, board)
    loop.render("b")
    loop.render("empty")
    looked_at: list[str] = []
    verifier = a_verifier(database, web_root, uploads, on_file=looked_at.append)
    assert list(verifier.verify_site()) == []
    of_site, looked_at[:] = set(looked_at), []
    assert list(verifier.verify_sample(5, Random(7))) == []
    # A thread's page stands for four files, a catalog for three, a board page for two.
    assert 5 <= len(set(looked_at) - of_site) <= 20
    assert verifier.picked(5, Random(7)) == verifier.picked(5, Random(7))
    picked = {page for seed in range(20) for page in verifier.picked(5, Random(seed))}
    assert len(picked) > 20
    assert {name for name, _ in picked} == {"b", "empty"}


def test_sample_of_a_site_without_boards_is_that_of_its_own_pages(
    database: Database, loop: RenderLoop, web_root: WebRoot, uploads: UploadStore
) -> None:
    loop.site_pages.render()
    assert of_all(a_verifier(database, web_root, uploads)) == []
    assert web_root.read("index.html") is not None


def test_sample_leaves_out_what_waits_to_be_drawn_and_draws_nothing_of_it(
    database: Database, web_root: WebRoot, uploads: UploadStore, site: Path
) -> None:
    """A look that drew what waits would keep renderers from a board that is posted to."""
    with database.connection() as db:
        board = boards.get(db, "b")
    a_post(database, board, thread=1, body="just now")
    web_root.remove("b/res/3.html")
    found = of_all(a_verifier(database, web_root, uploads))
    assert found == [Finding("missing", "b/res/3.html")]
    assert b"just now" not in (web_root.read("b/res/1.html") or b"")


def test_command_tells_of_a_sample_as_of_the_whole_and_by_which_seed_it_was_picked(
    database: Database, database_url: str, web_root: WebRoot, site: Path, tmp_path: Path
) -> None:
    environ = {
        "DATABASE_URL": database_url,
        "STILLBOARD_DATA": str(tmp_path),
        "STILLBOARD_WEB_ROOT": str(web_root.folder),
    }

    def told(*arguments: str) -> tuple[int, dict[str, object]]:
        done = CliRunner().invoke(stillboard, ["verify", "--json", *arguments], obj=environ)
        return done.exit_code, json.loads(done.output)

    status, well = told("--sample", "100")
    assert (status, well["findings"]) == (0, []), well
    web_root.remove("b/res/1.html")
    status, wrong = told("--sample", "100", "--seed", str(well["seed"]))
    assert (status, wrong["seed"]) == (1, well["seed"])
    assert wrong["findings"] == [{"wrong": "missing", "path": "b/res/1.html"}]
    assert told("--sample", "100", "--repair")[0] == 1
    assert told("--sample", "100")[0] == 0
