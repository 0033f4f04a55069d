"""A part shows its metrics at an address of its own, and whoever is alive shows them."""

from __future__ import annotations

import json
import socket
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector

from deploy.embedded.service import free_port
from deploy.metrics_addresses import addresses, write_targets
from monitoring import metrics_port
from monitoring.metrics_port import MetricsPort, address_of, registry_of, serve
from tests.deploy.stand_ins import WAIT_S
from tests.monitoring.servers import awaited, tried


class Broken(Collector):
    """Figures that can't be made."""

    def collect(self) -> list[object]:  # type: ignore[override]
        raise RuntimeError


def text_of(registry: CollectorRegistry) -> set[str]:
    return {family.name for family in registry.collect()}


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        ("127.0.0.1:9400", ("127.0.0.1", 9400)),
        ("[::1]:9400", ("::1", 9400)),
        ("0.0.0.0:1", ("0.0.0.0", 1)),
    ],
)
def test_address_is_read_as_it_is_written(listen: str, address: tuple[str, int]) -> None:
    assert address_of(listen) == address


def test_part_without_an_address_shows_nothing() -> None:
    assert serve("renderer", "", schema="", connections=dict) is None


def test_part_shows_its_own_metrics_and_what_its_processes_use() -> None:
    shown = text_of(registry_of("publisher"))
    assert {"stillboard_cloud_puts", "process_resident_memory_bytes"} <= shown
    assert "stillboard_unsettled_seconds" not in shown


@pytest.mark.slow
def test_next_in_line_takes_over_when_the_first_is_gone() -> None:
    address = ("127.0.0.1", free_port())
    seen = {name: threading.Event() for name in ("first", "second")}
    ports = {
        name: MetricsPort(registry_of("renderer"), address, look=event.set)
        for name, event in seen.items()
    }
    for name, port in ports.items():
        port.start()
        assert seen[name].wait(WAIT_S)
    try:
        assert awaited(lambda: tried(f"127.0.0.1:{address[1]}", "/metrics"))
        ports["first"].stop()
        assert awaited(lambda: tried(f"127.0.0.1:{address[1]}", "/metrics"))
    finally:
        ports["second"].stop()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{address[1]}/metrics")


def test_address_that_somebody_else_keeps_is_told_of_once(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics_port, "TOLD_AFTER_S", -1.0)
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        port = MetricsPort(registry_of("renderer"), somebody.getsockname())
        assert port._bound() is None
        assert port._bound() is None
    assert capfd.readouterr().out.count("metrics_address_taken") == 1


def test_port_survives_figures_that_cannot_be_made(capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing of what a program is there for may end with its metrics."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Broken())
    port = MetricsPort(registry, ("127.0.0.1", free_port()))
    port.start()
    try:
        for _ in range(2):
            awaited(lambda: get_fails(port))
        assert port.is_alive()
    finally:
        port.stop()


def get_fails(port: MetricsPort) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port._address[1]}/metrics", timeout=WAIT_S)
    except urllib.error.URLError as ex:
        return not isinstance(ex.reason, ConnectionRefusedError)
    except OSError:
        return True
    return False


# --- on one machine ---


def test_programs_stand_side_by_side_from_the_address_on() -> None:
    programs = ["writer", "catch-up", "publisher", "renderer-1", "renderer-2", "developer"]
    assert addresses("10.0.0.1:9400", programs) == {
        "writer": "10.0.0.1:9400",
        "catch-up": "10.0.0.1:9401",
        "publisher": "10.0.0.1:9402",
        "renderer-1": "10.0.0.1:9403",
        "renderer-2": "10.0.0.1:9404",
        "developer": "10.0.0.1:9405",
    }


def test_programs_get_free_ports_of_this_machine_when_nothing_is_said() -> None:
    found = addresses("", ["writer", "renderer-1"])
    assert all(address.startswith("127.0.0.1:") for address in found.values())
    assert len(set(found.values())) == 2


def test_prometheus_is_told_what_each_program_is(tmp_path: Path) -> None:
    path = tmp_path / "metrics" / "targets.json"
    write_targets(path, {"renderer-2": "127.0.0.1:9404", "catch-up": "127.0.0.1:9401"})
    assert json.loads(path.read_text()) == [
        {"targets": ["127.0.0.1:9404"], "labels": {"program": "renderer"}},
        {"targets": ["127.0.0.1:9401"], "labels": {"program": "catch_up"}},
    ]
