"""The docs list everything that there is, and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase

from cli.registry import COMMANDS
from imageboard.settings import BoardSettings, Settings
from imageboard.settings.environment import READ_ELSEWHERE
from imageboard.staff_roles import Role, powers_said
from monitoring import metrics
from tests.house_rules import settings_tables
from tests.house_rules.repository import ROOT, files, modules, table, tree_of
from tests.imageboard.test_setting_rows import MoreOfABoard, MoreOfTheMachine

_LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical"}
_EVENT = re.compile(r"[a-z]+(_[a-z]+)+")
_LEVELS = {"exception": "error"}
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


# --- settings ---


def test_tables_of_the_settings_are_those_of_their_rows() -> None:
    """Otherwise: python -m tests.house_rules.settings_tables"""
    text = settings_tables.DOCUMENT.read_text(encoding="utf-8")
    assert text == settings_tables.written(text)
    assert list(table("settings.md", "The machine")) == [row.name for row in Settings.rows()]
    assert list(table("settings.md", "One board")) == [row.name for row in BoardSettings.rows()]


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


def all_metrics() -> dict[str, MetricWrapperBase]:
    """{name as Prometheus shows it: metric}"""
    found = {}
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            (described,) = metric.describe()
            found[f"{described.name}_total" if described.type == "counter" else described.name] = (
                metric
            )
    return found


def test_every_metric_has_a_row_with_its_labels_and_a_sentence() -> None:
    rows = table("metrics.md")
    assert list(rows) == list(all_metrics())
    for name, metric in all_metrics().items():
        labels, sentence = rows[name]
        written = re.findall(r"(?:^|; )`(\w+)`", labels)
        assert written == list(metric._labelnames), name
        assert re.search(r"[.)]$", sentence), name


@pytest.mark.parametrize("name", all_metrics())
def test_metric_is_named_for_the_board_and_by_its_unit(name: str) -> None:
    assert name.startswith("stillboard_")
    counted = ("boards", "connections", "requests", "takedowns", "reports", "jobs", "workers")
    units = ("_total", "_seconds", "_bytes", "_files", *(f"_{noun}" for noun in counted))
    # And a few that are a state rather than an amount.
    assert name.endswith((*units, "_info", "_active", "_in_force"))


# --- logs ---


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    """(where, call) of every line that may be logged."""
    for module in modules():
        for node in ast.walk(tree_of(module)):
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


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme_or_the_docs(command: str) -> None:
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    assert any(
        re.search(rf"stillboard {command}\b", document.read_text(encoding="utf-8"))
        for document in documents
    )


@pytest.mark.parametrize("document", [path for path in files() if path.endswith(".md")])
def test_every_link_of_a_document_leads_somewhere(document: str) -> None:
    place: Path = ROOT / document
    for target in _LINK.findall(place.read_text(encoding="utf-8")):
        assert (place.parent / target).exists(), target


def test_glossary_has_each_word_once() -> None:
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    words = [
        word
        for cell in re.findall(r"^\| \*\*(.+?)\*\* \|", text, re.MULTILINE)
        for word in cell.split(", ")
    ]
    assert words
    assert sorted(words) == sorted(set(words))
