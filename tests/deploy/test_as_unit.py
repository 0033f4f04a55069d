"""A command where systemd runs the programs: it is who they are and knows what they know."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.as_unit import UNIT
from deploy.environment import ROOT

USER = pwd.getpwuid(os.geteuid()).pw_name
#: What stands in for the command says who and where it is, and what it was told.
TOLD = "import json, os, sys; print(json.dumps([os.geteuid(), os.getcwd(), dict(os.environ)]))"


@pytest.fixture
def machine(socket_dir: Path) -> Path:
    """A folder with a `systemctl` that knows our unit, and the unit's settings."""
    socket_dir.chmod(0o755)
    (socket_dir / "env").write_text(
        f"# comment\nPYTHONPATH={socket_dir}\n"
        'STILLBOARD_SITE_NAME="Tea & kettles"\nLOG_LEVEL=WARNING\n'
    )
    (socket_dir / "env").chmod(0o600)
    tell(socket_dir, "loaded", USER)
    return socket_dir


def tell(machine: Path, state: str, user: str) -> None:
    """What `systemctl show` says, in its own form."""
    (machine / "told").write_text(
        f"LoadState={state}\nUser={user}\nWorkingDirectory=/\n"
        f"EnvironmentFiles={machine}/env (ignore_errors=no)\n"
        'Environment=STILLBOARD_DATA=/srv/board "STILLBOARD_SITE_NAME=of the unit" LOG_LEVEL=INFO\n'
    )
    systemctl = machine / "systemctl"
    systemctl.write_text(f'#!/bin/sh\n[ "$2" = {UNIT} ] && cat {machine}/told\n')
    systemctl.chmod(0o755)


def run(machine: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "deploy.as_unit", *arguments],
        env={"PATH": f"{machine}:/usr/bin:/bin", "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_command_runs_as_the_units_user_with_its_settings(machine: Path) -> None:
    """Without those of the caller, whatever they are; a value is not for a shell to read."""
    shadow = machine / "cli"
    shadow.mkdir()
    (shadow / "__main__.py").write_text(TOLD)
    (shadow / "__init__.py").write_text("")
    environ = {"PYTHONPATH": f"{machine}:{ROOT}", "DATABASE_URL": "postgresql://of/caller"}
    done = run(machine, "status", **environ)
    assert done.returncode == 0, done.stderr
    user_id, folder, told = json.loads(done.stdout)
    assert user_id == pwd.getpwnam(USER).pw_uid
    assert folder == "/"
    assert "DATABASE_URL" not in told
    assert told["STILLBOARD_DATA"] == "/srv/board"
    assert told["STILLBOARD_SITE_NAME"] == "Tea & kettles", "the file wins over the unit"
    assert told["LOG_LEVEL"] == "WARNING"
    assert told["STILLBOARD_ENV_FILE"] == f"{machine}/env"


@pytest.mark.slow
def test_root_becomes_the_units_user_and_gives_all_rights_up() -> None:
    become = "from deploy.as_unit import _become; _become('nobody'); "
    look = "import os; print(os.getresuid(), os.getresgid(), os.getgroups())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", become + look],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if os.geteuid() != 0:
        assert "the board is run by nobody: call it as root" in done.stderr
        return
    account = pwd.getpwnam("nobody")
    users, groups = (account.pw_uid,) * 3, (account.pw_gid,) * 3
    assert done.stdout == f"{users} {groups} [{account.pw_gid}]\n", done.stderr


@pytest.mark.slow
def test_server_without_our_units_is_one_line(machine: Path) -> None:
    tell(machine, "not-found", "")
    done = run(machine, "status")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"systemd has no {UNIT}" in done.stderr


@pytest.mark.slow
def test_who_may_not_read_the_settings_is_told_so(machine: Path) -> None:
    """In one line, and not that there is no board."""
    (machine / "env").chmod(0)
    without_rights = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
    command = [sys.executable, "-P", "-m", "deploy.as_unit", "status"]
    done = subprocess.run(
        [*(without_rights if os.geteuid() == 0 else ()), *command],
        env={"PATH": f"{machine}:/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    owner = pwd.getpwuid(os.geteuid()).pw_name
    assert done.stderr == (
        f"stillboard: {machine}/env is closed to this user: call it as {owner}, or as root\n"
    )


def test_script_is_linked_from_anywhere() -> None:
    script = ROOT / "deploy/systemd/stillboard"
    assert script.stat().st_mode & 0o111
    assert "deploy.as_unit" in script.read_text()
