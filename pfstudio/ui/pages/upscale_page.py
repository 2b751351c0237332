"""The Upscale page: files and settings left, before and after in the middle, figures right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from pfstudio.core.files import with_ending
from pfstudio.core.image_io import SUFFIXES
from pfstudio.core.metadata import PICTURE_FORMATS
from pfstudio.core.models import InstalledModel
from pfstudio.core.paths import pictures_folder
from pfstudio.core.upscale_files import result_name
from pfstudio.ui.commands import Command
from pfstudio.ui.context import AppContext
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.notify import WARNING
from pfstudio.ui.pages.file_list_commands import file_list_commands
from pfstudio.ui.pages.page import Document, Page
from pfstudio.ui.upscale.figures import FiguresPanel
from pfstudio.ui.upscale.page_model import UpscalePageModel
from pfstudio.ui.upscale.panel import UpscalePanel
from pfstudio.ui.upscale.stage import UpscaleStage, UpscaleView
from pfstudio.ui.widgets.labels import Line
from pfstudio.ui.widgets.layouts import fill

VIEWS = (
    ("single", UpscaleView.WIPE, QT_TR_NOOP("Wipe")),
    ("four", UpscaleView.SIDE, QT_TR_NOOP("Side by side")),
    ("overlay", UpscaleView.PATCHES, QT_TR_NOOP("Patches")),
    ("compare", UpscaleView.DIFFERENCE, QT_TR_NOOP("Difference")),
)


class UpscalePage(Page):
    """Makes pictures larger, and shows what was gained."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.model = model = UpscalePageModel(
            context.jobs, context.settings, context.notifier, self
        )
        if notice := model.recipe.load():
            context.notifier.say(notice, level=WARNING)
        self.panel = UpscalePanel(model)
        self.stage = UpscaleStage(model)
        self.figures = FiguresPanel(model)
        self.drop_zone = self.panel.files.drop
        fill(QHBoxLayout(self), self.panel, Line(vertical=True), (self.stage, 1), self.figures)
        self.stage.pointed.connect(self.figures.set_pixel)
        self.panel.files.browse_wanted.connect(self.browse)
        for signal in (model.files_changed, model.shown_changed, self.stage.view_changed):
            signal.connect(self.changed)
        model.files_changed.connect(self._show_busy)
        self._bind()
        self._show_busy()

    def _bind(self) -> None:
        bind, panel, figures = self.context.commands.bind, self.panel, self.figures
        open_model = self.context.commands.action("file.open_model").trigger
        panel.open_model_wanted.connect(open_model)
        bind(panel.start, "run.generate", hint=True)
        bind(panel.start_one, "run.enqueue")
        bind(panel.stop, "run.stop", hint=True)
        bind(panel.stop_all, "run.stop_all")
        bind(figures.save, "file.save", hint=True)
        bind(figures.save_all, "file.save_all", hint=True)

    def _has_result(self) -> bool:
        return self.model.shown.result is not None

    @Slot()
    def _show_busy(self) -> None:
        self.panel.stop.setVisible(self.model.busy)
        self.panel.stop_all.setVisible(self.model.waits)
        self.panel.stop.setText(tr("Stopping…") if self.model.stopping else tr("Stop"))
        one = len(self.model.files.items) == 1
        self.panel.start.setText(tr("Upscale") if one else tr("Upscale all"))

    # -- as a page -------------------------------------------------------------------------------

    def commands(self) -> Iterable[Command]:
        model, stage = self.model, self.stage

        def view(name: str, which: UpscaleView, text: str) -> Command:
            return Command(
                f"view.{name}", tr(text), partial(stage.set_view, which),
                checked=lambda: stage.view is which,
            )  # fmt: skip

        return (
            *file_list_commands(
                model, self.context.jobs, tr("Upscale all"), tr("Upscale this image")
            ),
            Command("file.open", tr("Add images…"), self.browse),
            Command("file.save", tr("Save…"), self.save, enabled=self._has_result),
            Command("file.save_all", "", self.save_all, enabled=model.has_results),
            Command("edit.copy_result", "", self.copy, enabled=self._has_result),
            Command("view.noisy", tr("Before: other enlarging"), stage.toggle_enlarging),
            Command("view.fit", "", stage.transform.fit),
            *(view(*each) for each in VIEWS),
        )  # fmt: skip

    def set_models(self, models: Sequence[InstalledModel]) -> None:
        self.model.recipe.set_models(models)

    def choose_model(self, name: str) -> None:
        self.model.recipe.set(model=name)

    def accept(self, paths: Sequence[Path]) -> None:
        self.model.add_paths(paths)

    def adopt(self, handle: JobHandle) -> None:
        self.model.adopt(handle)

    def view_widget(self) -> QWidget:
        return self.stage.pair

    def title(self) -> str:
        return self.model.title()

    def fit(self) -> None:
        self.figures.setVisible(not self.narrow)

    def kept(self) -> Iterable[Document]:
        return (self.model.recipe.stored(),)

    def busy_reason(self) -> str:
        saver = self.model.saver
        return tr("%n upscaled images are still to be saved.", "", saver.left) if saver.busy else ""

    def shut_down(self) -> None:
        self.model.close()

    # -- dialogs ------------------------------------------------------------------------------

    @Slot()
    def browse(self) -> None:
        """Choose files."""
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        names, _ = QFileDialog.getOpenFileNames(
            self,
            tr("Images to upscale"),
            str(pictures_folder()),
            tr("Images ({patterns})", patterns=patterns),
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
            self,
            tr("Save the result"),
            str(result.source.parent / name),
            tr("Images ({patterns})", patterns=patterns),
        )
        if chosen:
            self.model.save(with_ending(Path(chosen), ".png"))

    def copy(self) -> None:
        """The shown result, without its metadata, on the clipboard."""
        pictures = self.model.shown.pictures
        if pictures is not None and pictures.sharp is not None:
            QGuiApplication.clipboard().setImage(pictures.sharp)
            self.context.notifier.say(tr("Copied the result."))

    def save_all(self) -> None:
        """Ask for a folder for every result."""
        chosen = QFileDialog.getExistingDirectory(
            self, tr("Save every result in"), str(pictures_folder())
        )
        if chosen:
            self.model.save_all(Path(chosen))
