"""A tool bar whose buttons show only their drawings where there is little room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from pfstudio.ui.language import tr
from pfstudio.ui.widgets.buttons import Button, RadioGroup
from pfstudio.ui.widgets.layouts import fill

_SPACING, _TIGHT = 5, 2
Key = TypeVar("Key", bound=str)


class ToolButton(Button):
    """A toggle that takes little room."""

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint() - QSize(0 if self.text() else 4, 0)


class FittingBar(QFrame):
    """Fill its `row`, from left to right; call `make_fit` when something in it appears or goes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: dict[Button, str] = {}
        self.spare: tuple[QWidget, ...] = ()  # what goes where even the drawings lack room
        self.row = fill(QHBoxLayout(self), margins=(8, 6, 8, 6), spacing=_SPACING)
        self.row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)

    def add_toggle(self, text: str, icon: str, tip: str) -> ToolButton:
        """A button that stays down until it is pressed again."""
        button = ToolButton(text, icon, tip=tip, height=30, centred=True, parent=self)
        button.setAccessibleName(text)
        button.setCheckable(True)
        self.row.addWidget(button)
        return button

    def add_choice(
        self, options: Mapping[Key, tuple[str, str, str]], chosen: Callable[[Key], object]
    ) -> dict[Key, ToolButton]:
        """Toggles of which one is on, by key: text, icon and tip; `chosen(key)` at a click."""
        group, buttons = RadioGroup(self), {}
        for key, (text, icon, tip) in options.items():
            buttons[key] = button = self.add_toggle(tr(text), icon, tr(tip))
            group.add(button)
            button.clicked.connect(lambda _, key=key: chosen(key))
        return buttons

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.make_fit()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest and not self._fits():
            self.make_fit()  # something in it has grown
        return done

    def _fits(self) -> bool:
        words = any(button.text() for button in self._words)
        spare = any(not widget.isHidden() for widget in self.spare)
        return not (words or spare) or self.row.minimumSize().width() <= self.width()

    def _has_room(self) -> bool:
        """As it is now; asks for another layout, so not to be called at the request of one."""
        self.row.invalidate()
        return self.row.minimumSize().width() <= self.width()

    def make_fit(self) -> None:
        """Where there is little room, buttons show their drawings only: the last ones first.

        Where that is not enough, what is spare goes.
        """
        items = [self.row.itemAt(place) for place in range(self.row.count())]
        widgets = [item.widget() for item in items if item is not None]
        buttons = [widget for widget in widgets if isinstance(widget, Button)]
        for button in buttons:
            if button.text():
                self._words[button] = button.text()
            button.setText(self._words[button])
        for widget in self.spare:
            widget.show()
        self.row.setSpacing(_SPACING)
        for button in reversed(buttons):
            if self._has_room():
                break
            button.setText("")
        else:
            self.row.setSpacing(_TIGHT)
            for widget in self.spare:
                widget.setVisible(self._has_room())
        self.row.activate()  # now: until the next turn words would be cut
