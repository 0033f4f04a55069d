"""Lists of the desk are cut into pages alike."""

from __future__ import annotations

import falcon
import falcon.testing
import pytest

from writer.desk.parts import ROWS_MAX, list_page


@pytest.mark.parametrize(
    ("query", "rows", "is_shown", "next_page"),
    [
        ("", 0, range(0), None),
        ("", ROWS_MAX, range(ROWS_MAX), None),
        ("", ROWS_MAX + 1, range(ROWS_MAX), 2),
        ("page=2", ROWS_MAX + 1, range(ROWS_MAX, ROWS_MAX + 1), None),
        ("page=2", 2 * ROWS_MAX + 1, range(ROWS_MAX, 2 * ROWS_MAX), 3),
        ("page=no", ROWS_MAX + 1, range(ROWS_MAX), 2),
        ("page=0", ROWS_MAX, range(ROWS_MAX), None),
    ],
)
def test_page_shows_its_rows_and_names_the_next_while_there_are_more(
    query: str, rows: int, is_shown: range, next_page: int | None
) -> None:
    page = list_page(falcon.Request(falcon.testing.create_environ(query_string=query)))
    found = range(rows)[page.after : page.after + page.limit]
    assert page.cut(found) == (is_shown, next_page)
