"""The Models page: what is on this machine, what can be had, and moving models in and out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from pfstudio.core.catalogue import check_accepted, check_online
from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.jobs import LoadedModel
from pfstudio.core.models import Imported
from pfstudio.ui.commands import Command
from pfstudio.ui.context import AppContext
from pfstudio.ui.direction_dialog import DirectionDialog
from pfstudio.ui.files.find import paths_in
from pfstudio.ui.language import tr, tr_sentence
from pfstudio.ui.model_opener import SUFFIXES
from pfstudio.ui.models.details import ModelDetails
from pfstudio.ui.models.items import MOVING, ModelItem, State, size_text
from pfstudio.ui.models.list_view import ModelListView
from pfstudio.ui.models.page_model import ModelsPageModel
from pfstudio.ui.notify import GOOD, INFO, Notice
from pfstudio.ui.pages.page import Page
from pfstudio.ui.trash import Trashed
from pfstudio.ui.widgets.buttons import GHOST, Button
from pfstudio.ui.widgets.choice import menu_of
from pfstudio.ui.widgets.labels import Elided, Line, label
from pfstudio.ui.widgets.layouts import fill


class ModelsPage(Page):
    """Nothing is fetched here unless its button is pressed."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.model = ModelsPageModel(self)
        self._trashed: list[list[Trashed]] = []  # what Undo brings back, the latest last
        self.bring = Button(tr("Import…"), "open", tip=tr("Install a model from a file"))
        self.busy = Elided()
        self.memory = label("", "small", "muted")
        self.free = Button(tr("Free memory"), kind=GHOST, height=28)
        context.commands.bind(self.free, "tools.free_memory")
        self.disk = label("", "small", "muted")
        self.list = ModelListView(self.model.list, tr("Models"))
        self.details = ModelDetails()
        bar = fill(
            QHBoxLayout(), self.bring, (self.busy, 1), self.memory, self.free, self.disk,
            margins=(18, 12, 18, 10), spacing=12,
        )  # fmt: skip
        left = QWidget()
        rows = fill(QVBoxLayout(), self.list, margins=(10, 0, 4, 6))
        fill(QVBoxLayout(left), bar, Line(), (rows, 1))
        fill(QHBoxLayout(self), (left, 1), Line(vertical=True), self.details)
        self._connect()
        self._show()

    def _connect(self) -> None:
        model, details, notifier = self.model, self.details, self.context.notifier
        model.changed.connect(self._show)
        model.failed.connect(notifier.error)
        model.said.connect(lambda text: notifier.say(text, level=GOOD))
        model.imported.connect(self._on_imported)
        model.questioned.connect(self._ask_direction)
        model.models_changed.connect(self.context.models_changed)
        self.list.chosen_changed.connect(self._show_chosen)
        self.list.trash_wanted.connect(self.trash)
        self.list.menu_wanted.connect(self._open_menu)
        self.bring.clicked.connect(self.choose_file)
        details.download_wanted.connect(self.download)
        details.pause_wanted.connect(self.pause)
        details.discard_wanted.connect(self.discard)
        details.verify_wanted.connect(self.verify)
        details.reveal_wanted.connect(self.reveal)
        details.trash_wanted.connect(self.trash)
        self.context.settings.changed.connect(self._show)
        self.context.jobs.phase_changed.connect(self._show)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.model.scan()

    # -- what is shown ----------------------------------------------------------------------------

    @Slot()
    def _show(self) -> None:
        model = self.model
        self.busy.say(model.busy)
        self.disk.setText(
            tr("Models take {used} · {free} free",
               used=size_text(model.used), free=size_text(model.free))
        )  # fmt: skip
        loaded = sum(one.bytes for one in self._loaded())
        self.memory.setText(tr("{size} in memory", size=size_text(loaded)))
        for part in (self.memory, self.free):  # the menu Tools has the button too
            part.setVisible(bool(loaded) and not self.narrow)
        self._show_chosen()
        self.changed.emit()

    @Slot()
    def _show_chosen(self) -> None:
        item = self.list.chosen()
        leave, may_fetch = self._leave(item)
        named = item.name if item else ""
        loaded = (one.bytes for one in self._loaded() if one.name == named)
        self.details.show_item(item, leave, may_fetch, sum(loaded))

    def _loaded(self) -> tuple[LoadedModel, ...]:
        runner = self.context.jobs.runner
        return runner.loaded_models() if runner is not None else ()

    def _leave(self, item: ModelItem | None) -> tuple[str, bool]:
        """What is to be said before a download, and whether it may begin."""
        if item is None or item.entry is None:
            return "", True
        settings = self.context.settings.settings
        try:
            check_online(settings)
        except PfstudioError as error:
            return f"{tr_sentence(error)} {tr_sentence(error.advice)}", False
        try:
            check_accepted(item.entry, settings)
        except InputError:
            words = tr("For non-commercial use only: {licence}.", licence=item.entry.licence)
            return words, True
        return "", True

    @Slot(object)
    def _on_imported(self, made: Imported) -> None:
        found = made.found
        text = tr(
            "Installed {name}: recognised as {network}, {count:,} parameters ({layout} layout).",
            name=made.model.name, network=found.card.architecture, count=found.parameters,
            layout=found.layout,
        )  # fmt: skip
        advice = " ".join(map(tr_sentence, found.notices))
        self.context.notifier.post(Notice(GOOD, text, advice))
        self.list.choose(made.model.name)

    @Slot(object, int)
    def _ask_direction(self, path: Path, blocks: int) -> None:
        dialog = DirectionDialog(path, blocks, self.window())
        dialog.answered.connect(partial(self.model.answer, path))
        dialog.open()

    # -- the user's verbs -------------------------------------------------------------------------

    @Slot()
    def choose_file(self) -> None:
        """Choose a checkpoint, and install it."""
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Import a model"), str(Path.home()),
            tr("Models ({patterns})", patterns=patterns),
        )  # fmt: skip
        if name:
            self.model.import_file(Path(name))

    @Slot()
    def download(self) -> None:
        """Begin to download the chosen model, or go on; its licence is accepted by that."""
        item = self.list.chosen()
        if item is None or item.entry is None or item.model is not None:
            return
        settings = self.context.settings
        if item.entry.non_commercial:
            accepted = settings.settings.accepting(item.entry.licence).accepted_licences
            settings.set(accepted_licences=accepted)
        self.model.download(item.entry)

    @Slot()
    def pause(self) -> None:
        """End the chosen download, keeping what came."""
        if (item := self.list.chosen()) is not None and item.state in MOVING:
            self.model.pause(item.name)

    @Slot()
    def discard(self) -> None:
        """End the chosen download, and delete what came."""
        if (item := self.list.chosen()) is not None:
            self.model.discard(item.name)

    @Slot()
    def verify(self) -> None:
        """Check the chosen model."""
        if (item := self.list.chosen()) is not None and item.model is not None:
            self.model.verify(item.name)

    @Slot()
    def reveal(self) -> None:
        """Open the folder where the chosen model lies."""
        if (item := self.list.chosen()) is not None and item.folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(item.folder)))

    @Slot()
    def trash(self) -> None:
        """Move the chosen model to the trash; Undo brings it back."""
        item = self.list.chosen()
        if item is None or item.state not in (State.INSTALLED, State.BROKEN):
            return
        try:
            trashed = self.model.trash(item)
        except PfstudioError as error:
            self.context.notifier.error(error)
            return
        self._trashed.append(trashed)
        self.list.choose(None)  # pressed again, Delete would take the next one
        self.changed.emit()
        undo = ((tr("Undo"), partial(self._bring_back, trashed)),)
        text = tr("Moved {name} to the trash.", name=item.name)
        self.context.notifier.post(Notice(INFO, text, actions=undo))

    def undo_trash(self) -> None:
        """Bring back what was moved to the trash last."""
        if self._trashed:
            self._bring_back(self._trashed[-1])

    def _bring_back(self, trashed: list[Trashed]) -> None:
        if trashed in self._trashed:  # not brought back already
            self._trashed.remove(trashed)
            try:
                self.model.bring_back(trashed)
                self.list.choose(trashed[0].path.name)
            except PfstudioError as error:
                self.context.notifier.error(error)

    def verbs(self) -> list[tuple[str, Callable[[], object]]]:
        """What the menu of the chosen model offers: the buttons that are shown."""
        details = self.details
        buttons = (details.download, details.pause, details.discard, details.verify,
                   details.reveal, details.trash)  # fmt: skip
        return [(b.text(), b.click) for b in buttons if not b.isHidden() and b.isEnabled()]

    @Slot(object)
    def _open_menu(self, place: QPoint) -> None:
        menu = menu_of(self.verbs(), self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    # -- as a page -------------------------------------------------------------------------------

    def commands(self) -> Iterable[Command]:
        return (Command("edit.undo", "", self.undo_trash, enabled=lambda: bool(self._trashed)),)

    def take(self, data: QMimeData) -> None:
        """Here, what is dropped is installed."""
        try:
            self.accept(paths_in(data))
        except PfstudioError as error:
            self.context.notifier.error(error)

    def accept(self, paths: Sequence[Path]) -> None:
        for path in paths:
            self.model.import_file(path)

    def title(self) -> str:
        moving = [row for row in self.model.list.rows if isinstance(row, ModelItem)
                  and row.state is State.FETCHING]  # fmt: skip
        if moving:
            return tr("{name} · {share:.0f} %", name=moving[0].title, share=100 * moving[0].share)
        return ""

    def fit(self) -> None:
        self._show()

    def state(self) -> dict[str, Any]:
        item = self.list.chosen()
        return {"model": item.name if item else ""}

    def restore_state(self, state: dict[str, Any]) -> None:
        self.list.choose(str(state.get("model", "")))

    def busy_reason(self) -> str:
        return tr("A model is being installed.") if self.model.installing else ""

    def shut_down(self) -> None:
        self.model.close()
