"""Facts survive the way through the outbox."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imageboard import facts
from imageboard.facts import (
    FACTS,
    BannersChanged,
    Fact,
    PageRange,
    PostAdded,
    PostChanged,
    PostRemoved,
    ThreadRemoved,
    fact_from_json,
)

st.register_type_strategy(
    PageRange,
    st.tuples(st.integers(1, 100), st.integers(1, 100)).map(lambda pair: PageRange(*pair)),
)


def test_every_kind_of_fact_is_known_by_its_name() -> None:
    written = {kind.__name__ for kind in Fact.__subclasses__() if kind.__module__ == facts.__name__}
    assert set(FACTS) == written
    assert all(name == kind.__name__ for name, kind in FACTS.items())


@given(st.one_of(*(st.builds(kind) for kind in FACTS.values())))
def test_fact_is_read_as_it_was_written(fact: Fact) -> None:
    stored = json.loads(json.dumps(fact.to_json()))
    assert fact_from_json(type(fact).__name__, stored) == fact


OF_THREE_FILES = ("src/1.png", "thumb/1.webp", "src/2.jpeg", "src/3.webm", "thumb/3.jpg")


@pytest.mark.parametrize(
    ("kind", "stored", "fact"),
    [
        (
            "PostAdded",
            {"thread": 1, "no": 2, "pages": [1, 3]},
            PostAdded(1, 2, PageRange(1, 3), (), ()),
        ),
        (
            "PostRemoved",
            {
                "thread": 1,
                "no": 2,
                "pages": [1, 1],
                "quoting_threads": [5, 7],
                "media": list(OF_THREE_FILES),
            },
            PostRemoved(1, 2, PageRange(1, 1), OF_THREE_FILES, (5, 7)),
        ),
        (
            "PostChanged",
            {"thread": 1, "no": 2, "pages": [1, 1], "media": []},
            PostChanged(1, 2, PageRange(1, 1)),
        ),
        (
            "ThreadRemoved",
            {"thread": 1, "pages": [1, 1], "media": ["thumb/3.jpg", "src/3.webm"]},
            ThreadRemoved(1, PageRange(1, 1), ("thumb/3.jpg", "src/3.webm")),
        ),
        (
            "PostChanged",
            {
                "thread": 1,
                "no": 2,
                "pages": [1, 1],
                "media": ["src/1.png", "thumb/1.webp", "thumb/1-0002.jpg", "src/1-0002.jpg"],
            },
            PostChanged(1, 2, PageRange(1, 1), ("src/1.png", "thumb/1.webp", "thumb/1-0002.jpg")),
        ),
        (
            "BannersChanged",
            {
                "pages": [1, 1],
                "media": [{"tim": "1", "extension": ".png", "thumb_extension": None}],
            },
            BannersChanged(PageRange(1, 1), ("src/1.png",)),
        ),
    ],
)
def test_row_of_an_older_version_is_read_with_defaults(
    kind: str, stored: dict[str, object], fact: Fact
) -> None:
    assert fact_from_json(kind, stored) == fact
