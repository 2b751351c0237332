"""Whether the spread of an ensemble tells where its depth is wrong, as numbers and as a figure.

Prediction and truth are compared as inverse depth, after the least-squares scale and shift. The
figure is a PNG, an SVG or a PDF with two panels: risk against coverage, and error against spread.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from pfstudio.core.contact_sheet import font
from pfstudio.core.depth import SPREAD_LABEL, DepthMap
from pfstudio.core.depth_measures import Accuracy, Reliability, accuracy, reliability
from pfstudio.core.errors import InputError
from pfstudio.core.files import replacing

Floats = npt.NDArray[np.float32]
Colour = tuple[int, int, int]
Points = list[tuple[float, float]]

TRUTHS = ("disparity", "depth")
FIGURES = ("png", "svg", "pdf")
_ENDINGS = (".npz", ".npy", ".png")
_INK, _GRID, _FAINT = (32, 36, 44), (226, 229, 234), (104, 112, 124)
_SPREAD, _ALIGNED, _RANDOM, _BEST = (0, 90, 181), (213, 94, 0), (120, 126, 136), (0, 128, 96)
_WIDTH, _HEIGHT, _TOP, _SIDE = 940, 476, 92, 300  # of the sheet; of the panels
_LEFTS = (84, 560)
_SCALE = 3  # pixels of the PNG and the PDF per unit


@dataclass(frozen=True)
class DepthCheck:
    """A depth map against measured depth."""

    fit: Accuracy
    spread: Reliability  # of the members' log-depths
    aligned: Reliability  # of their relative depths, once aligned


def read_truth(path: Path, kind: str = TRUTHS[0]) -> Floats:
    """Measured inverse depth or disparity (H,W), 0 where there is none.

    Args:
        path: NPZ with `disp` or `depth`, NPY, or grey PNG of 8 or 16 bits.
        kind: what an NPY or PNG holds, one of TRUTHS; depth is inverted here.

    Raises:
        InputError: not such a file.
    """
    try:
        if path.suffix.lower() == ".npz":
            with np.load(path, allow_pickle=False) as stored:
                kind = "disparity" if "disp" in stored else "depth"
                values = stored["disp" if "disp" in stored else "depth"]
        elif path.suffix.lower() == ".npy":
            values = np.load(path, allow_pickle=False)
        elif path.suffix.lower() == ".png":
            found = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
            values = np.empty(0) if found is None else found
        else:
            raise InputError(f"{path} holds no depth.", f"Give one of {', '.join(_ENDINGS)}.")
        truth = np.asarray(values, np.float32)
    except (OSError, EOFError, ValueError, KeyError, TypeError, cv2.error) as error:
        raise InputError(f"The measured depth {path} cannot be read ({error}).") from error
    if truth.ndim != 2:
        raise InputError(f"{path} is no map with one value for each pixel.")
    truth = np.where(np.isfinite(truth) & (truth > 0), truth, np.float32(0))
    if kind == "depth":
        truth = np.divide(1, truth, out=np.zeros_like(truth), where=truth > 0)
    return truth


def check_depth(found: DepthMap, truth: Floats) -> DepthCheck:
    """Compare a result with measured inverse depth (H,W) of the picture's size.

    Raises:
        InputError: another size, nothing measured, or an ensemble of one, which has no spread.
    """
    if truth.shape != found.picture.shape[:2]:
        sizes = [f"{w} x {h}" for h, w in (truth.shape, found.picture.shape[:2])]
        raise InputError(f"The measured depth has {sizes[0]} pixels, its picture {sizes[1]}.")
    if found.request.ensemble_size < 2:
        raise InputError("One member has no spread to check.", "Use --ensemble-size 2 or more.")
    disparity = np.exp(-found.log_depth)
    return DepthCheck(
        accuracy(disparity, truth),
        reliability(found.log_std, disparity, truth),
        reliability(found.aligned_std, disparity, truth),
    )


def table(check: DepthCheck) -> tuple[tuple[str, float], ...]:
    """The figures by name."""
    return (
        ("AbsRel", check.fit.abs_rel),
        ("delta1", check.fit.delta1),
        ("AUSE, spread of log-depth", check.spread.ause),
        ("AUSE, spread of aligned depth", check.aligned.ause),
        ("AUSE of a random order", check.spread.random_ause),
        ("rank correlation of spread and error", check.spread.rank_correlation),
    )


class _Sheet(Protocol):
    """Draws in units from the top left; `anchor` is "l", "m" or "r"."""

    def line(self, points: Points, colour: Colour, width: float, dashed: bool) -> None: ...

    def dot(self, x: float, y: float, colour: Colour) -> None: ...

    def text(self, x: float, y: float, words: str, how: _Text) -> None: ...


@dataclass(frozen=True)
class _Text:
    pixels: int = 13
    colour: Colour = _FAINT
    anchor: str = "l"
    strong: bool = False
    upright: bool = False  # reads from below


class _Svg:
    def __init__(self) -> None:
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
            'font-family="Inter, Helvetica, Arial, sans-serif">',
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        ]

    def line(self, points: Points, colour: Colour, width: float, dashed: bool) -> None:
        dash = ' stroke-dasharray="6 4"' if dashed else ""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(
            f'<polyline points="{path}" fill="none" stroke="rgb{colour}" '
            f'stroke-width="{width}"{dash}/>'
        )

    def dot(self, x: float, y: float, colour: Colour) -> None:
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="rgb{colour}"/>')

    def text(self, x: float, y: float, words: str, how: _Text) -> None:
        anchor = {"l": "start", "m": "middle", "r": "end"}[how.anchor]
        turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if how.upright else ""
        weight = ' font-weight="600"' if how.strong else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y + 0.35 * how.pixels:.1f}" font-size="{how.pixels}" '
            f'fill="rgb{how.colour}" text-anchor="{anchor}"{weight}{turn}>{escape(words)}</text>'
        )

    def save(self, path: Path) -> None:
        path.write_text("\n".join([*self.parts, "</svg>\n"]), encoding="utf-8")


class _Raster:
    def __init__(self) -> None:
        self.image = Image.new("RGB", (_WIDTH * _SCALE, _HEIGHT * _SCALE), "white")
        self.draw = ImageDraw.Draw(self.image)

    def line(self, points: Points, colour: Colour, width: float, dashed: bool) -> None:
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        pieces = _dashes(scaled, 6.0 * _SCALE, 4.0 * _SCALE) if dashed else [scaled]
        for piece in pieces:
            self.draw.line(piece, colour, round(width * _SCALE), joint="curve")

    def dot(self, x: float, y: float, colour: Colour) -> None:
        self.draw.circle((x * _SCALE, y * _SCALE), 3.5 * _SCALE, colour)

    def text(self, x: float, y: float, words: str, how: _Text) -> None:
        typeface = font(how.pixels * _SCALE, strong=how.strong)
        at = (x * _SCALE, y * _SCALE)
        if not how.upright:
            self.draw.text(at, words, how.colour, typeface, anchor=how.anchor + "m")
            return
        size = (math.ceil(typeface.getlength(words)), 2 * how.pixels * _SCALE)
        label = Image.new("RGB", size, "white")
        middle = (size[0] / 2, size[1] / 2)
        ImageDraw.Draw(label).text(middle, words, how.colour, typeface, anchor="mm")
        turned = label.transpose(Image.Transpose.ROTATE_90)
        self.image.paste(turned, (round(at[0] - size[1] / 2), round(at[1] - size[0] / 2)))

    def save(self, path: Path, kind: str) -> None:
        self.image.save(path, kind.upper(), resolution=72.0 * _SCALE, dpi=(96 * _SCALE,) * 2)


def _dashes(points: Points, on: float, off: float) -> list[Points]:
    """A polyline cut into dashes."""
    at = np.array(points)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(at, axis=0), axis=1))])
    begins = np.arange(0, along[-1], on + off)
    ends = np.minimum(begins + on, along[-1])
    place = [np.stack([np.interp(s, along, at[:, k]) for k in (0, 1)], 1) for s in (begins, ends)]
    return [[tuple(a), tuple(b)] for a, b in zip(*(p.tolist() for p in place), strict=True)]


def write_figure(path: Path, check: DepthCheck, title: str) -> None:
    """Draw the reliability of a depth map; the ending of `path` is one of FIGURES.

    Raises:
        InputError: another ending, or a folder that may not be written to.
    """
    kind = path.suffix.lower().lstrip(".")
    if kind not in FIGURES:
        raise InputError(
            f"A figure cannot be written as {path.name}.", f"Use {', '.join(FIGURES)}."
        )
    with replacing(path) as temporary:
        if kind == "svg":
            svg = _Svg()
            _draw(svg, check, title)
            svg.save(temporary)
        else:
            raster = _Raster()
            _draw(raster, check, title)
            raster.save(temporary, kind)


def _draw(sheet: _Sheet, check: DepthCheck, title: str) -> None:
    sheet.text(24, 28, title, _Text(17, _INK, strong=True))
    said = f"AbsRel {check.fit.abs_rel:.3f}, delta1 {check.fit.delta1:.3f}; {SPREAD_LABEL}"
    sheet.text(24, 52, said, _Text())
    _risk(sheet, check)
    _bins(sheet, check)


def _risk(sheet: _Sheet, check: DepthCheck) -> None:
    own, aligned = check.spread, check.aligned
    flat = np.full_like(own.risk, own.risk[-1])
    curves = (
        (f"random order, AUSE {own.random_ause:.4f}", flat, _RANDOM, True),
        (f"spread of log-depth, AUSE {own.ause:.4f}", own.risk, _SPREAD, False),
        (f"spread of aligned depth, AUSE {aligned.ause:.4f}", aligned.risk, _ALIGNED, False),
        ("best possible order", own.oracle, _BEST, True),
    )
    top = max(float(values.max()) for _, values, _, _ in curves)
    to = _panel(
        sheet, _LEFTS[0], (1.0, top), "pixels kept, the surest first", "mean relative error",
        lambda share: f"{share:.0%}",
    )  # fmt: skip
    for row, (name, values, colour, dashed) in enumerate(curves):
        points = [to(x, y) for x, y in zip(own.coverage.tolist(), values.tolist(), strict=True)]
        sheet.line(points, colour, 2.0, dashed)
        _legend(sheet, _LEFTS[0], row, name, colour, dashed)


def _bins(sheet: _Sheet, check: DepthCheck) -> None:
    own = check.spread
    right, top = float(own.bin_spread.max()), float(own.bin_error.max())
    to = _panel(
        sheet, _LEFTS[1], (right, top), "spread of log-depth, mean of each tenth of the pixels",
        "mean relative error", lambda spread: f"{spread:.3g}",
    )  # fmt: skip
    places = zip(own.bin_spread.tolist(), own.bin_error.tolist(), strict=True)
    points = [to(x, y) for x, y in places]
    sheet.line(points, _SPREAD, 2.0, False)
    for x, y in points:
        sheet.dot(x, y, _SPREAD)
    told = f"rank correlation {own.rank_correlation:.2f}"
    sheet.text(_LEFTS[1] + 12, _TOP + 14, told, _Text(12, _INK))


def _panel(
    sheet: _Sheet,
    left: float,
    ends: tuple[float, float],
    below: str,
    beside: str,
    say: Callable[[float], str],
) -> Callable[[float, float], tuple[float, float]]:
    """Axes from 0 to `ends` or a little more; places values on the sheet."""
    width, bottom = _SIDE + 20.0, _TOP + _SIDE - 20.0
    right, top = (ends[0] if ends[0] == 1.0 else _step(ends[0]) * 5), _step(ends[1]) * 5

    def to(x: float, y: float) -> tuple[float, float]:
        return left + width * x / right, bottom - (bottom - _TOP) * y / top

    for k in range(6):
        x, y = to(right * k / 5, 0)[0], to(0, top * k / 5)[1]
        sheet.line([(left, y), (left + width, y)], _INK if k == 0 else _GRID, 1.0, False)
        sheet.text(left - 8, y, f"{top * k / 5:.3g}", _Text(12, anchor="r"))
        sheet.text(x, bottom + 16, say(right * k / 5), _Text(12, anchor="m"))
    sheet.text(left + width / 2, bottom + 42, below, _Text(13, _INK, "m"))
    sheet.text(left - 58, (bottom + _TOP) / 2, beside, _Text(13, _INK, "m", upright=True))
    return to


def _step(end: float) -> float:
    """A round fifth that reaches `end`."""
    if not 0 < end < math.inf:
        return 0.2
    power = 10.0 ** math.floor(math.log10(end / 5))
    return next(f * power for f in itertools.chain((1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10))
                if f * power * 5 >= end * (1 - 1e-9))  # fmt: skip


def _legend(sheet: _Sheet, left: float, row: int, name: str, colour: Colour, dashed: bool) -> None:
    """Below the panel, two in a line."""
    x, y = left + 254 * (row % 2), _TOP + _SIDE + 46 + 20 * (row // 2)
    sheet.line([(x, y), (x + 24, y)], colour, 2.0, dashed)
    sheet.text(x + 32, y, name, _Text(11, _INK))
