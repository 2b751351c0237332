"""The prompt's words above the stage: each shows its patches, and a patch its words."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QScrollArea, QWidget

from pfstudio.ui.debounce import Debouncer
from pfstudio.ui.language import tr
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.view_models.run import RunModel
from pfstudio.ui.widgets.choice import ChoiceButton
from pfstudio.ui.widgets.labels import label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.paint import CENTRE, FocusRing, box, painter_of, write
from pfstudio.ui.widgets.scroll import clear, scrolling

HEIGHT = 36
_ALL = "all"


class WordChip(FocusRing, QAbstractButton):
    """A word, tinted by its `share` of a patch's attention, 0..1; stays on once it is pressed."""

    ring_radius = 5.0
    pointed = Signal(bool)  # whether the pointer, or the focus by keys, is on it

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setAccessibleName(tr("Word: {word}", word=text))
        self.setToolTip(tr("See which patches listen to this word; press to keep it"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.share = 0.0

    def set_share(self, share: float, attention: float) -> None:
        """Tint it, and tell the attention itself to screen readers."""
        self.setAccessibleDescription(tr("attention {attention:.2f}", attention=attention))
        if share != self.share:
            self.share = share
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(font("small")).horizontalAdvance(self.text()) + 16, 24)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self.pointed.emit(event.type() == QEvent.Type.Enter)
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._by_keyboard:
            self.pointed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.pointed.emit(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter, place = tokens(), painter_of(self), QRectF(self.rect())
        box(painter, place, t.hover, "", 5)
        painter.setOpacity(0.55 * self.share)
        box(painter, place, t.accent, "", 5)
        painter.setOpacity(1.0)
        if self.isChecked() or self.underMouse():
            box(painter, place, "", t.accent, 5)
        write(painter, place, self.text(), "small", "text", CENTRE)
        self.draw_ring(painter, 5)


class WordLine(QWidget):
    """Follows a run; hidden where its words are not known."""

    def __init__(self, run: RunModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run = run
        self.chips: list[WordChip] = []
        self._kept: int | None = None  # the word that was pressed
        self._pointed_at: int | None = None  # the word under the pointer
        self._patch: tuple[int, int] | None = None  # under the pointer
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self._area: QScrollArea = scrolling(self._row)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.layer = ChoiceButton(
            tr("Layer of the attention"), [(_ALL, tr("all layers"))], parent=self
        )
        title = label(tr("Words"), "small", "muted")
        fill(
            QHBoxLayout(self), title, (self._area, 1), self.layer, margins=(12, 4, 8, 4), spacing=8
        )
        self.setFixedHeight(HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._debouncer = Debouncer(self)
        self._debouncer.due.connect(self.refresh)
        for signal in (run.run_changed, run.slow_refresh, run.patch_changed, run.image_changed,
                       run.word_changed):  # fmt: skip
            signal.connect(self._debouncer.ask)
        self.layer.chosen.connect(lambda key: self._look())
        self.refresh()

    def refresh(self) -> None:
        """Show the words of the shown picture, and how much the patch attends to each."""
        data = self.run.data
        words = data.words(self.run.image) if data else ()
        self.setVisible(bool(words))
        if data is None or not words:  # of a run that begins they are not known yet
            return
        if [chip.text() for chip in self.chips] != list(words):
            self._make(words)
        layers = [(_ALL, tr("all layers"))]
        layers += [(str(i), tr("layer {layer}", layer=i + 1)) for i in range(data.attention_layers)]
        self.layer.set_options(layers)
        self._look()  # another run may have been looked at in another way
        shares = data.word_shares(self.run.call, self.run.image)
        if shares is None:
            return
        rows, columns = data.grid
        inside = self._patch and self._patch[0] < rows and self._patch[1] < columns
        own = shares[self._patch if inside else self.run.patch][: len(words)]
        largest = float(max(own.max(), np.finfo(np.float32).tiny))
        for chip, value in zip(self.chips, own, strict=True):
            chip.set_share(float(value) / largest, float(value))

    def point_at(self, row: int, column: int) -> None:
        """The patch under the pointer; (-1, -1): none, so the one under the cursor counts.

        It may be one of another run, which the shown one does not have.
        """
        self._patch = None if row < 0 else (row, column)
        self._debouncer.ask()

    def _make(self, words: tuple[str, ...]) -> None:
        clear(self._row)
        self._kept = self._pointed_at = None
        self.chips = [WordChip(word, self) for word in words]
        for index, chip in enumerate(self.chips):
            self._row.addWidget(chip)
            chip.pointed.connect(partial(self._pointed, index))
            chip.clicked.connect(partial(self._pressed, index))
        self._row.addStretch(1)
        self._look()

    def _pointed(self, index: int, on: bool) -> None:
        if on:
            self._area.ensureWidgetVisible(self.chips[index])
        self._pointed_at = index if on else None
        self._look()

    def _pressed(self, index: int) -> None:
        self._kept = index if self.chips[index].isChecked() else None
        for place, chip in enumerate(self.chips):
            chip.setChecked(place == self._kept)
        self._look()

    def _look(self) -> None:
        word = self._kept if self._pointed_at is None else self._pointed_at
        self.run.set_word(word, self._layer())

    def _layer(self) -> int | None:
        return None if self.layer.key() == _ALL else int(self.layer.key())

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), painter_of(self)
        painter.fillRect(self.rect(), QColor(t.base))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(t.border))
