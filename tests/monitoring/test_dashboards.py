"""The dashboards that Grafana is given; whether their metrics exist is asked of a running board."""

from __future__ import annotations

import json

from monitoring import dashboards
from tests.house_rules.repository import ROOT
from tests.monitoring.promql import Spoken, spoken_of
from tests.monitoring.rule_files import read
from tests.tables import for_each

PROVISIONING = ROOT / "monitoring" / "grafana" / "provisioning"


def test_files_are_those_that_the_module_writes() -> None:
    """`python -m monitoring.dashboards` after a change of its table."""
    assert sorted(dashboards.FOLDER.iterdir()) == sorted(dashboards.files())
    for path, text in dashboards.files().items():
        assert path.read_text(encoding="utf-8") == text, path.name


def test_dashboards_name_the_data_sources_that_are_provisioned() -> None:
    sources = read(PROVISIONING / "datasources" / "datasources.yml")["datasources"]
    provisioned = {(source["type"], source["uid"]) for source in sources}
    for path in dashboards.files():
        for panel in json.loads(path.read_text())["panels"]:
            for source in (panel["datasource"], *(one["datasource"] for one in panel["targets"])):
                assert (source["type"], source["uid"]) in provisioned


def test_first_panel_of_the_first_dashboard_says_what_is_wrong_now() -> None:
    """Empty where all is well: Watchdog, which always fires, is not in it."""
    panel = dashboards.as_grafana_reads_it(dashboards.BOARD)["panels"][0]
    (target,) = panel["targets"]
    assert (panel["type"], panel["gridPos"]["y"], target["instant"]) == ("stat", 0, True)
    assert "ALERTS" in target["expr"]
    assert 'alertname!="Watchdog"' in target["expr"]


def test_panels_do_not_lie_on_one_another() -> None:
    for dashboard in dashboards.DASHBOARDS:
        panels = dashboards.as_grafana_reads_it(dashboard)["panels"]
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
        assert len(set(places)) == len(places)
        assert len({panel["title"] for panel in panels}) == len(panels)


@for_each(
    ("query", "metrics", "grouped_by"),
    [
        ("up == 0", {"up": set()}, set()),
        ("rate(x_total[5m]) > 4e9", {"x_total": set()}, set()),
        (
            'sum by (a, le) (rate(x_bucket{b=~"5..",c!=""}[5m]))',
            {"x_bucket": {"b", "c"}},
            {"a", "le"},
        ),
        ("max(a) / on (i) b or vector(0)", {"a": set(), "b": set()}, {"i"}),
        ("a unless on () sum(b)", {"a": set(), "b": set()}, set()),
        ("histogram_quantile(0.5, level:x:rate5m)", {"level:x:rate5m": set()}, set()),
        ('x{a="y{b}"}', {"x": {"a"}}, set()),
    ],
)
def test_reader_of_queries_finds_their_metrics_and_labels(
    query: str, metrics: dict[str, set[str]], grouped_by: set[str]
) -> None:
    assert spoken_of(query) == Spoken(metrics, grouped_by)
