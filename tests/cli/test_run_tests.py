"""What `./stillboard test` calls pytest with, and what it says of this machine first."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli import programs
from cli.run_tests import SLOW, arguments, surroundings
from deploy.environment import ROOT
from tests import together
from tests.left_out import is_left_out
from tests.tables import for_each

WHOLE = ["-n", "4", "--dist", "loadfile", "--no-loadscope-reorder"]
QUICK = ["-n", "3", *WHOLE[2:]]
MARKS = "not slow and not board and not browser and not crash and not edge and not node"
FAST = ["-m", MARKS, "--hypothesis-profile", "quick", "--dearest"]


@for_each(
    ("options", "given", "expected"),
    [
        ({}, (), WHOLE),
        ({"fast": True}, (), [*QUICK, *FAST]),
        (
            {"fast": True},
            ("tests/imageboard", "-k", "trip"),
            [*QUICK, *FAST, "tests/imageboard", "-k", "trip"],
        ),
        ({"thorough": True}, ("tests/walk",), [*WHOLE, "--thorough", "tests/walk"]),
        ({}, ("-n0",), ["-n0"]),
        ({}, ("--numprocesses", "4"), ["--numprocesses", "4"]),
        ({}, ("--pdb",), ["--pdb"]),
        ({}, ("tests/a.py::test_b",), ["tests/a.py::test_b"]),
    ],
)
def test_arguments(options: dict[str, bool], given: tuple[str, ...], expected: list[str]) -> None:
    assert arguments(given, **options) == expected


def test_fast_leaves_out_what_says_so(pytestconfig: pytest.Config) -> None:
    marks: list[str] = pytestconfig.getini("markers")
    left_out = {mark.partition(":")[0] for mark in marks if "left out by --fast" in mark}
    assert left_out == set(SLOW)


def test_tests_keep_their_bytecode_whatever_the_environment_says() -> None:
    given = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": "/elsewhere", "LANG": "C"}
    assert surroundings(given) == {"PYTHONPATH": str(ROOT), "LANG": "C"}


# --- who runs what ---


def test_every_file_that_shares_a_board_is_there_and_named_once() -> None:
    files = [
        f"{folder}/test_{name}.py" for folder, names in together.TOGETHER.items() for name in names
    ]
    assert [file for file in files if not (ROOT / file).is_file()] == []
    assert len(set(files)) == len(files)


def test_tests_that_share_a_board_are_one_unit_of_work_and_others_their_files() -> None:
    one, other, alone = (
        together.unit_of(f"tests/browser/test_{name}.py::test_it")
        for name in ("quotes", "desk", "look")
    )
    assert one == other
    assert alone == "tests/browser/test_look.py"


# --- what is not even imported ---


@for_each(
    ("source", "markexpr", "expected"),
    [
        ("pytestmark = pytest.mark.slow\n", MARKS, True),
        ("import pytest\n\npytestmark = pytest.mark.slow\n", "not slow", True),
        ("pytestmark = [\n    pytest.mark.needs(*P),\n    pytest.mark.board,\n]\n", MARKS, True),
        ("pytestmark = [pytest.mark.board, pytest.mark.crash]\n", "not crash", True),
        # Some of its tests may be chosen.
        ("pytestmark = pytest.mark.needs('nginx')\n", MARKS, False),
        ("pytestmark = pytest.mark.needs(\n    'nginx'\n)\n@pytest.mark.slow\n", MARKS, False),
        ("@pytest.mark.slow\ndef test_it(): pass\n", MARKS, False),
        ('FILE = """\n    pytestmark = pytest.mark.slow\n"""\n', MARKS, False),
        ("", MARKS, False),
        # Everything is chosen, or the mark alone does not decide.
        ("pytestmark = pytest.mark.slow\n", "", False),
        ("pytestmark = pytest.mark.slow\n", "slow", False),
        ("pytestmark = pytest.mark.slow\n", "not board", False),
        ("pytestmark = pytest.mark.slow\n", "not slow or board", False),
        ("pytestmark = pytest.mark.slow\n", "not (slow and board)", False),
    ],
)
def test_a_file_is_left_out_when_none_of_its_tests_can_be_chosen(
    source: str, markexpr: str, expected: bool
) -> None:
    assert is_left_out(source, markexpr) == expected


# --- programs of the machine ---


def test_missing_programs_are_named_with_the_packages_that_bring_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wrk").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = programs.missing(["promtool", "wrk", "prometheus", "amtool"])
    assert programs.advice(missing) == (
        "promtool, prometheus, amtool: apt-get install -y prometheus prometheus-alertmanager"
    )


def test_a_program_is_here_where_another_does_as_well(tmp_path: Path) -> None:
    """Who has a whole browser needs no smaller one; who has both uses the smaller."""
    places = [str(tmp_path / name) for name in ("small", "whole")]
    browser = programs.Program("browser", "a-browser", path=places[0], or_path=places[1])
    assert not browser.is_here()
    for place in reversed(places):
        Path(place).touch(mode=0o755)
        assert browser.place == place
    assert programs.Program("no-such-program", "none").place is None


def test_a_program_that_is_not_in_the_list_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="no-such-program"):
        programs.missing(["no-such-program"])


def call_without_programs(
    folder: Path, *args: str, **environ: str
) -> subprocess.CompletedProcess[str]:
    """`stillboard test …` where PATH holds nothing."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "cli", "test", *args],
        env={"PATH": str(folder), "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_packages_to_install_are_printed_one_a_line(tmp_path: Path) -> None:
    done = call_without_programs(tmp_path, "--missing-packages")
    assert (done.returncode, done.stderr) == (0, "")
    printed = done.stdout.splitlines()
    assert printed == sorted(set(printed))
    # Those whose place is fixed may be here all the same.
    fixed = {one.package for one in programs.PROGRAMS.values() if one.path}
    assert {one.package for one in programs.PROGRAMS.values()} - fixed <= set(printed)


@pytest.mark.slow
def test_what_is_missing_is_one_line_and_the_rest_runs(tmp_path: Path) -> None:
    done = call_without_programs(tmp_path, "-n0", "-q", "tests/imageboard/test_excerpt.py")
    assert done.returncode == 0, done.stdout + done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("stillboard: tests are skipped for want of amtool, ")
    assert "apt-get install -y " in line
    assert " passed" in done.stdout


def test_nothing_runs_in_ci_while_something_is_missing(tmp_path: Path) -> None:
    done = call_without_programs(tmp_path, "-n0", "tests/imageboard/test_excerpt.py", CI="true")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: tests need amtool, ")


NEEDY = """
import pytest

@pytest.fixture
def server():
    raise AssertionError("started for nothing")

@pytest.mark.needs("wrk", "promtool")
def test_needy(server):
    pass

@pytest.mark.edge
def test_whose_mark_says_what_it_needs(server):
    pass

def test_that_needs_nothing():
    pass
"""


def pytest_on(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """pytest with the hooks of tests/conftest.py on tests elsewhere, where PATH holds nothing."""
    return subprocess.run(
        [
            *(sys.executable, "-P", "-m", "pytest", "-q", f"--rootdir={folder}", "-p"),
            *("tests.conftest", "-c", str(ROOT / "pyproject.toml"), str(folder), *arguments),
        ],
        cwd=ROOT,
        env={"PATH": str(folder), "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("ci", "status", "outcome"), [("", 0, "skipped"), ("true", 1, "errors")])
def test_a_test_whose_program_is_missing_is_listed_at_the_end_and_fails_in_ci(
    tmp_path: Path, ci: str, status: int, outcome: str
) -> None:
    (tmp_path / "test_needy.py").write_text(NEEDY)
    done = pytest_on(tmp_path, CI=ci)
    assert done.returncode == status, done.stdout + done.stderr
    assert "promtool, wrk: apt-get install -y prometheus wrk" in done.stdout
    assert "node, npm: apt-get install -y nodejs npm" in done.stdout
    assert f"1 passed, 2 {outcome}" in done.stdout


SLOW_FILE = "import pytest\n\npytestmark = pytest.mark.slow\n\n"


@pytest.mark.slow
def test_files_that_take_long_are_begun_first_and_none_is_torn_apart(tmp_path: Path) -> None:
    marks = {"a": None, "b": "slow", "c": "crash", "d": None, "e": "board"}
    for name, mark in marks.items():
        marked = "" if mark is None else f"import pytest\n\n@pytest.mark.{mark}\n"
        (tmp_path / f"test_{name}.py").write_text(
            f"def test_2(): pass\n{marked}def test_1(): pass\n"
        )
    (tmp_path / "test_f.py").write_text(f"{SLOW_FILE}def test_2(): pass\ndef test_1(): pass\n")
    listed = pytest_on(tmp_path, "--collect-only").stdout.split()
    tests = [line.removeprefix("test_") for line in listed if "::" in line]
    assert tests == [f"{name}.py::test_{no}" for name in "cefbad" for no in (2, 1)]


WHOLLY_SLOW = """
import pytest

pytestmark = pytest.mark.slow

print("imported")

def test_it():
    pass
"""


@pytest.mark.slow
def test_a_file_of_which_nothing_is_chosen_is_not_imported_unless_it_is_named(
    tmp_path: Path,
) -> None:
    (tmp_path / "test_quick.py").write_text("def test_it(): pass\n")
    file = tmp_path / "test_wholly_slow.py"
    file.write_text(WHOLLY_SLOW)
    for chosen, is_imported in ((FAST, False), ((*FAST, str(file)), True), ((), True)):
        listed = pytest_on(tmp_path, "--collect-only", "-s", *chosen)
        assert ("imported" in listed.stdout.split()) == is_imported, listed.stdout + listed.stderr


# --- what took most ---

BUSY = """
import subprocess
import sys
import time

import pytest

def work(s):
    end = time.process_time() + s
    while time.process_time() < end:
        pass

@pytest.fixture(scope="module")
def shared():
    work(0.3)

@pytest.fixture
def own():
    work(0.2)

def test_that_works():
    work(0.3)

def test_whose_program_works():
    subprocess.run([sys.executable, "-S", "-c", "for n in range(10_000_000): pass"], check=True)

def test_whose_fixture_works(own):
    pass

def test_that_shares_a_fixture(shared):
    pass

def test_that_is_quick():
    pass
"""


@pytest.mark.slow
def test_what_took_most_of_the_processor_is_told_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "test_busy.py").write_text(BUSY)
    done = pytest_on(tmp_path, "-n", "1", "--dearest")
    assert done.returncode == 0, done.stdout + done.stderr
    _, told = done.stdout.split(" 3 tests took more than 0.1 s of processor ")
    named = re.findall(r"^(\d\.\d\d) s test_busy\.py::(\w+)$", told, re.MULTILINE)
    assert sorted((used for used, _name in named), reverse=True) == [used for used, _ in named]
    assert {name for _used, name in named} == {
        "test_that_works",
        "test_whose_program_works",
        "test_whose_fixture_works",
    }
