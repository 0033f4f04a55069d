"""The machine that a run was made on, and those settings of its board that may be shown."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path

import psutil

#: What makes one run differ from another and tells nobody anything. An allow-list: a setting that
#: is added later, and may hold a secret, is not shown until somebody has thought about it.
SHOWN_SETTINGS = (
    "ENVIRONMENT",
    "LOG_LEVEL",
    "STILLBOARD_LIMITS",
    "STILLBOARD_WRITER_WORKERS",
    "STILLBOARD_RENDER_WORKERS",
    "STILLBOARD_DATABASE_CONNECTIONS_MAX",
    "STILLBOARD_OWN_POST_WAIT_MS",
    "STILLBOARD_CDN_URLS_PER_S",
)


def describe() -> dict[str, str | int | float]:
    """{'processor': 'Intel(R) Xeon(R)…', 'cores': 2, 'memory_gb': 24.0, 'system': …}"""
    return {
        "processor": _processor(),
        "cores": _cores(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        # Above the number of cores: somebody else was at work, and the times say little.
        "load_before": round(psutil.getloadavg()[0], 1),
    }


def shown_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Those of the board's settings that a report may show."""
    return {name: environment[name] for name in SHOWN_SETTINGS if name in environment}


def _cores() -> int:
    """Those that this process may use: fewer than there are, in a container with a limit."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine()
