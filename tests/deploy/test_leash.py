"""A child dies with its parent, however the parent ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.embedded.service import LEASH, identity_without_root, run_as
from tests.deploy.stand_ins import eventually, is_alive

#: Starts a leashed sleeper, says its pid, and waits to be killed.
PARENT = """
import sys
from pathlib import Path
from tests.deploy.stand_ins import StandIn
class Leashed(StandIn):
    def identity(self): return sys.argv[2]
child = Leashed("child", Path(sys.argv[1]))
child.start()
child.wait_until_ready()
print(child.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such leash")
@pytest.mark.parametrize("identity", sorted({"own", identity_without_root()}))
def test_child_of_a_killed_parent_ends(tmp_path: Path, identity: str) -> None:
    tmp_path.chmod(0o777)  # for nobody, where there are no user namespaces
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path), identity],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        text=True,
    )
    assert parent.stdout
    assert parent.stdin
    with parent:
        child_pid = int(parent.stdout.readline())
        assert is_alive(child_pid)
        parent.send_signal(signal.SIGKILL)
    assert eventually(lambda: not is_alive(child_pid))


def test_child_whose_parent_is_gone_already_does_not_begin(tmp_path: Path) -> None:
    mark = tmp_path / "began"
    leash = [sys.executable, str(LEASH), "--parent", "999999999", "--"]
    subprocess.run([*leash, "/bin/sh", "-c", f"touch '{mark}'"], check=True)
    assert not mark.exists()


def test_a_program_that_is_not_there_is_named() -> None:
    assert "can't run /no/such/program" in run_as("own", ["/no/such/program"])


def test_command_that_does_not_end_is_ended() -> None:
    endless = [sys.executable, "-c", "import time; time.sleep(600)"]
    assert run_as("own", endless, within_s=0.1).startswith("it did not end")


@pytest.mark.skipif(
    identity_without_root() != "mapped", reason="we are not root, or can't be mapped"
)
def test_root_is_an_ordinary_user_inside_and_itself_outside(tmp_path: Path) -> None:
    """What PostgreSQL asks for, without files that belong to somebody else."""
    script = f"import os; assert os.geteuid() != 0; open({str(tmp_path / 'made')!r}, 'w')"
    assert run_as("mapped", [sys.executable, "-c", script]) == ""
    assert (tmp_path / "made").stat().st_uid == os.geteuid()
