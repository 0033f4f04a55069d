"""Pages of one post, of its author, and of posts in lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from imageboard.bans import Ban
from imageboard.staff_roles import Power, Visitor
from imageboard.store import edit_deeds, move_deeds, post_deeds, poster_deeds, removal_deeds
from imageboard.store.claims import Claim
from imageboard.store.deeds import Case
from imageboard.store.edits import Editable
from imageboard.store.notes import Note
from imageboard.store.ranges import Neighbour
from imageboard.threads import Post, Thread
from imageboard.words import Message
from templates.desk import urls
from templates.desk.forms import (
    Refusal,
    button,
    case_buttons,
    deed_form,
    done_sentence,
    is_offered,
    ticked_button,
)
from templates.desk.frame import render


class Poster(NamedTuple):
    """What staff know of whoever wrote a post."""

    bans: Sequence[Ban]
    notes: Sequence[Note]
    #: Others of the same network.
    near: Sequence[Neighbour]
    #: While the address is kept.
    is_network_known: bool


def post_page(
    visitor: Visitor,
    case: Case,
    thread: Thread,
    *,
    report_reasons: Sequence[str],
    claim: Claim | None,
    seen: int,
    known: int,
    done: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    """One post and what this visitor may do to it."""
    return render(
        "post",
        visitor,
        board=case.board,
        post=case.post,
        thread=thread,
        is_aside=case.is_aside,
        author_url=urls.author_url(case.board, case.post.no) if case.is_author_known else None,
        edit_url=(
            urls.edit_url(case.board, case.post.no) if visitor.may(Power.EDIT, case.board) else None
        ),
        file_ban_url=(
            urls.file_ban_url(case.board, case.post.no)
            if case.post.files and visitor.may(Power.BAN, case.board)
            else None
        ),
        alike_url=urls.search_url(like=f"{case.board}/{case.post.no}") if case.post.files else None,
        report_reasons=report_reasons,
        claim=claim,
        seen=seen,
        known=known,
        buttons=case_buttons(visitor, case),
        forms=[
            deed_form(deed, case, refusal)
            for deed in (*post_deeds.OF_POSTS, *move_deeds.OF_THREADS)
            if deed.fields and is_offered(deed, visitor, case)
        ],
        done=done_sentence(post_deeds.OF_POSTS, done),
        sentence=refusal.sentence if refusal else None,
    )


def edit_page(
    visitor: Visitor,
    board: str,
    no: int,
    held: Editable,
    *,
    done: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    """The words of a post, and what they were before, the newest first."""
    written = {name: text or "" for name, text in held.written._asdict().items()}
    typed = {} if refusal is None else {name: refusal.typed.get(name, "") for name in written}
    return render(
        "edit",
        visitor,
        board=board,
        no=no,
        written=written | typed,
        names_too=visitor.may(Power.EDIT_NAMES, board),
        versions=held.versions[::-1],
        edit_url=urls.edit_url(board, no),
        edit=button(edit_deeds.EDIT),
        undo=button(edit_deeds.UNDO_EDIT),
        done=done_sentence(edit_deeds.OF_EDITS, done),
        sentence=refusal.sentence if refusal else None,
    )


def recent_page(
    visitor: Visitor,
    posts: Sequence[tuple[str, Post]],
    *,
    is_whole: bool,
    next_page: int | None,
    version: str = "",
    done: str | None = None,
) -> str:
    """(board, post), the newest first, `is_whole`: all ticked; `done` names the button that led
    here. With a `version` a script asks for later ones.
    """
    return render(
        "recent",
        visitor,
        posts=posts,
        version=version,
        recent_url=urls.RECENT_URL,
        here_url=urls.RECENT_URL,
        is_whole=is_whole,
        delete_ticked=ticked_button(visitor),
        older_url=f"{urls.RECENT_URL}?page={next_page}" if next_page else None,
        done=done_sentence(removal_deeds.OF_SEVERAL, done),
    )


def author_page(
    visitor: Visitor,
    of: tuple[str, int],
    posts: Sequence[tuple[str, Post]],
    about: Poster,
    *,
    of_network: bool,
    is_whole: bool,
    next_page: int | None,
    done: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    """What the author of a post wrote, or (`of_network`) everybody near them, and what is known."""
    board, no = of
    url = urls.author_url(board, no)
    network_url = f"{url}?of={urls.NETWORK}"
    here = network_url if of_network else url
    older = f"{here}{'&' if of_network else '?'}page={next_page}"
    return render(
        "author",
        visitor,
        board=board,
        no=no,
        posts=posts,
        about=about,
        of_network=of_network,
        author_url=urls.author_url,
        network_url=network_url,
        recent_url=urls.RECENT_URL,
        here_url=here,
        is_whole=is_whole,
        delete_ticked=ticked_button(visitor),
        add_note=deed_form(poster_deeds.ADD_NOTE, None, refusal),
        remove_note=button(poster_deeds.REMOVE_NOTE),
        older_url=older if next_page else None,
        done=done_sentence(poster_deeds.OF_POSTERS, done),
        sentence=refusal and refusal.sentence,
    )


def search_page(
    visitor: Visitor,
    typed: Mapping[str, str],
    posts: Sequence[tuple[str, Post]],
    *,
    is_asked: bool,
    is_whole: bool,
    next_page: int | None,
    sentence: Message | None,
    done: str | None = None,
) -> str:
    """What was found by what was `typed`; not `is_asked`: nothing was, the form alone."""
    here = urls.search_url(**typed)
    return render(
        "search",
        visitor,
        typed=typed,
        posts=posts,
        is_asked=is_asked,
        is_whole=is_whole,
        search_url=urls.SEARCH_URL,
        here_url=here,
        delete_ticked=ticked_button(visitor),
        older_url=f"{here}&page={next_page}" if next_page else None,
        sentence=sentence,
        done=done_sentence(removal_deeds.OF_SEVERAL, done),
    )
