"""A post shows its country where its board wants that, its poster does, and somebody knows it."""

from __future__ import annotations

import ipaddress
import struct
from pathlib import Path
from typing import Any

import falcon
import pytest
from falcon import testing

from imageboard import countries
from imageboard.boards import Board
from imageboard.errors import BadSetting, RuleBroken
from imageboard.post_rules import check
from imageboard.settings import BoardSettings, Settings
from templates.fragments import post_html
from templates.post_json import post_fields
from tests.builders import CLOAK, a_draft
from tests.tables import for_each
from tests.templates import builders
from tests.templates.builders import a_post
from tests.templates.parsed import parse_fragment, with_class
from writer.acceptance import Acceptance
from writer.origins import COUNTRY_HEADER, Origins

GERMAN, UNKNOWN = ipaddress.ip_address("192.0.2.7"), ipaddress.ip_address("198.51.100.7")


def written(value: Any) -> bytes:
    """As MaxMind's format has it, https://maxmind.github.io/MaxMind-DB/ (read 2026-11-29)."""
    if isinstance(value, dict):
        pairs = b"".join(written(name) + written(each) for name, each in value.items())
        return bytes([0xE0 | len(value)]) + pairs
    if isinstance(value, list):
        return bytes([len(value), 4]) + b"".join(map(written, value))
    if isinstance(value, int):
        body = value.to_bytes(4)
        return bytes([0xC0 | 4]) + body
    body = value.encode()
    assert len(body) < 29
    return bytes([0x40 | len(body)]) + body


def a_database(path: Path, address: str, record: object) -> Path:
    """Which knows one IPv4 address: a node for each of its bits."""
    bits, count = int(ipaddress.ip_address(address)), 32
    nodes = b""
    for depth in range(count):
        found = depth + 1 if depth + 1 < count else count + 16
        pair = [count, count]
        pair[bits >> (count - 1 - depth) & 1] = found
        nodes += b"".join(struct.pack(">I", each)[1:] for each in pair)
    about = {
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1,
        "database_type": "Test",
        "description": {"en": "Test"},
        "ip_version": 4,
        "languages": ["en"],
        "node_count": count,
        "record_size": 24,
    }
    path.write_bytes(
        nodes + b"\0" * 16 + written(record) + b"\xab\xcd\xefMaxMind.com" + written(about)
    )
    return path


def request(**headers: str) -> falcon.Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return falcon.Request(testing.create_environ(headers=named))


def settings(**values: str) -> Settings:
    return Settings.read({f"STILLBOARD_COUNTRY_{name}": value for name, value in values.items()})


@for_each(
    ("told", "country"),
    [("DE", "DE"), ("de", "DE"), ("XX", None), ("T1", None), ("<b>", None), ("", None)],
)
def test_header_tells_what_is_a_country(told: str, country: str | None) -> None:
    origins = Origins.from_settings(settings(HEADER="CF-IPCountry"))
    assert origins.country(request(**{COUNTRY_HEADER: told}), GERMAN) == country


def test_header_counts_only_where_nginx_is_said_to_set_it() -> None:
    asked = request(**{COUNTRY_HEADER: "DE"})
    assert Origins.from_settings(settings()).country(asked, GERMAN) is None


@for_each(
    ("record", "country"),
    [
        ({"country": {"iso_code": "DE"}}, "DE"),
        ({"registered_country": {"iso_code": "FR"}}, "FR"),
        ({"continent": {"code": "EU"}}, None),
    ],
)
def test_database_is_asked_where_nothing_is_told(
    tmp_path: Path, record: object, country: str | None
) -> None:
    path = a_database(tmp_path / "geo.mmdb", str(GERMAN), record)
    origins = Origins.from_settings(settings(HEADER="X-Country", DATABASE=str(path)))
    assert origins.country(request(), GERMAN) == country
    assert origins.country(request(), UNKNOWN) is None
    assert origins.country(request(), ipaddress.ip_address("2001:db8::1")) is None
    assert origins.country(request(**{COUNTRY_HEADER: "CH"}), GERMAN) == "CH"


@pytest.mark.parametrize("body", [None, b"no database"])
def test_database_that_is_none_stops_the_start(tmp_path: Path, body: bytes | None) -> None:
    path = tmp_path / "geo.mmdb"
    if body is not None:
        path.write_bytes(body)
    with pytest.raises(BadSetting, match="no database of addresses at"):
        Origins.from_settings(settings(DATABASE=str(path)))


@for_each(
    ("flags", "hides", "country"),
    [("on", False, "DE"), ("on", True, None), ("always", False, "DE"), ("off", False, None)],
)
def test_post_shows_it_as_board_and_poster_want(
    flags: str, hides: bool, country: str | None
) -> None:
    acceptance = Acceptance(Settings.read({}), CLOAK, Origins(is_told=True), lambda _board: None)
    board = Board("b", BoardSettings(country_flags=flags))
    draft = a_draft(hides_country=hides)
    check(draft, board.settings)
    accepted = acceptance.accept(request(**{COUNTRY_HEADER: "DE"}), draft, board, GERMAN)
    assert accepted.country == country


def test_who_hides_a_country_that_is_always_shown_is_told_so() -> None:
    with pytest.raises(RuleBroken) as refused:
        check(a_draft(hides_country=True), BoardSettings(country_flags="always"))
    assert refused.value.field == "no_country"


def test_page_and_json_tell_it() -> None:
    board, post = builders.a_board(), a_post(country="DE")
    (flag,) = with_class(parse_fragment(post_html(board, post, "")), "flag")
    assert (flag.text, flag.get("title"), flag.get("role")) == ("🇩🇪", "Germany", "img")
    fields = post_fields(board, post, "")
    assert (fields["country"], fields["country_name"]) == ("DE", "Germany")
    assert "country" not in post_fields(board, a_post(), "")


def test_every_country_has_two_letters_and_a_name() -> None:
    assert len(countries.NAMES) == 250
    assert all(len(code) == 2 and code.isupper() and name for code, name in countries.NAMES.items())
