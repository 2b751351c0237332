"""The tool bar over the stage: how picture and depth are shown, and how depth is coloured."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from pfstudio.core.colour import DEPTH_TABLES
from pfstudio.core.depth_measures import QUANTITIES
from pfstudio.ui.depth.look import CLIPS, LookModel
from pfstudio.ui.stage.choice import ChoiceButton
from pfstudio.ui.stage.toolbar import ToolButton
from pfstudio.ui.theme import tokens
from pfstudio.ui.widgets.buttons import Button, IconButton
from pfstudio.ui.widgets.slider import SlimSlider

_LOCKED = "locked"


class DepthView(StrEnum):
    """What the stage shows."""

    SIDE = "side"
    WIPE = "wipe"
    OVERLAY = "overlay"
    CLOUD = "cloud"


VIEWS = {
    DepthView.SIDE: ("Side by side", "four", "Picture and depth side by side"),
    DepthView.WIPE: ("Slider", "compare", "Depth under a line that can be dragged"),
    DepthView.OVERLAY: ("Overlay", "overlay", "Depth over the picture"),
    DepthView.CLOUD: ("Point cloud", "cloud", "Points in space that can be turned"),
}


class DepthToolBar(QWidget):
    """Buttons; what belongs to the look goes straight to the LookModel."""

    view_chosen = Signal(str)
    probe_switched = Signal(bool)
    opacity_changed = Signal(float)
    lock_wanted = Signal(bool)

    def __init__(self, look: LookModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._words: dict[Button, str] = {}
        self._group = QButtonGroup(self)
        self.views: dict[DepthView, Button] = {}
        for key, (text, icon, tip) in VIEWS.items():
            button = ToolButton(text, icon, tip=tip, height=30, centred=True, parent=self)
            button.setAccessibleName(text)
            button.setCheckable(True)
            self._group.addButton(button)
            self.views[key] = button
        self.probe = ToolButton(
            "Probe", "inspect", tip="Drag a line: its profile is at the right (P)", height=30,
            centred=True, parent=self,
        )  # fmt: skip
        self.probe.setAccessibleName("Probe")
        self.probe.setCheckable(True)
        self.opacity = SlimSlider("Opacity of the depth", 100, self)
        self.opacity.setValue(60)
        self.quantity = ChoiceButton(
            "Quantity", [(name, name.capitalize()) for name in QUANTITIES], parent=self
        )
        self.table = ChoiceButton("Colours", [(name, name) for name in DEPTH_TABLES], parent=self)
        self.range = ChoiceButton("Range of the colours", self._ranges(), parent=self)
        self.fit = IconButton("fit", "Show the whole picture (0)", parent=self)
        self._arrange()
        self._group.buttonClicked.connect(self._on_view)
        self.probe.toggled.connect(self.probe_switched)
        self.opacity.valueChanged.connect(self._on_opacity)
        self.quantity.chosen.connect(self._on_quantity)
        self.table.chosen.connect(self._on_table)
        self.range.chosen.connect(self._on_range)
        look.changed.connect(self.refresh)
        self.show_view(DepthView.SIDE)
        self.refresh()

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(5)
        row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        for button in self.views.values():
            row.addWidget(button)
        row.addSpacing(4)
        row.addWidget(self.probe)
        row.addWidget(self.opacity, 1)
        row.addStretch(1)
        for part in (self.quantity, self.range, self.table, self.fit):
            row.addWidget(part)
        for choice in (self.quantity, self.range, self.table):
            choice.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def _ranges(self) -> list[tuple[str, str]]:
        look = self._look.look
        clips = [(f"{c:g}", f"clip {c:g} %" if c else "full range") for c in CLIPS]
        locked = "range locked" if look.locked else "lock this range"
        return [*clips, (_LOCKED, locked)]

    # -- from the user ----------------------------------------------------------------------------

    def _on_view(self, button: Button) -> None:
        self.view_chosen.emit(next(k for k, b in self.views.items() if b is button).value)

    @Slot(int)
    def _on_opacity(self, value: int) -> None:
        self.opacity_changed.emit(value / 100)

    @Slot(str)
    def _on_quantity(self, key: str) -> None:
        self._look.set(quantity=key)

    @Slot(str)
    def _on_table(self, key: str) -> None:
        self._look.set(table=key)

    @Slot(str)
    def _on_range(self, key: str) -> None:
        if key == _LOCKED:
            self.lock_wanted.emit(True)
        else:
            self._look.set(clip=float(key), locked=None)

    # -- to the user ------------------------------------------------------------------------------

    def show_view(self, view: DepthView) -> None:
        """Mark the view that is on."""
        self.views[view].setChecked(True)
        self.opacity.setVisible(view is DepthView.OVERLAY)
        self.probe.setEnabled(view is not DepthView.CLOUD)
        self.make_fit()

    @Slot()
    def refresh(self) -> None:
        """Show the look."""
        look = self._look.look
        self.quantity.set_key(look.quantity)
        self.table.set_key(look.table)
        self.range.set_options(self._ranges())
        self.range.set_key(_LOCKED if look.locked else f"{look.clip:g}")

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.make_fit()

    def make_fit(self) -> None:
        """Where there is little room, buttons show their drawings only: the last ones first."""
        row = self.layout()
        buttons = [*self.views.values(), self.probe]
        for button in buttons:
            self._words.setdefault(button, button.text())
            button.setText(self._words[button])
        row.setSpacing(5)
        for button in reversed(buttons):
            row.invalidate()
            if row.minimumSize().width() <= self.width():
                return
            button.setText("")
        row.setSpacing(2)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = tokens(), QPainter(self)
        painter.fillRect(self.rect(), QColor(t.panel))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(t.border))
