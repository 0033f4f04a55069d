"""Out of doors: hills, the sea at night, a city, an island's map."""

from __future__ import annotations

import itertools
import math
import random

from PIL import Image, ImageDraw, ImageFilter

from cli.demo.painting.canvas import Colour, clouds, glow, gradient, grained, letters, mixed

_SIZE = (800, 560)
#: Skies from above to the horizon, and the colour of the hills that are near.
_HOURS: tuple[tuple[tuple[Colour, ...], Colour], ...] = (
    (((36, 44, 92), (190, 96, 110), (250, 186, 120)), (24, 22, 40)),
    (((90, 150, 205), (160, 200, 225), (232, 236, 226)), (34, 74, 58)),
    (((58, 66, 86), (120, 128, 140), (190, 190, 186)), (36, 42, 46)),
    (((24, 20, 58), (92, 58, 120), (236, 130, 134)), (18, 14, 34)),
)


def hills(chance: random.Random) -> Image.Image:
    """Ranges in the haze, the sun behind them."""
    width, height = _SIZE
    sky, near = chance.choice(_HOURS)
    picture = gradient(_SIZE, sky)
    haze = clouds(chance, _SIZE, coarse=3).point(lambda grey: max(0, grey - 110))
    picture.paste((255, 250, 244), mask=haze)
    sun = chance.uniform(0.2, 0.8) * width, height * chance.uniform(0.3, 0.48)
    picture.paste((255, 244, 214), mask=glow(_SIZE, sun, 150).point(lambda grey: grey * 0.8))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((sun[0] - 26, sun[1] - 26, sun[0] + 26, sun[1] + 26), fill=(255, 248, 226))
    ranges = 5
    for number in range(ranges):
        share = (number + 1) / ranges
        ridge = _ridge(chance, height * (0.42 + 0.1 * number), 70 - 6 * number)
        pen.polygon([*ridge, (width, height), (0, height)], fill=mixed(sky[-1], near, share**0.8))
    _plant_firs(chance, pen, ridge, mixed(near, (0, 0, 0), 0.3))
    return grained(chance, picture)


def _ridge(chance: random.Random, level: float, rough: float) -> list[tuple[float, float]]:
    waves = [(chance.uniform(0.5, 2) * 2**n, chance.uniform(0, 6.3), 0.55**n) for n in range(6)]
    return [
        (
            x,
            level + rough * sum(math.sin(x / 800 * 6.3 * f + at) * high for f, at, high in waves),
        )
        for x in range(0, _SIZE[0] + 5, 5)
    ]


def _plant_firs(
    chance: random.Random, pen: ImageDraw.ImageDraw, ridge: list[tuple[float, float]], fill: Colour
) -> None:
    for x, y in ridge:
        if chance.random() < 0.55:
            tall = chance.uniform(14, 46)
            for step in range(4):
                top = y - tall + step * tall / 5
                wide = tall * (0.08 + 0.05 * step)
                pen.polygon(
                    [(x, top), (x - wide, top + tall / 3), (x + wide, top + tall / 3)], fill
                )


def sea(chance: random.Random) -> Image.Image:
    """A calm sea at night: stars, the moon and its road."""
    width, height = _SIZE
    horizon = round(height * 0.58)
    picture = gradient(_SIZE, ((8, 10, 30), (22, 32, 70), (60, 78, 120), (16, 26, 52), (4, 8, 20)))
    pen = ImageDraw.Draw(picture)
    for _ in range(260):
        x, y = chance.randrange(width), chance.randrange(horizon - 30)
        bright = chance.randrange(110, 255)
        pen.point((x, y), (bright, bright, min(255, bright + 20)))
        if bright > 240:
            pen.ellipse((x - 1, y - 1, x + 1, y + 1), (bright, bright, 255))
    moon = chance.uniform(0.25, 0.75) * width, height * 0.22
    picture.paste((214, 220, 246), mask=glow(_SIZE, moon, 170).point(lambda grey: grey * 0.6))
    pen.ellipse((moon[0] - 30, moon[1] - 30, moon[0] + 30, moon[1] + 30), (244, 242, 228))
    for y in range(horizon, height, 3):
        spread = 8 + (y - horizon) * 0.42
        for _ in range(5):
            at = chance.gauss(moon[0], spread)
            long = chance.uniform(4, 10 + (y - horizon) * 0.16)
            pen.line((at - long, y, at + long, y), mixed((236, 232, 214), (60, 78, 120), 0.35), 2)
    _sail(pen, chance.uniform(0.1, 0.9) * width, horizon + 8)
    return grained(chance, picture)


def _sail(pen: ImageDraw.ImageDraw, x: float, y: float) -> None:
    pen.polygon([(x, y - 46), (x, y - 6), (x + 26, y - 6)], (12, 14, 26))
    pen.polygon([(x - 3, y - 38), (x - 3, y - 6), (x - 18, y - 6)], (20, 22, 38))
    pen.polygon([(x - 24, y - 3), (x + 32, y - 3), (x + 22, y + 6), (x - 16, y + 6)], (8, 8, 16))


_EVENINGS: tuple[tuple[Colour, ...], ...] = (
    ((20, 18, 46), (80, 52, 102), (214, 118, 112)),
    ((10, 22, 40), (24, 74, 96), (120, 190, 180)),
    ((40, 24, 40), (150, 70, 70), (250, 180, 110)),
)


def city(chance: random.Random) -> Image.Image:
    """Windows in the evening, three rows of houses deep, rain on the street."""
    width, height = _SIZE
    sky = chance.choice(_EVENINGS)
    picture = gradient(_SIZE, sky)
    street = round(height * 0.86)
    for depth in range(3):
        pen = ImageDraw.Draw(picture)
        wall = mixed(mixed(sky[1], sky[2], 0.1), (16, 14, 30), depth / 2)
        x = -20
        while x < width:
            wide, tall = chance.randrange(50, 110), chance.randrange(110, 330 - depth * 55)
            pen.rectangle((x, street - tall, x + wide, street), fill=wall)
            _light_windows(chance, pen, (x, street - tall, x + wide, street), depth)
            x += wide + chance.randrange(2, 12)
        picture = picture.filter(ImageFilter.GaussianBlur(1.2 - depth * 0.5))
    below = picture.crop((0, street - (height - street) * 3, width, street))
    mirrored = below.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((width, height - street))
    mirrored = mirrored.filter(ImageFilter.GaussianBlur(3)).point(lambda value: value * 0.7)
    picture.paste(mirrored, (0, street))
    return grained(chance, picture)


def _light_windows(
    chance: random.Random, pen: ImageDraw.ImageDraw, house: tuple[int, int, int, int], depth: int
) -> None:
    left, top, right, bottom = house
    lamp = chance.choice(((255, 214, 130), (255, 190, 110), (190, 220, 255)))
    for y in range(top + 10, bottom - 12, 15):
        for x in range(left + 7, right - 10, 12):
            if chance.random() < 0.22 + 0.12 * depth:
                pen.rectangle(
                    (x, y, x + 5, y + 8), fill=mixed(lamp, (40, 30, 60), chance.random() / 2)
                )


#: Up to this height of 255, this colour.
_HEIGHTS: tuple[tuple[int, Colour], ...] = (
    (96, (58, 110, 150)),
    (112, (92, 148, 178)),
    (118, (226, 212, 166)),
    (138, (140, 172, 104)),
    (160, (96, 138, 82)),
    (182, (138, 122, 98)),
    (256, (238, 236, 230)),
)
_PLACES = "Anchor Bay;Old Mill;Fox Hill;Lantern;Heron Pond;The Stairs;Salt House;Windy Gap".split(
    ";"
)


def island(chance: random.Random) -> Image.Image:
    """A map: heights in colours, a road between places."""
    width, height = _SIZE
    land = clouds(chance, _SIZE, coarse=5, layers=6)
    dome = glow(_SIZE, (width / 2, height / 2), width * 0.52)
    heights = Image.blend(land, dome, 0.5)
    table = [next(colour for high, colour in _HEIGHTS if grey < high) for grey in range(256)]
    picture = Image.merge(
        "RGB", [heights.point([colour[channel] for colour in table]) for channel in range(3)]
    )
    edges = heights.quantize(18).convert("L").filter(ImageFilter.FIND_EDGES)
    picture.paste((70, 60, 50), mask=edges.point(lambda grey: 46 if grey > 20 else 0))
    pen = ImageDraw.Draw(picture)
    spots: list[tuple[float, float]] = []
    while len(spots) < 5:
        spot = chance.uniform(0.2, 0.8) * width, chance.uniform(0.2, 0.8) * height
        if all(math.dist(spot, other) > 120 for other in spots):
            spots.append(spot)
    spots.sort()
    for (x, y), (to_x, to_y) in itertools.pairwise(spots):
        for step in range(0, 100, 4):
            at = step / 100
            pen.line(
                (
                    x + (to_x - x) * at,
                    y + (to_y - y) * at + math.sin(at * 9) * 9,
                    x + (to_x - x) * (at + 0.02),
                    y + (to_y - y) * (at + 0.02) + math.sin((at + 0.02) * 9) * 9,
                ),
                (120, 40, 30),
                3,
            )
    for (x, y), name in zip(spots, chance.sample(_PLACES, len(spots)), strict=True):
        pen.ellipse((x - 6, y - 6, x + 6, y + 6), (250, 246, 236), (90, 30, 24), 2)
        pen.text(
            (x + 10, y - 10),
            name,
            (40, 30, 26),
            letters(18),
            stroke_width=2,
            stroke_fill=(240, 234, 214),
        )
    return picture
