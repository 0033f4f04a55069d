"""Captchas of other people, against a provider of our own that says what a test tells it to."""

from __future__ import annotations

import ipaddress
import pkgutil
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import falcon
import pytest

from imageboard.captchas import INSTEAD_URL, PROVIDERS, Provider, ShownCaptcha, shown
from imageboard.errors import BadSetting, CaptchaFailed
from imageboard.settings import Settings
from imageboard.store.database import Database
from imageboard.words import ENGLISH, Message
from monitoring import metrics
from templates import writer_pages
from templates.engine import TEMPLATES_FOLDER, environment
from tests.deploy.stand_ins import WAIT_S
from tests.writer.captcha_stand_in import StandIn, a_stand_in
from writer import captchas
from writer.board_list import BoardList
from writer.captchas.hcaptcha import Hcaptcha
from writer.captchas.picture import PictureCaptcha
from writer.captchas.recaptcha import Recaptcha
from writer.captchas.turnstile import Turnstile
from writer.forms import Form
from writer.outage import AWAY_S, LOOK_EVERY_S, Instead
from writer.siteverify import Siteverify

ADDRESS = ipaddress.ip_address("192.0.2.7")
NOT_CHECKED = "can't be checked just now"
LETTERS_INSTEAD = "Type the letters of the picture instead"
KINDS = (Recaptcha, Hcaptcha, Turnstile)


class Clock:
    """Of a test, which says when time passes."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def provider() -> Iterator[StandIn]:
    with a_stand_in() as provider:
        yield provider


def a_captcha(url: str, kind: type[Siteverify] = Recaptcha, **how: Any) -> Siteverify:
    """Without a database, which only letters need. It waits as long as a busy machine needs."""
    instead = Instead(b"k" * 32, how.pop("database", None), how.pop("clock", Clock()))
    return kind("secret-key", url, instead, **({"timeout_s": WAIT_S} | how))


def solved(kind: type[Siteverify] = Recaptcha, response: str = "solved") -> Form:
    return Form({kind.provider.fields[0]: response})


def failures() -> float:
    return metrics.part_failures.labels("captcha")._value.get()


def refusal(captcha: Siteverify, form: Form | None = None) -> str:
    with pytest.raises(CaptchaFailed) as refused:
        captcha.check(solved(type(captcha)) if form is None else form, ADDRESS)
    assert refused.value.field == "captcha"
    return refused.value.sentence


@pytest.mark.parametrize("kind", KINDS)
def test_solved_captcha_passes_and_the_address_is_not_told(
    provider: StandIn, kind: type[Siteverify]
) -> None:
    a_captcha(provider.url, kind).check(solved(kind), ADDRESS)
    assert provider.asked == [{"secret": ["secret-key"], "response": ["solved"]}]


def test_each_answer_is_refused_that_the_provider_has_seen_before(provider: StandIn) -> None:
    """It is the provider who takes each once, of all writers."""
    for kind in KINDS:
        for code in kind.sentences:
            provider.says(**{"success": False, "error-codes": [code]})
            assert "was not solved" in refusal(a_captcha(provider.url, kind))
    seen = {Recaptcha: "timeout-or-duplicate", Hcaptcha: "already-seen-response"}
    for kind in KINDS:
        code = seen.get(kind, "timeout-or-duplicate")
        provider.says(**{"success": False, "error-codes": [code]})
        assert "used before" in refusal(a_captcha(provider.url, kind))


def test_form_without_an_answer_is_refused_and_the_provider_looked_for_once(
    provider: StandIn,
) -> None:
    clock = Clock()
    captcha = a_captcha(provider.url, clock=clock)
    provider.says(**{"success": False, "error-codes": ["invalid-input-response"]})
    for _ in range(3):
        assert "tick its box" in refusal(captcha, Form())
    assert len(provider.asked) == 1
    clock.now += LOOK_EVERY_S
    assert "tick its box" in refusal(captcha, Form())
    assert len(provider.asked) == 2


@pytest.mark.parametrize("response", ["two words", "ä", "x" * 16_001, "a\nb"])
def test_answer_that_no_provider_makes_is_sent_to_none(provider: StandIn, response: str) -> None:
    assert "solve it again" in refusal(a_captcha(provider.url), solved(response=response))
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
    assert told in refusal(a_captcha(provider.url))
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
    ],
)
def test_answer_that_means_nothing_lets_nobody_in(provider: StandIn, body: bytes) -> None:
    before = failures()
    provider.body = body
    assert LETTERS_INSTEAD in refusal(a_captcha(provider.url))
    assert failures() == before + 1


@pytest.mark.parametrize("status", [302, 429, 500, 503])
def test_answer_of_another_status_lets_nobody_in(provider: StandIn, status: int) -> None:
    provider.status = status
    provider.headers = {"Location": provider.url + "/elsewhere"}
    assert LETTERS_INSTEAD in refusal(a_captcha(provider.url))
    assert len(provider.asked) == 1, "the secret goes nowhere else"


def test_outage_is_none_that_a_poster_could_bring_about(provider: StandIn) -> None:
    """Whoever finds letters easier must not be able to send for them."""
    captcha = a_captcha(provider.url)
    provider.says(**{"success": False, "error-codes": ["bad-request"]})
    assert refusal(captcha).endswith("Try again in a moment.")
    provider.status = 400
    assert refusal(captcha).endswith("Try again in a moment.")
    assert not captcha.instead.is_asked


def test_slow_provider_is_given_up(provider: StandIn) -> None:
    before = failures()
    provider.may_answer.clear()
    assert LETTERS_INSTEAD in refusal(a_captcha(provider.url, timeout_s=0.05))
    assert failures() == before + 1


@contextmanager
def an_address_without_a_server() -> Iterator[str]:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # and does not listen
        yield f"http://127.0.0.1:{unused.getsockname()[1]}/siteverify"


@pytest.mark.parametrize("kind", KINDS)
def test_provider_that_is_down_lets_nobody_in_without_letters(kind: type[Siteverify]) -> None:
    """Nor those whose browsers could not even load its widget."""
    for form in (None, Form()):
        with an_address_without_a_server() as url:
            before = failures()
            assert NOT_CHECKED in refusal(a_captcha(url, kind), form)
            assert failures() == before + 1


def _of_tls(provider: StandIn) -> str:
    return provider.url.replace("http:", "https:")


def _of_no_name(_provider: StandIn) -> str:
    return "http://captcha.invalid/siteverify"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("fails", "url"),
    [
        ({"status": 500}, None),
        ({"body": b"<html>Bad gateway"}, None),
        ({"body": b'{"success": true}', "breaks_off_at": 9}, None),
        ({"body": b'{"success": true}' + b" " * 40, "drip_s": 0.05}, None),
        ({"hangs": True}, None),
        ({}, _of_tls),
        ({}, _of_no_name),
    ],
    ids=["status", "garbage", "breaks off", "drips", "hangs", "TLS", "DNS"],
)
def test_whatever_fails_letters_are_asked_for_until_the_provider_is_there_again(
    provider: StandIn,
    kind: type[Siteverify],
    fails: dict[str, Any],
    url: Callable[[StandIn], str] | None,
) -> None:
    """The first try fails, the one after the outage passes."""
    clock = Clock()
    captcha = a_captcha(url(provider) if url else provider.url, kind, timeout_s=0.3, clock=clock)
    well = replace(provider)
    if fails.get("hangs"):
        provider.may_answer.clear()
    for name, value in fails.items():
        setattr(provider, name, value)
    assert LETTERS_INSTEAD in refusal(captcha)
    assert captcha.instead.is_asked
    for thread in threading.enumerate():
        if thread.name == "siteverify":
            thread.join()  # nobody goes on reading
    provider.may_answer.set()
    for name in ("status", "body", "drip_s", "breaks_off_at"):
        setattr(provider, name, getattr(well, name))
    clock.now += AWAY_S
    replace(captcha, verify_url=provider.url, timeout_s=WAIT_S).check(solved(kind), ADDRESS)
    assert not captcha.instead.is_asked


def test_outage_is_remembered_for_a_moment_and_then_the_provider_is_asked_again(
    provider: StandIn,
) -> None:
    """So that not each poster waits for it in vain."""
    clock = Clock()
    captcha = a_captcha(provider.url, clock=clock)
    provider.status = 503
    for _ in range(10):
        assert LETTERS_INSTEAD in refusal(captcha)
    assert len(provider.asked) == 1
    provider.status = 200
    clock.now += AWAY_S
    captcha.check(solved(), ADDRESS)
    assert len(provider.asked) == 2


def test_in_an_outage_letters_are_read_instead_by_every_writer(database: Database) -> None:
    """By letters that were handed out in it: those of `/captcha/picture` are none of them."""
    with an_address_without_a_server() as url:
        captcha, another_writers = (a_captcha(url, database=database) for _ in range(2))
        refusal(captcha)
        shown = captcha.instead.shown(ShownCaptcha("recaptcha", "6Lc", "threads"))
        assert shown.challenge
        told = shown.to_json()
        assert (told["provider"], told["site_key"], told["when"]) == ("picture", "", "threads")
        address, ticket = shown.challenge.split("?ticket=")
        assert address == INSTEAD_URL
        fresh = another_writers.instead.challenge(ticket)
        asked = captcha.instead.picture.opened(fresh["id"])
        assert asked
        form = Form({"captcha_id": fresh["id"], "captcha_text": asked.text})
        another_writers.check(form, ADDRESS)
        with pytest.raises(CaptchaFailed, match="typed before"):
            captcha.check(form, ADDRESS)
        usual = PictureCaptcha(b"k" * 32, database, "/captcha/picture.wav")
        other = Form({"captcha_id": usual.fresh_id("HAMLET"), "captcha_text": "HAMLET"})
        with pytest.raises(CaptchaFailed, match="too old"):
            captcha.check(other, ADDRESS)


@pytest.mark.parametrize("ticket", ["", "1", f"9999999999-{'0' * 64}", "x" * 500])
def test_nobody_gets_such_letters_without_a_ticket(ticket: str) -> None:
    instead = a_captcha("http://nowhere.invalid/").instead
    old = instead._ticket(1)
    for sent in (ticket, old):
        with pytest.raises(falcon.HTTPNotFound):
            instead.challenge(sent)


def test_secret_is_in_no_representation() -> None:
    assert "secret-key" not in repr(a_captcha("https://provider.example/"))


KEYS = {"RECAPTCHA_SECRET_KEY": "k", "RECAPTCHA_SITE_KEY": "6Lc"}
HCAPTCHA = {"HCAPTCHA_SECRET_KEY": "k", "HCAPTCHA_SITE_KEY": "10000000-ffff"}
TURNSTILE = {"TURNSTILE_SECRET_KEY": "k", "TURNSTILE_SITE_KEY": "0x4AAA"}


@pytest.mark.parametrize(
    ("environment", "provider", "when"),
    [
        ({}, "altcha", "never"),
        (KEYS, "recaptcha", "always"),
        (HCAPTCHA, "hcaptcha", "always"),
        (TURNSTILE, "turnstile", "always"),
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


@pytest.mark.parametrize("keys", [KEYS, HCAPTCHA, TURNSTILE], ids=["re", "h", "turnstile"])
def test_widget_and_check_stand_together_or_nothing_starts(
    database: Database, keys: dict[str, str]
) -> None:
    """Without a check its board would look guarded, and take everything; without a widget, none."""
    (secret, site) = keys
    alone = Settings.read({site: "6Lc"})
    with pytest.raises(BadSetting, match=secret):
        captchas.from_settings(alone, database, BoardList(database))
    with pytest.raises(BadSetting, match=site):
        Settings.read({secret: "k"})


@pytest.mark.parametrize(
    ("keys", "url"),
    [
        (KEYS, "https://www.google.com/recaptcha/api/siteverify"),
        (HCAPTCHA, "https://api.hcaptcha.com/siteverify"),
        (TURNSTILE, "https://challenges.cloudflare.com/turnstile/v0/siteverify"),
    ],
)
def test_provider_is_asked_where_it_says(
    database: Database, keys: dict[str, str], url: str
) -> None:
    settings = Settings.read(keys | {"CSRF_KEY": "c" * 32})
    (check,) = captchas.from_settings(settings, database, BoardList(database)).checks.values()
    assert isinstance(check, Siteverify)
    assert (check.verify_url, check.timeout_s) == (url, 5)


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
            sources = [re.escape(each) for each in provider.sources.get(kind, ())]
            assert re.match("|".join(sources).replace(r"\*", "[a-z]+") or "nothing", url)
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
