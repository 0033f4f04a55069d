"""The dashboards that Grafana is given; whether their metrics exist is asked of a running board."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest

from monitoring import dashboards
from monitoring.panels import COLUMNS, as_grafana_reads_it
from tests.house_rules.repository import ROOT
from tests.monitoring.promql import Spoken, spoken_of
from tests.monitoring.rule_files import alerts, read
from tests.tables import for_each

pytestmark = pytest.mark.slow

PROVISIONING = ROOT / "monitoring" / "grafana" / "provisioning"


def test_files_are_those_that_the_module_writes() -> None:
    """`python -m monitoring.dashboards` after a change of its table."""
    assert sorted(dashboards.FOLDER.iterdir()) == sorted(dashboards.files())
    for path, text in dashboards.files().items():
        assert path.read_text(encoding="utf-8") == text, path.name


def test_pages_name_the_data_sources_that_are_provisioned() -> None:
    sources = read(PROVISIONING / "datasources" / "datasources.yml")["datasources"]
    provisioned = {(source["type"], source["uid"]) for source in sources}
    for name, page in pages().items():
        asked = [*page["panels"], *page.get("templating", {"list": []})["list"]]
        asked += [target for panel in page["panels"] for target in panel.get("targets", ())]
        for one in asked:
            if one.get("type") != "text":
                source = one["datasource"]
                assert (source["type"], source["uid"]) in provisioned, name


def test_a_page_begins_with_what_is_wrong_now_and_then_has_its_numbers() -> None:
    """Empty where all is well: Watchdog, which always fires, is not in it."""
    for dashboard in dashboards.DASHBOARDS:
        panels = as_grafana_reads_it(dashboard)["panels"]
        first, *others = sorted(panels, key=lambda one: (one["gridPos"]["y"], one["gridPos"]["x"]))
        (target,) = first["targets"]
        assert (first["type"], first["gridPos"]["w"], target["instant"]) == ("stat", COLUMNS, True)
        assert 'alertname!="Watchdog"' in target["expr"]
        kinds = [one["type"] for one in others]
        assert kinds == sorted(kinds, key=["stat", "timeseries", "logs"].index), dashboard.name


def test_what_is_wrong_is_said_on_the_page_where_it_can_be_looked_at() -> None:
    """Each alert's part is among those of the page that it leads to."""
    for dashboard in dashboards.DASHBOARDS:
        (query,) = dashboard.first.lines.values()
        (parts,) = re.findall(r'part=~"([^"]+)"', query)
        for panel in dashboard.panels:
            for alert in panel.alerts:
                told = alerts()[alert]["labels"]["part"]
                assert "{{" in told or re.fullmatch(parts, told), (dashboard.name, alert)


def test_panels_do_not_lie_on_one_another_and_each_is_found_by_its_number() -> None:
    for name, page in pages().items():
        taken = set[tuple[int, int]]()
        for panel in page["panels"]:
            at = panel["gridPos"]
            assert at["x"] + at["w"] <= COLUMNS
            cells = {
                (at["x"] + right, at["y"] + down)
                for right in range(at["w"])
                for down in range(at["h"])
            }
            assert not cells & taken, (name, panel["title"])
            taken |= cells
        assert len({panel["id"] for panel in page["panels"]}) == len(page["panels"]), name


def test_every_variable_is_used_and_every_one_that_is_used_can_be_chosen() -> None:
    chosen_anywhere = set()
    for name, page in pages().items():
        chosen = {one["name"] for one in page.get("templating", {"list": []})["list"]}
        queries = [one["expr"] for panel in page["panels"] for one in panel.get("targets", ())]
        used = set(re.findall(r"\$(\w+)", " ".join(queries))) - {"__rate_interval"}
        assert chosen == used, name
        chosen_anywhere |= chosen
    assert chosen_anywhere == {"board", "part"}


def test_every_link_leads_to_a_panel_that_is_there() -> None:
    """From an alert to its figure, from there to the runbook, and from one section to another."""
    there = {
        f"/d/{page['uid']}?viewPanel={panel['id']}"
        for page in pages().values()
        for panel in page["panels"]
    }
    links = {rule["annotations"]["dashboard"] for rule in alerts().values()}
    for page in pages().values():
        links |= {link["url"] for panel in page["panels"] for link in panel.get("links", ())}
        links |= set(re.findall(r"\((/d/[^)]*)\)", json.dumps(page)))
    assert links <= there, links - there


def test_each_alert_leads_to_one_panel_and_that_to_its_section_of_the_runbook() -> None:
    for name, rule in alerts().items():
        assert rule["annotations"]["dashboard"] == dashboards.address_of(name)
        page, number = re.findall(
            r"stillboard-(\w+)\?viewPanel=(\d+)", dashboards.address_of(name)
        )[0]
        (panel,) = (one for one in pages()[page]["panels"] if one["id"] == int(number))
        assert f"{name}: what to do" in [link["title"] for link in panel["links"]]


def test_runbook_is_a_page_too_with_all_that_is_written_of_each_alert() -> None:
    """Its links to other files are names of these: Grafana does not know where they can be read."""
    texts = {panel["title"]: panel["options"]["content"] for panel in pages()["runbook"]["panels"]}
    assert list(texts) == list(alerts())
    assert all(text.startswith("**Means**") for text in texts.values())
    assert "[PartDown](/d/stillboard-runbook?viewPanel=" in texts["PartMissing"]
    assert not re.search(r"\]\((?!https://|/d/)", "".join(texts.values()))


def test_panel_is_red_where_an_alert_of_its_is_about_to_come() -> None:
    for dashboard in dashboards.DASHBOARDS:
        for panel in dashboard.panels:
            bound = panel.alarm_at if panel.alarm_below is None else panel.alarm_below
            if bound is None or not panel.alerts:
                continue
            bounds = [one for name in panel.alerts for one in bounds_of(alerts()[name]["expr"])]
            assert bound in bounds, (dashboard.name, panel.title, bounds)


def bounds_of(query: str) -> list[float]:
    """'x > 26 * 3600 or y == 0' -> [93600, 1]: from where on, or below what, it comes."""
    found = re.findall(r"(?:==|[<>]) ([\d.e]+)((?: \* [\d.e]+)*)", query)
    return [
        math.prod(map(float, (one, *more.replace("*", "").split()))) or 1 for one, more in found
    ]


def pages() -> dict[str, Any]:
    """{'board': what Grafana reads}"""
    return {path.stem: json.loads(text) for path, text in dashboards.files().items()}


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
