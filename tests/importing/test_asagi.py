"""An archive of asagi stands here in the archive, with moments as they were."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from importing.asagi import clock, posts
from importing.asagi.clock import NoTimeZones, moment
from importing.asagi.dump import AsagiDump
from importing.asagi.files import StoredFiles, path
from importing.asagi.text import said
from importing.errors import UnknownColumns
from importing.moving import Move
from tests.importing.asagi_archive import FAR, TIM, a_row, an_archive, in_new_york
from tests.importing.conftest import Site
from tests.importing.thread_folders import T0
from tests.tables import for_each


@for_each(
    ("comment", "expected"),
    [
        ("a\r\nb\n\n", "a\nb"),
        ("[spoiler]a[/spoiler] [code]b[/code]", "[spoiler]a[/spoiler] [code]b[/code]"),
        ("[b]a[/b]", "'''a'''"),
        ('a\n\n[fortune color="#ff0000"]Good[/fortune]', "a\n\n'''Good'''"),
        ("[moot]a[/moot][shiftjis]b[/shiftjis]", "a[aa]b[/aa]"),
        ("A\n\n[banned](USER WAS BANNED FOR THIS POST)[/banned]", "A"),
        ("[banned:lit] is typed", "[banned] is typed"),
        # SECURITY: nothing of it is markup here.
        ("<script>&lt;b>", "<script>&lt;b>"),
    ],
)
def test_text_is_as_it_was_typed(comment: str, expected: str) -> None:
    assert said(comment, 7).body == expected


def test_what_staff_wrote_below_a_text_is_not_of_it() -> None:
    told = said("A\n[banned](USER WAS BANNED FOR THIS POST)[/banned]", 7)
    assert told.ban_message == "USER WAS BANNED FOR THIS POST"


def test_a_quote_leads_to_what_can_have_been_there() -> None:
    comment = ">>5 >>5\n>>7 >>99 >>>/g/99 >>5,1 >>>>4 >so"
    assert said(comment, 7).quotes == (("", 5), ("g", 99))


@for_each("unix_s", [1_707_523_200, 1_720_000_000, 1_710_054_000, 1_710_057_600, 1_100_000_000])
def test_a_moment_is_what_it_was_before_asagi_turned_its_clock(unix_s: int) -> None:
    assert moment(in_new_york(unix_s), None) == (unix_s, False)


def test_of_the_hour_that_comes_twice_the_file_tells_which_it_was() -> None:
    """2023-11-05, 01:30 in New York."""
    first = int(datetime(2023, 11, 5, 5, 30, tzinfo=UTC).timestamp())
    second = first + 3_600
    told = in_new_york(first)
    assert told == in_new_york(second)
    assert moment(told, first) == (first, False)
    assert moment(told, second + 2) == (second, False)
    assert moment(told, None) == (first, True)


def test_a_machine_without_time_zones_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(name: str) -> None:
        raise clock.ZoneInfoNotFoundError(name)

    monkeypatch.setattr(clock, "ZoneInfo", fails)
    with pytest.raises(NoTimeZones, match="tzdata"):
        moment(3_600 * 7, None)


def a_told_row(**columns: Any) -> dict[str, bytes | None]:
    row = a_row(7, 3, **columns)
    return {name: None if value is None else str(value).encode() for name, value in row.items()}


@for_each(
    ("columns", "expected"),
    [
        ({}, {"name": None, "capcode": None, "address": None, "password": None}),
        ({"capcode": "D", "name": "X"}, {"capcode": "Developer", "name": "X"}),
        ({"poster_country": "DE"}, {"country": "DE", "flag": None}),
        ({"poster_country": "XX"}, {"country": None, "flag": None}),
        ({"poster_country": "A2"}, {"country": None, "flag": "a2"}),
        ({"poster_hash": "AbC/+123"}, {"poster_id": "AbC/+123"}),
        ({"email": "sage"}, {"is_sage": True}),
        # Of ghosts alone an archive knows these: nobody's here.
        ({"delpass": "secret", "poster_ip": "3221225985"}, {"address": None, "password": None}),
    ],
)
def test_a_field_of_a_post(columns: dict[str, Any], expected: dict[str, Any]) -> None:
    post = posts.post("b", a_told_row(**columns), None, None)
    assert {name: getattr(post, name) for name in expected} == expected


@for_each("columns", [{"num": "x"}, {"timestamp": 0}, {"num": 2**40}, {"thread_num": None}])
def test_what_is_no_post_is_said(columns: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is no number"):
        posts.post("b", a_told_row(**columns), None, None)


def test_files_lie_by_their_names_and_nowhere_else() -> None:
    assert path("image", "1707523200123.png") == "image/1707/52/1707523200123.png"
    for name in ("../../etc/passwd", "17/../../x.png", "", None, "1707.png/x"):
        assert path("image", name) is None


@pytest.fixture
def stored() -> Iterator[StoredFiles]:
    with closing(StoredFiles()) as files:
        yield files


@pytest.mark.slow
def test_an_archive_comes_into_the_archive(site: Site, tmp_path: Path, stored: StoredFiles) -> None:
    dump = tmp_path / "asagi.sql"
    dump.write_text(an_archive(tmp_path / "media"))

    def move() -> Move:
        source = AsagiDump([dump], stored)
        return Move(source, site.database, site.settings, tmp_path / "media")

    told = site.bring(move()).report
    assert site.findings() == []
    assert {why: trouble.examples for why, trouble in told.troubles.items()} == {
        "posts that the archive's staff had removed do not come": ["g_deleted"],
        "a ghost post, whose number (124,1) is none here": ["/g/101,1"],
        "a post of a thread of which the first post is not there": ["/g/61"],
        "a post that was deleted there stays deleted": ["/g/60", "/g/103"],
    }
    assert site.read("g/archive.json") == [50, 100]
    assert site.ask("SELECT name FROM archive_pages ORDER BY 1") == [("2024-02",), ("2024-03",)]
    op, reply, last = site.read("g/res/100.json")["posts"]
    assert (op["no"], op["sub"], op["time"]) == (100, "A &#x27;quoted&#x27; title", T0 + 100)
    assert (op["tim"], reply["tim"], last["no"]) == (f"{TIM}", f"{TIM + 5}", FAR)
    # One file there, and one for each of its posts here.
    for post in (op, reply):
        body = site.web_root.read(f"g/src/{post['tim']}.png")
        assert body == (tmp_path / f"media/g/image/1707/52/{TIM}.png").read_bytes()
    assert (last["filedeleted"], last["capcode"]) == (1, "Mod")
    assert 'href="/g/res/100.html#100"' in reply["com"]
    assert site.ask("SELECT last_no, settings->>'archive_days' FROM boards") == [(FAR, "36500")]

    again = move()
    again.look()
    assert again.bring() == []


def test_a_dump_that_does_not_name_its_columns_is_refused(
    tmp_path: Path, stored: StoredFiles
) -> None:
    dump = tmp_path / "asagi.sql"
    dump.write_text("INSERT INTO `g` VALUES (1,2,3);\n")
    with pytest.raises(UnknownColumns):
        AsagiDump([dump], stored).survey()
