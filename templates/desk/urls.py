"""Where the pages of the desk stand, and what their addresses may say."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from imageboard import addresses

DESK_URL = "/mod/"
LOGIN_URL = "/mod/login"
SECOND_STEP_URL = "/mod/second-step"
PASSKEY_URL = "/mod/passkey"
LOGOUT_URL = "/mod/logout"
FIND_URL = "/mod/find"
REPORTS_URL = "/mod/reports"
DISMISSED_URL = "/mod/dismissed"
BANS_URL = "/mod/bans"
APPEALS_URL = "/mod/appeals"
FILE_BANS_URL = "/mod/file-bans"
ASIDE_URL = "/mod/aside"
REMOVED_URL = "/mod/removed"
RECENT_URL = "/mod/recent"
SEARCH_URL = "/mod/search"
HELD_URL = "/mod/held"
STATES_URL = "/mod/states"
LOG_URL = "/mod/log"
RULES_URL = "/mod/rules"
ACCOUNT_URL = "/mod/account"
STAFF_URL = "/mod/staff"
ROLES_URL = "/mod/roles"
BOARD_SETTINGS_URL = "/mod/board-settings"
PAGES_URL = "/mod/pages"
PICTURES_URL = "/mod/board-pictures"
INVITED_URL = "/mod/invited"
PROOF_URL = "/mod/proof"
#: What the address of the queue says when the most reported posts come first.
MOST_REPORTED = "most"
#: What the address of a list says when all that it shows is ticked.
ALL = "all"
#: What the address of an author's posts says when those of the whole network are meant.
NETWORK = "network"
#: Where a form on a list leads back to, by what its field `back` says.
BACK_URLS = {"reports": REPORTS_URL, "aside": ASIDE_URL, "log": LOG_URL}
#: Where a proof may lead back to. SECURITY: to pages of the desk alone, whatever a form says.
_PROVED_FOR = (ACCOUNT_URL, STAFF_URL, ROLES_URL, REMOVED_URL)
_OF_BOARD = re.compile(rf"{BOARD_SETTINGS_URL}/(?P<board>{addresses.BOARD_NAME})")
_OF_POST = re.compile(rf"/mod/(?P<board>{addresses.BOARD_NAME})/(?P<no>[0-9]{{1,15}})")


def post_url(board: str, no: int) -> str:
    return addresses.url_of(f"mod/{board}/{no}")


def author_url(board: str, no: int) -> str:
    return f"{post_url(board, no)}/author"


def search_url(**typed: str) -> str:
    """`like='b/12'`: what looks like the pictures of that post."""
    return f"{SEARCH_URL}?{urlencode({name: value for name, value in typed.items() if value})}"


def held_file_url(held: int, number: int) -> str:
    return f"{HELD_URL}/{held}/{number}"


def edit_url(board: str, no: int) -> str:
    return f"{post_url(board, no)}/edit"


def file_ban_url(board: str, no: int) -> str:
    return f"{post_url(board, no)}/file-ban"


def invitation_url(code: str) -> str:
    return f"{INVITED_URL}?{urlencode({'code': code})}"


def board_settings_url(board: str) -> str:
    return addresses.url_of(f"{BOARD_SETTINGS_URL[1:]}/{board}")


def pages_url(where: str, *, page: str | None = None, done: str | None = None) -> str:
    """Of one board's pages, or (an empty `where`) of the site's; with one of them to be changed."""
    values = {"where": where, "page": page, "done": done}
    return f"{PAGES_URL}?{urlencode({name: value for name, value in values.items() if value})}"


def pictures_url(board: str) -> str:
    return addresses.url_of(f"{PICTURES_URL[1:]}/{board}")


def back_url(back: str) -> str:
    if of_post := _OF_POST.fullmatch(back):
        return post_url(of_post["board"], int(of_post["no"]))
    if of_board := _OF_BOARD.fullmatch(back):
        return board_settings_url(of_board["board"])
    return back if back in _PROVED_FOR else DESK_URL


def with_done(url: str, deed: str) -> str:
    """The address of a page that says that a form was carried out."""
    return f"{url}?{urlencode({'done': deed})}"


def proof_url(back: str) -> str:
    return f"{PROOF_URL}?{urlencode({'back': back})}"
