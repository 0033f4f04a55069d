"""One hot thread: half of all post to it, half read it. In a distributed run, one per worker."""

from __future__ import annotations

from loadtest.scenarios.posters import Poster
from loadtest.scenarios.readers import Reader

_POST_EVERY_S = (0.2, 0.8)
_READ_EVERY_S = (0.4, 1.2)


class HotPoster(Poster):
    """Replies to the one thread; the first of them begins it."""

    def wait_time(self) -> float:
        return self.random.uniform(*_POST_EVERY_S)

    def act(self) -> None:
        """To the hot thread."""
        hot = self.crowd.hot_thread
        if hot.is_begun:
            if hot.no is not None:
                self.send(hot.no, "quote" if self.random.random() < 0.3 else "reply")
            return
        hot.is_begun = True
        begun = self.send(None, "thread")
        hot.no, hot.is_begun = (begun.thread, True) if begun else (None, False)


class HotReader(Reader):
    """Reads the one thread, again and again: its page, or its JSON."""

    def wait_time(self) -> float:
        return self.random.uniform(*_READ_EVERY_S)

    def act(self) -> None:
        """The hot thread, once it is on a page."""
        no = self.crowd.hot_thread.no
        if no is None:
            return
        if self.random.random() < 0.5:
            self.read_thread(no)
        else:
            self.poll_thread(no)
