"""A scatter of cost against quality, with the points that nothing beats in both joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from pfstudio.core.contact_sheet import BACKGROUND, MUTED, TEXT, font
from pfstudio.core.pareto import pareto_front

_SIZE, _LEFT, _TOP, _RIGHT, _BOTTOM = (960, 600), 76, 76, 24, 60
_LINE, _DOT, _TICKS = 20, 5, 6
_GRID = (44, 48, 58)
_COLOURS = (  # told apart by people with any colour vision (Okabe and Ito 2008), for a dark ground
    (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (120, 140, 255), (213, 94, 0),
    (204, 121, 167), (190, 190, 190),
)  # fmt: skip


class Point(NamedTuple):
    """One of a named kind; less is better in both."""

    kind: str
    cost: float
    value: float


def scatter(
    points: Sequence[Point], title: str, cost: str, value: str, floor: float, floor_name: str
) -> npt.NDArray[np.uint8]:
    """The picture (H,W,3); both axes begin at 0, and `floor` is a line."""
    image = Image.new("RGB", _SIZE, BACKGROUND)
    draw = ImageDraw.Draw(image)
    right, bottom = _SIZE[0] - _RIGHT, _SIZE[1] - _BOTTOM
    most_x = 1.05 * max(p.cost for p in points)
    most_y = 1.08 * max(floor, *(p.value for p in points))

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            _LEFT + x / most_x * (right - _LEFT),
            bottom - y / most_y * (bottom - _TOP),
        )

    draw.text((_LEFT, 16), title, TEXT, font(18, strong=True))
    for tick in _ticks(most_x):
        x, _ = place(tick, 0)
        draw.line((x, _TOP, x, bottom), _GRID)
        draw.text((x, bottom + 8), f"{tick:g}", MUTED, font(13), anchor="ma")
    for tick in _ticks(most_y):
        _, y = place(0, tick)
        draw.line((_LEFT, y, right, y), _GRID)
        draw.text((_LEFT - 8, y), f"{tick:g}", MUTED, font(13), anchor="rm")
    draw.text(((_LEFT + right) / 2, bottom + 32), cost, TEXT, font(14), anchor="ma")
    draw.text((_LEFT, _TOP - 6), value, TEXT, font(14), anchor="ls")
    draw.line((*place(0, floor), *place(most_x, floor)), MUTED)
    draw.text((right - 4, place(0, floor)[1] - 4), floor_name, MUTED, font(13), anchor="rs")
    best = [points[i] for i in pareto_front([(p.cost, p.value) for p in points])]
    if len(best) > 1:
        draw.line([place(p.cost, p.value) for p in best], MUTED, 2)
    kinds = list(dict.fromkeys(p.kind for p in points))
    for point in points:
        x, y = place(point.cost, point.value)
        colour = _COLOURS[kinds.index(point.kind) % len(_COLOURS)]
        draw.ellipse((x - _DOT, y - _DOT, x + _DOT, y + _DOT), colour, BACKGROUND)
    for row, kind in enumerate(reversed(kinds), 1):
        y = bottom - _LINE * row + _LINE / 2
        colour = _COLOURS[kinds.index(kind) % len(_COLOURS)]
        draw.ellipse((_LEFT + 12 - _DOT, y - _DOT, _LEFT + 12 + _DOT, y + _DOT), colour)
        draw.text((_LEFT + 26, y), kind, TEXT, font(13), anchor="lm")
    return np.asarray(image)


def _ticks(most: float) -> list[float]:
    """Round numbers from 0 to `most`, about six."""
    step = 10 ** np.floor(np.log10(most / _TICKS))
    step *= next(times for times in (1, 2, 5, 10) if most / (step * times) <= _TICKS)
    return [float(np.round(n * step, 10)) for n in range(int(most / step) + 1)]
