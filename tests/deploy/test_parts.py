"""Who the board's programs are to the kernel when `up` starts them."""

from __future__ import annotations

from pathlib import Path

from deploy.parts import Program
from tests.deploy.stand_ins import eventually

#: Of the standard library: what it is told to run, it runs.
WHO_AM_I = ["timeit", "-n1", "-r1", "print(open('/proc/self/status').read())"]


def test_program_that_root_starts_has_no_rights_of_root(tmp_path: Path) -> None:
    """They read what strangers send, or what came of it. Another user's have none to give up."""
    log = tmp_path / "log"
    program = Program("who", WHO_AM_I, environment={}, log=log)
    program.start()
    try:
        assert eventually(lambda: "CapEff" in log.read_text() and program.poll() is not None)
    finally:
        program.stop()
    told = dict(line.split(":", 1) for line in log.read_text().splitlines() if ":\t" in line)
    assert int(told["CapEff"], 16) == int(told["CapPrm"], 16) == 0
