"""Parts of pages that look the same from post to post: drawn once, and kept.

Each is kept under everything that it shows, never under a number or an identity that stands for
it: with another setting, board or site name another part is asked for, and none can be stale.

PERF: what is kept is bounded, to some 0.9 MB when every place is taken: the forms of 16 boards
(12 KB each), 16 mastheads (0.1 KB for each board that is listed), 256 tiles (1.6 KB with what they
are kept under) and what is around 256 previews (0.9 KB). Those used least recently go first; a
thread that finds no place costs 20 µs for each page that shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup

from imageboard.boards import Board
from imageboard.captchas import ShownCaptcha
from imageboard.threads import PostFile, Thread
from imageboard.words import Language
from templates import ways
from templates.engine import Site, environment

_BOARDS_MAX = 16
_THREADS_MAX = 256

#: Stands where something else belongs while what is around it is drawn. It can't occur a second
#: time: whatever else is drawn is escaped, so holds no '<'.
GAP = Markup("<gap>")


class BoardParts(NamedTuple):
    """What pages of one board share."""

    title: Markup
    #: Starts a thread.
    thread_form: Markup
    reply_form_around_number: tuple[str, str]
    #: Deleting and reporting.
    post_actions: Markup
    #: Links to its pages, by the name of the one that has them; None: one that is not among them.
    ways: Mapping[str | None, Markup]

    def reply_form(self, thread: int) -> Markup:
        before, after = self.reply_form_around_number
        return Markup(f"{before}{thread}{after}")  # noqa: S704 - a template's, and a number


class Marks(NamedTuple):
    """How a thread differs from others."""

    is_sticky: bool
    is_locked: bool
    is_bump_locked: bool
    is_cyclical: bool
    is_archived: bool

    @classmethod
    def of(cls, thread: Thread) -> Marks:
        return cls(
            thread.is_sticky,
            thread.is_locked,
            thread.is_bump_locked,
            thread.is_cyclical,
            thread.archived_s is not None,
        )


class ShownTile(NamedTuple):
    """Everything that a thread in the catalog shows."""

    board: str
    no: int
    marks: Marks
    replies: int
    images: int
    subject: str | None
    picture: PostFile | None
    excerpt_html: str
    language: Language
    #: Several boards are shown: it says of which it is.
    names_board: bool = False


class ShownPreview(NamedTuple):
    """Everything that a thread on a board page shows besides its posts."""

    board: str
    no: int
    subject: str | None
    marks: Marks
    replies: int
    images: int
    omitted_posts: int
    omitted_images: int
    language: Language
    #: Several boards are shown: it says of which it is.
    names_board: bool = False


def masthead(site: Site, board: Board | None = None) -> Markup:
    """The site's name and its boards; `board` is marked as the one that is shown."""
    titles = tuple((each.name, each.settings.title) for each in site.boards)
    if board is None:
        return _masthead(site.name, titles, None, site.language)
    return _masthead(site.name, titles, board.name, board.language)


def of_board(board: Board, captcha: ShownCaptcha | None = None) -> BoardParts:
    """Its title and its forms, with the widget of the captcha."""
    # Without the numbers of its changes: every post raises them, and no part shows them.
    shown = None if captcha is None else captcha.on(board)
    return _of_board(Board(board.name, board.settings, language=board.language), shown)


def marks(thread: Thread, language: Language) -> Markup:
    """Whether it is pinned, locked, archived …"""
    return _marks(Marks.of(thread), language)


@lru_cache(maxsize=_THREADS_MAX)
def tile(shown: ShownTile) -> bytes:
    """One thread in the catalog.

    PERF: 18 µs to draw, 1 to find; a post changes one of a board's hundred.
    """
    shown_marks = _marks(shown.marks, shown.language)
    return _render("tile", shown.language, tile=shown, marks=shown_marks).encode()


@lru_cache(maxsize=_THREADS_MAX)
def around_previewed(shown: ShownPreview) -> tuple[bytes, bytes, bytes]:
    """What stands before the OP, between it and the replies, and after them."""
    shown_marks = _marks(shown.marks, shown.language)
    whole = _render(
        "preview", shown.language, preview=shown, marks=shown_marks, op=GAP, replies=GAP
    )
    before, between, after = whole.encode().split(GAP.encode())
    return before, between, after


@lru_cache(maxsize=_BOARDS_MAX)
def _masthead(
    site_name: str, titles: tuple[tuple[str, str], ...], here: str | None, language: Language
) -> Markup:
    return _render("masthead", language, site_name=site_name, titles=titles, here=here)


@lru_cache(maxsize=_BOARDS_MAX)
def _of_board(board: Board, captcha: ShownCaptcha | None) -> BoardParts:
    language = board.language
    in_form = {
        is_new: captcha if captcha and captcha.stands_in_form(is_new=is_new) else None
        for is_new in (True, False)
    }
    reply_form = _render("post_form", language, board=board, thread=GAP, captcha=in_form[False])
    before, after = reply_form.split(GAP)
    return BoardParts(
        title=_render("board_title", language, board=board),
        thread_form=_render("post_form", language, board=board, thread=None, captcha=in_form[True]),
        reply_form_around_number=(before, after),
        post_actions=_render("post_actions", language, board=board),
        ways={
            here: _render("ways", language, ways=ways.of_board(board), here=here)
            for here in (None, "board", "catalog", "archive", "log")
        },
    )


@lru_cache(maxsize=_BOARDS_MAX)
def _marks(marks: Marks, language: Language) -> Markup:
    return _render("marks", language, **marks._asdict())


def _render(name: str, language: Language, **values: object) -> Markup:
    html = environment(language).get_template(f"fragments/{name}.html").render(values)
    return Markup(html)  # noqa: S704 - a template's, which escapes
