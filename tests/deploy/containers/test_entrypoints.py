"""What stands on the image's PATH, and the probe that health checks call."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from deploy import health_probe
from deploy.environment import ROOT
from tests.servers import nobody_listens

FOLDER = ROOT / "deploy/entrypoints"
PATH = f"{FOLDER}:{Path(sys.executable).parent}:{os.defpath}"


class _Answers(BaseHTTPRequestHandler):
    """/200 with 200, /503 with 503."""

    def do_GET(self) -> None:
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize(("status", "said"), [(200, ""), (204, ""), (404, "404"), (503, "503")])
def test_a_program_is_well_when_it_says_so(url: str, status: int, said: str) -> None:
    assert health_probe.complaint(f"{url}/{status}") == said
    assert health_probe.main([f"{url}/{status}"]) == (1 if said else 0)


def test_a_program_that_is_not_there_is_not_well() -> None:
    with nobody_listens() as port:
        assert "refused" in health_probe.complaint(f"http://127.0.0.1:{port}/healthz")


# --- each-night ---


def run_each_night(folder: Path, command: str) -> list[int]:
    """Run it with a sleep that is over at once; how long each would have been."""
    (folder / "sleep").write_text(f'#!/bin/sh\necho "$1" >>{folder}/slept\n')
    (folder / "sleep").chmod(0o755)
    subprocess.run(
        [FOLDER / "each-night", "02:00", "sh", "-c", command],
        env={"PATH": f"{folder}:{PATH}"},
        capture_output=True,
        check=True,
    )
    return [int(line) for line in (folder / "slept").read_text().split()]


def test_a_command_runs_each_night_and_ends_with_its_container(tmp_path: Path) -> None:
    (slept_s,) = run_each_night(tmp_path, f"touch {tmp_path}/ran; kill -TERM $PPID")
    assert (tmp_path / "ran").exists()
    assert 0 < slept_s <= 86_400


def test_a_night_that_goes_wrong_is_followed_by_the_next(tmp_path: Path) -> None:
    command = f"test -e {tmp_path}/again && kill -TERM $PPID; touch {tmp_path}/again; exit 1"
    assert len(run_each_night(tmp_path, command)) == 2


# --- write-nginx-conf ---


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder for nginx.conf, and the script with another place for certificates."""
    script = (FOLDER / "write-nginx-conf").read_text()
    (tmp_path / "write").write_text(script.replace("/certificates", f"{tmp_path}/certificates"))
    (tmp_path / "certificates").mkdir()
    return tmp_path


def write(site: Path, *options: str, more: str = "") -> subprocess.CompletedProcess[str]:
    given = ["--web-root=/srv/pages", "--run-dir=/tmp", "--writer=10.0.0.1:8000", *options]
    return subprocess.run(
        ["sh", site / "write", site, *given],
        env={"PATH": PATH, "PYTHONPATH": str(ROOT), "NGINX_OPTIONS": more},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_site_has_tls_as_soon_as_there_is_a_certificate(site: Path) -> None:
    assert write(site).returncode == 0
    assert "ssl_certificate" not in (site / "nginx.conf").read_text()
    for name in ("fullchain.pem", "privkey.pem"):
        (site / "certificates" / name).write_text("x")
    done = write(site)
    assert done.returncode == 0, done.stderr
    conf = (site / "nginx.conf").read_text()
    assert f"{site}/certificates/fullchain.pem" in conf


@pytest.mark.slow
def test_a_wrong_option_leaves_the_configuration_as_it_was(site: Path) -> None:
    write(site)
    before = (site / "nginx.conf").read_text()
    assert write(site, "--writer=not an address").returncode != 0
    assert (site / "nginx.conf").read_text() == before


@pytest.mark.slow
def test_more_options_come_from_the_environment(site: Path) -> None:
    assert write(site, more="--trusted-proxies=192.0.2.0/24 --rates=person").returncode == 0
    assert "set_real_ip_from 192.0.2.0/24" in (site / "nginx.conf").read_text()
