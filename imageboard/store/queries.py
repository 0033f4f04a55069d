"""SQL from the .sql file beside a module: each query has a name and a sentence.

-- waiting --
-- Changes of one board that no page shows yet, oldest first.
SELECT … WHERE board = %(board)s
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import psycopg
from psycopg.rows import kwargs_row
from psycopg.types.json import Jsonb

Row = TypeVar("Row")

_HEADER = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)


def beside(module_file: str) -> Any:
    """The queries of `posts.sql` for `beside('…/posts.py')`: an attribute for each name."""
    parts = _HEADER.split(Path(module_file).with_suffix(".sql").read_text(encoding="utf-8"))
    names, texts = parts[1::2], parts[2::2]
    assert len(set(names)) == len(names), f"two queries of one name beside {module_file}"
    return SimpleNamespace(**dict(zip(names, texts, strict=True)))


def by_name(kind: Callable[..., Row], cursor: psycopg.Cursor[Any]) -> Iterable[Row]:
    """What `cursor` found: `kind(column=value, …)` for each row, one by one.

    Columns are named as the fields that they fill, in whatever order; a name that does not fit is
    a TypeError at the first row.
    """
    cursor.row_factory = kwargs_row(kind)
    return cursor


def as_json(values: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Jsonb:
    """What jsonb_populate_record() fills a row from, {column: value}; or a recordset several."""
    return Jsonb(values, dumps=_dumps)


def _as_text(value: object) -> str:
    """What JSON has no word for, as PostgreSQL reads it: two bytes 1 and 2 -> '\\\\x0102'."""
    return f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)


_dumps = partial(json.dumps, ensure_ascii=False, default=_as_text)
