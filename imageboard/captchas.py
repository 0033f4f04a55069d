"""Captchas: what each provider is called, which fields it fills, what its widget loads; and when
one is asked for.

One row a provider. Beside it stand its check, `writer/captchas/NAME.py`, and its widget,
`templates/captchas/NAME.html`; a test walks all three.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from imageboard.boards import Board
    from imageboard.settings import BoardSettings, Settings


@dataclass(frozen=True, slots=True)
class Provider:
    """Who asks, and who says whether the answer was right."""

    name: str
    #: Those of the form that hold its answer, which is good for one try.
    fields: tuple[str, ...]
    #: The setting of its public key, an attribute of Settings; None: it needs none.
    site_key_setting: str | None = None
    #: What the widget loads, for the Content-Security-Policy: {'script': ('https://…/',)}, of
    #: script, frame, connect, style and img.
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: Where a challenge of our own is asked for; None: the widget does that.
    challenge: str | None = None
    #: Which is then told the board, since each may have its own.
    is_by_board: bool = False
    #: Where challenges are heard by those who can't see them.
    sound: str | None = None
    #: People answer its challenge themselves: a page that is drawn for one reader holds one.
    is_typed: bool = False
    #: Its widget bothers nobody: it stands also in forms of which only some will need it.
    is_quiet: bool = False
    #: The provider whose answers are taken too, for posters without JavaScript.
    stand_in: str | None = None

    @property
    def is_foreign(self) -> bool:
        """Somebody else says whether an answer is right."""
        return self.site_key_setting is not None

    def site_key(self, settings: Settings) -> str:
        """'' where it is not set up, or needs none."""
        key: str = getattr(settings, self.site_key_setting) if self.site_key_setting else ""
        return key


#: Of challenges that people answer by typing: which one it was, and what they typed.
TYPED_FIELDS = ("captcha_id", "captcha_text")

#: Where pictures are asked for, and heard, while somebody else's captcha is away.
INSTEAD_URL = "/captcha/instead"
INSTEAD_SOUND_URL = "/captcha/instead.wav"

PROVIDERS = (
    Provider(
        name="altcha",
        fields=("altcha",),
        challenge="/captcha/altcha",
        is_quiet=True,
        stand_in="picture",
    ),
    Provider(
        name="picture",
        fields=TYPED_FIELDS,
        challenge="/captcha/picture",
        sound="/captcha/picture.wav",
        is_typed=True,
    ),
    Provider(
        name="question",
        fields=TYPED_FIELDS,
        challenge="/captcha/question",
        is_by_board=True,
        is_typed=True,
    ),
    Provider(
        name="recaptcha",
        fields=("g-recaptcha-response",),
        site_key_setting="recaptcha_site_key",
        # https://developers.google.com/recaptcha/docs/faq (read 2026-11-28).
        sources={
            "script": ("https://www.google.com/recaptcha/", "https://www.gstatic.com/recaptcha/"),
            "frame": (
                "https://www.google.com/recaptcha/",
                "https://recaptcha.google.com/recaptcha/",
            ),
            "connect": ("https://www.google.com/recaptcha/",),
        },
    ),
    Provider(
        name="hcaptcha",
        fields=("h-captcha-response",),
        site_key_setting="hcaptcha_site_key",
        # https://docs.hcaptcha.com/#content-security-policy-settings (read 2026-11-29): it moves
        # what it loads between names of its own.
        sources=dict.fromkeys(
            ("script", "frame", "style", "connect"),
            ("https://hcaptcha.com/", "https://*.hcaptcha.com/"),
        ),
    ),
    Provider(
        name="turnstile",
        fields=("cf-turnstile-response",),
        site_key_setting="turnstile_site_key",
        # https://developers.cloudflare.com/turnstile/reference/content-security-policy/
        # (read 2026-11-29).
        sources=dict.fromkeys(("script", "frame"), ("https://challenges.cloudflare.com/",)),
    ),
)
BY_NAME = {provider.name: provider for provider in PROVIDERS}

#: Of all providers: what a form that is shown again must not hold.
ANSWER_FIELDS = frozenset(name for provider in PROVIDERS for name in provider.fields)


class FreshChallenge(NamedTuple):
    """One to be answered by typing: a picture, whose `image` is a data: URL and whose `audio` an
    address, or a question."""

    id: str
    image: str = ""
    audio: str = ""
    question: str = ""


#: The form's field that holds a pass, for programs; browsers send theirs as a cookie.
PASS_FIELD = "captcha_pass"  # noqa: S105 - the name of a form's field


class CaptchaPass(NamedTuple):
    """Spares whoever has solved a captcha the next ones: of `posts`, until `expires_s`."""

    value: str
    posts: int
    expires_s: int

    def to_json(self) -> dict[str, Any]:
        return {"value": self.value, "posts": self.posts, "expires": self.expires_s}


#: Nobody can tell beforehand whether a post will need one.
_AT_TIMES = frozenset({"strangers", "pressed", "busy"})


class ShownCaptcha(NamedTuple):
    """What pages show of the captcha that is on: the same for every reader, and told to clients.

    The site's says in `when` what is right for boards that don't say themselves.
    """

    provider: str
    site_key: str = ""
    when: str = "always"
    challenge: str | None = None
    #: For one reader, whose form is shown again.
    fresh: FreshChallenge | None = None
    #: How many posts one that was solved spares the next ones.
    pass_posts: int = 0
    #: From how many posts of the board within an hour on each needs one; 0: that does not matter.
    from_posts_per_hour: int = 0

    def on(self, board: Board) -> ShownCaptcha | None:
        """That of a board; None: it never asks for one."""
        here = self.asked_on(board)
        return None if here.when == "never" else here

    def asked_on(self, board: Board) -> ShownCaptcha:
        """The same where a rule asks for one, though the board never does."""
        return self._replace(
            when=self._when(board.settings),
            challenge=self._challenge_on(board.name),
            pass_posts=board.settings.captcha_pass_posts,
            from_posts_per_hour=board.settings.captcha_from_posts_per_hour,
        )

    def _when(self, settings: BoardSettings) -> str:
        if settings.captcha_for_all:
            return "always"
        when = self.when if settings.captcha == "site" else settings.captcha
        return "busy" if when == "never" and settings.captcha_from_posts_per_hour else when

    def _challenge_on(self, board_name: str) -> str | None:
        if self.challenge is None or not BY_NAME[self.provider].is_by_board:
            return self.challenge
        return f"{self.challenge}?board={quote(board_name)}"

    def stands_in_form(self, *, is_new: bool) -> bool:
        """Whether its widget is in every form that starts a thread (`is_new`), or replies."""
        return (
            self.when == "always"
            or (self.when == "threads" and is_new)
            or (self._is_asked_at_times and BY_NAME[self.provider].is_quiet)
        )

    @property
    def _is_asked_at_times(self) -> bool:
        return self.when in _AT_TIMES or self.from_posts_per_hour > 0

    def to_json(self) -> dict[str, Any]:
        """`captcha` of boards.json, and of a refusal."""
        told = {"provider": self.provider, "site_key": self.site_key, "when": self.when}
        there = {
            "challenge": self.challenge,
            "pass_posts": self.pass_posts,
            "from_posts_per_hour": self.from_posts_per_hour,
        }
        return told | {name: value for name, value in there.items() if value}


def shown(settings: Settings) -> ShownCaptcha | None:
    """The site's captcha; None: its limits are off.

    By its public key: those who draw pages need not hold the secret one.
    """
    if not settings.limits:
        return None
    named = settings.captcha or next(
        (provider.name for provider in PROVIDERS if provider.site_key(settings)), ""
    )
    provider = BY_NAME[named or "altcha"]
    return ShownCaptcha(
        provider.name,
        provider.site_key(settings),
        "always" if named else "never",
        provider.challenge,
    )
