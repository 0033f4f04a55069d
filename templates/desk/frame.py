"""What is around every page of the desk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from imageboard.staff_roles import Power, Visitor
from imageboard.words import ENGLISH, N_, Language, Message
from templates.desk import urls
from templates.engine import environment


class _Way(NamedTuple):
    url: str
    label: Message
    #: None: for all staff.
    power: Power | None


_WAYS = (
    _Way(urls.REPORTS_URL, N_("Reports"), Power.READ_REPORTS),
    _Way(urls.RECENT_URL, N_("Recent posts"), Power.READ_REPORTS),
    _Way(urls.SEARCH_URL, N_("Search"), Power.READ_REPORTS),
    _Way(urls.HELD_URL, N_("Held posts"), Power.JUDGE_HELD),
    _Way(urls.BANS_URL, N_("Bans"), Power.BAN),
    _Way(urls.APPEALS_URL, N_("Appeals"), Power.ANSWER_APPEALS),
    _Way(urls.FILE_BANS_URL, N_("File bans"), Power.BAN),
    _Way(urls.RULES_URL, N_("Rules against spam"), Power.MAKE_RULES),
    _Way(urls.REMOVED_URL, N_("Removed"), Power.DELETE),
    _Way(urls.ASIDE_URL, N_("Kept aside"), Power.BRING_BACK),
    _Way(urls.STATES_URL, N_("State of the boards"), Power.SET_STATE),
    _Way(urls.LOG_URL, N_("Log"), Power.READ_LOG),
    _Way(urls.BOARD_SETTINGS_URL, N_("Board settings"), Power.SET_BOARD),
    _Way(urls.PAGES_URL, N_("Pages"), Power.WRITE_PAGES),
    _Way(urls.PICTURES_URL, N_("Banners and flags"), Power.DECORATE),
    _Way(urls.STAFF_URL, N_("Staff"), Power.APPOINT),
    _Way(urls.ROLES_URL, N_("Roles"), Power.MAKE_ROLES),
    _Way(urls.ACCOUNT_URL, N_("Account"), None),
)


def render(
    page: str, visitor: Visitor | None, *, language: Language = ENGLISH, **values: object
) -> str:
    """In the visitor's language; in `language`, as long as nobody knows who it is."""
    language = language if visitor is None else visitor.language
    template = environment(language).get_template(f"writer/desk_{page}.html")
    return template.render(
        visitor=visitor,
        ways=[way for way in _WAYS if visitor is not None and _is_open(way, visitor)],
        desk_url=urls.DESK_URL,
        logout_url=urls.LOGOUT_URL,
        desk_post_url=urls.post_url,
        **values,
    )


def as_json(options: Mapping[str, Any]) -> str:
    """For an attribute of the page: it is escaped there as any text."""
    return json.dumps(options, separators=(",", ":"))


def _is_open(way: _Way, visitor: Visitor) -> bool:
    return way.power is None or visitor.may_somewhere(way.power)
