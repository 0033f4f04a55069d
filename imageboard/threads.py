"""Threads and posts as the pages show them: what the store reads and the renderer draws.

Tuples, not classes with behaviour: a full render of a board reads tens of thousands of them.
"""

from __future__ import annotations

from typing import NamedTuple

from imageboard import addresses, dice, markup
from imageboard.boards import Board
from imageboard.dice import Throw
from imageboard.markup import Links, Quote


class PostFile(NamedTuple):
    """One file of a post. Names are those below /<board>/src/ and /<board>/thumb/."""

    #: 13 digits of Unix milliseconds, or more when two fall together.
    tim: str
    extension: str
    #: None, as the two below: it has no thumbnail.
    thumb_extension: str | None
    #: As the poster's computer had it, without folders and extension.
    original_name: str
    bytes: int
    #: None, both: it has no picture, or nobody knows yet.
    width: int | None
    height: int | None
    thumb_width: int | None
    thumb_height: int | None
    md5: str  # base64, as 4chan's API has it
    is_spoiler: bool
    is_removed: bool
    #: A sentence; None: somebody removed it.
    removed_because: str | None = None
    #: Stored as it was sent, and not to be had yet.
    is_pending: bool = False
    #: Of what is played; None, all three: it is not.
    duration_ms: int | None = None
    has_sound: bool | None = None
    #: 'vp9, opus'.
    codecs: str | None = None
    #: What it shows, in its poster's words; None: nobody said.
    alt: str | None = None
    #: 0xrrggbb of its thumbnail on average; None: nobody knows, or the page shines through it.
    colour: int | None = None
    #: Of its second thumbnail, for dense screens; None: it has none.
    dense_extension: str | None = None

    @property
    def is_there(self) -> bool:
        """Whether it can be had."""
        return not self.is_removed and not self.is_pending


class QuoteTarget(NamedTuple):
    """A post that another one quotes, and that is there."""

    board: str
    no: int
    thread: int
    #: What the text says, where the quoted post has gone elsewhere since; None, both: the above.
    typed_board: str | None = None
    typed_no: int | None = None


class Backlink(NamedTuple):
    """A post of the same board that quotes this one."""

    no: int
    thread: int


class Post(NamedTuple):
    """One post and everything that its fragment shows."""

    no: int
    thread: int
    #: Unix seconds.
    created_s: int
    #: None: the board's anonymous name.
    name: str | None
    tripcode: str | None
    capcode: str | None
    email: str | None
    subject: str | None
    #: As typed.
    body: str
    poster_id: str | None
    #: Change of the board at which this post last came to look different.
    changed_no: int
    quotes: tuple[QuoteTarget, ...]
    backlinks: tuple[Backlink, ...]
    files: tuple[PostFile, ...]
    #: Tells the posters of a thread apart: never shown, only counted.
    poster: bytes = b""
    #: Dice as they fell, as `dice.kept` keeps them.
    dice: str | None = None
    #: 'DE': where it was sent from.
    country: str | None = None
    #: Of an OP: what kind of thread it is.
    tag: str | None = None
    #: Which its poster chose, and what it was called then.
    flag: str | None = None
    flag_name: str | None = None
    #: By staff: that its author was banned for it.
    ban_message: str | None = None
    #: Unix seconds of staff's last change of its words; None: they are its poster's own.
    edited_s: int | None = None

    @property
    def throws(self) -> tuple[Throw, ...]:
        return dice.read(self.dice)

    @property
    def is_op(self) -> bool:
        return self.no == self.thread


class Thread(NamedTuple):
    """One thread without its posts."""

    no: int
    is_sticky: bool
    is_locked: bool
    #: Replies and their files; the OP and its own are not counted (vichan's `replies`, `images`).
    replies: int
    images: int
    #: Unix seconds of the last change that a reader can see: sage, deletion and edit too.
    modified_s: int
    bumped_s: int
    #: Change at which anything of the thread or its posts last came to look different.
    changed_no: int
    #: Change at which a post of it was last removed: a cache older than that is to be dropped.
    removal_no: int
    #: Different posters, the OP's among them; 0: not counted.
    posters: int = 0
    #: Unix seconds since when it is in the archive, read-only; None: it stands on its board.
    archived_s: int | None = None
    #: Of sticky threads those of a higher rank come first.
    sticky_rank: int = 0
    #: By staff.
    is_bump_locked: bool = False
    #: It takes replies without end, and its oldest ones go.
    is_cyclical: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether it takes no replies of anybody but staff: locked, or archived."""
        return self.is_locked or self.archived_s is not None


def body_html(board: Board, post: Post, boards: frozenset[str]) -> str:
    """What a post of `board` says, as HTML; `boards` are the names of all."""
    tree = markup.parse(post.body, board.settings.marking)
    return markup.to_html(tree, quote_links(board.name, post, boards))


def quote_links(board: str, post: Post, boards: frozenset[str]) -> Links:
    """What `markup.to_html` needs to link the quotes of a post of `board`.

    A post of the same board may be quoted as >>124 and as >>>/b/124.
    """
    links = {}
    for quote in post.quotes:
        url = addresses.post_url(quote.board, quote.thread, quote.no)
        said_board, said_no = quote.typed_board or quote.board, quote.typed_no or quote.no
        links[Quote(said_board, said_no)] = url
        if said_board == board:
            links[Quote(None, said_no)] = url
    return Links(links, boards)
