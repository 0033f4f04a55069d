"""The Content-Security-Policy of pages: what a page of the board may load, and from where.

nginx and the Worker at the CDN's edge send the same. Everything is the board's own; only a captcha
of somebody else's brings sources along, and only while it is switched on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields

from imageboard.captchas import PROVIDERS, shown
from imageboard.settings import Settings

#: What a page may do on every board.
OWN_SOURCES: dict[str, tuple[str, ...]] = {
    "default-src": ("'none'",),
    "img-src": ("'self'", "data:"),
    "media-src": ("'self'",),
    "style-src": ("'self'",),
    "script-src": ("'self'",),
    "connect-src": ("'self'",),
    "manifest-src": ("'self'",),
    "form-action": ("'self'",),
    "base-uri": ("'none'",),
    "frame-ancestors": ("'none'",),
}

#: SECURITY: text becomes HTML through one policy alone, that of scripts/safe_html.js. A script of
#: somebody else's has policies of its own, which nobody can name beforehand.
TRUSTED_TYPES: dict[str, tuple[str, ...]] = {
    "require-trusted-types-for": ("'script'",),
    "trusted-types": ("stillboard",),
}

#: A host by its name, or the hosts of one domain, over TLS, and a folder of it at most: no other
#: wildcard, no quote, nothing that ends a directive or an nginx string.
_SOURCE = re.compile(
    r"https://(?:\*\.(?=[a-z0-9-]+\.))?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}(?::[0-9]{1,5})?"
    r"(?:/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*)?"
)


class WrongSource(ValueError):
    """A value that must not reach a policy."""

    def __init__(self, directive: str, source: object) -> None:
        super().__init__(
            f"{directive} is {source!r}: expected 'https://host/' or 'https://host/folder/'"
        )


@dataclass(frozen=True, slots=True)
class CaptchaSources:
    """From where a captcha's widget loads what it needs.

    Raises:
        WrongSource: it would let in more than one host, or smuggle a directive in.
    """

    script: tuple[str, ...] = ()
    frame: tuple[str, ...] = ()
    connect: tuple[str, ...] = ()
    style: tuple[str, ...] = ()
    img: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check every source, since each is pasted into a header as it is."""
        for field in fields(self):
            for source in getattr(self, field.name):
                if not (isinstance(source, str) and _SOURCE.fullmatch(source)):
                    raise WrongSource(f"{field.name}-src", source)

    def by_directive(self) -> dict[str, tuple[str, ...]]:
        """{'script-src': ('https://…',), …}, without what is empty."""
        return {f"{name}-src": sources for name, sources in asdict(self).items() if sources}


NO_CAPTCHA = CaptchaSources()

#: By the provider's name: what its widget needs, as its row declares it.
CAPTCHA_SOURCES = {provider.name: CaptchaSources(**provider.sources) for provider in PROVIDERS}


def captcha_sources(providers: Iterable[str]) -> CaptchaSources:
    """What the widgets of all these need together."""
    found = [CAPTCHA_SOURCES[name] for name in providers]
    return CaptchaSources(
        **{
            field.name: tuple(
                dict.fromkeys(src for one in found for src in getattr(one, field.name))
            )
            for field in fields(CaptchaSources)
        }
    )


def enabled_captchas(settings: Settings) -> tuple[str, ...]:
    """The providers whose widgets a page of this board may show."""
    captcha = shown(settings)
    return () if captcha is None else (captcha.provider,)


def named_in(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The captcha whose public key is there: for those who need no other setting."""
    names = {row.attribute: row.name for row in Settings.rows()}
    return tuple(
        provider.name
        for provider in PROVIDERS
        if provider.site_key_setting and environ.get(names[provider.site_key_setting])
    )[:1]


def page_policy(captcha: CaptchaSources = NO_CAPTCHA) -> str:
    """ "default-src 'none'; img-src 'self' data:; …", with the captcha's sources added."""
    added = captcha.by_directive()
    own = OWN_SOURCES if captcha.script else OWN_SOURCES | TRUSTED_TYPES
    return "; ".join(
        " ".join((name, *own.get(name, ()), *added.get(name, ())))
        for name in dict.fromkeys((*own, *added))
    )
