"""How much of bare nginx is left when it serves the board.

    python -m loadtest.reading --url http://127.0.0.1:8080 --pid var/nginx/nginx.pid
    python -m loadtest.reading --rounds 9 --seconds 5 /b/ /b/catalog.json

Each address is fetched in each encoding, and a bare nginx (the same binary, as many workers, a
`root` and nothing else) is given plain files of the same sizes. wrk then asks one and the other in
turns. Two ratios are kept per pair of turns: requests a second, and CPU time of the nginx workers
per request, which says the same on a machine that is busy with something else. Exit status 1 when
the median of one of them is below 0.95.

Run it against a board that was started with --no-limits, or wrk is refused as the flood it is.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from loadtest.ports import free_port

RATIO_MIN = 0.95
ENCODINGS = {"identity": "identity", "gzip": "gzip", "br": "br"}
_WAIT_S_MAX = 10.0
_LINK = re.compile(r'(?:href|src)="(/[^"/]+/(?:res/\d+\.html|thumb/[^"]+|src/[^"]+))"')

_BARE = """daemon off;
pid "{folder}/nginx.pid";
{user}
worker_processes {workers};
error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 10000;
    client_body_temp_path "{folder}/client_body";
    proxy_temp_path "{folder}/proxy";
    fastcgi_temp_path "{folder}/fastcgi";
    uwsgi_temp_path "{folder}/uwsgi";
    scgi_temp_path "{folder}/scgi";
    server {{
        listen 127.0.0.1:{port};
        root "{folder}/root";
    }}
}}
"""


@dataclass(frozen=True)
class Server:
    """A running nginx."""

    url: str
    master: psutil.Process

    def cpu_s(self) -> float:
        """What its workers have used since they started."""
        times = [worker.cpu_times() for worker in self.master.children()]
        return sum(time.user + time.system for time in times)


@dataclass(frozen=True)
class Case:
    """One address in one encoding, and the plain file that has as many bytes."""

    address: str
    encoding: str
    body_bytes: int
    head_bytes: int

    @property
    def plain_address(self) -> str:
        return f"/{self.body_bytes}.bin"


@dataclass(frozen=True)
class Turn:
    """What wrk got from one nginx, once."""

    requests_per_s: float
    cpu_us_per_request: float


@dataclass(frozen=True)
class Pair:
    """A turn of each nginx, one right after the other."""

    board: Turn
    bare: Turn

    @property
    def rate_ratio(self) -> float:
        """The board's rate as a share of the bare one's."""
        return self.board.requests_per_s / self.bare.requests_per_s

    @property
    def cpu_ratio(self) -> float:
        """How many requests the board answers with the CPU time of one bare one."""
        return self.bare.cpu_us_per_request / self.board.cpu_us_per_request


class CannotMeasure(Exception):
    """The board cannot be measured: a sentence for the operator."""


def fetch(url: str, address: str, encoding: str) -> tuple[int, int, bytes]:
    """(bytes of status line and headers, bytes of the body as sent, body)."""
    link = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        link.request("GET", address, headers={"Accept-Encoding": encoding})
        reply = link.getresponse()
        body = reply.read()
    finally:
        link.close()
    if reply.status != http.HTTPStatus.OK:
        raise CannotMeasure(f"{address} is {reply.status}: choose an address that is there")
    lines = [f"HTTP/1.1 200 {reply.reason}", *(f"{n}: {v}" for n, v in reply.getheaders()), ""]
    return sum(len(line) + 2 for line in lines), len(body), body


def typical_addresses(url: str) -> list[str]:
    """A board's first page with its JSON, and from that page a thread, a thumbnail, a picture."""
    front = fetch(url, "/boards.json", "identity")[2].decode()
    name = re.search(r'"board":\s*"([^"]+)"', front)
    if name is None:
        raise CannotMeasure("the site has no board: add one, and seed it")
    board = f"/{name[1]}/"
    page = fetch(url, board, "identity")[2].decode()
    found: dict[str, str] = {}
    for link in _LINK.findall(page):
        found.setdefault(link.split("/")[2], link)
    return [board, f"{board}catalog.json", *found.values()]


def cases_of(url: str, addresses: Sequence[str]) -> list[Case]:
    """Each address in each encoding that it has; a picture has one."""
    cases: dict[tuple[str, int], Case] = {}
    for address in addresses:
        for name, accepted in ENCODINGS.items():
            head_bytes, body_bytes, _ = fetch(url, address, accepted)
            case = Case(address, name, body_bytes, head_bytes)
            cases.setdefault((address, body_bytes), case)
    return list(cases.values())


def board_of(url: str, pid_file: Path) -> Server:
    """The nginx that serves the board.

    Raises:
        CannotMeasure: the file names no running process.
    """
    try:
        return Server(url, psutil.Process(int(pid_file.read_text())))
    except (OSError, ValueError, psutil.NoSuchProcess) as ex:
        raise CannotMeasure(f"{pid_file} names no running nginx: {ex}") from ex


@contextmanager
def bare_twin(board: Server, cases: Sequence[Case]) -> Iterator[Server]:
    """The same binary with as many workers, serving plain files of the cases' sizes."""
    with tempfile.TemporaryDirectory(prefix="bare") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the workers may be somebody else
        (folder / "root").mkdir()
        for case in cases:
            (folder / "root" / case.plain_address[1:]).write_bytes(os.urandom(case.body_bytes))
        port = free_port()
        conf = folder / "nginx.conf"
        conf.write_text(
            _BARE.format(
                folder=folder,
                port=port,
                workers=len(board.master.children()),
                user="user root root;" if os.geteuid() == 0 else "",
            ),
            encoding="utf-8",
        )
        command = [board.master.exe(), "-c", str(conf), "-e", "stderr", "-p", f"{folder}/"]
        # A session of its own, as the board has: Linux shares out a busy machine by session.
        with subprocess.Popen(command, start_new_session=True) as process:
            try:
                _wait_for(port, process)
                yield Server(f"http://127.0.0.1:{port}", psutil.Process(process.pid))
            finally:
                process.terminate()
                process.wait(_WAIT_S_MAX)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _WAIT_S_MAX
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError as ex:
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotMeasure("the bare nginx does not start") from ex
            time.sleep(0.02)
        else:
            return


def take_turn(
    server: Server, address: str, encoding: str, *, seconds: int, connections: int
) -> Turn:
    """Ask for one address as fast as it is answered."""
    before_s = server.cpu_s()
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    asked = subprocess.run(
        [*command, "-H", f"Accept-Encoding: {encoding}", server.url + address],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    cpu_s = server.cpu_s() - before_s
    if "Non-2xx" in asked or "Socket errors" in asked:
        raise CannotMeasure(f"{server.url}{address} was refused or cut off: {asked}")
    count = re.search(r"(\d+) requests in", asked)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", asked)
    # What took less than the kernel counts can't be divided by.
    if count is None or rate is None or int(count[1]) == 0 or cpu_s == 0:
        raise CannotMeasure(f"too little was answered to measure it: {asked}")
    return Turn(float(rate[1]), cpu_s / int(count[1]) * 1e6)


def compare(
    board: Server, bare: Server, case: Case, *, rounds: int, seconds: int, connections: int
) -> list[Pair]:
    """`rounds` pairs of turns; which of the two begins changes from pair to pair."""
    pairs = []
    for number in range(rounds):
        order = [(board, case.address), (bare, case.plain_address)]
        turns = {
            server: take_turn(
                server, address, case.encoding, seconds=seconds, connections=connections
            )
            for server, address in (order if number % 2 == 0 else reversed(order))
        }
        pairs.append(Pair(turns[board], turns[bare]))
    return pairs


def spread(values: Sequence[float]) -> str:
    """'0.97 (0.95 to 0.99)': the median, and the least and the most."""
    return f"{statistics.median(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def is_enough(pairs: Sequence[Pair]) -> bool:
    """Whether both medians reach the aim."""
    return (
        min(
            statistics.median(pair.rate_ratio for pair in pairs),
            statistics.median(pair.cpu_ratio for pair in pairs),
        )
        >= RATIO_MIN
    )


def described(case: Case, pairs: Sequence[Pair]) -> str:
    """One line for a person."""
    board_us = statistics.median(pair.board.cpu_us_per_request for pair in pairs)
    bare_us = statistics.median(pair.bare.cpu_us_per_request for pair in pairs)
    return (
        f"{case.address:<32} {case.encoding:<8} {case.body_bytes:>8} bytes"
        f" + {case.head_bytes:>4} of headers   rate {spread([pair.rate_ratio for pair in pairs])}"
        f"   cpu {spread([pair.cpu_ratio for pair in pairs])}"
        f"   {board_us:.2f} and {bare_us:.2f} µs a request"
        f"{'' if is_enough(pairs) else '   MISSED'}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each case and print a line for it; 1 when one misses the aim."""
    parser = argparse.ArgumentParser(description="How much of bare nginx is left.")
    parser.add_argument("addresses", nargs="*", help="by default a page of each kind")
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--pid", type=Path, default=Path("var/nginx/nginx.pid"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each turn; whole seconds")
    parser.add_argument("--connections", type=int, default=16)
    wish = parser.parse_args(arguments)
    try:
        board = board_of(wish.url, wish.pid)
        cases = cases_of(wish.url, wish.addresses or typical_addresses(wish.url))
        enough = True
        with bare_twin(board, cases) as bare:
            for case in cases:
                pairs = compare(
                    board,
                    bare,
                    case,
                    rounds=wish.rounds,
                    seconds=wish.seconds,
                    connections=wish.connections,
                )
                print(described(case, pairs), flush=True)
                enough = enough and is_enough(pairs)
    except CannotMeasure as ex:
        sys.exit(str(ex))
    print(f"{'at least' if enough else 'NOT'} {RATIO_MIN:.0%} of bare nginx everywhere")
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
