"""The story of one post."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, replace
from functools import partial

import falcon

from imageboard import addresses, post_rules
from imageboard.allowances import Allowances
from imageboard.boards import Board
from imageboard.cloaks import Address
from imageboard.dice import Throw
from imageboard.errors import (
    BadAddress,
    BadField,
    Banned,
    CrossSite,
    FileBanned,
    FileRefused,
    FileTooLarge,
    ImageboardError,
    ImageTooLarge,
    NoRoom,
    NoSuchBoard,
    PostRefused,
    StoreUnavailable,
)
from imageboard.foreign_fields import refuse_untaken
from imageboard.post_rules import Draft, NewPost, read_email
from imageboard.queue.wake_up import WakeUp
from imageboard.settings import Settings
from imageboard.store import outbox, posts, publications, threads
from imageboard.store.database import Connection, Database
from imageboard.store.posts import StoredPost
from imageboard.store.room import Room, full_disk_told
from imageboard.threads import Post, body_html
from imageboard.words import N_
from monitoring import metrics
from monitoring.logs import get_logger
from templates import fragments
from writer import clients, passes, repeats, reposts
from writer.abuse import AbuseChecks
from writer.acceptance import Acceptance
from writer.answers import Answers, is_vichans, pass_earned
from writer.appeals import Appeals
from writer.banned_files import BannedFiles
from writer.board_list import BoardList
from writer.form_files import FormFiles
from writer.forms import Form, FormReader, read_draft
from writer.fresh_posts import as_shown
from writer.own_posts import OwnPosts
from writer.post_previews import PostPreviews
from writer.push_forms import PushForms
from writer.signing import Signing
from writer.spam import SpamChecks
from writer.turns import Turns
from writer.uploading import Receiver, received

log = get_logger(__name__)

#: Nobody knows it beforehand.
_CHANCE = random.SystemRandom()

#: Of which a file that is alone is never rid.
_FAULTS_OF_FILES = (FileBanned, FileRefused, FileTooLarge, ImageTooLarge)

#: How often a waiting poster's page is looked for.
_LOOK_EVERY_S = 0.004


@dataclass(frozen=True, slots=True)
class PostForms:
    """`POST /post`: everything that posters send."""

    settings: Settings
    database: Database
    boards: BoardList
    reader: FormReader
    allowances: Allowances
    abuse_checks: AbuseChecks
    spam_checks: SpamChecks
    banned_files: BannedFiles
    own_posts: OwnPosts
    appeals: Appeals
    push_forms: PushForms
    previews: PostPreviews
    receiver: Receiver
    form_files: FormFiles
    signing: Signing
    acceptance: Acceptance
    wake_up: WakeUp
    answers: Answers
    turns: Turns
    room: Room

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        form = Form(delivery=clients.delivery(req))
        try:
            keep_files = partial(self._keep_files, req, form)
            with full_disk_told(), self.reader.read(req, form, if_refused=keep_files):
                clients.refuse_other_sites(req)
                refuse_untaken(form.fields, unknown_too=not is_vichans(req))
                _require_board(form)
                if form.asks_for("appeal"):
                    self.appeals.answer(req, resp, form)
                elif form.asks_for("push") or form.asks_for("push_stop"):
                    self.push_forms.answer(req, resp, form)
                elif form.is_about_posts:
                    self.own_posts.answer(req, resp, form)
                else:
                    self._post(req, resp, form)
        except ImageboardError as ex:
            # A form of another site is read all the same: it says whether JSON is the answer.
            error = CrossSite() if clients.is_of_other_site(req) else ex
            metrics.posts_refused.labels(type(error).__name__).inc()
            self.answers.refuse(req, resp, error, form)

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        """Someone reloaded the answer to a form: there is nothing to see here."""
        resp.status = falcon.HTTP_303
        resp.location = "/"

    def _post(self, req: falcon.Request, resp: falcon.Response, form: Form) -> None:
        # Before the database is asked anything, which a full disk may have ended.
        self.room.require_for_posts()
        address = clients.client_address(req, self.settings.trusted_proxies)
        self.abuse_checks.know_again(address)
        self.form_files.bring_back(form, address)
        draft = self.signing.signed(req, read_draft(form, req.get_header("Idempotency-Key")))
        board = self.boards.get(draft.board) or _no_board(draft.board)
        looked = self.spam_checks.look(req, draft, board, address)
        draft = looked.draft
        self._check_rules(draft, board, address)
        if form.asks_for("preview"):
            self.previews.answer(req, resp, form, draft, board, address)
            return
        form.captcha_pass = passes.sent_with(req, form)
        verdict = self.spam_checks.enforce(req, looked, board, address)
        is_solved = self.abuse_checks.allow(
            form, draft, board, address, is_suspect=verdict.is_suspect
        )
        if form.pass_earned is not None:
            # Whatever becomes of the post.
            self.abuse_checks.passes.hand_out(req, resp, form.pass_earned)
        with received(self.receiver, form, draft, board.settings, address) as files:
            of_files = self.spam_checks.enforce_on_files(looked, files, board, address)
            if of_files.is_suspect and not is_solved:
                self.abuse_checks.ask_suspect(form, draft, address)
            new_post = self.acceptance.accept(
                req,
                draft,
                board,
                address,
                allowances=self.allowances.of_post(
                    address, board.name, board.settings, is_thread=draft.thread is None
                ),
                files=files,
                throws=tuple(
                    Throw.of(asked, _CHANCE)
                    for asked in post_rules.asked_dice(draft, board.settings)
                ),
            )
            new_post = of_files.on(verdict.on(new_post))
            if new_post.held_because is not None:
                is_stranger = not self.abuse_checks.is_known(address)
                shares = self.allowances.held_shares(address, is_stranger=is_stranger)
                new_post = replace(new_post, held_shares=shares)
            stored = self._stored(new_post, board, address)
        # From here on the post is stored: nothing that fails may tell its poster otherwise.
        self.wake_up.ask_for_render(board.name, lists_too=self._waits_for_lists(req, form))
        if any(file.is_pending for file in files):
            self.wake_up.ask_for_media()
        metrics.posts_stored.labels("reply" if draft.thread else "thread").inc()
        log.info(
            "post_stored",
            board=stored.board,
            thread=stored.thread,
            no=stored.no,
            change_no=stored.change_no,
            is_repeated=stored.is_repeated,
            is_held=stored.is_held,
        )
        if stored.is_held:
            self.answers.held(req, resp, form, stored.no, back_url=_way_back(stored))
            return
        self._answer(req, resp, form, board, new_post, stored)

    def _keep_files(self, req: falcon.Request, form: Form, error: ImageboardError) -> None:
        """So that whoever is refused need not choose them again, unless that would not help."""
        is_fault_of_one = isinstance(error, _FAULTS_OF_FILES) and len(form.files) == 1
        if is_fault_of_one or isinstance(error, Banned | BadAddress | NoRoom):
            return
        if form.files and not form.is_about_posts and not clients.is_of_other_site(req):
            address = clients.client_address(req, self.settings.trusted_proxies)
            self.form_files.keep(form, address)

    def _check_rules(self, draft: Draft, board: Board, address: Address) -> None:
        """Raises RuleBroken, FileTooLarge, Banned."""
        try:
            post_rules.check(draft, board.settings)
        except PostRefused:
            # Whoever is banned is told that first: nothing that could be mended would help.
            self.abuse_checks.refuse_banned(board.name, address)
            raise

    def _stored(self, new_post: NewPost, board: Board, address: Address) -> StoredPost:
        """Raises what BannedFiles.refuse, reposts.refuse, repeats.say and posts.add raise, and
        StoreUnavailable.
        """

        def add(db: Connection) -> StoredPost:
            return posts.add(db, new_post, address=address, limits=self.settings.limits)

        def add_unless_repeated(db: Connection) -> StoredPost:
            repeats.say(db, new_post, board.settings)
            return add(db)

        self.banned_files.refuse(new_post)
        with self.turns.taken(new_post.board):
            if board.settings.files_once_in != "nowhere":
                with self.database.connection() as db:
                    reposts.refuse(db, new_post, board.settings)
            if repeats.are_looked_for(board.settings):
                return self.database.again_on_deadlock(add_unless_repeated)
            return self.database.in_one_statement(add)

    def _waits_for_lists(self, req: falcon.Request, form: Form) -> bool:
        """Whether its poster is to be led to a page that lists threads."""
        return not (self.answers.wants_json(req) or read_email(form.get("email")).to_thread)

    def _answer(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        form: Form,
        board: Board,
        new_post: NewPost,
        stored: StoredPost,
    ) -> None:
        to_thread = read_email(form.get("email")).to_thread
        post_url = addresses.post_url(board.name, stored.thread, stored.no)
        redirect = post_url if to_thread else addresses.board_url(board.name)
        if self.answers.wants_json(req):
            resp.media = {
                "redirect": redirect,
                "noko": to_thread,
                "id": str(stored.no),
                "thread": str(stored.thread),
                "html": self._fragment(board, new_post, stored),
            } | pass_earned(form)
            return
        is_visible = self._wait_until_visible(stored, to_thread=to_thread)
        resp.status = falcon.HTTP_303
        resp.location = addresses.fresh_url(redirect, stored.no) if is_visible else redirect

    def _fragment(self, board: Board, new_post: NewPost, stored: StoredPost) -> str:
        """The post as its thread's page shows it; '' when it was sent again and is gone."""
        post = self._read(stored) if stored.is_repeated else as_shown(new_post, stored)
        if post is None:
            return ""
        return fragments.post_html(board, post, body_html(board, post, self.boards.names))

    def _read(self, stored: StoredPost) -> Post | None:
        with self.database.connection() as db:
            found = threads.posts_by_no(db, stored.board, [stored.no])
        return found[0] if found else None

    def _wait_until_visible(self, stored: StoredPost, *, to_thread: bool) -> bool:
        """A browser is led to a page that shows its post, if that comes about in time.

        False: nobody knows whether the page shows it by now.
        """
        page = addresses.thread_path(stored.board, stored.thread)

        def is_visible(db: Connection) -> bool:
            if to_thread:
                return publications.shows_change(db, page, stored.change_no)
            return outbox.is_settled(db, stored.board, stored.change_no)

        deadline = time.monotonic() + self.settings.own_post_wait_ms / 1000
        try:
            with self.database.connection() as db:
                while not is_visible(db):
                    if time.monotonic() > deadline:
                        break
                    time.sleep(_LOOK_EVERY_S)
                else:
                    return True
        except StoreUnavailable:
            log.warning("own_post_not_looked_for")
        metrics.own_posts_not_seen.inc()
        return False


def _way_back(held: StoredPost) -> str:
    """To the thread for which it was meant."""
    if held.no == held.thread:
        return addresses.board_url(held.board)
    return addresses.thread_url(held.board, held.thread)


def _require_board(form: Form) -> None:
    if not form.get("board"):
        raise BadField(N_("The form does not say which board it is for."), field="board")


def _no_board(name: str) -> Board:
    raise NoSuchBoard(board=name)
