"""Pictures for invented projects: a street of coloured houses, drawn anew from the project's name.

The same name always gives the same picture, so that a demo looks alike wherever it is loaded.
"""

from __future__ import annotations

import random
from io import BytesIO

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1600, 900
GROUND = 760
ALTERNATIVE = "Disegno: una via di case colorate sotto il sole, con alberi e finestre accese"

Colour = tuple[int, int, int]

SKIES: tuple[tuple[Colour, Colour], ...] = (
    ((201, 226, 240), (250, 240, 220)),
    ((253, 226, 196), (250, 243, 224)),
    ((206, 218, 244), (244, 228, 236)),
    ((196, 229, 222), (246, 244, 226)),
)
WALLS: tuple[Colour, ...] = (
    (226, 160, 92),
    (201, 106, 74),
    (233, 196, 128),
    (120, 150, 142),
    (92, 122, 158),
    (178, 132, 150),
    (214, 178, 160),
    (146, 168, 116),
)
ROOF: Colour = (134, 66, 52)
LIT: Colour = (255, 236, 170)
DARK: Colour = (70, 82, 104)
LEAVES: Colour = (88, 132, 86)
TRUNK: Colour = (104, 78, 60)
PAVEMENT: Colour = (184, 176, 166)
STREET: Colour = (120, 120, 124)
SUN: Colour = (250, 204, 96)


def street(name: str) -> bytes:
    """Draw the street of a project, as PNG, 1600 × 900."""
    # drawn, not secret: the name is the seed
    chance = random.Random(name)  # noqa: S311
    image = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    _sky(draw, chance.choice(SKIES))
    sun = chance.randint(200, 1400)
    draw.ellipse((sun - 70, 90, sun + 70, 230), fill=SUN)
    walls = chance.sample(WALLS, len(WALLS))
    left, number = -chance.randint(0, 80), 0
    while left < WIDTH:
        width = chance.choice((180, 220, 260, 300))
        _house(draw, chance, (left, width), walls[number % len(walls)])
        left, number = left + width, number + 1
    draw.rectangle((0, GROUND, WIDTH, GROUND + 50), fill=PAVEMENT)
    draw.rectangle((0, GROUND + 50, WIDTH, HEIGHT), fill=STREET)
    for start in range(40, WIDTH, 200):
        draw.rectangle((start, GROUND + 92, start + 100, GROUND + 102), fill=PAVEMENT)
    for _ in range(chance.randint(3, 5)):
        _tree(draw, chance.randint(60, WIDTH - 60), chance.randint(46, 74))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _sky(draw: ImageDraw.ImageDraw, colours: tuple[Colour, Colour]) -> None:
    top, low = colours
    for y in range(GROUND):
        mixed = tuple(a + (b - a) * y // GROUND for a, b in zip(top, low, strict=True))
        draw.line((0, y, WIDTH, y), fill=mixed)


def _house(
    draw: ImageDraw.ImageDraw, chance: random.Random, place: tuple[int, int], wall: Colour
) -> None:
    left, width = place
    floors = chance.randint(2, 5)
    top = GROUND - 110 * floors - 40
    draw.rectangle((left, top, left + width - 1, GROUND), fill=wall)
    if chance.random() < 0.5:  # noqa: PLR2004 -- half of the roofs are pitched
        draw.polygon(
            [(left - 10, top), (left + width // 2, top - 80), (left + width + 9, top)], ROOF
        )
    else:
        draw.rectangle((left - 6, top - 16, left + width + 5, top), fill=ROOF)
    columns = max(2, width // 90)
    gap = width // columns
    for floor in range(1, floors):
        for column in range(columns):
            x, y = left + gap * column + gap // 2, top + 40 + 110 * (floor - 1)
            light = LIT if chance.random() < 0.4 else DARK  # noqa: PLR2004 -- two of five are lit
            draw.rectangle((x - 20, y, x + 20, y + 62), fill=light)
            draw.rectangle((x - 26, y + 62, x + 26, y + 70), fill=PAVEMENT)
    _shop(draw, chance, place)


def _shop(draw: ImageDraw.ImageDraw, chance: random.Random, place: tuple[int, int]) -> None:
    left, width = place
    draw.rectangle((left + 20, GROUND - 96, left + width - 84, GROUND - 10), fill=LIT)
    draw.rectangle((left + width - 66, GROUND - 100, left + width - 20, GROUND), fill=ROOF)
    awning = chance.choice(WALLS)
    for number, x in enumerate(range(left + 12, left + width - 76, 24)):
        fill = awning if number % 2 else (250, 246, 238)
        draw.rectangle((x, GROUND - 124, min(x + 23, left + width - 76), GROUND - 92), fill=fill)


def _tree(draw: ImageDraw.ImageDraw, x: int, size: int) -> None:
    draw.rectangle((x - 7, GROUND - 90, x + 7, GROUND + 30), fill=TRUNK)
    draw.ellipse((x - size, GROUND - 90 - size * 2, x + size, GROUND - 60), fill=LEAVES)
