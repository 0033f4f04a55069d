"""Codes of six digits that change each half minute, as apps show them (TOTP).

https://www.rfc-editor.org/rfc/rfc6238 with SHA-1, the only hash that all apps know, and
https://github.com/google/google-authenticator/wiki/Key-Uri-Format (read 2026-11-29). Pure.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from urllib.parse import quote, urlencode

STEP_S = 30
DIGITS = 6
#: A clock may be wrong by so many steps.
DRIFT_STEPS = 1

_SECRET_BYTES = 20


def new_secret() -> bytes:
    return secrets.token_bytes(_SECRET_BYTES)


def step_at(now_s: float) -> int:
    return int(now_s) // STEP_S


def code(secret: bytes, step: int) -> str:
    """'287082'"""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: bytes, typed: str, now_s: float) -> int | None:
    """The step whose code was typed; None: it is the code of none that counts now."""
    typed = "".join(typed.split())
    now = step_at(now_s)
    steps = range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1)
    # SECURITY: all of them are compared, each in the same time.
    found = [step for step in steps if hmac.compare_digest(code(secret, step), _plain(typed))]
    return found[-1] if found else None


def spelled(secret: bytes) -> str:
    """'GEZD GNBV …', to be typed into an app that can't look at the picture."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def uri(secret: bytes, name: str, site: str) -> str:
    """'otpauth://totp/example.org:alice?secret=…', what the picture says to an app."""
    label = quote(f"{site}:{name}", safe=":")
    values = {"secret": spelled(secret).replace(" ", ""), "issuer": site}
    return f"otpauth://totp/{label}?{urlencode(values, quote_via=quote)}"


def _plain(typed: str) -> str:
    """compare_digest takes no text beyond ASCII."""
    return typed if typed.isascii() else ""
