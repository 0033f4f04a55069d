"""Themes: every list of them has every row, and what stands in their colours can be read."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from imageboard.settings import BoardSettings
from imageboard.themes import PRINTED, THEMES, Colours
from templates import assets, pages, theme_sheet
from tests.browser import shown_pages
from tests.house_rules.repository import table
from tests.tables import for_each
from tests.templates.builders import a_board, a_site

#: {'night, dark': its colours}
PALETTES = {
    f"{theme.name}, {scheme}": colours
    for theme in THEMES
    for scheme, colours in (("light", theme.light), ("dark", theme.dark))
    if colours is not None
} | {"on paper": PRINTED}

CONTRAST_MIN = 4.5


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_reckoned_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


@for_each("palette", PALETTES)
def test_every_text_of_a_theme_can_be_read_on_each_of_its_grounds(palette: str) -> None:
    colours = PALETTES[palette]
    for text in fields(Colours):
        assert re.fullmatch("#[0-9a-f]{6}", getattr(colours, text.name)), text.name
        for ground in text.metadata["on"]:
            found = contrast(getattr(colours, text.name), getattr(colours, ground))
            assert found >= CONTRAST_MIN, f"{text.name} on {ground}: {found:.2f}"


def test_the_sheets_are_those_of_the_rows() -> None:
    """Otherwise: python -m templates.theme_sheet"""
    assert theme_sheet.PLACE.read_text(encoding="utf-8") == theme_sheet.theme_sheet()
    chooser = theme_sheet.PLACE_BY_CHOOSER.read_text(encoding="utf-8")
    assert chooser == theme_sheet.chooser_sheet()


def test_every_variable_that_a_sheet_uses_is_there() -> None:
    sheets = [a.body.decode() for a in assets.assets().values() if a.name.endswith(".css")]
    used = {name for sheet in sheets for name in re.findall(r"var\(--([\w-]+)\)", sheet)}
    given = {name for sheet in sheets for name in re.findall(r"--([\w-]+):", sheet)}
    colours = {field.name.replace("_", "-") for field in fields(Colours)}
    assert used <= given
    assert colours <= used, "a colour that nothing is painted with"


@pytest.mark.slow
def test_setting_chooser_and_docs_offer_every_theme_in_its_order() -> None:
    names = [theme.name for theme in THEMES]
    (style,) = (row for row in BoardSettings.rows() if row.name == "style")
    assert list(style.reader.choices) == names
    for kind, page in shown_pages.every_page().items():
        assert re.findall(r'<option value="([a-z]*)">', page.partition('id="theme"')[2]) == [
            "",
            *names,
        ], kind
    assert list(table("themes.md", "What there is")) == names


@for_each("style", [theme.name for theme in THEMES])
def test_page_of_a_board_says_the_theme_of_its_board(style: str) -> None:
    page = pages.board_page(a_site(), a_board(style=style), [], 1, 1).decode()
    (html,) = re.findall("<html [^>]*>", page)
    assert (f'data-style="{style}"' in html) == (style != "plain")
