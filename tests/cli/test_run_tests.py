"""What `./stillboard test` calls pytest with."""

from __future__ import annotations

import pytest

from cli.run_tests import arguments

PARALLEL = ["-n", "2", "--dist", "loadfile"]
FAST = ["-m", "not board and not browser and not crash and not edge"]


@pytest.mark.parametrize(
    ("fast", "given", "expected"),
    [
        (False, (), PARALLEL),
        (True, (), [*PARALLEL, *FAST]),
        (
            True,
            ("tests/imageboard", "-k", "trip"),
            [*PARALLEL, *FAST, "tests/imageboard", "-k", "trip"],
        ),
        (False, ("-n0",), ["-n0"]),
        (False, ("--numprocesses", "4"), ["--numprocesses", "4"]),
        (False, ("--pdb",), ["--pdb"]),
        (False, ("tests/a.py::test_b",), ["tests/a.py::test_b"]),
    ],
)
def test_arguments(fast: bool, given: tuple[str, ...], expected: list[str]) -> None:
    assert arguments(fast, given) == expected
