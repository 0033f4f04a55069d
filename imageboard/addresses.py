"""Where everything is: the public addresses of boards, threads, posts and files.

The one place that spells an address. A file's path below the web root is its URL without the
leading slash, but for a board whose name has letters beyond ASCII: those are escaped.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from imageboard.parts import Part

#: Of a board that may be there, as a regular expression: as wide as vichan's.
BOARD_NAME = r"[0-9A-Za-z$_\x80-\uffff]{1,58}"


def url_of(path: str) -> str:
    """'b/res/1.html' -> '/b/res/1.html'; 'λ/' -> '/%CE%BB/', as browsers ask for it."""
    return f"/{path}" if path.isascii() else f"/{_BEYOND_ASCII.sub(_escaped, path)}"


_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


def _escaped(letters: re.Match[str]) -> str:
    return quote(letters[0])


def board_url(board: str) -> str:
    return url_of(f"{board}/")


def board_page_path(board: str, page: int) -> str:
    """Page 1 is index.html, page 2 is 2.html: vichan's names."""
    return f"{board}/index.html" if page == 1 else f"{board}/{page}.html"


def board_page_url(board: str, page: int) -> str:
    return board_url(board) if page == 1 else url_of(f"{board}/{page}.html")


def search_url(board: str | None = None, typed: str = "") -> str:
    """Search on one board, or on all of them."""
    url = "/search" if board is None else url_of(f"{board}/search")
    return f"{url}?q={quote(typed, safe='')}" if typed else url


def board_page_json_path(board: str, page: int) -> str:
    """JSON pages count from 0 where HTML pages count from 1."""
    return f"{board}/{page - 1}.json"


def catalog_path(board: str) -> str:
    return f"{board}/catalog.html"


def catalog_url(board: str) -> str:
    return url_of(catalog_path(board))


def catalog_json_path(board: str) -> str:
    return f"{board}/catalog.json"


def threads_json_path(board: str) -> str:
    return f"{board}/threads.json"


def archive_path(board: str, page: str | None = None) -> str:
    """Of archived threads: '2026-11', or all of these pages."""
    return f"{board}/archive/{page or 'index'}.html"


def archive_url(board: str, page: str | None = None) -> str:
    return url_of(f"{board}/archive/{page}.html" if page else f"{board}/archive/")


def archive_json_path(board: str) -> str:
    return f"{board}/archive.json"


def thread_path(board: str, thread: int) -> str:
    return f"{board}/res/{thread}.html"


def thread_url(board: str, thread: int) -> str:
    return url_of(f"{board}/res/{thread}.html")


def thread_tail_path(board: str, thread: int) -> str:
    """The last 50 replies of a long thread."""
    return f"{board}/res/{thread}+50.html"


def thread_tail_url(board: str, thread: int) -> str:
    return url_of(thread_tail_path(board, thread))


def thread_zip_url(board: str, thread: int) -> str:
    """The thread with its files, packed when it is asked for."""
    return url_of(f"{board}/res/{thread}.zip")


def thread_json_path(board: str, thread: int) -> str:
    return f"{board}/res/{thread}.json"


def thread_tail_json_path(board: str, thread: int) -> str:
    """4chan's name for the last 50 replies as JSON."""
    return f"{board}/res/{thread}-tail.json"


def thread_changes_path(board: str, thread: int) -> str:
    """What changed in a thread, for whoever has seen it a while ago."""
    return f"{board}/res/{thread}.changes.json"


def thread_changes_url(board: str, thread: int) -> str:
    return url_of(thread_changes_path(board, thread))


def thread_atom_path(board: str, thread: int) -> str:
    return f"{board}/res/{thread}.atom"


def thread_atom_url(board: str, thread: int) -> str:
    return url_of(thread_atom_path(board, thread))


def thread_oembed_path(board: str, thread: int) -> str:
    """What whoever shows a link to the thread is told of it."""
    return f"{board}/res/{thread}.oembed.json"


def thread_oembed_url(board: str, thread: int) -> str:
    return url_of(thread_oembed_path(board, thread))


def board_atom_path(board: str) -> str:
    return f"{board}/index.atom"


def board_atom_url(board: str) -> str:
    return url_of(board_atom_path(board))


def board_rss_path(board: str) -> str:
    """vichan's name for a board's feed."""
    return f"{board}/index.rss"


def board_rss_url(board: str) -> str:
    return url_of(board_rss_path(board))


def board_json_feed_path(board: str) -> str:
    return f"{board}/feed.json"


def board_json_feed_url(board: str) -> str:
    return url_of(board_json_feed_path(board))


def board_sitemap_path(board: str) -> str:
    return f"{board}/sitemap.xml"


def thread_latest_path(board: str, thread: int) -> str:
    """The same for whoever looks every few seconds."""
    return f"{board}/res/{thread}.latest.json"


#: The folder of the pages that show threads of all boards, and of that for what is safe for work.
OVERBOARD = "overboard"
OVERBOARD_SAFE = "overboard/sfw"


def overboard_url() -> str:
    return f"/{OVERBOARD}/"


def is_overboard(path: str) -> bool:
    """Whether posts of several boards stand there, each with the name of its own."""
    return path.lstrip("/").startswith(f"{OVERBOARD}/")


def written_page_path(board: str | None, name: str) -> str:
    """'b/rules.html', 'faq.html': what staff wrote for a board, or for the whole site."""
    return f"{name}.html" if board is None else f"{board}/{name}.html"


def written_page_url(board: str | None, name: str) -> str:
    return url_of(written_page_path(board, name))


#: The folder of the log of all boards; a board has one of this name too.
LOG = "log"
LOG_HEAD_PATH = f"{LOG}/head.json"
LOG_HEAD_URL = f"/{LOG_HEAD_PATH}"


def log_path(board: str | None, page: str | None = None) -> str:
    """What staff did on a board, or on all: '2026-11-29', or all of these pages."""
    return f"{_below(board)}{LOG}/{page or 'index'}.html"


def log_url(board: str | None, page: str | None = None) -> str:
    return url_of(f"{_below(board)}{LOG}/{page}.html" if page else f"{_below(board)}{LOG}/")


def log_entry_url(board: str | None, page: str, place: int) -> str:
    return f"{log_url(board, page)}#entry-{place}"


def log_json_path(board: str | None, page: str) -> str:
    return f"{_below(board)}{LOG}/{page}.json"


def log_json_url(board: str | None, page: str) -> str:
    return url_of(log_json_path(board, page))


def is_of_board_log(path: str) -> bool:
    """Whether it is a page of a board's log, which is drawn with the site's."""
    return path.split("/")[1:-1] == [LOG]


def _below(board: str | None) -> str:
    return "" if board is None else f"{board}/"


def post_url(board: str, thread: int, no: int) -> str:
    return url_of(f"{board}/res/{thread}.html#{no}")


def fresh_url(url: str, no: int) -> str:
    """'/b/res/1.html#124', 124 -> '/b/res/1.html?seen=124#124': asked of the board itself.

    A CDN keeps no copy under such an address (cdn/README.md), so the poster of `no` can't be
    shown the page of before.
    """
    page, hash_mark, anchor = url.partition("#")
    return f"{page}?seen={no}{hash_mark}{anchor}"


def media_name(tim: str, extension: str) -> str:
    """Below /<board>/: 'src/1795500950388.png'."""
    return f"src/{tim}{extension}"


def thumb_name(tim: str, extension: str) -> str:
    return f"thumb/{tim}{extension}"


#: Behind the tim of a second thumbnail. Where files of one post share a number a part of it has
#: three digits at most; and whatever serves thumbnails, of the version before too, serves this one.
_DENSE = "-0002"


def dense_name(tim: str, extension: str) -> str:
    """Of the thumbnail for dense screens: 'thumb/1795500950388-0002.jpg'."""
    return thumb_name(f"{tim}{_DENSE}", extension)


def media_names(
    tim: str,
    extension: str,
    thumb_extension: str | None = None,
    dense_extension: str | None = None,
) -> dict[Part, str]:
    """Of each part that a file has: {ORIGINAL: 'src/17.png', THUMBNAIL: 'thumb/17.webp'}."""
    names = {Part.ORIGINAL: media_name(tim, extension)}
    if thumb_extension is not None:
        names[Part.THUMBNAIL] = thumb_name(tim, thumb_extension)
    if dense_extension is not None:
        names[Part.DENSE] = dense_name(tim, dense_extension)
    return names


def is_of_nothing(name: str) -> bool:
    """Whether the version before alone needs this name (media_names() in schema.sql)."""
    return name.startswith("src/") and name.partition(".")[0].endswith(_DENSE)


def tim_and_extension(name: str) -> tuple[str, str]:
    """'src/1795500950388.png' -> ('1795500950388', '.png'); of thumbnails the same."""
    tim, dot, extension = name.partition("/")[2].partition(".")
    return tim.removesuffix(_DENSE), dot + extension


def media_path(board: str, name: str) -> str:
    return f"{board}/{name}"


def flag_url(board: str, name: str) -> str:
    return url_of(f"{board}/flags/{name}.png")


def media_url(board: str, name: str) -> str:
    return url_of(f"{board}/{name}")


FRONT_PAGE_PATH = "index.html"
NOT_FOUND_PATH = "404.html"
SETTINGS_PATH = "settings.html"
SETTINGS_URL = f"/{SETTINGS_PATH}"
BOARDS_JSON_PATH = "boards.json"
BOARDS_LIST_JSON_PATH = "boards-list.json"
STATUS_JSON_PATH = "status.json"
ROBOTS_PATH = "robots.txt"
SITEMAP_PATH = "sitemap.xml"
OPENAPI_PATH = "openapi.json"
#: What browsers and phones ask for by name.
ICON_PATHS = ("favicon.ico", "apple-touch-icon.png")
