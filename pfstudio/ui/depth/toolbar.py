"""The tool bar over the stage: how picture and depth are shown, and how depth is coloured."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from pfstudio.core.colour import DEPTH_TABLES
from pfstudio.core.depth_measures import QUANTITIES
from pfstudio.ui.depth.display import CLIPS, DisplayModel
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.widgets.buttons import IconButton
from pfstudio.ui.widgets.choice import ChoiceButton
from pfstudio.ui.widgets.fitting_bar import FittingBar
from pfstudio.ui.widgets.slider import SlimSlider

_LOCKED = "locked"


class DepthView(StrEnum):
    """What the stage shows."""

    SIDE = "side"
    WIPE = "wipe"
    OVERLAY = "overlay"
    CLOUD = "cloud"


VIEWS = {
    DepthView.SIDE: (
        QT_TR_NOOP("Side by side"),
        "four",
        QT_TR_NOOP("Image and depth side by side"),
    ),
    DepthView.WIPE: (
        QT_TR_NOOP("Slider"),
        "compare",
        QT_TR_NOOP("Depth under a line that can be dragged"),
    ),
    DepthView.OVERLAY: (QT_TR_NOOP("Overlay"), "overlay", QT_TR_NOOP("Depth over the image")),
    DepthView.CLOUD: (
        QT_TR_NOOP("Point cloud"),
        "cloud",
        QT_TR_NOOP("Points in space that can be turned"),
    ),
}


class DepthToolBar(FittingBar):
    """Buttons; what belongs to the display goes straight to its model."""

    view_chosen = Signal(str)
    opacity_changed = Signal(float)
    lock_wanted = Signal()

    def __init__(self, display: DisplayModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._display = display
        row = self.row
        self.views = self.add_choice(VIEWS, self.view_chosen.emit)
        row.addSpacing(4)
        self.probe = self.add_toggle(
            tr("Probe"), "inspect", tr("Drag a line: its profile is at the right (I)")
        )
        self.opacity = SlimSlider(tr("Opacity of the depth"), 0, 100, self)
        self.opacity.setValue(60)
        self.quantity = ChoiceButton(
            tr("Quantity"), [(name, tr(name.capitalize())) for name in QUANTITIES], parent=self
        )
        self.range = ChoiceButton(tr("Range of the colours"), self._ranges(), parent=self)
        self.table = ChoiceButton(
            tr("Colours"), [(name, name) for name in DEPTH_TABLES], parent=self
        )
        self.fit = IconButton("fit", tr("Show the whole image (0)"), parent=self)
        row.addWidget(self.opacity, 1)
        row.addStretch(1)
        for choice in (self.quantity, self.range, self.table):
            choice.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
            row.addWidget(choice)
        row.addWidget(self.fit)
        self.opacity.valueChanged.connect(lambda value: self.opacity_changed.emit(value / 100))
        self.quantity.chosen.connect(lambda key: display.set(quantity=key))
        self.table.chosen.connect(lambda key: display.set(colormap=key))
        self.range.chosen.connect(self._on_range)
        display.changed.connect(self.refresh)
        self.show_view(DepthView.SIDE)
        self.refresh()

    def _ranges(self) -> list[tuple[str, str]]:
        display = self._display.settings
        clips = [(f"{c:g}", tr("clip {c:g} %", c=c) if c else tr("full range")) for c in CLIPS]
        locked = tr("range locked") if display.locked else tr("lock this range")
        return [*clips, (_LOCKED, locked)]

    def _on_range(self, key: str) -> None:
        if key == _LOCKED:
            self.lock_wanted.emit()
        else:
            self._display.set(clip=float(key), locked=None)

    def show_view(self, view: DepthView) -> None:
        """Mark the view that is on."""
        self.views[view].setChecked(True)
        self.opacity.setVisible(view is DepthView.OVERLAY)
        self.probe.setEnabled(view is not DepthView.CLOUD)
        self.make_fit()

    @Slot()
    def refresh(self) -> None:
        """Show the settings."""
        display = self._display.settings
        self.quantity.set_key(display.quantity)
        self.table.set_key(display.colormap)
        self.range.set_options(self._ranges())
        self.range.set_key(_LOCKED if display.locked else f"{display.clip:g}")
