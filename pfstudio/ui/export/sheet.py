"""Draw a figure sheet with QPainter: vector text and bars, pictures at full resolution.

All lengths are tenths of a point (1/720 inch), so that font sizes can be whole pixels. Any thread
may draw, as long as it owns its paint device.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QLinearGradient,
    QPageSize,
    QPainter,
    QPainterPath,
    QPdfWriter,
    QPen,
)
from PySide6.QtSvg import QSvgGenerator

from pfstudio.core.colour import ROLE_COLOURS, lookup
from pfstudio.core.files import replacing
from pfstudio.ui.export.figure import Figure, Row
from pfstudio.ui.files.in_memory import open_buffer
from pfstudio.ui.stage.colours import ColourScale
from pfstudio.ui.stage.layers import to_image
from pfstudio.ui.view_models.run import ROLE_WORDS

WIDTH = 5100.0  # 180 mm: a double column
MARGIN, GAP, HEAD = 60.0, 30.0, 150.0
LABEL, BAR = 640.0, 560.0
SMALL, BODY, STRONG = 65, 75, 75  # font sizes
LEADING = 1.38  # line height over font size
MAX_CELL = 1150.0
INK, SOFT, LINE = QColor("#16191d"), QColor("#59616b"), QColor("#a3abb4")
FAMILY = "Inter"
DOTS = 720  # per inch, by the unit above
MAP_DOTS = 512  # a map's longer side in pixels, at least: hard edges in every viewer
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter


class Sheet:
    """A figure with its geometry, to be painted on any device."""

    def __init__(self, figure: Figure, *, outlines: bool = False) -> None:
        """`outlines`: draw text as shapes, for formats that do not carry the font."""
        self.figure = figure
        self._outlines = outlines
        count = len(figure.columns)
        room = WIDTH - 2 * MARGIN - LABEL - BAR - GAP * count
        self.cell = min(MAX_CELL, room / count)
        self.width = 2 * MARGIN + LABEL + count * (self.cell + GAP) + BAR
        self._body = _wrapped(figure.body, self.width - 2 * MARGIN, _font(BODY))
        text = (1 + len(self._body)) * BODY * LEADING
        rows = sum(self._row_height(row) + GAP for row in figure.rows)
        self.height = 2 * MARGIN + HEAD + rows + 60 + text

    def paint(self, painter: QPainter) -> None:
        """Draw everything; one unit of the painter is a tenth of a point."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)  # in PDF, not as JPEG
        top = MARGIN
        for index, words in enumerate(self.figure.columns):
            where = QRectF(self._left(index), top, self.cell, HEAD - 30)
            self._text(painter, where, CENTRE, words, SMALL, colour=SOFT)
        top += HEAD
        for row in self.figure.rows:
            self._paint_row(painter, row, top)
            top += self._row_height(row) + GAP
        self._paint_caption(painter, top + 60)

    def _left(self, column: int) -> float:
        return MARGIN + LABEL + column * (self.cell + GAP)

    def _row_height(self, row: Row) -> float:
        height, width = row.pictures[0].shape[:2]
        return self.cell * height / width

    def _paint_row(self, painter: QPainter, row: Row, top: float) -> None:
        height = self._row_height(row)
        middle = top + height / 2
        label = QRectF(MARGIN, middle - 105, LABEL - 50, 105)
        self._text(painter, label, LEFT, row.label, STRONG, strong=True)
        unit = QRectF(MARGIN, middle, LABEL - 50, 95)
        self._text(painter, unit, LEFT, row.unit, SMALL, colour=SOFT)
        for index, pixels in enumerate(row.pictures):
            where = QRectF(self._left(index), top, self.cell, height)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not row.is_map)
            painter.drawImage(where, to_image(_enlarged(pixels) if row.is_map else pixels))
            painter.setPen(QPen(LINE, 3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(where)
        right = self._left(len(row.pictures)) + 30
        if row.scale is not None:
            self._paint_bar(painter, row.scale, QRectF(right, top, 75, height))
        elif row.roles:
            self._paint_legend(painter, row, right, top)

    def _paint_bar(self, painter: QPainter, scale: ColourScale, where: QRectF) -> None:
        gradient = QLinearGradient(where.bottomLeft(), where.topLeft())
        colours = lookup(scale.colormap)
        low, high = scale.limits
        for entry in range(0, 256, 15):
            gradient.setColorAt(entry / 255, QColor(*(int(v) for v in colours[entry])))
        painter.setPen(QPen(LINE, 3))
        painter.setBrush(gradient)
        painter.drawRect(where)
        marks = {low: where.bottom() - 45, high: where.top() + 45}
        if where.height() > 420:
            marks[(low + high) / 2] = where.center().y()
        for value, y in marks.items():
            place = QRectF(where.right() + 30, y - 50, BAR - 150, 100)
            self._text(painter, place, LEFT, number(value), SMALL, colour=SOFT)

    def _paint_legend(self, painter: QPainter, row: Row, left: float, top: float) -> None:
        for index, role in enumerate(row.roles):
            y = top + index * 115
            painter.setPen(QPen(LINE, 3))
            painter.setBrush(QColor(*ROLE_COLOURS[role]))
            painter.drawRect(QRectF(left, y + 14, 75, 75))
            place = QRectF(left + 105, y, BAR - 135, 103)
            self._text(painter, place, LEFT, ROLE_WORDS[role], SMALL, colour=SOFT)

    def _paint_caption(self, painter: QPainter, top: float) -> None:
        line = BODY * LEADING
        where = QRectF(MARGIN, top, self.width - 2 * MARGIN, line)
        self._text(painter, where, LEFT, self.figure.title, BODY, strong=True)
        for words in self._body:
            where.translate(0, line)
            self._text(painter, where, LEFT, words, BODY)

    def _text(
        self,
        painter: QPainter,
        where: QRectF,
        flags: Qt.AlignmentFlag,
        words: str,
        size: int,
        *,
        strong: bool = False,
        colour: QColor = INK,
    ) -> None:
        font = _font(size, strong=strong)
        if not self._outlines:
            painter.setFont(font)
            painter.setPen(colour)
            painter.drawText(where, flags, words)
            return
        metrics = QFontMetricsF(font)
        x = where.left()
        if flags & Qt.AlignmentFlag.AlignHCenter:
            x = where.center().x() - metrics.horizontalAdvance(words) / 2
        path = QPainterPath()
        path.addText(QPointF(x, where.center().y() + metrics.capHeight() / 2), font, words)
        painter.fillPath(path, colour)


def number(value: float) -> str:
    """A colour bar's figure with a real minus sign: two decimals, or one digit of what is less."""
    return f"{round(value, 2) or float(f'{value:.1g}'):g}".replace("-", "−")


def sheet_image(figure: Figure, width: int) -> QImage:
    """The sheet as a picture `width` pixels wide, for the preview."""
    sheet = Sheet(figure)
    scale = width / sheet.width
    image = QImage(width, round(sheet.height * scale), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.scale(scale, scale)
    sheet.paint(painter)
    painter.end()
    return image


def write_sheet(figure: Figure, path: Path) -> None:
    """Write a figure sheet as PDF or SVG, by the name's ending, in one piece."""
    written = _svg(figure) if path.suffix.lower() == ".svg" else _pdf(figure)
    with replacing(path) as temporary:
        temporary.write_bytes(written)


def _pdf(figure: Figure) -> bytes:
    sheet, buffer = Sheet(figure), open_buffer()
    writer = QPdfWriter(buffer)
    writer.setResolution(DOTS)
    writer.setTitle(figure.title)
    writer.setCreator("Patch Forcing Studio")
    size = QSizeF(sheet.width / 10, sheet.height / 10)
    writer.setPageSize(QPageSize(size, QPageSize.Unit.Point, "figure"))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    painter = QPainter(writer)
    sheet.paint(painter)
    painter.end()
    return bytes(buffer.data().data())


def _svg(figure: Figure) -> bytes:
    sheet, buffer = Sheet(figure, outlines=True), open_buffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(DOTS)
    generator.setSize(QSizeF(sheet.width, sheet.height).toSize())
    generator.setViewBox(QRectF(0, 0, sheet.width, sheet.height))
    generator.setTitle(figure.title)
    generator.setDescription(figure.body)
    painter = QPainter(generator)
    sheet.paint(painter)
    painter.end()
    return bytes(buffer.data().data())


def _font(size: int, *, strong: bool = False) -> QFont:
    made = QFont(FAMILY)
    made.setPixelSize(size)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if hasattr(QFont, "setFeature"):  # Qt 6.7
        for tag in ("calt", "tnum"):  # the glyphs that they put in have no text in a PDF
            made.setFeature(QFont.Tag(tag), 0)
    if strong:
        made.setWeight(QFont.Weight.DemiBold)
    return made


def _wrapped(text: str, width: float, font: QFont) -> list[str]:
    """Lines no wider than `width`."""
    metrics = QFontMetricsF(font)
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and metrics.horizontalAdvance(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _enlarged(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Patches as blocks of pixels: viewers smooth small pictures, which would blur the patches."""
    times = -(-MAP_DOTS // max(pixels.shape[:2]))
    return pixels.repeat(times, axis=0).repeat(times, axis=1)
