"""Frames of videos: views of one call side by side, with colour bars, legends and the progress."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from pfstudio.core.colour import (
    ROLE_COLOURS,
    apply,
    enlarge,
    lookup,
    role_colours,
    value_range,
)
from pfstudio.core.contact_sheet import ACCENT, BACKGROUND, MUTED, TEXT, fitted, font
from pfstudio.core.errors import InputError
from pfstudio.core.trace import Role, Trace

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Colour = str | tuple[int, int, int]

VIEWS = ("prediction", "difficulty", "time", "role", "speed")
DEFAULT_VIEWS = ("prediction", "difficulty", "time", "role")

_GAP, _HEAD, _LINE, _BOTTOM = 8, 26, 22, 28
_SWATCH, _SPACE, _SHORTEST_BAR = 10, 5, 24
_ROLE_OPACITY = 0.55
_CLIP = 1.0  # percent of the values beyond each end of a colour bar


@dataclass(frozen=True)
class Bar:
    """A colour bar: the table's name, the numbers at its ends, and what they mean."""

    table: str
    low: str
    high: str
    means: tuple[str, str] = ("", "")  # left out where there is no room


@dataclass(frozen=True)
class Panel:
    """One view of one call.

    Attributes:
        pixels: (h,w,3); of a map, which has a `bar`, one for each patch.
        roles: codes (n,m), to be drawn over the picture in grey.
        legend: roles, the same in every frame of a video, with name and share, 0..1.
    """

    title: str
    pixels: Bytes | None = None
    bar: Bar | None = None
    roles: Bytes | None = None
    legend: tuple[tuple[Role, str, float], ...] = ()


@dataclass(frozen=True)
class FrameStyle:
    """What the frames of a video have in common. `side` is the height of a view in pixels."""

    side: int = 256
    grid: tuple[int, int] = (1, 1)  # patches (rows, columns): the shape of a view
    words: str = ""  # at the lower left
    background: Colour = BACKGROUND
    text: Colour = TEXT
    muted: Colour = MUTED
    accent: Colour = ACCENT

    @property
    def width(self) -> int:
        """Width of a view in pixels."""
        return round(self.side * self.grid[1] / self.grid[0])


def compose(panels: Sequence[Panel], style: FrameStyle, done: int, total: int) -> Bytes:
    """The frame (H,W,3) after `done` of `total` calls; its sides are even, as codecs want."""
    columns = _columns(len(panels))
    rows = -(-len(panels) // columns)
    legends = [_legend_lines(panel, style.width) for panel in panels]
    tops = [0]
    for row in range(rows):
        lines = max(1, *map(len, legends[row * columns : (row + 1) * columns]))
        tops.append(tops[-1] + _HEAD + style.side + _LINE * lines)
    width, height = columns * (style.width + _GAP) + _GAP, tops[-1] + _BOTTOM
    frame = Image.new("RGB", (width + width % 2, height + height % 2), style.background)
    draw = ImageDraw.Draw(frame)
    for index, (panel, legend) in enumerate(zip(panels, legends, strict=True)):
        x = _GAP + index % columns * (style.width + _GAP)
        y, strong = tops[index // columns], font(14, strong=True)
        title = fitted(panel.title, style.width, strong)
        draw.text((x, y + _HEAD / 2), title, style.text, strong, anchor="lm")
        frame.paste(_picture(panel, style), (x, y + _HEAD))
        if panel.bar is not None:
            _draw_bar(frame, draw, panel.bar, (x, y + _HEAD + style.side), style)
        for line, entries in enumerate(legend):
            _draw_legend(draw, entries, (x, y + _HEAD + style.side + line * _LINE), style)
    _draw_progress(draw, style, (width, height), done, total)
    return np.asarray(frame)


def _columns(count: int) -> int:
    """Views side by side before a new row begins."""
    return count if count <= 3 else 2 if count == 4 else 3


def _picture(panel: Panel, style: FrameStyle) -> Image.Image:
    size = (style.width, style.side)
    if panel.pixels is None:
        picture = Image.new("RGB", size, style.background)
    elif panel.bar is not None:
        picture = Image.fromarray(enlarge(panel.pixels, style.side, style.width))
    else:
        pixels = Image.fromarray(np.ascontiguousarray(panel.pixels))
        picture = pixels.resize(size, Image.Resampling.LANCZOS)
    if panel.roles is None:
        return picture
    tint = Image.fromarray(enlarge(role_colours(panel.roles), style.side, style.width))
    return Image.blend(picture.convert("L").convert("RGB"), tint, _ROLE_OPACITY)


def roles_of(codes: Bytes) -> tuple[Role, ...]:
    """The roles that occur."""
    return tuple(Role(int(code)) for code in np.unique(codes))


def share_of(codes: Bytes, role: Role) -> float:
    """Share of the patches that have this role, 0..1."""
    return float((codes == role).mean())


def _legend_lines(panel: Panel, width: int) -> list[list[tuple[Role, str, float]]]:
    """The entries of a legend (role, words, place in pixels) in lines that fit a view's width."""
    lines: list[list[tuple[Role, str, float]]] = [[]] if panel.legend else []
    x = 0.0
    for role, name, share in panel.legend:
        widest = _SWATCH + _SPACE + font(12).getlength(f"{name} 100 %")  # equal in all frames
        if x and x + widest > width:
            lines.append([])
            x = 0.0
        lines[-1].append((role, f"{name} {100 * share:.0f} %", x))
        x += widest + 2 * _SPACE
    return lines


def _draw_legend(
    draw: ImageDraw.ImageDraw, entries: list[tuple[Role, str, float]], place: tuple[int, int],
    style: FrameStyle,
) -> None:  # fmt: skip
    small, top = font(12), place[1] + (_LINE - _SWATCH) // 2
    for role, words, left in entries:
        x = place[0] + round(left)
        square = (x, top, x + _SWATCH - 1, top + _SWATCH - 1)
        draw.rectangle(square, ROLE_COLOURS[role], style.muted)
        words = fitted(words, style.width - _SWATCH - _SPACE, small)
        where = (x + _SWATCH + _SPACE, top + _SWATCH / 2)
        draw.text(where, words, style.muted, small, anchor="lm")


def _draw_bar(
    frame: Image.Image, draw: ImageDraw.ImageDraw, bar: Bar, place: tuple[int, int],
    style: FrameStyle,
) -> None:  # fmt: skip
    small, (x, y), width = font(12), place, style.width
    low, high = f"{bar.means[0]} {bar.low}".strip(), f"{bar.high} {bar.means[1]}".strip()
    if small.getlength(low) + small.getlength(high) + 12 + _SHORTEST_BAR > width:
        low, high = bar.low, bar.high
    middle = y + _LINE / 2
    draw.text((x, middle), low, style.muted, small, anchor="lm")
    draw.text((x + width, middle), high, style.muted, small, anchor="rm")
    left = round(x + small.getlength(low)) + 6
    right = round(x + width - small.getlength(high)) - 6
    if right > left:
        colours = Image.fromarray(lookup(bar.table)[None].repeat(8, axis=0))
        frame.paste(colours.resize((right - left, 8)), (left, round(middle) - 4))


def _draw_progress(
    draw: ImageDraw.ImageDraw, style: FrameStyle, size: tuple[int, int], done: int, total: int
) -> None:
    width, top, small = size[0], size[1] - _BOTTOM, font(12)
    draw.rectangle((0, top, round(width * done / total), top + 2), style.accent)
    middle = top + _BOTTOM / 2 + 1
    place = f"call {done} of {total}"
    draw.text((width - _GAP, middle), place, style.muted, small, anchor="rm")
    words = fitted(style.words, width - 3 * _GAP - small.getlength(place), small)
    draw.text((_GAP, middle), words, style.muted, small, anchor="lm")


# --- frames of a trace --------------------------------------------------------------------------


_MAPS = {"difficulty": "magma", "speed": "viridis"}


def frames_of(
    trace: Trace,
    pictures: Sequence[Bytes],
    views: Sequence[str] = DEFAULT_VIEWS,
    image: int = 0,
    side: int = 256,
) -> Iterator[Bytes]:
    """One frame (H,W,3) per network call: the views side by side, with their ranges.

    Args:
        trace: T calls of B pictures.
        pictures: T decoded predictions (h,w,3) of that picture.
        views: of VIEWS, left to right.
        image: which picture, 0 .. B-1.
        side: height of a view in pixels.

    Raises:
        InputError: an unknown view or picture, or not one decoded prediction per call.
    """
    unknown = [view for view in views if view not in VIEWS]
    if unknown or not views:
        named = unknown[0] if unknown else ""
        raise InputError(f"Unknown view {named!r}.", f"Known are: {', '.join(VIEWS)}.")
    if not 0 <= image < trace.time.shape[1]:
        raise InputError(f"The run has no image {image}.")
    if len(pictures) != trace.nfe:
        raise InputError(f"{trace.nfe} calls need as many images, not {len(pictures)}.")
    request, (rows, columns) = trace.request, trace.time.shape[2:]
    words = f"{request.sampler.label} · {request.guidance.label}"
    style = FrameStyle(side, (rows, columns), words)
    ranges = {name: value_range(getattr(trace, name)[:, image], _CLIP) for name in _MAPS}
    roles = roles_of(trace.role[:, image])
    for call in range(trace.nfe):
        panels = []
        for view in views:
            if view == "prediction":
                panels.append(Panel("Prediction", pictures[call]))
            elif view == "role":
                role = trace.role[call, image]
                legend = tuple((code, code.name.lower(), share_of(role, code)) for code in roles)
                panels.append(Panel("Role", pictures[call], roles=role, legend=legend))
            else:
                panels.append(_map(view, getattr(trace, view)[call, image], ranges.get(view)))
        yield compose(panels, style, call + 1, trace.nfe)


def _map(view: str, values: Floats, limits: tuple[float, float] | None) -> Panel:
    if limits is None:
        shown, bar = apply(values, 0.0, 1.0, "Blues"), Bar("Blues", "0", "1", ("noise", "clean"))
    else:
        table, (low, high) = _MAPS[view], limits
        shown, bar = apply(values, low, high, table), Bar(table, f"{low:.3g}", f"{high:.3g}")
    return Panel(view.capitalize(), shown, bar)
