"""What a setting is: one row. Refusals, documents, forms and defaults in SQL are made of it.

A class of settings is a frozen dataclass, each attribute of it declared by `setting`:

    pages_max: int = setting(Row(whole(1, 100, "pages"), 10, "Board pages that there can be."))
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

from imageboard.settings.readers import Reader

#: How alike two names are of which one may be the other, misspelt: 0 to 1, difflib's ratio.
_ALIKE_MIN = 0.75


@dataclass(frozen=True, slots=True)
class Row:
    """What is said of one setting.

    `sentence` is read in the documents, beside a form's field and in a refusal. `name` is what an
    operator calls it, `attribute` what the code does: filled in from the class unless given.
    """

    reader: Reader
    default: Any
    sentence: str
    name: str = ""
    attribute: str = ""

    @property
    def unit(self) -> str:
        """What is counted: 'seconds', 'replies', 'characters'; '' where nothing is."""
        return self.reader.unit


class FormField(NamedTuple):
    """What a form needs to ask for one setting. `value` is how the default would be typed."""

    name: str
    kind: str
    value: str
    sentence: str
    unit: str
    low: int | None
    high: int | None
    choices: tuple[str, ...]


def setting(row: Row, *, is_shown: bool = True) -> Any:
    """An attribute of a class of settings; one that is not shown is left out of its repr."""
    return field(default=row.default, metadata={"row": row}, repr=is_shown)


def rows_of(settings: type[Any]) -> tuple[Any, ...]:
    """The rows of a class of settings, in order."""
    return tuple(
        replace(row, name=row.name or each.name, attribute=each.name)
        for each in fields(settings)
        for row in [each.metadata["row"]]
    )


def form_fields(rows: Iterable[Row]) -> tuple[FormField, ...]:
    """What a form that asks for these settings shows, in order."""
    return tuple(
        FormField(
            name=row.name,
            kind=row.reader.kind,
            value=as_typed(row.default),
            sentence=row.sentence,
            unit=row.unit,
            low=row.reader.low,
            high=row.reader.high,
            choices=row.reader.choices,
        )
        for row in rows
    )


def as_typed(value: object) -> str:
    """A value as an operator would type it: True -> 'on', ('a', 'b') -> 'a,b'."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return value.decode() if isinstance(value, bytes) else str(value)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that was meant, if `name` is one of them misspelt."""
    alike = difflib.get_close_matches(name, list(names), n=1, cutoff=_ALIKE_MIN)
    return alike[0] if alike else None
