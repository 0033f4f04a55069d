"""Answers: what a browser sees and what a program reads, for success and refusal alike.

The one place that turns an error of the board into a response. `/post.php` speaks vichan's dialect:
its clients look for what went wrong in JSON with status 200, or on a page with status 400, and take
any other status for a failure of the network.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import falcon

from imageboard.captchas import PASS_FIELD
from imageboard.errors import (
    Banned,
    CaptchaFailed,
    ImageboardError,
    PartUnavailable,
    StoreUnavailable,
    TooFast,
)
from imageboard.settings import BoardSettings
from imageboard.words import ENGLISH, N_, Language, Message
from monitoring import logs, metrics
from monitoring.logs import get_logger
from templates import writer_pages
from templates.languages import say
from writer import clients
from writer.captchas import Captchas
from writer.forms import Form
from writer.statuses import status_of

log = get_logger(__name__)

VICHAN_ROUTE = "/post.php"
#: Of the address, with which JSON is asked for.
_JSON_PARAMETERS = ("json_response", "json")


class Answers:
    """Writes responses; `captchas` says what a refused form needs to be sent again."""

    def __init__(self, captchas: Captchas, language: Language = ENGLISH) -> None:
        self._captchas = captchas
        #: Of the site; what is about a board is said in the board's.
        self.language = language

    @staticmethod
    def wants_json(req: falcon.Request) -> bool:
        """Said by the form, as far as it was read, by the address or by the Accept header."""
        form: Form | None = getattr(req.context, "form", None)
        if form is not None and form.get("json_response") not in ("", "0"):
            return True
        if any(req.get_param(name, default="0") not in ("", "0") for name in _JSON_PARAMETERS):
            return True
        if req.path.endswith(".json"):
            return True
        accept = (req.get_header("Accept") or "").lower()
        return "application/json" in accept and "text/html" not in accept

    def refuse(
        self, req: falcon.Request, resp: falcon.Response, error: ImageboardError, form: Form
    ) -> None:
        """Say what was wrong and what to change; nothing that was typed is lost."""
        wants_json = self.wants_json(req)
        resp.status = _status(req, status_of(error), wants_json=wants_json)
        resp.cache_control = ["no-store"]
        if isinstance(error, TooFast):
            resp.set_header("Retry-After", str(error.retry_after_s))
        if isinstance(error, PartUnavailable):
            resp.set_header("Retry-After", str(error.retry_after_s))
            metrics.part_failures.labels(error.part).inc()
            log.error("part_unavailable", part=error.part)
        if wants_json:
            told = _error_json(error, self._language_for(form, error))
            resp.media = told | _by_what_to_find(status_of(error))
            resp.media |= _kept(form) | pass_earned(form)
            if isinstance(error, CaptchaFailed) and (
                captcha := self._captchas.shown_again(form, error)
            ):
                resp.media["captcha"] = captcha.to_json()
            if isinstance(error, Banned) and is_vichans(req):
                resp.media["error"] = True
        else:
            # SECURITY: what another site has filled in is not put before the reader, to be sent
            # from here.
            typed = Form() if clients.is_of_other_site(req) else form
            resp.content_type = falcon.MEDIA_HTML
            resp.text = self._page(error, typed)

    def preview(
        self, req: falcon.Request, resp: falcon.Response, form: Form, post_html: str
    ) -> None:
        """The post as it will be; to a browser with the form, to be sent or changed."""
        resp.cache_control = ["no-store"]
        if self.wants_json(req):
            resp.media = {"preview": True, "html": post_html} | _kept(form)
            return
        captcha = self._captchas.of_post(form)
        resp.content_type = falcon.MEDIA_HTML
        resp.text = writer_pages.preview_page(
            post_html=post_html,
            draft=form.fields,
            board=form.get("board").strip().strip("/"),
            thread=_number(form.get("thread").strip()),
            settings=self._settings_for(form),
            kept=form.kept,
            captcha=captcha and self._captchas.with_challenge(captcha, form),
            language=self._language_for(form),
        )

    def done(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        form: Form,
        *,
        title: Message,
        sentence: Message,
        back_url: str,
    ) -> None:
        """A deletion or report was carried out."""
        resp.cache_control = ["no-store"]
        if self.wants_json(req):
            resp.media = {"success": True, "redirect": back_url}
            return
        resp.content_type = falcon.MEDIA_HTML
        resp.text = writer_pages.done_page(
            title=title, sentence=sentence, back_url=back_url, language=self._language_for(form)
        )

    def held(
        self, req: falcon.Request, resp: falcon.Response, form: Form, no: int, *, back_url: str
    ) -> None:
        """A post was stored, and waits for staff."""
        resp.cache_control = ["no-store"]
        resp.status = HTTPStatus.OK if is_vichans(req) else HTTPStatus.ACCEPTED
        if self.wants_json(req):
            said = say(_HELD, self._language_for(form))
            told = {"held": True, "message": said, "id": str(no), "redirect": back_url}
            resp.media = told | pass_earned(form)
            return
        resp.content_type = falcon.MEDIA_HTML
        resp.text = writer_pages.done_page(
            title=N_("Your post waits"),
            sentence=_HELD,
            back_url=back_url,
            language=self._language_for(form),
        )

    def say_of_status(self, req: falcon.Request, resp: falcon.Response, status: HTTPStatus) -> None:
        """What no error of the board tells of: no such route, a bug."""
        title, sentence = _OF_STATUS.get(status, _OF_ANY_OTHER_STATUS)
        if self.wants_json(req):
            resp.media = {"error": say(sentence, self.language), "code": status.name.lower()}
            resp.media |= _by_what_to_find(status)
            return
        resp.content_type = falcon.MEDIA_HTML
        resp.text = writer_pages.failed_page(
            title=title, sentence=sentence, language=self.language, **_by_what_to_find(status)
        )

    def _settings_for(self, form: Form) -> BoardSettings:
        """By which the form is shown again."""
        board = None if form.has("delete") else self._captchas.board_of(form)
        return BoardSettings() if board is None else board.settings

    def _language_for(self, form: Form, error: ImageboardError | None = None) -> Language:
        """Its board's; the site's when it names none, and when nobody can tell for now."""
        if not form.get("board") or isinstance(error, StoreUnavailable):
            # Who was told that the database is away does not wait for it once more.
            return self.language
        board = self._captchas.board_of(form)
        return self.language if board is None else board.language

    def _page(self, error: ImageboardError, form: Form) -> str:
        if isinstance(error, Banned):
            return writer_pages.banned_page(
                sentence=error.message,
                sent_to=form.get("board").strip().strip("/"),
                language=self._language_for(form, error),
                **_ban(error),
            )
        captcha = self._captchas.shown_again(form, error)
        return writer_pages.refused_page(
            sentence=error.message,
            status=status_of(error),
            draft=form.fields,
            board=form.get("board") or None,
            thread=_number(form.get("thread")),
            settings=self._settings_for(form),
            kept=form.kept,
            field=error.field,
            captcha=captcha and self._captchas.with_challenge(captcha, form),
            language=self._language_for(form, error),
            **_by_what_to_find(status_of(error)),
        )


def _by_what_to_find(status: int) -> dict[str, str]:
    """What is said of a failure of ours, so that whoever is told of it finds it in the log."""
    is_ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return {"request_id": logs.request_id()} if is_ours else {}


def _kept(form: Form) -> dict[str, Any]:
    """Files that the next try may name in the place of sending them."""
    told = [{"field": f.field, "value": f.value, "filename": f.name} for f in form.kept]
    return {"kept": told} if told else {}


def pass_earned(form: Form) -> dict[str, Any]:
    """What a program may send along instead of the answers to its next captchas."""
    earned = form.pass_earned
    return {} if earned is None else {PASS_FIELD: earned.to_json()}


def is_vichans(req: falcon.Request) -> bool:
    """Whether it was sent to the address that vichan's clients know."""
    return req.uri_template == VICHAN_ROUTE


def _status(req: falcon.Request, status: int, *, wants_json: bool) -> HTTPStatus:
    if is_vichans(req):
        return HTTPStatus.OK if wants_json else HTTPStatus.BAD_REQUEST
    return HTTPStatus(status)


def _error_json(error: ImageboardError, language: Language) -> dict[str, Any]:
    answer: dict[str, Any] = {"error": say(error.message, language), "code": error.code}
    if error.field is not None:
        answer["field"] = error.field
    if isinstance(error, Banned):
        ban = _ban(error)
        answer["banned"] = True
        answer["reason"] = ban["reason"]
        answer["ban"] = {
            "id": ban["ban_id"],
            "board": ban["board"],
            "reason": ban["reason"],
            "created": ban["created_s"],
            "expires": ban["expires_s"],
            "may_appeal": ban["may_appeal"],
            "appeal": _appeal(ban["appeal"]),
        }
    if isinstance(error, TooFast):
        answer["retry_after"] = error.retry_after_s
    return answer


def _ban(error: Banned) -> dict[str, Any]:
    names = ("board", "reason", "created_s", "expires_s", "ban_id", "log_url")
    return {name: getattr(error, name) for name in (*names, "appeal", "may_appeal")}


def _appeal(appeal: tuple[str, str | None] | None) -> dict[str, Any] | None:
    return appeal and dict(zip(("body", "answer"), appeal, strict=True))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


_HELD = N_("Thank you. The staff look at posts here first: yours appears when they have.")

#: What is said when the web framework itself refuses, or when a bug shows: title and sentence.
_OF_STATUS = {
    HTTPStatus.NOT_FOUND: (N_("Not here"), N_("There is nothing at this address.")),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        N_("Not like this"),
        N_("This address does not take such a request."),
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        N_("Something went wrong"),
        N_(
            "Something went wrong on our side, and was written down. "
            "Go back: your text should still be there."
        ),
    ),
}
_OF_ANY_OTHER_STATUS = (N_("Not possible"), N_("The request could not be understood."))


def answer_http_error(
    answers: Answers, req: falcon.Request, resp: falcon.Response, error: falcon.HTTPError
) -> None:
    """What Falcon itself refuses (no such route, wrong method) in the same two forms."""
    wants_json = answers.wants_json(req)
    status = HTTPStatus(error.status_code)
    resp.status = _status(req, status, wants_json=wants_json)
    resp.cache_control = ["no-store"]
    if error.headers:
        resp.set_headers(error.headers)
    answers.say_of_status(req, resp, status)


def answer_unexpected(answers: Answers) -> Callable[..., None]:
    """A handler for what only a bug can cause: logged in full, told in one sentence."""

    def handle(
        req: falcon.Request, resp: falcon.Response, error: Exception, _params: dict[str, Any]
    ) -> None:
        log.exception("request_failed", route=req.uri_template, exc_info=error)
        answer_http_error(
            answers,
            req,
            resp,
            falcon.HTTPInternalServerError(),
        )

    return handle
