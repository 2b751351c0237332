"""Drawing on patches: tints with patterns, the painted mask, the grid and the cursor.

No meaning by hue alone: every role and every paint has its own pattern beside its colour.
All functions draw in device pixels on a placed grid.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLine, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QImage, QPainter, QPen

from pfstudio.core.colour import ROLE_COLOURS
from pfstudio.core.paint import Paint
from pfstudio.core.trace import Role
from pfstudio.ui.stage.geometry import Placement

Codes = npt.NDArray[np.uint8]

# Pattern of each role; a role without one is plain.
ROLE_PATTERNS = {
    Role.SLOW: "diagonal",
    Role.CONTEXT: "dots",
    Role.FIXED: "cross",
    Role.FINISHED: "level",
}
PAINT_ROLES = {Paint.FAST: Role.FAST, Paint.SLOW: Role.SLOW, Paint.FIXED: Role.FIXED}
PAINT_MARKS = {Paint.FAST: "»", Paint.SLOW: "~", Paint.FIXED: "✳"}
_GLYPH_FROM = 12  # device pixels of a patch from which marks are legible


def role_brush(role: Role, unit: int) -> QBrush | None:
    """The pattern of a role, dark on light colours and light on dark ones; None: plain."""
    kind = ROLE_PATTERNS.get(role)
    if kind is None:
        return None
    red, green, blue = ROLE_COLOURS[role]
    light = 0.3 * red + 0.6 * green + 0.1 * blue > 140
    return QBrush(texture(kind, unit, "#000000" if light else "#ffffff"))


def runs(codes: Codes, code: int) -> Iterator[tuple[int, int, int]]:
    """Stretches of equal code: (row, first column, number of columns)."""
    inside = np.zeros((codes.shape[0], codes.shape[1] + 2), bool)
    inside[:, 1:-1] = codes == code
    rows, edges = np.nonzero(inside[:, 1:] != inside[:, :-1])  # in and out alternate
    for row, first, last in zip(rows[::2], edges[::2], edges[1::2], strict=True):
        yield int(row), int(first), int(last - first)


@cache
def texture(kind: str, unit: int, colour: str) -> QImage:
    """A tile of a pattern; `unit` is the thickness of its lines in device pixels."""
    side = 6 * unit
    tile = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    dark = QColor(colour)
    dark.setAlpha(105)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(dark, unit))
    if kind == "diagonal":
        for shift in (-side, 0, side):
            painter.drawLine(shift, side, shift + side, 0)
    elif kind == "dots":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(dark)
        painter.drawEllipse(2 * unit, 2 * unit, 2 * unit, 2 * unit)
    elif kind == "level":
        painter.drawLine(0, side // 2, side, side // 2)
    else:  # cross
        painter.drawLine(0, side // 2, side, side // 2)
        painter.drawLine(side // 2, 0, side // 2, side)
    painter.end()
    return tile


def draw_patterns(painter: QPainter, place: Placement, roles: Codes, unit: int) -> None:
    """The patterns of the roles (n,m), over whatever colours were drawn."""
    for role in ROLE_PATTERNS:
        if (roles == role).any():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(role_brush(role, unit))
            painter.drawRects([place.patch_rect(*run) for run in runs(roles, role)])
            painter.setBrush(Qt.BrushStyle.NoBrush)


def draw_paint(painter: QPainter, place: Placement, codes: Codes, unit: int) -> None:
    """The painted mask: tint, pattern, mark and an outline around each region."""
    for code, role in PAINT_ROLES.items():
        if not (codes == code).any():
            continue
        tint = QColor(*ROLE_COLOURS[role])
        tint.setAlpha(95)
        brush = role_brush(role, unit)
        for row, column, length in runs(codes, code):
            rect = place.patch_rect(row, column, length)
            painter.fillRect(rect, tint)
            if brush is not None:
                painter.fillRect(rect, brush)
    for pen in (QPen(QColor(0, 0, 0, 150), 3 * unit), QPen(QColor("#ffffff"), unit)):
        painter.setPen(pen)
        painter.drawLines(_outlines(place, codes))
    if place.width // place.columns >= _GLYPH_FROM * unit:
        _draw_marks(painter, place, codes)


def _draw_marks(painter: QPainter, place: Placement, codes: Codes) -> None:
    font = QFont(painter.font())
    font.setPixelSize(max(9, place.width // place.columns // 2))
    painter.setFont(font)
    for row, column in np.argwhere(codes):
        rect = place.patch_rect(int(row), int(column))
        mark = PAINT_MARKS[Paint(codes[row, column])]
        painter.setPen(QColor(0, 0, 0, 190))
        painter.drawText(rect.translated(1, 1), Qt.AlignmentFlag.AlignCenter, mark)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, mark)


def _outlines(place: Placement, codes: Codes) -> list[QLine]:
    """Lines between patches of different codes, and at the border of the picture."""
    padded = np.pad(codes, 1)
    lines = []
    for row, column in np.argwhere(padded[1:, 1:-1] != padded[:-1, 1:-1]):
        y = place.row_edge(int(row))
        left, right = place.column_edge(int(column)), place.column_edge(int(column) + 1)
        lines.append(QLine(left, y, right, y))
    for row, column in np.argwhere(padded[1:-1, 1:] != padded[1:-1, :-1]):
        x = place.column_edge(int(column))
        top, bottom = place.row_edge(int(row)), place.row_edge(int(row) + 1)
        lines.append(QLine(x, top, x, bottom))
    return lines


def draw_grid(painter: QPainter, place: Placement, visible: QRect) -> None:
    """Thin lines between patches, light over dark so that they show on any picture."""
    if place.width < 5 * place.columns:
        return
    columns = [place.column_edge(i) for i in range(1, place.columns)]
    rows = [place.row_edge(i) for i in range(1, place.rows)]
    right, bottom = place.x + place.width - 1, place.y + place.height - 1
    lines = [QLine(x, place.y, x, bottom) for x in columns if visible.left() <= x]
    lines += [QLine(place.x, y, right, y) for y in rows if visible.top() <= y]
    painter.setPen(QPen(QColor(0, 0, 0, 60), 1))
    painter.drawLines([line.translated(-1, -1) for line in lines])
    painter.setPen(QPen(QColor(255, 255, 255, 70), 1))
    painter.drawLines(lines)


def draw_cursor(painter: QPainter, rect: QRect, unit: int, colour: str, edge: str) -> None:
    """The patch cursor: a frame with a dark rim inside and outside."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for grow, line, width in (
        (2 * unit, edge, unit),
        (0, colour, 2 * unit),
        (-2 * unit, edge, unit),
    ):
        pen = QPen(QColor(line), width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(rect.adjusted(-grow, -grow, grow - 1, grow - 1))


def draw_hover(painter: QPainter, rect: QRect, unit: int, colour: str, edge: str) -> None:
    """A thin frame inside the patch under the pointer, to be seen on white and on black."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setOpacity(0.7)
    for inset, line in ((0, edge), (unit, colour)):
        painter.setPen(QPen(QColor(line), unit))
        painter.drawRect(rect.adjusted(inset, inset, -inset - 1, -inset - 1))
    painter.setOpacity(1)
