"""A program that is forked from `up` is what a new start would have made of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from deploy.environment import ROOT
from renderer.appearance import appearance
from tests.deploy.stand_ins import WAIT_S

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="Linux alone forks them"),
]

#: Run in a process of its own: that of the tests has threads.
_START = """
import json, os, signal, sys, threading
from pathlib import Path
from deploy.parts import Program

folder, code, is_forked, has_thread = json.loads(sys.argv[1])
# What `up` has, and no program may have of it.
signal.signal(signal.SIGTERM, lambda *_: None)
signal.signal(signal.SIGUSR2, lambda *_: None)
signal.signal(signal.SIGCHLD, lambda *_: None)
lock = open(f"{folder}/lock", "w")
os.set_inheritable(lock.fileno(), True)
os.environ["POSTGRES_SUPERUSER_PASSWORD"] = "secret"
if has_thread:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
program = Program(
    "told",
    ["tests.deploy.told_what_to_run", code],
    environment={"PYTHONUNBUFFERED": "1", "PYTHONPATH": os.environ["PYTHONPATH"]},
    log=Path(folder) / "log",
)
program.is_forked = is_forked
program.start()
print(program.pid, flush=True)
print(program._process.wait(), type(program._process).__name__, flush=True)
"""
_WHO_AM_I = r"""
import json, os, pathlib, sys
status = dict(
    line.split(":\t", 1)
    for line in pathlib.Path("/proc/self/status").read_text().splitlines()
    if line.startswith(("Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "Seccomp:", "Sig", "CoreD"))
    and not line.startswith("SigQ")  # of all processes of this user together
)
fds = {}
for fd in os.listdir("/proc/self/fd"):
    try:
        fds[fd] = os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        pass  # of the list itself
print(json.dumps({
    "status": status,
    "fds": fds,
    "environment": {k: v for k, v in os.environ.items() if k != "LC_CTYPE"},
    "leads_its_session": os.getsid(0) == os.getpid(),
    "files_are_ours": os.stat("/proc/self/environ").st_uid == os.geteuid(),
    "called": pathlib.Path("/proc/self/cmdline").read_text().rstrip("\0")[:40],
    "flags": [sys.flags.safe_path, sys.argv[1:], sys.stdout.write_through],
    "folder": os.getcwd(),
}))
"""


def started(
    folder: Path, code: str, *, is_forked: bool = True, has_thread: bool = False
) -> subprocess.Popen[str]:
    folder.mkdir(exist_ok=True)
    wish = json.dumps([str(folder), code, is_forked, has_thread])
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _START, wish],
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def end(folder: Path, code: str, *, is_forked: bool = True, has_thread: bool = False) -> list[str]:
    """Its exit status, and how it was started."""
    with started(folder, code, is_forked=is_forked, has_thread=has_thread) as parent:
        assert parent.stdout is not None
        return parent.stdout.read().splitlines()[-1].split()


def told(folder: Path) -> Any:
    lines = (folder / "log").read_text().splitlines()
    return json.loads(next(line for line in lines if line.startswith("{")))


def test_it_has_the_rights_files_signals_and_environment_of_a_new_start(tmp_path: Path) -> None:
    forked, anew = tmp_path / "one", tmp_path / "two"
    assert end(forked, _WHO_AM_I) == ["0", "ForkedProgram"]
    assert end(anew, _WHO_AM_I, is_forked=False) == ["0", "Popen"]
    ours, theirs = told(forked), told(anew)
    ours["fds"] = {fd: place.replace(str(forked), str(anew)) for fd, place in ours["fds"].items()}
    assert ours == theirs
    assert set(ours["fds"]) == {"0", "1", "2"}


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("import sys; sys.exit(3)", "3", ""),
        ("import sys; sys.exit('no such port')", "1", "no such port"),
        ("1 / 0", "1", "ZeroDivisionError"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "-9", ""),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "-15", ""),
        ("import atexit; atexit.register(print, 'the last word')", "0", "the last word"),
    ],
)
def test_it_ends_as_a_program_does(tmp_path: Path, code: str, status: str, said: str) -> None:
    assert end(tmp_path, code) == [status, "ForkedProgram"]
    assert said in (tmp_path / "log").read_text()


def test_it_ends_with_an_up_that_is_killed(tmp_path: Path) -> None:
    with started(tmp_path, "import time; time.sleep(600)") as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert not psutil.wait_procs([child], timeout=WAIT_S)[1]


def test_process_with_threads_is_not_forked(tmp_path: Path) -> None:
    """A lock that another thread holds would be held in the copy for ever."""
    assert end(tmp_path, "pass", has_thread=True) == ["0", "Popen"]


#: After `warm_up`, what each program that is forked loads, and goes through first.
_LOADED_LATER = """
import gc, sys
from importlib import import_module
from deploy.warming import warm_up

warm_up()
assert gc.isenabled() and gc.get_freeze_count() > 100_000
before = set(sys.modules)
programs = {"gunicorn", "renderer.keeper.__main__", "renderer.worker", "writer.app"}
for name in programs:
    import_module(name)
from gunicorn.config import Config
Config().logger_class
import deploy.whole_answers
from imageboard.settings import Settings
from renderer.pages import board_kinds, site_kinds
from writer import captchas
board_kinds(), site_kinds()
captchas.routes(Settings.read({}), None, None)
print(*sorted(sys.modules.keys() - before - programs))
"""
#: After the same, what nobody needs of a board at rest.
_LOADED_FOR_FEW = """
import sys
from deploy.warming import warm_up

warm_up()
print(*sorted({"PIL", "fido2", "segno"} & set(sys.modules)))
"""
#: With templates and code that were replaced by then, of which none is loaded.
_FINGERPRINT_LATER = """
from pathlib import Path
from deploy.warming import warm_up
from renderer import appearance
from templates import engine

warm_up()
appearance._ROOT = engine.TEMPLATES_FOLDER = Path("/nowhere")
print(appearance.appearance("", ""))
"""


def ran(script: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_programs_share_all_that_they_load() -> None:
    """PERF: 0.1 s of CPU a start, and memory of each."""
    assert ran(_LOADED_LATER) == []


def test_programs_have_no_more_in_memory_than_a_board_at_rest_needs() -> None:
    """Passkeys, codes for telephones and letters in pictures: each is loaded by whom it is for."""
    assert ran(_LOADED_FOR_FEW) == []


def test_who_is_started_again_after_an_upgrade_does_not_pass_for_the_new_version() -> None:
    """It draws with what `up` has loaded, whatever lies on the disk by then."""
    assert ran(_FINGERPRINT_LATER) == [appearance("", "")]
