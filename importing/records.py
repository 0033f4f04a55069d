"""What comes, as no engine in particular has it: readers of engines yield it, loading stores it.

Texts are as they were typed, without what the engine made of them; moments are Unix seconds.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import NamedTuple

#: Of one post: our tables hold no more.
FILES_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class OldBoard:
    name: str
    title: str
    subtitle: str
    #: Settings of ours that make it what it was: {'bump_limit': '249'}.
    settings: dict[str, str]


class OldPassword(NamedTuple):
    """The password of a post, as its engine kept it."""

    #: As imageboard.old_passwords calls it.
    scheme: str
    kept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OldFile:
    """One file of a post."""

    #: What it is called below src/: '1795500951406-0', and '.png'.
    tim: str
    extension: str
    #: Without its ending.
    original_name: str
    #: Below the folder of its board, or (where boards share files) from the root; None: it was
    #: deleted.
    path: str | None
    #: None: it has no thumbnail.
    thumb_path: str | None
    #: As the engine has it.
    told_bytes: int
    #: None, both: it shows nothing.
    width: int | None
    height: int | None
    thumb_width: int | None
    thumb_height: int | None
    #: As the engine has it; None: it does not say.
    md5: bytes | None
    is_spoiler: bool
    #: '.jpg', where the path of its thumbnail does not tell.
    thumb_extension: str | None = None
    #: Where it and its thumbnail were found, if no board was named there: 'file/0a1b….png', as
    #: imageboard.old_addresses.OLD_FILE has it.
    address: str | None = None
    thumb_address: str | None = None


class BrokenFiles(ValueError):
    """What a post says of its files can't be read.

    It comes without them: a thread needs its first post.
    """

    told = "its files can't be read, and it comes without them"


def own_tim(created_s: int, no: int, position: int) -> str:
    """A name for a file whose own can't be kept: one that no file of another post has."""
    return f"{created_s}{no:07}"[:20] + f"-{position}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OldMarks:
    """Of a thread."""

    bumped_s: int
    is_sticky: bool = False
    #: Of sticky threads those of a higher one come first.
    sticky_rank: int = 0
    is_locked: bool = False
    is_bump_locked: bool = False
    is_cyclical: bool = False
    #: When it came into the archive of its board; None: it stands on its board.
    archived_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OldPost:
    """A post, with what it says of its thread if it is the first of it."""

    board: str
    no: int
    thread: int
    created_s: int
    #: None: the board's anonymous name.
    name: str | None
    tripcode: str | None
    capcode: str | None
    email: str | None
    subject: str | None
    body: str
    poster_id: str | None
    #: None: the engine does not know it.
    address: str | None
    password: OldPassword | None
    country: str | None
    flag: str | None
    flag_name: str | None
    #: What staff wrote below it for all to read.
    ban_message: str | None
    #: Posts to which its text led: (board, number).
    quotes: tuple[tuple[str, int], ...]
    files: tuple[OldFile, ...]
    #: None: a reply.
    marks: OldMarks | None
    #: What kind of thread it is, if it is the first of one of a kind.
    tag: str | None = None
    #: What staff wrote as HTML, of which `body` is the text: kept for them, and never shown.
    html: str | None = None
    #: When staff last changed its words; None: they never did.
    edited_s: int | None = None

    @property
    def is_sage(self) -> bool:
        return (self.email or "").lower() == "sage"


@dataclass(frozen=True, slots=True, kw_only=True)
class OldBan:
    #: First and last address that it hits, packed.
    first: bytes
    last: bytes
    #: None: all boards.
    board: str | None
    reason: str
    #: None: nobody knows.
    made_by: str | None
    created_s: int
    #: None: never.
    expires_s: int | None
    #: The banned were told of it.
    is_seen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OldFileBan:
    """Whoever sends a file of these bytes is refused."""

    sha256: bytes
    #: None: all boards.
    board: str | None
    reason: str
    #: None: nobody knows.
    made_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OldReport:
    board: str
    no: int
    reason: str
    address: str | None
    created_s: int


class OldGrant(NamedTuple):
    """A role of one of the staff."""

    #: 'janitor', 'moderator', 'owner' or 'admin'
    role: str
    #: None: on all boards.
    board: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OldAccount:
    """One of the staff."""

    name: str
    #: As its engine kept it, in a form that imageboard.passwords knows.
    password_hash: str
    grants: tuple[OldGrant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OldNews:
    title: str
    body: str
    created_s: int
    made_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OldPage:
    """A page that staff wrote; of a board, or (None) of the site."""

    board: str | None
    name: str
    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OldNote:
    """What staff wrote down about a poster, for each other."""

    address: str
    note: str
    #: None: nobody knows.
    made_by: str | None
    created_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OldAppeal:
    """What one of the banned asked of staff."""

    #: What the ban is called there.
    ban: str
    body: str
    is_denied: bool
    created_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OldRule:
    """A rule against spam, as the form of ours would say it (imageboard.spam.rules.read)."""

    #: Without its board.
    typed: dict[str, str]
    #: None: all that were there.
    boards: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OldFlag:
    """One that posters of a board choose from."""

    board: str
    name: str
    title: str
    #: Of its picture, below the folder of all boards.
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OldBanner:
    """A picture above a board's threads."""

    board: str
    #: Below the folder of all boards.
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OldLogEntry:
    """What was done there, as its engine wrote it down (importing.logs makes it)."""

    #: None: on none.
    board: str | None
    created_s: int
    #: None: a poster, or the program; '': one of the staff, whoever it was.
    made_by: str | None
    #: One line, without addresses.
    told: str
    #: To whom it was told there: a word of the setting public_log.
    was_told: str


Other = (
    OldBan
    | OldFileBan
    | OldReport
    | OldAccount
    | OldNews
    | OldPage
    | OldNote
    | OldAppeal
    | OldRule
    | OldFlag
    | OldBanner
    | OldLogEntry
)


@dataclass
class Survey:
    """What there is of one board."""

    #: Numbers of its posts, in the order of the dump.
    nos: array[int] = field(default_factory=lambda: array("q"))
    #: That stand on it: archived ones need no room.
    threads: int = 0
    #: The highest that was ever given, as far as anything tells.
    last_no: int = 0
    #: The newest name of a file, without its part.
    last_tim: int = 0
