"""What a run takes from files and paint: a recorded call, noise, masks, a picture, patches."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from pfstudio.core.paint import Paint
from pfstudio.ui.language import tr
from pfstudio.ui.recipe.model import RecipeModel
from pfstudio.ui.widgets.buttons import IconButton
from pfstudio.ui.widgets.labels import label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.slider import Slider


class _Chip(QWidget):
    def __init__(self, remove: str) -> None:
        super().__init__()
        self.text: QLabel = label("", "small")
        self.remove = IconButton("close", remove, side=22)
        self._line = fill(QHBoxLayout(self), (self.text, 1), self.remove, spacing=-1)

    def add(self, button: IconButton) -> None:
        """One more button, before the one that removes."""
        self._line.insertWidget(1, button)

    def show_text(self, text: str) -> None:
        self.text.setText(text)
        self.setVisible(bool(text))


class StartFrom(QWidget):
    """Visible only while the recipe starts from something."""

    parent_wanted = Signal(object)  # Path of the trace that the recipe branches from

    def __init__(self, recipe: RecipeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recipe = recipe
        self.branch = _Chip(tr("Remove branch"))
        self.branch.remove.clicked.connect(self._forget_branch)
        self.parent_run = IconButton(
            "open", tr("Open the run that this one branches from"), side=22
        )
        self.parent_run.clicked.connect(self._open_parent)
        self.branch.add(self.parent_run)
        self.picture = _Chip(tr("Remove start image"))
        self.picture.remove.clicked.connect(self._forget_picture)
        self.noise = _Chip(tr("Remove noise file"))
        self.noise.remove.clicked.connect(self._forget_noise)
        self.masks = _Chip(tr("Remove masks file"))
        self.masks.remove.clicked.connect(self._forget_masks)
        self.paint = _Chip(tr("Clear paint"))
        self.paint.remove.clicked.connect(self._forget_paint)
        tip = tr("How much of the start image is kept: 0 nothing, near 1 almost everything")
        self.start_time = Slider(tr("Start time"), 0.0, 0.95, 0.05, tip, typed=(0.0, 0.99))
        self.start_time.edited.connect(self._start_time_edited)
        fill(
            QVBoxLayout(self), label(tr("Starts from"), colour="muted"), self.branch, self.noise,
            self.masks, self.picture, self.start_time, self.paint, margins=(0, 7, 0, 0), spacing=4,
        )  # fmt: skip
        recipe.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def _open_parent(self) -> None:
        branch = self._recipe.request.branch
        if branch is not None:
            self.parent_wanted.emit(Path(branch.trace))

    @Slot()
    def _forget_branch(self) -> None:
        self._recipe.set_branch(None)

    @Slot()
    def _forget_picture(self) -> None:
        self._recipe.set_picture(None)

    @Slot()
    def _forget_noise(self) -> None:
        self._recipe.set(noise_file="")

    @Slot()
    def _forget_masks(self) -> None:
        self._recipe.set(masks_file="")

    @Slot()
    def _forget_paint(self) -> None:
        self._recipe.set(paint=())

    @Slot(float)
    def _start_time_edited(self, value: float) -> None:
        self._recipe.set(start_time=value)

    @Slot()
    def refresh(self) -> None:
        """Show what the request says."""
        request = self._recipe.request
        branch = request.branch
        self.branch.show_text(
            tr("Call {call} of an earlier run", call=branch.call + 1) if branch else ""
        )
        self.branch.text.setToolTip(branch.trace if branch else "")
        noise = Path(request.noise_file).name
        self.noise.show_text(tr("Noise of {noise}", noise=noise) if noise else "")
        masks = Path(request.masks_file).name
        self.masks.show_text(tr("Masks of {masks}", masks=masks) if masks else "")
        name = Path(request.image_file).name
        self.picture.show_text(name)
        self.picture.text.setToolTip(request.image_file)
        self.start_time.setVisible(bool(name))
        self.start_time.set_number(request.start_time)
        kinds = ((Paint.FAST, tr("fast")), (Paint.SLOW, tr("slow")), (Paint.FIXED, tr("frozen")))
        painted = [(request.paint.count(code), word) for code, word in kinds]
        counts = [f"{count} {word}" for count, word in painted if count]
        self.paint.show_text(
            tr("Painted: {counts}", counts=", ".join(counts)) if any(request.paint) else ""
        )
        self.setVisible(bool(branch or noise or masks or name or any(request.paint)))
