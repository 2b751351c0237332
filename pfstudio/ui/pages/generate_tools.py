"""What the Generate page can do beside generating: compare samplers, export, open and restore."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QStackedWidget

from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.events import Bytes
from pfstudio.core.image_io import read_picture
from pfstudio.core.models import find_model
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.results import SavedResult, list_results, result_of
from pfstudio.core.trace import Trace
from pfstudio.ui.commands import Command
from pfstudio.ui.export.dialog import ExportDialog
from pfstudio.ui.export.model import ExportModel
from pfstudio.ui.lab.model import LabModel
from pfstudio.ui.lab.panel import LabPanel
from pfstudio.ui.lab.plan import LabPlan
from pfstudio.ui.notify import WARNING
from pfstudio.ui.recent import RecentDialog
from pfstudio.ui.restore import Change, Dropped, Restored, changes, look_at, restored
from pfstudio.ui.restore_dialog import RestoreDialog
from pfstudio.ui.widgets.buttons import Button

if TYPE_CHECKING:
    from pfstudio.ui.window import MainWindow


class GenerateTools(QObject):
    """The lab beside the stage, the export dialog, and what a dropped file does."""

    lab_shown = Signal(bool)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._page = window.generate
        view = window.generate_page
        self.lab = LabModel(self._page, window.engine, window.bridge, self)
        self.lab_panel = LabPanel(self.lab)
        self.export = ExportModel(self._page, window.engine, window.bridge, window.notifier, self)
        self._stack = QStackedWidget()
        view.upper.replaceWidget(0, self._stack)
        self._stack.addWidget(view.stage)
        self._stack.addWidget(self.lab_panel)
        view.upper.setStretchFactor(0, 1)
        view.stage.show()
        self._add_commands()
        self._add_buttons()
        self.lab_panel.compare_wanted.connect(self.compare)
        self.lab.trouble.connect(window.notifier.error)
        view.inspector.export_requested.connect(self.open_export)
        view.recipe.start_from.parent_wanted.connect(self.open_path)
        for signal in (self._page.run.run_changed, self.export.busy_changed):
            signal.connect(window.commands.refresh)

    def _add_commands(self) -> None:
        self._window.commands.add(
            Command("view.lab", "Sampler lab", self.toggle_lab, "View", "Alt+5",
                    checked=self.lab_is_shown, pages=("generate",)),
            Command("file.export", "Export …", self.open_export, "File", "Ctrl+E",
                    self.export.ready, pages=("generate",)),
            Command("file.recent", "Open recent …", self.open_recent, "File", "Ctrl+Shift+O"),
        )  # fmt: skip

    def _add_buttons(self) -> None:
        commands, bar = self._window.commands, self._window.generate_page.stage.bar
        there = Button("Lab", "lab", tip="Compare samplers side by side", height=30, parent=bar)
        commands.bind(there, "view.lab")
        bar.layout().insertWidget(len(bar.layouts), there)
        commands.bind(self.lab_panel.setup.back, "view.lab")

    # -- the lab ------------------------------------------------------------------------------

    def lab_is_shown(self) -> bool:
        """Whether the lab stands where the stage was."""
        return self._stack.currentWidget() is self.lab_panel

    def show_lab(self, shown: bool) -> None:
        """Show the lab, or the stage again."""
        stage = self._window.generate_page.stage
        self._stack.setCurrentWidget(self.lab_panel if shown else stage)
        self._window.commands.refresh()
        self.lab_shown.emit(shown)

    @Slot()
    def toggle_lab(self) -> None:
        """From the stage to the lab and back."""
        self.show_lab(not self.lab_is_shown())

    @Slot(tuple, int, float)
    def compare(self, samplers: tuple[str, ...], nfe: int, seconds: float) -> None:
        """Compare these samplers with the recipe as it is set."""
        try:
            self.lab.compare(LabPlan(self._page.request(), samplers, nfe, seconds))
        except InputError as error:
            self._window.notifier.error(error)

    # -- export -------------------------------------------------------------------------------

    @Slot()
    def open_export(self) -> None:
        """Show the export dialog for the shown run."""
        if self.export.ready():
            ExportDialog(self.export, self._page.run, self._window).open()
        else:
            self._window.notifier.say("There is no finished run to export.", level=WARNING)

    # -- opening and restoring ----------------------------------------------------------------

    @Slot()
    def open_recent(self) -> None:
        """Show the results on disk."""
        dialog = RecentDialog(list_results(), self._window)
        dialog.chosen.connect(self.open_path)
        dialog.open()

    @Slot(object)
    def open_path(self, path: Path) -> None:
        """Open a trace at once; for a picture, ask what to do with it."""
        try:
            dropped = look_at(path)
            if dropped.trace is not None:
                self._open_trace(dropped.trace, path)
            else:
                self._ask(dropped)
        except PfstudioError as error:
            self._window.notifier.error(error)

    def _open_trace(self, trace: Trace, path: Path) -> None:
        saved = result_of(path)
        title = self._page.title_of(trace.request)
        self._page.run.set_trace(trace, _pictures(saved, trace), title)
        self._page.show_files(saved.files if saved else (str(path),))

    def _ask(self, dropped: Dropped) -> None:
        rows: tuple[Change, ...] = ()
        back: Restored | None = None
        if dropped.recipe is not None:
            now = self._page.request()
            recipe = self._page.recipe
            names = [model.name for model in recipe.models]
            back = restored(dropped, now, names, recipe.execution)
            rows = changes(now, back.request, _class_names(now), _class_names(back.request))
        dialog = RestoreDialog(dropped, rows, back, self._window)
        _Answer(self, dialog, dropped, back)
        dialog.open()

    def restore(self, request: GenerateRequest) -> None:
        """Set the recipe; one undo step."""
        self._page.recipe.set_request(request)
        self._window.notifier.say("The recipe is restored.", advice="Undo takes it back.")

    def start_from(self, path: Path) -> None:
        """Use a picture as the start picture."""
        self._page.recipe.set_picture(path)
        self._window.notifier.say(
            f"The recipe starts from {path.name}.",
            advice="Freeze the patches that stay.",
        )


class _Answer(QObject):
    """What the user's answer to a RestoreDialog does; belongs to the dialog."""

    def __init__(
        self,
        tools: GenerateTools,
        dialog: RestoreDialog,
        dropped: Dropped,
        back: Restored | None,
    ) -> None:
        super().__init__(dialog)
        self._tools = tools
        self._dropped = dropped
        self._back = back
        dialog.restore_wanted.connect(self._restore)
        dialog.exact_wanted.connect(self._exactly)
        dialog.start_wanted.connect(self._start)

    @Slot()
    def _restore(self) -> None:
        assert self._back is not None
        self._tools.restore(self._back.request)

    @Slot()
    def _exactly(self) -> None:
        assert self._back is not None
        assert self._back.exact is not None
        self._tools.restore(self._back.exact)

    @Slot()
    def _start(self) -> None:
        self._tools.start_from(self._dropped.path)


def _class_names(request: GenerateRequest) -> tuple[str, ...]:
    model = find_model(request.model) or find_model(Path(request.model).name)
    return model.card.classes if model else ()


def _pictures(saved: SavedResult | None, trace: Trace) -> Bytes | None:
    """The final pictures beside a trace, if all are there and of one size."""
    if saved is None or len(saved.images) != len(trace.latents):
        return None
    pictures = []
    for path in saved.images:
        try:
            pictures.append(read_picture(path))
        except InputError:
            return None
    return np.stack(pictures) if len({picture.shape for picture in pictures}) == 1 else None
