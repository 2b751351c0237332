"""The Depth page: files and recipe left, the stage in the middle, confidence right."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSplitter, QWidget

from pfstudio.core.errors import PfstudioError
from pfstudio.ui.commands import Commands
from pfstudio.ui.depth.confidence import ConfidencePanel
from pfstudio.ui.depth.recipe import DepthRecipePanel
from pfstudio.ui.depth.runs import run_of
from pfstudio.ui.depth.save import DepthSaver, SaveDialog
from pfstudio.ui.depth.stage import DepthStage
from pfstudio.ui.files.find import paths_in
from pfstudio.ui.files.model import FileItem
from pfstudio.ui.notify import Notifier
from pfstudio.ui.view_models.depth import DepthPageModel
from pfstudio.ui.widgets.buttons import DANGER, PRIMARY, Button
from pfstudio.ui.widgets.labels import Line


class DepthPage(QWidget):
    """Shows a DepthPageModel. `commands` must hold the commands whose keys the page shares."""

    def __init__(
        self, model: DepthPageModel, saver: DepthSaver, commands: Commands, notifier: Notifier,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.model, self.saver = model, saver
        self._notifier = notifier
        self.recipe = DepthRecipePanel(model)
        self.stage = DepthStage(model)
        self.confidence = ConfidencePanel(model, self.stage.pair.marks)
        self.stop = Button("Stop", "stop", kind=DANGER, height=38)
        self.estimate = Button("Estimate all", kind=PRIMARY, height=38)
        self.save = Button("Save …", "export", tip="Save the depth of this image", height=34)
        self.save_all = Button("Save all …", "folder", tip="Save every depth", height=34)
        self._lay_out()
        pair = self.stage.pair
        pair.pointed.connect(self.confidence.refresh_pointer)
        pair.line_changed.connect(self.confidence.refresh_pointer)
        for panel in (self.recipe.files, self.stage):
            panel.browse_wanted.connect(self.browse)
        model.files_changed.connect(self.refresh)
        self._bind(commands)
        self.setAcceptDrops(True)
        self.refresh()

    def _lay_out(self) -> None:
        self.recipe.foot.addWidget(self.stop)
        self.recipe.foot.addWidget(self.estimate)
        saving = QHBoxLayout()
        saving.setSpacing(6)
        saving.addWidget(self.save, 1)
        saving.addWidget(self.save_all, 1)
        self.confidence.foot.addLayout(saving)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.addWidget(self.stage)
        self.split.addWidget(self.confidence)
        self.split.setStretchFactor(0, 1)
        self.split.setStretchFactor(1, 0)
        self.split.setSizes([940, 290])
        self.split.setHandleWidth(1)
        self.split.setChildrenCollapsible(False)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.recipe)
        line.addWidget(Line(vertical=True))
        line.addWidget(self.split, 1)

    def _bind(self, commands: Commands) -> None:
        """Let the buttons follow the commands."""
        commands.bind(self.stop, "run.stop", hint=True)
        commands.bind(self.estimate, "run.generate", hint=True)
        commands.bind(self.save, "file.export")
        commands.bind(self.save_all, "file.save_all")

    def add_upscale_button(self, commands: Commands) -> None:
        """Offer to send the image on; only where there is an Upscale page."""
        button = Button("Send image to Upscale", "upscale", height=34)
        self.confidence.foot.addWidget(button)
        commands.bind(button, "file.upscale")

    @Slot()
    def refresh(self) -> None:
        """Show what can be done now."""
        self.stop.setVisible(self.model.busy)
        self.save_all.setVisible(len(self.model.files.items) > 1)

    # -- verbs ------------------------------------------------------------------------------------

    @Slot()
    def browse(self) -> None:
        """Choose pictures."""
        from pfstudio.core.image_io import SUFFIXES  # late: it brings OpenCV along

        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        names, _ = QFileDialog.getOpenFileNames(
            self, "Open images", "", f"Images ({patterns});;All files (*)"
        )
        if names:
            self.model.add_paths([Path(name) for name in names])

    def can_save(self) -> bool:
        """Whether the file that is looked at has a result."""
        chosen = self.model.files.chosen
        return chosen is not None and run_of(chosen).result is not None

    def save_chosen(self) -> None:
        """Ask for formats and folder, and write the file that is looked at."""
        chosen = self.model.files.chosen
        if chosen is not None and self.can_save():
            self._ask([chosen], f"Depth of {chosen.path.name}")

    def save_every(self) -> None:
        """Ask for formats and folder, and write every result."""
        items = self.model.finished()
        if items:
            self._ask(items, f"Depth of {len(items)} images")

    def _ask(self, items: list[FileItem], what: str) -> None:
        dialog = SaveDialog(self.saver, what, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._save(items, dialog))
        dialog.open()

    def _save(self, items: list[FileItem], dialog: SaveDialog) -> None:
        try:
            self.saver.save(items, Path(dialog.folder.text().strip()), dialog.formats())
        except PfstudioError as error:
            self._notifier.error(error)

    # -- files over the page ----------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            self.recipe.files.drop.set_waiting(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.recipe.files.drop.set_waiting(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.recipe.files.drop.set_waiting(False)
        self.model.add_paths(paths_in(event.mimeData()))
        event.acceptProposedAction()

    # -- layout that persists ---------------------------------------------------------------------

    def layout_state(self) -> dict[str, object]:
        """What the user arranged, for the layout file."""
        return {"split": self.split.sizes(), "view": self.stage.view.value}

    def restore_layout(self, state: dict[str, object]) -> None:
        """Arrange as stored; anything unusable is passed over."""
        sizes = state.get("split")
        if isinstance(sizes, list) and len(sizes) == 2 and all(type(s) is int for s in sizes):
            self.split.setSizes(sizes)
        if state.get("view") in {view.value for view in type(self.stage.view)}:
            self.stage.set_view(str(state["view"]))
