"""What posters solve while somebody else's captcha can't be had: a picture of our own.

Such pictures are handed out in an outage alone, with tickets that end, and are sealed with a key of
their own: so a writer that has not noticed the outage takes their letters all the same, and
whoever would rather read letters gets none while the provider is there.
"""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import falcon

from imageboard.captchas import INSTEAD_SOUND_URL, INSTEAD_URL, ShownCaptcha
from imageboard.cloaks import derived_key
from imageboard.settings import Settings
from imageboard.store.database import Database
from writer.captchas.picture import PictureCaptcha
from writer.routes import Route, Who
from writer.sounds import Sounds

#: Nobody waits for the provider so long after it has failed.
AWAY_S = 20.0
#: A form without an answer makes us look whether the provider is there, so often at most.
LOOK_EVERY_S = 30.0
#: A form is filled in meanwhile, and its letters are read at the second or third try.
TICKET_GOOD_FOR_S = 30 * 60
_TICKET = re.compile("([0-9]{1,12})-([0-9a-f]{64})")


class Instead:
    """Whether a picture is asked for just now, as this process knows it."""

    def __init__(
        self, key: bytes, database: Database, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._key = key
        self._clock = clock
        self._away_until = float("-inf")
        self._looked = float("-inf")
        self.picture = PictureCaptcha(derived_key(key, b"picture"), database, INSTEAD_SOUND_URL)

    @classmethod
    def from_settings(cls, settings: Settings, database: Database) -> Instead:
        return cls(derived_key(settings.csrf_key, b"captcha in an outage"), database)

    @property
    def is_asked(self) -> bool:
        return self._clock() < self._away_until

    def begin(self) -> None:
        self._away_until = self._clock() + AWAY_S

    def is_time_to_look(self) -> bool:
        """Once for all who ask within LOOK_EVERY_S."""
        now = self._clock()
        if now - self._looked < LOOK_EVERY_S:
            return False
        self._looked = now
        return True

    def shown(self, captcha: ShownCaptcha) -> ShownCaptcha:
        """What stands for that of a board."""
        ticket = self._ticket(int(time.time()) + TICKET_GOOD_FOR_S)
        return captcha._replace(
            provider="picture", site_key="", challenge=f"{INSTEAD_URL}?ticket={ticket}"
        )

    def challenge(self, ticket: str) -> dict[str, Any]:
        """Raises HTTPNotFound: there is no outage, or it is over."""
        found = _TICKET.fullmatch(ticket)
        expires_s = int(found[1]) if found else 0
        if expires_s < time.time() or not hmac.compare_digest(self._ticket(expires_s), ticket):
            raise falcon.HTTPNotFound
        return self.picture.challenge("")

    def _ticket(self, expires_s: int) -> str:
        return f"{expires_s}-{hmac.digest(self._key, str(expires_s).encode(), 'sha256').hex()}"


@dataclass(frozen=True, slots=True)
class InsteadChallenges:
    """Where pictures are fetched while the provider is away."""

    instead: Instead

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.cache_control = ["no-store"]
        resp.media = self.instead.challenge(req.get_param("ticket", default=""))


def routes(settings: Settings, database: Database) -> tuple[Route, ...]:
    instead = Instead.from_settings(settings, database)
    return (
        Route(INSTEAD_URL, InsteadChallenges(instead), get=Who.ANYBODY),
        Route(INSTEAD_SOUND_URL, Sounds(instead.picture), get=Who.ANYBODY),
    )
