"""What a load test is to do: everything that the process which makes the load is told."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Literal

Role = Literal["alone", "master", "worker"]

#: Where Locust's master listens for its workers, unless it is told otherwise.
MASTER_PORT = 5557


@dataclass(frozen=True, slots=True)
class Plan:
    """One run. Written to the process's stdin, so that no password shows in a list of processes."""

    scenario: str
    #: 'http://127.0.0.1:8080', without a slash at its end.
    host: str
    board: str
    users: int
    seconds: float
    seed: int = 1
    role: Role = "alone"
    #: Of a master: how many workers it waits for.
    workers: int = 0
    #: Of a worker: where its master is. Of a master: where it listens.
    master_host: str = "127.0.0.1"
    master_port: int = MASTER_PORT
    staff_name: str = ""
    staff_password: str = field(default="", repr=False)
    #: The file that the run is written to.
    out: str = ""

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Of a line that `to_json` wrote."""
        return cls(**json.loads(text))


def read_duration(text: str) -> float:
    """'90' or '90s' -> 90.0 seconds; '2m', '4h'. ValueError says what would have been right."""
    number, unit = (text[:-1], text[-1]) if text[-1:] in "smh" and text else (text, "s")
    try:
        seconds = float(number) * {"s": 1, "m": 60, "h": 3600}[unit]
    except ValueError:
        raise ValueError(f"{text!r} is no length of time: write 60s, 2m or 4h") from None
    if not 1 <= seconds <= 7 * 24 * 3600:
        raise ValueError(f"{text} is out of range: from 1s to 168h")
    return seconds
