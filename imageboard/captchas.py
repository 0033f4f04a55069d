"""Captchas: what each provider is called, which fields it fills, what its widget loads.

One row a provider. Beside it stand its check, `writer/captchas/NAME.py`, and its widget,
`templates/captchas/NAME.html`; a test walks all three.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from imageboard.settings import Settings


@dataclass(frozen=True, slots=True)
class Provider:
    """Who asks, and who says whether the answer was right."""

    name: str
    #: Those of the form that hold its answer, which is good for one try.
    fields: tuple[str, ...]
    #: The setting of its public key, an attribute of Settings.
    site_key_setting: str
    #: What the widget loads, for the Content-Security-Policy: {'script': ('https://…/',)}, of
    #: script, frame, connect, style and img.
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: Where a challenge of our own is asked for; None: the widget does that.
    challenge: str | None = None

    def site_key(self, settings: Settings) -> str:
        """'' where it is not set up."""
        key: str = getattr(settings, self.site_key_setting)
        return key


PROVIDERS = (
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
)

#: Of all providers: what a form that is shown again must not hold.
ANSWER_FIELDS = frozenset(name for provider in PROVIDERS for name in provider.fields)


class ShownCaptcha(NamedTuple):
    """What pages show of the captcha that is on: the same for every reader, and told to clients."""

    provider: str
    site_key: str
    challenge: str | None = None

    def to_json(self) -> dict[str, Any]:
        """`captcha` of boards.json, and of a refusal."""
        told = {"provider": self.provider, "site_key": self.site_key, "when": "posting"}
        return told if self.challenge is None else told | {"challenge": self.challenge}


def shown(settings: Settings) -> ShownCaptcha | None:
    """The captcha whose widget stands in every posting form; None: there is none.

    By its public key: those who draw pages need not hold the secret one.
    """
    if not settings.limits:
        return None
    for provider in PROVIDERS:
        if site_key := provider.site_key(settings):
            return ShownCaptcha(provider.name, site_key, provider.challenge)
    return None


def named_in(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The captcha whose public key is there: for those who need no other setting."""
    names = {row.attribute: row.name for row in Settings.rows()}
    return tuple(
        provider.name for provider in PROVIDERS if environ.get(names[provider.site_key_setting])
    )[:1]
