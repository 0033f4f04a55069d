"""A board of systemd's that is watched by Debian's Prometheus, as docs/operations.md has it."""

from __future__ import annotations

import json

from tests.deploy.debian import pages, systemd
from tests.deploy.debian.server import REPOSITORY, Server, a_server

BOOK = "operations.md"
#: Whoever is told of alerts: a line for each message, its path and its body.
TOLD = "/run/host/told"
_RECEIVER = f"""\
from http.server import BaseHTTPRequestHandler, HTTPServer

class Door(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with open("{TOLD}", "a") as told:
            print(self.path, body, file=told)
        self.send_response(200)
        self.end_headers()

HTTPServer(("127.0.0.1", 9999), Door).serve_forever()
"""
#: Of deploy/systemd, Debian's exporters, and Prometheus and Alertmanager themselves.
TARGETS = 4 + 4 + 2
#: They are about the machine that the tests run on.
OF_THE_MACHINE = {
    *("DiskAlmostFull", "DiskFillsUp", "FilesRunOut", "ServerDiskAlmostFull"),
    *("ServerBusy", "ServerMemoryShort"),
}


def follow() -> None:
    """From the empty server to an alert that arrives; a healthy board sends none."""
    install = (
        *pages.steps("systemd-packages", systemd.PAGE),
        *pages.steps("monitoring-packages", BOOK),
    )
    with a_server("monitored", systemd.STILLBOARD, *install) as server:
        server.follow("systemd", systemd.PAGE, replaced={"…": REPOSITORY})
        server.machine.run("cat >/srv/receiver.py", given=_RECEIVER)
        server.machine.run("systemd-run --quiet --unit=receiver python3 /srv/receiver.py")
        watch(server)


def watch(server: Server) -> None:
    doors = {
        "https://chat.example.org/…": "http://127.0.0.1:9999/chat",
        "https://alive.example.org/…": "http://127.0.0.1:9999/alive",
    }
    server.follow("monitoring", BOOK, replaced=doors)
    ask = "python3 -c \"import urllib.request as u; print(u.urlopen('{}').read().decode())\""
    api = "http://127.0.0.1:9090/api/v1"
    server.machine.until(ask.format(f"{api}/targets"), is_so=all_answer)
    server.machine.until(f"cat {TOLD}", is_so=lambda said: "/alive" in said)
    alerts = json.loads(server.machine.run(ask.format(f"{api}/alerts")))["data"]["alerts"]
    firing = {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}
    assert firing - OF_THE_MACHINE == {"Watchdog"}, alerts
    server.follow("monitoring-alert", BOOK)
    server.machine.until(f"cat {TOLD}", is_so=lambda said: "A test" in said)
    listening = server.machine.run("ss --listening --tcp --numeric --no-header")
    public = {line.split()[3] for line in listening.splitlines() if "127.0.0.1" not in line}
    assert {place.rpartition(":")[2] for place in public if "::1" not in place} == {"80", "443"}


def all_answer(said: str) -> bool:
    """Prometheus has asked every target, and all are there."""
    if not said.startswith("{"):
        return False
    targets = json.loads(said)["data"]["activeTargets"]
    return [target["health"] for target in targets] == ["up"] * TARGETS
