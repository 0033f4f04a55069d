"""The measurement that says how much of bare nginx is left says yes and no when it should."""

from __future__ import annotations

import re
from pathlib import Path

import psutil
import pytest

from loadtest import reading
from loadtest.reading import Pair, Turn, is_enough, spread
from tests.deploy.stand_ins import eventually
from tests.nginx.front import Front
from tests.tables import for_each


def pairs(*ratios: tuple[float, float]) -> list[Pair]:
    """Of (rate, CPU time) of the board, where bare nginx has 1000 a second and 10 µs."""
    return [Pair(Turn(1000 * rate, 10 / cpu), Turn(1000, 10)) for rate, cpu in ratios]


@for_each(
    ("measured", "enough"),
    [
        ([(0.96, 0.96)], True),
        ([(0.94, 1.20)], False),
        ([(1.20, 0.94)], False),
        # one turn that something else disturbed
        ([(0.97, 0.97), (0.50, 0.97), (0.97, 0.96)], True),
        ([(0.90, 0.97), (0.97, 0.97), (0.94, 0.96)], False),
    ],
)
def test_verdict_is_that_of_the_median(measured: list[tuple[float, float]], enough: bool) -> None:
    assert is_enough(pairs(*measured)) == enough


def test_spread_shows_the_least_and_the_most() -> None:
    assert spread([0.9, 1.0, 0.95]) == "0.950 (0.900 to 1.000)"


def test_each_encoding_is_a_case_and_a_picture_is_one(front: Front) -> None:
    found = reading.cases_of(url_of(front), ["/b/res/123.html", "/b/thumb/1700000000000.webp"])
    assert [(case.address, case.encoding) for case in found] == [
        ("/b/res/123.html", "identity"),
        ("/b/res/123.html", "gzip"),
        ("/b/res/123.html", "br"),
        ("/b/thumb/1700000000000.webp", "identity"),
    ]
    whole = front.get("/b/res/123.html", accept_encoding="gzip")
    assert found[1].body_bytes == len(whole.body)
    assert found[1].head_bytes > 500


def url_of(front: Front) -> str:
    return f"http://{front.site.listen}"


@pytest.mark.slow
@pytest.mark.needs("wrk")
def test_board_and_its_bare_twin_are_measured(
    front: Front, capsys: pytest.CaptureFixture[str]
) -> None:
    """Short turns on a busy machine: whether it is enough is for a quiet one to say."""
    pid = front.site.run_dir / "nginx.pid"
    briefly = ["--seconds", "1", "--rounds", "1", "/b/thumb/1700000000000.webp"]
    statuses: list[int] = []

    def is_measured() -> bool:
        try:
            statuses.append(reading.main(["--url", url_of(front), "--pid", str(pid), *briefly]))
        except SystemExit as ex:
            # The machine stood still for a turn.
            if not re.search("too little was answered|Socket errors", str(ex)):
                raise
        return bool(statuses)

    assert eventually(is_measured)
    line, verdict = capsys.readouterr().out.splitlines()
    assert line.startswith("/b/thumb/1700000000000.webp")
    assert ("MISSED" in line) == verdict.startswith("NOT") == (statuses == [1])


@pytest.mark.slow
@pytest.mark.needs("wrk")
def test_turn_that_took_less_of_the_processor_than_is_counted_measures_nothing(
    front: Front,
) -> None:
    class Idle(reading.Server):
        def cpu_s(self) -> float:
            return 7.0

    idle = Idle(url_of(front), psutil.Process())
    with pytest.raises(reading.CannotMeasure, match="too little was answered"):
        reading.take_turn(idle, "/b/", "identity", seconds=1, connections=2)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["/nowhere"], "choose an address that is there"),
        (["--pid", "/nowhere", "/b/"], "names no running nginx"),
    ],
)
def test_what_cannot_be_measured_is_said(front: Front, arguments: list[str], sentence: str) -> None:
    pid = str(front.site.run_dir / "nginx.pid")
    with pytest.raises(SystemExit, match=sentence):
        reading.main(["--url", url_of(front), "--pid", pid, *arguments])


@pytest.mark.slow
@pytest.mark.needs("wrk")
def test_answers_that_are_refusals_are_not_counted(front: Front) -> None:
    """A limited board would answer 429 very fast."""
    board = reading.board_of(url_of(front), Path(front.site.run_dir / "nginx.pid"))

    def are_refused() -> bool:
        with pytest.raises(reading.CannotMeasure) as told:
            reading.take_turn(board, "/nowhere", "identity", seconds=1, connections=2)
        return "refused or cut off" in str(told.value)  # where anything was answered

    assert eventually(are_refused)
