"""The Depth page: files and recipe left, the stage in the middle, confidence right."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSplitter, QWidget

from pfstudio.core.depth import DepthRequest
from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.models import InstalledModel
from pfstudio.core.paths import config_folder
from pfstudio.core.settings import read_document
from pfstudio.ui.commands import Command
from pfstudio.ui.context import AppContext
from pfstudio.ui.depth.confidence import ConfidencePanel
from pfstudio.ui.depth.page_model import DepthPageModel
from pfstudio.ui.depth.recipe import DepthRecipePanel
from pfstudio.ui.depth.runs import run_of
from pfstudio.ui.depth.save import DepthSaver, SaveDialog
from pfstudio.ui.depth.stage import DepthStage
from pfstudio.ui.files.model import FileItem
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.language import tr, tr_sentence
from pfstudio.ui.notify import WARNING
from pfstudio.ui.pages.file_list_commands import file_list_commands
from pfstudio.ui.pages.page import Document, Page, panel_command, time_commands
from pfstudio.ui.widgets.buttons import DANGER, PRIMARY, Button
from pfstudio.ui.widgets.labels import Line
from pfstudio.ui.widgets.layouts import fill

log = logging.getLogger(__name__)

VERSION = 1


def recipe_path() -> Path:
    """Where the last depth recipe is kept."""
    return config_folder() / "depth.json"


class DepthPage(Page):
    """Estimates the depth of files, and shows how sure it is."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.model = model = DepthPageModel(context.jobs, context.settings, context.notifier, self)
        self.saver = DepthSaver(model, context.notifier, self)
        self._load_recipe()
        self.recipe = DepthRecipePanel(model)
        self.stage = DepthStage(model)
        self._roomy_sizes: list[int] = []  # of the splitter, while the page is narrow
        self.confidence = ConfidencePanel(model, self.stage.pair.marks)
        self._lay_out()
        pair = self.stage.pair
        pair.pointed.connect(self.confidence.refresh_pointer)
        pair.line_changed.connect(self.confidence.refresh_pointer)
        for panel in (self.recipe.files, self.stage):
            panel.browse_wanted.connect(self.browse)
        model.files_changed.connect(self.refresh)
        model.all_ended.connect(context.tell_desktop)
        for signal in (
            model.files_changed,
            model.shown_changed,
            model.display.changed,
            self.stage.view_changed,
        ):
            signal.connect(self.changed)
        self.drop_zone = self.recipe.files.drop
        self.refresh()

    def _lay_out(self) -> None:
        bind = self.context.commands.bind
        self.stop = Button(tr("Stop"), "stop", kind=DANGER, height=38)
        self.stop_all = Button(tr("Stop all"), kind=DANGER, height=38)
        self.estimate = Button(tr("Estimate all"), kind=PRIMARY, height=38)
        self.save = Button(tr("Save…"), "export", tip=tr("Save the depth of this image"), height=34)
        self.save_all = Button(tr("Save all…"), tip=tr("Save every depth"), height=34)
        send = Button(tr("Send image to Upscale"), "upscale", height=34)
        self.recipe.foot.addLayout(fill(QHBoxLayout(), (self.stop, 1), self.stop_all, spacing=6))
        self.recipe.foot.addWidget(self.estimate)
        saving = fill(QHBoxLayout(), (self.save, 1), (self.save_all, 1), spacing=6)
        self.confidence.foot.addLayout(saving)
        self.confidence.foot.addWidget(send)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.addWidget(self.stage)
        self.split.addWidget(self.confidence)
        self.split.setStretchFactor(0, 1)
        self.split.setStretchFactor(1, 0)
        self.split.setSizes([940, 290])
        self.split.setHandleWidth(1)
        self.split.setChildrenCollapsible(False)
        fill(QHBoxLayout(self), self.recipe, Line(vertical=True), (self.split, 1))
        open_model = self.context.commands.action("file.open_model").trigger
        self.recipe.open_model_wanted.connect(open_model)
        bind(self.stop, "run.stop", hint=True)
        bind(self.stop_all, "run.stop_all")
        bind(self.estimate, "run.generate", hint=True)
        bind(self.save, "file.save")
        bind(self.save_all, "file.save_all")
        bind(send, "file.upscale")

    @Slot()
    def refresh(self) -> None:
        """Show what can be done now."""
        self.stop.setVisible(self.model.busy)
        self.stop_all.setVisible(self.model.waits)
        self.save_all.setVisible(len(self.model.files.items) > 1)

    # -- as a page -------------------------------------------------------------------------------

    def commands(self) -> Iterable[Command]:
        model, stage = self.model, self.stage

        def is_chosen() -> bool:
            return model.files.chosen is not None

        views = [
            Command(f"view.{name}", button.accessibleName(), partial(stage.set_view, view.value),
                    checked=button.isChecked)
            for name, (view, button) in zip(
                ("single", "four", "overlay", "compare"), stage.bar.views.items(), strict=True
            )
        ]  # fmt: skip
        return (
            *file_list_commands(
                model, self.context.jobs, tr("Estimate all"), tr("Estimate this image again")
            ),
            Command("file.open", "", self.browse),
            Command("file.save", tr("Save depth…"), self.save_chosen, enabled=self.can_save),
            Command("file.save_all", "", self.save_every, enabled=model.has_results),
            Command(
                "file.upscale", tr("Send image to Upscale"), self.send_chosen, enabled=is_chosen
            ),
            Command("depth.remove", "", self.remove_chosen, enabled=is_chosen),
            Command("depth.mask", "", self.toggle_mask, checked=self.is_masked),
            Command("view.fit", "", stage.fit),
            Command("tool.inspect", tr("Probe"), stage.toggle_probe,
                    checked=stage.bar.probe.isChecked),
            *time_commands(stage.player),
            *views,
            panel_command("view.recipe", self.recipe),
            panel_command("view.inspector", self.confidence),
            panel_command("view.timeline", self.stage.flow_bar),
        )  # fmt: skip

    def set_models(self, models: Sequence[InstalledModel]) -> None:
        self.model.set_models(models)

    def accept(self, paths: Sequence[Path]) -> None:
        self.model.add_paths(paths)

    def adopt(self, handle: JobHandle) -> None:
        self.model.adopt(handle)

    def view_widget(self) -> QWidget | None:
        return self.stage.views()

    def title(self) -> str:
        return self.model.title()

    def state(self) -> dict[str, Any]:
        sizes = self._roomy_sizes if self.narrow else self.split.sizes()
        return {"split": sizes, "view": self.stage.view.value}

    def fit(self) -> None:
        if self.narrow:
            self._roomy_sizes = self.split.sizes()
        self.confidence.setVisible(not self.narrow)

    def restore_state(self, state: dict[str, Any]) -> None:
        sizes = state.get("split")
        if isinstance(sizes, list) and len(sizes) == 2 and all(type(s) is int for s in sizes):
            self.split.setSizes(sizes)
        if state.get("view") in {view.value for view in type(self.stage.view)}:
            self.stage.set_view(str(state["view"]))

    def choose_model(self, name: str) -> None:
        self.model.set(model=name)

    def busy_reason(self) -> str:
        return (
            tr("%n depth maps are still to be saved.", "", self.saver.left)
            if self.saver.busy
            else ""
        )

    def kept(self) -> Iterable[Document]:
        data = {"request": self.model.request.to_json(), "formats": list(self.saver.formats)}
        return ((recipe_path(), VERSION, data),)

    def shut_down(self) -> None:
        self.model.close()
        self.saver.stop()

    def _load_recipe(self) -> None:
        say = self.context.notifier.say
        data, notice = read_document(recipe_path(), VERSION)
        if notice:
            say(notice, level=WARNING)
        if "request" in data:
            try:
                self.model.request = DepthRequest.from_json(data["request"])
            except InputError as error:
                say(
                    tr("The last depth recipe cannot be used: {error}", error=tr_sentence(error)),
                    level=WARNING,
                )

    # -- verbs ------------------------------------------------------------------------------------

    @Slot()
    def browse(self) -> None:
        """Choose pictures."""
        from pfstudio.core.image_io import SUFFIXES  # late: it brings OpenCV along

        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        names, _ = QFileDialog.getOpenFileNames(
            self, tr("Open images"), "", tr("Images ({patterns});;All files (*)", patterns=patterns)
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
            self._ask([chosen], tr("Depth of {name}", name=chosen.path.name))

    def save_every(self) -> None:
        """Ask for formats and folder, and write every result."""
        items = self.model.finished()
        if items:
            self._ask(items, tr("Depth of %n images", "", len(items)))

    def _ask(self, items: list[FileItem], what: str) -> None:
        dialog = SaveDialog(self.saver, what, self.window())
        dialog.accepted.connect(lambda: self._save(items, dialog))
        dialog.open()

    def _save(self, items: list[FileItem], dialog: SaveDialog) -> None:
        try:
            self.saver.save_items(items, Path(dialog.folder.text().strip()), dialog.formats())
        except PfstudioError as error:
            self.context.notifier.error(error)

    def send_chosen(self) -> None:
        """Upscale the file that is looked at."""
        if self.model.files.chosen is not None:
            self.context.send_files("upscale", [self.model.files.chosen.path])

    def remove_chosen(self) -> None:
        """Take the file that is looked at out of the list."""
        if self.model.files.chosen is not None:
            self.model.remove(self.model.files.chosen)

    def is_masked(self) -> bool:
        """Whether uncertain pixels are hidden."""
        return self.model.display.settings.masked

    def toggle_mask(self) -> None:
        """Hide uncertain pixels, or show them again."""
        self.model.display.set(masked=not self.is_masked())
