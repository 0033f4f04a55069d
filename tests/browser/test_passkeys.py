"""Somebody of the staff makes a passkey and logs in by it, in a browser, under the real policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.visits import a_visit, expect
from tests.walk.board_process import BoardProcess

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

#: A key within the device, whose holder shows a finger whenever they are asked.
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def login(board: BoardProcess) -> Iterator[dict[str, str]]:
    """Of the board's first account, whose name and password are enough again afterwards."""
    told = (board.data / "first-login.txt").read_text()
    login = dict(line.split(": ", 1) for line in told.splitlines())
    yield login
    board.cli("staff", "reset-factor", login["name"])


def test_passkey_is_made_and_opens_the_desk_without_a_password(
    chromium: Browser, board: BoardProcess, login: dict[str, str]
) -> None:
    """At a name: browsers make none for a site that is a bare address."""
    site = board.url.replace("127.0.0.1", "localhost")
    with a_visit(chromium, board, javascript=True, viewport={"width": 360, "height": 740}) as visit:
        page = visit.page
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})

        page.goto(f"{site}mod/")
        page.get_by_label("Name").fill(login["name"])
        page.get_by_label("Password").fill(login["password"])
        page.get_by_role("button", name="Log in", exact=True).click()
        expect(page.get_by_role("button", name="Log out")).to_be_visible()
        page.goto(f"{site}mod/account")
        page.get_by_label("Name of a new one").fill("This device")
        page.get_by_role("button", name="Make a passkey").click()
        expect(page.get_by_role("status")).to_contain_text("The passkey is there")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360

        page.get_by_role("button", name="Log out").click()
        page.get_by_role("button", name="Log in with a passkey").click()
        expect(page.get_by_role("button", name="Log out")).to_be_visible()

        page.goto(f"{site}mod/proof?back=/mod/account")
        page.get_by_role("button", name="By a passkey").click()
        page.wait_for_url(f"{site}mod/account")

        page.get_by_role("button", name="Log out").click()
        devtools.send("WebAuthn.removeVirtualAuthenticator", made)
