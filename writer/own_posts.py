"""What posters do to posts that are there: delete their own, report others'.

One form does both, with vichan's fields: the boxes `delete_<no>` say which posts (and of one with
several files `delete_<no>_2` which file), the button `delete` or `report` what to do.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import falcon

from imageboard import addresses, old_passwords, plain_text
from imageboard.allowances import Allowances
from imageboard.boards import read_board_name
from imageboard.cloaks import Address, Cloak
from imageboard.errors import BadField, NotYours, RuleBroken
from imageboard.fields import REASON_CHARS_MAX, SELECTED_POST, label
from imageboard.queue.wake_up import WakeUp
from imageboard.settings import BoardSettings, Settings
from imageboard.store import (
    allowances,
    boards,
    moderation_log,
    post_deeds,
    posts,
    receipts,
    reports,
)
from imageboard.store.database import Connection, Database
from imageboard.store.posts import Author
from imageboard.stored_words import NO_REASON
from imageboard.words import N_, NN_
from writer import clients
from writer.abuse import AbuseChecks
from writer.answers import Answers
from writer.forms import Form
from writer.old_boards import OldBoards

DELETIONS_MAX = 20
REPORTS_MAX = 10


@dataclass(frozen=True, slots=True)
class OwnPosts:
    """Deletions and reports of posters."""

    settings: Settings
    database: Database
    cloak: Cloak
    old_boards: OldBoards
    allowances: Allowances
    abuse_checks: AbuseChecks
    wake_up: WakeUp
    answers: Answers

    def answer(self, req: falcon.Request, resp: falcon.Response, form: Form) -> None:
        """Carry out what the form asks for, for all of its posts or for none.

        Raises:
            BadField, NoSuchBoard, NoSuchPost, NotYours, RuleBroken, Banned, TooFast:
                nothing was done.
        """
        board = read_board_name(form.get("board"))
        if form.has("delete"):
            back_url = self._delete(req, form, board)
            title, sentence = N_("Deleted"), N_("It disappears from the pages in a moment.")
        else:
            back_url = self._report(req, form, board)
            title, sentence = N_("Reported"), N_("Thank you: the staff will look at it.")
        self.answers.done(req, resp, form, title=title, sentence=sentence, back_url=back_url)

    def _delete(self, req: falcon.Request, form: Form, board: str) -> str:
        selected = selected_posts(form, DELETIONS_MAX, "delete")
        remove = _remove_files if form.has("file") else _remove_post
        password = form.get("password")
        # By itself: a try with a wrong password counts too.
        address = clients.client_address(req, self.settings.trusted_proxies)
        with self.database.connection() as db:
            allowances.take(db, self.allowances.of_deletion(address))

        def delete_all(db: Connection) -> int:
            # Held from the start, so that no check is out of date when the removal comes.
            settings = boards.lock(db, board).settings
            authors = {no: posts.author(db, board, no) for no in selected}
            for no, author in authors.items():
                if not (settings.op_deletes_replies and self._began(db, password, board, author)):
                    self._refuse_others(password, no, author)
                _refuse_by_age(no, time.time() - author.created_s, settings)
            for no, author in authors.items():
                for number in selected[no]:
                    _remove_file(db, board, no, number)
                if not selected[no]:
                    remove(db, board, no, author)
            gone = {no for no in selected if not selected[no] and not form.has("file")}
            return _way_back(authors, gone)

        back_url = self._once(form, board, address, delete_all)
        self.wake_up.ask_for_render(board)
        return back_url

    def _began(self, db: Connection, password: str, board: str, author: Author) -> bool:
        """Whether it is the password of the thread's OP."""
        return self._has_password(password, posts.author(db, board, author.thread))

    def _refuse_others(self, password: str, no: int, author: Author) -> None:
        if not plain_text.shows_anything(password):
            raise NotYours(N_("Type the password with which you posted: nothing was deleted."))
        if not self._has_password(password, author):
            raise NotYours(N_("This is not the password of post {no}: nothing was deleted."), no=no)

    def _has_password(self, typed: str, author: Author) -> bool:
        hashed, scheme = author.password_hash, author.password_scheme
        secrets = self.old_boards.secrets() if scheme else ()
        return old_passwords.matches_any(self.cloak, typed, hashed, scheme, secrets)

    def _report(self, req: falcon.Request, form: Form, board: str) -> str:
        nos = list(selected_posts(form, REPORTS_MAX, "report"))
        address = clients.client_address(req, self.settings.trusted_proxies)
        self.abuse_checks.refuse_banned(board, address)

        def report_all(db: Connection) -> int:
            reason = read_reason(form, boards.get(db, board).settings.categories)
            reports.add(
                db,
                board,
                nos,
                reason=reason,
                address_hash=self.cloak.hash_address(address),
            )
            allowances.take(db, self.allowances.of_reports(address, len(nos)))
            return _way_back({no: posts.author(db, board, no) for no in nos}, gone=set())

        return self._once(form, board, address, report_all)

    def _once(
        self, form: Form, board: str, address: Address, work: Callable[[Connection], int]
    ) -> str:
        """Where `work` leads back to; it is not done again for a form that was delivered before."""
        poster = self.cloak.hash_address(address)

        def done(db: Connection) -> int:
            if form.delivery is None:
                return work(db)
            told_before = receipts.begin(db, poster, form.delivery, board)
            if told_before is not None:
                return told_before
            thread = work(db)
            receipts.lead_back_to(db, poster, form.delivery, thread)
            return thread

        thread = self.database.again_on_deadlock(done)
        return addresses.thread_url(board, thread) if thread else addresses.board_url(board)


_NONE_SELECTED = {
    "delete": N_(
        "No post is selected. Beside the name of each post is a box: tick those of the posts to "
        "delete, then press “Delete” below the thread."
    ),
    "report": N_(
        "No post is selected. Beside the name of each post is a box: tick those of the posts to "
        "report, then press “Report” below the thread."
    ),
}
_TOO_MANY_SELECTED = {
    "delete": NN_(
        "{count} post is selected, {posts_max} at most: select fewer to delete.",
        "{count} posts are selected, {posts_max} at most: select fewer to delete.",
    ),
    "report": NN_(
        "{count} post is selected, {posts_max} at most: select fewer to report.",
        "{count} posts are selected, {posts_max} at most: select fewer to report.",
    ),
}


def selected_posts(form: Form, count_max: int, to_do: str) -> dict[int, list[int]]:
    """{124: [2], 125: []}: the selected posts, lowest first, and of each the selected files.

    None of a post that is selected itself: it is meant whole. Raises BadField.
    """
    found = filter(None, map(SELECTED_POST.fullmatch, form.fields))
    boxes = sorted({(int(box[1]), int(box[2] or 0)) for box in found})
    selected: dict[int, list[int]] = {no: [] for no, _number in boxes}
    for no, number in boxes:
        if number and (no, 0) not in boxes:
            selected[no].append(number)
    if not selected:
        raise BadField(_NONE_SELECTED[to_do])
    if len(selected) > count_max:
        raise BadField(_TOO_MANY_SELECTED[to_do], count=len(selected), posts_max=count_max)
    return selected


def read_reason(form: Form, categories: tuple[str, ...] = ()) -> str:
    """Why posts are reported, in a line: 'Spam: shoes again'. Without categories it may be empty.

    Raises BadField.
    """
    reason = plain_text.clean_line(form.get("reason"), "reason")
    category = plain_text.clean_line(form.get("category"), "category").strip()
    if categories:
        if category not in categories:
            offered = ", ".join(categories)
            raise BadField(
                N_("Say which kind of report it is: {offered}."), field="category", offered=offered
            )
        reason = f"{category}: {reason}" if plain_text.shows_anything(reason) else category
    if not plain_text.shows_anything(reason):
        return str(NO_REASON)
    if len(reason) > REASON_CHARS_MAX:
        raise BadField(
            NN_(
                "The {label} is too long: {count} character, {chars_max} at most.",
                "The {label} is too long: {count} characters, {chars_max} at most.",
            ),
            field="reason",
            label=label("reason"),
            count=len(reason),
            chars_max=REASON_CHARS_MAX,
        )
    return reason


def _refuse_by_age(no: int, age_s: float, settings: BoardSettings) -> None:
    if age_s < settings.delete_wait_s:
        wait_s = math.ceil(settings.delete_wait_s - age_s)
        raise RuleBroken(
            NN_(
                "Post {no} can be deleted in {wait_s} second: nothing was deleted.",
                "Post {no} can be deleted in {wait_s} seconds: nothing was deleted.",
                "wait_s",
            ),
            no=no,
            wait_s=wait_s,
        )
    if settings.delete_hours_max and age_s > settings.delete_hours_max * 3600:
        raise RuleBroken(
            NN_(
                "Post {no} is older than {hours_max} hour, and stays: nothing was deleted.",
                "Post {no} is older than {hours_max} hours, and stays: nothing was deleted.",
                "hours_max",
            ),
            no=no,
            hours_max=settings.delete_hours_max,
        )


def _remove_post(db: Connection, board: str, no: int, author: Author) -> None:
    # False: it went with its thread, whose OP was ticked too.
    if posts.remove(db, board, no):
        action = post_deeds.DELETED_THREAD if author.thread == no else post_deeds.DELETED_POST
        moderation_log.add(db, action, staff=None, board=board, post_no=no)


def _remove_files(db: Connection, board: str, no: int, _author: Author) -> None:
    if not posts.remove_files(db, board, no):
        raise RuleBroken(N_("Post {no} has no file: nothing was deleted."), field="file", no=no)
    moderation_log.add(db, post_deeds.DELETED_FILE, staff=None, board=board, post_no=no)


def _remove_file(db: Connection, board: str, no: int, number: int) -> None:
    if not posts.remove_files(db, board, no, number=number):
        gone = N_("Post {no} has no file {number}: nothing was deleted.")
        raise RuleBroken(gone, field="file", no=no, number=number)
    moderation_log.add(
        db, post_deeds.DELETED_FILE, staff=None, board=board, post_no=no, file=number
    )


def _way_back(authors: dict[int, Author], gone: set[int]) -> int:
    """The thread, if they are all of one that is still there; else 0, the board."""
    threads = {author.thread for author in authors.values()}
    return threads.pop() if len(threads) == 1 and threads.isdisjoint(gone) else 0
