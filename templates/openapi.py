"""openapi.json: what may be sent to the board, and what it answers.

As https://spec.openapis.org/oas/v3.1.0 has it (read 2026-11-29). Fields are those of the forms
(imageboard/fields.py), captchas those of their table; that addresses and statuses are the writer's
is held by tests/writer/test_openapi.py. Each board's own limits are told by boards.json.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from imageboard.addresses import BOARD_NAME
from imageboard.captchas import INSTEAD_SOUND_URL, INSTEAD_URL, PASS_FIELD, PROVIDERS
from imageboard.fields import (
    KEPT_FILE,
    POST_FIELDS,
    REASON_CHARS_MAX,
    SELECTED_POST,
    SPOILER_OF_ONE,
    BoxField,
    FileField,
)
from templates.engine import WRITE_URL, Site
from templates.languages import say

_JSON = "application/json"
_TEXT: dict[str, Any] = {"type": "string"}
_TICKED: dict[str, Any] = {"type": "string", "enum": ["on"]}
_NUMBER: dict[str, Any] = {"type": "string", "pattern": "^[0-9]{1,15}$"}
_NONCE: dict[str, Any] = {"type": "string", "pattern": "^[!-~]{8,128}$"}
_FILE: dict[str, Any] = {"type": "string", "format": "binary"}
_NAMES_OF_BOARDS = f"^{BOARD_NAME}$"
_BOARD: dict[str, Any] = {"type": "string", "pattern": _NAMES_OF_BOARDS}

#: Of a form that is not carried out.
REFUSALS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.INSUFFICIENT_STORAGE,
)


def document(site: Site) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": site.name, "version": "1"},
        "servers": [{"url": site.url or "/"}],
        "paths": {WRITE_URL: {"post": _write()}}
        | {
            provider.challenge: {
                "get": _challenge(
                    provider.name, **({"board": _BOARD} if provider.is_by_board else {})
                )
            }
            for provider in PROVIDERS
            if provider.challenge is not None
        }
        | {INSTEAD_URL: {"get": _challenge("instead", ticket=_TEXT)}}
        | {
            url: {"get": _sound(name)}
            for url, name in (
                (INSTEAD_SOUND_URL, "instead"),
                *((provider.sound, provider.name) for provider in PROVIDERS if provider.sound),
            )
        },
        "components": {"schemas": {"Form": _form(site), **_ANSWERS}},
    }


def _write() -> dict[str, Any]:
    form = {"schema": _named("Form")}
    done = {"anyOf": [_named("Posted"), _named("Previewed"), _named("Done")]}
    return {
        "operationId": "write",
        "summary": "Start a thread, reply, delete one's own posts or report others'",
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The same value from the same poster within a day posts once.",
                "schema": _NONCE,
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": form,
                "application/x-www-form-urlencoded": form,
            },
        },
        "responses": {
            "200": _answer("Done, for whoever asks for JSON; a page of what has none", done),
            "202": _answer("Stored, and waits for staff", _named("Held")),
            "303": {"description": "Posted, for browsers: the thread is at Location"},
            **{str(int(status)): _refusal(status) for status in REFUSALS},
        },
    }


def _challenge(name: str, **parameters: dict[str, Any]) -> dict[str, Any]:
    """`parameters`: what its address has to name, of which some are not there."""
    told: dict[str, Any] = {
        "operationId": f"challenge_{name}",
        "summary": "A challenge of the board's own captcha, for one answer",
        "responses": {
            "200": {
                "description": "A challenge",
                "content": {_JSON: {"schema": _named("Challenge")}},
            }
        },
    }
    if parameters:
        told["parameters"] = [
            {"name": name, "in": "query", "schema": schema} for name, schema in parameters.items()
        ]
        told["responses"]["404"] = _refusal(HTTPStatus.NOT_FOUND)
    return told


def _sound(name: str) -> dict[str, Any]:
    return {
        "operationId": f"sound_{name}",
        "summary": "The letters of a challenge, spoken",
        "parameters": [{"name": "id", "in": "query", "schema": _TEXT}],
        "responses": {
            "200": {"description": "A sound", "content": {"audio/wav": {}}},
            "206": {"description": "A part of it", "content": {"audio/wav": {}}},
            "404": _refusal(HTTPStatus.NOT_FOUND),
        },
    }


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {_JSON: {"schema": schema}, "text/html": {"schema": _TEXT}}
    return {"description": description, "content": content}


def _refusal(status: HTTPStatus) -> dict[str, Any]:
    return _answer(status.phrase, _named("Refusal"))


def _named(schema: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{schema}"}


def _form(site: Site) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "board": _BOARD,
        "thread": _NUMBER | {"description": "Absent: a new thread."},
    }
    for field in POST_FIELDS:
        told: dict[str, Any] = {"description": say(field.label, site.language)}
        if isinstance(field, BoxField):
            told |= _TICKED
        elif isinstance(field, FileField):
            told |= _FILE
        else:
            told |= _TEXT
        fields[field.name] = told
    fields |= {
        "nonce": _NONCE,
        "json_response": {"type": "string", "enum": ["1"]},
        "post": _TEXT,
        "preview": _TEXT | {"description": "Shows the post, and stores nothing."},
        "delete": _TEXT | {"description": "Deletes the posts that are ticked, by `password`."},
        "report": _TEXT | {"description": "Reports the posts that are ticked."},
        "reason": {"type": "string", "maxLength": REASON_CHARS_MAX},
        "category": _TEXT | {"description": "Of a report, where boards.json names some."},
    }
    fields |= {name: _TEXT for provider in PROVIDERS for name in provider.fields}
    fields[PASS_FIELD] = _TEXT | {"description": "The `value` of a pass that was earned."}
    return {
        "type": "object",
        "required": ["board"],
        "properties": fields,
        "patternProperties": {
            f"^{SELECTED_POST.pattern}$": _TICKED,
            f"^{SPOILER_OF_ONE.pattern}$": _TICKED,
            f"^{KEPT_FILE.pattern}$": _TEXT | {"description": "What `kept` says of it."},
            "^file[2-9]$": _FILE | {"description": "The second file, the third …"},
        },
        "additionalProperties": False,
    }


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


#: Files that the next try may name, for an hour, in the place of sending them.
_KEPT: dict[str, Any] = {
    "type": "array",
    "items": _object(["field", "value", "filename"], field=_TEXT, value=_TEXT, filename=_TEXT),
}
#: Whoever has solved a captcha is spared the next ones.
_PASS = _object(
    ["value", "posts", "expires"],
    value=_TEXT,
    posts={"type": "integer"},
    expires={"type": "integer", "description": "Seconds since 1970."},
)
_ANSWERS = {
    "Posted": _object(
        ["redirect", "noko", "id", "thread", "html"],
        redirect=_TEXT,
        noko={"type": "boolean"},
        id=_TEXT,
        thread=_TEXT,
        html=_TEXT | {"description": "The post as its page shows it."},
        captcha_pass=_PASS,
    ),
    "Previewed": _object(["preview", "html"], preview={"const": True}, html=_TEXT, kept=_KEPT),
    "Held": _object(
        ["held", "message", "id", "redirect"],
        held={"const": True},
        message=_TEXT | {"description": "A sentence that says so."},
        id=_TEXT | {"description": "The number that it has, and will appear with."},
        redirect=_TEXT,
        captcha_pass=_PASS,
    ),
    "Done": _object(["success", "redirect"], success={"const": True}, redirect=_TEXT),
    "Refusal": _object(
        ["error", "code"],
        error=_TEXT | {"description": "A sentence that says what to change."},
        code=_TEXT | {"description": "For programs: it never changes."},
        field=_TEXT,
        banned={"const": True},
        ban={"type": "object"},
        captcha={"type": "object"},
        captcha_pass=_PASS,
        kept=_KEPT,
        request_id=_TEXT,
        retry_after={"type": "integer"},
    ),
    "Challenge": {"type": "object"},
}
