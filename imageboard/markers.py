"""By what one finds a post, or a file of it, in a page or JSON that shows it.

Whoever has to prove that a removal is done looks for these in what readers are sent. The templates
and the JSON write them; tests draw every kind of file with the post and without it, so that a
change of markup which loses a marker is found at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from imageboard import addresses

#: 'b/src/1795500950388.png' -> 'src/1795500950388.png', and so with its thumbnails.
_MEDIA = re.compile(r"[^/]+/((?:src|thumb)/[^/.]+\.[a-z0-9]+)")


@dataclass(frozen=True, slots=True)
class Removed:
    """What no reader may find any more."""

    board: str
    #: None of a post of which only files are removed.
    post_nos: frozenset[int] = frozenset()
    #: Numbers of its files: '1795500950388'.
    tims: frozenset[str] = frozenset()
    #: All posts of the board, and all files.
    is_whole_board: bool = False


def tims_of(paths: tuple[str, ...]) -> frozenset[str]:
    """The numbers of the files among these paths."""
    names = (found[1] for path in paths if (found := _MEDIA.fullmatch(path)))
    return frozenset(addresses.tim_and_extension(name)[0] for name in names)


def shown(path: str, body: bytes, removed: Removed) -> bool:
    """Whether what is read at `path` still shows one of the posts or of the files.

    True of every kind of file that this can't look into, since what can't be proved is not done;
    and of all that is found in the folder of a board that is gone.
    """
    if removed.is_whole_board and path.startswith(f"{removed.board}/"):
        return True
    if path.endswith((".html", "/")):
        markers = _in_page(path, removed)
    elif path == addresses.archive_json_path(removed.board):
        markers = [rf"[\[,]{nos}[\],]".encode() for nos in _nos(removed)]
    elif path.endswith(".json"):
        markers = _in_json(path, removed)
    elif path.endswith((".atom", ".rss", ".xml")):
        markers = _in_feed(removed)
    else:
        return True
    return any(re.search(marker, body) for marker in markers)


def _tells_boards(path: str, removed: Removed) -> bool:
    """Whether a post is told by its board too. Of a whole board only pages of the site are left."""
    return removed.is_whole_board or addresses.is_overboard(path)


def _nos(removed: Removed) -> Iterator[str]:
    return iter(("[0-9]+",)) if removed.is_whole_board else _any_of(removed.post_nos)


def _tims(removed: Removed) -> Iterator[str]:
    return iter(("[0-9-]+",)) if removed.is_whole_board else _any_of(removed.tims)


def _any_of(found: Iterable[int | str]) -> Iterator[str]:
    """{5, 7} -> '(?:5|7)'; of nothing nothing is looked for."""
    if listed := "|".join(sorted(re.escape(str(each)) for each in found)):
        yield f"(?:{listed})"


#: Within a tag: a poster may write anything, but no '<' of theirs reaches a page.
_IN_TAG = "<[^<>]* "


def _in_page(path: str, removed: Removed) -> list[bytes]:
    folder = f'{_IN_TAG}(?:href|src)="/{removed.board}/(?:src|thumb)/'
    markers = [f"{folder}{tims}[.]" for tims in _tims(removed)]
    for nos in _nos(removed):
        # The post itself; a thread as a tile, or around its posts on a board's page.
        of_board = f"{removed.board}-" if _tells_boards(path, removed) else ""
        markers.append(f'{_IN_TAG}id="(?:thread_)?{of_board}{nos}"')
        if path in (addresses.FRONT_PAGE_PATH, "/"):
            # There a post is a line that leads to it. On other pages a quote is such a link too.
            markers.append(f'{_IN_TAG}href="/{removed.board}/res/[0-9]+[.]html#{nos}"')
    return [marker.encode() for marker in markers]


def _in_feed(removed: Removed) -> list[bytes]:
    """Atom, RSS, a map of the site: an entry is known by its address, a post's or a thread's.

    Its text may quote other posts, with links if it is HTML: an <a> is no entry.
    """
    # In a tag (<link rel="enclosure" …>), or in one of a text that is escaped HTML.
    in_tag = "(?:<[^<>]*|&lt;(?:a|img) (?:(?!&[gl]t;)[^<>])*)"
    board = re.escape(addresses.board_url(removed.board))
    files = f"{in_tag}{board}(?:src|thumb)/"
    markers = [f"{files}{tims}[.]" for tims in _tims(removed)]
    for nos in _nos(removed):
        page = f"{board}res/(?:[0-9]+[.]html#{nos}|{nos}[.](?:html|json))"
        markers.append(f"<(?:id|guid|link|loc)[ >][^<]*{page}[\"'<]")
    return [marker.encode() for marker in markers]


def _in_json(path: str, removed: Removed) -> list[bytes]:
    # Other boards have files too, and a post that has one says so beside it.
    markers = [f'"tim": ?"{tims}"' for tims in _any_of(removed.tims)]
    for nos in _nos(removed):
        # Within a text each quotation mark has a backslash before it.
        # Other boards have posts of the same number.
        of_board = f'"board":"{removed.board}",' if _tells_boards(path, removed) else ""
        markers.append(f'{of_board}"no": ?{nos}(?![0-9])')
    return [marker.encode() for marker in markers]
