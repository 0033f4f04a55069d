"""The static pages: each function returns a whole one, from '<!DOCTYPE' to '</html>' and newline.

All are bytes, as they are published: posts are kept encoded, and to decode and encode the sixty of
a board page would take longer than to draw the rest of it.

Every reader gets the same page: what depends on who looks (captcha, ban, draft) is the writer's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from imageboard import addresses
from imageboard.boards import Board
from imageboard.store.old_log import OldEntry
from imageboard.threads import Post, PostFile, Thread
from imageboard.words import Language, Message
from templates import kept_parts, ways
from templates.engine import Site, environment
from templates.kept_parts import GAP, ShownPreview, ShownTile
from templates.post_json import thread_change

#: Replies from which on a thread links to the page of its last ones.
TAIL_MIN_REPLIES = 100
#: Within a tag, whose '<' nobody can type: a post's own anchors, and the box that selects it.
_POST_ANCHOR = re.compile(
    rb'(<article class="post (?:op|reply)" id="|<a class="post_no" id="q)(?=[0-9]+")'
    rb'|<input type="checkbox" class="delete"[^<>]*>\n?'
)


class About(NamedTuple):
    """What a thread's page says of itself to whoever links to it; plain text."""

    #: The OP's subject, or how its text begins.
    title: str
    #: None: it has none.
    subject: str | None
    description: str
    #: The address of a thumbnail, without the site's; None: there is none to be shown unasked.
    picture_url: str | None = None


@dataclass(frozen=True, slots=True)
class PreviewedThread:
    """A thread on a board page: its OP, its last replies, and what is left out between them."""

    thread: Thread
    #: Of its OP.
    subject: str | None
    op_html: bytes
    replies_html: tuple[bytes, ...]
    omitted_posts: int
    omitted_images: int


@dataclass(frozen=True, slots=True)
class Tile:
    """A thread in the catalog; `excerpt_html` is the beginning of the OP's text as safe HTML."""

    thread: Thread
    op: Post
    excerpt_html: str


@dataclass(frozen=True, slots=True)
class ArchivedLine:
    """A thread on a page of the archive; `title` is plain text."""

    no: int
    title: str
    replies: int
    images: int
    archived_s: int


class LogLine(NamedTuple):
    """Something that was done, as readers are told of it."""

    place: int
    #: '2026-11-29T14:00:00.123456Z'
    at: str
    #: None: a poster; '': one of the staff, whoever it was.
    staff: str | None
    words: Message
    board: str | None
    post_no: int | None
    details: Sequence[Message]


@dataclass(frozen=True, slots=True)
class RecentLine:
    """A post on the front page; `excerpt_html` is the beginning of its text as safe HTML."""

    board: str
    no: int
    thread: int
    created_s: int
    subject: str | None
    excerpt_html: str


class Headline(NamedTuple):
    """News in one line; they stand in full on the page that `url` leads to."""

    title: str
    url: str
    created_s: int


class ShownBanner(NamedTuple):
    """A banner of a board."""

    url: str
    width: int
    height: int


class Notices(NamedTuple):
    """What staff have to say above the threads of a board, and its banner."""

    #: Safe HTML, the whole site's first.
    announcements: tuple[Markup, ...] = ()
    headlines: tuple[Headline, ...] = ()
    #: (title, address) of the board's own pages.
    pages: tuple[tuple[str, str], ...] = ()
    banner: ShownBanner | None = None

    @property
    def is_styled(self) -> bool:
        """Whether it needs a sheet of its own."""
        return bool(self.announcements or self.headlines or self.banner)


NO_NOTICES = Notices()


class News(NamedTuple):
    """One of the news; `html` is safe."""

    id: int
    title: str
    html: Markup
    created_s: int


@dataclass(frozen=True, slots=True)
class FrontNotices:
    """What staff have to say on the front page."""

    announcements: Sequence[Markup] = ()
    news: Sequence[News] = ()
    #: (title, address) of the site's own pages.
    pages: Sequence[tuple[str, str]] = ()


class Activity(NamedTuple):
    """How busy the site is: no clock takes part, so a page of last week says what was then."""

    #: That came in the hour up to the newest of all.
    posts: int
    #: There were at least so many.
    is_counted_to_the_end: bool
    newest_s: int


NO_FRONT_NOTICES = FrontNotices()


class Overboard(NamedTuple):
    """What shows threads of several boards: of all, or of those safe for work."""

    #: 'overboard', its folder.
    folder: str
    is_safe: bool

    def url(self, page: int) -> str:
        """Page 1 is the folder's own."""
        return addresses.board_page_url(self.folder, page)


class RecentPicture(NamedTuple):
    """A thumbnail on the front page, and the address of its post."""

    post_url: str
    url: str
    width: int
    height: int
    #: 0xrrggbb; None: nothing is to stand in its place.
    colour: int | None


@dataclass(frozen=True, slots=True)
class BoardCount:
    """A board on the front page and what it holds."""

    board: Board
    threads: int
    posts: int


def thread_frame(site: Site, board: Board, thread: Thread, about: About) -> tuple[bytes, bytes]:
    """What stands before and after the fragments of a thread's posts."""
    return _thread_frame(site, board, thread, about, omitted_posts=0)


def thread_tail_frame(
    site: Site, board: Board, thread: Thread, about: About, omitted_posts: int
) -> tuple[bytes, bytes]:
    """The frame of a thread's last replies; `omitted_posts` stand only on the whole page."""
    return _thread_frame(site, board, thread, about, omitted_posts=omitted_posts)


def _thread_frame(
    site: Site, board: Board, thread: Thread, about: About, *, omitted_posts: int
) -> tuple[bytes, bytes]:
    reply_limit = board.settings.reply_limit
    return _around_gap(
        _of_board(
            "thread",
            site,
            board,
            thread=thread,
            change=thread_change(board, thread),
            marks=kept_parts.marks(thread, board.language),
            about=about,
            omitted_posts=omitted_posts,
            has_tail=thread.replies >= TAIL_MIN_REPLIES,
            is_full=0 < reply_limit <= thread.replies and not thread.is_cyclical,
            posts=GAP,
        )
    )


def board_page(
    site: Site,
    board: Board,
    threads: Sequence[PreviewedThread],
    page: int,
    pages: int,
    notices: Notices = NO_NOTICES,
) -> bytes:
    """Page `page` of `pages`, counted from 1."""
    gap = GAP if threads else None
    html = _of_board("board", site, board, notices=notices, threads=gap, page=page, pages=pages)
    return _filled(html, [part for thread in threads for part in _preview(board, thread)])


def catalog_page(
    site: Site, board: Board, tiles: Sequence[Tile], notices: Notices = NO_NOTICES
) -> bytes:
    html = _of_board("catalog", site, board, notices=notices, tiles=GAP if tiles else None)
    return _filled(html, [_tile(board, tile) for tile in tiles])


def archive(site: Site, board: Board, pages: Sequence[tuple[str, int]]) -> bytes:
    """`pages` are the pages of the archive by name, with how many threads each has."""
    return _of_board("archive", site, board, pages=pages).encode()


def archive_page(site: Site, board: Board, page: str, lines: Sequence[ArchivedLine]) -> bytes:
    return _of_board("archive_page", site, board, page=page, lines=lines).encode()


def log(site: Site, board: Board | None, days: Sequence[str]) -> bytes:
    """`days` are the pages of the log by name, the last one first."""
    return _of_either("log", site, board, days=days, head_url=addresses.LOG_HEAD_URL)


def log_page(
    site: Site,
    board: Board | None,
    page: str,
    lines: Sequence[LogLine],
    from_elsewhere: Sequence[OldEntry],
) -> bytes:
    """`from_elsewhere`: what was done before the board came here."""
    return _of_either(
        "log_page", site, board, page=page, lines=lines, from_elsewhere=from_elsewhere
    )


def front_page(
    site: Site,
    boards: Sequence[BoardCount],
    recent: Sequence[RecentLine],
    notices: FrontNotices = NO_FRONT_NOTICES,
    *,
    pictures: Sequence[RecentPicture] = (),
    activity: Activity | None = None,
) -> bytes:
    """The boards stand in their order, group by group."""
    groups: dict[str, list[BoardCount]] = {"": []}
    for each in boards:
        groups.setdefault(each.board.settings.group, []).append(each)
    return _of_site(
        "front",
        site,
        notices=notices,
        groups=[(title, of_group) for title, of_group in groups.items() if of_group],
        marks_unsafe=any(each.board.settings.worksafe for each in boards),
        has_log=_has_log([each.board for each in boards]),
        recent=recent,
        pictures=pictures,
        activity=activity,
    ).encode()


def _has_log(boards: Sequence[Board]) -> bool:
    """Whether what staff do is told at /log/, which no board takes for itself."""
    tells = any(board.settings.public_log != "none" for board in boards)
    return tells and addresses.LOG not in [board.name for board in boards]


def written_page(
    site: Site, board: Board | None, title: str, url: str, html: Markup, changed_s: int
) -> bytes:
    """What staff wrote, of a board or of the whole site; `html` is safe."""
    values = {"page_title": title, "url": url, "html": html, "changed_s": changed_s}
    return _of_either("written", site, board, **values)


def news_page(site: Site, board: Board | None, url: str, news: Sequence[News]) -> bytes:
    return _of_either("news", site, board, url=url, news=news)


def overboard_page(
    site: Site,
    overboard: Overboard,
    threads: Sequence[tuple[Board, PreviewedThread]],
    number: int,
    pages: int,
) -> bytes:
    """Page `number` of `pages`, counted from 1.

    Two boards have posts of the same number. So each post's anchor bears its board, `id="b-124"`,
    and there is nothing to select: a form would not know of which board.
    """
    html = _of_site(
        "overboard",
        site,
        overboard=overboard,
        page=number,
        pages=pages,
        threads=GAP if threads else None,
        ways=ways.of_overboard(overboard.url(1)),
        here="overboard" if number == 1 else None,
    )
    parts = [
        _with_board(board.name, part)
        for board, thread in threads
        for part in _preview(board, thread, names_board=True)
    ]
    return _filled(html, parts)


def overboard_catalog(
    site: Site, overboard: Overboard, tiles: Sequence[tuple[Board, Tile]]
) -> bytes:
    gap = GAP if tiles else None
    html = _of_site(
        "overboard_catalog",
        site,
        overboard=overboard,
        tiles=gap,
        ways=ways.of_overboard(overboard.url(1)),
        here="overboard_catalog",
    )
    return _filled(html, [_tile(board, tile, names_board=True) for board, tile in tiles])


def moved_page(site: Site, board: Board, url: str) -> bytes:
    """Where a thread was: leads to where it is now, and shows nothing that changes by itself."""
    template = environment(board.language).get_template("pages/moved.html")
    return template.render(url=url, canonical=f"{site.url or ''}{url}").encode()


def not_found_page(site: Site) -> bytes:
    return _of_site("not_found", site).encode()


def help_page(site: Site, url: str) -> bytes:
    """How to post, and what is kept of who does: for posters, in our words."""
    return _of_site("help", site, url=url).encode()


def settings_page(site: Site) -> bytes:
    """What readers choose stays in their browsers: a script draws it there."""
    return _of_site("settings", site).encode()


def _with_board(board: str, html: bytes) -> bytes:
    prefix = f"{board}-".encode()
    return _POST_ANCHOR.sub(lambda found: found[1] + prefix if found[1] else b"", html)


def _preview(
    board: Board, preview: PreviewedThread, *, names_board: bool = False
) -> Iterator[bytes]:
    thread = preview.thread
    before, between, after = kept_parts.around_previewed(
        ShownPreview(
            board=board.name,
            no=thread.no,
            subject=preview.subject,
            marks=kept_parts.Marks.of(thread),
            replies=thread.replies,
            images=thread.images,
            omitted_posts=preview.omitted_posts,
            omitted_images=preview.omitted_images,
            language=board.language,
            names_board=names_board,
        )
    )
    yield before
    yield preview.op_html
    yield between
    yield from preview.replies_html
    yield after


def _tile(board: Board, tile: Tile, *, names_board: bool = False) -> bytes:
    thread = tile.thread
    return kept_parts.tile(
        ShownTile(
            board=board.name,
            no=thread.no,
            marks=kept_parts.Marks.of(thread),
            replies=thread.replies,
            images=thread.images,
            subject=tile.op.subject,
            picture=next(filter(_has_picture, tile.op.files), None),
            excerpt_html=tile.excerpt_html,
            language=board.language,
            names_board=names_board,
        )
    )


def _of_board(name: str, site: Site, board: Board, **values: object) -> str:
    return _render(
        name,
        board.language,
        masthead=kept_parts.masthead(site, board),
        site=site,
        board=board,
        parts=kept_parts.of_board(board, site.captcha),
        **values,
    )


def _of_either(name: str, site: Site, board: Board | None, **values: object) -> bytes:
    if board is None:
        return _of_site(name, site, board=None, **values).encode()
    return _of_board(name, site, board, **values).encode()


def _of_site(name: str, site: Site, **values: object) -> str:
    return _render(name, site.language, masthead=kept_parts.masthead(site), site=site, **values)


def _render(name: str, language: Language, **values: object) -> str:
    return environment(language).get_template(f"pages/{name}.html").render(values)


def _around_gap(html: str) -> tuple[bytes, bytes]:
    before, after = html.encode().split(GAP.encode())
    return before, after


def _filled(html: str, parts: Sequence[bytes]) -> bytes:
    """`html` with `parts` in its gap; without parts it has none."""
    if not parts:
        return html.encode()
    before, after = _around_gap(html)
    return b"".join((before, *parts, after))


def _has_picture(file: PostFile) -> bool:
    """Whether there is something to be seen of it in the catalog."""
    return file.is_there and (file.thumb_extension is not None or file.is_spoiler)
