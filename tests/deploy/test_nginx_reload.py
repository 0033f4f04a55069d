"""nginx gets another configuration while it runs."""

from __future__ import annotations

import http.client
import os
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.embedded.nginx import Nginx
from deploy.embedded.service import ServiceFailed, children_of, free_port
from deploy.embedded.wheels import nginx_binary
from imageboard.words import LANGUAGES
from nginx.binary import abilities_of
from nginx.site import NginxSite
from tests.deploy.stand_ins import WAIT_S, eventually

pytestmark = pytest.mark.slow


@pytest.fixture
def site(tmp_path: Path) -> NginxSite:
    web_root = tmp_path / "public"
    web_root.mkdir()
    (web_root / "index.html").write_text("the front page")
    return NginxSite(
        web_root=web_root,
        writer_upstreams=("127.0.0.1:1",),
        run_dir=tmp_path / "nginx",
        listen_port=free_port(),
        worker_processes=1,
        binary=abilities_of(nginx_binary()),
    )


@pytest.fixture
def nginx(site: NginxSite, tmp_path: Path) -> Iterator[Nginx]:
    nginx = Nginx(site, log=tmp_path / "nginx.log")
    nginx.start()
    try:
        nginx.wait_until_ready()
        yield nginx
    finally:
        nginx.stop()


def reload(nginx: Nginx) -> None:
    before = children_of(nginx.pid)
    nginx.send(nginx.renew_signal)
    assert eventually(lambda: nginx.is_renewed(before))


def test_a_connection_that_was_just_used_outlives_the_reload(nginx: Nginx, site: NginxSite) -> None:
    """The worker of before goes on answering on it, and says with an answer that it is the last.

    It is used all along: at rest it is closed after seconds, and a busy machine takes as long.
    """
    client = http.client.HTTPConnection("127.0.0.1", site.listen_port, timeout=WAIT_S)
    assert status_and_connection(client) == (200, "keep-alive")
    nginx.send(nginx.renew_signal)
    assert eventually(lambda: status_and_connection(client) == (200, "close"))
    client.close()


def status_and_connection(client: http.client.HTTPConnection) -> tuple[int, str | None]:
    """Of the front page, over the connection that there is: it is not opened again."""
    client.auto_open = client.sock is None
    client.request("GET", "/", headers={"Connection": "keep-alive"})
    answer = client.getresponse()
    answer.read()
    return answer.status, answer.headers["Connection"]


def test_a_new_configuration_is_read_at_the_reload(
    nginx: Nginx, site: NginxSite, tmp_path: Path
) -> None:
    other_root = tmp_path / "other"
    other_root.mkdir()
    (other_root / "index.html").write_text("another front page")
    Nginx(replace(site, web_root=other_root)).renew_configuration()
    reload(nginx)
    # Workers of before may still take a connection while those of the new one begin.
    assert eventually(lambda: front_page(site) == "another front page")


def front_page(site: NginxSite) -> str:
    with urllib.request.urlopen(f"http://{site.listen}/") as answer:
        text: str = answer.read().decode()
        return text


def test_nginx_takes_what_it_is_to_say_in_every_language(site: NginxSite) -> None:
    for language in LANGUAGES.values():
        nginx = Nginx(site, language=language)
        nginx.renew_configuration()
        assert f'<html lang="{language.code}"' in nginx.configuration.read_text("utf-8")


def test_a_configuration_that_nginx_refuses_leaves_the_one_before_in_place(
    nginx: Nginx, site: NginxSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = nginx.configuration.read_text()
    monkeypatch.setattr(
        "deploy.embedded.nginx.nginx_configuration", lambda *_site: "no_such_directive on;"
    )
    with pytest.raises(ServiceFailed, match='unknown directive "no_such_directive"'):
        Nginx(site).renew_configuration()
    assert nginx.configuration.read_text() == before
    assert nginx.ready()


def test_an_nginx_that_died_starts_with_the_configuration_that_was_brought_meanwhile(
    nginx: Nginx,
) -> None:
    """Whoever started it may be of an older version than the templates beside it by now."""
    text = nginx.configuration.read_text() + "# of the new version\n"
    nginx.configuration.write_text(text)
    assert nginx.pid
    os.kill(nginx.pid, 9)
    nginx.kill()
    nginx.start()
    nginx.wait_until_ready()
    assert nginx.configuration.read_text() == text
