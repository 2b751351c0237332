"""The values along a drawn line, with the spread around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from pfstudio.ui.language import QT_TR_NOOP, number, tr
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.plot import Plot, draw_foot

Floats = npt.NDArray[np.float32]
Pixel = tuple[int, int]

MOST_SAMPLES = 512


@dataclass(frozen=True)
class Profile:
    """Samples from the first end of a line to the other."""

    values: Floats  # (K,)
    spread: Floats  # (K,)
    length: float  # pixels


def profile_along(line: tuple[Pixel, Pixel], values: Floats, spread: Floats) -> Profile:
    """Nearest pixels of two maps (H,W) at even distances along a line of (row, column)."""
    (r0, c0), (r1, c1) = line
    length = float(np.hypot(r1 - r0, c1 - c0))
    count = min(max(int(length) + 1, 2), MOST_SAMPLES)
    rows = np.rint(np.linspace(r0, r1, count)).astype(int)
    columns = np.rint(np.linspace(c0, c1, count)).astype(int)
    return Profile(values[rows, columns], spread[rows, columns], length)


class ProfilePlot(Plot, QWidget):
    """A curve and a band of one spread to either side."""

    EMPTY = QT_TR_NOOP("Choose Probe and drag a line over the image.")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._profile: Profile | None = None
        self.set_up(tr("Depth along the line"), 112)
        self.setAccessibleDescription(tr(self.EMPTY))

    @property
    def profile(self) -> Profile | None:
        """What is shown."""
        return self._profile

    def show_profile(self, profile: Profile | None) -> None:
        """Show the values along a line; None: there is no line."""
        self._profile = profile
        words = tr(self.EMPTY)
        if profile is not None:
            low, high = float(profile.values.min()), float(profile.values.max())
            words = tr(
                "{first} to {last}, between {low} and {high}",
                first=number(float(profile.values[0])),
                last=number(float(profile.values[-1])),
                low=number(low),
                high=number(high),
            )
        self.setAccessibleDescription(words)
        self.update()

    def words(self) -> str:
        return tr(self.EMPTY) if self._profile is None else ""

    def draw(self, painter: QPainter) -> None:
        t, profile = tokens(), self._profile
        assert profile is not None
        above, below = profile.values + profile.spread, profile.values - profile.spread
        low, high = float(below.min()), float(above.max())
        if high - low < 1e-6:
            low, high = low - 0.5, high + 0.5
        area = QRectF(10, 10, self.width() - 20, self.height() - 30)

        def points(values: Floats) -> list[QPointF]:
            xs = np.linspace(area.left(), area.right(), len(values))
            ys = area.bottom() - (values - low) / (high - low) * area.height()
            return [QPointF(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]

        band = QColor(t.curve_time)
        band.setAlpha(70)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(band)
        painter.drawPolygon(QPolygonF(points(above) + points(below)[::-1]))
        painter.setPen(QPen(QColor(t.curve_time), 1.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points(profile.values)))
        foot = QRectF(10, self.height() - 19, self.width() - 20, 15)
        draw_foot(painter, foot, tr("{low} to {high}", low=number(low), high=number(high)),
                  tr("{length:.0f} px · band: ± spread", length=profile.length))  # fmt: skip
