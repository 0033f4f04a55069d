"""reCAPTCHA, against a provider of our own that says what a test tells it to."""

from __future__ import annotations

import ipaddress
import pkgutil
import re
import socket
from collections.abc import Iterator

import pytest

from imageboard.captchas import PROVIDERS, Provider, ShownCaptcha, shown
from imageboard.errors import BadSetting, CaptchaFailed
from imageboard.settings import Settings
from imageboard.store.database import Database
from imageboard.words import ENGLISH, Message
from monitoring import metrics
from templates import writer_pages
from templates.engine import TEMPLATES_FOLDER, environment
from tests.writer.captcha_stand_in import StandIn, a_stand_in
from writer import captchas
from writer.board_list import BoardList
from writer.captchas import recaptcha
from writer.captchas.recaptcha import Recaptcha
from writer.forms import Form

ADDRESS = ipaddress.ip_address("192.0.2.7")
SOLVED = Form({"g-recaptcha-response": "solved"})
NOT_CHECKED = "can't be checked just now"


@pytest.fixture
def provider() -> Iterator[StandIn]:
    with a_stand_in() as provider:
        yield provider


def failures() -> float:
    return metrics.part_failures.labels("captcha")._value.get()


def refusal(captcha: Recaptcha, form: Form = SOLVED) -> str:
    with pytest.raises(CaptchaFailed) as refused:
        captcha.check(form, ADDRESS)
    assert refused.value.field == "captcha"
    return refused.value.sentence


def test_solved_captcha_passes_and_the_address_is_not_told(provider: StandIn) -> None:
    Recaptcha("secret-key", provider.url).check(SOLVED, ADDRESS)
    assert provider.asked == [{"secret": ["secret-key"], "response": ["solved"]}]


def test_form_without_an_answer_is_refused_without_asking(provider: StandIn) -> None:
    assert "tick its box" in refusal(Recaptcha("secret-key", provider.url), Form())
    assert provider.asked == []


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        (["invalid-input-response"], "solve it again"),
        (["timeout-or-duplicate"], "too old or used before"),
        ([], "solve it again"),
    ],
)
def test_refused_captcha_says_what_the_poster_can_do(
    provider: StandIn, codes: list[str], told: str
) -> None:
    before = failures()
    provider.says(**{"success": False, "error-codes": codes})
    assert told in refusal(Recaptcha("secret-key", provider.url))
    assert failures() == before, "nothing failed but the poster"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'"yes"',
        b'{"success": "true"}',
        b'{"success": 1}',
        b"{}",
        b"\xff\xfe",
        b'{"success": false, "error-codes": ["invalid-input-secret"]}',
        b'{"success": false, "error-codes": ["bad-request", "missing-input-response"]}',
    ],
)
def test_answer_that_means_nothing_lets_nobody_in(provider: StandIn, body: bytes) -> None:
    before = failures()
    provider.body = body
    assert NOT_CHECKED in refusal(Recaptcha("secret-key", provider.url))
    assert failures() == before + 1


@pytest.mark.parametrize("status", [302, 404, 429, 500, 503])
def test_answer_of_another_status_lets_nobody_in(provider: StandIn, status: int) -> None:
    provider.status = status
    provider.headers = {"Location": provider.url + "/elsewhere"}
    assert NOT_CHECKED in refusal(Recaptcha("secret-key", provider.url))
    assert len(provider.asked) == 1, "the secret goes nowhere else"


def test_slow_provider_is_given_up(provider: StandIn) -> None:
    before = failures()
    provider.may_answer.clear()
    assert NOT_CHECKED in refusal(Recaptcha("secret-key", provider.url, timeout_s=0.05))
    assert failures() == before + 1


def test_provider_that_is_down_lets_nobody_in() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/siteverify"
        before = failures()
        assert NOT_CHECKED in refusal(Recaptcha("secret-key", url))
        assert failures() == before + 1


def test_secret_is_in_no_representation() -> None:
    assert "secret-key" not in repr(Recaptcha("secret-key", "https://provider.example/"))


KEYS = {"RECAPTCHA_SECRET_KEY": "k", "RECAPTCHA_SITE_KEY": "6Lc"}


@pytest.mark.parametrize(
    ("environment", "provider", "when"),
    [
        ({}, "altcha", "never"),
        (KEYS, "recaptcha", "always"),
        ({"STILLBOARD_CAPTCHA": "altcha"}, "altcha", "always"),
        (KEYS | {"STILLBOARD_CAPTCHA": "picture"}, "picture", "always"),
    ],
)
def test_site_has_the_captcha_that_is_named_or_has_keys(
    database: Database, environment: dict[str, str], provider: str, when: str
) -> None:
    """And asks for it on boards that don't say themselves."""
    settings = Settings.read(environment | {"CSRF_KEY": "c" * 32})
    captcha = shown(settings)
    assert captcha is not None
    assert (captcha.provider, captcha.when) == (provider, when)
    assert provider in captchas.from_settings(settings, database, BoardList(database)).checks


def test_with_the_limits_off_there_is_none(database: Database) -> None:
    settings = Settings.read(KEYS | {"STILLBOARD_LIMITS": "off"})
    assert shown(settings) is None
    made = captchas.from_settings(settings, database, BoardList(database))
    assert (made.site, made.checks) == (None, {})


def test_widget_without_a_check_stops_the_writer(database: Database) -> None:
    """Else its board would look guarded, and take everything."""
    settings = Settings.read({"RECAPTCHA_SITE_KEY": "6Lc"})
    with pytest.raises(BadSetting, match="RECAPTCHA_SECRET_KEY"):
        captchas.from_settings(settings, database, BoardList(database))


def test_recaptcha_is_asked_where_its_provider_says(database: Database) -> None:
    captcha = recaptcha.from_settings(Settings.read(KEYS), database, BoardList(database))
    assert captcha.verify_url == "https://www.google.com/recaptcha/api/siteverify"
    assert captcha.timeout_s == 5


def test_check_without_a_widget_stops_the_start() -> None:
    with pytest.raises(BadSetting, match="RECAPTCHA_SITE_KEY"):
        Settings.read({"RECAPTCHA_SECRET_KEY": "k"})


# --- every provider ---


def test_every_provider_is_one_row_one_check_and_one_widget() -> None:
    """And nothing is there for one that has no row."""
    names = {provider.name for provider in PROVIDERS}
    assert len(names) == len(PROVIDERS)
    modules = {module.name for module in pkgutil.iter_modules(captchas.__path__)}
    widgets = {path.stem for path in (TEMPLATES_FOLDER / "captchas").iterdir()}
    assert modules == widgets == names


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_widget_loads_nothing_but_what_its_row_declares(provider: Provider) -> None:
    template = environment(ENGLISH).get_template(f"captchas/{provider.name}.html")
    captcha = ShownCaptcha(provider.name, "a-key", challenge=provider.challenge)
    html = template.render(captcha=captcha)
    for tag, kind in (("script", "script"), ("iframe", "frame"), ("img", "img")):
        for url in re.findall(rf'<{tag}[^>]* src="(https?:[^"]*)"', html):
            assert url.startswith(tuple(provider.sources.get(kind, ())))
    assert provider.sources.keys() <= {"script", "frame", "connect", "style", "img"}
    assert ("a-key" in html) == (provider.site_key_setting is not None)
    assert "<noscript>" in html, "who has no JavaScript is told what to do"


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_answer_to_a_captcha_is_never_shown_again(provider: Provider) -> None:
    assert provider.fields
    draft = {"body": "typed"} | dict.fromkeys(provider.fields, "an-answer-used-up")
    page = writer_pages.refused_page(
        sentence=Message("No."),
        status=403,
        draft=draft,
        board="b",
        thread=1,
        field="captcha",
        captcha=ShownCaptcha(provider.name, "a-key", challenge=provider.challenge),
    )
    assert "an-answer-used-up" not in page
