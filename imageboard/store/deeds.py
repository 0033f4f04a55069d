"""What staff do, a row each: its power, its words, its form, its work and what it leaves behind.

Everything else reads the row: the desk draws its button and its form, the gate asks for its power,
the log has its words. To add a deed, add a row here (docs/extending.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from imageboard import bans as ban_rules
from imageboard import stored_words
from imageboard.bans import FOR_GOOD, MESSAGE_CHARS_MAX, REASON_CHARS_MAX, BanMessage, NewBan
from imageboard.boards import read_board_name
from imageboard.cloaks import Address, Cloak
from imageboard.errors import BadField, NoSuchPost, RuleBroken
from imageboard.moderation import Action
from imageboard.staff_roles import Power, Visitor
from imageboard.store import bans, edits, held, moderation_log, posts, ranges, removals, reports
from imageboard.store.database import Connection
from imageboard.store.ranges import Opens
from imageboard.store.removals import Authored
from imageboard.threads import Post, Thread
from imageboard.words import N_, Message

DELETED_POST = Action("delete_post", N_("deleted a post"))
DELETED_THREAD = Action("delete_thread", N_("deleted a thread"))
DELETED_FILE = Action("delete_file", N_("deleted a file"))
ERASED = Action("erase_post", N_("erased a post or a thread"))
BANNED = Action("ban", N_("banned a poster"))
HID_FILES = Action("spoiler", N_("hid the files of a post"))
SHOWED_FILES = Action("unspoiler", N_("showed the files of a post again"))
WARNED = Action("warn", N_("warned a poster"))


class Case(NamedTuple):
    """A post as the desk shows it, by which a deed says whether and how it is offered."""

    board: str
    post: Post
    is_reported: bool
    #: The thread that the post begins; None: it is a reply, stands in the queue or its thread fell
    #: off the board.
    begins: Thread | None = None
    #: Its thread fell off the board: no reader sees it.
    is_aside: bool = False
    #: Its thread fell off the board: readers find it in the archive.
    is_archived: bool = False
    #: Whether the author can be banned without being named.
    is_author_known: bool = True
    #: SECURITY: for ranges around it, never to be shown. None: no longer kept, or not looked for.
    address: Address | None = None
    #: How many posts its author wrote that the visitor may delete: in its 'thread', on its 'board'
    #: and on the 'site'. Empty: not looked for.
    authored: Mapping[str, Authored] = MappingProxyType({})


#: The same for every post, or by the case.
Words = Message | Callable[[Case], Message]


class Field(NamedTuple):
    """A field of a deed's form; its name is also what BadField names."""

    name: str
    label: Words
    hint: Words | None = None
    initial: str = ""
    chars_max: int | None = None
    is_required: bool = True
    #: Takes the whole line.
    is_wide: bool = False
    #: What a box sends when it is ticked; None: it is a line of text.
    ticked: str | None = None
    #: A password, new or the one that is: its name for browsers that keep them.
    kept_as: Literal["new-password", "current-password"] | None = None
    #: Values to choose from, beside anything else.
    offers: Callable[[Case], Sequence[str]] | None = None


class Order(NamedTuple):
    """A deed that one of the staff asked for."""

    visitor: Visitor
    #: The post; None for a deed of no post.
    board: str | None = None
    no: int | None = None
    #: What the deed's `read` made of its form.
    asked: Any = None

    @property
    def post(self) -> tuple[str, int]:
        """Board and number."""
        assert self.board is not None
        assert self.no is not None
        return self.board, self.no


@dataclass(frozen=True, slots=True)
class Done:
    """What the log is told, besides who did it to which post."""

    #: None: the first of the deed's.
    action: Action | None = None
    #: None: the post's.
    board: str | None = None
    #: {'ban': 7}: never an address, never a range.
    detail: Mapping[str, int | str] | None = None
    #: The boards that look different afterwards. None: the post's, where the deed shows.
    stale: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that staff do."""

    #: In forms and addresses: `deed=delete_file`.
    name: str
    #: None: anyone of the staff, to what is their own.
    power: Power | None
    #: On the button.
    button: Words
    #: On the page to which the form leads.
    done: Message
    #: What it may leave in the log; none: nothing.
    actions: tuple[Action, ...]
    #: In the caller's transaction. None: nothing was left to do, so nothing is logged.
    work: Callable[[Connection, Order], Done | None]
    #: Whether a post has the button.
    fits: Callable[[Case], bool] = lambda _case: True
    #: A deed with fields has a form of its own, under this heading; not in the queue.
    heading: Message | None = None
    fields: tuple[Field, ...] = ()
    #: (fields as typed, cloak, the post's board) -> Order.asked. Raises BadField, NoSuchBoard.
    read: Callable[[Mapping[str, str], Cloak, str | None], object] = lambda *_typed: None
    #: The post is no longer there afterwards.
    removes: bool = False
    #: The public pages look different afterwards.
    shows: bool = True
    #: Only for who proved a moment ago who they are.
    is_dangerous: bool = False


def carry_out(db: Connection, deed: Deed, order: Order) -> tuple[str, ...]:
    """The deed and its entry in the log, in one transaction: the boards that then look different.

    Raises what the deed's work raises: NoSuchPost, RuleBroken, NoSuchBan, NotAllowed …
    """
    done = deed.work(db, order)
    if done is not None:
        moderation_log.add(
            db,
            done.action or deed.actions[0],
            staff=order.visitor.name,
            board=done.board or order.board,
            post_no=order.no,
            **(done.detail or {}),
        )
        if done.stale is not None:
            return done.stale
    return (order.board,) if deed.shows and order.board is not None else ()


def named(table: Sequence[Deed], name: str) -> Deed:
    """Raises BadField."""
    for deed in table:
        if deed.name == name:
            return deed
    raise BadField(N_("Press one of the page's buttons."), field="deed")


class Extent(NamedTuple):
    """Which of an author's posts."""

    #: 'thread', 'board' or 'site'.
    where: str
    #: None: however old.
    since_s: int | None


class BanOfAuthor(NamedTuple):
    """Without a target it hits whoever wrote the post."""

    ban: NewBan
    #: Those of the last day go.
    takes_posts: bool
    #: By which it is found who else posts from a range.
    opens: Opens
    #: Under the post, for all to read; None: nothing is said.
    message: str | None = None


class HiddenFile(NamedTuple):
    """One of a post's files, from 1, and whether it is to be hidden."""

    number: int
    is_hidden: bool


class WarningOfAuthor(NamedTuple):
    """What whoever wrote the post reads before the next one."""

    reason: str
    #: As of a BanOfAuthor.
    message: str | None = None


# --- the work ---


def dismiss_reports(db: Connection, order: Order) -> Done | None:
    posts.author(db, *order.post)
    count = reports.dismiss(db, *order.post, known=order.asked)
    return Done(detail={"reports": count}) if count else None


def delete_post(db: Connection, order: Order) -> Done:
    """An OP takes its thread along."""
    board, no = order.post
    thread = posts.author(db, board, no).thread
    removal, gone = removals.remove(db, order.visitor.name, {board: [no]})
    if not gone:
        raise NoSuchPost(board=board, no=no)
    return Done(DELETED_THREAD if thread == no else DELETED_POST, detail=_undone_by(removal))


def erase_post(db: Connection, order: Order) -> Done:
    board, no = order.post
    posts.author(db, board, no)
    if not posts.remove(db, board, no):
        raise NoSuchPost(board=board, no=no)
    return Done()


def delete_file(db: Connection, order: Order) -> Done:
    board, no = order.post
    posts.author(db, board, no)
    removal, was_there = removals.remove_files(db, order.visitor.name, board, no)
    if not was_there:
        raise RuleBroken(N_("Post {no} has no file."), no=no)
    return Done(detail=_undone_by(removal))


def delete_one_file(db: Connection, order: Order) -> Done:
    board, no = order.post
    posts.author(db, board, no)
    removal, was_there = removals.remove_files(
        db, order.visitor.name, board, no, number=order.asked
    )
    if not was_there:
        there_is_none = N_("Post {no} has no file {number}.")
        raise BadField(there_is_none, field="file", no=no, number=order.asked)
    return Done(detail={"file": order.asked, **_undone_by(removal)})


def hide_files(*, is_hidden: bool) -> Callable[[Connection, Order], Done | None]:
    def hide(db: Connection, order: Order) -> Done | None:
        posts.author(db, *order.post)
        # False: two of the staff pressed the same button.
        return Done() if edits.hide_files(db, *order.post, is_hidden=is_hidden) else None

    return hide


def hide_one_file(db: Connection, order: Order) -> Done | None:
    hidden: HiddenFile = order.asked
    board, no = order.post
    posts.author(db, board, no)
    is_new = edits.hide_files(db, board, no, is_hidden=hidden.is_hidden, number=hidden.number)
    action = HID_FILES if hidden.is_hidden else SHOWED_FILES
    return Done(action, detail={"file": hidden.number}) if is_new else None


def delete_all(db: Connection, order: Order) -> Done:
    """What the post's author wrote, as far as the visitor may delete it; threads go whole."""
    extent: Extent = order.asked
    detail, stale = _delete_authored(db, order, extent)
    if not detail:
        raise BadField(N_("There is no such post."), field="since")
    return Done(detail=detail, stale=stale)


def _delete_authored(
    db: Connection, order: Order, extent: Extent
) -> tuple[dict[str, int | str], tuple[str, ...]]:
    """What the log is told, nothing if there was none, and the boards that look different."""
    board, no = order.post
    author = posts.author(db, board, no)
    if author.address_hash is None:
        raise BadField(N_("Whose address it was is no longer kept."), field="where")
    return _delete_of(
        db,
        order,
        [author.address_hash],
        on=order.visitor.boards(Power.DELETE) if extent.where == "site" else [board],
        thread=author.thread if extent.where == "thread" else None,
        since_s=extent.since_s,
    )


def _delete_of(
    db: Connection,
    order: Order,
    posters: Sequence[bytes],
    *,
    on: list[str] | None,
    thread: int | None = None,
    since_s: int | None = None,
) -> tuple[dict[str, int | str], tuple[str, ...]]:
    """What waits for staff is refused with it: nobody is to read it tomorrow."""
    # First, as in release_held(): what is held, then its board.
    refused = held.refuse_authors(db, posters, on=on, thread=thread, since_s=since_s)
    nos = removals.of_authors(db, posters, on=on, thread=thread, since_s=since_s)
    removal, gone = removals.remove(db, order.visitor.name, nos) if nos else (None, 0)
    detail = {"posts": gone + refused, **_undone_by(removal)} if gone + refused else {}
    return detail, tuple(nos)


def _undone_by(removal: int | None) -> dict[str, int | str]:
    return {} if removal is None else {"removal": removal}


def mark(**marks: bool | int) -> Callable[[Connection, Order], Done | None]:
    """Sticky, locked, cyclical …, or no longer."""

    def mark_thread(db: Connection, order: Order) -> Done | None:
        board, no = order.post
        if posts.author(db, board, no).thread != no:
            raise RuleBroken(N_("Post {no} is a reply: only threads can be marked."), no=no)
        # False: two of the staff pressed the same button.
        return Done() if posts.mark_thread(db, board, no, **marks) else None

    return mark_thread


def rank(db: Connection, order: Order) -> Done | None:
    return mark(is_sticky=True, sticky_rank=order.asked)(db, order)


def bring_back(db: Connection, order: Order) -> Done | None:
    board, no = order.post
    posts.author(db, board, no)
    # False: two of the staff pressed the same button.
    return Done() if posts.bring_back(db, board, no) else None


def ban(db: Connection, order: Order) -> Done:
    return _ban(db, order, order.asked)


def _ban(db: Connection, order: Order, new_ban: NewBan, message: BanMessage | None = None) -> Done:
    """The log names the ban, not whom it hits."""
    order.visitor.require(Power.BAN, new_ban.board)
    ban_id = bans.add(db, new_ban, order.visitor.name, message=message)
    stale = () if message is None else (message.board,)
    return Done(board=order.board or new_ban.board, detail={"ban": ban_id}, stale=stale)


def ban_author(db: Connection, order: Order) -> Done:
    """Of whom the form names, or of the post's author; what they wrote goes too if it says so."""
    asked: BanOfAuthor = order.asked
    board, no = order.post
    new_ban, address_hash = asked.ban, posts.author(db, board, no).address_hash
    if new_ban.address_hash is None and new_ban.range is None:
        if address_hash is None:
            raise BadField(
                N_("Whose address it was is no longer kept: name an address or a range."),
                field="target",
            )
        new_ban = replace(new_ban, address_hash=address_hash)
    message = asked.message and BanMessage(board=board, no=no, text=asked.message)
    done = _ban(db, order, new_ban, message or None)
    if not asked.takes_posts:
        return done
    detail, stale = _delete_of(
        db,
        order,
        _banned_posters(db, new_ban, asked.opens),
        on=order.visitor.boards(Power.DELETE),
        since_s=_SINCE_S["day"],
    )
    stale = tuple(dict.fromkeys((*(done.stale or ()), *stale)))
    return replace(done, detail={**(done.detail or {}), **detail}, stale=stale)


def _banned_posters(db: Connection, new_ban: NewBan, opens: Opens) -> list[bytes]:
    """Those that a ban hits, by the hashes of their addresses."""
    if new_ban.range is not None:
        return ranges.posters_in(db, new_ban.range, opens)
    assert new_ban.address_hash is not None
    return [new_ban.address_hash]


def warn_author(db: Connection, order: Order) -> Done:
    """On all boards, if the visitor may ban there, or else on the post's."""
    asked: WarningOfAuthor = order.asked
    board, no = order.post
    address_hash = posts.author(db, board, no).address_hash
    if address_hash is None:
        raise BadField(N_("Whose address it was is no longer kept."), field="reason")
    warning = NewBan(
        board=None if order.visitor.may(Power.BAN, None) else board,
        reason=asked.reason,
        duration_s=ban_rules.WARNING_S_MAX,
        address_hash=address_hash,
        is_warning=True,
    )
    message = asked.message and BanMessage(board=board, no=no, text=asked.message)
    return replace(_ban(db, order, warning, message or None), action=WARNED)


def lift_ban(db: Connection, order: Order) -> Done:
    """What stands of it under a post goes too."""
    board = bans.get(db, order.asked).board
    order.visitor.require(Power.BAN, board)
    shown_on = bans.lift(db, order.asked)
    return Done(board=board, detail={"ban": order.asked}, stale=(shown_on,) if shown_on else ())


# --- what is read from forms ---


def read_ban_of_author(typed: Mapping[str, str], cloak: Cloak, board: str | None) -> BanOfAuthor:
    where = board if typed.get("where") == "board" else None
    has_target = bool(typed.get("target", "").strip())
    new_ban = _new_ban(typed, cloak, where) if has_target else _ban_of(typed, where)
    return BanOfAuthor(
        new_ban,
        takes_posts=typed.get("posts") == "day",
        opens=cloak.open_address,
        message=_message(typed, stored_words.BANNED_FOR_POST),
    )


def read_warning(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> WarningOfAuthor:
    reason = ban_rules.read_reason(typed.get("reason", ""))
    return WarningOfAuthor(reason, _message(typed, stored_words.WARNED_FOR_POST))


def _message(typed: Mapping[str, str], usual: Message) -> str | None:
    """What is to be said under the post; words that were typed are meant to be."""
    text = typed.get("message", "")
    is_said = typed.get("say") == "yes" or bool(text.strip())
    return ban_rules.read_message(text, usual) if is_said else None


def read_extent(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> Extent:
    where, since = (typed.get(name, "").strip().lower() for name in ("where", "since"))
    if where not in _WHERE:
        raise BadField(N_("Where? {choices}.").filled(choices=", ".join(_WHERE)), field="where")
    if since not in _SINCE_S:
        choices = ", ".join(_SINCE_S)
        raise BadField(N_("Since when? {choices}.").filled(choices=choices), field="since")
    return Extent(where, _SINCE_S[since])


def read_sure(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> bool:
    if typed.get("sure") != "yes":
        raise BadField(N_("Tick the box: this can't be undone."), field="sure")
    return True


def read_ban(typed: Mapping[str, str], cloak: Cloak, _board: str | None) -> NewBan:
    board = typed.get("board", "")
    return _new_ban(typed, cloak, read_board_name(board) if board.strip() else None)


def read_ban_id(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> int:
    text = typed.get("ban", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadField(N_("Which ban?"), field="ban")
    return int(text)


def read_file_number(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> int:
    """From 1."""
    text = typed.get("file", "").strip()
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 2 and int(text)):
        raise BadField(N_("Which file? Its number, please: 1 is the first."), field="file")
    return int(text)


def read_hidden_file(typed: Mapping[str, str], cloak: Cloak, board: str | None) -> HiddenFile:
    number = read_file_number(typed, cloak, board)
    return HiddenFile(number, is_hidden=typed.get("show") != "yes")


def read_rank(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> int:
    text = typed.get("rank", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 2):
        raise BadField(N_("Which rank? A number from 0 to 99, please."), field="rank")
    return int(text)


def _new_ban(typed: Mapping[str, str], cloak: Cloak, board: str | None) -> NewBan:
    """Of an address, of which the hash alone is kept, or of a range."""
    target = ban_rules.read_target(typed.get("target", ""))
    new_ban = _ban_of(typed, board)
    if isinstance(target, Address):
        return replace(new_ban, address_hash=cloak.hash_address(target))
    return replace(new_ban, range=target)


def _ban_of(typed: Mapping[str, str], board: str | None) -> NewBan:
    """An emptied duration means for good, but not a missing one."""
    if "duration" not in typed:
        raise BadField(N_("How long? The form does not say."), field="duration")
    return NewBan(
        board=board,
        reason=ban_rules.read_reason(typed.get("reason", "")),
        duration_s=ban_rules.read_duration(typed["duration"]),
    )


# --- fields of forms ---


def _ranges(case: Case) -> tuple[str, ...]:
    return ban_rules.offered_ranges(case.address) if case.address else ()


def _about_ranges(case: Case) -> Message:
    if not case.is_author_known:
        return N_("Needed: whose address it was is no longer kept.")
    if case.address is None:
        return N_("Empty: the author's address alone. The address itself is no longer kept.")
    return N_("Empty: the author's address alone. Around it: {ranges}.").filled(
        ranges=", ".join(_ranges(case))
    )


def _files_there(case: Case) -> dict[int, str]:
    """{2: 'cat.png'}: those that can be removed, by their numbers."""
    numbered = enumerate(case.post.files, start=1)
    return {
        number: f"{file.original_name}{file.extension}"
        for number, file in numbered
        if not file.is_removed
    }


def _about_files(case: Case) -> Message:
    listed = ", ".join(f"{number}: {name}" for number, name in _files_there(case).items())
    # People's own words, which no catalog has.
    return Message("{files}").filled(files=listed)


def _about_authored(case: Case) -> Message:
    said = N_(
        "thread: {thread}; board: {board}; site, as far as you may: {site}. In brackets those of"
        " the last hour and the last day. An OP takes its thread along."
    )
    none = Authored(0, 0, 0)
    counts = {where: case.authored.get(where, none) for where in _WHERE}
    return said.filled(
        **{where: f"{n.ever} ({n.last_hour}, {n.last_day})" for where, n in counts.items()}
    )


_WHERE = ("thread", "board", "site")
_SINCE_S = {"hour": 3600, "day": 86_400, "all": None}

_REASON = Field(
    "reason",
    N_("Reason, which the banned will read"),
    chars_max=REASON_CHARS_MAX,
    is_wide=True,
)
_BAN_TERMS = (
    Field(
        "duration",
        N_("For how long"),
        N_("30m, 12h, 3 days, 1w 2d, 1mo, 1y; {for_good} or empty: for good").filled(
            for_good=FOR_GOOD
        ),
        initial="3d",
        is_required=False,
    ),
    _REASON,
)


def _said_under_post(usual: Message) -> tuple[Field, ...]:
    return (
        Field("say", N_("And say so under the post, for all to read"), ticked="yes"),
        Field(
            "message",
            N_("In these words"),
            N_("Empty: ({words})").filled(words=usual),
            chars_max=MESSAGE_CHARS_MAX,
            is_required=False,
            is_wide=True,
        ),
    )


# --- the rows ---


#: Under a post, in this order.
OF_POSTS: tuple[Deed, ...] = (
    Deed(
        name="dismiss",
        power=Power.DISMISS_REPORTS,
        button=N_("Dismiss the reports"),
        done=N_("The reports were dismissed."),
        actions=(Action("dismiss_reports", N_("dismissed reports")),),
        work=dismiss_reports,
        read=lambda typed, _cloak, _board: reports.read_known(typed),
        fits=lambda case: case.is_reported,
        shows=False,
    ),
    Deed(
        name="delete",
        power=Power.DELETE,
        button=lambda case: N_("Delete the thread") if case.post.is_op else N_("Delete the post"),
        done=N_("The post was deleted."),
        actions=(DELETED_POST, DELETED_THREAD),
        work=delete_post,
        removes=True,
    ),
    Deed(
        name="delete_all",
        power=Power.DELETE,
        heading=N_("Delete what its author wrote"),
        button=N_("Delete them all"),
        done=N_("The posts were deleted."),
        actions=(Action("delete_all", N_("deleted the posts of an author")),),
        work=delete_all,
        fits=lambda case: case.is_author_known,
        fields=(
            Field(
                "where",
                N_("Where"),
                _about_authored,
                initial="board",
                offers=lambda _case: _WHERE,
            ),
            Field(
                "since",
                N_("Since when"),
                N_("hour: of the last hour; day: of the last day; all"),
                initial="day",
                offers=lambda _case: tuple(_SINCE_S),
            ),
        ),
        read=read_extent,
        removes=True,
    ),
    Deed(
        name="erase",
        power=Power.DELETE,
        heading=N_("Erase it at once"),
        button=N_("Erase it"),
        done=N_("The post was erased."),
        actions=(ERASED,),
        work=erase_post,
        fields=(Field("sure", N_("Nobody can bring it back"), ticked="yes"),),
        read=read_sure,
        removes=True,
    ),
    Deed(
        name="delete_file",
        power=Power.DELETE_FILE,
        button=lambda case: (
            N_("Delete all its files") if len(_files_there(case)) > 1 else N_("Delete the file")
        ),
        done=N_("The file was deleted."),
        actions=(DELETED_FILE,),
        work=delete_file,
        fits=lambda case: bool(_files_there(case)),
    ),
    Deed(
        name="delete_one_file",
        power=Power.DELETE_FILE,
        heading=N_("Delete one of its files"),
        button=N_("Delete this file"),
        done=N_("The file was deleted."),
        actions=(DELETED_FILE,),
        work=delete_one_file,
        fits=lambda case: len(_files_there(case)) > 1,
        fields=(
            Field(
                "file",
                N_("Its number"),
                _about_files,
                offers=lambda case: [str(number) for number in _files_there(case)],
            ),
        ),
        read=read_file_number,
    ),
    Deed(
        name="spoiler",
        power=Power.DELETE_FILE,
        button=N_("Hide its files behind a spoiler"),
        done=N_("Its files are hidden."),
        actions=(HID_FILES,),
        work=hide_files(is_hidden=True),
        fits=lambda case: any(not file.is_spoiler for file in case.post.files if file.is_there),
    ),
    Deed(
        name="unspoiler",
        power=Power.DELETE_FILE,
        button=N_("Show its files"),
        done=N_("Its files are shown."),
        actions=(SHOWED_FILES,),
        work=hide_files(is_hidden=False),
        fits=lambda case: any(file.is_spoiler for file in case.post.files if file.is_there),
    ),
    Deed(
        name="spoiler_one",
        power=Power.DELETE_FILE,
        heading=N_("Hide one of its files"),
        button=N_("Hide this file"),
        done=N_("The file is as you wanted it."),
        actions=(HID_FILES, SHOWED_FILES),
        work=hide_one_file,
        fits=lambda case: len(_files_there(case)) > 1,
        fields=(
            Field(
                "file",
                N_("Its number"),
                _about_files,
                offers=lambda case: [str(number) for number in _files_there(case)],
            ),
            Field("show", N_("Show it again instead"), ticked="yes"),
        ),
        read=read_hidden_file,
    ),
    Deed(
        name="sticky",
        power=Power.STICKY,
        button=N_("Make it sticky"),
        done=N_("The thread is sticky now."),
        actions=(Action("sticky", N_("made a thread sticky")),),
        work=mark(is_sticky=True),
        fits=lambda case: case.begins is not None and not case.begins.is_sticky,
    ),
    Deed(
        name="unsticky",
        power=Power.STICKY,
        button=N_("No longer sticky"),
        done=N_("The thread is no longer sticky."),
        actions=(Action("unsticky", N_("made a thread no longer sticky")),),
        work=mark(is_sticky=False),
        fits=lambda case: case.begins is not None and case.begins.is_sticky,
    ),
    Deed(
        name="lock",
        power=Power.LOCK,
        button=N_("Lock"),
        done=N_("The thread is locked now."),
        actions=(Action("lock", N_("locked a thread")),),
        work=mark(is_locked=True),
        fits=lambda case: case.begins is not None and not case.begins.is_locked,
    ),
    Deed(
        name="unlock",
        power=Power.LOCK,
        button=N_("Unlock"),
        done=N_("The thread is no longer locked."),
        actions=(Action("unlock", N_("unlocked a thread")),),
        work=mark(is_locked=False),
        fits=lambda case: case.begins is not None and case.begins.is_locked,
    ),
    Deed(
        name="stop_bumps",
        power=Power.LOCK,
        button=N_("No more bumps"),
        done=N_("Replies no longer bump the thread."),
        actions=(Action("stop_bumps", N_("kept replies from bumping a thread")),),
        work=mark(is_bump_locked=True),
        fits=lambda case: case.begins is not None and not case.begins.is_bump_locked,
    ),
    Deed(
        name="allow_bumps",
        power=Power.LOCK,
        button=N_("Bumps again"),
        done=N_("Replies bump the thread again."),
        actions=(Action("allow_bumps", N_("let replies bump a thread again")),),
        work=mark(is_bump_locked=False),
        fits=lambda case: case.begins is not None and case.begins.is_bump_locked,
    ),
    Deed(
        name="cycle",
        power=Power.STICKY,
        button=N_("Make it cyclical"),
        done=N_("The thread is cyclical now."),
        actions=(Action("cycle", N_("made a thread cyclical")),),
        work=mark(is_cyclical=True),
        fits=lambda case: case.begins is not None and not case.begins.is_cyclical,
    ),
    Deed(
        name="uncycle",
        power=Power.STICKY,
        button=N_("No longer cyclical"),
        done=N_("The thread is no longer cyclical."),
        actions=(Action("uncycle", N_("made a thread no longer cyclical")),),
        work=mark(is_cyclical=False),
        fits=lambda case: case.begins is not None and case.begins.is_cyclical,
    ),
    Deed(
        name="rank",
        power=Power.STICKY,
        heading=N_("Its place among pinned threads"),
        button=N_("Put it there"),
        done=N_("The thread has its place among pinned threads."),
        actions=(Action("rank", N_("ranked a sticky thread")),),
        work=rank,
        fits=lambda case: case.begins is not None and case.begins.is_sticky,
        fields=(Field("rank", N_("Rank"), N_("0 to 99; the highest stands first"), initial="0"),),
        read=read_rank,
    ),
    Deed(
        name="bring_back",
        power=Power.BRING_BACK,
        button=N_("Bring the thread back"),
        done=N_("The thread is back on its board."),
        actions=(Action("bring_back", N_("brought back a thread that had fallen off")),),
        work=bring_back,
        fits=lambda case: (case.is_aside or case.is_archived) and case.post.is_op,
    ),
    Deed(
        name="ban",
        power=Power.BAN,
        heading=N_("Ban its author"),
        button=N_("Ban"),
        done=N_("The ban is in force."),
        actions=(BANNED,),
        work=ban_author,
        fields=(
            Field("target", N_("Range"), _about_ranges, is_required=False, offers=_ranges),
            *_BAN_TERMS,
            Field(
                "where",
                lambda case: N_("On /{board}/ only").filled(board=case.board),
                ticked="board",
            ),
            Field(
                "posts",
                N_("And delete what they wrote in the last day, wherever you may"),
                ticked="day",
            ),
            *_said_under_post(stored_words.BANNED_FOR_POST),
        ),
        read=read_ban_of_author,
        shows=False,
    ),
    Deed(
        name="warn",
        power=Power.BAN,
        heading=N_("Warn its author"),
        button=N_("Warn"),
        done=N_("Whoever wrote it reads the warning before their next post is taken."),
        actions=(WARNED,),
        work=warn_author,
        fits=lambda case: case.is_author_known,
        fields=(_REASON, *_said_under_post(stored_words.WARNED_FOR_POST)),
        read=read_warning,
        shows=False,
    ),
)

BAN = Deed(
    name="ban",
    power=Power.BAN,
    button=N_("Ban"),
    done=N_("The ban is in force."),
    actions=(BANNED,),
    work=ban,
    fields=(
        Field(
            "target",
            N_("Address or range"),
            N_("192.0.2.7, 192.0.2.0/24, 192.0.2.*, 192.0.2.0-192.0.2.255, 2001:db8::/48"),
        ),
        Field("board", N_("Board"), N_("Empty: all boards"), is_required=False),
        *_BAN_TERMS,
    ),
    read=read_ban,
    shows=False,
)
LIFT = Deed(
    name="lift",
    power=Power.BAN,
    button=N_("Lift it"),
    done=N_("The ban was lifted."),
    actions=(Action("lift_ban", N_("lifted a ban")),),
    work=lift_ban,
    read=read_ban_id,
    shows=False,
)
#: On the list of bans: of whom is named, and of a ban that stands there.
OF_BANS: tuple[Deed, ...] = (BAN, LIFT)
