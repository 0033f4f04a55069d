"""What a screen shows: a terminal, a chart."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw

from cli.demo.painting.canvas import Colour, letters, mixed, typed

_PLAIN: Colour = (208, 212, 220)
_GREEN: Colour = (130, 214, 130)
_AMBER: Colour = (240, 190, 90)
_RED: Colour = (240, 110, 100)
_SESSIONS: tuple[tuple[tuple[str, Colour], ...], ...] = (
    (
        ("fold@attic:~$ uptime", _GREEN),
        (" 21:14:03 up 1204 days, 3:41,  1 user", _PLAIN),
        (" load average: 0.02, 0.01, 0.00", _PLAIN),
        ("fold@attic:~$ cat /etc/motd", _GREEN),
        ("  This machine waters the tomatoes.", _AMBER),
        ("  Please do not reboot it in July.", _AMBER),
        ("fold@attic:~$ systemctl status tomatoes", _GREEN),
        ("* tomatoes.service - Water, every morning", _PLAIN),
        ("     Active: active (running) since 2023", _GREEN),
        ("fold@attic:~$ _", _GREEN),
    ),
    (
        ("$ make test", _GREEN),
        ("cc -Wall -O2 -c clock.c", _PLAIN),
        ("clock.c:41: warning: 'tock' defined but not used", _AMBER),
        ("cc -o clock clock.o", _PLAIN),
        ("./clock --self-test", _PLAIN),
        ("tick ............ ok", _GREEN),
        ("tock ............ FAILED (expected tick, got 27)", _RED),
        ("1 of 2 tests failed", _RED),
        ("make: *** [Makefile:12: test] Error 1", _RED),
        ("$ _", _GREEN),
    ),
    (
        ("  PID USER   %CPU  %MEM  COMMAND", _AMBER),
        (" 2041 nina   97.3  61.2  a browser, one tab", _RED),
        ("  311 root    0.7   0.4  sshd", _PLAIN),
        (" 1999 nina    0.3   1.1  everything else", _PLAIN),
        ("", _PLAIN),
        ("Mem: [||||||||||||||||||||||||||    ] 6.9G/8G", _GREEN),
        ("Swp: [||||                          ] 0.4G/4G", _GREEN),
    ),
)
_LABELS = (
    ("Rise of the dough, cm", "hours", ("rye", "wheat", "spelt")),
    ("Requests a second", "clients", ("before", "after", "ideal")),
    ("Cups of tea", "day of the month", ("me", "office", "cat (water)")),
    ("Battery, %", "hours", ("old phone", "new phone", "calculator")),
)
_LINES: tuple[Colour, ...] = ((206, 84, 60), (50, 110, 170), (80, 150, 90))


def terminal(chance: random.Random) -> Image.Image:
    """Somebody's session, letter by letter."""
    return typed(chance.choice(_SESSIONS))


def chart(chance: random.Random) -> Image.Image:
    """Three lines over time, with a grid and what they are."""
    picture = Image.new("RGB", (760, 480), (253, 252, 249))
    pen = ImageDraw.Draw(picture)
    title, axis, names = chance.choice(_LABELS)
    left, top, right, bottom = 70, 70, 720, 410
    for step in range(6):
        y = bottom - (bottom - top) * step / 5
        pen.line((left, y, right, y), (226, 224, 218))
        pen.text((28, y - 9), f"{step * 20}", (90, 88, 86), letters(16))
        x = left + (right - left) * step / 5
        pen.text((x - 6, bottom + 10), f"{step * 4}", (90, 88, 86), letters(16))
    pen.line((left, top, left, bottom, right, bottom), (60, 58, 56), 2)
    pen.text((left, 24), title, (30, 30, 30), letters(24))
    pen.text((right - 110, bottom + 36), axis, (90, 88, 86), letters(17))
    for number, (name, colour) in enumerate(zip(names, _LINES, strict=True)):
        points, level = [], chance.uniform(5, 30)
        for step in range(41):
            level = min(98.0, max(2.0, level + chance.gauss(1.3 - number * 0.3, 3.2)))
            points.append(
                (left + (right - left) * step / 40, bottom - (bottom - top) * level / 100)
            )
        pen.line(points, colour, 4, joint="curve")
        pen.rectangle((left + 24, top + 8 + number * 26, left + 46, top + 20 + number * 26), colour)
        pen.text(
            (left + 56, top + 3 + number * 26), name, mixed(colour, (0, 0, 0), 0.4), letters(18)
        )
    return picture
