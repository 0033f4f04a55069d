"""The operator's book names what is there, and leaves nothing out."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from cli.registry import stillboard
from deploy.production import Production
from imageboard.settings import Settings
from loadtest import targets
from tests.house_rules.repository import ROOT, table
from tests.tables import for_each

BOOK = "operations.md"

#: Of the operations guide that this project began with, in its order.
SUBJECTS = (
    "image",
    "compose",
    "limits / reservations",
    "Redis",
    "settings",
    "nginx",
    "limit zones by address",
    "upstream",
    "proxy cache",
    "TLS",
    "headers",
    "certificates",
    "PostgreSQL replica",
    "Sentinel",
    "metrics",
    "Prometheus",
    "alerts",
    "Grafana",
    "logs",
    "log store",
    "backups",
    "restore",
    "disaster plan",
    "CI/CD",
    "tests named",
    "targets",
    "cost, 1,000 daily users",
    "growth",
    "checklist",
)


def chapter(heading: str) -> str:
    text = (ROOT / "docs" / BOOK).read_text(encoding="utf-8")
    return text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def cells(row: str) -> list[str]:
    """'| a | b |' -> ['a', 'b']"""
    return [cell.strip() for cell in row.strip("|").split("|")]


def rows(heading: str) -> dict[str, list[str]]:
    """{first cell: the other cells} of every table of a chapter, without heads."""
    found = [cells(line) for line in chapter(heading).splitlines() if line.startswith("| ")]
    return {first: rest for first, *rest in found if not set(first) <= set("- ")}


# --- the guide's subjects ---


def of_the_guide() -> dict[str, list[str]]:
    return {
        subject: rest
        for subject, rest in rows("What the operations guide has").items()
        if subject != "subject"
    }


def test_every_subject_of_the_guide_has_its_row_in_its_order() -> None:
    assert tuple(of_the_guide()) == SUBJECTS


@for_each("subject", SUBJECTS)
def test_row_says_what_we_do_and_names_files_and_tests_that_are_there(subject: str) -> None:
    here, _otherwise, files, tests = of_the_guide()[subject]
    assert here
    for path in named(files):
        assert (ROOT / path).exists(), path
    assert named(tests), "no test answers it"
    for place in named(tests):
        check_that_it_is_there(place)


def check_that_it_is_there(place: str) -> None:
    """A file of tests, or a function in one of their files."""
    path, _, name = place.partition("::")
    assert path.startswith("tests/"), place
    text = (ROOT / path).read_text(encoding="utf-8")
    assert f"def {name}(" in text if name else "def test_" in text, place


# --- what was tried ---

TRIED = "How each way was tried"
WAYS = ("`up`", "systemd", "compose", "Kubernetes")
DEEDS = (
    *("start", "post", "status", "doctor", "backup", "restore", "monitor", "upgrade"),
    "rotate keys",
)


def tried() -> dict[str, dict[str, str]]:
    """{deed: {way: what tried it}}"""
    ways, _line, *found = [line for line in chapter(TRIED).splitlines() if line.startswith("|")]
    return {
        deed: dict(zip(cells(ways)[1:], rest, strict=True)) for deed, *rest in map(cells, found)
    }


def test_every_deed_is_told_of_every_way() -> None:
    assert tuple(tried()) == DEEDS
    assert {tuple(ways) for ways in tried().values()} == {WAYS}


@for_each("deed", DEEDS)
def test_cell_names_tests_that_are_there_or_says_that_nobody_tried_it(deed: str) -> None:
    for way, cell in tried()[deed].items():
        places = [name for name in named(cell) if name.startswith("tests/")]
        for place in places:
            check_that_it_is_there(place)
        assert places or cell == "not tried", way


def named(cell: str) -> list[str]:
    """'`a` `b`' -> ['a', 'b']"""
    return re.findall("`([^`]+)`", cell)


# --- what the program says of itself ---


@pytest.mark.slow
def test_checklist_is_that_of_the_command_in_its_order(tmp_path: Path) -> None:
    """Of a board of which nothing is there yet: every item is told all the same."""
    items = Production(Settings.read({}), tmp_path).items()
    assert list(table(BOOK, "Before it opens")) == [item.name for item in items]


@for_each("name", [row.name for row in Settings.rows() if row.is_secret])
def test_every_secret_setting_is_told_how_to_be_rotated(name: str) -> None:
    keys = " ".join(rows("Rotate a key"))
    assert f"`{name}`" in keys


def test_every_secret_of_the_containers_is_told_how_to_be_rotated() -> None:
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yml").read_text(encoding="utf-8"))
    settings = {row.name for row in Settings.rows()}
    told = set(re.findall("`([A-Za-z_0-9]+)`", chapter("Rotate a key")))
    for secret in compose["secrets"]:
        as_setting = {secret.upper(), f"STILLBOARD_{secret.upper()}"} & settings
        assert told & ({secret} | as_setting), secret


def test_targets_are_those_that_a_load_test_holds_the_board_against() -> None:
    told = table(BOOK, "Targets")
    for target in targets.read():
        if target.source == "guide":
            of_guide, *_ = told[target.figure]
            bound = f"{target.bound:g} {target.unit}".replace("1000 ms", "1 s")
            assert bound in of_guide or target.figure == "staff_p95_ms", target.figure


def test_book_says_how_many_alerts_and_recording_rules_there_are() -> None:
    """The guide has four alerts."""
    told = of_the_guide()
    for subject, kind, what, of_guide in (
        ("alerts", "alert", r"(\d+) more", 4),
        ("Prometheus", "record", r"(\d+) recording rules", 0),
    ):
        files = (ROOT / "monitoring" / "rules").glob("*.yml")
        lines = "\n".join(path.read_text(encoding="utf-8") for path in files)
        there = len(re.findall(rf"^ *(?:- )?{kind}: ", lines, re.MULTILINE))
        found = re.search(what, " ".join(told[subject]))
        assert found, subject
        assert int(found[1]) == there - of_guide, subject


def test_costs_of_the_bucket_are_those_of_the_capacity_model() -> None:
    text = (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")
    together = next(line for line in text.splitlines() if line.startswith("| together |"))
    assert rows("Grow")["bucket and Worker, if wanted"] == cells(together)[1:]


def test_sum_of_a_month_is_the_sum_of_its_rows() -> None:
    month = {
        name: [float(dollars.removesuffix(" $")) for dollars in rest[:2]]
        for name, rest in rows("Grow").items()
        if all(re.fullmatch(r"[0-9.]+ \$", cell) for cell in rest[:2]) and len(rest) == 3
    }
    together = month.pop("together")
    assert len(month) == 6
    assert [round(sum(each), 2) for each in zip(*month.values(), strict=True)] == together


# --- commands ---


def commands() -> Iterator[str]:
    """Each call of ./stillboard that stands in a block or between backticks."""
    text = (ROOT / "docs" / BOOK).read_text(encoding="utf-8")
    for call in re.findall(r"\./stillboard ((?:[^`\n#&]|&(?!&))*)", text):
        yield call.strip()


@for_each("call", sorted(set(commands())))
def test_command_of_the_book_exists_with_its_options(call: str) -> None:
    command: click.Command = stillboard
    context = click.Context(command)
    words = shlex.split(call)
    while words and isinstance(command, click.Group):
        name = words[0]
        if name.startswith("-") and command.invoke_without_command:
            break
        found = command.get_command(context, name)
        assert found is not None, f"{name} of {call}"
        command, words = found, words[1:]
    known = {option for parameter in command.get_params(context) for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known
