"""A scatter of cost against quality, with the points that nothing beats in both joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from pfstudio.core.contact_sheet import BACKGROUND, GRID, MUTED, SERIES, TEXT, font
from pfstudio.core.pareto import pareto_front

_SIZE, _LEFT, _TOP, _RIGHT, _BOTTOM = (960, 600), 76, 76, 24, 60
_LINE, _DOT, _TICKS = 20, 5, 6


class Point(NamedTuple):
    """One of a named kind; less is better in both."""

    kind: str
    settings: str
    cost: float
    value: float


def scatter(
    points: Sequence[Point], title: str, cost: str, value: str, floor: float, floor_name: str
) -> npt.NDArray[np.uint8]:
    """The picture (H,W,3): cost from 0, value where the points are; `floor`, the best value that
    could be, is a line where it is as near, and else only told."""
    image = Image.new("RGB", _SIZE, BACKGROUND)
    draw = ImageDraw.Draw(image)
    right, bottom = _SIZE[0] - _RIGHT, _SIZE[1] - _BOTTOM
    most_x = 1.05 * max(p.cost for p in points)
    values = [p.value for p in points]
    margin = 0.15 * (max(values) - min(values) or max(values) or 1.0)
    low_y, most_y = min(values) - margin, max(values) + margin

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            _LEFT + x / most_x * (right - _LEFT),
            bottom - (y - low_y) / (most_y - low_y) * (bottom - _TOP),
        )

    draw.text((_LEFT, 16), title, TEXT, font(18, strong=True))
    for tick in _ticks(0, most_x):
        x, _ = place(tick, low_y)
        draw.line((x, _TOP, x, bottom), GRID)
        draw.text((x, bottom + 8), f"{tick:g}", MUTED, font(13), anchor="ma")
    for tick in _ticks(low_y, most_y):
        _, y = place(0, tick)
        draw.line((_LEFT, y, right, y), GRID)
        draw.text((_LEFT - 8, y), f"{tick:g}", MUTED, font(13), anchor="rm")
    draw.text(((_LEFT + right) / 2, bottom + 32), cost, TEXT, font(14), anchor="ma")
    draw.text((_LEFT, _TOP - 6), value, TEXT, font(14), anchor="ls")
    told = f"{floor_name}: {floor:.1f}"
    if floor >= low_y:
        draw.line((*place(0, floor), *place(most_x, floor)), MUTED)
        draw.text((right - 4, place(0, floor)[1] - 4), told, MUTED, font(13), anchor="rs")
    else:
        draw.text((right - 4, _TOP - 6), told, MUTED, font(13), anchor="rs")
    best = [points[i] for i in pareto_front([(p.cost, p.value) for p in points])]
    if len(best) > 1:
        draw.line([place(p.cost, p.value) for p in best], MUTED, 2)
    kinds = list(dict.fromkeys(p.kind for p in points))
    for point in points:
        x, y = place(point.cost, point.value)
        colour = SERIES[kinds.index(point.kind) % len(SERIES)]
        draw.ellipse((x - _DOT, y - _DOT, x + _DOT, y + _DOT), colour, BACKGROUND)
    dots = [place(point.cost, point.value) for point in points]
    written = [(x - _DOT, y - _DOT, x + _DOT, y + _DOT) for x, y in dots]
    for point in sorted(points, key=lambda p: p.value):  # the best first, the rest where is room
        x, y = place(point.cost, point.value)
        anchor = "rm" if x > (_LEFT + right) / 2 else "lm"
        at = (x - 10 if anchor == "rm" else x + 10, y)
        left, top, end, low = draw.textbbox(at, point.settings, font(11), anchor=anchor)
        if all(end < b[0] or left > b[2] or low < b[1] or top > b[3] for b in written):
            draw.text(at, point.settings, MUTED, font(11), anchor=anchor)
            written.append((left, top, end, low))
    for row, kind in enumerate(reversed(kinds), 1):
        y = bottom - _LINE * row + _LINE / 2
        colour = SERIES[kinds.index(kind) % len(SERIES)]
        draw.ellipse((_LEFT + 12 - _DOT, y - _DOT, _LEFT + 12 + _DOT, y + _DOT), colour)
        draw.text((_LEFT + 26, y), kind, TEXT, font(13), anchor="lm")
    return np.asarray(image)


def _ticks(least: float, most: float) -> list[float]:
    """Round numbers from `least` to `most`, about six."""
    step = 10 ** np.floor(np.log10((most - least) / _TICKS))
    step *= next(times for times in (1, 2, 5, 10) if (most - least) / (step * times) <= _TICKS)
    first, last = int(np.ceil(least / step)), int(np.floor(most / step))
    return [float(np.round(n * step, 10)) for n in range(first, last + 1)]
