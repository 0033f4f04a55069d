"""Deeds as a page of the desk offers them: a button, or a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from imageboard.staff_roles import Power, Visitor
from imageboard.store import post_deeds, removal_deeds
from imageboard.store.deeds import Case, Deed, Words
from imageboard.words import Message


class Button(NamedTuple):
    deed: str
    label: Message


class _Row(NamedTuple):
    """A field of a deed's form, as one visitor sees it."""

    name: str
    label: Message
    hint: Message | None
    value: str
    chars_max: int | None
    is_required: bool
    is_wide: bool
    #: What a box sends; None: a line of text.
    ticked: str | None
    is_ticked: bool
    #: As deeds.Field.kept_as.
    kept_as: str | None
    offers: Sequence[str]


class Form(NamedTuple):
    """A deed that asks for more than a button."""

    heading: Message | None
    button: Button
    rows: list[_Row]


class Refusal(NamedTuple):
    """A deed's form that can be mended: shown again with what was typed."""

    deed: Deed
    typed: Mapping[str, str]
    sentence: Message


def button(deed: Deed) -> Button:
    """Of a deed that is called the same wherever it stands."""
    return Button(deed.name, _said(deed.button, None))


def case_buttons(visitor: Visitor, case: Case) -> list[Button]:
    return [
        Button(deed.name, _said(deed.button, case))
        for deed in post_deeds.OF_POSTS
        if not deed.fields and is_offered(deed, visitor, case)
    ]


def ticked_button(visitor: Visitor) -> Button | None:
    if not visitor.may_somewhere(Power.DELETE):
        return None
    return button(removal_deeds.DELETE_TICKED)


def is_offered(deed: Deed, visitor: Visitor, case: Case) -> bool:
    return deed.fits(case) and (deed.power is None or visitor.may(deed.power, case.board))


def deed_form(
    deed: Deed,
    case: Case | None,
    refusal: Refusal | None,
    offers: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Form:
    """`offers`: values to choose from, by the names of fields that do not know them."""
    typed = refusal.typed if refusal is not None and refusal.deed is deed else None
    return Form(
        heading=deed.heading,
        button=Button(deed.name, _said(deed.button, case)),
        rows=[
            _Row(
                name=field.name,
                label=_said(field.label, case),
                hint=None if field.hint is None else _said(field.hint, case),
                value=field.initial if typed is None else typed.get(field.name, ""),
                chars_max=field.chars_max,
                is_required=field.is_required,
                is_wide=field.is_wide,
                ticked=field.ticked,
                is_ticked=typed is not None and field.name in typed,
                kept_as=field.kept_as,
                offers=(
                    field.offers(case) if field.offers and case else offers.get(field.name, ())
                ),
            )
            for field in deed.fields
        ],
    )


def done_sentence(table: Sequence[Deed], name: str | None) -> Message | None:
    """What is said on the page to which a form leads.

    SECURITY: the address names the button, not the sentence: nobody can put words of their own on
    a page of the desk.
    """
    return next((deed.done for deed in table if deed.name == name), None)


def _said(words: Words, case: Case | None) -> Message:
    if isinstance(words, Message):
        return words
    assert case is not None, "only deeds of posts have words that depend on the post"
    return words(case)
