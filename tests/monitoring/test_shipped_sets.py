"""Targets, rules and routes of each shipped set together: a healthy board is quiet, and what stops
is told.

The rules are the ones that ship, judged by promtool over what each set's targets show; who mutes
whom is read from Alertmanager's configuration.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

import pytest

from tests.monitoring.promql import spoken_of
from tests.monitoring.rule_files import RULES, read, rules
from tests.monitoring.shipped_sets import (
    EVER,
    MONITORING,
    Series,
    ShippedSet,
    Target,
    healthy,
    shipped_sets,
    shown_as,
)
from tests.tables import for_each

pytestmark = [pytest.mark.slow, pytest.mark.needs("promtool")]

#: All is well for so many values, 15 seconds each; then it happens.
WELL_FOR = 40
LOOKED_AT = "25m"
OF_EXPORTERS = {"pg_up", "redis_up", "nginx_up"}
INHIBIT_RULES = read(MONITORING / "alertmanager.yml")["inhibit_rules"]
Labels = dict[str, str]


class Event(NamedTuple):
    """Something that happens to a board."""

    name: str
    #: What somebody is told: names of alerts.
    told: set[str]
    #: Alerts beside those that their cause mutes.
    muted: frozenset[str] = frozenset()
    #: The program, or the exporter, all of whose targets are gone.
    gone: str = ""
    #: A program of which there are several, and one hangs.
    one_hangs: str = ""
    #: {metric, or metric{label="value"}: what those show that show it}
    shows: Mapping[str, str] = MappingProxyType({})
    #: What is told instead where what is gone has no name any more.
    told_of_the_nameless: set[str] | None = None


def then(values: str, before: str = "0") -> str:
    """`values` once it happens."""
    return f"{before}x{WELL_FOR} {values}x{EVER}"


LATE = {
    "stillboard_unsettled_seconds": then("1+15"),
    "stillboard_board_unsettled_seconds": then("1+15"),
}
CALLS_WAIT = {'stillboard_queue_oldest_seconds{queue="render"}': then("1+15")}
NOBODY_RENDERS = {'stillboard_queue_workers{queue="render"}': then("0", before="1")}
NOTHING_IS_PUBLISHED = {
    "stillboard_takedown_open_seconds": then("1+15"),
    "stillboard_cloud_behind_seconds": then("1+15"),
    'stillboard_queue_oldest_seconds{queue="publish"}': then("1+15"),
}

EVENTS = (
    Event("all is well", told=set()),
    Event("the writer stops", {"PartMissing"}, gone="writer"),
    Event("catch-up stops", {"PartMissing"}, gone="catch_up"),
    Event(
        "the renderer stops",
        {"PartMissing"},
        frozenset({"PagesLate", "BoardLate", "QueueWithoutWorkers", "QueueStuck"}),
        gone="renderer",
        shows=LATE | CALLS_WAIT | NOBODY_RENDERS,
    ),
    Event(
        "pages are late and calls wait, though all parts answer",
        {"PagesLate", "QueueStuck"},
        frozenset({"BoardLate"}),
        shows=LATE | CALLS_WAIT,
    ),
    Event(
        "one of two renderers hangs, and pages are late",
        {"PartDown", "PagesLate"},
        frozenset({"BoardLate"}),
        one_hangs="renderer",
        shows=LATE,
    ),
    Event(
        "the publisher stops, and what was removed can still be found",
        {"PartMissing", "TakedownNotGone"},
        frozenset({"CloudBehind", "QueueStuck"}),
        gone="publisher",
        shows=NOTHING_IS_PUBLISHED,
        told_of_the_nameless={"QueueStuck", "TakedownNotGone", "CloudBehind"},
    ),
    Event(
        "no renderer, and the publisher's queue is stuck",
        {"PartMissing", "QueueStuck"},
        frozenset({"QueueWithoutWorkers"}),
        gone="renderer",
        shows=NOBODY_RENDERS | {'stillboard_queue_oldest_seconds{queue="publish"}': then("1+15")},
    ),
    Event(
        "PostgreSQL stops",
        {"DatabaseDown"},
        frozenset({"WatcherDown"}),
        shows={
            'stillboard_part_failures_total{part="database"}': then("0+15"),
            "pg_up": then("0", before="1"),
        },
    ),
    Event(
        "Valkey stops",
        {"QueueDown"},
        frozenset({"WatcherDown"}),
        shows={
            'stillboard_part_failures_total{part="queue"}': then("0+15"),
            "redis_up": then("0", before="1"),
        },
    ),
    Event("nginx stops", {"NginxDown"}, shows={"nginx_up": then("0", before="1")}),
    Event(
        "pages are missing",
        {"PagesWrong"},
        shows={'stillboard_sample_wrong_files{wrong="missing"}': then("1")},
    ),
    Event("PostgreSQL's exporter stops", {"WatcherDown"}, gone="postgres"),
    Event(
        "nginx's exporter stops, in a cluster with nginx",
        {"WatcherDown"},
        gone="nginx",
        told_of_the_nameless={"NginxDown"},
    ),
    Event("Loki stops", {"WatcherDown"}, gone="loki"),
    Event("PostgreSQL's exporter is let in no more", {"WatcherDown"}, shows={"pg_up": "0x400"}),
)


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> list[ShippedSet]:
    return shipped_sets(tmp_path_factory.mktemp("sets"))


@pytest.fixture(scope="module")
def fired(
    sets: list[ShippedSet], tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], list[Labels]]:
    """{(set, event): the alerts that fire}, of all at once."""
    pairs = [(one, event) for one in sets for event in EVENTS if concerns(event, one)]
    tests = [
        {
            "interval": "15s",
            "input_series": [
                {"series": name, "values": values} for name, values in seen(one, event).items()
            ],
            # No such alert is expected: promtool then says which ones there are.
            "promql_expr_test": [
                {
                    "expr": 'label_replace(ALERTS{alertstate="firing",alertname!="Watchdog"}, '
                    f'"pair", "{place}", "", "")',
                    "eval_time": LOOKED_AT,
                    "exp_samples": [],
                }
            ],
        }
        for place, (one, event) in enumerate(pairs)
    ]
    unit = {
        "rule_files": [str(path) for path in sorted(RULES.glob("*.yml"))],
        # PERF: each minute brings the same alerts and takes a quarter longer.
        "evaluation_interval": "2m",
        "tests": tests,
    }
    path = tmp_path_factory.mktemp("rules") / "sets.test.yml"
    # PERF: JSON, which is YAML too: to write it as YAML took 5 s of the processor.
    path.write_text(json.dumps(unit))
    done = subprocess.run(
        ["promtool", "test", "rules", str(path)], capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    assert "got:" in said, said
    found: dict[tuple[str, str], list[Labels]] = {(o.name, e.name): [] for o, e in pairs}
    for alert in re.findall(r'\{__name__="ALERTS"[^}]*\}', said):
        labels = dict(re.findall(r'(\w+)="([^"]*)"', alert))
        one, event = pairs[int(labels["pair"])]
        found[one.name, event.name].append(labels)
    return found


def concerns(event: Event, one: ShippedSet) -> bool:
    """Whether the set has what the event is about, and Prometheus is shown it."""
    shown = {name.partition("{")[0] for target in one.targets for name in healthy(target)}
    return (
        (not event.gone or event.gone in {target.kind for target in one.targets})
        and (not event.one_hangs or len(targets_of(one, event.one_hangs)) > 1)
        # What only an exporter shows happens where there is one.
        and (bool(set(event.shows) - OF_EXPORTERS) or set(event.shows) <= shown)
    )


def targets_of(one: ShippedSet, kind: str) -> list[Target]:
    return [target for target in one.targets if target.kind == kind]


def seen(one: ShippedSet, event: Event) -> Series:
    """Every series that Prometheus holds, of the metrics that rules speak of.

    PERF: with all others promtool takes twice as long, on a busy machine 36 s in place of 20.
    """
    asked_of = spoken_of_by_rules()
    found: Series = {}
    hanging = targets_of(one, event.one_hangs)[:1]
    for target in one.targets:
        shown = healthy(target)
        for asked, values in event.shows.items():
            shown |= {name: values for name in shown if shown_as(name, asked)}
        if target.kind == event.gone or target in hanging:
            stays = target.stays or target in hanging
            shown = {
                name: f"1x{WELL_FOR} 0x{EVER}"
                if stays and name.startswith("up{")
                else f"1x{WELL_FOR} stale"
                for name in shown
            }
        found |= {
            name: values for name, values in shown.items() if name.partition("{")[0] in asked_of
        }
    return found


@cache
def spoken_of_by_rules() -> set[str]:
    """The names of metrics."""
    return {name for rule in rules() for name in spoken_of(rule["expr"]).metrics}


def untold(alert: Labels, beside: list[Labels]) -> bool:
    """Whether another alert mutes this one, as Alertmanager's configuration has it."""
    return any(
        meets(alert, rule["target_matchers"])
        and any(
            meets(other, rule["source_matchers"])
            and all(other.get(label) == alert.get(label) for label in rule.get("equal", ()))
            for other in beside
            if other is not alert
        )
        for rule in INHIBIT_RULES
    )


def meets(alert: Labels, matchers: list[str]) -> bool:
    for matcher in matchers:
        found = re.fullmatch(r'(\w+)(=~?)"([^"]*)"', matcher)
        assert found, matcher
        label, how, value = found.groups()
        pattern = value if how == "=~" else re.escape(value)
        if not re.fullmatch(pattern, alert.get(label, "")):
            return False
    return True


@pytest.mark.parametrize("name", ["up", "systemd", "compose", "compose.ha", "kubernetes"])
def test_alerts_of_a_set_tell_what_is_wrong_and_nothing_else(
    sets: list[ShippedSet], fired: dict[tuple[str, str], list[Labels]], name: str
) -> None:
    (one,) = (one for one in sets if one.name == name)
    wrong = {}
    for event in EVENTS:
        if (name, event.name) in fired:
            firing = fired[name, event.name]
            told = {alert["alertname"] for alert in firing if not untold(alert, firing)}
            muted = {alert["alertname"] for alert in firing} - told
            if told != expected(event, one) or not muted <= event.muted | {"PartDown"}:
                wrong[event.name] = f"told: {told}, muted: {muted}"
    assert wrong == {}


def expected(event: Event, one: ShippedSet) -> set[str]:
    stays = not event.gone or any(target.stays for target in targets_of(one, event.gone))
    return event.told if stays else event.told_of_the_nameless or event.told


@for_each(
    ("name", "stops"),
    [
        *(
            (name, stops)
            for name in ("systemd", "compose", "compose.ha", "kubernetes")
            for stops in ("PostgreSQL stops", "Valkey stops", "nginx stops")
        ),
        # Whether its nginx answers is seen from outside alone.
        ("up", "PostgreSQL stops"),
        ("up", "Valkey stops"),
    ],
)
def test_a_server_that_stops_is_told_in_each_set(
    fired: dict[tuple[str, str], list[Labels]], name: str, stops: str
) -> None:
    """By its own alert, beside which its exporter's may be muted."""
    told = {"PostgreSQL": "DatabaseDown", "Valkey": "QueueDown", "nginx": "NginxDown"}
    assert told[stops.removesuffix(" stops")] in {one["alertname"] for one in fired[name, stops]}


def test_each_set_shows_the_programs_that_the_rules_speak_of(sets: list[ShippedSet]) -> None:
    """No rule speaks of the courier: without it a reader hears later of a reply."""
    for one in sets:
        programs = {target.program for target in one.targets} - {"", "courier"}
        assert programs == {"writer", "renderer", "catch_up", "publisher"}, one.name


def test_no_name_of_a_target_hides_what_a_program_says_of_itself(sets: list[ShippedSet]) -> None:
    """Prometheus would keep the program's as exported_…, of which no rule speaks."""
    for one in sets:
        for target in one.targets:
            assert "exported_" not in "".join(healthy(target)), target
