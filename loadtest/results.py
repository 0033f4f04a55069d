"""What a load test saw: the one document that the runner writes, and all else reads.

Verdict, report and comparison know a run by this file alone, so each of them works as well on a
run of last month or of another machine. It holds no secret and no post's text.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

#: Goes up when a field changes its meaning or goes away; a reader refuses other numbers.
SCHEMA = 1

Kind = Literal["page", "json", "asset", "image", "post", "staff", "visible"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class NotARun(Exception):
    """A file that is not the result of a load test; its message says what is wrong with it."""

    def __init__(self, path: Path, fault: str) -> None:
        super().__init__(f"{path} is not the result of a load test: {fault}")


@dataclass(frozen=True, slots=True)
class Requests:
    """All requests of one name: "thread page", "reply" …

    `kind` "visible" is no request: it times a post from its sending to the page that shows it.
    """

    name: str
    kind: Kind
    count: int
    failures: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    #: Of all answers together, as they came over the wire.
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Second:
    """One second of the run: how many were at it, and how the board answered them."""

    at_s: float
    users: int
    requests: int
    failures: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    #: Sent to visible, of the posts seen in this second; None: none was.
    visible_p95_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Correctness:
    """What must not happen, counted; `acknowledged` is what `missing` is out of."""

    acknowledged: int = 0
    #: Acknowledged posts that their page did not show at the end.
    missing: int = 0
    #: Pages that did not end in </html>.
    torn: int = 0
    #: Pages older than one that the same reader had seen before.
    backward: int = 0
    #: Answers with a status that the board should not have given.
    wrong_status: int = 0
    #: Posts refused that should have been taken.
    refused_wrongly: int = 0
    #: Posts that are on their page twice.
    doubled: int = 0


@dataclass(frozen=True, slots=True)
class ProcessSamples:
    """Memory and processor time of one process; the three lists are of one length.

    Memory is the resident set: pages shared with others are counted in each of them, so it says
    too much rather than too little.
    """

    #: The board's name for the part ("writer", "renderer", "postgres" …), or "generator".
    name: str
    pid: int
    at_s: list[float]
    rss_mb: list[float]
    #: Cores in use since the sample before: 1.0 is one core, all the time.
    cpu_cores: list[float]
    #: Processor time from the first sample to the last, user and system.
    cpu_s: float
    #: Whether it makes the load, rather than bearing it.
    is_generator: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a rising load, and the sentences of the targets missed there."""

    users: int
    requests_per_s: float
    missed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Run:
    """One load test, from its wish to its figures."""

    scenario: str
    seed: int
    users: int
    seconds: float
    #: ISO 8601, UTC.
    started_at: str
    host: str
    #: Of the board.
    version: str
    settings: dict[str, str] = field(default_factory=dict)
    machine: dict[str, str | int | float] = field(default_factory=dict)
    requests: list[Requests] = field(default_factory=list)
    timeline: list[Second] = field(default_factory=list)
    #: {request name: [(milliseconds at most, how many above the bound before)]}, bounds rising.
    histograms: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    correctness: Correctness = field(default_factory=Correctness)
    #: Empty: nobody looked, as with a board on another machine.
    processes: list[ProcessSamples] = field(default_factory=list)
    #: {name in figures.FIGURES: value}; a figure that the run could not know is not in it.
    figures: dict[str, float] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """As JSON, replacing what is there."""
        path.write_text(json.dumps({"schema": SCHEMA} | asdict(self), indent=1) + "\n")

    @classmethod
    def read(cls, path: Path) -> Run:
        """Raises NotARun, with what is wrong with the file."""
        try:
            document = json.loads(path.read_text())
        except OSError as ex:
            raise NotARun(path, ex.strerror or "can't be read") from None
        except ValueError:
            raise NotARun(path, "it is not JSON") from None
        if not isinstance(document, dict) or "schema" not in document:
            raise NotARun(path, 'it has no "schema"')
        if document["schema"] != SCHEMA:
            raise NotARun(path, f"its schema is {document['schema']}, this reads {SCHEMA}")
        try:
            run: Run = _from_json(cls, document, "run")
        except ValueError as ex:
            raise NotARun(path, str(ex)) from None
        return run


def _from_json(wanted: Any, value: Any, where: str) -> Any:
    """`value`, of json.loads, as the type `wanted`; ValueError says where it does not fit."""
    if is_dataclass(wanted) and isinstance(wanted, type):
        return _dataclass_from_json(wanted, value, where)
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin is list and isinstance(value, list):
        return [_from_json(inner[0], each, f"{where}[{n}]") for n, each in enumerate(value)]
    if origin is dict and isinstance(value, dict):
        return {name: _from_json(inner[1], each, f"{where}.{name}") for name, each in value.items()}
    if origin is tuple and isinstance(value, list) and len(value) == len(inner):
        return tuple(_from_json(kind, each, where) for kind, each in zip(inner, value, strict=True))
    if origin in (types.UnionType, typing.Union) and any(_fits(kind, value) for kind in inner):
        return value
    if origin is Literal and value in inner:
        return value
    if origin is None and _fits(wanted, value):
        return value
    raise ValueError(f"{where} is {json.dumps(value)[:60]}")


def _dataclass_from_json(wanted: type, value: Any, where: str) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError(f"{where} is {json.dumps(value)[:60]}")  # noqa: TRY004 -- of a file
    hints = get_type_hints(wanted)
    names = [each.name for each in fields(wanted)]
    given = {
        name: _from_json(hints[name], value[name], f"{where}.{name}")
        for name in names
        if name in value
    }
    try:
        return wanted(**given)
    except TypeError:
        lacking = ", ".join(sorted(set(names) - set(given)))
        raise ValueError(f"{where} lacks one of {lacking}") from None


def _fits(wanted: Any, value: Any) -> bool:
    """Whether a plain value is of a plain type: an int will do for a float, a bool never."""
    if isinstance(value, bool):
        return wanted is bool
    if wanted is float:
        return isinstance(value, int | float)
    return isinstance(value, wanted)
