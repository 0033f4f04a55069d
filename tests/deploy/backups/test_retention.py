"""What is let go of, and what never is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.backups import retention
from deploy.backups.retention import DAY_S, Policy
from deploy.backups.segments import Segment
from deploy.backups.sets import BackupSet, Kind
from tests.tables import for_each

NOW_S = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()


def a_set(kind: Kind, days_old: float, **fields: Any) -> BackupSet:
    filled: dict[str, Any] = {
        "id": f"{kind}-{days_old:g}",
        "kind": kind,
        "begun_s": NOW_S - days_old * DAY_S,
        "finished_s": NOW_S - days_old * DAY_S + 60,
        "artefacts": (),
        "recipients": (),
        "system": "1" if kind == "base" else "",
        "start_segment": Segment(1, 100 - int(days_old)).name if kind == "base" else "",
    }
    return BackupSet(**(filled | fields))


@for_each(
    ("sets", "gone"),
    [
        ([], []),
        ([("base", 0)], []),
        ([("base", 400), ("dump", 400), ("queue", 400)], []),
        ([("base", 0), ("base", 1), ("base", 2)], ["base-2"]),
        # Another one by hand does not push out that of yesterday.
        ([("base", 0), ("base", 0.1), ("base", 0.2), ("base", 1)], ["base-0.1", "base-0.2"]),
        ([("base", 0), ("base", 5), ("base", 9)], ["base-9"]),
        ([("dump", 0), ("dump", 29), ("dump", 31)], ["dump-31"]),
        ([("dump", 40), ("dump", 50)], ["dump-50"]),
        ([("queue", 0), ("queue", 6), ("queue", 8)], ["queue-8"]),
        (
            [("base", 3), ("dump", 31), ("dump", 1), ("queue", 8), ("queue", 0)],
            ["dump-31", "queue-8"],
        ),
    ],
)
def test_sets_go_by_kind_and_age(sets: list[tuple[Kind, float]], gone: list[str]) -> None:
    policy = Policy(bases_kept=2, dumps_kept_days=30)
    found = [a_set(kind, days_old) for kind, days_old in sets]
    assert sorted(retention.superfluous(found, policy, NOW_S)) == sorted(gone)


many_sets = st.lists(
    st.builds(a_set, st.sampled_from(["base", "dump", "queue"]), st.floats(0, 100)),
    unique_by=lambda one: one.id,
)
policies = st.builds(Policy, st.integers(1, 9), st.integers(1, 40), st.integers(1, 40))


@given(many_sets, policies)
def test_newest_good_set_of_each_kind_always_stays(sets: list[BackupSet], policy: Policy) -> None:
    gone = retention.superfluous(sets, policy, NOW_S)
    for kind in {one.kind for one in sets}:
        of_kind = [one for one in sets if one.kind == kind]
        newest_s = max(one.begun_s for one in of_kind)
        assert any(one.begun_s == newest_s and one.id not in gone for one in of_kind)


@given(many_sets, policies)
def test_what_is_kept_once_is_kept_the_second_time(sets: list[BackupSet], policy: Policy) -> None:
    gone = retention.superfluous(sets, policy, NOW_S)
    kept = [one for one in sets if one.id not in gone]
    assert retention.superfluous(kept, policy, NOW_S) == set()


@given(many_sets, policies)
def test_bases_of_so_many_days_stay(sets: list[BackupSet], policy: Policy) -> None:
    gone = retention.superfluous(sets, policy, NOW_S)
    bases = [one for one in sets if one.kind == "base"]

    def days(of: list[BackupSet]) -> set[int]:
        return {int(one.begun_s // DAY_S) for one in of}

    assert len(days([one for one in bases if one.id not in gone])) == min(
        len(days(bases)), policy.bases_kept
    )


def test_wal_goes_that_no_base_needs_and_that_of_other_clusters_stays() -> None:
    bases = [a_set("base", 3), a_set("base", 1)]
    wal = {
        "1": [Segment(1, 96).name, Segment(1, 97).name, Segment(2, 50).name, "00000002.history"],
        "2": [Segment(1, 1).name],
    }
    assert sorted(retention.superfluous_wal(wal, bases)) == [
        f"1/{Segment(1, 96).name}",
        f"1/{Segment(2, 50).name}",
    ]


@pytest.mark.parametrize(
    ("case", "goes"),
    [
        ({"uploads": {"a"}}, False),
        ({"listed": {"a"}}, False),
        ({"stored_s": 200.0}, False),
        ({}, True),
    ],
)
def test_picture_goes_when_no_restore_would_ask_for_it(case: dict[str, Any], goes: bool) -> None:
    """Standing; in a set; or come and gone since the oldest base: each of them needs it."""
    gone = retention.superfluous_media(
        {"a": case.get("stored_s", 50.0)},
        uploads=case.get("uploads", set()),
        listed=case.get("listed", set()),
        since_s=100.0,
    )
    assert gone == (["a"] if goes else [])
