"""A figure of probes: right in validation by layer and time, and by how many labels there are."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from pfstudio.core.colour import apply
from pfstudio.core.contact_sheet import BACKGROUND, GRID, MUTED, SERIES, TEXT, fitted, font
from pfstudio.train.probe_evaluation import BUDGETS, Probe

_MARGIN, _LABEL, _NAME, _HEAD, _GAP, _BELOW = 28, 34, 120, 104, 32, 48
_CELL, _CURVES, _LEAST, _NAMES = (56, 34), 460, 330, 200  # pixels; the curves' name column is last
_TABLE = "viridis"


def probe_figure(
    probes: Sequence[Probe], times: Sequence[float], classes: int, tested: int
) -> npt.NDArray[np.uint8]:
    """The picture (H,W,3): a heat map (layer, time) for each kind of features that has scores, all
    on one scale; and curves of the share right in the test against labels per class.

    Args:
        probes: at least one with scores.
        times: of the scores' columns.
        classes: how many were told apart.
        tested: how many images count.
    """
    maps = [probe for probe in probes if probe.scores]
    layers = max(len(probe.scores) for probe in maps)
    wide = _LABEL + max(len(times) * _CELL[0], _NAME)
    tall = max(_LEAST, layers * _CELL[1])
    left = _MARGIN + len(maps) * (wide + _GAP)
    size = left + _LABEL + _CURVES + _NAMES + _MARGIN, _HEAD + tall + _BELOW
    image = Image.new("RGB", size, BACKGROUND)
    draw = ImageDraw.Draw(image)
    title = f"Linear probes of {classes} classes"
    draw.text((_MARGIN, 16), title, TEXT, font(18, strong=True))
    told = (
        "Share right. Left: in validation, by layer and time. Right: of the "
        f"{tested} images of the test, by labels of a class; bars: 95 %, p: McNemar against the "
        "permuted network."
    )
    draw.text((_MARGIN, 44), fitted(told, size[0] - 2 * _MARGIN, font(13)), MUTED, font(13))
    every = [right for probe in maps for row in probe.scores for right in row]
    for place, probe in enumerate(maps):
        corner = (_MARGIN + place * (wide + _GAP), _HEAD)
        _heat_map(draw, probe, times, corner, (min(every), max(every)))
    _curves(draw, probes, (left + _LABEL, _HEAD, _CURVES, tall))
    return np.asarray(image)


def _heat_map(
    draw: ImageDraw.ImageDraw, probe: Probe, times: Sequence[float],
    place: tuple[int, int], scale: tuple[float, float],
) -> None:  # fmt: skip
    x, y = place
    draw.text((x + _LABEL, y - 8), probe.method, TEXT, font(14), anchor="ls")
    scores = np.array(probe.scores)
    colours = apply(scores, *scale, _TABLE)
    best = np.unravel_index(scores.argmax(), scores.shape)
    for (layer, column), right in np.ndenumerate(scores):
        left, top = x + _LABEL + column * _CELL[0], y + layer * _CELL[1]
        colour = tuple(colours[layer, column].tolist())
        ink = (0, 0, 0) if sum(colour) > 380 else TEXT
        box = (left, top, left + _CELL[0] - 2, top + _CELL[1] - 2)
        draw.rectangle(box, colour, TEXT if (layer, column) == best else None, 2)
        middle = (left + _CELL[0] / 2 - 1, top + _CELL[1] / 2 - 1)
        draw.text(middle, f"{right:.2f}", ink, font(13), anchor="mm")
    for layer in range(len(scores)):
        beside = (x + _LABEL - 8, y + (layer + 0.5) * _CELL[1] - 1)
        draw.text(beside, str(layer + 1), MUTED, font(13), anchor="rm")
    below = y + len(scores) * _CELL[1]
    for column, time in enumerate(times):
        under = (x + _LABEL + (column + 0.5) * _CELL[0], below + 4)
        draw.text(under, f"{time:g}", MUTED, font(13), anchor="ma")
    draw.text((x, below + 4), "layer", MUTED, font(11))
    draw.text(
        (x + _LABEL + len(times) * _CELL[0] / 2, below + 26), "time", MUTED, font(11), anchor="ma"
    )


def _curves(
    draw: ImageDraw.ImageDraw, probes: Sequence[Probe], place: tuple[int, int, int, int]
) -> None:
    """Evenly spaced budgets, the last being all labels, where the interval is drawn."""
    left, top, width, height = place

    def at(column: int, share: float) -> tuple[float, float]:
        return left + 24 + column * (width - 48) / len(BUDGETS), top + height * (1 - share)

    for share in (0, 0.25, 0.5, 0.75, 1):
        y = at(0, share)[1]
        draw.line((left, y, left + width, y), GRID)
        draw.text((left - 8, y), f"{share:g}", MUTED, font(13), anchor="rm")
    for column, name in enumerate((*map(str, BUDGETS), "all")):
        draw.text((at(column, 0)[0], top + height + 6), name, MUTED, font(13), anchor="ma")
    name_y = 0.0  # of the name above
    for probe, colour in sorted(zip(probes, SERIES, strict=False), key=lambda one: -one[0].right):
        known = [*probe.few, probe.right]
        points = [at(i, share) for i, share in enumerate(known) if not math.isnan(share)]
        draw.line(points, colour, 2)
        for x, y in points:
            draw.ellipse((x - 4, y - 4, x + 4, y + 4), colour)
        x, y = points[-1]
        low, high = (at(0, share)[1] for share in probe.interval)
        draw.line((x, low, x, high), colour)
        name_y = max(y, name_y + 18)
        words = f"{probe.method} {probe.right:.2f}"
        if probe.p == probe.p:
            words += f", p {probe.p:.1g}"
        draw.text((left + width + 8, name_y), words, colour, font(13), anchor="lm")
