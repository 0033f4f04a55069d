"""On the table: a bowl of fruit, bread, a cup, a dish from above, a keyboard, a leaf."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageDraw, ImageFilter

from cli.demo.painting.canvas import Colour, Size, clouds, glow, gradient, grained, mixed

_SIZE = (720, 540)


def fruit(chance: random.Random) -> Image.Image:
    """A still life: balls of light and shade in a bowl, by a window that is not seen."""
    picture = _table(chance, (86, 74, 66), (140, 96, 60))
    skins: tuple[Colour, ...] = ((204, 60, 44), (226, 150, 40), (150, 170, 60), (120, 50, 80))
    places = ((250, 320), (340, 290), (440, 300), (510, 335), (300, 350), (400, 345))
    for x, y in places:
        _ball(chance, picture, (x, y), chance.uniform(52, 66), chance.choice(skins))
    _bowl(picture, (380, 395), (190, 84), (196, 204, 214))
    _ball(chance, picture, (610, 430), 44, chance.choice(skins))
    return grained(chance, picture)


def bread(chance: random.Random) -> Image.Image:
    """A round loaf with its cuts, on a board."""
    picture = _table(chance, (60, 58, 62), (110, 82, 60))
    shade = glow(_SIZE, (380, 400), 250).point(lambda grey: grey * 0.7)
    picture.paste((20, 14, 12), mask=shade)
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((120, 370, 620, 470), 26, (156, 112, 72), (110, 76, 46), 4)
    crust = gradient((400, 230), ((214, 152, 84), (176, 104, 50), (104, 54, 26)))
    crust.paste(
        (246, 226, 190), mask=clouds(chance, crust.size, coarse=9).point(lambda g: max(0, g - 130))
    )
    mask = Image.new("L", crust.size)
    ImageDraw.Draw(mask).ellipse((0, 0, 399, 330), fill=255)
    picture.paste(crust, (170, 190), mask)
    for cut in range(-2, 3):
        x = 370 + cut * 62
        lean = 20 + cut * 6
        pen.line((x - lean, 236 + abs(cut) * 16, x + lean, 330), (250, 224, 176), 9)
        pen.line((x - lean + 5, 240 + abs(cut) * 16, x + lean + 5, 334), (120, 66, 30), 3)
    return grained(chance, picture)


def cup(chance: random.Random) -> Image.Image:
    """Something hot, and its steam."""
    picture = _table(chance, (52, 66, 74), (176, 150, 120))
    body: Colour = chance.choice(((230, 226, 216), (84, 120, 140), (190, 90, 70)))
    pen = ImageDraw.Draw(picture)
    pen.ellipse(
        (210, 400, 540, 470), mixed(body, (255, 255, 255), 0.2), mixed(body, (0, 0, 0), 0.3)
    )
    pen.arc((450, 270, 560, 380), 250, 110, mixed(body, (0, 0, 0), 0.2), 18)
    for x in range(260, 491):
        light = 0.5 + 0.5 * math.cos((x - 320) / 170 * math.pi / 1.4)
        pen.line(
            (x, 260, x, 400 + 30 * math.sin((x - 260) / 230 * math.pi)),
            mixed((30, 26, 26), body, light),
        )
    pen.ellipse((260, 238, 490, 284), mixed(body, (255, 255, 255), 0.3))
    pen.ellipse((272, 243, 478, 280), chance.choice(((92, 52, 26), (150, 160, 70), (60, 32, 22))))
    steam = Image.new("L", _SIZE)
    air = ImageDraw.Draw(steam)
    for wisp in range(3):
        at = chance.uniform(0, 6)
        points = [
            (320 + wisp * 55 + 26 * math.sin(y / 34 + at) * (250 - y) / 180, y)
            for y in range(250, 50, -5)
        ]
        air.line(points, 150, 14)
    picture.paste((255, 255, 255), mask=steam.filter(ImageFilter.GaussianBlur(13)))
    return grained(chance, picture)


def dish(chance: random.Random) -> Image.Image:
    """A plate from above, and what is on it."""
    wood = mixed((120, 84, 58), (60, 66, 70), chance.random())
    picture = _planks(chance, wood)
    middle = 360, 270
    shade = glow(_SIZE, (372, 286), 300).point(lambda grey: grey * 0.8)
    picture.paste((16, 12, 10), mask=shade)
    pen = ImageDraw.Draw(picture)
    for radius, grey in ((226, 236), (216, 248), (168, 224), (164, 244)):
        pen.ellipse(_round(middle, radius), (grey, grey - 2, grey - 8))
    sauce: Colour = chance.choice(((176, 52, 30), (196, 150, 60), (120, 130, 60), (110, 66, 40)))
    pool = Image.new("L", _SIZE)
    ImageDraw.Draw(pool).ellipse(_round(middle, 146), fill=255)
    surface = Image.new("RGB", _SIZE, sauce)
    surface.paste(mixed(sauce, (255, 240, 200), 0.6), mask=clouds(chance, _SIZE, coarse=8))
    picture.paste(surface, mask=pool.filter(ImageFilter.GaussianBlur(4)))
    bits: tuple[Colour, ...] = ((64, 120, 52), (232, 214, 180), (210, 90, 60), (250, 240, 226))
    for _ in range(70):
        away, turn = 130 * math.sqrt(chance.random()), chance.uniform(0, 6.3)
        x, y = middle[0] + away * math.cos(turn), middle[1] + away * math.sin(turn)
        size = chance.uniform(4, 15)
        colour = chance.choice(bits)
        pen.ellipse(
            (x - size, y - size * 0.7, x + size, y + size * 0.7), mixed(colour, (0, 0, 0), 0.3)
        )
        pen.ellipse((x - size, y - size * 0.7 - 2, x + size * 0.9, y + size * 0.6 - 2), colour)
    return grained(chance, picture)


def keyboard(chance: random.Random) -> Image.Image:
    """Keys that glow from below."""
    picture = _planks(chance, (44, 40, 44))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((46, 120, 674, 400), 18, (30, 32, 38), (70, 74, 84), 4)
    caps: tuple[Colour, Colour] = chance.choice(
        (
            ((226, 222, 210), (90, 96, 110)),
            ((54, 58, 70), (206, 96, 70)),
            ((196, 208, 214), (74, 110, 130)),
        )
    )
    for row in range(5):
        x = 62.0
        while x < 640:
            wide = min(658 - x, 42 if 100 < x < 560 else chance.choice((42, 58)))
            if row == 4 and 200 < x < 300:
                wide = 250
            y = 134 + row * 52
            cap = caps[1] if x < 100 or x > 570 else caps[0]
            pen.rounded_rectangle((x, y, x + wide - 4, y + 46), 7, mixed(cap, (0, 0, 0), 0.45))
            pen.rounded_rectangle((x + 4, y + 2, x + wide - 8, y + 36), 6, cap)
            x += wide
    lamp = glow(_SIZE, (chance.uniform(200, 500), 120), 420).point(lambda grey: grey * 0.3)
    picture.paste((255, 226, 180), mask=lamp)
    return grained(chance, picture)


#: Rules of growth (L-systems): what each twig becomes, and how far it turns, in degrees.
_GROWTHS = (("F[+X][-X]FX", 24.0), ("F[+X]F[-X]+X", 20.0), ("F-[[X]+X]+F[+FX]-X", 22.5))


def plant(chance: random.Random) -> Image.Image:
    """A plant as an L-system grows it, in ink on old paper."""
    size = (560, 720)
    picture = gradient(size, ((242, 234, 212), (234, 222, 194)))
    stains = clouds(chance, size, coarse=4).point(lambda grey: max(0, grey - 150))
    picture.paste((196, 170, 120), mask=stains)
    growth, turn = chance.choice(_GROWTHS)
    text = "X"
    for _ in range(5):
        text = "".join({"X": growth, "F": "FF"}.get(letter, letter) for letter in text)
    ink: Colour = chance.choice(((40, 70, 40), (70, 60, 30), (36, 56, 70)))
    _draw_growth(chance, ImageDraw.Draw(picture), text, turn, ink)
    return picture


def _draw_growth(
    chance: random.Random, pen: ImageDraw.ImageDraw, text: str, turn: float, ink: Colour
) -> None:
    step = 560 / text.count("F") ** 0.52 / 1.9
    x, y, heading = 280.0, 680.0, chance.uniform(-94, -86)
    kept: list[tuple[float, float, float]] = []
    for letter in text:
        match letter:
            case "F":
                to_x = x + step * math.cos(math.radians(heading))
                to_y = y + step * math.sin(math.radians(heading))
                pen.line((x, y, to_x, to_y), ink, 3 if len(kept) < 2 else 1)
                x, y = to_x, to_y
            case "+" | "-":
                heading += (turn if letter == "+" else -turn) * chance.uniform(0.85, 1.15)
            case "[":
                kept.append((x, y, heading))
            case "]":
                pen.ellipse((x - 2, y - 2, x + 2, y + 2), mixed(ink, (120, 160, 80), 0.5))
                x, y, heading = kept.pop()


def _table(chance: random.Random, wall: Colour, wood: Colour) -> Image.Image:
    width, height = _SIZE
    picture = gradient(_SIZE, (mixed(wall, (255, 240, 214), 0.3), wall))
    picture.paste((255, 240, 214), mask=glow(_SIZE, (110, 60), 420).point(lambda grey: grey * 0.35))
    top = gradient((width, 190), (mixed(wood, (255, 230, 200), 0.25), mixed(wood, (0, 0, 0), 0.4)))
    grain = clouds(chance, (width, 190), coarse=3).resize((width, 190)).point(lambda g: g // 5)
    top.paste(mixed(wood, (0, 0, 0), 0.6), mask=grain)
    picture.paste(top, (0, height - 190))
    return picture


def _planks(chance: random.Random, wood: Colour) -> Image.Image:
    width, height = _SIZE
    picture = Image.new("RGB", _SIZE)
    for y in range(0, height, 90):
        plank = Image.new("RGB", (width, 88), mixed(wood, (0, 0, 0), chance.uniform(0, 0.25)))
        grain = clouds(chance, (width, 400), coarse=4).resize((width, 88)).point(lambda g: g // 3)
        plank.paste(mixed(wood, (0, 0, 0), 0.7), mask=grain)
        picture.paste(plank, (0, y))
    return picture


def _ball(
    chance: random.Random, picture: Image.Image, centre: Size, radius: float, skin: Colour
) -> None:
    x, y = centre
    shadow = glow(picture.size, (x + radius * 0.4, y + radius * 0.7), radius * 1.1)
    picture.paste((20, 12, 10), mask=shadow.point(lambda grey: grey // 2))
    pen = ImageDraw.Draw(picture)
    steps = 26
    for step in range(steps):
        share = step / steps
        inner = radius * (1 - share)
        shift = radius * 0.36 * share
        colour = mixed(
            mixed(skin, (10, 4, 8), 0.62), mixed(skin, (255, 244, 220), 0.62), share**1.25
        )
        pen.ellipse(_round((x - shift, y - shift), inner), colour)
    pen.line((x, y - radius * 0.8, x + chance.uniform(-8, 8), y - radius * 1.15), (70, 48, 28), 4)


def _bowl(picture: Image.Image, centre: Size, radii: Size, glaze: Colour) -> None:
    (x, y), (wide, tall) = centre, radii
    pen = ImageDraw.Draw(picture)
    for column in range(-wide, wide + 1):
        light = 0.5 + 0.5 * math.cos((column + wide * 0.4) / wide * math.pi / 1.5)
        depth = tall * math.sqrt(1 - (column / wide) ** 2)
        pen.line(
            (x + column, y - 30, x + column, y - 30 + depth), mixed((40, 40, 52), glaze, light)
        )
    pen.line((x - wide, y - 30, x + wide, y - 30), mixed(glaze, (255, 255, 255), 0.6), 5)


def _round(centre: tuple[float, float], radius: float) -> tuple[float, float, float, float]:
    x, y = centre
    return x - radius, y - radius, x + radius, y + radius
