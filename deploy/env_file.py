"""Settings from the file `.env` in the checkout; the environment itself wins over it.

Apart from environment.py because every command reads it, and `--help` has to be quick.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from deploy.embedded.service import ServiceFailed

ENV_FILE = Path(__file__).resolve().parents[1] / ".env"


def with_env_file(environ: Mapping[str, str], path: Path = ENV_FILE) -> dict[str, str]:
    """`environ`, and what the file adds to it: lines of NAME=value, # comments, optional quotes.

    Raises:
        ServiceFailed: a line is none of these, or the file is another user's.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return dict(environ)
    except PermissionError:
        raise ServiceFailed(
            f"{path} is closed to this user: call it as {path.owner()}, or as root"
        ) from None
    settings = {}
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("export ")
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier():
            raise ServiceFailed(f"{path}, line {number}: expected NAME=value")
        settings[name.strip()] = _unquoted(value.strip())
    return settings | dict(environ)


def _unquoted(value: str) -> str:
    """'"a b"' -> 'a b'."""
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
