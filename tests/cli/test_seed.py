"""`stillboard seed`: what its demo shows, whose boards it leaves alone, what half of one leaves."""

from __future__ import annotations

import hashlib
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.demo import props, script
from cli.demo.script import BoardScript, Place, Said, SiteScript, ThreadScript
from cli.demo.staging import Stage
from cli.registry import stillboard
from deploy.embedded.service import ServiceFailed
from deploy.environment import ROOT
from deploy.founding import FIRST_BOARD
from imageboard.cloaks import Cloak
from imageboard.errors import RuleBroken
from imageboard.media import MediaLimits
from imageboard.settings import BoardSettings
from imageboard.store import boards, threads, written
from imageboard.store.database import Database
from imageboard.store.uploads import UploadStore
from renderer.render_loop import RenderLoop
from renderer.web_root import WebRoot
from tests.builders import a_board, a_post
from tests.tables import for_each
from writer.media.darkroom import Darkroom
from writer.turns import FileTurns
from writer.uploading import Receiver

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SITE = SiteScript(announcement="Hello", news=({"title": "Open", "body": "Come in"},), pages={})
#: What a visitor of the demo meets: feature, page, and what stands on it.
SHOWN = {
    "a group of boards": ("index.html", "Making"),
    "the announcement": ("index.html", "This is a <strong>demo</strong>"),
    "news": ("news.html", "The house is open"),
    "a page of the site": ("faq.html", "Do I need an account"),
    "rules of a board": ("food/rules.html", "Grams, please"),
    "a banner": ("tec/index.html", '<p class="banner">'),
    "a theme": ("tec/index.html", '<html lang="en" data-style="terminal">'),
    "what a file shows": ("tec/res/*.html", 'alt="A terminal: tick ok'),
    "several files": ("tec/index.html", r"too many colours\.jpg.*just enough\.jpg.*office\.jpg"),
    "a tripcode": ("food/index.html", r"![./0-9A-Za-z]{10}<"),
    "a capcode": ("meta/index.html", "## Admin"),
    "sage": ("b/index.html", 'class="email"[^>]*>sage'),
    "a quote of another board": ("tec/index.html", r'href="/food/res/\d+\.html#\d+"'),
    "code": ("tec/res/*.html", r"language-python"),
    "greentext": ("b/index.html", 'class="quote"'),
    "pinktext": ("tec/res/*.html", "&lt;buying the cheap ones again"),
    "letters as a picture": ("txt/index.html", "∧＿∧"),
    "a formula": ("tec/res/*.html", r"\\text\{life\}"),
    "a heading": ("food/index.html", "Ask about bread"),
    "a spoiler in the text": ("retro/index.html", 'class="spoiler"'),
    "a hidden file": ("retro/index.html", "Spoiler: open the file to see it"),
    "dice": ("dice/index.html", r"Threw 5d6: [1-6], "),
    "a country": ("lang/index.html", 'title="Japan"'),
    "a flag of the board": ("dice/index.html", '/dice/flags/wizard.png"'),
    "a tag": ("tec/index.html", 'class="tag"[^>]*>Show'),
    "a pinned thread": ("food/index.html", "Pinned"),
    "a locked thread": ("tec/index.html", "Locked"),
    "a thread that goes round": ("meta/index.html", "Cyclical"),
    "an archive": ("retro/archive/index.html", r'href="/retro/archive/\d{4}-\d\d\.html"'),
    "a film": ("retro/index.html", "<video"),
    "a sound": ("lang/index.html", "<audio"),
    "a document": ("food/index.html", r"dill, probably\.pdf"),
    "a package": ("tec/res/*.html", r"whole exercise\.zip"),
    "an ID": ("lang/index.html", "ID: "),
    "a board of text": ("txt/index.html", "名無しさん"),
    "Arabic": ("lang/res/*.html", "سهرة"),
    "the end of a long thread": ("b/res/*+50.html", "And so are you"),
}


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    darkroom = Darkroom(MediaLimits(), scratch)
    yield Receiver(darkroom, UploadStore(tmp_path / "uploads"), FileTurns(tmp_path / "turns"))
    darkroom.close()


def a_stage(database: Database, receiver: Receiver) -> Stage:
    return Stage(database, receiver, Cloak(b"k" * 32), "", now=NOW)


def a_script(*, name: str = "tea", posts: tuple[Said, ...] = (Said(body="Hello"),)) -> BoardScript:
    thread = ThreadScript(id="first", ago="3d", posts=posts)
    return BoardScript(name=name, settings={"title": "Tea"}, threads=(thread,))


def _joined(web_root: Path, pattern: str) -> str:
    """The pages of this path, in one line."""
    pages = [page.read_text(encoding="utf-8") for page in web_root.glob(pattern)]
    return " ".join("".join(pages).splitlines())


@pytest.mark.slow
def test_demo_shows_every_feature(database: Database, receiver: Receiver, tmp_path: Path) -> None:
    with database.transaction() as db:
        boards.add(db, FIRST_BOARD, BoardSettings())
    told = script.boards()
    staged = a_stage(database, receiver).perform(told, script.site())
    assert set(staged.boards) == {each.name for each in told}
    assert staged.posts >= 300
    web_root = WebRoot(tmp_path / "public")
    loop = RenderLoop(database, web_root, receiver.uploads, "Stillboard")
    for name in staged.boards:
        loop.render(name)
    loop.site_pages.render()
    pages = {path: _joined(tmp_path / "public", path) for path, _ in SHOWN.values()}
    missed = [name for name, (path, words) in SHOWN.items() if not re.search(words, pages[path])]
    assert missed == []
    assert a_stage(database, receiver).perform(told, script.site()) == ((), 0, 0)


@pytest.mark.slow
def test_files_are_the_same_each_time_that_they_are_made() -> None:
    """In another process too: no clock, no chance of its own."""
    spelled = [f"a.jpg: {kind} 1" for kind in ("cover", "document", "film", "package", "song")]
    code = (
        "import hashlib, sys; from cli.demo import props; "
        "print([hashlib.md5(props.made(each).body).hexdigest() for each in sys.argv[1:]])"
    )
    elsewhere = subprocess.check_output(
        [sys.executable, "-P", "-c", code, *spelled], env={"PYTHONPATH": str(ROOT)}, text=True
    )
    here = [hashlib.md5(props.made(each).body).hexdigest() for each in spelled]
    assert elsewhere == f"{here}\n"


@pytest.mark.slow
def test_seed_by_itself_is_the_demo(database: Database, database_url: str, tmp_path: Path) -> None:
    for each in script.boards():
        a_board(database, each.name)
    environ = {"DATABASE_URL": database_url, "STILLBOARD_ADDRESS_KEY": "k" * 32}
    done = CliRunner().invoke(stillboard, ["seed", "--data", str(tmp_path)], obj=environ)
    assert done.output == "Every board of the demo is there already: nothing is changed.\n"
    assert done.exit_code == 0


def test_no_demo_comes_among_real_people(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    environ = {
        "DATABASE_URL": database_url,
        "STILLBOARD_ADDRESS_KEY": secrets.token_urlsafe(32),
        "CSRF_KEY": secrets.token_urlsafe(32),
        "ENVIRONMENT": "production",
    }
    done = CliRunner().invoke(stillboard, ["seed", "--data", str(tmp_path)], obj=environ)
    assert done.exit_code == 2
    assert "for real people" in done.output
    with database.connection() as db:
        assert boards.list_all(db) == []


def test_posts_are_as_old_as_the_script_says_and_none_is_of_the_future() -> None:
    ages = [cue.ago for cue in script.cues(script.boards())]
    assert ages == sorted(ages, reverse=True)
    assert ages[0] > timedelta(weeks=3)
    assert ages[-1] > timedelta(0)


def test_what_is_quoted_was_posted_before() -> None:
    posted: dict[Place, tuple[str, int]] = {}
    for cue in script.cues(script.boards()):
        script.quoting(cue.said.body, cue, posted.__getitem__)
        posted[cue.place] = cue.board, 1


def test_quote_of_another_board_says_so_and_of_one_that_is_not_there_is_no_number() -> None:
    (cue,) = script.cues([a_script(posts=(Said(body=">>@1 >>@bread.2 >>@gone.1"),))])
    posted = {Place("first", 1): ("tea", 7), Place("bread", 2): ("food", 12)}
    assert script.quoting(cue.said.body, cue, posted.get) == ">>7 >>>/food/12 >>gone"


@for_each("is_set_up", [True, False])
def test_board_that_is_somebody_s_stays_as_it_is(
    database: Database, receiver: Receiver, is_set_up: bool
) -> None:
    name = "tea" if is_set_up else "mate"
    board = a_board(database, name, **({"bump_limit": 7} if is_set_up else {}))
    if not is_set_up:
        a_post(database, board)
    with database.connection() as db:
        before = boards.get(db, name)
    new = f"{name}2"
    staged = a_stage(database, receiver).perform([a_script(name=name), a_script(name=new)], SITE)
    assert staged.boards == (new,)
    with database.connection() as db:
        assert boards.get(db, name).settings == before.settings
        assert boards.get(db, name).last_no == before.last_no


def test_what_the_operator_wrote_is_not_written_over(
    database: Database, receiver: Receiver
) -> None:
    with database.transaction() as db:
        written.set_page(db, None, "announcement", "announcement", "Closed on Monday")
        written.add_news(db, None, "Ours", "")
    a_stage(database, receiver).perform([a_script()], SITE)
    with database.connection() as db:
        assert [page.body for page in written.pages(db, None)] == ["Closed on Monday"]
        assert [item.title for item in written.news(db, None, 9)] == ["Ours"]


def test_of_two_that_find_a_board_free_one_fills_it(
    database: Database, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_stage(database, receiver).perform([a_script()], SITE)
    with monkeypatch.context() as earlier:
        # What the second saw when the first had not begun to store.
        earlier.setattr(Stage, "_free", lambda _stage, told: list(told))
        with pytest.raises(ServiceFailed, match="meanwhile"):
            a_stage(database, receiver).perform([a_script()], SITE)
    with database.connection() as db:
        assert boards.get(db, "tea").last_no == 1
    assert a_stage(database, receiver).perform([a_script()], SITE).boards == ()


@pytest.mark.slow
def test_half_a_demo_leaves_nothing_and_the_next_try_stores_it_whole(
    database: Database, receiver: Receiver, tmp_path: Path
) -> None:
    shown = Said(body="With a picture", files=("a cat.png: cat 1",))
    stage = a_stage(database, receiver)
    with pytest.raises(RuleBroken):
        stage.perform([a_script(posts=(shown, Said(body="x" * 5_000)))], SITE)
    assert not [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()]
    with database.connection() as db:
        assert boards.list_all(db) == []

    again = a_stage(database, receiver).perform([a_script(posts=(shown, shown))], SITE)
    assert again == (("tea",), 2, 2)
    with database.connection() as db:
        (post, _) = threads.posts_by_no(db, "tea", [1, 2])
        assert post.files[0].original_name == "a cat"
        assert post.created_s == (NOW - timedelta(days=3)).timestamp()
