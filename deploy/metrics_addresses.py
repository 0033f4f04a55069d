"""Where each program of one machine shows its metrics, and how Prometheus is told.

Prometheus reads such a file by itself whenever it changes (`file_sd_configs`): monitoring/
prometheus.server.yml names the folder that it may be put into.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from deploy.embedded.service import free_port

#: The programs in the order of their ports; render workers follow, as many as there are, then the
#: developer and the courier.
FIRST_PROGRAMS = ("writer", "catch-up", "publisher")


def addresses(listen: str, programs: list[str]) -> dict[str, str]:
    """{program: 'host:port'}: from `listen` on, one after the other; free ports for ''.

    'renderer-1' is 3 above `listen`, whether or not there is a publisher.
    """
    if not listen:
        return {program: f"127.0.0.1:{free_port()}" for program in programs}
    host, _, first = listen.rpartition(":")
    return {program: f"{host}:{int(first) + n}" for n, program in enumerate(programs)}


def write_targets(path: Path, addresses: dict[str, str]) -> None:
    """What `file_sd_configs` reads: the address of each program, and what it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(_targets(addresses)), indent=2) + "\n", encoding="utf-8")


def _targets(addresses: dict[str, str]) -> Iterator[dict[str, object]]:
    for program, address in addresses.items():
        yield {"targets": [address], "labels": {"program": _kind(program)}}


def _kind(program: str) -> str:
    """'renderer-2' -> 'renderer'; 'catch-up' -> 'catch_up', as its logs call it."""
    return "renderer" if program.startswith("renderer-") else program.replace("-", "_")
