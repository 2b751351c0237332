"""The race on screen: image and evidence at the left, a bar for each of the best classes."""

from __future__ import annotations

import math

from PySide6.QtCore import QLineF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from pfstudio.core.classify import MOST_EVIDENCE, Standing
from pfstudio.core.colour import apply
from pfstudio.ui.features.race import Race
from pfstudio.ui.language import number, tr
from pfstudio.ui.stage.layers import to_image
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.labels import Surface, label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import MIDDLE, FocusRing, box, painter_of, write
from pfstudio.ui.widgets.scroll import scrolling

_ROW, _NAME, _FIGURES, _HEAD = 34, 140, 128, 26
_RIGHT = MIDDLE | Qt.AlignmentFlag.AlignRight


class RaceBars(FocusRing, QWidget):
    """A row a class; a click or an arrow key chooses whom the leader is compared with."""

    def __init__(self, race: Race) -> None:
        super().__init__()
        self._race = race
        self.setAccessibleName(tr("Standings"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(_HEAD + MOST_EVIDENCE * _ROW + 8)
        self.setMinimumWidth(_NAME + _FIGURES + 80)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        race.changed.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Show the standings."""
        shown = self._race.shown
        rows = [f"{i}. {self._race.name(one)} {self.behind(one)}" for i, one in enumerate(shown, 1)]
        self.setAccessibleDescription("; ".join(rows))
        self.update()

    def behind(self, standing: Standing) -> str:
        """The gap to the leader in words."""
        if standing is self._race.shown[0]:
            return tr("leads")
        if math.isnan(standing.margin):
            return number(standing.behind, ".3f")
        return f"{number(standing.behind, '.3f')} ± {number(standing.margin, '.3f')}"

    def row(self, place: int) -> QRectF:
        """Where the class at a place, from 0, is drawn."""
        return QRectF(2, _HEAD + place * _ROW, self.width() - 4, _ROW)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            for place in range(len(self._race.shown)):
                if self.row(place).contains(event.position()):
                    self._race.set_rival(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._race.set_rival(self._race.rival + step)

    def _furthest(self) -> float:
        """The largest gap that is drawn."""
        ends = (
            one.behind + (0 if math.isnan(one.margin) else one.margin) for one in self._race.shown
        )
        return max(max(ends), 1e-9)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        painter.fillRect(self.rect(), QColor(tokens().base))
        shown, step = self._race.shown, self._race.step
        if step is not None:
            head = QRectF(0, 0, self.width() - 12, _HEAD - 4)
            write(painter, head, tr("loss behind the leader, 95 % interval"), "tiny", align=_RIGHT)
            furthest = self._furthest()
            for place, one in enumerate(shown):
                self._draw_row(painter, place, one, furthest, out=place >= step.racing)
        self.draw_ring(painter)

    def _draw_row(
        self, painter: QPainter, place: int, one: Standing, furthest: float, *, out: bool
    ) -> None:
        t, area = tokens(), self.row(place)
        if place == self._race.rival:
            box(painter, area, t.soft, t.soft_border)
        colour = "muted" if out else "text"
        name = QRectF(area.x() + 10, area.y(), _NAME - 16, area.height())
        metrics = QFontMetrics(font("body"))
        words = metrics.elidedText(
            self._race.name(one), Qt.TextElideMode.ElideRight, int(name.width())
        )
        write(painter, name, words, "body", colour, MIDDLE)
        figures = QRectF(area.right() - _FIGURES, area.y(), _FIGURES - 10, area.height())
        words = self.behind(one)
        if out:
            words = tr("{behind}, out", behind=words)
        write(painter, figures, words, "small", colour, _RIGHT)
        track = QRectF(area.x() + _NAME, area.y() + 11, area.width() - _NAME - _FIGURES - 12, 12)

        def at(behind: float) -> float:
            return track.right() - min(max(behind / furthest, 0.0), 1.0) * track.width()

        end = at(one.behind)
        bar = QRectF(track.x(), track.y(), max(2.0, end - track.x()), track.height())
        box(painter, bar, t.track if out else t.accent, "", 3)
        if not math.isnan(one.margin) and one.margin > 0:
            low, high, middle = (
                at(one.behind + one.margin), at(one.behind - one.margin), track.center().y(),
            )  # fmt: skip
            painter.setPen(QPen(QColor(t.muted if out else t.text), 1.5))
            painter.drawLine(QLineF(low, middle, high, middle))
            for x in (low, high):
                painter.drawLine(QLineF(x, middle - 4, x, middle + 4))


class EvidenceStage(QWidget):
    """The image, and over its grey copy what each patch says for the leader."""

    def __init__(self, race: Race) -> None:
        super().__init__()
        self._race = race
        self._picture: QImage | None = None
        self._map: QImage | None = None
        self.setAccessibleName(tr("Evidence of each patch"))
        self.setMinimumSize(180, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        race.changed.connect(self.refresh)

    def sizeHint(self) -> QSize:
        return QSize(300, 620)

    @Slot()
    def refresh(self) -> None:
        """Make the pictures anew."""
        race = self._race
        self._picture = None if race.picture is None else to_image(race.picture)
        evidence, self._map = race.evidence, None
        if evidence is not None:
            most = max(float(abs(evidence).max()), 1e-9)
            self._map = to_image(apply(evidence, -most, most, "RdBu"))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = painter_of(self)
        painter.fillRect(self.rect(), QColor(tokens().base))
        if self._picture is None:
            return
        side = min(self.width(), (self.height() - 20) / 2)
        left, top = (self.width() - side) / 2, (self.height() - 2 * side - 12) / 2
        upper = QRectF(left, max(0, top), side, side)
        lower = upper.translated(0, side + 12)
        smooth = QPainter.RenderHint.SmoothPixmapTransform
        painter.setRenderHint(smooth)
        painter.drawImage(upper, self._picture)
        if self._map is not None:
            painter.drawImage(lower, self._picture.convertToFormat(QImage.Format.Format_Grayscale8))
            painter.setRenderHint(smooth, False)
            painter.setOpacity(0.72)
            painter.drawImage(lower, self._map)
            painter.setOpacity(1)


class RaceView(Surface):
    """Shows a Race."""

    def __init__(self, race: Race) -> None:
        super().__init__("base")
        self._race = race
        self.stage, self.bars = EvidenceStage(race), RaceBars(race)
        self.verdict = label("", "strong", wrap=True)
        self.legend = label("", "small", "muted", wrap=True)
        self._words = label("", "body", "muted", wrap=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        right = fill(QVBoxLayout(), self.verdict, self.bars, self.legend, None, spacing=12)
        self._body = QWidget()
        fill(QHBoxLayout(self._body), (self.stage, 2), (scrolling(right), 3), spacing=24)
        fill(
            QVBoxLayout(self), (self._words, 1), (self._body, 1),
            margins=(24, 20, 24, 20),
        )  # fmt: skip
        race.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what is known now."""
        race = self._race
        self._words.setText(race.words())
        self._words.setVisible(race.step is None)
        self._body.setVisible(race.step is not None)
        self.verdict.setText(race.verdict())
        if race.step is not None and len(race.shown) > 1:
            self.legend.setText(tr(
                "Blue patches speak for {name}, red ones for {other}.",
                name=race.name(race.shown[0]),
                other=race.name(race.shown[min(race.rival, len(race.shown) - 1)]),
            ))  # fmt: skip
