"""The sheets of the themes in public/assets/, written out of their rows.

`python -m templates.theme_sheet` writes them anew after a row was changed; a test compares.

One theme is chosen three ways, and each is a selector of its own: by the reader and kept by a
script, `<html data-theme="night">`; by the board's setting, `<html data-style="night">`; and by the
reader on a page without scripts, where the chooser itself has it. That last one asks the whole
page, by `:has()`: it stands in a sheet of its own, which only readers without scripts load.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from imageboard.themes import CONTRAST, PLAIN, PRINTED, THEMES, Colours, Theme
from templates.assets import ASSETS_FOLDER

PLACE = ASSETS_FOLDER / "themes.css"
#: PERF: where scripts run, each change of a page of 1,000 replies asked its 30,000 elements for it
#: again: 15 to 20 ms of a processor.
PLACE_BY_CHOOSER = ASSETS_FOLDER / "theme_by_chooser.css"

_WRITTEN = "/* Written by `python -m templates.theme_sheet`; changes here are lost. */"
_DARK = "@media (prefers-color-scheme: dark)"
_MORE_CONTRAST = "@media (prefers-contrast: more)"
_MORE_CONTRAST_DARK = f"{_MORE_CONTRAST} and (prefers-color-scheme: dark)"
#: Twice `:root`: as much as the board's own theme has, and it comes later.
_NOTHING_CHOSEN = ":root:root:not([data-theme])"


def theme_sheet() -> str:
    """The whole of themes.css."""
    rules = [*_rules(":root", PLAIN)]
    for theme in THEMES:
        chosen, of_board = f':root[data-theme="{theme.name}"]', f':root[data-style="{theme.name}"]'
        rules += _rules(f"{chosen}, {of_board}:not([data-theme])", theme)
    # The system's need comes before the board's taste, and the reader's choice before both.
    rules += _rules(_NOTHING_CHOSEN, CONTRAST, _MORE_CONTRAST, _MORE_CONTRAST_DARK)
    printed = f"color-scheme: light !important; {_variables(PRINTED, ' !important')}"
    rules.append(f"@media print {{ :root {{ {printed} }} }}")
    return "\n".join([_WRITTEN, *rules, ""])


def chooser_sheet() -> str:
    """The whole of theme_by_chooser.css."""
    rules = [
        rule
        for theme in THEMES
        for rule in _rules(f':root:has(#theme [value="{theme.name}"]:checked)', theme)
    ]
    return "\n".join([_WRITTEN, *rules, ""])


def _rules(selector: str, theme: Theme, media: str = "", dark_media: str = _DARK) -> Iterator[str]:
    """What it says in `media`; where it has both, its dark colours in `dark_media`."""
    more = f" --font: var(--{'mono' if theme.is_monospaced else 'sans'});"
    if theme.light is not None:
        yield _rule(selector, "light", theme.light, more, media)
    if theme.dark is not None:
        yield _rule(selector, "dark", theme.dark, more, dark_media if theme.light else media)


def _rule(selector: str, scheme: str, colours: Colours, more: str, media: str) -> str:
    rule = f"{selector} {{ color-scheme: {scheme}; {_variables(colours)}{more} }}"
    return f"{media} {{ {rule} }}" if media else rule


def _variables(colours: Colours, ending: str = "") -> str:
    return " ".join(
        f"--{name.replace('_', '-')}: {value}{ending};" for name, value in asdict(colours).items()
    )


if __name__ == "__main__":
    PLACE.write_text(theme_sheet(), encoding="utf-8")
    PLACE_BY_CHOOSER.write_text(chooser_sheet(), encoding="utf-8")
