"""Captchas of other people: whether the poster solved one, by the provider's own word.

The three that there are take the same call: a POST of `secret` and `response`, answered with
{"success": true} or {"success": false, "error-codes": […]}. A response is good for one call.

While a provider does not answer, or not with anything that can be used, letters of our own are
asked for instead: its outage is not to close the board, and lets nobody in unasked.
"""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import SplitResult, urlencode, urlsplit

from imageboard.captchas import Provider
from imageboard.cloaks import Address
from imageboard.errors import CaptchaFailed
from imageboard.settings import Settings
from imageboard.store.database import Database
from imageboard.words import N_, Message
from monitoring import metrics
from monitoring.logs import get_logger
from writer.bounded_posts import post
from writer.forms import Form
from writer.outage import Instead
from writer.sealing import TEXT_FIELD

log = get_logger(__name__)

TIMEOUT_S = 5.0
_ANSWER_BYTES_MAX = 64 * 1024
TICK_THE_BOX = N_(
    "The captcha was not solved: tick its box above the button, then send the form again."
    " The box needs JavaScript."
)
SOLVE_AGAIN = N_("The captcha was not solved: solve it again, then send the form.")
TOO_OLD = N_(
    "The captcha was not solved: it was too old or used before. Solve it again, then send the form."
)

#: As providers make them: the longest that were seen had 5,000 characters.
_RESPONSE = re.compile("[!-~]{1,16000}")
#: No answer to a captcha: what comes back says only whether somebody is there.
_PROBE = "nobody"
#: What a provider says when it can't do its work, or does not know us: no poster can bring it to.
_CODES_OF_OUTAGE = frozenset({"internal-error", "invalid-input-secret", "missing-input-secret"})


class _NoUsableAnswer(Exception):
    """`is_outage`: nothing that a poster sends would have brought a better one."""

    def __init__(self, what: str, *, is_outage: bool = True) -> None:
        super().__init__(what)
        self.is_outage = is_outage


@dataclass(frozen=True, slots=True)
class Siteverify:
    """Asks the provider at `verify_url`; `instead` is asked for while it is away."""

    secret: str = field(repr=False)
    verify_url: str
    instead: Instead
    timeout_s: float = TIMEOUT_S

    provider: ClassVar[Provider]
    #: What the poster can do, by the provider's code. Every other code means that we, or the
    #: provider, are at fault.
    sentences: ClassVar[Mapping[str, Message]]
    missing: ClassVar[Message]

    def check(self, form: Form, address: Address) -> None:
        """Let a form pass whose captcha was solved, or whose letters were read in an outage.

        The address could be sent along (`remoteip`, optional): a poster's address is none of the
        provider's business.

        Raises:
            CaptchaFailed: it was not solved, or that can't be found out just now. Then nobody
                posts without letters: that is what a spammer waits for.
        """
        if form.get(TEXT_FIELD).strip():
            # Those that are handed out in an outage alone, whichever writer noticed it.
            self.instead.picture.check(form, address)
            return
        (response_field,) = self.provider.fields
        response = form.get(response_field)
        if not self.instead.is_asked:
            if response:
                self._judge(response)
                return
            if self.instead.is_time_to_look():
                # Nobody can solve what could not be loaded.
                self._look()
        if not self.instead.is_asked:
            metrics.captchas.labels("missing").inc()
            raise CaptchaFailed(self.missing)
        metrics.captchas.labels("unchecked").inc()
        raise CaptchaFailed(
            N_(
                "The captcha can't be checked just now: whoever provides it does not answer."
                " Type the letters of the picture instead, then send the form."
            )
        )

    def _judge(self, response: str) -> None:
        """Raises CaptchaFailed."""
        if not _RESPONSE.fullmatch(response):
            metrics.captchas.labels("failed").inc()
            raise CaptchaFailed(self._sentence([]))
        try:
            error_codes = self._ask(response)
        except _NoUsableAnswer as ex:
            self._tell(ex)
            raise CaptchaFailed(
                N_(
                    "The captcha was not solved: it can't be checked just now."
                    " Type the letters of the picture instead, then send the form."
                )
                if ex.is_outage
                else N_(
                    "The captcha was not solved: it can't be checked just now."
                    " Try again in a moment."
                )
            ) from ex
        metrics.captchas.labels("solved" if error_codes is None else "failed").inc()
        if error_codes is not None:
            raise CaptchaFailed(self._sentence(error_codes))

    def _look(self) -> None:
        try:
            self._ask(_PROBE)
        except _NoUsableAnswer as ex:
            if ex.is_outage:
                self._tell(ex)

    def _tell(self, error: _NoUsableAnswer) -> None:
        if error.is_outage:
            self.instead.begin()
        metrics.part_failures.labels("captcha").inc()
        metrics.captchas.labels("unchecked").inc()
        why = type(error.__cause__ or error).__name__
        log.error("captcha_not_checked", why=why, detail=str(error))

    def _ask(self, response: str) -> list[str] | None:
        """None: solved. Otherwise the provider's error codes, of which there may be none.

        Raises _NoUsableAnswer.
        """
        try:
            status, body = self._post(urlencode({"secret": self.secret, "response": response}))
        except (OSError, http.client.HTTPException) as ex:
            raise _NoUsableAnswer(str(ex)) from ex
        if status != http.client.OK:
            raise _NoUsableAnswer(f"status {status}", is_outage=not 400 <= status < 429)
        try:
            answer = json.loads(body)
        except ValueError as ex:
            raise _NoUsableAnswer("no JSON") from ex
        if not isinstance(answer, dict) or not isinstance(answer.get("success"), bool):
            raise _NoUsableAnswer("JSON of another shape")
        if answer["success"]:
            return None
        error_codes = [str(code) for code in answer.get("error-codes") or ()]
        if not_the_posters := set(error_codes) - self.sentences.keys():
            raise _NoUsableAnswer(
                f"error codes {', '.join(sorted(not_the_posters))}",
                is_outage=bool(not_the_posters & _CODES_OF_OUTAGE),
            )
        return error_codes

    def _post(self, body: str) -> tuple[int, bytes]:
        """Redirections are not followed: the secret goes to nobody but the provider."""
        url = urlsplit(self.verify_url)
        answer = post(
            _connect(url, self.timeout_s),
            f"{url.path or '/'}?{url.query}" if url.query else url.path or "/",
            body.encode(),
            {"Content-Type": "application/x-www-form-urlencoded"},
            timeout_s=self.timeout_s,
            bytes_max=_ANSWER_BYTES_MAX,
        )
        return answer.status, answer.body

    def _sentence(self, error_codes: list[str]) -> Message:
        return self.sentences[error_codes[0]] if error_codes else SOLVE_AGAIN


def made(kind: type[Siteverify], settings: Settings, database: Database) -> Siteverify:
    """Raises BadSetting: the widget is shown, and nobody could check its answers."""
    name = kind.provider.name
    settings.require(f"{name}_secret_key")
    secret: str = getattr(settings, f"{name}_secret_key")
    verify_url: str = getattr(settings, f"{name}_verify_url")
    return kind(secret, verify_url, Instead.from_settings(settings, database))


def _connect(url: SplitResult, timeout_s: float) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    return kind(url.hostname or "", url.port, timeout=timeout_s)
