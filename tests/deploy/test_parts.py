"""Who the board's programs are to the kernel when `up` starts them."""

from __future__ import annotations

from pathlib import Path

from deploy.parts import Program, Writer
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


def test_new_writer_is_asked_from_one_moment_to_the_next(tmp_path: Path) -> None:
    """Whoever connects in between finds the one or the other, never none."""
    place = tmp_path / "writer.sock"
    first = Writer(place, environment={"PROMETHEUS_MULTIPROC_DIR": "/m"}, log=tmp_path / "log")
    first.prepare()
    old = place.resolve()
    second = first.successor()
    second.prepare()
    assert place.resolve() == old, "until it works"
    second.come_forward()
    new = place.resolve()
    assert {old.name, new.name} == {"writer-1.sock", "writer-2.sock"}
    assert first.environment()["STILLBOARD_WRITER_BIND"] == f"unix:{old}"
    assert second.environment()["STILLBOARD_WRITER_BIND"] == f"unix:{new}"
    figures = {each.environment()["PROMETHEUS_MULTIPROC_DIR"] for each in (first, second)}
    assert len(figures) == 2, "a writer that starts empties its folder"
    second.prepare()
    assert place.resolve() == new, "when it is started again"
    assert second.successor().environment() == first.environment()
