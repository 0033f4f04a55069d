"""The docs list everything that there is, and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

from cli.registry import COMMANDS
from imageboard.settings import BoardSettings, Settings
from imageboard.settings.environment import READ_ELSEWHERE
from imageboard.staff_roles import Role, powers_said
from monitoring import metrics
from monitoring.metric_rows import Row, Rows
from tests.house_rules import metrics_table, settings_tables, tables, written_tables
from tests.house_rules.repository import ROOT, files, modules, nodes_of, packages, table
from tests.imageboard.test_setting_rows import MoreOfABoard, MoreOfTheMachine
from tests.tables import for_each

_LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical"}
_EVENT = re.compile(r"[a-z]+(_[a-z]+)+")
_LEVELS = {"exception": "error"}
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


# --- tables that are made from rows of the code ---


@for_each("name", written_tables.TABLES)
def test_tables_of_a_document_are_those_of_the_rows(name: str) -> None:
    """Otherwise: python -m tests.house_rules.written_tables"""
    text = written_tables.document(name).read_text(encoding="utf-8")
    assert text == tables.written(text, written_tables.TABLES[name])


def test_every_row_has_its_line() -> None:
    assert list(table("settings.md", "The machine")) == [row.name for row in Settings.rows()]
    assert list(table("settings.md", "One board")) == [row.name for row in BoardSettings.rows()]
    assert list(table("metrics.md")) == [row.name for row in metrics.ROWS]


# --- settings ---


def test_one_row_more_is_one_row_more_of_the_table() -> None:
    more = settings_tables.of_a_board(MoreOfABoard.rows())
    assert more == settings_tables.of_a_board(BoardSettings.rows()) + (
        "| `nap_s` | `5` | 0 to 60 seconds | nowhere | Seconds for which a poster naps. |\n"
    )
    assert settings_tables.of_the_machine(MoreOfTheMachine.rows()[-1:]).endswith(
        "| `STILLBOARD_NAPS` | `on` | `on` | on, off | Whether it naps. |\n"
    )


def test_secret_settings_are_marked() -> None:
    rows = table("settings.md", "The machine")
    marked = {name for name, cells in rows.items() if cells[-1].endswith(" Secret.")}
    assert marked == {row.name for row in Settings.rows() if row.is_secret}


def test_names_that_are_read_beside_the_settings_are_listed() -> None:
    """What the entry points read by name: gunicorn's address, the parts of the URLs."""
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    read = {
        name
        for module in modules()
        for name in re.findall(
            r"""(?:environ|given)(?:\.get\(|\[)["']([A-Z][A-Z_]+)["']""",
            module.read_text(encoding="utf-8"),
        )
    }
    assert {"DB_HOST", "REDIS_ADDR", "STILLBOARD_WRITER_BIND"} <= read
    names = {row.name for row in Settings.rows()}
    assert {name for name in read if name.startswith("STILLBOARD_")} <= names | {*READ_ELSEWHERE}
    listed = set(re.findall(r"`([A-Z_]+)`", text))
    assert read <= listed


# --- metrics ---


MAKERS = {"Counter", "Gauge", "Histogram", "Summary", "Info", "Enum"}


def variables() -> dict[str, Row]:
    """{its name in monitoring/metrics.py: row}"""
    of_metric = {row.metric: row for row in metrics.ROWS}
    return {
        name: of_metric[value]
        for name, value in vars(metrics).items()
        if isinstance(value, MetricWrapperBase)
    }


def constants(given: ast.expr) -> list[str]:
    """'x' -> ['x']; 'x' if so else 'y' -> ['x', 'y']; what is known only later -> []"""
    if isinstance(given, ast.IfExp):
        return constants(given.body) + constants(given.orelse)
    return [str(given.value)] if isinstance(given, ast.Constant) else []


def label_values() -> Iterator[tuple[str, str, str, str]]:
    """(where, variable, label, value) of each value that the code gives as a constant."""
    rows = variables()
    for module in modules():
        for node in nodes_of(module):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            variable = ast.unparse(node.func.value).removeprefix("metrics.")
            if node.func.attr == "labels" and variable in rows:
                where = f"{module.relative_to(ROOT)}:{node.lineno}"
                for label, given in zip(rows[variable].labels, node.args, strict=True):
                    choices = (
                        [given.body, given.orelse] if isinstance(given, ast.IfExp) else [given]
                    )
                    for choice in choices:
                        if isinstance(choice, ast.Constant):
                            yield where, variable, label, choice.value


def test_one_row_more_is_one_metric_more_of_the_docs_and_of_its_part() -> None:
    rows = Rows()
    naps = rows.histogram(
        "stillboard_nap_seconds",
        "How long a poster | a renderer naps.",
        labels={"where": "`desk`, `bed`", "dream": "its name"},
        shown_by=("writer", "catch_up"),
        buckets=(0.5, 60),
    )
    (line,) = metrics_table.of_metrics(rows).splitlines()[2:]
    assert line == (
        "| `stillboard_nap_seconds` | histogram, 0.5 to 60 | `where`: `desk`, `bed`; `dream`: its "
        r"name | writer, catch-up | How long a poster \| a renderer naps. |"
    )
    assert rows.shown_by("writer") == rows.shown_by("catch_up") == [naps]
    assert rows.shown_by("renderer") == []
    with pytest.raises(ValueError, match="stillboard_nap_seconds"):
        rows.gauge("stillboard_nap_seconds", "Another.", shown_by=("renderer",))
    REGISTRY.unregister(naps)


def test_metric_that_nobody_shows_can_not_be_made() -> None:
    rows = Rows()
    with pytest.raises(AssertionError, match="shown by nobody"):
        rows.counter("stillboard_lost_total", "Lost.", shown_by=())
    assert rows == []


def test_every_metric_is_a_row() -> None:
    assert list(variables().values()) == list(metrics.ROWS)
    made_elsewhere = [
        f"{module.relative_to(ROOT)}:{node.lineno}"
        for module in modules()
        if module.name != "metric_rows.py"
        if "prometheus_client" in module.read_text(encoding="utf-8")
        for node in nodes_of(module)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in MAKERS
    ]
    assert made_elsewhere == []


def test_every_metric_is_counted_somewhere() -> None:
    used = {
        node.attr
        for module in modules()
        for node in nodes_of(module)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "metrics"
    } | {
        node.id
        for node in nodes_of(Path(metrics.__file__))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    assert set(variables()) <= used


def test_label_has_no_value_that_its_row_does_not_name() -> None:
    found = list(label_values())
    assert len(found) > 20
    for where, variable, label, value in found:
        named = re.findall(r"`(\w+)`", variables()[variable].labels[label])
        assert value in named, f"{where}: {variable} has no {label} {value}"


@for_each("row", metrics.ROWS, ids=[row.name for row in metrics.ROWS])
def test_metric_is_named_for_the_board_and_by_its_unit_and_told_in_a_sentence(row: Row) -> None:
    assert row.name.startswith("stillboard_")
    counted = ("boards", "connections", "requests", "takedowns", "reports", "jobs", "workers")
    counted += ("subscriptions",)
    units = ("_seconds", "_bytes", "_files", *(f"_{noun}" for noun in counted))
    # And a few that are a state rather than an amount.
    gauge = (*units, "_info", "_active", "_in_force")
    assert row.name.endswith({"counter": ("_total",), "gauge": gauge, "histogram": units}[row.kind])
    assert re.search(r"[.)]$", row.sentence)
    assert not any(";" in meaning for meaning in row.labels.values()), "it parts labels"


# --- logs ---


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    """(where, call) of every line that may be logged."""
    for module in modules():
        for node in nodes_of(module):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in _LOG_METHODS
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "log"
            ):
                yield f"{module.relative_to(ROOT)}:{node.lineno}", node


def event_of(call: ast.Call) -> str:
    event = call.args[0] if call.args else None
    return event.value if isinstance(event, ast.Constant) and isinstance(event.value, str) else ""


def test_event_is_a_constant_name_and_the_facts_are_fields() -> None:
    for where, call in log_calls():
        assert _EVENT.fullmatch(event_of(call)), f"{where}: {ast.unparse(call)}"
        assert len(call.args) == 1, f"{where}: facts are fields, not more arguments"


def test_every_event_has_a_row_with_its_level_its_fields_and_a_sentence() -> None:
    rows = table("logs.md")
    logged = {event_of(call): call for _where, call in log_calls()}
    assert sorted(rows) == sorted(logged)
    for event, call in logged.items():
        assert isinstance(call.func, ast.Attribute)
        level, field_cell, sentence = rows[event]
        assert level == _LEVELS.get(call.func.attr, call.func.attr), event
        given = [keyword.arg for keyword in call.keywords if keyword.arg != "exc_info"]
        assert re.findall(r"`(\w+)`", field_cell) == given, event
        assert ("the trace" in field_cell) == (call.func.attr == "exception"), event
        assert sentence.endswith((".", "?")), event


def test_no_log_line_holds_who_posts_or_what() -> None:
    forbidden = {"address", "ip", "password", "body", "text", "name", "email", "subject", "token"}
    for where, call in log_calls():
        assert not forbidden & {keyword.arg for keyword in call.keywords}, where


# --- staff ---


def test_every_role_has_a_row_with_all_that_it_may() -> None:
    rows = table("operations.md", "Boards, staff, bans")
    assert list(rows) == [role.value for role in Role]
    for role in Role:
        (cell,) = rows[role.value]
        assert cell.removeprefix("and ") == powers_said(role)


# --- commands and links ---


@for_each("command", COMMANDS)
def test_every_command_is_in_the_readme_or_the_docs(command: str) -> None:
    assert any(re.search(rf"stillboard {command}\b", text) for text in _read_first())


@cache
def _read_first() -> tuple[str, ...]:
    """The README and the docs beside it."""
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return tuple(document.read_text(encoding="utf-8") for document in documents)


#: Rooms that architecture.md says are to come: each is taken from here when it stands.
TO_COME = {"importing/", "imageboard/spam/"}


def rooms_drawn() -> Iterator[str]:
    """'imageboard/store/servers/': each line of the drawing below "Rooms", inside those above."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    above: list[str] = []
    for line in text.split("## Rooms\n", 1)[1].split("\n\nImports", 1)[0].splitlines():
        if found := re.match(r"    ( *)([a-z_]+/) ", line):
            del above[len(found[1]) // 2 :]
            above.append(found[2])
            yield "".join(above)


def paths_named() -> set[str]:
    """Every path in the text of architecture.md that begins in a room: `writer/posting.py`."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rooms = "|".join(
        sorted({path.split("/")[0] for path in files() if "/" in path} | {"importing"})
    )
    return set(re.findall(rf"`((?:{rooms})/[\w./-]*)`", text))


def test_rooms_of_the_architecture_are_there() -> None:
    drawn = list(rooms_drawn())
    assert "imageboard/store/servers/" in drawn
    assert [path for path in drawn if not (ROOT / path).is_dir()] == []


def test_every_room_with_python_is_drawn() -> None:
    assert {path.split("/")[0] for path in rooms_drawn()} >= set(packages())


def test_paths_of_the_architecture_are_there_or_said_to_be_to_come() -> None:
    named = {path for path in paths_named() if "NAME" not in path}
    assert "writer/posting.py" in named
    assert {path for path in named if not (ROOT / path).exists()} <= TO_COME


@for_each("document", [path for path in files() if path.endswith(".md")])
def test_every_link_of_a_document_leads_somewhere(document: str) -> None:
    place: Path = ROOT / document
    for target in _LINK.findall(place.read_text(encoding="utf-8")):
        assert (place.parent / target).exists(), target


def test_each_document_has_its_line_in_the_index() -> None:
    """docs/README.md is a newcomer's way through them."""
    text = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    documents = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert "settings.md" in documents
    assert {name for name in documents if text.count(f"\n- [{name}]({name}): ") != 1} == set()


def test_pictures_of_readme_and_docs_are_there_and_small() -> None:
    """By `python -m tests.browser.readme_pictures`."""
    texts = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {
        f"docs/{path}"
        for text in texts
        for path in re.findall(r"pictures/[a-z-]+\.webp", text.read_text(encoding="utf-8"))
    }
    sizes = {path: (ROOT / path).stat().st_size for path in shown}
    assert shown == {path for path in files() if path.startswith("docs/pictures/")}
    assert max(sizes.values()) <= 60 * 1024


def test_glossary_has_each_word_once() -> None:
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    words = [
        word
        for cell in re.findall(r"^\| \*\*(.+?)\*\* \|", text, re.MULTILINE)
        for word in cell.split(", ")
    ]
    assert words
    assert sorted(words) == sorted(set(words))


# --- changes ---


def versions() -> list[str]:
    """The headings of CHANGELOG.md, the newest first."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    return re.findall(r"^## (.+)$", text, re.MULTILINE)


def test_versions_are_dates_the_newest_first_below_what_is_to_come() -> None:
    unreleased, *dated = versions()
    assert unreleased == "Unreleased"
    assert dated
    assert dated == sorted({date.fromisoformat(each).isoformat() for each in dated}, reverse=True)


def test_each_version_says_what_to_do_before_what_changed() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for dated in re.split(r"^## ", text, flags=re.MULTILINE)[2:]:
        parts = re.findall(r"^### (.+)$", dated, re.MULTILINE)
        assert parts == ["What operators have to do first", "What changed"]
