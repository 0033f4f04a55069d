"""A table in one test proves as much as a test for each row, and says as much when it fails."""

from __future__ import annotations

import pytest

from tests.tables import TRACES_MAX, for_each


def a_failure_of(test: object) -> BaseExceptionGroup[BaseException]:
    assert callable(test)
    with pytest.raises(BaseExceptionGroup) as raised:
        test()
    return raised.value


def test_every_row_is_tried_and_each_that_fails_is_named_with_its_reason() -> None:
    """Also where nothing was raised that should have been, which pytest tells in its own way."""
    tried = []

    @for_each(("address", "status"), [("/a", 200), ("/b", 404), ("/c", 500), ("/d", 200)])
    def every_address_is_there(address: str, status: int) -> None:
        tried.append(address)
        if status == 500:
            with pytest.raises(ValueError, match="none"):
                pass
        assert status == 200

    failure = a_failure_of(every_address_is_there)
    assert tried == ["/a", "/b", "/c", "/d"]
    assert failure.message == (
        "2 of 4 cases failed:\n  address='/b', status=404\n  address='/c', status=500\n"
    )
    assert [ex.__notes__ for ex in failure.exceptions] == [
        ["in the case address='/b', status=404"],
        ["in the case address='/c', status=500"],
    ]


def test_stacked_tables_are_multiplied() -> None:
    tried = []

    @for_each("method", ["GET", "HEAD"])
    @for_each(("address", "status"), [("/", 200), ("/b/", 404)])
    def test(method: str, address: str, status: int) -> None:
        tried.append((method, address, status))

    test()
    assert tried == [
        ("GET", "/", 200),
        ("GET", "/b/", 404),
        ("HEAD", "/", 200),
        ("HEAD", "/b/", 404),
    ]


@for_each("doubled", [1, 2])
def test_what_no_table_has_comes_from_fixtures(doubled: int, short_folder: object) -> None:
    assert short_folder
    assert doubled < 3


def test_rows_may_have_names() -> None:
    """Given as they are, or made of each value."""

    @for_each("data", [b"\0" * 500, b"\1"], ids=["nothing", "something"])
    @for_each("kind", [int, str], ids=lambda kind: kind.__name__)
    def test(data: bytes, kind: type) -> None:
        assert data != b"\0" * 500

    assert "  nothing, int\n  nothing, str\n" in a_failure_of(test).message


def test_table_that_is_wrong_throughout_is_named_whole_and_traced_by_its_first_rows() -> None:
    @for_each("number", range(50))
    def test(number: int) -> None:
        raise AssertionError

    failure = a_failure_of(test)
    assert failure.message.count("number=") == 50
    assert len(failure.exceptions) == TRACES_MAX


def test_long_value_is_cut_in_its_middle() -> None:
    @for_each("text", ["a" * 500 + "z"])
    def test(text: str) -> None:
        raise AssertionError

    assert "aaa…aaa" in a_failure_of(test).message
    assert "z'" in a_failure_of(test).message


def test_table_that_proves_nothing_or_does_not_fit_is_a_mistake() -> None:
    def test(number: int) -> None:
        pass

    with pytest.raises(AssertionError):
        for_each("number", [])
    with pytest.raises(AssertionError):
        for_each("number", [1, 2], ids=["one"])
    with pytest.raises(AssertionError, match="takes no"):
        for_each("other", [1])(test)
    with pytest.raises(ValueError, match="shorter"):
        for_each(("number", "other"), [(1,)])
