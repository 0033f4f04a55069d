"""The sheet of the themes: public/assets/themes.css, written out of their rows.

`python -m templates.theme_sheet` writes it anew after a row was changed; a test compares.

One theme is chosen three ways, and each is a selector of its own: by the reader and kept by a
script, `<html data-theme="night">`; by the board's setting, `<html data-style="night">`; and by the
reader on a page without scripts, where the chooser itself has it. That last one asks for `:has()`,
and a browser that does not know it drops the whole rule: so it is a rule apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from imageboard.themes import CONTRAST, PLAIN, PRINTED, THEMES, Colours, Theme
from templates.assets import ASSETS_FOLDER

PLACE = ASSETS_FOLDER / "themes.css"

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
    for theme in THEMES:
        rules += _rules(f':root:has(#theme [value="{theme.name}"]:checked)', theme)
    printed = f"color-scheme: light !important; {_variables(PRINTED, ' !important')}"
    rules.append(f"@media print {{ :root {{ {printed} }} }}")
    return "\n".join(
        ["/* Written by `python -m templates.theme_sheet`; changes here are lost. */", *rules, ""]
    )


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
