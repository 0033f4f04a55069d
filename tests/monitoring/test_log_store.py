"""The log store and its collector, as far as their files alone can tell."""

from __future__ import annotations

import re

from imageboard.settings import Settings
from tests.house_rules.repository import ROOT
from tests.monitoring.rule_files import read

LOKI = ROOT / "monitoring" / "loki.yml"
ALLOY = ROOT / "monitoring" / "alloy" / "config.alloy"

#: Sections of Loki 3: https://grafana.com/docs/loki/latest/configure/ (read 2026-11-24).
SECTIONS = {
    *("auth_enabled", "server", "common", "schema_config", "limits_config", "compactor"),
    *("analytics", "storage_config", "ingester", "querier", "query_range", "ruler"),
}


def alloy() -> str:
    """Without its comments."""
    return re.sub(r"^\s*//.*$", "", ALLOY.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_loki_is_told_nothing_that_it_does_not_know() -> None:
    settings = read(LOKI)
    assert set(settings) <= SECTIONS
    (schema,) = settings["schema_config"]["configs"]
    # Other combinations have no retention, or none that is still cared for.
    assert (schema["store"], schema["schema"], schema["index"]["period"]) == ("tsdb", "v13", "24h")


def test_logs_are_forgotten_when_addresses_are() -> None:
    settings = read(LOKI)
    assert settings["compactor"]["retention_enabled"]
    assert settings["compactor"]["delete_request_store"] == "filesystem"
    kept_hours = int(settings["limits_config"]["retention_period"].removesuffix("h"))
    assert kept_hours == 24 * Settings().address_kept_days


def test_collector_sends_to_the_log_store() -> None:
    port = read(LOKI)["server"]["http_listen_port"]
    assert f'url = "http://loki:{port}/loki/api/v1/push"' in alloy()


def test_labels_of_log_lines_are_few() -> None:
    """Each combination of their values is a stream: an id among them would make one a request."""
    (labels,) = re.findall(r"stage\.labels \{\s*values = \{([^}]*)\}", alloy())
    assert re.findall(r"(\w+)\s*=", labels) == ["part", "level"]


def test_components_of_the_collector_are_joined_to_ones_that_exist() -> None:
    text = alloy()
    assert text.count("{") == text.count("}")
    made = {
        f"{kind}.{name}" for kind, name in re.findall(r'^([\w.]+) "(\w+)" \{', text, re.MULTILINE)
    }
    used = set(
        re.findall(r"\b((?:discovery|loki)\.\w+(?:\.\w+)?)\.(?:targets|rules|receiver)", text)
    )
    assert used <= made
    assert made - used == {"loki.source.docker.board"}, "whose lines nobody takes"
