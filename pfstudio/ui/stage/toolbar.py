"""The stage's tool bar: layout, tool, and what belongs to the chosen ones."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QButtonGroup, QLabel, QWidget

from pfstudio.core.paint import Paint
from pfstudio.ui.stage.choice import ChoiceButton
from pfstudio.ui.view_models.paint import MAX_BRUSH
from pfstudio.ui.widgets.buttons import Button, IconButton
from pfstudio.ui.widgets.fitting_bar import FittingBar
from pfstudio.ui.widgets.slider import SlimSlider


class StageLayout(StrEnum):
    """How many views, and how."""

    SINGLE = "single"
    FOUR = "four"
    OVERLAY = "overlay"
    COMPARE = "compare"


class Tool(StrEnum):
    """What the left button does on a canvas."""

    INSPECT = "inspect"
    FAST = "fast"
    SLOW = "slow"
    FREEZE = "freeze"
    ERASE = "erase"


LAYOUTS = {
    StageLayout.SINGLE: ("Single", "single", "One view"),
    StageLayout.FOUR: ("Four views", "four", "Four linked views"),
    StageLayout.OVERLAY: ("Overlay", "overlay", "A map over the prediction"),
    StageLayout.COMPARE: ("Compare", "compare", "Against another call or run"),
}
TOOLS = {
    Tool.INSPECT: ("Inspect", "inspect", "Click a patch to inspect it, drag to pan"),
    Tool.FAST: ("Paint fast", "fast", "Patches that should hurry in the next run"),
    Tool.SLOW: ("Paint slow", "slow", "Patches that should take their time in the next run"),
    Tool.FREEZE: ("Freeze", "freeze", "Patches that keep the start picture in the next run"),
    Tool.ERASE: ("Erase", "eraser", "Take paint away"),
}
PAINTS = {
    Tool.FAST: Paint.FAST, Tool.SLOW: Paint.SLOW, Tool.FREEZE: Paint.FIXED, Tool.ERASE: Paint.FREE,
}  # fmt: skip


class ToolButton(Button):
    """A toggle that takes little room."""

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width() - (6 if self.text() else 4), hint.height())


class StageToolBar(FittingBar):
    """Buttons only; the stage decides what they do."""

    layout_chosen = Signal(str)
    tool_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layouts = {key: self._toggle(*words) for key, words in LAYOUTS.items()}
        self.tools = {key: self._toggle(*words) for key, words in TOOLS.items()}
        self._group(self.layouts, self._layout_clicked)
        self._group(self.tools, self._tool_clicked)
        sizes = [(str(i), f"{i} × {i}") for i in range(1, MAX_BRUSH + 1)]
        self.brush = ChoiceButton("Brush size in patches", sizes, prefix="brush", parent=self)
        self.undo = IconButton("undo", "Undo the last stroke", parent=self)
        self.clear = IconButton("trash", "Erase everything painted", parent=self)
        self.opacity = SlimSlider("Opacity of the map", 100, self)
        self.image = ChoiceButton("Picture of the batch", [("0", "0")], prefix="image", parent=self)
        self.zoom = QLabel("", self)
        self.fit = IconButton("fit", "Show the whole picture (0)", parent=self)
        self._arrange()
        self.show_layout(StageLayout.FOUR)
        self.show_tool(Tool.INSPECT)

    def _toggle(self, text: str, icon: str, tip: str) -> Button:
        button = ToolButton(text, icon, tip=tip, height=30, centred=True, parent=self)
        button.setAccessibleName(text)
        button.setCheckable(True)
        return button

    def _group(self, buttons: dict, clicked) -> None:
        group = QButtonGroup(self)
        for button in buttons.values():
            group.addButton(button)
        group.buttonClicked.connect(clicked)

    def _arrange(self) -> None:
        row = self.row
        for button in self.layouts.values():
            row.addWidget(button)
        row.addSpacing(10)
        for button in self.tools.values():
            row.addWidget(button)
        for widget in (self.brush, self.undo, self.clear):
            row.addWidget(widget)
        row.addWidget(self.opacity, 1)
        row.addStretch(1)
        for widget in (self.image, self.zoom, self.fit):
            row.addWidget(widget)

    # -- state --------------------------------------------------------------------------------

    def show_layout(self, layout: StageLayout) -> None:
        """Mark the layout that is on."""
        self.layouts[layout].setChecked(True)
        self.opacity.setVisible(layout is StageLayout.OVERLAY)

    def show_tool(self, tool: Tool) -> None:
        """Mark the tool that is on."""
        self.tools[tool].setChecked(True)
        self.brush.setVisible(tool is not Tool.INSPECT)

    def show_paint(self, *, painted: bool, can_undo: bool) -> None:
        """Offer undo and erase only where there is something to undo or erase."""
        self.undo.setVisible(painted or can_undo)
        self.undo.setEnabled(can_undo)
        self.clear.setVisible(painted)

    def show_images(self, count: int, image: int) -> None:
        """Offer a choice of pictures where there are several."""
        self.image.setVisible(count > 1)
        self.image.set_options([(str(i), f"{i} of {count - 1}") for i in range(count)])
        self.image.set_key(str(image))

    def show_zoom(self, scale: float | None) -> None:
        """Device pixels for a pixel of the picture; None: there is no picture."""
        text = "" if scale is None else f"{100 * scale:.0f} %"
        if text != self.zoom.text():
            self.zoom.setText(text)

    def _layout_clicked(self, button: Button) -> None:
        self.layout_chosen.emit(next(k for k, b in self.layouts.items() if b is button).value)

    def _tool_clicked(self, button: Button) -> None:
        self.tool_chosen.emit(next(k for k, b in self.tools.items() if b is button).value)
