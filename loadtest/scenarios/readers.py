"""People who read: they look at the board, open threads, see pictures, and come back."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from loadtest import page_checks
from loadtest.crowd import Crowd
from loadtest.scenarios.visitor import POSSIBLY_GONE, Visitor
from loadtest.tally import Place

#: Seconds between two pages: some ten times as hasty as people, so that a tenth of them will do.
THINK_S = (0.5, 2.5)
#: Pictures that a page brings onto the screen at once.
_THUMBNAILS = 3
#: Files that a browser keeps; media are immutable, so it never asks for one again.
_KEPT_MAX = 300
#: After a page, somebody else sits down, with an empty cache, once in so many.
_PAGES_PER_VISIT = 12


class Reader(Visitor):
    """One view after the other, weighted like people's."""

    def __init__(self, environment: Crowd) -> None:
        super().__init__(environment)
        self._memory = page_checks.ReaderMemory()
        self._kept: set[str] = set()
        self._thread: int | None = None

    def wait_time(self) -> float:
        return self.random.uniform(*THINK_S)

    def act(self) -> None:
        """One page and what belongs to it."""
        if self.random.random() < 1 / _PAGES_PER_VISIT:
            self.forget_pages()
            self._kept.clear()
        views: list[tuple[Callable[[], None], int]] = [
            (self._front_page, 4),
            (self._board_page, 18),
            (self._catalog, 10),
            (self._open_thread, 40),
            (self._poll_thread, 20),
            (self._poll_board, 8),
        ]
        calls, weights = zip(*views, strict=True)
        self.random.choices(calls, weights)[0]()

    def read_thread(self, no: int) -> None:
        """The whole page, with its pictures; one that is older than before is counted."""
        answer = self.get(
            f"/{self.board}/res/{no}.html", kind="page", name="thread", expected=POSSIBLY_GONE
        )
        if answer.status == HTTPStatus.NOT_FOUND:
            self._is_gone(no)
        if answer.is_new:
            if page_checks.is_whole_page(answer.body):
                self._compare(no, answer.body)
            self._see(answer.body)

    def poll_thread(self, no: int) -> None:
        """As a page's script, or a program, asks whether there is more."""
        answer = self.get(
            f"/{self.board}/res/{no}.json", kind="json", name="thread.json", expected=POSSIBLY_GONE
        )
        if answer.status == HTTPStatus.NOT_FOUND:
            self._is_gone(no)

    def _front_page(self) -> None:
        answer = self.get("/", kind="page", name="front page")
        self._see(answer.body)

    def _board_page(self) -> None:
        page = 1 if self.random.random() < 0.7 else self.random.randint(2, 4)
        if page > 1 and len(self.crowd.threads) <= 10 * (page - 1):
            page = 1
        path = f"/{self.board}/" if page == 1 else f"/{self.board}/{page}.html"
        # A page of a board that is shrinking may go at any moment.
        answer = self.get(path, kind="page", name="board page", expected=POSSIBLY_GONE)
        if answer.is_new and page == 1:
            self.crowd.threads.saw(page_checks.thread_links(answer.body))
        self._see(answer.body)

    def _catalog(self) -> None:
        answer = self.get(f"/{self.board}/catalog.html", kind="page", name="catalog")
        self._see(answer.body)

    def _open_thread(self) -> None:
        self._thread = self.crowd.threads.choose(self.random)
        if self._thread is not None:
            self.read_thread(self._thread)

    def _poll_thread(self) -> None:
        if self._thread is None:
            self._open_thread()
        else:
            self.poll_thread(self._thread)

    def _poll_board(self) -> None:
        name = self.random.choice(("threads.json", "catalog.json"))
        self.get(f"/{self.board}/{name}", kind="json", name=name)

    def _is_gone(self, no: int) -> None:
        """A thread that was deleted, or that fell off the last page."""
        self.crowd.threads.forget(no)
        self._thread = None

    def _compare(self, thread: int, body: bytes) -> None:
        before = self._memory.step_back(thread, body)
        if before is not None:
            self.crowd.tally.steps_back.append(Place(thread, before.newest))

    def _see(self, body: bytes) -> None:
        """Fetch what a browser would to show the page, if it has not got it."""
        for url in page_checks.assets(body):
            if url not in self._kept:
                self._kept.add(url)
                self.get(url, kind="asset", name="asset")
        for url in page_checks.thumbnails(body, _THUMBNAILS):
            if url not in self._kept:
                self._keep(url)
                # The picture of a post that has been deleted since.
                self.get(url, kind="image", name="thumbnail", expected=POSSIBLY_GONE)

    def _keep(self, url: str) -> None:
        if len(self._kept) >= _KEPT_MAX:
            self._kept.clear()
        self._kept.add(url)
