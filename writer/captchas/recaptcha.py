"""reCAPTCHA: whether the poster solved it, by the provider's own word.

The call is that of https://developers.google.com/recaptcha/docs/verify (read 2026-11-24): a POST
of `secret` and `response`, answered with {"success": true} or {"success": false,
"error-codes": […]}. A response is good for one call, within two minutes.
"""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlencode, urlsplit

from imageboard.captchas import BY_NAME
from imageboard.cloaks import Address
from imageboard.errors import CaptchaFailed
from imageboard.settings import Settings
from imageboard.store.database import Database
from imageboard.words import N_, Message
from monitoring import metrics
from monitoring.logs import get_logger
from writer.board_list import BoardList
from writer.forms import Form

log = get_logger(__name__)

(RESPONSE_FIELD,) = BY_NAME["recaptcha"].fields
TIMEOUT_S = 5.0
_ANSWER_BYTES_MAX = 64 * 1024

#: What the poster can do; every other code means that we, or the provider, are at fault.
_SENTENCES = {
    "missing-input-response": N_(
        "The captcha was not solved: tick its box above the button, then send the form again."
        " The box needs JavaScript."
    ),
    "invalid-input-response": N_("The captcha was not solved: solve it again, then send the form."),
    "timeout-or-duplicate": N_(
        "The captcha was not solved: it was too old or used before."
        " Solve it again, then send the form."
    ),
}
_SENTENCE_OF_NO_CODE = _SENTENCES["invalid-input-response"]


class _ProviderFailed(Exception):
    """The provider gave no answer that can be used."""


@dataclass(frozen=True, slots=True)
class Recaptcha:
    """Asks the provider at `verify_url`."""

    secret: str = field(repr=False)
    verify_url: str
    timeout_s: float = TIMEOUT_S

    def check(self, form: Form, _address: Address) -> None:
        """Let a form pass whose captcha was solved.

        The address could be sent along (`remoteip`, optional): a poster's address is none of the
        provider's business.

        Raises:
            CaptchaFailed: it was not solved, or that can't be found out just now. Then nobody
                posts: letting everybody in would be what a spammer waits for.
        """
        response = form.get(RESPONSE_FIELD)
        if not response:
            metrics.captchas.labels("missing").inc()
            raise CaptchaFailed(_SENTENCES["missing-input-response"])
        try:
            error_codes = self._ask(response)
        except (_ProviderFailed, OSError, http.client.HTTPException) as ex:
            metrics.part_failures.labels("captcha").inc()
            metrics.captchas.labels("unchecked").inc()
            log.error("captcha_not_checked", why=type(ex).__name__, detail=str(ex))
            raise CaptchaFailed(
                N_(
                    "The captcha was not solved: it can't be checked just now."
                    " Try again in a moment."
                )
            ) from ex
        metrics.captchas.labels("solved" if error_codes is None else "failed").inc()
        if error_codes is not None:
            raise CaptchaFailed(_sentence(error_codes))

    def _ask(self, response: str) -> list[str] | None:
        """None: solved. Otherwise the provider's error codes, of which there may be none."""
        status, body = self._post(urlencode({"secret": self.secret, "response": response}))
        if status != http.client.OK:
            raise _ProviderFailed(f"status {status}")
        try:
            answer = json.loads(body)
        except ValueError as ex:
            raise _ProviderFailed("no JSON") from ex
        if not isinstance(answer, dict) or not isinstance(answer.get("success"), bool):
            raise _ProviderFailed("JSON of another shape")
        if answer["success"]:
            return None
        error_codes = [str(code) for code in answer.get("error-codes") or ()]
        if not_the_posters := set(error_codes) - _SENTENCES.keys():
            raise _ProviderFailed(f"error codes {', '.join(sorted(not_the_posters))}")
        return error_codes

    def _post(self, body: str) -> tuple[int, bytes]:
        """Redirections are not followed: the secret goes to nobody but the provider."""
        url = urlsplit(self.verify_url)
        connection = _connect(url, self.timeout_s)
        try:
            path = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(_ANSWER_BYTES_MAX)
        finally:
            connection.close()


def from_settings(settings: Settings, _database: Database, _boards: BoardList) -> Recaptcha:
    """Raises BadSetting: the widget is shown, and nobody could check its answers."""
    settings.require("recaptcha_secret_key")
    return Recaptcha(settings.recaptcha_secret_key, settings.recaptcha_verify_url)


def _connect(url: SplitResult, timeout_s: float) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    return kind(url.hostname or "", url.port, timeout=timeout_s)


def _sentence(error_codes: list[str]) -> Message:
    return _SENTENCES[error_codes[0]] if error_codes else _SENTENCE_OF_NO_CODE
