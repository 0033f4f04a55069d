"""Codes of an app: the vectors of RFC 6238, and which of them count at a moment."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlsplit

from imageboard import totp
from tests.tables import for_each

#: https://www.rfc-editor.org/rfc/rfc6238#appendix-B, of which apps show the last six digits.
SECRET = b"12345678901234567890"


@for_each(
    ("now_s", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_code_is_that_of_the_standard(now_s: int, code: str) -> None:
    assert totp.code(SECRET, totp.step_at(now_s)) == code[-6:]
    assert totp.step_of(SECRET, code[-6:], now_s) == now_s // 30


@for_each(("steps_off", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clock_may_be_wrong_by_half_a_minute(steps_off: int, counts: bool) -> None:
    now_s = 1111111109
    step = totp.step_at(now_s) + steps_off
    assert totp.step_of(SECRET, totp.code(SECRET, step), now_s) == (step if counts else None)


@for_each(
    "typed", ["", "0", "081804 ", " 081 804", "0818040", "\uff10\uff18\uff11\uff18\uff10\uff14"]
)
def test_what_is_typed_is_a_code_but_for_blanks(typed: str) -> None:
    is_code = typed.replace(" ", "") == "081804"
    assert (totp.step_of(SECRET, typed, 1111111109) is not None) == is_code


def test_app_is_told_whose_code_it_is() -> None:
    uri = urlsplit(totp.uri(SECRET, "alice", "My board: & co"))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    values = parse_qs(uri.query, strict_parsing=True)
    assert base64.b32decode(values["secret"][0]) == SECRET
    assert values["issuer"] == ["My board: & co"]
    assert totp.spelled(SECRET).replace(" ", "") == values["secret"][0]
    assert len({totp.new_secret() for _ in range(20)}) == 20
