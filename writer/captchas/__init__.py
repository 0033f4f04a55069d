"""Captchas: one module a provider, named as its row in imageboard/captchas.py.

Each has `from_settings(settings, database, boards)`: its check. A check takes a form and lets it
pass or raises CaptchaFailed; one of our own also makes the challenges that are to be solved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

import falcon

from imageboard.boards import Board
from imageboard.captchas import BY_NAME, PROVIDERS, FreshChallenge, ShownCaptcha, shown
from imageboard.cloaks import Address
from imageboard.errors import CaptchaFailed, ImageboardError, StoreUnavailable
from imageboard.settings import Settings
from imageboard.store.database import Database
from writer.board_list import BoardList
from writer.forms import Form
from writer.routes import Route, Who
from writer.sounds import Sounds

if TYPE_CHECKING:
    from writer.outage import Instead


class Captcha(Protocol):
    """What every provider's check can do."""

    def check(self, form: Form, address: Address) -> None:
        """Let a form pass whose captcha was solved. Raises CaptchaFailed."""


class OwnCaptcha(Captcha, Protocol):
    """What those can do that ask nobody else."""

    def challenge(self, board_name: str) -> dict[str, Any]:
        """A fresh one, as its widget and other clients read it. Nothing of it is kept here.

        `board_name` is '' where nobody said.
        """


class ForeignCaptcha(Captcha, Protocol):
    """What those have that ask somebody else."""

    @property
    def instead(self) -> Instead:
        """Asked for while nobody answers."""


class Circumstances(NamedTuple):
    """What a board may look at before it asks for a captcha."""

    #: From whose address no post has stood for a day.
    is_stranger: Callable[[], bool]
    #: See writer.allowances.
    is_pressed: Callable[[], bool]
    #: More posts within an hour than the board takes unasked.
    is_busy: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Captchas:
    """When a captcha is asked for, whether it was solved, and what a refused form shows of it."""

    boards: BoardList
    #: The site's; None: the limits are off.
    site: ShownCaptcha | None
    #: By their names: that of the site, and its stand-in.
    checks: Mapping[str, Captcha]
    #: Of a provider that is somebody else: what is asked while it is away.
    instead: Instead | None = None

    @property
    def can_ask(self) -> bool:
        """Whether there is one to be asked for, also on boards that never do."""
        return self.site is not None

    def is_asked(self, board: Board, *, is_new: bool, about: Circumstances) -> bool:
        """Whether a form that starts a thread (`is_new`), or replies, needs a captcha.

        Of what is `about`, only what it depends on is looked at.
        """
        here = self._on(board)
        if here is None:
            return False
        match here.when:
            case "always":
                return True
            case "threads" if is_new:
                return True
            case "strangers" if about.is_stranger():
                return True
            case "pressed" if about.is_pressed():
                return True
        return board.settings.captcha_from_posts_per_hour > 0 and about.is_busy()

    def check(self, form: Form, address: Address) -> None:
        """Let a form pass whose captcha was solved. Raises CaptchaFailed."""
        filled = (name for name in self.checks if any(map(form.get, BY_NAME[name].fields)))
        name = next(filled, next(iter(self.checks)))
        self.checks[name].check(form, address)

    def shown_again(self, form: Form, error: ImageboardError) -> ShownCaptcha | None:
        """The one that a refused post needs when it is sent again.

        None: it needs none, or nobody can tell, since the database is away.
        """
        if form.is_about_posts:
            return None
        if isinstance(error, CaptchaFailed):
            # A rule asks for one also where the board never does.
            board = self.board_of(form)
            return None if board is None else self._asked_on(board)
        return self.of_post(form)

    def of_post(self, form: Form) -> ShownCaptcha | None:
        """The one that stands in the form of such a post, of which nobody knows more."""
        here = self._here(form)
        is_new = not form.get("thread").strip()
        return here if here is not None and here.stands_in_form(is_new=is_new) else None

    def with_challenge(self, captcha: ShownCaptcha, form: Form) -> ShownCaptcha:
        """With a fresh one to type, if there is one: for a page that is drawn for one reader."""
        check, board = self._typed(captcha), self.board_of(form)
        if check is None or board is None:
            return captcha
        told = check.challenge(board.name)
        shown = {part: told[part] for part in FreshChallenge._fields if part in told}
        return captcha._replace(fresh=FreshChallenge(**shown))

    def _typed(self, captcha: ShownCaptcha) -> OwnCaptcha | None:
        """What makes challenges to be typed; None: those of `captcha` are not."""
        if self.instead is not None:
            return self.instead.picture if BY_NAME[captcha.provider].is_typed else None
        name = next((name for name in self.checks if BY_NAME[name].is_typed), None)
        return None if name is None else cast(OwnCaptcha, self.checks[name])

    def board_of(self, form: Form) -> Board | None:
        """None: there is none of that name, or nobody can tell, since the database is away."""
        try:
            return self.boards.get(form.get("board").strip().strip("/"))
        except StoreUnavailable:
            return None

    def _here(self, form: Form) -> ShownCaptcha | None:
        board = self.board_of(form)
        return None if board is None else self._on(board)

    def _on(self, board: Board) -> ShownCaptcha | None:
        here = self._asked_on(board)
        return None if here is None or here.when == "never" else here

    def _asked_on(self, board: Board) -> ShownCaptcha | None:
        here = None if self.site is None else self.site.asked_on(board)
        if here is None or self.instead is None or not self.instead.is_asked:
            return here
        return self.instead.shown(here)


def from_settings(settings: Settings, database: Database, boards: BoardList) -> Captchas:
    """Raises BadSetting: its secret key is missing, so nobody could post."""
    site = shown(settings)
    checks: dict[str, Captcha] = {}
    if site is not None:
        for name in filter(None, (site.provider, BY_NAME[site.provider].stand_in)):
            checks[name] = _module(name).from_settings(settings, database, boards)
    if site is None or not BY_NAME[site.provider].is_foreign:
        return Captchas(boards, site, checks)
    return Captchas(boards, site, checks, cast(ForeignCaptcha, checks[site.provider]).instead)


@dataclass(frozen=True, slots=True)
class Challenges:
    """Where challenges of our own are asked for."""

    captcha: OwnCaptcha

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        # Each is good for one answer.
        resp.cache_control = ["no-store"]
        resp.media = self.captcha.challenge(req.get_param("board", default=""))


def routes(settings: Settings, database: Database, boards: BoardList) -> tuple[Route, ...]:
    """Every provider's of our own: a client may ask before it knows which is on."""
    found = []
    for provider in PROVIDERS:
        if provider.challenge is not None:
            check = _module(provider.name).from_settings(settings, database, boards)
            found.append(Route(provider.challenge, Challenges(check), get=Who.ANYBODY))
            if provider.sound is not None:
                found.append(Route(provider.sound, Sounds(check), get=Who.ANYBODY))
    return tuple(found)


def _module(name: str) -> Any:
    return import_module(f"{__name__}.{name}")
