"""Rules against spam: what staff wrote, how often each was of use, and posts to try one on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from imageboard.errors import BadField, NoSuchRule
from imageboard.spam.rules import RULES_MAX, NewRule, Rule
from imageboard.store import boards, queries
from imageboard.store.database import Connection
from imageboard.words import N_

_SQL = queries.beside(__file__)


class TriedPost(NamedTuple):
    """A stored post as rules are tried on it."""

    board: str
    no: int
    thread: int
    name: str
    tripcode: str | None
    email: str
    subject: str
    body: str
    country: str | None
    file_names: list[str]
    sha256: list[str]
    md5: list[str]
    likeness: list[int]


def version(db: Connection) -> tuple[int, ...]:
    """Another one when any rule is, or any ban of a file."""
    row = db.execute(_SQL.version).fetchone()
    assert row is not None
    return tuple(row)


def all_of(db: Connection, *, on: list[str] | None = None) -> list[Rule]:
    """Every rule, by number; `on` as Visitor.boards gives them: those of these boards."""
    return list(queries.by_name(_rule, db.execute(_SQL.all_of, {"on": on})))


def get(db: Connection, number: int) -> Rule:
    """Raises NoSuchRule."""
    for rule in queries.by_name(_rule, db.execute(_SQL.one, {"id": number})):
        return rule
    raise NoSuchRule(id=number)


def add(db: Connection, rule: NewRule, created_by: str) -> int:
    """Its number. Raises NoSuchBoard, BadField: there are too many."""
    _require_board(db, rule)
    row = db.execute(
        _SQL.add, _values(rule) | {"created_by": created_by, "rules_max": RULES_MAX}
    ).fetchone()
    if row is None:
        raise BadField(
            N_("There are {rules_max} rules already: remove some."),
            field="what",
            rules_max=RULES_MAX,
        )
    return int(row[0])


def change(db: Connection, number: int, rule: NewRule) -> None:
    """Raises NoSuchRule, NoSuchBoard."""
    _require_board(db, rule)
    if db.execute(_SQL.change, _values(rule) | {"id": number}).rowcount == 0:
        raise NoSuchRule(id=number)


def switch(db: Connection, number: int, *, is_on: bool) -> bool:
    """False: it was so already. Raises NoSuchRule."""
    get(db, number)
    return db.execute(_SQL.switch, {"id": number, "is_on": is_on}).rowcount > 0


def remove(db: Connection, number: int) -> None:
    """Raises NoSuchRule."""
    if db.execute(_SQL.remove, {"id": number}).rowcount == 0:
        raise NoSuchRule(id=number)


def count_hits(db: Connection, numbers: Sequence[int]) -> None:
    """One more each; of a rule that was removed meanwhile none."""
    db.execute(_SQL.count_hits, {"rules": list(numbers)})


def is_known(db: Connection, address_hash: bytes) -> bool:
    """Whether a post from there has stood for a day, on any board."""
    return db.execute(_SQL.is_known, {"address_hash": address_hash}).fetchone() is not None


def of_last_day(db: Connection, *, on: list[str] | None, limit: int) -> list[TriedPost]:
    """Posts of the last day that readers see on these boards, None: on all, the newest first."""
    found = db.execute(_SQL.of_last_day, {"on": on, "limit": limit})
    return list(queries.by_name(TriedPost, found))


def _require_board(db: Connection, rule: NewRule) -> None:
    if rule.board is not None:
        boards.get(db, rule.board)


def _values(rule: NewRule) -> dict[str, Any]:
    return asdict(rule) | {"countries": sorted(rule.countries)}


def _rule(*, countries: list[str], **columns: Any) -> Rule:
    return Rule(countries=frozenset(countries), **columns)
