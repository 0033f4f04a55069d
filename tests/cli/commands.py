"""Commands as they are typed, on a test's own database and queue."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from cli.registry import stillboard


class Commands:
    """Commands on one database; what is typed comes from standard input."""

    def __init__(self, data: Path, url: str, queue_url: str) -> None:
        self._data = data
        self._environ = {"DATABASE_URL": url, "REDIS_URL": queue_url}

    def __call__(self, *arguments: str, typed: str | bytes = "") -> Result:
        call = [*arguments, "--data", str(self._data)]
        return CliRunner().invoke(stillboard, call, obj=self._environ, input=typed)
