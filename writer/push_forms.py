"""What a reader's browser sends to be told of a thread's replies while it is closed, or no more."""

from __future__ import annotations

from dataclasses import dataclass

import falcon

from imageboard import addresses, push
from imageboard.allowances import Allowances
from imageboard.boards import read_board_name
from imageboard.cloaks import Cloak
from imageboard.errors import BadField, NoSuchThread, RuleBroken, ThreadLocked
from imageboard.settings import Settings
from imageboard.store import allowances, push_subscriptions, threads
from imageboard.store.database import Connection, Database
from imageboard.store.push_subscriptions import NewSubscription
from imageboard.words import N_
from writer import clients
from writer.answers import Answers
from writer.forms import Form


@dataclass(frozen=True, slots=True)
class PushForms:
    """`push` and `push_stop`, buttons of `POST /post`."""

    settings: Settings
    database: Database
    cloak: Cloak
    allowances: Allowances
    answers: Answers

    def answer(self, req: falcon.Request, resp: falcon.Response, form: Form) -> None:
        """Keep the browser for this thread, or forget it.

        Raises:
            BadField, NoSuchBoard, NoSuchThread, ThreadLocked, RuleBroken, TooFast: nothing changed.
        """
        if not self.settings.push:
            raise RuleBroken(N_("This site tells nobody of replies by push."))
        board = read_board_name(form.get("board"))
        thread = form.number("thread")
        if thread is None:
            raise BadField(N_("The form does not say which thread it is for."), field="thread")
        address = clients.client_address(req, self.settings.trusted_proxies)
        if form.asks_for("push_stop"):
            title, sentence = N_("Stopped"), N_("This browser is told of the thread no more.")
            key = self._key(form.get("endpoint"), board, thread)

            def change(db: Connection) -> None:
                allowances.take(db, self.allowances.of_push(address))
                push_subscriptions.remove(db, key)
        else:
            title, sentence = N_("Noted"), N_("This browser is told of replies in the thread.")
            new = self._read(form, board, thread, self.cloak.hash_address(address))

            def change(db: Connection) -> None:
                allowances.take(db, self.allowances.of_push(address))
                _require_open_thread(db, board, thread)
                _require_room(db, new)
                push_subscriptions.add(db, new)

        self.database.again_on_deadlock(change)
        back_url = addresses.thread_url(board, thread)
        self.answers.done(req, resp, form, title=title, sentence=sentence, back_url=back_url)

    def _read(self, form: Form, board: str, thread: int, address_hash: bytes) -> NewSubscription:
        """Raises BadField."""
        subscription = push.read(
            form.get("endpoint"),
            form.get("p256dh"),
            form.get("auth"),
            self.settings.push_services,
        )
        own = push.read_own_posts(form.get("own"))
        wants_all = form.asks_for("every")
        if not own and not wants_all:
            raise BadField(N_("The form does not say of which replies."), field="own")
        key = self._key(subscription.endpoint.url, board, thread)
        sealed = self.cloak.seal_for_push(subscription.packed(), key)
        return NewSubscription(key, board, thread, own, wants_all, sealed, address_hash)

    def _key(self, endpoint: str, board: str, thread: int) -> bytes:
        """Of one browser for one thread: without ours nobody can tell which are of one browser."""
        return self.cloak.hash_name(f"push {board} {thread} {endpoint}")


def _require_open_thread(db: Connection, board: str, thread: int) -> None:
    """Raises NoSuchThread, ThreadLocked."""
    found = threads.get(db, board, thread)
    if found is None:
        raise NoSuchThread(board=board, thread=thread)
    if found.is_closed:
        raise ThreadLocked


def _require_room(db: Connection, new: NewSubscription) -> None:
    """Raises RuleBroken."""
    others = push_subscriptions.counts(db, new)
    if others.of_address >= push.OF_ADDRESS_MAX:
        raise RuleBroken(
            N_("You are told of as many threads as one reader may be: leave one of them first.")
        )
    if (
        others.of_thread >= push.OF_THREAD_MAX
        or others.of_board >= push.OF_BOARD_MAX
        or others.of_site >= push.OF_SITE_MAX
    ):
        raise RuleBroken(N_("As many readers are told of replies as the board has room for."))
