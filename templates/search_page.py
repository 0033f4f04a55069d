"""The page of a search: its form, as it was filled in, and the posts that were found.

For one reader, and drawn for each: no CDN keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from markupsafe import Markup

from imageboard import addresses
from imageboard.boards import Board
from imageboard.threads import Post, Thread
from imageboard.words import ENGLISH, N_, Language, Message
from templates import fragments
from templates.engine import environment


class _Row(NamedTuple):
    """A line of the form."""

    name: str
    label: Message
    kind: str = "text"


#: What is looked for besides words of the text.
ROWS = (
    _Row("subject", N_("Subject")),
    _Row("name", N_("Name")),
    _Row("tripcode", N_("Tripcode")),
    _Row("filename", N_("Name of a file")),
    _Row("hash", N_("MD5 or SHA-256 of a file")),
    _Row("since", N_("Not before the day"), kind="date"),
    _Row("before", N_("Before the day"), kind="date"),
)


class ShownResult(NamedTuple):
    """A post that was found."""

    board: Board
    post: Post
    #: That it begins; None: it is a reply.
    thread: Thread | None
    body_html: str

    @property
    def body(self) -> Markup:
        return fragments.body_on_page(self.board, self.post, self.body_html)


class Results(NamedTuple):
    """A page of what was found."""

    posts: Sequence[ShownResult]
    total: int
    #: Whether there may be more than so many, which nobody counted.
    has_more: bool
    page: int
    pages: int
    #: The place of the newest, which the next page is to begin with too; 0: nothing was found.
    newest: int


def search_page(
    *,
    typed: Mapping[str, str],
    is_about_more_than_words: bool,
    boards: Sequence[Board],
    results: Results | None = None,
    refusal: Message | None = None,
    language: Language = ENGLISH,
) -> str:
    """`typed` are the fields as they came; without `results` and `refusal` it is the form alone."""
    return (
        environment(language)
        .get_template("writer/search.html")
        .render(
            typed=typed,
            is_about_more_than_words=is_about_more_than_words,
            rows=ROWS,
            boards=boards,
            results=results,
            refusal=refusal,
            page_urls=_page_urls(typed, results) if results else {},
        )
    )


def _page_urls(typed: Mapping[str, str], results: Results) -> dict[int, str]:
    """{page: address} of all pages, each of what there was when the first was asked for."""
    asked = {name: text for name, text in typed.items() if text and name not in ("page", "newest")}
    same = f"{addresses.search_url()}?{urlencode(asked | {'newest': results.newest})}&page="
    return {page: f"{same}{page}" for page in range(1, results.pages + 1)}
