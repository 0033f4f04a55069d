"""By hand: sprites, panels of a comic, covers of records, cats."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageDraw

from cli.demo.painting.canvas import Colour, clouds, gradient, letters, mixed


def sprites(chance: random.Random) -> Image.Image:
    """A sheet of small creatures, each the mirror of its own half."""
    cells, pixels, gap = (5, 3), 12, 4
    sheet = Image.new("RGB", (cells[0] * (pixels + gap) + gap, cells[1] * (pixels + gap) + gap))
    sheet.paste((38, 36, 54), (0, 0, *sheet.size))
    for row in range(cells[1]):
        for column in range(cells[0]):
            corner = gap + column * (pixels + gap), gap + row * (pixels + gap)
            sheet.paste(_creature(chance, pixels), corner)
    return sheet.resize((sheet.width * 8, sheet.height * 8), Image.Resampling.NEAREST)


def _creature(chance: random.Random, pixels: int) -> Image.Image:
    skin = _lively(chance)
    dark, light = mixed(skin, (10, 8, 30), 0.55), mixed(skin, (255, 255, 240), 0.5)
    creature = Image.new("RGB", (pixels, pixels), (52, 50, 72))
    half = pixels // 2
    for y in range(1, pixels - 1):
        for x in range(half):
            away = math.dist((x, y), (half - 0.5, pixels / 2 - 0.5))
            if away < half - 1 or (away < half and chance.random() < 0.5):
                colour = dark if away > half - 2 else chance.choice((skin, skin, skin, light))
                creature.putpixel((x, y), colour)
                creature.putpixel((pixels - 1 - x, y), colour)
    eye = half - chance.choice((2, 3)), half - 1
    for x in (eye[0], pixels - 1 - eye[0]):
        creature.putpixel((x, eye[1]), (255, 255, 255))
        creature.putpixel((x, eye[1] + 1), (16, 14, 26))
    return creature


#: What is said in the four panels of a comic.
_SCENES = (
    ("I will go to bed early.", "Just one more look.", "...", "Good morning."),
    ("It works!", "Why does it work?", "I changed nothing.", "Nobody touch it."),
    ("Is it still raining?", "A little.", "Shall we wait?", "Let's run!"),
    ("Tea?", "Tea.", "...", "More tea?"),
)


def manga(chance: random.Random) -> Image.Image:
    """Four panels, read from the right, with screentone and somebody in each."""
    page = Image.new("L", (560, 760), 252)
    boxes = ((290, 20, 540, 360), (20, 20, 272, 360), (290, 380, 540, 740), (20, 380, 272, 740))
    for box, words in zip(boxes, chance.choice(_SCENES), strict=True):
        panel = Image.new("L", (box[2] - box[0], box[3] - box[1]), 255)
        _fill_panel(chance, panel, words)
        page.paste(panel, box[:2])
        ImageDraw.Draw(page).rectangle(box, outline=10, width=4)
    return page.convert("RGB")


def _fill_panel(chance: random.Random, panel: Image.Image, words: str) -> None:
    width, height = panel.size
    pen = ImageDraw.Draw(panel)
    if words == "..." or chance.random() < 0.5:
        for y in range(0, height, 6):
            for x in range((y // 6 % 2) * 3, width, 6):
                pen.point((x, y), 60)
                pen.point((x + 1, y), 60)
    else:
        for turn in range(0, 360, 5):
            far = 500 * math.cos(math.radians(turn)), 500 * math.sin(math.radians(turn))
            near = far[0] * 0.33, far[1] * 0.33
            middle = width / 2, height * 0.62
            pen.line(
                (middle[0] + near[0], middle[1] + near[1], middle[0] + far[0], middle[1] + far[1]),
                90,
                chance.choice((1, 1, 2)),
            )
    _somebody(chance, pen, (width * chance.uniform(0.4, 0.6), height * 0.66))
    font = letters(19)
    wide = pen.textlength(words, font) + 34
    left = min(max(10, width / 2 - wide / 2), max(10, width - wide - 10))
    pen.ellipse((left - 8, 22, left + wide + 8, 92), 255, 10, 3)
    pen.polygon([(width / 2 - 8, 88), (width / 2 + 12, 88), (width / 2, 118)], 255, 10)
    pen.text((left + 17, 44), words, 10, font)


def _somebody(chance: random.Random, pen: ImageDraw.ImageDraw, at: tuple[float, float]) -> None:
    x, y = at
    hair = chance.choice((10, 110))
    pen.polygon(
        [(x - 70, y + 140), (x - 44, y + 54), (x + 44, y + 54), (x + 70, y + 140)], 225, 10, 3
    )
    pen.ellipse((x - 56, y - 62, x + 56, y + 60), hair, 10, 3)
    pen.ellipse((x - 44, y - 40, x + 44, y + 58), 255, 10, 3)
    for lock in range(-3, 4):
        pen.polygon(
            [(x + lock * 14 - 10, y - 40), (x + lock * 14 + 10, y - 40), (x + lock * 15, y - 4)],
            hair,
        )
    is_asleep = chance.random() < 0.25
    for side in (-1, 1):
        eye = x + side * 19
        if is_asleep:
            pen.arc((eye - 9, y + 6, eye + 9, y + 18), 0, 180, 10, 3)
        else:
            pen.ellipse((eye - 8, y, eye + 8, y + 24), 10)
            pen.ellipse((eye - 5, y + 3, eye, y + 9), 255)
    if chance.random() < 0.5:
        pen.arc((x - 9, y + 30, x + 9, y + 44), 0, 180, 10, 3)
    else:
        pen.ellipse((x - 6, y + 33, x + 6, y + 46), 40)


_BANDS = "Paper Lanterns;Night Ferry;The Slow Elevators;Kettle & Fox;Blue Tram;Static Garden".split(
    ";"
)
_TITLES = (
    "Low Tide Radio;Second Platform;Postcards;Soft Machines Sleep;Rain, Again;Early Light".split(
        ";"
    )
)


def cover(chance: random.Random) -> Image.Image:
    """Of a record that nobody has pressed."""
    first, second = _lively(chance), _lively(chance)
    picture = gradient((600, 600), (mixed(first, (10, 10, 20), 0.5), first, second))
    pen = ImageDraw.Draw(picture)
    match chance.randrange(3):
        case 0:
            for ring in range(14, 0, -1):
                radius = ring * 20
                fill = mixed(second, (255, 250, 240), ring % 2 * 0.8)
                pen.ellipse((300 - radius, 330 - radius, 300 + radius, 330 + radius), fill)
        case 1:
            for line in range(24):
                points = [
                    (
                        x,
                        200
                        + line * 15
                        - 70 * math.exp(-(((x - 300) / 110) ** 2)) * chance.random(),
                    )
                    for x in range(90, 511, 6)
                ]
                pen.line(points, (250, 246, 236), 3)
        case _:
            sun = mixed(second, (255, 240, 200), 0.7)
            pen.ellipse((170, 160, 430, 420), sun)
            for bar in range(7):
                pen.rectangle((150, 300 + bar * 18, 450, 304 + bar * 20), mixed(first, second, 0.5))
    pen.text((40, 34), chance.choice(_BANDS), (255, 250, 240), letters(42))
    pen.text((42, 540), chance.choice(_TITLES), (255, 250, 240), letters(26))
    worn = clouds(chance, picture.size, coarse=6).point(lambda grey: max(0, grey - 165))
    picture.paste((250, 244, 230), mask=worn)
    return picture


def cat(chance: random.Random) -> Image.Image:
    """In pencil, on squared paper."""
    picture = Image.new("RGB", (560, 480), (250, 249, 244))
    pen = ImageDraw.Draw(picture)
    for line in range(0, 560, 20):
        pen.line((line, 0, line, 480), (214, 226, 236))
        pen.line((0, line, 560, line), (214, 226, 236))
    fur: Colour = chance.choice(((120, 116, 112), (206, 140, 80), (60, 58, 62), (236, 232, 224)))
    ink = (40, 38, 40)
    pen.ellipse((150, 220, 400, 430), fur, ink, 4)
    pen.arc((360, 250, 500, 420), 250, 110, ink, 12)
    for side in (-1, 1):
        pen.polygon(
            [(275 + side * 84, 190), (275 + side * 96, 70), (275 + side * 22, 124)], fur, ink, 4
        )
    pen.ellipse((180, 104, 370, 270), fur, ink, 4)
    for side in (-1, 1):
        x = 275 + side * 42
        pen.ellipse((x - 17, 160, x + 17, 196), (206, 220, 120), ink, 3)
        wide = chance.choice((3, 9))
        pen.ellipse((x - wide, 163, x + wide, 193), ink)
        for whisker in (-1, 0, 1):
            pen.line(
                (275 + side * 40, 218 + whisker * 6, 275 + side * 130, 212 + whisker * 20), ink, 2
            )
    pen.polygon([(265, 206), (285, 206), (275, 218)], (220, 130, 130), ink)
    pen.arc((255, 210, 275, 234), 0, 180, ink, 3)
    pen.arc((275, 210, 295, 234), 0, 180, ink, 3)
    for stripe in range(chance.choice((0, 4))):
        pen.arc((170 + stripe * 46, 240, 230 + stripe * 46, 330), 200, 330, ink, 6)
    return picture


def _lively(chance: random.Random) -> Colour:
    """A colour with one channel strong and one weak."""
    red, green, blue = chance.sample(
        (chance.randrange(180, 245), chance.randrange(80, 190), chance.randrange(40, 110)), 3
    )
    return red, green, blue
