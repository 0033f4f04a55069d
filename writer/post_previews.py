"""What a post will look like, before it is sent: nothing is stored, counted or used up."""

from __future__ import annotations

import time
from dataclasses import dataclass

import falcon

from imageboard.boards import Board
from imageboard.cloaks import Address
from imageboard.errors import NoSuchThread, ThreadLocked
from imageboard.post_rules import Draft, NewPost
from imageboard.store import posts, threads
from imageboard.store.database import Connection, Database
from imageboard.store.posts import StoredPost
from imageboard.threads import Post, body_html
from templates import fragments
from writer.abuse import AbuseChecks
from writer.acceptance import Acceptance
from writer.answers import Answers
from writer.board_list import BoardList
from writer.form_files import FormFiles
from writer.forms import Form
from writer.fresh_posts import as_shown

#: Posts are counted from 1.
_NO_NUMBER_YET = 0


@dataclass(frozen=True, slots=True)
class PostPreviews:
    """Shows a form's post, and the form again."""

    database: Database
    boards: BoardList
    abuse_checks: AbuseChecks
    acceptance: Acceptance
    form_files: FormFiles
    answers: Answers

    def answer(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        form: Form,
        draft: Draft,
        board: Board,
        address: Address,
    ) -> None:
        """Of a draft that keeps to the board's rules. Its files are kept, and not looked into.

        Raises Banned, NoSuchThread, ThreadLocked: what would refuse the post too.
        """
        self.abuse_checks.refuse_banned(board.name, address)
        new_post = self.acceptance.accept(req, draft, board, address)
        with self.database.connection() as db:
            _require_open_thread(db, new_post)
            post = _as_shown(db, new_post)
        html = fragments.post_html(board, post, body_html(board, post, self.boards.names))
        self.form_files.keep(form, address)
        self.answers.preview(req, resp, form, html)


def _require_open_thread(db: Connection, new_post: NewPost) -> None:
    if new_post.thread is None:
        return
    thread = threads.get(db, new_post.board, new_post.thread)
    if thread is None:
        raise NoSuchThread(board=new_post.board, thread=new_post.thread)
    if thread.is_closed:
        raise ThreadLocked


def _as_shown(db: Connection, new_post: NewPost) -> Post:
    """Without what only storing gives it: number and ID."""
    stored = StoredPost(
        board=new_post.board,
        no=_NO_NUMBER_YET,
        thread=new_post.thread or _NO_NUMBER_YET,
        change_no=0,
        is_repeated=False,
        created_s=int(time.time()),
        poster_id=None,
        tims=(),
        quotes=posts.quoted(db, new_post.quotes),
    )
    return as_shown(new_post, stored)
