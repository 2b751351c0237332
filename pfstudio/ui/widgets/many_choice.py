"""A button that names what is chosen of many, and opens a menu in which each can be ticked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from pfstudio.ui import icons
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.buttons import Button
from pfstudio.ui.widgets.choice import open_below
from pfstudio.ui.widgets.paint import painter_of
from pfstudio.ui.widgets.spoken import OpensMenu

_ARROW = 26  # logical pixels at the right end


@dataclass(frozen=True)
class Entry:
    """One of many; `problem`: why it cannot be chosen, in a sentence."""

    key: str
    text: str
    problem: str = ""


class _StayingMenu(QMenu):
    """Stays open while its entries are ticked."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._tick(self.actionAt(event.position().toPoint())):
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        presses = event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not (presses and self._tick(self.activeAction())):
            super().keyPressEvent(event)

    def _tick(self, action: QAction | None) -> bool:
        if action is None:
            return False
        if action.isEnabled():
            action.trigger()
        return True


class ManyChoice(OpensMenu, Button):
    """`chosen()` when the user ticks an entry, or takes its tick away."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name = ""
        self._entries: tuple[Entry, ...] = ()
        self._ticked: set[str] = set()
        self.clicked.connect(self._open)

    def offer(self, name: str, entries: Sequence[Entry], ticked: Collection[str]) -> None:
        """Offer other entries under a name; those in `ticked` are chosen."""
        self._name, self._entries, self._ticked = name, tuple(entries), set(ticked)
        self._say()

    def keys(self) -> tuple[str, ...]:
        """What is ticked and can be chosen, in the order of the entries."""
        return tuple(one.key for one in self._chosen())

    def ticked(self) -> frozenset[str]:
        """What is ticked, whether it can be chosen now or not."""
        return frozenset(self._ticked)

    def _chosen(self) -> list[Entry]:
        return [one for one in self._entries if one.key in self._ticked and not one.problem]

    def _say(self) -> None:
        words = ", ".join(one.text for one in self._chosen())
        self.setAccessibleName(f"{self._name}: {words}")
        self.setToolTip(self.accessibleName())
        self._fit()

    def _fit(self) -> None:
        words = ", ".join(one.text for one in self._chosen())
        room = self.width() - 14 - _ARROW
        right = Qt.TextElideMode.ElideRight
        self.setText(self.fontMetrics().elidedText(words, right, room))

    # -- the menu -----------------------------------------------------------------------------

    def menu_of_entries(self) -> QMenu:
        """Every entry, ticked or not; the tip of one that cannot be chosen says why."""
        menu = _StayingMenu(self)
        menu.setToolTipsVisible(True)
        for one in self._entries:
            action = menu.addAction(one.text)
            action.setCheckable(True)
            action.setChecked(one.key in self._ticked and not one.problem)
            action.setEnabled(not one.problem)
            action.setToolTip(one.problem or one.text)
            action.setData(one.key)
        menu.triggered.connect(self._toggle)
        return menu

    def _open(self) -> None:
        open_below(self, self.menu_of_entries())

    def _toggle(self, action: QAction) -> None:
        self._ticked ^= {action.data()}
        self._say()
        self.chosen.emit()

    # -- looks --------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(260, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(90, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        arrow = QRectF(self.width() - 22, (self.height() - 14) / 2, 14, 14)
        icons.draw(painter_of(self), "chevron-down", arrow, tokens().muted)
