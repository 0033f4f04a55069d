"""Writing with scripts: what is written is neither lost nor doubled, and one is told of it."""

from __future__ import annotations

import contextlib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Error

from templates.assets import asset_url
from tests.browser.visits import OFFLINE, Shoulder, a_visit, begun, expect, until
from tests.walk.board_process import BoardProcess
from tests.writer.media import hostile

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FilePayload, Locator, Page, Request, Route

pytestmark = pytest.mark.browser

CAT: FilePayload = {
    "name": "cat.png",
    "mimeType": "image/png",
    "buffer": hostile.a_png(hostile.scene(64, 48)),
}
DOG: FilePayload = {
    "name": "dog.gif",
    "mimeType": "image/gif",
    "buffer": hostile.a_gif(),
}


@pytest.fixture
def thread(board: BoardProcess) -> int:
    """Of one post, whose page is there."""
    no = int(board.post(board="b", subject="For a walk", body="First line.\nSecond line.")["id"])
    board.settle()
    return no


def texts_of(board: BoardProcess, thread: int) -> list[str]:
    """What its replies say, as typed, by what the board itself tells."""
    board.settle()
    return [post["raw"] for post in board.read(f"/b/res/{thread}.json")["posts"][1:]]


def comment(page: Page) -> Locator:
    return page.locator("textarea[name=body]")


def open_panel(page: Page, thread: int) -> None:
    page.goto(f"/b/res/{thread}.html")
    begun(page)
    page.locator(f'a.post_no[href$="#q{thread}"]').click()
    expect(page.locator(".reply-panel.quick")).to_be_visible()
    comment(page).fill("")


#: Of a picture that is asked for before it is published: it is asked for again.
NOT_YET = 404


def press_post(page: Page) -> None:
    page.get_by_role("button", name="Post the reply").click()


def keeps_as_own(page: Page, no: int) -> None:
    """The reply may have come before the answer to whoever sent it."""
    own = json.dumps({"b": [no]}, separators=(",", ":"))
    page.wait_for_function("own => localStorage['stillboard:own-posts'] === own", arg=own)


def nothing_waits(page: Page) -> None:
    """Nothing that the next page would send of itself, at a moment of its own."""
    page.wait_for_function("() => !localStorage['stillboard:outbox-waits']")


def no_draft_is_left(page: Page) -> None:
    page.wait_for_function("() => Object.keys(localStorage).every(k => !k.includes('draft'))")


def go_offline(visit: Shoulder) -> None:
    """Once all that sends posts is there: it comes while somebody writes."""
    sending = asset_url("scripts/sending.js")
    visit.page.evaluate("async address => { await import(address); }", sending)
    visit.expected_failures |= OFFLINE
    visit.page.context.set_offline(True)


def refuse_once(page: Page, status: int, **refusal: Any) -> None:
    page.route(
        "**/post",
        lambda route: route.fulfill(
            status=status, content_type="application/json", body=json.dumps(refusal)
        ),
        times=1,
    )


def test_without_the_quick_reply_the_form_opens_beside_the_post_as_without_scripts(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    with a_visit(chromium, board, javascript=True) as visit:
        page = visit.page
        page.goto(f"/b/res/{thread}.html")
        page.evaluate("""localStorage.setItem("stillboard:settings", '{"quick-reply": false}')""")
        page.reload()
        begun(page)
        page.locator(f"#q{thread}").click()
        expect(page.locator(".reply-hint")).to_be_in_viewport()
        expect(comment(page)).to_be_in_viewport(ratio=0.5)


def test_number_is_quoted_in_a_panel_and_the_reply_comes_without_leaving(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    with a_visit(chromium, board, javascript=True) as visit:
        page = visit.page
        open_panel(page, thread)
        page.locator(f"[id='{thread}'] .body").evaluate(
            "body => getSelection().setBaseAndExtent(body.firstChild, 0, body.firstChild, 10)"
        )
        page.locator(f"#q{thread}").click()
        expect(comment(page)).to_have_value(f">>{thread}\n>First line\n")
        comment(page).press_sequentially("mine")
        comment(page).press("Shift+ArrowLeft")
        comment(page).press("Control+b")
        page.evaluate("window.stays = true")
        comment(page).press("Control+Enter")
        reply = page.locator("article.reply")
        expect(reply).to_contain_text("min")
        expect(reply.locator("strong")).to_have_text("e")
        expect(page.locator(".reply-panel")).not_to_have_class("reply-panel quick")
        assert page.evaluate("window.stays")
        no = int(reply.get_attribute("id") or 0)
        keeps_as_own(page, no)

        # By the password that this browser has thought up.
        page.locator(f"[name=delete_{no}]").check()
        page.get_by_role("button", name="Delete", exact=True).click()
        expect(page.get_by_role("heading", name="Deleted")).to_be_visible()


def test_pointed_at_post_is_quoted_behind_what_is_written(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    """Whichever post the address names; what is selected in the form is neither quoted nor lost."""
    other = int(board.post(board="b", thread=thread, body="Another.")["id"])
    board.settle()
    with a_visit(chromium, board, javascript=True) as visit:
        page = visit.page
        page.goto(f"/b/res/{thread}.html#{thread}")
        begun(page)
        page.locator(f'[id="{other}"] .body').hover()
        page.keyboard.press("q")
        expect(comment(page)).to_have_value(f">>{other}\n")
        comment(page).press_sequentially("mine")
        comment(page).press("Control+a")
        page.locator(f"#q{thread}").click()
        expect(comment(page)).to_have_value(f">>{other}\nmine\n>>{thread}\n")


def test_post_that_waits_for_staff_is_told_and_leaves_the_form(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    """As the board answers it: tests/writer/desk/test_held.py. It is not sent a second time."""
    with a_visit(chromium, board, javascript=True) as visit:
        page = visit.page
        open_panel(page, thread)
        comment(page).fill("Look at me.")
        refuse_once(page, 202, held=True, message="The staff look first.", id="9", redirect="/b/")
        comment(page).press("Control+Enter")
        expect(page.get_by_text("The staff look first.")).to_be_visible()
        expect(comment(page)).to_have_value("")
        nothing_waits(page)
        page.reload()
        begun(page)
        expect(comment(page)).to_have_value("")
        assert texts_of(board, thread) == []


def test_panel_is_where_it_was_left_and_closes_by_escape(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    with a_visit(
        chromium, board, javascript=True, viewport={"width": 1280, "height": 900}
    ) as visit:
        page = visit.page
        open_panel(page, thread)
        panel, header = page.locator(".reply-panel"), page.locator(".reply-panel > h2")
        header.hover()
        page.mouse.down()
        page.mouse.move(200, 60)
        page.mouse.up()
        left = (panel.bounding_box() or {})["x"]
        assert left < 640, "it went along"
        # Of an input method: it takes back what is being composed.
        composing = {"key": "Escape", "isComposing": True, "bubbles": True}
        comment(page).dispatch_event("keydown", composing)
        expect(panel).to_have_class("reply-panel quick")
        comment(page).press("Escape")
        expect(panel).not_to_have_class("reply-panel quick")
        open_panel(page, thread)
        assert (panel.bounding_box() or {})["x"] == pytest.approx(left, abs=2)
        page.set_viewport_size({"width": 390, "height": 800})
        # Once the page has heard of it, what a mouse had done goes.
        expect(panel).not_to_have_attribute("style", re.compile("."))
        box = panel.bounding_box() or {}
        width = page.evaluate("document.documentElement.clientWidth")
        assert (box["x"], box["width"]) == (0, width), "on a phone it is a sheet at the bottom"
        assert box["y"] + box["height"] == pytest.approx(800, abs=1)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        panel.evaluate("panel => panel.scrollTo(0, panel.scrollHeight)")
        expect(page.locator(".reply-close")).to_be_in_viewport()
        expect(page.get_by_role("button", name="Post the reply")).to_be_in_viewport()


def test_refusal_stands_at_its_field_and_nothing_is_lost(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    with a_visit(chromium, board, javascript=True) as visit:
        visit.expected_statuses = {403, 422, 429, NOT_YET}
        page = visit.page
        open_panel(page, thread)
        press_post(page)
        expect(page.get_by_role("alert")).to_contain_text("The post is empty")
        expect(comment(page)).to_have_attribute("aria-invalid", "true")
        comment(page).fill("Now with a text.")
        expect(page.get_by_role("alert")).to_have_count(0)

        page.locator("#post-file1").set_input_files(CAT)
        expires = {"id": 7, "board": "b", "reason": "Spam", "created": 1795946901, "expires": None}
        ban = expires | {"may_appeal": True, "appeal": None}
        refuse_once(page, 403, error="You are banned.", code="banned", banned=True, ban=ban)
        press_post(page)
        expect(page.get_by_role("alert")).to_contain_text("Spam")
        expect(page.get_by_role("alert").get_by_role("button", name="Appeal")).to_be_visible()
        expect(page.get_by_role("alert")).to_contain_text("does not expire")

        # Too fast: whoever wants has it sent when the time is over.
        page.clock.install()
        refuse_once(page, 429, error="You post too fast.", code="too_fast", retry_after=600)
        press_post(page)
        page.get_by_label("Send it by itself then").check()
        page.clock.fast_forward(600_000)
        expect(page.locator("article.reply .postfilename")).to_have_text("cat.png")
        expect(comment(page)).to_have_value("")
    assert texts_of(board, thread) == ["Now with a text."]


#: What goes with each form that is sent; Firefox tells Playwright of no form's body.
_NOTE_CAPTCHAS = """() => {
    window.captchas = [];
    const send = XMLHttpRequest.prototype.send;
    XMLHttpRequest.prototype.send = function (form) {
        window.captchas.push(form.get("altcha") ?? "");
        send.call(this, form);
    };
}"""


def test_captcha_that_is_suddenly_asked_for_stands_in_the_panel(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    with a_visit(chromium, board, javascript=True) as visit:
        visit.expected_statuses = {403}
        page = visit.page
        open_panel(page, thread)
        page.evaluate(_NOTE_CAPTCHAS)
        comment(page).fill("No robot.")
        altcha = {"provider": "altcha", "site_key": "", "challenge": "/captcha/altcha"}
        refuse_once(page, 403, error="Once more.", code="captcha_failed", captcha=altcha)
        press_post(page)
        expect(page.get_by_role("alert")).to_contain_text("Once more.")
        press_post(page)
        expect(page.locator("article.reply")).to_contain_text("No robot.")
        answers = page.evaluate("() => window.captchas")
        assert any(answer.startswith("ey") for answer in answers), "solved unasked"


def test_draft_and_its_files_survive_a_reload_and_a_closed_tab(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    with a_visit(chromium, board, javascript=True) as visit:
        visit.expected_statuses = {NOT_YET}
        page = visit.page
        open_panel(page, thread)
        page.get_by_label("Email").fill("sage")
        comment(page).fill("Half a thought")
        page.locator("#post-file1").set_input_files([CAT, DOG])
        page.locator(".chosen-files li").nth(1).get_by_label("Spoiler").check()
        page.get_by_label("Description of cat.png").fill("A cat, asleep")
        is_kept = """async scripts => (await (await import(scripts)).keysOf("drafts")).length > 0"""
        until(page, is_kept, asset_url("scripts/kept_files.js"))
        page.wait_for_function(
            """no => ["A cat, asleep", "spoiler2"].every(
                part => localStorage[`stillboard:draft:b/${no}`]?.includes(part))""",
            arg=thread,
        )
        another = page.context.new_page()
        page.close()
        another.goto(f"/b/res/{thread}.html")
        expect(comment(another)).to_have_value("Half a thought")
        expect(another.get_by_label("Email")).to_have_value("sage")
        expect(another.locator(".chosen-name")).to_contain_text(["cat.png", "dog.gif"])
        expect(another.locator("[name=spoiler2]")).to_be_checked()
        begun(another)
        press_post(another)
        images = another.locator("article.reply img")
        expect(images).to_have_count(2)
        expect(images.first).to_have_attribute("alt", "A cat, asleep")
        expect(images.nth(1)).to_have_attribute("alt", "Spoiler: open the file to see it")
        another.reload()
        expect(another.locator("article.reply")).to_have_count(1)
        # They may have come before the answer, which the next page then asks for once more.
        no_draft_is_left(another)


#: What the line at the form says, and what stands in the form meanwhile: the next try may begin
#: before anybody looks.
_NOTE_WHAT_IS_SAID = """() => {
    window.said = [];
    const [line, text] = [".sending-line", "textarea[name=body]"].map(
        (place) => document.querySelector(place));
    new MutationObserver(() => window.said.push([line.textContent, text.value])).observe(
        line, {childList: true, subtree: true, characterData: true});
}"""


def test_draft_of_another_tab_stays_when_a_reply_is_posted(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    long = "A long thought, not yet done"
    is_kept = """([no, text]) => localStorage[`stillboard:draft:b/${no}`]?.includes(text)"""
    with a_visit(chromium, board, javascript=True) as visit:
        page = visit.page
        another = page.context.new_page()
        for tab in (page, another):
            open_panel(tab, thread)
        comment(page).fill(long)
        page.wait_for_function(is_kept, arg=[thread, long])
        # Nothing that would be a pity to lose stands here.
        another.get_by_label("Email").fill("sage")
        another.get_by_label("Email").blur()
        assert another.evaluate(is_kept, [thread, long])
        comment(another).fill("Short.")
        another.wait_for_function(is_kept, arg=[thread, "Short."])
        comment(another).press("Control+Enter")
        expect(another.locator("article.reply")).to_contain_text("Short.")
        another.wait_for_function(is_kept, arg=[thread, long])
        page.close()
        another.reload()
        expect(comment(another)).to_have_value(long)
    assert texts_of(board, thread) == ["Short."]


def test_post_on_a_train_arrives_once(chromium: Browser, board: BoardProcess, thread: int) -> None:
    """Offline at the press; then the first try is stored, and its answer lost on the way."""
    tries: list[Request] = []

    def lose_first_answer(route: Route) -> None:
        tries.append(route.request)
        if len(tries) == 1:
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    with a_visit(chromium, board, javascript=True) as visit:
        visit.expected_statuses = {NOT_YET}
        visit.expected_failures = {"net::ERR_CONNECTION_RESET"}
        page = visit.page
        open_panel(page, thread)
        page.clock.install()
        page.route("**/post", lose_first_answer)
        comment(page).fill("From the train.")
        page.locator("#post-file1").set_input_files(CAT)
        expect(page.locator(".chosen-name")).to_contain_text("cat.png")
        go_offline(visit)
        press_post(page)
        line = page.locator(".sending-line")
        expect(line).to_contain_text("You are offline. Your post is kept here")
        assert tries == []
        page.evaluate(_NOTE_WHAT_IS_SAID)
        page.context.set_offline(False)
        page.wait_for_function(
            """() => window.said.some(([line, text]) =>
                line.includes("The board does not answer") && text === "From the train.")"""
        )
        page.clock.run_for(5000)
        expect(page.locator("article.reply")).to_contain_text("From the train.")
        # Of the first try: the thread may show a post before any answer is read.
        expect(comment(page)).to_have_value("")
        assert len(tries) == 2
        keys = {request.headers["idempotency-key"] for request in tries}
        assert len(keys) == 1
    assert texts_of(board, thread) == ["From the train."]


def test_post_of_a_closed_tab_is_sent_by_the_next_page(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    with a_visit(chromium, board, javascript=True) as visit:
        page = visit.page
        open_panel(page, thread)
        comment(page).fill("Sent later.")
        go_offline(visit)
        press_post(page)
        expect(page.locator(".sending-line")).to_contain_text("You are offline")
        another = page.context.new_page()
        page.close()
        page.context.set_offline(False)
        # As long as the closed tab may still be there, it is left to it.
        another.clock.install()
        another.clock.fast_forward(60_000)
        another.goto("/b/catalog.html")
        expect(another.locator(".notes")).to_contain_text("Your post is No.")
        no_draft_is_left(another)
    assert texts_of(board, thread) == ["Sent later."]


def test_post_goes_on_at_once_when_its_page_is_loaded_anew(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    """The first try hangs, its page is left; the next page says where it was that it goes on."""
    tries: list[Request] = []

    def let_first_hang(route: Route) -> None:
        tries.append(route.request)
        if len(tries) > 1:
            route.continue_()

    with a_visit(chromium, board, javascript=True) as visit:
        visit.expected_statuses = {NOT_YET}
        page = visit.page
        open_panel(page, thread)
        page.route("**/post", let_first_hang)
        comment(page).fill("Loaded anew.")
        page.locator("#post-file1").set_input_files(CAT)
        press_post(page)
        expect(page.locator(".sending-line")).to_contain_text("Sending")
        page.reload()
        expect(page.locator("article.reply")).to_contain_text("Loaded anew.")
        expect(page.locator("article.reply .postfilename")).to_have_text("cat.png")
        expect(comment(page)).to_have_value("")
        assert len({request.headers["idempotency-key"] for request in tries}) == 1
    assert texts_of(board, thread) == ["Loaded anew."]


def test_post_of_a_tab_that_broke_is_sent_by_the_page_that_is_open(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    """What was begun in its place meanwhile stays."""
    if chromium.browser_type.name == "firefox":
        pytest.skip("Firefox has no address at which a tab breaks")
    with a_visit(chromium, board, javascript=True) as visit:
        page = visit.page
        open_panel(page, thread)
        page.route("**/post", lambda _route: None)
        comment(page).fill("Of a broken tab.")
        press_post(page)
        expect(page.locator(".sending-line")).to_contain_text("Sending")
        another = page.context.new_page()
        with contextlib.suppress(Error):
            page.goto("chrome://crash")
        page.close()
        another.clock.install()
        another.goto(f"/b/res/{thread}.html")
        begun(another)
        comment(another).fill("Something else.")
        another.clock.fast_forward(60_000)
        expect(another.locator(".notes")).to_contain_text("Your post is No.")
        expect(comment(another)).to_have_value("Something else.")
        another.reload()
        expect(comment(another)).to_have_value("Something else.")
    assert texts_of(board, thread) == ["Of a broken tab."]


def test_press_is_answered_at_once_while_the_network_is_slow(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    """Neither a sheet nor a script that is still on its way keeps what is said from being said."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if is_held:
            held.append(route)
        else:
            route.continue_()

    is_held = True
    with a_visit(chromium, board, javascript=True) as visit:
        page = visit.page
        page.goto(f"/b/res/{thread}.html")
        begun(page)
        page.route("**/form.*.css", hold)
        page.route("**/post", lambda _route: None)
        page.route("**/scripts/sending.*.js", hold)
        comment(page).fill("Is it gone?")
        press_post(page)
        expect(page.locator(".notes")).to_contain_text("Sending")
        is_held = False
        for route in held:
            route.continue_()
        expect(page.locator(".sending-line")).to_contain_text("Sending")


def test_waiting_post_can_be_called_back(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    with a_visit(chromium, board, javascript=True) as visit:
        page = visit.page
        open_panel(page, thread)
        comment(page).fill("Better not.")
        go_offline(visit)
        press_post(page)
        page.get_by_role("button", name="Cancel").click()
        page.context.set_offline(False)
        expect(page.locator(".sending-line")).to_have_count(0)
        expect(comment(page)).to_have_value("Better not.")
        page.wait_for_function("no => localStorage[`stillboard:draft:b/${no}`]", arg=thread)
        nothing_waits(page)
        page.reload()
        expect(comment(page)).to_have_value("Better not.")
    assert texts_of(board, thread) == []


def hand_over(place: Locator, how: str, *files: FilePayload, words: str = "") -> bool:
    """Files as a browser hands them over when they are dropped or pasted there.

    `words`: what the clipboard has beside them. False: the browser itself has nothing more to do.
    """
    is_left: bool = place.evaluate(
        """(place, [how, files, words]) => {
            const carrier = new DataTransfer();
            if (words) {
                carrier.setData("text/plain", words);
                carrier.setData("text/html", `<b>${words}</b>`);
            }
            for (const [name, type, bytes] of files) {
                carrier.items.add(new File([Uint8Array.from(bytes)], name, {type}));
            }
            const more = {bubbles: true, cancelable: true};
            const event = how === "drop"
                ? new DragEvent("drop", {...more, dataTransfer: carrier})
                : new ClipboardEvent("paste", more);
            if (how === "paste") {
                // Firefox takes no files into one that a script makes.
                Object.defineProperty(event, "clipboardData", {value: carrier});
            }
            return place.dispatchEvent(event);
        }""",
        [how, [[file["name"], file["mimeType"], list(file["buffer"])] for file in files], words],
    )
    return is_left


def test_files_are_dropped_pasted_ordered_hidden_and_taken_out(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    text: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"}
    with a_visit(chromium, board, javascript=True) as visit:
        visit.expected_statuses = {NOT_YET}
        page = visit.page
        page.goto(f"/b/res/{thread}.html")
        rows = page.locator(".chosen-files li")
        begun(page)
        hand_over(page.locator("body"), "drop", CAT, text)
        expect(page.locator(".chosen-told")).to_contain_text("notes.txt is of a kind")
        expect(rows).to_have_count(1)
        hand_over(comment(page), "paste", DOG)
        expect(rows).to_have_count(2)
        # A table of an office program is its words, and a picture of them: the words are meant.
        assert hand_over(comment(page), "paste", CAT, words="one two")
        rows.nth(1).get_by_label("Spoiler").check()
        page.get_by_role("button", name="Move dog.gif forward").click()
        expect(rows.locator(".chosen-name")).to_contain_text(["dog.gif", "cat.png"])
        expect(page.locator("[name=spoiler1]")).to_be_checked()
        page.locator("#post-file1").set_input_files({**CAT, "name": "third.png"})
        page.get_by_role("button", name="Remove third.png").click()
        expect(rows).to_have_count(2)
        randomly = page.get_by_label("Give files random names")
        randomly.check()
        expect(rows.locator(".chosen-name").first).to_contain_text(re.compile(r"^\d{13}\.gif"))
        randomly.uncheck()
        expect(rows.locator(".chosen-name")).to_contain_text(["dog.gif", "cat.png"])
        randomly.check()
        press_post(page)
        shown = page.locator("article.reply .postfilename")
        expect(shown).to_have_count(2)
        assert all(len(name) == 17 and name[:13].isdigit() for name in shown.all_text_contents())
        first = page.locator("article.reply img").first
        expect(first).to_have_attribute("alt", "Spoiler: open the file to see it")


def test_picture_that_is_too_large_is_made_smaller_and_said_so(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    large: FilePayload = {**CAT, "buffer": hostile.a_png(hostile.scene(800, 600))}
    row = next(row for row in board.read("/boards.json")["boards"] if row["board"] == "b")
    tight = {"boards": [row | {"max_filesize": len(large["buffer"]) - 1}]}
    with a_visit(chromium, board, javascript=True) as visit:
        visit.expected_statuses = {NOT_YET}
        page = visit.page
        page.route("**/boards.json", lambda route: route.fulfill(json=tight))
        open_panel(page, thread)
        page.locator("#post-file1").set_input_files(large)
        expect(page.locator(".chosen-told")).to_contain_text("cat.png is sent as JPEG")
        press_post(page)
        expect(page.locator("article.reply .postfilename")).to_have_text("cat.jpg")


def test_preview_stands_in_the_panel_and_a_count_near_the_limit(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    with a_visit(chromium, board, javascript=True) as visit:
        page = visit.page
        open_panel(page, thread)
        comment(page).fill("'''Bold''' words")
        expect(page.locator(".counter")).to_have_text("")
        page.get_by_role("button", name="Preview").click()
        expect(page.locator(".preview-of-post strong")).to_have_text("Bold")
        comment(page).fill("x" * 3999)
        expect(page.locator(".counter")).to_have_text("1 character left")
    assert texts_of(board, thread) == []


def test_new_thread_leads_to_its_page(chromium: Browser, board: BoardProcess) -> None:
    with a_visit(chromium, board, javascript=True) as visit:
        page = visit.page
        page.goto("/b/")
        begun(page)
        page.get_by_text("Start a new thread").click()
        comment(page).fill("A thread of its own.")
        page.get_by_role("button", name="Start the thread").click()
        page.wait_for_url("**/b/res/*")
        expect(page.locator("article.op")).to_contain_text("A thread of its own.")


def test_who_is_offline_before_sending_was_loaded_loses_nothing(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    with a_visit(chromium, board, javascript=True) as visit:
        visit.expected_failures = OFFLINE
        page = visit.page
        page.route("**/scripts/sending.*", lambda route: route.abort("internetdisconnected"))
        open_panel(page, thread)
        comment(page).fill("Written in a tunnel.")
        page.context.set_offline(True)
        press_post(page)
        expect(page.locator(".notes")).to_contain_text("What you wrote is kept")
        page.unroute("**/scripts/sending.*")
        with page.expect_event("load"):
            page.context.set_offline(False)
        expect(page.locator(".notes")).to_have_count(0)
        expect(comment(page)).to_have_value("Written in a tunnel.")
        begun(page)
        press_post(page)
        expect(page.locator("article.reply")).to_contain_text("Written in a tunnel.")
    assert texts_of(board, thread) == ["Written in a tunnel."]


def test_without_sending_by_script_the_draft_is_done_on_arrival(
    chromium: Browser, board: BoardProcess, thread: int
) -> None:
    """And an address with `?seen=` that somebody posted does nothing."""
    with a_visit(chromium, board, javascript=True) as visit:
        page = visit.page
        page.goto(f"/b/res/{thread}.html")
        page.evaluate("""localStorage.setItem("stillboard:settings", '{"posting": false}')""")
        page.reload()
        begun(page)
        comment(page).fill("A draft.")
        page.wait_for_function("no => localStorage[`stillboard:draft:b/${no}`]", arg=thread)
        page.goto(f"/b/res/{thread}.html?seen={thread + 1}#{thread}")
        begun(page)
        expect(comment(page)).to_have_value("A draft.")
        press_post(page)
        expect(page.locator("article.reply")).to_contain_text("A draft.")
        page.wait_for_function("() => location.search === ''")
        expect(comment(page)).to_have_value("")
        keeps_as_own(page, int(page.locator("article.reply").get_attribute("id") or 0))
