"""The checklist of `doctor --production`, against a real nginx with TLS and a real database."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.backups import record
from deploy.embedded.service import free_port
from deploy.production import Item, Production
from imageboard.settings import Settings
from nginx.site import NginxSite
from nginx.tls import Tls
from tests.nginx.certificates import a_certificate
from tests.nginx.front import Front

SECRET = "c2VjcmV0IG9mIDMyIGJ5dGVzLCBhcyBiYXNlNjQgaGFzIGl0"
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
ENDS_IN_DAYS = 60


@pytest.fixture(scope="module")
def site_url(short_folder: Path) -> Iterator[str]:
    """A site of one page, with the configuration for production; this process trusts it."""
    web_root, run_dir = short_folder / "public", short_folder / "run"
    for folder in (web_root, run_dir):
        folder.mkdir(exist_ok=True)
    for suffix in ("", ".gz", ".br"):
        (web_root / f"index.html{suffix}").write_bytes(b"<p>front page</html>")
    made = a_certificate(short_folder, "localhost", days=ENDS_IN_DAYS)
    site = NginxSite(
        web_root=web_root,
        writer_upstreams=(f"unix:{short_folder}/none.sock",),
        run_dir=run_dir,
        listen_port=free_port(),
        server_names=("localhost",),
        tls=Tls(made.certificate, made.key, listen_port=free_port()),
        health_networks=("192.0.2.0/24",),
        user="root root",
    )
    assert site.tls
    with pytest.MonkeyPatch.context() as patch, Front(site):
        patch.setenv("SSL_CERT_FILE", str(made.certificate))
        yield f"https://localhost:{site.tls.listen_port}"


@pytest.fixture
def settings(database_url: str, site_url: str) -> Settings:
    """A board that is ready, as far as a test can make it so."""
    return Settings.read(
        {
            "ENVIRONMENT": "production",
            "DATABASE_URL": database_url,
            "REDIS_URL": "redis://127.0.0.1:1",
            "STILLBOARD_SITE_URL": site_url,
            "STILLBOARD_ADDRESS_KEY": SECRET,
            "CSRF_KEY": SECRET,
            "STILLBOARD_SECURE_TRIP_SALT": SECRET,
            "STILLBOARD_LOG_KEY": SECRET,
            "STILLBOARD_BACKUP_TO": "/srv/backups",
            "STILLBOARD_BACKUP_RECIPIENTS": RECIPIENT,
        }
    )


def item(settings: Settings, data: Path, name: str) -> Item:
    """One line of the checklist."""
    return next(one for one in Production(settings, data).items() if one.name == name)


@pytest.mark.parametrize(
    "name",
    [
        "settings: production",
        "settings: address",
        "CSRF",
        "DNS",
        "certificate",
        "headers",
        "XSS",
        "health checks",
        "rate limits",
        "rate limits: addresses",
        "logs",
        "backups: set up",
    ],
)
def test_board_that_is_ready_is_found_so(settings: Settings, tmp_path: Path, name: str) -> None:
    found = item(settings, tmp_path, name)
    assert found.verdict == "fine", found


def test_secrets_of_their_length_are_fine(settings: Settings, tmp_path: Path) -> None:
    strong = settings.database_url.replace("board-password", SECRET)
    found = item(replace(settings, database_url=strong), tmp_path, "settings: secrets")
    assert found.verdict == "fine", found


def test_certificate_says_how_long_it_is_good(settings: Settings, tmp_path: Path) -> None:
    assert f"good for {ENDS_IN_DAYS} days" in item(settings, tmp_path, "certificate").seen


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"environment": "development"}, "settings: production", "development"),
    ({"environment": "development"}, "logs", "for people"),
    ({"log_level": "DEBUG"}, "logs", "DEBUG"),
    ({"site_url": "http://example.org"}, "settings: address", "http://example.org"),
    ({"csrf_key": b"short"}, "settings: secrets", "CSRF_KEY"),
    ({"database_url": "postgresql://a:b@127.0.0.1:1/c"}, "settings: secrets", "DATABASE_URL"),
    ({"csrf_key": b""}, "CSRF", "no CSRF_KEY"),
    ({"limits": False}, "rate limits", "off"),
    ({"cdn_zone_id": "zone"}, "rate limits: addresses", "share"),
    ({"site_url": "https://nobody.invalid"}, "DNS", "nobody.invalid"),
    ({"backup_to": ""}, "backups: set up", "not set"),
    ({"metrics_listen": ""}, "monitoring", "not set"),
    ({"metrics_listen": "127.0.0.1:1"}, "monitoring", "no metrics at"),
    ({}, "backups: newest full", "never"),
    ({}, "backups: newest wal", "never"),
    ({}, "backups: tested by a drill", "never"),
]


#: What hides an item: one that is not to be reached, nowhere, or in a bad moment.
HIDDEN: list[tuple[dict[str, Any], str, str]] = [
    *(
        ({"site_url": site_url}, name, seen)
        for site_url, seen in (
            ("", "which site?"),
            ("https://nobody.invalid", "nobody.invalid"),
            ("https://127.0.0.1:1", "127.0.0.1:1"),
        )
        for name in ("certificate", "headers", "XSS", "health checks")
    ),
    ({"site_url": ""}, "DNS", "which site?"),
    ({"database_url": "postgresql://a:b@127.0.0.1:1/c"}, "pooling", "can't be reached"),
]


@pytest.mark.parametrize(("changed", "name", "seen"), HIDDEN)
def test_what_could_not_be_looked_at_is_not_called_wrong(
    settings: Settings, tmp_path: Path, changed: dict[str, Any], name: str, seen: str
) -> None:
    found = item(replace(settings, **changed), tmp_path, name)
    assert found.verdict == "not looked at", found
    assert seen in found.seen
    assert found.mend


def test_name_that_no_server_can_be_asked_for_at_the_moment_is_not_called_wrong(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def first_nobody_answers(*arguments: Any, **named: Any) -> Any:
        asked.append(arguments)
        if len(asked) == 1:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", first_nobody_answers)
    assert item(settings, tmp_path, "DNS").verdict == "not looked at"
    assert item(settings, tmp_path, "DNS").verdict == "fine"


@pytest.mark.parametrize(("changed", "name", "seen"), WRONG)
def test_what_is_not_ready_is_named_with_its_mend(
    settings: Settings, tmp_path: Path, changed: dict[str, Any], name: str, seen: str
) -> None:
    found = item(replace(settings, **changed), tmp_path, name)
    assert found.verdict == "wrong", found
    assert seen in found.seen
    assert found.mend


@pytest.mark.slow
def test_changes_that_are_not_backed_up_are_for_the_operator_to_judge(
    settings: Settings, tmp_path: Path
) -> None:
    of_dumps = replace(settings, backup_wal=False)
    for name in ("backups: newest wal", "backups: tested by a drill"):
        assert item(of_dumps, tmp_path, name).verdict == "by hand"
    assert item(of_dumps, tmp_path, "backups: newest full").verdict == "wrong"


def test_certificate_that_nobody_trusts_is_wrong(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    found = item(settings, tmp_path, "certificate")
    assert found.verdict == "wrong"
    assert "self-signed" in found.seen


@pytest.mark.parametrize(("age_s", "verdict"), [(60.0, "fine"), (27 * 3600.0, "wrong")])
def test_backup_is_wrong_once_it_is_too_old(
    settings: Settings, tmp_path: Path, age_s: float, verdict: str
) -> None:
    (tmp_path / "backups").mkdir()
    record.note(tmp_path / "backups", "full", ok=True, at_s=time.time() - age_s)
    assert item(settings, tmp_path, "backups: newest full").verdict == verdict


@pytest.mark.slow
def test_more_connections_than_postgresql_takes_are_wrong(
    settings: Settings, tmp_path: Path
) -> None:
    assert item(settings, tmp_path, "pooling").verdict == "fine"
    greedy = replace(settings, database_connections_max=100)
    assert item(greedy, tmp_path, "pooling").verdict == "wrong"
