"""What staff have to say above the threads of a board, and on the front page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from imageboard import addresses
from imageboard.store.banners import Banner
from imageboard.store.written import Titles
from imageboard.written_pages import NEWS, NewsItem
from templates.markdown import to_html
from templates.pages import Headline, News, Notices, ShownBanner

#: News on a board's pages, in one line each.
HEADLINES = 3
#: News in full on the front page.
FRONT_NEWS = 5
#: News on their own page.
NEWS_MAX = 100


def announcements(titles: Titles) -> tuple[Markup, ...]:
    return tuple(to_html(body) for _, body in titles.announcements)


def page_links(board: str | None, titles: Titles) -> tuple[tuple[str, str], ...]:
    """(title, address) of each page."""
    return tuple((title, addresses.written_page_url(board, name)) for name, title in titles.pages)


def of_board(board: str, titles: Titles, news: Iterable[NewsItem]) -> Notices:
    lines = (Headline(item.title, news_url(item), item.created_s) for item in news)
    return Notices(announcements(titles), tuple(lines), page_links(board, titles))


def banner(hanging: Sequence[Banner], turn: int) -> ShownBanner | None:
    """The one whose turn it is; None: none hangs there."""
    if not hanging:
        return None
    shown = hanging[turn % len(hanging)]
    return ShownBanner(shown.url, shown.width, shown.height)


def news_url(item: NewsItem) -> str:
    return f"{addresses.written_page_url(item.board, NEWS)}#news-{item.id}"


def in_full(news: Iterable[NewsItem]) -> list[News]:
    return [News(item.id, item.title, to_html(item.body), item.created_s) for item in news]
