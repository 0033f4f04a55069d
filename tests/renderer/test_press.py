"""Pages that rest are compressed anew: smaller, and the same page to everybody."""

from __future__ import annotations

import gzip
import threading
from pathlib import Path

import brotli
import pytest

from imageboard.boards import Board
from imageboard.errors import StoreUnavailable
from imageboard.store import posts, publications
from imageboard.store.database import Connection, Database
from imageboard.store.publications import LISTING_REST_FACTOR, Rested
from imageboard.store.uploads import UploadStore
from renderer import former_siblings
from renderer.bodies import Body, Chunks, brotlied, brotlied_thoroughly, gzipped
from renderer.keeper import press as press_module
from renderer.keeper.press import Press
from renderer.render_loop import RenderLoop
from renderer.verify import Verifier
from renderer.web_root import WebRoot
from tests.builders import a_board, a_post

pytestmark = pytest.mark.slow

#: A busy machine lets no page rest for as long.
REST_S = 3600
PAGE = "b/res/1.html"
LISTING = "b/index.html"


@pytest.fixture
def press(database: Database, web_root: WebRoot, loop: RenderLoop) -> Press:
    return Press(database, web_root, loop, rest_s=REST_S)


@pytest.fixture
def board(database: Database, loop: RenderLoop) -> Board:
    """With a thread of lively text, drawn."""
    board = a_board(database)
    a_post(database, board, body="The kettle took four minutes and ten seconds from cold.")
    for number in range(20):
        a_post(database, board, thread=1, body=f"Without the lid {number * 7919 % 1000} seconds.")
    loop.render("b")
    loop.site_pages.render()
    return board


def pass_by(database: Database, seconds: float) -> None:
    """As if what is published had been for so much longer."""
    with database.connection() as db:
        db.execute(
            "UPDATE publications SET published_at = published_at - make_interval(secs => %s)",
            (seconds,),
        )


def press_all(press: Press) -> None:
    while press.run_once():
        pass


def in_haste(web_root: WebRoot, path: str) -> bool:
    page = web_root.read(path) or b""
    siblings = [web_root.read(f"{path}{suffix}") for suffix in (".gz", ".br")]
    assert [gzip.decompress(siblings[0] or b""), brotli.decompress(siblings[1] or b"")] == [
        page
    ] * 2
    return siblings == [b"".join(gzipped(page)), b"".join(brotlied(page))]


def times(web_root: WebRoot) -> list[int]:
    return [(web_root.version(f"{PAGE}{suffix}") or (0, 0))[1] for suffix in ("", ".gz", ".br")]


def owed(database: Database) -> set[str]:
    with database.connection() as db:
        return {
            file.path for file in publications.rested(db, after="", rest_s=-1e9, limit=1_000_000)
        }


def test_page_that_rests_is_smaller_and_says_the_same(
    database: Database, web_root: WebRoot, uploads: UploadStore, press: Press, board: Board
) -> None:
    sizes = [web_root.size(f"{PAGE}{suffix}") or 0 for suffix in ("", ".gz", ".br")]
    before = times(web_root)
    pass_by(database, REST_S * LISTING_REST_FACTOR + 1)
    press_all(press)
    assert not in_haste(web_root, PAGE)
    after = [web_root.size(f"{PAGE}{suffix}") or 0 for suffix in ("", ".gz", ".br")]
    assert after[0] == sizes[0]
    assert after[1] < sizes[1] * 0.95
    assert after[2] < sizes[2] * 0.85
    assert times(web_root) == before
    assert not in_haste(web_root, "index.html"), "pages of the whole site too"
    assert not owed(database)
    assert list(Verifier(database, web_root, uploads, "Stillboard").verify()) == []


def test_page_that_is_hot_is_left_alone_and_listings_rest_for_longer(
    database: Database, web_root: WebRoot, press: Press, board: Board
) -> None:
    press_all(press)
    assert in_haste(web_root, PAGE)
    pass_by(database, REST_S + 1)
    press_all(press)
    assert not in_haste(web_root, PAGE)
    assert in_haste(web_root, LISTING)
    pass_by(database, REST_S * LISTING_REST_FACTOR)
    press_all(press)
    assert not in_haste(web_root, LISTING)


@pytest.mark.parametrize(
    ("posts_come_in", "handful", "of_many"),
    [(True, 2, True), (True, 10_000, False), (False, 2, False)],
    ids=["many wait while somebody posts", "few wait", "nobody posts"],
)
def test_where_many_pages_wait_while_somebody_posts_each_gets_less_work(
    posts_come_in: bool,
    handful: int,
    of_many: bool,
    database: Database,
    web_root: WebRoot,
    press: Press,
    board: Board,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else most would stay as they were drawn in haste."""
    told: list[bool] = []

    def noted(body: Body, *, of_many: bool) -> Chunks:
        told.append(of_many)
        return brotlied_thoroughly(body, of_many=of_many)

    pass_by(database, REST_S + 1)
    press_all(press)
    if posts_come_in:
        a_post(database, board, thread=1, body="One more.")
    monkeypatch.setattr(press_module, "HANDFUL", handful)
    monkeypatch.setattr(press_module, "brotlied_thoroughly", noted)
    pass_by(database, REST_S * LISTING_REST_FACTOR)
    assert press.run_once()
    assert set(told) == {of_many}


def test_less_work_makes_a_page_between_that_of_haste_and_that_of_rest(
    web_root: WebRoot, board: Board
) -> None:
    page = web_root.read(PAGE) or b""
    made = brotlied(page), brotlied_thoroughly(page, of_many=True), brotlied_thoroughly(page)
    sizes = [len(b"".join(chunks)) for chunks in made]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3
    assert {brotli.decompress(b"".join(chunks)) for chunks in made} == {page}


def test_page_that_is_posted_to_meanwhile_wins(
    database: Database,
    web_root: WebRoot,
    loop: RenderLoop,
    press: Press,
    board: Board,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def posted_to_meanwhile(body: Body, **_: bool) -> Chunks:
        monkeypatch.undo()
        a_post(database, board, thread=1, body="A newer one.")
        loop.render("b")
        return brotlied_thoroughly(body)

    pass_by(database, REST_S + 1)
    monkeypatch.setattr(press_module, "brotlied_thoroughly", posted_to_meanwhile)
    press_all(press)
    assert b"A newer one." in (web_root.read(PAGE) or b"")
    assert in_haste(web_root, PAGE)
    assert PAGE in owed(database)


def test_page_that_went_meanwhile_does_not_come_back(
    database: Database,
    web_root: WebRoot,
    loop: RenderLoop,
    press: Press,
    board: Board,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def removed_meanwhile(body: Body, **_: bool) -> Chunks:
        monkeypatch.undo()
        with database.transaction() as db:
            posts.remove(db, "b", 1)
        loop.render("b")
        return brotlied_thoroughly(body)

    pass_by(database, REST_S + 1)
    monkeypatch.setattr(press_module, "brotlied_thoroughly", removed_meanwhile)
    press_all(press)
    assert not list((web_root.folder / "b/res").iterdir())


def test_press_that_was_killed_in_the_middle_is_followed_by_one_that_finishes(
    database: Database,
    web_root: WebRoot,
    press: Press,
    board: Board,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its files are in place and the ledger has not heard of it."""

    def killed(_db: Connection, _files: list[Rested]) -> None:
        raise KeyboardInterrupt

    pass_by(database, REST_S + 1)
    monkeypatch.setattr(publications, "compressed", killed)
    with pytest.raises(KeyboardInterrupt):
        press_all(press)
    monkeypatch.undo()
    assert PAGE in owed(database)
    press_all(press)
    assert not in_haste(web_root, PAGE)
    assert PAGE not in owed(database)


def test_press_goes_on_when_the_database_is_back(
    database: Database,
    web_root: WebRoot,
    press: Press,
    board: Board,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pass_by(database, REST_S + 1)
    rested, tries = publications.rested, []

    def down_at_first(*args: object, **named: object) -> list[Rested]:
        tries.append(args)
        if len(tries) == 1:
            raise StoreUnavailable
        if len(tries) == 3:
            press.stop.set()
        return rested(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(publications, "rested", down_at_first)
    monkeypatch.setattr(press_module, "LOOK_EVERY_S", 0.0)
    pressing = threading.Thread(target=press.run)
    pressing.start()
    pressing.join()
    assert not in_haste(web_root, PAGE)


def test_page_that_was_damaged_on_the_disk_is_left_to_the_proof(
    database: Database, web_root: WebRoot, press: Press, board: Board
) -> None:
    (web_root.folder / PAGE).write_bytes(b"damaged")
    before = web_root.read(f"{PAGE}.br")
    pass_by(database, REST_S + 1)
    press_all(press)
    assert web_root.read(f"{PAGE}.br") == before


def test_siblings_of_before_are_kept_for_an_hour_or_until_the_page_is_another(
    web_root: WebRoot,
) -> None:
    def kept() -> list[Path]:
        return list((web_root.folder / former_siblings.FOLDER).rglob("*.br"))

    page = b"<p>a page</p>" * 300
    small = {".br": [b"smaller"]}
    for end in (
        lambda: web_root.replace(PAGE, page + b"2"),
        lambda: web_root.remove(PAGE),
        lambda: former_siblings.forget_old(str(web_root.folder), before_s=2e10),
    ):
        web_root.replace(PAGE, page)
        web_root.press(PAGE, small)
        assert former_siblings.forget_old(str(web_root.folder)) == 0
        assert len(kept()) == 1
        end()
        assert kept() == []
        assert not (web_root.folder / former_siblings.FOLDER / PAGE).exists()
