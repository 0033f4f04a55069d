"""Pages that show several boards: drawn at their own pace, under a lock of their own.

Nothing has to tell them what happened: they show a moment of the site, and are behind as soon as
any board has had another change. So nothing is lost on the way, whoever dies; and no board's step
waits for them, or takes their lock, unless something was removed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from imageboard.store import boards as stored_boards
from imageboard.store import publications, render_lock, site_moment
from imageboard.store.database import Connection, snapshot
from imageboard.store.site_moment import NEVER, Shown
from monitoring import metrics
from renderer.kept_threads import KeptThreads
from renderer.pages import site_kinds
from renderer.pages.kind import SiteKind
from renderer.pages.view import SiteView
from renderer.painter import Painter
from renderer.publishing import Publisher
from renderer.web_root import Held
from templates import Site

#: The lock's name; no board can have it.
SITE_LOCK = "@site"


class DrawnSite(NamedTuple):
    """What came of drawing them."""

    #: Files that were put in place, since their bytes were new.
    written: int
    #: Those drawn on which a post can be seen, whether or not their bytes were new.
    showing_posts: list[str]
    #: Whether kinds are left whose time it is.
    is_more_due: bool


class Removed(NamedTuple):
    """Threads of a board of which posts were removed, or that were themselves."""

    board: str
    #: None: all of the board was.
    threads: frozenset[int] | None


@dataclass
class SitePages(Painter):
    """Draws them into one web root."""

    kept: KeptThreads = field(default_factory=KeptThreads)
    kinds: Mapping[str, SiteKind] = field(default_factory=site_kinds)

    def render(self) -> int:
        """Bring them up to date; the number of files written.

        Raises:
            DiskFull, StoreUnavailable: they are behind as before, and will be tried again.
        """
        with self.database.connection() as db:
            return self.draw(db).written

    def render_due(self) -> int:
        """The same with those whose time it is."""
        with self.database.connection() as db:
            return self.draw(db, keeps_pace=True).written

    def render_unless_somebody_does(self) -> int:
        """The same, but whoever finds them being drawn at this moment leaves them alone.

        What has changed since that drawing began leaves them behind: catch-up sees to it.
        """
        return self._draw_unless_somebody_does().written

    def render_a_kind(self) -> bool:
        """The same with the one that was drawn longest ago; whether others are left.

        PERF: for whoever has a board at hand, to which the next post may come at any moment. All
        kinds together take 50 ms, as long as ten posts.
        """
        return self._draw_unless_somebody_does(kinds_max=1).is_more_due

    def _draw_unless_somebody_does(self, *, kinds_max: int | None = None) -> DrawnSite:
        with (
            self.database.connection() as db,
            render_lock.hold_if_free(db, SITE_LOCK) as is_held,
        ):
            if not is_held:
                return DrawnSite(0, [], is_more_due=False)
            # A session may take its own lock twice.
            return self.draw(db, keeps_pace=True, kinds_max=kinds_max)

    def is_due(self) -> bool:
        """Whether one of them is behind, and it is its time."""
        with self.database.connection() as db:
            now, shown = site_moment.now(db), site_moment.shown(db)
        return any(
            kind.is_stale((before := shown.get(kind.name, NEVER)).moment, now)
            and _is_time(kind, before)
            for kind in self.kinds.values()
        )

    def draw(
        self,
        db: Connection,
        *,
        removed: Removed | None = None,
        anew: bool = False,
        keeps_pace: bool = False,
        kinds_max: int | None = None,
    ) -> DrawnSite:
        """The same on a connection. `anew`: also what is not stale.

        `removed`: those alone that may show it, at once and ahead of all else; the others follow
        in their own time. `keeps_pace`: one that was drawn a moment ago is left behind.
        `kinds_max`: of so many kinds, those that were drawn longest ago. All, where it is not known
        what stands there, or one was never drawn.

        The lock is taken after a board's and never before one, so no two renderers wait for
        each other; the snapshot is later than that of whoever held the lock before.
        """
        with self.holding(db) as held:
            with snapshot(db):
                view = self.view(db)
                shown = dict.fromkeys(self.kinds, NEVER) | site_moment.shown(db)
                stale = [
                    kind
                    for kind in self.kinds.values()
                    if held.is_doubtful or kind.is_stale(shown[kind.name].moment, view.moment)
                ]
                if removed is not None:
                    due = self._that_may_show(removed, held)
                elif anew:
                    due = list(self.kinds.values())
                elif keeps_pace:
                    due = [kind for kind in stale if _is_time(kind, shown[kind.name])]
                else:
                    due = stale
                drawn = due
                if kinds_max and not held.is_doubtful and NEVER not in shown.values():
                    longest_first = sorted(due, key=lambda kind: -shown[kind.name].age_s)
                    drawn = longest_first[:kinds_max]
                with Publisher(
                    db, self.web_root, self.uploads, None, believes_ledger=not held.is_doubtful
                ) as publisher:
                    publisher.site_change_no = view.moment.number
                    publisher.is_urgent = removed is not None
                    showing_posts: list[str] = []
                    for kind in drawn:
                        files = list(
                            kind.draw(view)
                            if anew or held.is_doubtful
                            else kind.draw_since(view, shown[kind.name].moment)
                        )
                        publisher.publish_all(kind, files)
                        showing_posts += [file.path for file in files if kind.shows_posts]
            left = [kind for kind in stale if kind not in drawn]
            with db.transaction():
                if removed is not None:
                    # Somebody drew some without it a moment ago: their bytes are not new.
                    publications.hurry(db, showing_posts)
                publisher.record(db)
                current = [kind.name for kind in self.kinds.values() if kind not in left]
                drawn_names = [kind.name for kind in drawn]
                site_moment.show(db, view.moment, current, drawn=drawn_names)
            held.is_doubtful = held.is_doubtful and bool(left)
        metrics.site_drawings.inc()
        return DrawnSite(publisher.written, showing_posts, len(drawn) < len(due))

    def _that_may_show(self, removed: Removed, held: Held) -> list[SiteKind]:
        """Not only stale ones: somebody may have drawn them without it meanwhile, and their copies
        at the edge are to be looked at all the same.
        """
        return [
            kind
            for kind in self.kinds.values()
            if kind.shows_posts
            and (
                held.is_doubtful
                or removed.threads is None
                or kind.may_show(self.web_root, removed.board, removed.threads)
            )
        ]

    def view(self, db: Connection) -> SiteView:
        """What they are drawn from, in the snapshot on `db`."""
        return SiteView(db, self.site(db), self.kept, self.log_key)

    def site(self, db: Connection) -> Site:
        boards = sorted(
            (board.on_site_in(self.language) for board in stored_boards.list_all(db)),
            key=lambda board: (board.settings.place, board.name),
        )
        return Site(
            self.site_name,
            tuple(boards),
            self.site_url,
            self.captcha,
            self.language,
            self.push_key,
        )

    @contextmanager
    def holding(self, db: Connection) -> Iterator[Held]:
        """The right to write their files."""
        with (
            render_lock.hold(db, SITE_LOCK) as server_started,
            self.web_root.lock(SITE_LOCK, server_started) as held,
        ):
            yield held


def _is_time(kind: SiteKind, shown: Shown) -> bool:
    # A clock that was set back makes nobody wait for it to come round.
    return not 0 <= shown.age_s < kind.pace_s
