"""The units of a server without containers: what they start is there, and can do little else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from deploy.environment import ROOT
from imageboard.settings import Settings
from tests.deploy.containers import programs
from tests.deploy.stand_ins import WAIT_S
from tests.tables import for_each

UNITS = ROOT / "deploy/systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
#: Where a checkout lies on such a server.
CHECKOUT = "/opt/stillboard/"
#: 0 is nothing to win from a service, 10 everything; `systemctl` calls 2 and less "OK".
EXPOSURE_MAX = 2.0


def lines(name: str, option: str) -> list[str]:
    """Every value of an option, in order."""
    return [
        line.partition("=")[2]
        for line in (UNITS / name).read_text().splitlines()
        if line.startswith(f"{option}=")
    ]


@pytest.mark.slow
@for_each("name", SERVICES)
def test_what_a_unit_starts_is_in_the_checkout(name: str) -> None:
    for option in ("ExecStartPre", "ExecStart", "ExecReload"):
        for line in lines(name, option):
            command, *arguments = without_env(line)
            if command == f"{CHECKOUT}.venv/bin/python":
                programs.check(["python", *_paths_checked(arguments)])
            elif command.startswith(CHECKOUT):
                path = ROOT / command.removeprefix(CHECKOUT)
                assert path.stat().st_mode & 0o111, line
                words = [word for word in arguments if not word.startswith("$")]
                programs.check([path.name, *words])
            else:
                assert command in {"/bin/kill", "/usr/sbin/nginx"}, line


def without_env(line: str) -> list[str]:
    """'/usr/bin/env A=b command …' -> ['command', …]"""
    words = line.split()
    if words[0] == "/usr/bin/env":
        words = words[1:]
        while "=" in words[0]:
            words = words[1:]
    return words


def _paths_checked(arguments: list[str]) -> list[str]:
    for argument in arguments:
        if argument.startswith(CHECKOUT):
            assert (ROOT / argument.removeprefix(CHECKOUT)).exists(), argument
    return arguments


@for_each("name", SERVICES)
def test_settings_that_a_unit_gives_exist(name: str) -> None:
    known = {row.name for row in Settings.rows()}
    python = {"PYTHONPATH", "PYTHONSAFEPATH", "PYTHONUNBUFFERED", "MALLOC_ARENA_MAX", "PATH"}
    for line in [
        *lines(name, "Environment"),
        *lines("stillboard-.service.d/confined.conf", "Environment"),
    ]:
        for pair in line.split():
            assert pair.partition("=")[0] in known | python | programs.OTHER_NAMES, pair


#: Enabled by whoever wants them.
ASKED_FOR = {
    "stillboard-backup.service",
    "stillboard-backup-wal.service",
    "stillboard-courier.service",
}


def test_the_target_wants_every_service_that_need_not_be_asked_for() -> None:
    wanted = " ".join(lines("stillboard.target", "Wants")).replace("@1.", "@.").split()
    assert set(SERVICES) - ASKED_FOR == {name for name in wanted if name.endswith(".service")}


def test_courier_is_enabled_with_the_target_and_says_what_prometheus_is_to_be_told() -> None:
    name = "stillboard-courier.service"
    assert lines(name, "WantedBy") == ["stillboard.target"]
    (start,) = lines(name, "ExecStart")
    (address,) = re.findall(r"STILLBOARD_METRICS_LISTEN=(\S+)", start)
    comment = (UNITS / name).read_text().partition("[Unit]")[0]
    assert f"{address}, program courier" in comment


@for_each("name", [name for name in SERVICES if lines(name, "Type") != ["oneshot"]])
def test_a_service_that_dies_is_started_again_however_often(name: str) -> None:
    """By default systemd gives a unit up that has died five times in ten seconds."""
    assert lines(name, "Restart") == ["always"]
    assert lines("stillboard-.service.d/confined.conf", "StartLimitIntervalSec") == ["0"]


def test_every_kind_of_unit_is_copied_by_the_documented_line() -> None:
    text = (ROOT / "docs/containers.md").read_text()
    (copied,) = re.findall(r"^cp -r (.*?) /etc/systemd/system/$", text, re.MULTILINE | re.DOTALL)
    patterns = [Path(word).name for word in copied.split() if word != "\\"]
    left = {
        path
        for path in UNITS.iterdir()
        if path.suffix in {".service", ".socket", ".target", ".timer", ".d"}
    }
    for pattern in patterns:
        left -= set(UNITS.glob(pattern))
    assert left == set()


def test_each_program_shows_its_figures_where_prometheus_is_told() -> None:
    told = (UNITS / "prometheus-targets.json").read_text()
    for name in set(SERVICES) - ASKED_FOR:
        for word in " ".join(lines(name, "ExecStart")).split():
            if word.startswith("STILLBOARD_METRICS_LISTEN="):
                assert f'"{word.partition("=")[2].replace("%i", "1")}"' in told, name


def in_force(name: str, option: str) -> list[str]:
    """What systemd gathers of an option from our drop-ins and the unit; an empty one forgets."""
    drop_ins = ["stillboard-.service.d/confined.conf"]
    drop_ins += sorted(str(path.relative_to(UNITS)) for path in UNITS.glob(f"{name}.d/*.conf"))
    assert drop_ins == sorted(drop_ins, key=lambda path: Path(path).name), "in this order"
    gathered: list[str] = []
    for value in [value for each in (name, *drop_ins) for value in lines(each, option)]:
        gathered = [*gathered, value] if value else []
    return gathered


def test_nginx_is_another_user_without_the_programs_secrets() -> None:
    """What strangers speak to can read the pages of the board's folder, and nothing else of it."""
    nginx = "stillboard-nginx.service"
    users = {name: in_force(name, "User")[-1] for name in SERVICES}
    assert {name for name, user in users.items() if user == users[nginx]} == {nginx}
    assert in_force(nginx, "EnvironmentFile") == ["/etc/stillboard/nginx-options"]
    assert in_force(nginx, "StateDirectory") == [], "it would be made its own"
    assert in_force(nginx, "TemporaryFileSystem") == ["/var/lib/stillboard:ro"]
    assert in_force(nginx, "BindReadOnlyPaths") == ["/var/lib/stillboard/public"]
    assert in_force(nginx, "SupplementaryGroups") == in_force("stillboard-writer.service", "Group")
    assert lines("stillboard-writer.socket", "SocketGroup") == ["stillboard"]
    for name in set(SERVICES) - {nginx}:
        assert in_force(name, "UMask") == ["0027"], name
        assert "stillboard/public" in in_force(name, "StateDirectory")[-1].split()


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root folder with our units, systemd's own targets, and everything that is started."""
    root = tmp_path_factory.mktemp("root")
    shutil.copytree(UNITS, root / "etc/systemd/system")
    own = root / "usr/lib/systemd/system"
    own.mkdir(parents=True)
    for path in Path("/lib/systemd/system").glob("*.target"):
        shutil.copy(path, own)
    for name in SERVICES:
        for option in ("ExecStartPre", "ExecStart", "ExecReload"):
            for line in lines(name, option):
                for word in (line.split()[0], without_env(line)[0]):
                    program = root / word.lstrip("/")
                    program.parent.mkdir(parents=True, exist_ok=True)
                    program.write_text("")
                    program.chmod(0o755)
    return root


def _instance(name: str) -> str:
    return name.replace("@.", "@1.")


@pytest.mark.slow
@pytest.mark.needs("systemd-analyze")
@for_each("name", SERVICES)
def test_systemd_understands_a_unit(machine: Path, name: str) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", f"--root={machine}", "--man=no", _instance(name)],
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in done.stderr.splitlines() if "stillboard" in line]
    assert complaints == []


@pytest.mark.needs("systemd-analyze")
@for_each("name", SERVICES)
def test_little_is_to_be_won_from_a_service(machine: Path, name: str) -> None:
    done = subprocess.run(
        [
            *("systemd-analyze", "security", "--offline=true", f"--root={machine}"),
            *(f"--threshold={EXPOSURE_MAX * 10:.0f}", _instance(name)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


@pytest.mark.board
@pytest.mark.needs("systemd-socket-activate")
def test_the_writer_takes_over_the_socket_that_systemd_holds(socket_dir: Path) -> None:
    """It answers on it, over the bind of its settings; posts that came before it started wait."""
    socket = socket_dir / "w.sock"
    (start,) = lines("stillboard-writer.service", "ExecStart")
    command = (
        " ".join(without_env(start))
        .replace(f"{CHECKOUT}.venv/bin/python", sys.executable)
        .replace(CHECKOUT, f"{ROOT}/")
    )
    settings = {
        "DATABASE_URL": f"postgresql://stillboard@%2F{socket_dir.name}/none",
        "REDIS_URL": f"unix://{socket_dir}/none.sock",
        "STILLBOARD_ADDRESS_KEY": "k" * 32,
        "CSRF_KEY": "k" * 32,
        "STILLBOARD_DATA": str(socket_dir / "data"),
        "PYTHONPATH": str(ROOT),
    }
    given = [f"--setenv={name}={value}" for name, value in settings.items()]
    process = subprocess.Popen(
        ["systemd-socket-activate", f"--listen={socket}", *given, *command.split()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        transport = httpx.HTTPTransport(uds=str(socket), retries=20)
        with httpx.Client(transport=transport, base_url="http://writer", timeout=WAIT_S) as writer:
            assert writer.get("/healthz").text == "alive\n"
    finally:
        process.terminate()
        process.wait()
