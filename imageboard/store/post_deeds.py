"""What staff do to a post or its thread, a row each. See imageboard.store.deeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from imageboard.cloaks import Cloak
from imageboard.errors import BadField, NoSuchPost, RuleBroken
from imageboard.moderation import Action
from imageboard.staff_roles import Power
from imageboard.store import boards, edits, poster_deeds, posts, removals, reports
from imageboard.store.database import Connection
from imageboard.store.deeds import (
    Case,
    Deed,
    Done,
    Field,
    Order,
    read_file_number,
    read_sure,
    undone_by,
)
from imageboard.words import N_, Message

DELETED_POST = Action("delete_post", N_("deleted a post"))
DELETED_THREAD = Action("delete_thread", N_("deleted a thread"))
DELETED_FILE = Action("delete_file", N_("deleted a file"))
ERASED = Action("erase_post", N_("erased a post or a thread"))
HID_FILES = Action("spoiler", N_("hid the files of a post"))
SHOWED_FILES = Action("unspoiler", N_("showed the files of a post again"))


class HiddenFile(NamedTuple):
    """One of a post's files, from 1, and whether it is to be hidden."""

    number: int
    is_hidden: bool


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
    return Done(DELETED_THREAD if thread == no else DELETED_POST, detail=undone_by(removal))


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
    return Done(detail=undone_by(removal))


def delete_one_file(db: Connection, order: Order) -> Done:
    board, no = order.post
    posts.author(db, board, no)
    removal, was_there = removals.remove_files(
        db, order.visitor.name, board, no, number=order.asked
    )
    if not was_there:
        there_is_none = N_("Post {no} has no file {number}.")
        raise BadField(there_is_none, field="file", no=no, number=order.asked)
    return Done(detail={"file": order.asked, **undone_by(removal)})


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


def archive(db: Connection, order: Order) -> Done | None:
    board, no = order.post
    posts.author(db, board, no)
    if not boards.lock(db, board).settings.archive_days:
        raise RuleBroken(N_("/{board}/ has no archive."), board=board)
    return Done() if posts.archive(db, board, no) else None


def bring_back(db: Connection, order: Order) -> Done | None:
    board, no = order.post
    posts.author(db, board, no)
    # False: two of the staff pressed the same button.
    return Done() if posts.bring_back(db, board, no) else None


# --- what is read from forms ---


def read_hidden_file(typed: Mapping[str, str], cloak: Cloak, board: str | None) -> HiddenFile:
    number = read_file_number(typed, cloak, board)
    return HiddenFile(number, is_hidden=typed.get("show") != "yes")


def read_rank(typed: Mapping[str, str], _cloak: Cloak, _board: str | None) -> int:
    text = typed.get("rank", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 2):
        raise BadField(N_("Which rank? A number from 0 to 99, please."), field="rank")
    return int(text)


# --- fields of forms ---


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
    poster_deeds.DELETE_ALL,
    Deed(
        name="erase",
        power=Power.ERASE,
        heading=N_("Erase it at once"),
        button=N_("Erase it"),
        done=N_("The post was erased."),
        actions=(ERASED,),
        work=erase_post,
        is_dangerous=True,
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
        name="archive",
        power=Power.MOVE,
        button=N_("Archive the thread"),
        done=N_("The thread is in the archive."),
        actions=(Action("archive", N_("archived a thread")),),
        work=archive,
        fits=lambda case: case.begins is not None,
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
    poster_deeds.BAN_AUTHOR,
    poster_deeds.WARN_AUTHOR,
)
