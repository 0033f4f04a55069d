"""Themes: the colours in which readers see the board. One row each; everything else reads it here.

The setting `style` of a board names the one that its pages have until a reader chooses; the chooser
at the foot of each page offers all. public/assets/themes.css is written out of the rows by
`python -m templates.theme_sheet`. To add one: docs/extending.md, "A theme".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from imageboard.words import N_, Message

#: The grounds on which nearly every text may stand.
_PAGE = ("ground", "card", "target")


def _ground(use: str) -> Any:
    return field(metadata={"use": use, "on": ()})


def _text(use: str, *on: str) -> Any:
    """`on` are the grounds that it is used on."""
    return field(metadata={"use": use, "on": on})


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """Each is '#rrggbb', and becomes a variable of the sheet: `accent_ink` is `--accent-ink`.

    A text has at least 4.5 : 1 on each of its grounds: a test computes it.
    """

    ground: str = _ground("the page")
    card: str = _ground("a reply, and whatever lies upon the page")
    target: str = _ground("the post that an address points at")
    bar: str = _ground("labels of a form, headings of the front page, an open spoiler")
    bad_ground: str = _ground("what went wrong")
    line: str = _ground("lines and frames")
    ink: str = _text("text", *_PAGE, "bar")
    soft: str = _text("what is said beside it", *_PAGE)
    accent: str = _text("links, and what can be pressed", *_PAGE)
    hover: str = _text("a link that is pointed at", *_PAGE)
    accent_ink: str = _text("text upon `accent`", "accent")
    subject: str = _text("a post's subject", *_PAGE)
    name: str = _text("a poster's name", *_PAGE)
    trip: str = _text("a tripcode", *_PAGE)
    quote: str = _text("a quoted line", *_PAGE)
    heading: str = _text("headings, capcodes, pinktext", *_PAGE)
    bad: str = _text("what went wrong", "bad_ground", "ground")


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """It is light, dark, or with both of them what the reader's system is."""

    #: As settings and pages have it; never changed, since boards and readers keep it.
    name: str
    title: Message
    light: Colours | None = None
    dark: Colours | None = None
    is_monospaced: bool = False


PLAIN = Theme(
    name="plain",
    title=N_("Stillboard"),
    light=Colours(
        ground="#f3f1eb",
        card="#fdfcf8",
        target="#f8edc4",
        bar="#e3ded0",
        bad_ground="#f9e4df",
        ink="#25231f",
        soft="#635d50",
        accent="#15606a",
        hover="#8a3d12",
        accent_ink="#ffffff",
        subject="#25231f",
        name="#2b5a3c",
        trip="#2b5a3c",
        quote="#496719",
        heading="#a12d2d",
        bad="#8f2323",
        line="#dad4c6",
    ),
    dark=Colours(
        ground="#16191b",
        card="#1e2225",
        target="#3a3420",
        bar="#2b3135",
        bad_ground="#38201d",
        ink="#dcd9d1",
        soft="#a8a295",
        accent="#82c7ce",
        hover="#f0b48a",
        accent_ink="#10211f",
        subject="#f0ede4",
        name="#93c7a4",
        trip="#93c7a4",
        quote="#a6c36b",
        heading="#ee9488",
        bad="#f3a79b",
        line="#353b3f",
    ),
)
NIGHT = Theme(name="night", title=N_("Night"), dark=PLAIN.dark)
#: For whose system asks for more contrast, too.
CONTRAST = Theme(
    name="contrast",
    title=N_("High contrast"),
    light=Colours(
        ground="#ffffff",
        card="#ffffff",
        target="#fff2a8",
        bar="#e6e6e6",
        bad_ground="#ffffff",
        ink="#000000",
        soft="#2b2b2b",
        accent="#00249c",
        hover="#7a0000",
        accent_ink="#ffffff",
        subject="#000000",
        name="#00401a",
        trip="#00401a",
        quote="#2f4400",
        heading="#7a0000",
        bad="#7a0000",
        line="#000000",
    ),
    dark=Colours(
        ground="#000000",
        card="#000000",
        target="#3b3200",
        bar="#262626",
        bad_ground="#000000",
        ink="#ffffff",
        soft="#dedede",
        accent="#8fd0ff",
        hover="#ffe14d",
        accent_ink="#000000",
        subject="#ffffff",
        name="#a8ffb8",
        trip="#a8ffb8",
        quote="#d5ff7a",
        heading="#ffb3a8",
        bad="#ffb3a8",
        line="#ffffff",
    ),
)

#: In the order in which they are offered.
THEMES = (
    PLAIN,
    Theme(
        name="blue",
        title=N_("Blue classic"),
        light=Colours(
            ground="#eef2ff",
            card="#d6daf0",
            target="#e8dcec",
            bar="#9988ee",
            bad_ground="#ffe9e4",
            ink="#000000",
            soft="#515461",
            accent="#34345c",
            hover="#af0000",
            accent_ink="#ffffff",
            subject="#0f0c5d",
            name="#0f6a3b",
            trip="#1a6a43",
            quote="#4c6116",
            heading="#af0a0f",
            bad="#8f1414",
            line="#b7c5d9",
        ),
    ),
    Theme(
        name="paper",
        title=N_("Beige classic"),
        light=Colours(
            ground="#ffffee",
            card="#f0e0d6",
            target="#f7e3c8",
            bar="#eeaa88",
            bad_ground="#ffe9e0",
            ink="#800000",
            soft="#6b463c",
            accent="#0000ee",
            hover="#b80000",
            accent_ink="#ffffff",
            subject="#b80f04",
            name="#0f6a3b",
            trip="#1a6a43",
            quote="#52661a",
            heading="#a8090e",
            bad="#8f1414",
            line="#d9bfb7",
        ),
    ),
    NIGHT,
    Theme(
        name="tomorrow",
        title=N_("Tomorrow"),
        dark=Colours(
            ground="#1d1f21",
            card="#282a2e",
            target="#373b41",
            bar="#373b41",
            bad_ground="#3a2323",
            ink="#c5c8c6",
            soft="#a4a6a4",
            accent="#8aabc6",
            hover="#e6c07b",
            accent_ink="#16181a",
            subject="#b9a0c2",
            name="#c5c8c6",
            trip="#8abeb7",
            quote="#b5bd68",
            heading="#de9494",
            bad="#f0a8a0",
            line="#3f434a",
        ),
    ),
    Theme(
        name="terminal",
        title=N_("Terminal"),
        is_monospaced=True,
        dark=Colours(
            ground="#050805",
            card="#0c120c",
            target="#12301a",
            bar="#10331c",
            bad_ground="#2b0f0a",
            ink="#33ff66",
            soft="#24b750",
            accent="#7dffb0",
            hover="#ffffff",
            accent_ink="#04140a",
            subject="#e0ffe0",
            name="#b6ff9e",
            trip="#59d6ff",
            quote="#d6ff57",
            heading="#ffb454",
            bad="#ff9a86",
            line="#1d5c30",
        ),
    ),
    CONTRAST,
)
#: What paper looks like, whatever the screen did.
PRINTED = Colours(
    ground="#ffffff",
    card="#ffffff",
    target="#ffffff",
    bar="#ffffff",
    bad_ground="#ffffff",
    ink="#000000",
    soft="#444444",
    accent="#000000",
    hover="#000000",
    accent_ink="#ffffff",
    subject="#000000",
    name="#000000",
    trip="#000000",
    quote="#3a3a3a",
    heading="#000000",
    bad="#000000",
    line="#999999",
)
NAMES = tuple(theme.name for theme in THEMES)
