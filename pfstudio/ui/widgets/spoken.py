"""What screen readers are told where Qt does not know it.

Of sliders: the number that is shown; Qt speaks the place on the track, counted from 0. Of buttons
that open a menu: that they do; Qt knows it only of menus that exist before the click.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface, QAccessibleValueInterface
from PySide6.QtWidgets import QAbstractButton, QAccessibleWidget, QWidget


class SpokenValue:
    """Mixin of a QAbstractSlider: its value in the units that are shown."""

    def number(self) -> float:
        """The value."""
        raise TypeError("SpokenValue is a base class")

    def text(self) -> str:
        """The value as shown."""
        raise TypeError("SpokenValue is a base class")

    def limits(self) -> tuple[float, float, float]:
        """Smallest and largest value, and the step between two."""
        raise TypeError("SpokenValue is a base class")

    def enter(self, number: float) -> None:
        """Take over a value, as if the user had typed it."""
        raise TypeError("SpokenValue is a base class")


class _Slider(QAccessibleWidget, QAccessibleValueInterface):
    """A slider as screen readers see it."""

    def __init__(self, slider: QWidget) -> None:
        QAccessibleWidget.__init__(self, slider, QAccessible.Role.Slider)
        QAccessibleValueInterface.__init__(self)

    def _slider(self) -> SpokenValue:
        slider = self.object()
        assert isinstance(slider, SpokenValue)
        return slider

    def text(self, what: QAccessible.Text) -> str:
        return self._slider().text() if what is QAccessible.Text.Value else super().text(what)

    def interface_cast(self, kind: QAccessible.InterfaceType) -> int:
        if kind is QAccessible.InterfaceType.ValueInterface:
            return self  # type: ignore[return-value]  # as PySide wants it: no address
        return super().interface_cast(kind)

    def currentValue(self) -> float:
        return self._slider().number()

    def setCurrentValue(self, value: float) -> None:
        self._slider().enter(float(value))

    def minimumValue(self) -> float:
        return self._slider().limits()[0]

    def maximumValue(self) -> float:
        return self._slider().limits()[1]

    def minimumStepSize(self) -> float:
        return self._slider().limits()[2]


class OpensMenu:
    """Mixin of a QAbstractButton: a click opens a menu."""

    opens_menu = True


class _MenuButton(QAccessibleWidget):
    """A button with a menu as screen readers see it."""

    def __init__(self, button: QWidget) -> None:
        super().__init__(button, QAccessible.Role.ButtonMenu)

    def state(self) -> QAccessible.State:
        state = super().state()
        state.hasPopup = 1
        return state

    def actionNames(self) -> list[str]:
        return [self.showMenuAction(), *super().actionNames()]

    def doAction(self, name: str) -> None:
        button = self.object()
        if name == self.showMenuAction() and isinstance(button, QAbstractButton):
            button.click()
        else:
            super().doAction(name)


def _face(_: str, widget: QObject) -> QAccessibleInterface | None:
    if isinstance(widget, SpokenValue) and isinstance(widget, QWidget):
        return _Slider(widget)
    if isinstance(widget, OpensMenu) and isinstance(widget, QWidget) and widget.opens_menu:
        return _MenuButton(widget)
    return None  # what Qt has for it


QAccessible.installFactory(_face)
