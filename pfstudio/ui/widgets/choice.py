"""A quiet button that shows a choice and opens a menu of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QWidget

from pfstudio.ui import icons
from pfstudio.ui.theme import font, tokens
from pfstudio.ui.widgets.buttons import IconButton
from pfstudio.ui.widgets.paint import FocusRing, box, painter_of
from pfstudio.ui.widgets.spoken import OpensMenu

_LEAST = 80  # that a long choice may be shortened to


def open_below(widget: QWidget, menu: QMenu) -> None:
    """Open a menu below a widget; it is gone once it closes."""
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(widget.mapToGlobal(QPoint(0, widget.height())))


def menu_of(verbs: Sequence[tuple[str, Callable[[], object]]], parent: QWidget) -> QMenu:
    """A menu of what can be done: the text of each row, and what it does."""
    menu = QMenu(parent)
    for text, run in verbs:
        menu.addAction(text).triggered.connect(partial(_do, run))
    return menu


def _do(run: Callable[[], object], _: bool = False) -> None:
    run()


class MenuIconButton(OpensMenu, IconButton):
    """A small square button that opens the menu that `make_menu` makes."""

    def __init__(
        self, icon: str, name: str, make_menu: Callable[[], QMenu], *, side: int = 26,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(icon, name, side=side, parent=parent)
        self.clicked.connect(lambda: open_below(self, make_menu()))


class ChoiceButton(OpensMenu, FocusRing, QAbstractButton):
    """`prefix` and the choice's text with an arrow; `chosen(key)` when the user picks one."""

    chosen = Signal(str)

    def __init__(
        self,
        name: str,
        options: Sequence[tuple[str, str]],
        *,
        prefix: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._name = name
        self._options = dict(options)
        self._prefix = prefix
        self._key = next(iter(self._options))
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._open_menu)
        self._rename()

    def key(self) -> str:
        """The choice that is on."""
        return self._key

    def set_key(self, key: str) -> None:
        """Turn a choice on, silently."""
        if key != self._key:
            self._key = key
            self._rename()

    def set_options(self, options: Sequence[tuple[str, str]]) -> None:
        """Offer other choices; the present one stays if it is among them."""
        self._options = dict(options)
        if self._key not in self._options:
            self._key = next(iter(self._options))
        self._rename()

    def _label(self) -> str:
        return f"{self._prefix} {self._options[self._key]}".strip()

    def _rename(self) -> None:
        self.setAccessibleName(f"{self._name}: {self._options[self._key]}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._width_of(self._label()), 26)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self._width_of(self._options[self._key]), _LEAST), 26)

    def _width_of(self, text: str) -> int:
        return QFontMetrics(font("small")).horizontalAdvance(text) + 30

    def menu(self) -> QMenu:
        """The choices, the present one ticked."""
        menu = QMenu(self)
        group = QActionGroup(menu)
        for key, text in self._options.items():
            action = QAction(text, menu, checkable=True, checked=key == self._key)
            action.setData(key)
            group.addAction(action)
            menu.addAction(action)
        menu.triggered.connect(self._pick)
        return menu

    def _open_menu(self) -> None:
        open_below(self, self.menu())

    def _pick(self, action: QAction) -> None:
        self.set_key(action.data())
        self.chosen.emit(self._key)

    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens()
        painter = painter_of(self)
        hover = self.underMouse() and self.isEnabled()
        if hover:
            box(painter, QRectF(self.rect()), t.hover, "", 6)
        colour = t.faint if not self.isEnabled() else t.text if hover else t.muted
        metrics = QFontMetrics(font("small"))
        room = self.width() - 28
        label = self._label()
        if metrics.horizontalAdvance(label) > room + 4:
            label = self._options[self._key]  # without its prefix
        label = metrics.elidedText(label, Qt.TextElideMode.ElideRight, room + 4)
        painter.setFont(font("small"))
        painter.setPen(colour)
        place = QRectF(8, 0, room + 4, self.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, label)
        arrow = QRectF(self.width() - 19, (self.height() - 12) / 2, 12, 12)
        icons.draw(painter, "chevron-down", arrow, colour)
        self.draw_ring(painter, 6)
