"""Pages that staff write in Markdown, and news: what they may be called, and how long they are."""

from __future__ import annotations

import re
from typing import NamedTuple

from imageboard.errors import BadPage
from imageboard.words import N_

BODY_CHARS_MAX = 50_000
TITLE_CHARS_MAX = 100
#: Pages of one board, or of the site.
PAGES_MAX = 50
#: The one that stands above the threads and on the front page, and has no address of its own.
ANNOUNCEMENT = "announcement"
ANNOUNCEMENT_CHARS_MAX = 2_000
#: The page for posters, which the site has of its own accord until staff write another one.
HELP = "help"
#: The page that news stand on, if there are any.
NEWS = "news"

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
#: Whose addresses mean something already, or will: see docs/features.md.
RESERVED = frozenset(
    {
        "archive",
        "assets",
        "banner",
        "banners",
        "boards",
        "captcha",
        "catalog",
        "flags",
        "index",
        "log",
        "mod",
        NEWS,
        "overboard",
        "page",
        "post",
        "res",
        "search",
        "settings",
        "src",
        "status",
        "thread",
        "thumb",
    }
)


class WrittenPage(NamedTuple):
    name: str
    title: str
    #: Markdown.
    body: str
    changed_s: int


class NewsItem(NamedTuple):
    id: int
    #: None: of the whole site.
    board: str | None
    title: str
    #: Markdown; '' where it was not asked for.
    body: str
    created_s: int


def read_name(text: str) -> str:
    """'Rules' and 'rules.html' -> 'rules'. Raises BadPage."""
    name = text.strip().lower().removesuffix(".html")
    if not _NAME.fullmatch(name):
        raise BadPage(
            name=text, fault=N_("a name of 1 to 32 small letters, digits, _ and -, please")
        )
    if name in RESERVED:
        raise BadPage(name=name, fault=N_("this name is taken by an address of the site"))
    return name


def read_text(name: str, text: str) -> str:
    """What was written, with ends of lines as they are stored. Raises BadPage: it is too long."""
    body = text.replace("\r\n", "\n").strip().replace("\0", "")
    chars_max = ANNOUNCEMENT_CHARS_MAX if name == ANNOUNCEMENT else BODY_CHARS_MAX
    if len(body) > chars_max:
        raise BadPage(
            name=name, fault=N_("{chars_max} characters at most").filled(chars_max=chars_max)
        )
    return body


def read_title(name: str, text: str) -> str:
    """Raises BadPage."""
    title = " ".join(text.split())
    if not 1 <= len(title) <= TITLE_CHARS_MAX or not title.isprintable():
        raise BadPage(
            name=name,
            fault=N_("a title of 1 to {chars_max} characters, please").filled(
                chars_max=TITLE_CHARS_MAX
            ),
        )
    return title


def titled(name: str, body: str) -> tuple[str, str]:
    """(title, rest): '# Our rules\\n\\nBe kind.' -> ('Our rules', 'Be kind.').

    A text that does not begin with a heading is called by its name.
    """
    first, _, rest = body.partition("\n")
    if first.startswith("# ") and first[2:].strip():
        return first[2:].strip()[:TITLE_CHARS_MAX], rest.strip()
    return name.replace("_", " ").replace("-", " ").capitalize(), body
