"""A board that runs, as its operators see it: metrics, dashboards, an alert, logs."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx
import psycopg
import pytest
import redis
from prometheus_client.parser import text_string_to_metric_families
from rq import Queue, Worker

from deploy.embedded.service import free_port
from imageboard.queue.queues import QUEUE
from monitoring import dashboards, metrics
from tests.cli.boards import UNPRESSED
from tests.deploy.stand_ins import WAIT_S
from tests.monitoring.promql import spoken_of
from tests.monitoring.rule_files import rules
from tests.monitoring.servers import (
    alertmanager,
    awaited,
    get,
    get_json,
    prometheus,
    running,
)
from tests.walk.board_process import BoardProcess, a_board_process

pytestmark = pytest.mark.board

needs_exporters = pytest.mark.needs(
    *(f"prometheus-{name}-exporter" for name in ("postgres", "redis", "nginx"))
)

#: What Prometheus adds to all that it reads.
TARGET_LABELS = {"program", "instance", "job", "le"}
#: What Prometheus has by itself.
OF_PROMETHEUS = {"up": set[str](), "ALERTS": {"alertname", "alertstate", "part", "board"}}
#: What of the node exporter's is asked for; there is none beside the tests. Names as published
#: rules and dashboards for it have them (read 2026-11-29).
_OF_A_DISK = {"device", "fstype", "mountpoint"}
OF_NODE_EXPORTER = {
    "node_filesystem_avail_bytes": _OF_A_DISK,
    "node_filesystem_size_bytes": _OF_A_DISK,
    "node_memory_MemAvailable_bytes": set[str](),
    "node_memory_MemTotal_bytes": set[str](),
    "node_cpu_seconds_total": {"cpu", "mode"},
}

#: nginx's own words: https://nginx.org/en/docs/http/ngx_http_stub_status_module.html (read
#: 2026-11-24). The nginx of the tests is built without that module; the exporter is the real one.
STUB_STATUS = (
    "Active connections: 1 \nserver accepts handled requests\n 16 16 31 \n"
    "Reading: 0 Writing: 1 Waiting: 0 \n"
)

#: {metric: its labels}
Known = dict[str, set[str]]


class Outside(BaseHTTPRequestHandler):
    """Who is not here: a CDN that purges what it is told and has kept nothing; nginx's status; who
    notices that no more alerts can come.
    """

    #: {path: what was last sent there}
    told: ClassVar[dict[str, str]] = {}

    def do_POST(self) -> None:
        self.told[self.path] = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer(200, '{"success": true}')

    def do_GET(self) -> None:
        if self.path == "/stub_status":
            self._answer(200, STUB_STATUS)
        else:
            self._answer(404, "")

    def _answer(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def outside() -> Iterator[str]:
    """The address of `Outside`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Outside) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def board() -> Iterator[BoardProcess]:
    """With a publisher, which has a CDN to tell."""
    with (
        outside() as url,
        a_board_process(
            CDN_ZONE_ID="zone",
            CDN_API_TOKEN="cdn-api-token-of-the-test",
            CDN_BASE_URL=url,
            STILLBOARD_CDN_API_URL=url,
            **UNPRESSED,
        ) as board,
    ):
        yield board


@cache
def addresses(board: BoardProcess) -> dict[str, str]:
    """{program: where its metrics are}, of those that run.

    PERF: asked once. To ask takes five connections and three programs for their versions.
    """
    status = json.loads(board.cli("status", "--json"))
    return {part["name"]: part["metrics"] for part in status["parts"] if part["metrics"]}


def shown_by(board: BoardProcess, program: str) -> str:
    """Its metrics, as soon as it answers: a board is ready before the last of its programs is."""
    return get(addresses(board)[program], "/metrics")


def known_from(text: str) -> Known:
    """What a scrape shows: the labels of each metric."""
    known: Known = {name: set() for name in re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE)}
    for name, labels in re.findall(r"^([a-z]\w*)(?:\{(.*)\})? ", text, re.MULTILINE):
        known.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    return known


def figure(board: BoardProcess, program: str, name: str, **labels: str) -> float:
    """One sample; 0 when there is none."""
    for family in text_string_to_metric_families(shown_by(board, program)):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return float(sample.value)
    return 0.0


# --- metrics ---


def test_each_program_shows_what_is_its_own_and_nothing_else(board: BoardProcess) -> None:
    shown = {program: set(known_from(shown_by(board, program))) for program in addresses(board)}
    assert set(shown) == {"writer", "renderer-1", "catch-up", "publisher"}
    assert all("process_resident_memory_bytes" in names for names in shown.values())
    assert all("stillboard_build_info" in names for names in shown.values())
    assert [program for program in shown if "stillboard_unsettled_seconds" in shown[program]] == [
        "catch-up"
    ]


def test_answers_of_all_of_the_writers_processes_are_counted_together(board: BoardProcess) -> None:
    """Whichever of them is asked for the metrics."""
    counted = lambda: figure(board, "writer", "stillboard_posts_stored_total", kind="thread")  # noqa: E731
    before = counted()
    for number in range(12):
        board.post(board="b", body=f"thread {number}", address=f"192.0.2.{number}")
    assert counted() - before == 12
    # Two have eight each; the board is ready as soon as one of them is.
    awaited(lambda: figure(board, "writer", "stillboard_max_running_requests") == 16)


def test_another_of_the_writers_processes_shows_the_metrics_when_the_first_is_killed(
    board: BoardProcess,
) -> None:
    """And what the dead one counted stays counted."""
    board.post(board="b", body="something to count")
    before = figure(board, "writer", "stillboard_responses_total", status="200")
    assert before > 0
    master = board.running.pids()["writer"]
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    for pid in map(int, children):
        os.kill(pid, signal.SIGKILL)
        awaited(
            lambda: figure(board, "writer", "stillboard_responses_total", status="200") >= before
        )
    # Those that came in their places are counted, and the dead are not.
    awaited(lambda: figure(board, "writer", "stillboard_database_max_connections") == 20)


def test_pages_that_nginx_does_not_find_are_counted(board: BoardProcess) -> None:
    """nginx tells catch-up, each as `up` starts it."""
    missing = {"status": "404", "asked_for": "page"}
    counted = lambda: figure(board, "catch-up", "stillboard_nginx_failures_total", **missing)  # noqa: E731
    before = counted()
    board.http.get("/b/res/987654321.html")
    awaited(lambda: counted() > before)


def test_metrics_are_not_on_the_public_site(board: BoardProcess) -> None:
    for path in ("/metrics", "/metrics/", "/writer/metrics", "/mod/metrics"):
        answer = board.http.get(path)
        assert answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.FORBIDDEN), path
        assert "stillboard_" not in answer.text


def test_metrics_are_for_this_machine_alone(board: BoardProcess) -> None:
    assert {address.partition(":")[0] for address in addresses(board).values()} == {"127.0.0.1"}


def test_port_of_the_metrics_shows_nothing_else(board: BoardProcess) -> None:
    for program, address in addresses(board).items():
        assert shown_by(board, program)
        assert httpx.get(f"http://{address}/", timeout=WAIT_S).status_code == httpx.codes.NOT_FOUND
        assert get(address, "/metrics?x=1")


# --- dashboards, rules and alerts speak of what there is ---


@pytest.fixture(scope="module")
def known(board: BoardProcess) -> Known:
    """Every metric of the running board and of the exporters beside it."""
    texts = [shown_by(board, program) for program in addresses(board)]
    texts += _scraped_exporters(board)
    found: Known = {}
    # What the writer has not counted yet is not shown: its processes share what they counted.
    for shown in (OF_PROMETHEUS, OF_NODE_EXPORTER, _declared(), *map(known_from, texts)):
        for name, labels in shown.items():
            found[name] = found.get(name, set()) | labels
    return found


def _declared() -> Known:
    return {
        row.name + ending: set(row.labels)
        for row in metrics.ROWS
        for ending in (("_bucket", "_sum", "_count") if row.kind == "histogram" else ("",))
    }


def _scraped_exporters(board: BoardProcess) -> Iterator[str]:
    """The text that each shows."""
    database = psycopg.conninfo.conninfo_to_dict(board.environment["DATABASE_URL"])
    queue = redis.connection.parse_url(board.environment["REDIS_URL"])
    port = free_port()
    with running(
        ["prometheus-postgres-exporter", f"--web.listen-address=127.0.0.1:{port}"],
        port,
        environ={
            "DATA_SOURCE_NAME": f"host={database['host']} user={database['user']} "
            f"password={database['password']} dbname={database['dbname']} sslmode=disable"
        },
    ) as address:
        yield get(address, "/metrics")
    port = free_port()
    with running(
        ["prometheus-redis-exporter", f"-web.listen-address=127.0.0.1:{port}"],
        port,
        environ={
            "REDIS_ADDR": f"unix://{queue['path']}",
            "REDIS_PASSWORD": str(queue["password"]),
        },
    ) as address:
        yield get(address, "/metrics")
    port = free_port()
    with (
        outside() as url,
        running(
            [
                "prometheus-nginx-exporter",
                f"-web.listen-address=127.0.0.1:{port}",
                f"-nginx.scrape-uri={url}/stub_status",
            ],
            port,
        ) as address,
    ):
        yield get(address, "/metrics")


def queries() -> dict[str, str]:
    """{where it stands: query}"""
    found = {rule.get("alert") or rule["record"]: rule["expr"] for rule in rules()}
    for dashboard in dashboards.DASHBOARDS:
        for panel in dashboard.all_panels:
            for legend, query in panel.lines.items():
                found[f"{dashboard.name}: {panel.title}: {legend}"] = query
    return found


@needs_exporters
def test_queries_speak_of_metrics_and_labels_that_exist(known: Known) -> None:
    recorded = {
        rule["record"]: spoken_of(rule["expr"]).grouped_by for rule in rules() if "record" in rule
    }
    everything = known | recorded
    for where, query in queries().items():
        spoken = spoken_of(query)
        missing = set(spoken.metrics) - set(everything)
        assert not missing, f"{where}: {missing}"
        labels = set[str]().union(*(everything.get(name, set()) for name in spoken.metrics))
        for name, asked in spoken.metrics.items():
            unknown = asked - everything.get(name, set()) - TARGET_LABELS
            assert not unknown, f"{where}: {name} has no {unknown}"
        assert spoken.grouped_by <= labels | TARGET_LABELS, where


@needs_exporters
def test_everything_that_a_program_shows_is_listed(known: Known) -> None:
    """And so is documented: tests/house_rules/ compares the list with docs/metrics.md."""
    own = {name for name in known if name.startswith("stillboard_")}
    families = {name.removesuffix("_total") for name in _declared()} | set(_declared())
    histograms = {name.removesuffix("_bucket") for name in families if name.endswith("_bucket")}
    assert own <= families | histograms


# --- an alert, from a renderer that hangs to whoever is told ---


@pytest.mark.needs("prometheus", "prometheus-alertmanager")
def test_alert_for_a_renderer_that_hangs_arrives_and_goes_when_it_is_well_again(
    board: BoardProcess, tmp_path: Path
) -> None:
    """Stopped, not killed: the supervisor would start it anew before anybody noticed."""
    renderer = board.running.pids()["renderer-1"]
    targets = board.data / "metrics" / "targets.json"
    with (
        outside() as url,
        alertmanager(tmp_path, alive=f"{url}/alive") as told,
        prometheus(tmp_path, targets=targets, alertmanager=told, patience=1 / 30) as asked,
    ):
        awaited(lambda: _programs_up(asked) == {"writer", "renderer", "catch_up", "publisher"})
        awaited(lambda: "Watchdog" in Outside.told.get("/alive", ""))
        awaited(lambda: "renderer" not in _alerts(told))
        os.kill(renderer, signal.SIGSTOP)
        try:
            alert = awaited(lambda: _alerts(told).get("renderer"))
        finally:
            os.kill(renderer, signal.SIGCONT)
        assert alert["labels"]["severity"] == "critical"
        assert alert["receivers"] == [{"name": "pages"}]
        assert alert["annotations"]["summary"].startswith("The renderer at 127.0.0.1:")
        awaited(lambda: "renderer" not in _alerts(told))
        awaited(lambda: "unknown" not in _health_of_rules(asked).values())
        assert {rule: is_ for rule, is_ in _health_of_rules(asked).items() if is_ != "ok"} == {}


def _programs_up(prometheus: str) -> set[str]:
    found = get_json(prometheus, "/api/v1/query?query=up==1")["data"]["result"]
    return {series["metric"]["program"] for series in found}


def _alerts(alertmanager: str) -> dict[str, dict[str, dict[str, str]]]:
    """{part: the alert that it is down}. Of a part that a busy machine keeps waiting there may be
    one as well: all is in a hurry here.
    """
    alerts = get_json(alertmanager, "/api/v2/alerts?active=true")
    return {
        alert["labels"]["part"]: alert
        for alert in alerts
        if alert["labels"]["alertname"] == "PartDown"
    }


def _health_of_rules(prometheus: str) -> dict[str, str]:
    """{rule: 'ok', 'unknown' before its first turn, or what is wrong with it}"""
    groups = get_json(prometheus, "/api/v1/rules")["data"]["groups"]
    return {
        rule["name"]: rule.get("lastError") or rule["health"]
        for group in groups
        for rule in group["rules"]
    }


# --- logs ---


def log(board: BoardProcess, part: str) -> str:
    return (board.data / "logs" / f"{part}.log").read_text()


def lines(board: BoardProcess, part: str, event: str | None = None) -> list[dict[str, Any]]:
    """The fields of each line, or of those of one event; libraries write others in between."""
    whole, _, _half = log(board, part).rpartition("\n")
    found = (json.loads(line) for line in whole.splitlines() if line.startswith("{"))
    return [line for line in found if event in (None, line["event"])]


def no_worker_draws(board: BoardProcess) -> bool:
    """One that has drawn stays for two seconds, and takes what comes without another call."""
    with redis.Redis.from_url(board.environment["REDIS_URL"]) as queue:
        workers = Worker.all(queue=Queue(QUEUE, connection=queue))
        return [one.get_state() for one in workers] == ["idle"]


def test_post_can_be_followed_from_its_request_to_the_bucket(board: BoardProcess) -> None:
    """docs/logs.md tells how: by the request's id, then by the number of the change."""

    def is_followed() -> bool:
        """Not if catch-up, which calls for nobody, was there before: its worker took the post."""
        awaited(lambda: no_worker_draws(board))
        stored = board.post(board="b", body="followed")
        (posted,) = [
            line
            for line in lines(board, "writer", "post_stored")
            if str(line["no"]) == stored["id"]
        ]
        # What was done is logged after it was, and it may be seen before.
        answered = awaited(
            lambda: [
                line
                for line in lines(board, "writer", "request_answered")
                if line["request_id"] == posted["request_id"]
            ]
        )
        assert len(answered) == 1
        # A call is folded: the renderer names the request that called, which may be an earlier one.
        rendered = awaited(
            lambda: [
                line
                for line in lines(board, "renderer-1", "board_rendered")
                if line["change_no"] >= posted["change_no"]
            ]
        )
        return all(re.fullmatch("[0-9a-f]{32}", line.get("request_id", "")) for line in rendered)

    def is_followed_further() -> bool:
        """Not if catch-up, which calls for nobody, was there before the renderer."""
        board.post(board="b", body="followed further")
        board.settle()
        return any("request_id" in line for line in lines(board, "publisher", "cloud_brought_up"))

    awaited(is_followed)
    awaited(is_followed_further)


def test_every_line_of_a_program_names_its_part(board: BoardProcess) -> None:
    for part in ("writer", "renderer-1", "publisher"):
        named = awaited(lambda part=part: {line["part"] for line in lines(board, part)})
        assert named == {part.partition("-")[0]}


def test_logs_hold_neither_who_posted_nor_what(board: BoardProcess) -> None:
    """After all that people do: post, be refused, report, delete, log in, guess a password."""
    said = {
        "body": "body-of-a-secret-post",
        "name": "name-of-a-secret-poster",
        "subject": "subject-nobody-logs",
        "email": "mail-nobody-logs",
        "password": "password-nobody-logs",
    }
    address = "198.51.100.77"
    stored = board.post(board="b", address=address, **said)
    board.send(board="b", address=address, thread=999_999, **said)
    board.send(board="nowhere", address=address, **said)
    board.send(board="b", address=address, body="x" * 20_000)
    board.send(
        board="b",
        address=address,
        report="x",
        reason="reason-nobody-logs",
        **{f"delete_{stored['id']}": "on"},
    )
    board.send(
        board="b",
        address=address,
        delete="x",
        password="wrong-password-nobody-logs",
        **{f"delete_{stored['id']}": "on"},
    )
    desk = board.staff_desk()
    desk.press("delete", "b", int(stored["id"]))
    desk.close()
    board.http.post("/mod/login", data={"name": "admin", "password": "guess-nobody-logs"})
    board.settle()
    login = (board.data / "first-login.txt").read_text().split("password: ")[1].strip()
    secrets = [*said.values(), address, login, "cdn-api-token-of-the-test"]
    secrets += ["reason-nobody-logs", "wrong-password-nobody-logs", "guess-nobody-logs", "xxxxxxxx"]
    for path in (board.data / "logs").iterdir():
        text = path.read_text(errors="replace")
        assert [secret for secret in secrets if secret in text] == [], path.name
