"""A page loads the board's own alone, and the captcha's while one is switched on."""

from __future__ import annotations

import pytest

from imageboard.page_policy import (
    CAPTCHA_SOURCES,
    OWN_SOURCES,
    CaptchaSources,
    WrongSource,
    captcha_sources,
    enabled_captchas,
    page_policy,
)
from imageboard.settings import Settings
from tests.tables import for_each


def test_without_a_captcha_nothing_comes_from_elsewhere() -> None:
    assert "https:" not in page_policy()
    assert page_policy().startswith("default-src 'none'; ")
    assert page_policy() == page_policy(captcha_sources([]))


def test_text_becomes_html_by_the_boards_own_policy_unless_somebody_elses_script_is_there() -> None:
    """Its policies have names that nobody knows beforehand."""
    required = "require-trusted-types-for 'script'; trusted-types stillboard"
    assert page_policy().endswith(f"; {required}")
    assert page_policy(CaptchaSources(frame=("https://captcha.example/",))).find(required) > 0
    script = CaptchaSources(script=("https://captcha.example/",))
    assert "trusted-types" not in page_policy(script)


def test_a_captchas_sources_stand_beside_the_boards_own() -> None:
    policy = page_policy(
        CaptchaSources(
            script=("https://a.example/x/",),
            frame=("https://b.example",),
            img=("https://c.example/", "https://*.d.example/"),
        )
    )
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives["script-src"] == "'self' https://a.example/x/"
    assert directives["frame-src"] == "https://b.example"
    assert directives["img-src"] == "'self' data: https://c.example/ https://*.d.example/"
    assert directives["frame-ancestors"] == "'none'"
    assert directives.keys() == {*OWN_SOURCES, "frame-src"}


@pytest.mark.parametrize("provider", ["altcha", "picture", "question"])
def test_captchas_of_our_own_need_no_more_than_the_board(provider: str) -> None:
    assert page_policy(captcha_sources([provider])) == page_policy()


def test_two_captchas_share_a_source_once() -> None:
    assert captcha_sources(["recaptcha", "recaptcha"]) == CAPTCHA_SOURCES["recaptcha"]


@for_each(
    "source",
    [
        "*",
        "https:",
        "https://*",
        "https://*.org/",
        "https://*.*.example.org/",
        "https://a.*.example.org/",
        "https://*example.org/",
        "http://example.org/",
        "//example.org/",
        "example.org",
        "'unsafe-inline'",
        "'self'",
        "data:",
        "https://example.org/; script-src *",
        "https://example.org/ https://evil.example/",
        'https://example.org/"',
        "https://example.org/'",
        "https://example.org/$host/",
        "https://example.org/\\",
        "https://example.org/x?y",
        "https://example.org/x#y",
        "https://user@example.org/",
        "https://example.org/a/../b/",
        "https://example.org/\n",
        "https://localhost/",
        "https://example.org,",
        "",
        7,
    ],
)
def test_source_that_would_let_in_more_is_refused(source: str) -> None:
    for directive in ("script", "frame", "connect", "style", "img"):
        with pytest.raises(WrongSource):
            CaptchaSources(**{directive: (source,)})


@pytest.mark.parametrize(
    ("environ", "enabled"),
    [
        ({}, ("altcha",)),
        ({"STILLBOARD_CAPTCHA": "picture", "RECAPTCHA_SITE_KEY": "6Lc"}, ("picture",)),
        ({"RECAPTCHA_SITE_KEY": "6Lc"}, ("recaptcha",)),
        ({"RECAPTCHA_SITE_KEY": "6Lc", "RECAPTCHA_SECRET_KEY": "6Ld"}, ("recaptcha",)),
        ({"TURNSTILE_SITE_KEY": "0x4", "HCAPTCHA_SITE_KEY": "1-f"}, ("hcaptcha",)),
        ({"RECAPTCHA_SITE_KEY": "6Lc", "STILLBOARD_LIMITS": "off"}, ()),
    ],
)
def test_captcha_counts_where_a_form_shows_its_widget(
    environ: dict[str, str], enabled: tuple[str, ...]
) -> None:
    assert enabled_captchas(Settings.read(environ)) == enabled
