"""Answers: what a browser sees and what a program reads, for success and refusal alike.

The one place that turns an error of the board into a response.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import falcon

from imageboard.errors import Banned, ImageboardError, PartUnavailable, TooFast
from monitoring import metrics
from monitoring.logs import get_logger
from templates import writer_pages
from writer.forms import Form

log = get_logger(__name__)

#: A part that is down is usually back soon.
_RETRY_AFTER_UNAVAILABLE_S = 5


class Answers:
    """Writes responses; `captcha_site_key` is what the captcha's widget needs, if there is one."""

    def __init__(self, captcha_site_key: str = "") -> None:
        self._captcha_site_key = captcha_site_key

    @staticmethod
    def wants_json(req: falcon.Request, form: Form | None = None) -> bool:
        if form is not None and form.get("json_response") not in ("", "0"):
            return True
        accept = req.get_header("Accept") or ""
        return "application/json" in accept and "text/html" not in accept

    def refuse(
        self, req: falcon.Request, resp: falcon.Response, error: ImageboardError, form: Form
    ) -> None:
        """Say what was wrong and what to change; nothing that was typed is lost."""
        resp.status = falcon.code_to_http_status(error.status)
        resp.cache_control = ["no-store"]
        if isinstance(error, TooFast):
            resp.set_header("Retry-After", str(error.data["retry_after_s"]))
        if isinstance(error, PartUnavailable):
            resp.set_header("Retry-After", str(_RETRY_AFTER_UNAVAILABLE_S))
            metrics.part_failures.labels(str(error.data["part"])).inc()
            log.error("part_unavailable", part=error.data["part"])
        if self.wants_json(req, form):
            resp.media = _error_json(error)
        else:
            resp.content_type = falcon.MEDIA_HTML
            resp.text = self._page(error, form)

    def done(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        form: Form,
        *,
        title: str,
        sentence: str,
        back_url: str,
    ) -> None:
        """A deletion or report was carried out."""
        resp.cache_control = ["no-store"]
        if self.wants_json(req, form):
            resp.media = {"success": True, "redirect": back_url}
            return
        resp.content_type = falcon.MEDIA_HTML
        resp.text = writer_pages.done_page(title=title, sentence=sentence, back_url=back_url)

    def _page(self, error: ImageboardError, form: Form) -> str:
        if isinstance(error, Banned):
            return writer_pages.banned_page(**_ban(error.data))
        return writer_pages.refused_page(
            sentence=error.sentence,
            status=error.status,
            draft=form.fields,
            board=form.get("board") or None,
            thread=_number(form.get("thread")),
            field=error.field,
            captcha_site_key=self._captcha_site_key or None,
        )


def _error_json(error: ImageboardError) -> dict[str, Any]:
    answer: dict[str, Any] = {"error": error.sentence}
    if error.field is not None:
        answer["field"] = error.field
    if isinstance(error, Banned):
        answer["banned"] = True
    if isinstance(error, TooFast):
        answer["retry_after"] = error.data["retry_after_s"]
    return answer


def _ban(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in ("board", "reason", "created_s", "expires_s", "ban_id")}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


def answer_http_error(
    answers: Answers, req: falcon.Request, resp: falcon.Response, error: falcon.HTTPError
) -> None:
    """What Falcon itself refuses (no such route, wrong method) in the same two forms."""
    resp.status = error.status
    resp.cache_control = ["no-store"]
    if error.headers:
        resp.set_headers(error.headers)
    sentence = error.description or error.title or "The request could not be understood."
    if answers.wants_json(req):
        resp.media = {"error": sentence}
        return
    resp.content_type = falcon.MEDIA_HTML
    resp.text = writer_pages.done_page(
        title=error.title or "Not possible", sentence=sentence, back_url="/"
    )


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
            falcon.HTTPInternalServerError(
                title="Something went wrong",
                description="Something went wrong on our side, and was written down. "
                "Go back: your text should still be there.",
            ),
        )

    return handle
