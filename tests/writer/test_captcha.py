"""reCAPTCHA, against a provider of our own that says what a test tells it to."""

from __future__ import annotations

import ipaddress
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from imageboard.errors import CaptchaFailed
from imageboard.settings import Settings
from monitoring import metrics
from writer.captcha import Captcha
from writer.forms import Form

ADDRESS = ipaddress.ip_address("192.0.2.7")
SOLVED = Form({"g-recaptcha-response": "solved"})
NOT_CHECKED = "can't be checked just now"


@dataclass
class Provider:
    """Answers each call with `status` and `body`; remembers what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = b'{"success": true}'
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    #: Cleared: the answer is held back.
    may_answer: threading.Event = field(default_factory=threading.Event)

    def says(self, **answer: Any) -> None:
        self.body = json.dumps(answer).encode()


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    provider.may_answer.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            provider.asked.append(parse_qs(sent))
            provider.may_answer.wait()
            self.send_response(provider.status)
            for name, value in provider.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(provider.body)))
            self.end_headers()
            self.wfile.write(provider.body)

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_args: object) -> None:
            """Quiet too: a client that gave up is what a test is about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        provider.url = f"http://127.0.0.1:{server.server_port}/siteverify"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield provider
        finally:
            provider.may_answer.set()
            server.shutdown()
            thread.join()


def failures() -> float:
    return metrics.part_failures.labels("captcha")._value.get()


def refusal(captcha: Captcha, form: Form = SOLVED) -> str:
    with pytest.raises(CaptchaFailed) as refused:
        captcha.check(form, ADDRESS)
    assert refused.value.field == "captcha"
    return refused.value.sentence


def test_solved_captcha_passes_and_the_address_is_not_told(provider: Provider) -> None:
    Captcha("secret-key", provider.url).check(SOLVED, ADDRESS)
    assert provider.asked == [{"secret": ["secret-key"], "response": ["solved"]}]


def test_form_without_an_answer_is_refused_without_asking(provider: Provider) -> None:
    assert "tick its box" in refusal(Captcha("secret-key", provider.url), Form())
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
    provider: Provider, codes: list[str], told: str
) -> None:
    before = failures()
    provider.says(**{"success": False, "error-codes": codes})
    assert told in refusal(Captcha("secret-key", provider.url))
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
def test_answer_that_means_nothing_lets_nobody_in(provider: Provider, body: bytes) -> None:
    before = failures()
    provider.body = body
    assert NOT_CHECKED in refusal(Captcha("secret-key", provider.url))
    assert failures() == before + 1


@pytest.mark.parametrize("status", [302, 404, 429, 500, 503])
def test_answer_of_another_status_lets_nobody_in(provider: Provider, status: int) -> None:
    provider.status = status
    provider.headers = {"Location": provider.url + "/elsewhere"}
    assert NOT_CHECKED in refusal(Captcha("secret-key", provider.url))
    assert len(provider.asked) == 1, "the secret goes nowhere else"


def test_slow_provider_is_given_up(provider: Provider) -> None:
    before = failures()
    provider.may_answer.clear()
    assert NOT_CHECKED in refusal(Captcha("secret-key", provider.url, timeout_s=0.05))
    assert failures() == before + 1


def test_provider_that_is_down_lets_nobody_in() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/siteverify"
        before = failures()
        assert NOT_CHECKED in refusal(Captcha("secret-key", url))
        assert failures() == before + 1


def test_secret_is_in_no_representation() -> None:
    assert "secret-key" not in repr(Captcha("secret-key", "https://provider.example/"))


@pytest.mark.parametrize(
    ("environment", "is_on"),
    [
        ({}, False),
        ({"RECAPTCHA_SECRET_KEY": "k"}, True),
        ({"RECAPTCHA_SECRET_KEY": "k", "STILLBOARD_LIMITS": "off"}, False),
    ],
)
def test_captcha_is_on_when_its_key_is_set(environment: dict[str, str], is_on: bool) -> None:
    captcha = Captcha.from_settings(Settings.read(environment))
    assert (captcha is not None) == is_on
    if captcha is not None:
        assert captcha.verify_url == "https://www.google.com/recaptcha/api/siteverify"
        assert captcha.timeout_s == 5
