"""The stage's tool bar: layout, tool, and what belongs to the chosen ones."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from pfstudio.core.paint import Paint
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.view_models.paint import MAX_BRUSH
from pfstudio.ui.widgets.buttons import IconButton
from pfstudio.ui.widgets.choice import ChoiceButton
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
    PATH = "path"


LAYOUTS = {
    StageLayout.SINGLE: (QT_TR_NOOP("Single"), "single", QT_TR_NOOP("One view")),
    StageLayout.FOUR: (QT_TR_NOOP("Four views"), "four", QT_TR_NOOP("Four linked views")),
    StageLayout.OVERLAY: (
        QT_TR_NOOP("Overlay"),
        "overlay",
        QT_TR_NOOP("A map over the prediction"),
    ),
    StageLayout.COMPARE: (
        QT_TR_NOOP("Compare"),
        "compare",
        QT_TR_NOOP("Against another call or run"),
    ),
}
TOOLS = {
    Tool.INSPECT: (
        QT_TR_NOOP("Inspect"),
        "inspect",
        QT_TR_NOOP("Click a patch to inspect it, drag to pan"),
    ),
    Tool.FAST: (
        QT_TR_NOOP("Paint fast"),
        "fast",
        QT_TR_NOOP("Patches that finish early in the next run"),
    ),
    Tool.SLOW: (
        QT_TR_NOOP("Paint slow"),
        "slow",
        QT_TR_NOOP("Patches that finish late in the next run"),
    ),
    Tool.FREEZE: (
        QT_TR_NOOP("Freeze"),
        "freeze",
        QT_TR_NOOP("Patches that keep the start image in the next run"),
    ),
    Tool.ERASE: (QT_TR_NOOP("Erase"), "eraser", QT_TR_NOOP("Erase paint")),
    Tool.PATH: (
        QT_TR_NOOP("Draw path"),
        "path",
        QT_TR_NOOP("Draw in which order the next run scans the patches"),
    ),
}
PAINTS = {
    Tool.FAST: Paint.FAST, Tool.SLOW: Paint.SLOW, Tool.FREEZE: Paint.FIXED, Tool.ERASE: Paint.FREE,
}  # fmt: skip


class StageToolBar(FittingBar):
    """Buttons only; the stage decides what they do."""

    layout_chosen = Signal(str)
    tool_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = self.row
        self.layouts = self.add_choice(LAYOUTS, self.layout_chosen.emit)
        row.addSpacing(10)
        self.tools = self.add_choice(TOOLS, self.tool_chosen.emit)
        sizes = [(str(i), f"{i} × {i}") for i in range(1, MAX_BRUSH + 1)]
        self.brush = ChoiceButton(
            tr("Brush size in patches"), sizes, prefix=tr("brush"), parent=self
        )
        self.undo = IconButton("undo", tr("Undo the last stroke"), parent=self)
        self.clear = IconButton("trash", tr("Clear all paint"), parent=self)
        self.opacity = SlimSlider(tr("Opacity of the map"), 0, 100, self)
        self.image = ChoiceButton(
            tr("Image of the batch"), [("0", "1")], prefix=tr("image"), parent=self
        )
        self.zoom = QLabel("", self)
        self.spare = (self.zoom,)
        self.fit = IconButton("fit", tr("Show the whole image (0)"), parent=self)
        for widget in (self.brush, self.undo, self.clear):
            row.addWidget(widget)
        row.addWidget(self.opacity, 1)
        row.addStretch(1)
        for part in (self.image, self.zoom, self.fit):
            row.addWidget(part)
        self.show_layout(StageLayout.FOUR)
        self.show_tool(Tool.INSPECT)

    # -- state --------------------------------------------------------------------------------

    def show_layout(self, layout: StageLayout) -> None:
        """Mark the layout that is on."""
        self.layouts[layout].setChecked(True)
        self.opacity.setVisible(layout is StageLayout.OVERLAY)

    def show_tool(self, tool: Tool) -> None:
        """Mark the tool that is on."""
        self.tools[tool].setChecked(True)
        self.brush.setVisible(tool in PAINTS)

    def show_path(self, *, available: bool) -> None:
        """Offer to draw a path only where the model scans."""
        button = self.tools[Tool.PATH]
        if button.isHidden() == available:
            button.setVisible(available)
            self.make_fit()

    def show_paint(self, *, painted: bool, can_undo: bool) -> None:
        """Offer undo and erase only where there is something to undo or erase."""
        self.undo.setVisible(painted or can_undo)
        self.undo.setEnabled(can_undo)
        self.clear.setVisible(painted)

    def show_images(self, count: int, image: int) -> None:
        """Offer a choice of pictures where there are several."""
        self.image.setVisible(count > 1)
        self.image.set_options(
            [(str(i), tr("{number} of {count}", number=i + 1, count=count)) for i in range(count)]
        )
        self.image.set_key(str(image))

    def show_zoom(self, scale: float | None) -> None:
        """Device pixels for a pixel of the picture; None: there is no picture."""
        text = "" if scale is None else f"{100 * scale:.0f} %"
        if text != self.zoom.text():
            self.zoom.setText(text)
