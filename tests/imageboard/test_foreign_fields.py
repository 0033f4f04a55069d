"""No field that somebody filled in is ignored without a word."""

from __future__ import annotations

import pytest

from imageboard.errors import BadField
from imageboard.fields import POST_FIELDS
from imageboard.foreign_fields import refuse_untaken
from tests.tables import for_each

BOTH = (True, False)


@for_each(
    ("name", "said"),
    [
        ("embed", "takes no embeds"),
        ("file_url", "choose the file itself"),
        ("raw", "in the desk"),
        ("sticky", "take the field sticky out"),
    ],
)
@for_each("unknown_too", BOTH)
def test_what_a_poster_wanted_elsewhere_is_refused_with_what_to_do(
    name: str, said: str, unknown_too: bool
) -> None:
    with pytest.raises(BadField, match=said) as refusal:
        refuse_untaken({"body": "Hello.", name: "x"}, unknown_too=unknown_too)
    assert refusal.value.field == name


@for_each(
    ("name", "said"),
    [
        ("is_admin", "does not know the field is_admin"),
        ("Body", "does not know the field Body"),
        ("delete_x", "does not know the field delete_x"),
        ("spoilers", "does not know the field spoilers"),
        ("spoiler0", "does not know the field spoiler0"),
        ("com", "The field com is called body"),
        ("resto", "The field resto is called thread"),
    ],
)
def test_unknown_field_is_refused_by_its_name_but_not_at_vichans_address(
    name: str, said: str
) -> None:
    sent = {"body": "Hello.", name: "x"}
    with pytest.raises(BadField, match=said) as refusal:
        refuse_untaken(sent, unknown_too=True)
    assert refusal.value.field == name
    refuse_untaken(sent, unknown_too=False)


@for_each("name", ["embed", "user_flag", "spoiler0", "is_admin", "com"])
@for_each("unknown_too", BOTH)
def test_empty_field_asks_for_nothing(name: str, unknown_too: bool) -> None:
    refuse_untaken({name: " "}, unknown_too=unknown_too)


@for_each(
    "name",
    [
        *(field.name for field in POST_FIELDS),
        *(
            "board",
            "thread",
            "nonce",
            "json_response",
            "post",
            "preview",
            "delete",
            "delete_7",
            "report",
        ),
        *("spoiler1", "spoiler12"),
        *("file_alt", "file_alt1", "file_alt12"),
        *(
            "reason",
            "g-recaptcha-response",
            "h-captcha-response",
            "page",
            "hash",
            "no_country",
            "keep_filename",
        ),
    ],
)
@for_each("unknown_too", BOTH)
def test_what_the_board_takes_or_what_asks_for_nothing_passes(name: str, unknown_too: bool) -> None:
    refuse_untaken({name: "x"}, unknown_too=unknown_too)


def test_first_of_several_is_told() -> None:
    with pytest.raises(BadField) as refusal:
        refuse_untaken({"second": "", "first": "x", "embed": "x"}, unknown_too=True)
    assert refusal.value.field == "first"
