"""The evening of a volunteer: a flood of reports, a spammer and a picture are dealt with in a few
presses on a phone, with scripts and without, and each of these is taken back in fewer.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from imageboard import post_rules
from imageboard.boards import Board
from imageboard.cloaks import Cloak
from imageboard.settings import BoardSettings, Settings
from imageboard.staff_roles import Role
from imageboard.store import boards, posts, reports, staff
from imageboard.store.database import Connection, Database
from imageboard.tripcodes import Salt
from tests.browser.visits import a_visit, begun, expect
from tests.builders import a_draft
from tests.walk.board_process import BoardProcess, Upload
from tests.writer.media import hostile
from tests.writer.media.bench_darkroom import photograph

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

PASSWORD = "a password of hers"
PRESSES_MAX, PRESSES_BACK_MAX = 12, 3
SPAMMERS = ("198.51.100.7", "198.51.100.8", "198.51.100.200")
#: The second has a margin cut off.
PICTURE = photograph(480, 360).resize((240, 180))
PICTURES = [PICTURE, PICTURE.crop((0, 0, 240, 176))]


@dataclass
class Evening:
    """A board of its own, and whoever looks after it."""

    board: str
    database: Database
    #: Numbers of posts.
    spam: list[int] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    reported: list[int] = field(default_factory=list)

    def shown(self) -> set[int]:
        with self.database.connection() as db:
            found = db.execute("SELECT no FROM shown_posts WHERE board = %s", [self.board])
            return {no for (no,) in found}

    def open_reports(self) -> int:
        open_ones = "SELECT count(*) FROM reports WHERE board = %s AND dismissed_at IS NULL"
        with self.database.connection() as db:
            ((count,),) = db.execute(open_ones, [self.board]).fetchall()
        return int(count)


@contextmanager
def an_evening(process: BoardProcess, name: str) -> Iterator[Evening]:
    """20 threads, 60 posts of spam in them from three addresses of one range, a picture and its
    cropped copy; 50 reports on 30 of these posts.
    """
    settings = Settings.read(process.environment)
    database = Database(settings.database_url, connections_max=2)
    database.open()
    evening = Evening(name, database)
    quick = {"reply_wait_s": 0, "thread_wait_s": 0, "same_text_wait_s": 0, "captcha": "never"}
    with database.transaction() as db:
        boards.add(db, name, BoardSettings(title="Evening", **quick))
        staff.add(db, name, PASSWORD, Role.MODERATOR, name)
        board = boards.get(db, name)
    cloak = Cloak(settings.address_key)
    with database.transaction() as db:
        threads = [
            _post(db, board, cloak, f"203.0.113.{n}", None, f"Thread {n}.") for n in range(20)
        ]
        evening.spam = [
            _post(db, board, cloak, SPAMMERS[n % 3], threads[n // 3], f"Buy shoes {n}!")
            for n in range(60)
        ]
    for place, picture in enumerate(PICTURES):
        file = Upload("a.jpg", hostile.a_jpeg(picture, quality=85))
        address = f"192.0.2.{100 + place}"
        sent = process.post(board=name, thread=threads[place], files=[file], address=address)
        evening.pictures.append(int(sent["id"]))
    evening.reported = [*evening.spam[:15], evening.pictures[0], *threads[:14]]
    with database.transaction() as db:
        for reporter, nos in enumerate((evening.reported, evening.reported[:20])):
            reports.add(db, name, nos, reason="Look.", address_hash=bytes([reporter]) * 16)
    process.settle()
    try:
        yield evening
    finally:
        database.close()


def _post(
    db: Connection, board: Board, cloak: Cloak, address: str, thread: int | None, body: str
) -> int:
    new_post = post_rules.accept(
        a_draft(board=board.name, thread=thread, body=body),
        board,
        address=ipaddress.ip_address(address),
        cloak=cloak,
        trip_salt=Salt("x"),
    )
    return posts.add(db, new_post, limits=False).no


class Presses:
    """Counts each press, and looks whether the page that follows fits the phone."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def __call__(self, place: Locator) -> None:
        self.count += 1
        place.click()
        # Its sheet as well.
        self.page.wait_for_load_state()
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, self.page.url

    def link(self, name: str) -> None:
        self(self.page.get_by_role("link", name=name, exact=True))

    def button(self, name: str) -> None:
        self(self.page.get_by_role("button", name=name, exact=True).first)

    def more_about(self, board: str, no: int) -> None:
        case = self.page.get_by_role("region", name=f"Post {no} on /{board}/", exact=True)
        self(case.get_by_role("link", name="More about it"))

    def done(self, sentence: str) -> None:
        expect(self.page.get_by_role("status")).to_have_text(sentence)


def test_evening_takes_few_presses_and_each_is_taken_back(
    chromium: Browser, board: BoardProcess
) -> None:
    """Without scripts; then all of it is dealt with once more, with them."""
    with an_evening(board, "eve") as evening:
        before = evening.shown()
        assert (len(before), len(evening.reported), evening.open_reports()) == (82, 30, 50)
        with _at_the_desk(chromium, board, evening, javascript=False) as page:
            _clean_in_few_presses(page, evening, before, from_a_page=False)
            _take_back(page)
        assert evening.shown() == before
        assert evening.open_reports() == 50
        board.settle()
        # No page of the desk that follows has a script: it is taken back in the other walk.
        with _at_the_desk(chromium, board, evening, javascript=True) as page:
            _clean_in_few_presses(page, evening, before, from_a_page=True)


@contextmanager
def _at_the_desk(
    chromium: Browser, board: BoardProcess, evening: Evening, *, javascript: bool
) -> Iterator[Page]:
    viewport = {"width": 390, "height": 844}
    with a_visit(chromium, board, javascript=javascript, viewport=viewport) as visit:  # type: ignore[arg-type]
        page = visit.page
        page.goto("/mod/")
        page.get_by_label("Name").fill(evening.board)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in", exact=True).click()
        expect(page.get_by_role("button", name="Log out")).to_be_visible()
        yield page


def _clean_in_few_presses(
    page: Page, evening: Evening, before: set[int], *, from_a_page: bool
) -> None:
    press = Presses(page)
    _clean(press, evening, from_a_page=from_a_page)
    assert press.count <= PRESSES_MAX
    assert evening.shown() == before - set(evening.spam) - set(evening.pictures)
    assert evening.open_reports() == 0


def _clean(press: Presses, evening: Evening, *, from_a_page: bool) -> None:
    """Where a form is filled in, nothing is pressed."""
    page = press.page
    spam = evening.spam[0]
    if from_a_page:
        page.evaluate("""localStorage.setItem("stillboard:settings", '{"desk": true}')""")
        page.goto(f"/{evening.board}/res/1.html")
        begun(page)
        press(page.get_by_role("button", name=f"Menu of post {spam}", exact=True))
        press(page.get_by_role("menuitem", name="At the desk", exact=True))
    else:
        press.link("Reports")
        press.more_about(evening.board, spam)
    page.locator("#ban-target").fill("198.51.100.0/24")
    page.locator("#ban-reason").fill("Shoes.")
    press(page.get_by_label(f"On /{evening.board}/ only"))
    press(page.get_by_label("And delete what they wrote in the last day"))
    press.button("Ban")
    press.done("The ban is in force.")

    press.more_about(evening.board, evening.pictures[0])
    press.link("What looks like its pictures")
    press.link("Tick all of this page")
    press.button("Delete the ticked posts")
    press.done("The ticked posts were deleted.")

    press.link("Reports")
    press.link("Tick all of this page")
    press.button("Dismiss the ticked reports")
    press.done("The ticked reports were dismissed.")


def _take_back(page: Page) -> None:
    """Each in as few presses as PRESSES_BACK_MAX, from where the last one led."""
    dismissal = Presses(page)
    dismissal.link("Just dismissed")
    dismissal.link("Tick all of this page")
    dismissal.button("Open the ticked reports again")
    dismissal.done("The ticked reports wait again.")
    removals = []
    for _ in ("of the pictures", "of the spam"):
        removals.append(Presses(page))
        removals[-1].link("Removed")
        removals[-1].button("Undo")
        removals[-1].done("It is back.")
    ban = Presses(page)
    ban.link("Bans")
    ban.button("Lift it")
    ban.done("The ban was lifted.")
    assert max(each.count for each in (dismissal, ban, *removals)) <= PRESSES_BACK_MAX
