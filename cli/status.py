"""`stillboard status`: what runs, and how far the pages are behind."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from cli import options
from deploy import environment, inspection
from deploy.inspection import duration


@click.command(epilog="Example: ./stillboard status --json | jq .lag")
@options.data
@options.as_json
@click.pass_obj
def status(environ: dict[str, str], data: Path | None, as_json: bool) -> None:
    """Show what runs, versions, lag, queue lengths and disk; also while the board is down.

    Lag counts the changes that no page shows yet; cloud, if there is one, the files that bucket
    and CDN do not have yet. The exit status is 0 either way: `doctor` judges.
    """
    now = inspection.status(environment.data_path(data, environ), environ)
    if as_json:
        click.echo(json.dumps(asdict(now), indent=2))
        return
    for name, value in lines(now):
        click.echo(f"{name:<12}{value}")


def lines(now: inspection.Status) -> list[tuple[str, str]]:
    """(name, value) per line of the report."""
    up = _up(now)
    return [
        ("board", f"{up} (data in {now.data})"),
        *[(part.name, _part(part)) for part in now.parts],
        ("lag", _lag(now)),
        ("queue", _queue(now.queue)),
        *[(name, _queue(state)) for name, state in (now.other_queues or {}).items()],
        *([("files", _pending(now.pending))] if now.pending and now.pending["files"] else []),
        *([("cloud", _cloud(now.cloud))] if now.cloud is not None else []),
        ("disk", ", ".join(f"{name} {_size(size)}" for name, size in now.disk_bytes.items())),
        ("versions", ", ".join(f"{name} {version}" for name, version in now.versions.items())),
    ]


def _up(now: inspection.Status) -> str:
    if now.up_s is not None:
        return f"up for {duration(now.up_s)}, {now.url}"
    if now.parts:
        return (
            f"of programs that are started one by one, {now.url or 'STILLBOARD_SITE_URL not set'}"
        )
    return "not up"


def _part(part: inspection.PartStatus) -> str:
    if not part.is_alive:
        return "does not run"
    shown = f", metrics at http://{part.metrics}/metrics" if part.metrics else ""
    return f"runs, process {part.pid}{shown}" if part.pid else "runs"


def _lag(now: inspection.Status) -> str:
    if now.lag is None:
        return "unknown: no database answers"
    behind = [
        f"/{board}/ {row['changes']:.0f} changes, the oldest {row['oldest_s']:.1f} s"
        for board, row in now.lag.items()
    ]
    if now.site_is_behind:
        behind.append("the front page")
    return "; ".join(behind) or "none: every page is up to date"


def _queue(queue: dict[str, float] | None) -> str:
    if queue is None:
        return "unknown: no queue answers"
    counts = [f"{count:.0f} {name}" for name, count in queue.items() if name != "oldest_s"]
    if oldest_s := queue.get("oldest_s"):
        counts.append(f"the oldest for {duration(oldest_s)}")
    return ", ".join(counts)


def _pending(pending: dict[str, float]) -> str:
    oldest = duration(pending["oldest_s"])
    return f"{pending['files']:.0f} wait to be made ready, the oldest for {oldest}"


def _cloud(cloud: dict[str, float]) -> str:
    said = [f"{cloud['publishers']:.0f} publishers"]
    for count, what, oldest in (
        ("files_behind", "files behind", "oldest_s"),
        ("takedowns_open", "takedowns open", "oldest_takedown_s"),
    ):
        age = f", the oldest for {duration(cloud[oldest])}" if cloud[count] else ""
        said.append(f"{cloud[count]:.0f} {what}{age}")
    return "; ".join(said)


def _size(count: float) -> str:
    """1_500_000 -> '1.5 MB'."""
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1000:
            return f"{count:.1f} {unit}" if unit != "B" else f"{count:.0f} B"
        count /= 1000
    return f"{count:.1f} TB"
