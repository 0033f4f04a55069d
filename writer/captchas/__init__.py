"""Captchas: one module a provider, named as its row in imageboard/captchas.py.

Each has `from_settings(settings)`: its check, or None when it is off. A check takes a form and lets
it pass or raises CaptchaFailed.
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

from imageboard.captchas import PROVIDERS
from imageboard.cloaks import Address
from imageboard.settings import Settings
from writer.forms import Form


class Captcha(Protocol):
    """What every provider's check can do."""

    def check(self, form: Form, address: Address) -> None:
        """Let a form pass whose captcha was solved. Raises CaptchaFailed."""


def from_settings(settings: Settings) -> Captcha | None:
    """The captcha that posts need; None: none is set up, or the limits are off."""
    if not settings.limits:
        return None
    for provider in PROVIDERS:
        module = import_module(f"{__name__}.{provider.name}")
        captcha: Captcha | None = module.from_settings(settings)
        if captcha is not None:
            return captcha
    return None
