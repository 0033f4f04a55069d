"""Programs of this machine that tests call, beside what requirements/ brings along."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """A test says that it needs one with `@pytest.mark.needs("promtool")`."""

    name: str
    #: Debian's, which brings it.
    package: str
    #: Where it has to be; by default anywhere on PATH.
    path: str | None = None
    #: What does as well where `path` is missing: that of another package, or distribution.
    or_path: str | None = None

    @property
    def place(self) -> str | None:
        """Where it is; None: it is missing."""
        return shutil.which(self.path or self.name) or shutil.which(self.or_path or "")

    def is_here(self) -> bool:
        return self.place is not None


#: The one list: .ci/run installs all of it, and `./stillboard test` says what is missing.
PROGRAMS = {
    program.name: program
    for program in (
        Program("amtool", "prometheus-alertmanager"),
        Program("apt-cache", "apt"),
        Program("buildah", "buildah"),
        # PERF: 0.6 s of CPU for a page in a new window, and 1.6 s of a whole Chromium.
        Program(
            "chromium",
            "chromium-headless-shell",
            path="/usr/bin/chromium-headless-shell",
            or_path="/usr/bin/chromium",
        ),
        # Debian's own Python: an image's packages are downloaded with it.
        Program("debian-pip", "python3-pip", path="/usr/bin/pip3"),
        Program("dpkg-query", "dpkg"),
        Program("firefox-esr", "firefox-esr"),
        Program("git", "git"),
        Program("mariadb", "mariadb-server", path="/usr/sbin/mariadbd"),
        Program("node", "nodejs"),
        Program("npm", "npm"),
        Program("openssl", "openssl"),
        Program("pgbouncer", "pgbouncer", path="/usr/sbin/pgbouncer"),
        Program("prometheus", "prometheus"),
        Program("prometheus-alertmanager", "prometheus-alertmanager"),
        Program("prometheus-nginx-exporter", "prometheus-nginx-exporter"),
        Program("prometheus-postgres-exporter", "prometheus-postgres-exporter"),
        Program("prometheus-redis-exporter", "prometheus-redis-exporter"),
        Program("promtool", "prometheus"),
        Program("setpriv", "util-linux"),
        Program("systemd-analyze", "systemd"),
        Program("systemd-socket-activate", "systemd"),
        Program("unshare", "util-linux"),
        Program("wrk", "wrk"),
    )
}


def missing(names: Iterable[str] = PROGRAMS) -> list[Program]:
    """Those that are not on this machine.

    Raises KeyError for a name that is not in the list.
    """
    return [program for program in map(PROGRAMS.__getitem__, names) if not program.is_here()]


def packages(programs: Iterable[Program]) -> list[str]:
    """What to install, each once."""
    return sorted({program.package for program in programs})


def advice(programs: Iterable[Program]) -> str:
    """'promtool, wrk: apt-get install -y prometheus wrk'"""
    found = list(programs)
    names = ", ".join(program.name for program in found)
    return f"{names}: apt-get install -y {' '.join(packages(found))}"
