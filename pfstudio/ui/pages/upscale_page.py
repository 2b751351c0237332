"""The Upscale page: files and settings left, before and after in the middle, figures right."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from pfstudio.core.image_io import SUFFIXES
from pfstudio.core.metadata import PICTURE_FORMATS
from pfstudio.core.paths import pictures_folder
from pfstudio.core.upscale_files import result_name
from pfstudio.ui.commands import Command, Commands
from pfstudio.ui.files.find import paths_in
from pfstudio.ui.upscale.figures import FiguresPanel
from pfstudio.ui.upscale.panel import UpscalePanel
from pfstudio.ui.upscale.stage import UpscaleStage, UpscaleView
from pfstudio.ui.view_models.upscale import UpscalePageModel
from pfstudio.ui.widgets.labels import Line

KEY = "upscale"


class UpscalePage(QWidget):
    """Shows an UpscalePageModel."""

    def __init__(
        self, model: UpscalePageModel, commands: Commands, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.model = model
        self._commands = commands
        self.setAcceptDrops(True)
        self.panel = UpscalePanel(model)
        self.stage = UpscaleStage(model)
        self.figures = FiguresPanel(model)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.panel)
        line.addWidget(Line(vertical=True))
        line.addWidget(self.stage, 1)
        line.addWidget(self.figures)
        self.stage.pointed.connect(self.figures.set_pixel)
        self.panel.files.browse_wanted.connect(self.browse)
        self._add_commands()
        self._bind()
        for signal in (model.files_changed, model.shown_changed, self.stage.look_changed):
            signal.connect(commands.refresh)
        model.files_changed.connect(self._show_busy)
        self._show_busy()

    # -- commands -----------------------------------------------------------------------------

    def _add_commands(self) -> None:
        model, commands, stage = self.model, self._commands, self.stage
        commands.on_page(KEY, "run.generate", model.start_all, text="Upscale all",
                         enabled=model.has_due)  # fmt: skip
        commands.on_page(KEY, "run.enqueue", model.start_chosen, text="Upscale this image",
                         enabled=model.can_start_chosen)  # fmt: skip
        commands.on_page(KEY, "run.stop", model.stop, text="Stop", enabled=lambda: model.busy)
        commands.on_page(KEY, "file.open", self.browse, text="Add images …")
        commands.on_page(KEY, "file.export", self.save, text="Save …", enabled=self._has_result)
        commands.on_page(KEY, "view.noisy", stage.toggle_enlarging, text="Before: other enlarging")
        commands.on_page(KEY, "view.fit", stage.transform.fit)
        looks = (
            ("single", UpscaleView.WIPE, "Wipe"),
            ("four", UpscaleView.SIDE, "Side by side"),
            ("overlay", UpscaleView.PATCHES, "Patches"),
            ("compare", UpscaleView.DIFFERENCE, "Difference"),
        )
        for name, look, text in looks:
            commands.on_page(
                KEY, f"view.{name}", lambda look=look: stage.set_look(look), text=text,
                checked=lambda look=look: stage.look is look,
            )  # fmt: skip
        commands.on_page(KEY, "file.save_all", self.save_all, enabled=model.has_results)
        commands.add(
            Command("edit.copy_result", "Copy the result", self.copy, "Edit", "Ctrl+C",
                    self._has_result, pages=(KEY,)),
        )  # fmt: skip
        commands.on_page(KEY, "edit.next_file", self._next)
        commands.on_page(KEY, "edit.previous_file", self._previous)

    def _bind(self) -> None:
        commands, panel, figures = self._commands, self.panel, self.figures
        commands.bind(panel.start, "run.generate", hint=True)
        commands.bind(panel.start_one, "run.enqueue")
        commands.bind(panel.stop, "run.stop", hint=True)
        commands.bind(figures.save, "file.export", hint=True)
        commands.bind(figures.save_all, "file.save_all", hint=True)

    def _has_result(self) -> bool:
        return self.model.shown.result is not None

    def _next(self) -> None:
        self.model.files.step(1)

    def _previous(self) -> None:
        self.model.files.step(-1)

    @Slot()
    def _show_busy(self) -> None:
        self.panel.stop.setVisible(self.model.busy)
        self.panel.stop.setText("Stopping …" if self.model.stopping else "Stop")
        one = len(self.model.files.items) == 1
        self.panel.start.setText("Upscale" if one else "Upscale all")

    # -- files over the page -------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            self.panel.files.drop.set_waiting(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.panel.files.drop.set_waiting(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.panel.files.drop.set_waiting(False)
        self.model.add_paths(paths_in(event.mimeData()))
        event.acceptProposedAction()

    # -- dialogs ------------------------------------------------------------------------------

    @Slot()
    def browse(self) -> None:
        """Choose files."""
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        names, _ = QFileDialog.getOpenFileNames(
            self, "Images to upscale", str(pictures_folder()), f"Pictures ({patterns})"
        )
        if names:
            self.model.add_paths([Path(name) for name in names])

    def save(self) -> None:
        """Ask where the shown result goes."""
        result = self.model.shown.result
        if result is None:
            return
        name = result_name(result.source.stem, result.upscaled.upscale.factor)
        patterns = " ".join(f"*{suffix}" for suffix in PICTURE_FORMATS)
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Save the result", str(result.source.parent / name), f"Pictures ({patterns})"
        )
        if chosen:
            path = Path(chosen)
            self.model.save(path if path.suffix else path.with_suffix(".png"))

    def copy(self) -> None:
        """The shown result, without its metadata, on the clipboard."""
        pictures = self.model.shown.pictures
        if pictures is not None and pictures.sharp is not None:
            QGuiApplication.clipboard().setImage(pictures.sharp)
            self.model.say("Copied the result.")

    def save_all(self) -> None:
        """Ask for a folder for every result."""
        chosen = QFileDialog.getExistingDirectory(
            self, "Save every result in", str(pictures_folder())
        )
        if chosen:
            self.model.save_all(Path(chosen))
