"""A table of cases in one test: `@for_each` reads as `pytest.mark.parametrize` does.

PERF: pytest takes 5 to 10 ms to collect, set up and report a case, more than most cases take.
For tables that prove one thing, whose fixtures may be shared by all rows; where each row needs a
database or a folder of its own, parametrize.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product, repeat
from typing import Any

import pytest

Test = Callable[..., None]
#: A name for each row, or what makes one of a value (nothing: its repr).
Ids = Iterable[str] | Callable[[Any], str | None]

#: A table that is wrong throughout is shown by its first rows; the names of all are given.
TRACES_MAX = 5
_NAME_CHARS_MAX = 80


@dataclass(frozen=True)
class Case:
    """A row, or one row of each of several tables: what the test is called with."""

    name: str
    values: dict[str, Any]

    def __or__(self, other: Case) -> Case:
        return Case(f"{self.name}, {other.name}", self.values | other.values)


def for_each(
    names: str | Sequence[str], rows: Iterable[Any], ids: Ids = ()
) -> Callable[[Test], Test]:
    """Call the test with each row, and tell at the end which rows failed and why.

    `names` are one argument ("address") or several (("method", "address")); stacked, the tables are
    multiplied, as parametrize does.
    """
    columns = (names,) if isinstance(names, str) else tuple(names)
    all_values = [(row,) if isinstance(names, str) else tuple(row) for row in rows]
    given = repeat(None) if callable(ids) or not ids else ids
    table = [
        Case(
            name or ", ".join(map(_said, columns, values, repeat(ids))),
            dict(zip(columns, values, strict=True)),
        )
        for name, values in zip(given, all_values, strict=False)
    ]
    assert len(table) == len(all_values) > 0, "a name for each row, and a row to prove something"
    return functools.partial(_fold, table)


def _said(column: str, value: object, ids: Ids) -> str:
    """`address='/b/'`; a long value is cut in its middle."""
    if callable(ids) and (name := ids(value)):
        return name
    text, half = repr(value), _NAME_CHARS_MAX // 2
    short = text if len(text) <= _NAME_CHARS_MAX else f"{text[:half]}…{text[-half:]}"
    return f"{column}={short}"


def _fold(table: list[Case], test: Test) -> Test:
    promise = getattr(test, "promise", test)
    inner = getattr(test, "cases", None)
    cases = [one | other for one, other in product(table, inner)] if inner else table

    @functools.wraps(test)
    def all_cases(**fixtures: object) -> None:
        _tell([(case.name, _failure(promise, fixtures | case.values)) for case in cases])

    all_cases.promise = promise  # type: ignore[attr-defined]
    all_cases.cases = cases  # type: ignore[attr-defined]
    all_cases.__signature__ = _without(promise, set(cases[0].values))  # type: ignore[attr-defined]
    return all_cases


def _without(test: Test, columns: set[str]) -> inspect.Signature:
    """What pytest has to give: the arguments that no table has."""
    signature = inspect.signature(test)
    assert columns <= set(signature.parameters), f"{test.__name__} takes no {columns}"
    kept = [value for name, value in signature.parameters.items() if name not in columns]
    return signature.replace(parameters=kept)


def _failure(test: Test, arguments: dict[str, Any]) -> BaseException | None:
    try:
        test(**arguments)
    except (Exception, pytest.fail.Exception) as ex:
        return ex
    return None


def _tell(outcomes: list[tuple[str, BaseException | None]]) -> None:
    failed = [(name, ex) for name, ex in outcomes if ex]
    if failed:
        for name, ex in failed:
            ex.add_note(f"in the case {name}")
        named = "".join(f"\n  {name}" for name, _ex in failed)
        raise BaseExceptionGroup(
            f"{len(failed)} of {len(outcomes)} cases failed:{named}\n",
            [ex for _name, ex in failed[:TRACES_MAX]],
        )
