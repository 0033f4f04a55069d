"""Pictures that look like something, drawn by code from a number: the same each time.

    canvas      gradients, noise, glow, letters: what the painters share
    landscapes  hills, sea, city, a map
    things      still lifes, dishes, a keyboard, plants
    drawings    sprites, panels, covers, cats
    screens     a terminal, a chart

Called by cli/demo/props.py. Pillow alone; no file is read.
"""
