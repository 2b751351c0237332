"""The Library page: search on top, thumbnails in the middle, the chosen item on the right."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from pfstudio.core.errors import PfstudioError
from pfstudio.core.library import Kind, Library, LibraryItem
from pfstudio.core.paths import cache_folder, pictures_folder
from pfstudio.core.result_files import TRACE_NAME, image_number
from pfstudio.ui.commands import Command
from pfstudio.ui.context import AppContext
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.library.details import Details
from pfstudio.ui.library.grid import LibraryGrid
from pfstudio.ui.library.model import KINDS, LibraryPageModel
from pfstudio.ui.library.trash import paths_to_trash
from pfstudio.ui.notify import INFO, Notice
from pfstudio.ui.pages.page import Page
from pfstudio.ui.results_strip import copy_image, send_verbs
from pfstudio.ui.trash import Trashed, move_to_trash, restore
from pfstudio.ui.widgets.buttons import GHOST, Button
from pfstudio.ui.widgets.choice import ChoiceButton, menu_of
from pfstudio.ui.widgets.fields import Field
from pfstudio.ui.widgets.labels import Line, label
from pfstudio.ui.widgets.layouts import fill

_DAYS = {
    "": QT_TR_NOOP("Any time"),
    "1": QT_TR_NOOP("Last 24 hours"),
    "7": QT_TR_NOOP("Last 7 days"),
    "30": QT_TR_NOOP("Last 30 days"),
}


def open_library() -> Library:
    """The library of the results folder; each such folder has an index of its own."""
    root = pictures_folder()
    name = hashlib.sha256(str(root).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return Library(root, cache_folder() / f"library-{name}.sqlite")


class LibraryPage(Page):
    """Everything that was generated, upscaled or measured for depth, to find and to go on from."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.model = model = LibraryPageModel(open_library, self)
        self._trashed: list[list[Trashed]] = []  # what Undo brings back, the latest last
        self.search = Field(tr("Search the library"))
        self.search.setPlaceholderText(tr("Search prompts, classes, models, notes"))
        self.search.setClearButtonEnabled(True)
        kinds = [("", tr("All kinds")), *((kind.value, tr(text)) for kind, text in KINDS.items())]
        self.kind = ChoiceButton(tr("Kind"), kinds)
        self.made_by = ChoiceButton(tr("Model"), [("", tr("All models"))])
        self.sampler = ChoiceButton(tr("Sampler"), [("", tr("All samplers"))])
        self.days = ChoiceButton(tr("Date"), [(key, tr(text)) for key, text in _DAYS.items()])
        self.starred = Button(tr("Starred"), "star", kind=GHOST, height=28)
        self.starred.setCheckable(True)
        self.count = label("", "small", "muted")
        self.grid = LibraryGrid(model.list)
        self.details = Details()
        self.empty = QLabel()
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.middle = QStackedWidget()
        self.middle.addWidget(self.grid)
        self.middle.addWidget(self.empty)
        filters = (self.kind, self.made_by, self.sampler, self.days, self.starred)
        bar = fill(
            QHBoxLayout(), (self.search, 1), *filters, self.count,
            margins=(18, 12, 18, 10), spacing=8,
        )  # fmt: skip
        left = QWidget()
        fill(QVBoxLayout(left), bar, Line(), (self.middle, 1))
        fill(QHBoxLayout(self), (left, 1), Line(vertical=True), self.details)
        self._connect()
        self._show()

    def _connect(self) -> None:
        model, grid, details = self.model, self.grid, self.details
        self.search.textChanged.connect(lambda text: model.set_query(words=text))
        self.kind.chosen.connect(lambda key: model.set_query(kind=Kind(key) if key else None))
        self.made_by.chosen.connect(lambda key: model.set_query(model=key))
        self.sampler.chosen.connect(lambda key: model.set_query(sampler=key))
        self.days.chosen.connect(self._choose_days)
        self.starred.toggled.connect(lambda on: model.set_query(starred=on))
        model.items_changed.connect(self._show)
        model.scanned.connect(self._show)
        model.failed.connect(self.context.notifier.error)
        grid.chosen_changed.connect(self._show_chosen)
        grid.open_wanted.connect(self.open_item)
        grid.trash_wanted.connect(self.trash)
        grid.star_wanted.connect(self.toggle_star)
        grid.menu_wanted.connect(self._open_menu)
        details.open_wanted.connect(self._open_chosen)
        details.trash_wanted.connect(self.trash)
        details.marked.connect(self._mark)
        self.context.jobs.ended.connect(self._on_job_ended)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.model.scan()

    @Slot()
    def _on_job_ended(self) -> None:
        if self.isVisible():
            self.model.scan()

    def _choose_days(self, key: str) -> None:
        since = datetime.now() - timedelta(days=int(key)) if key else None
        self.model.set_query(since=since)

    @Slot()
    def _show(self) -> None:
        model = self.model
        shown, total = len(model.list.items), model.total
        found = (
            tr("{number:,} of {count:,}", number=shown, count=total)
            if shown != total
            else tr("%n items", "", total)
        )
        self.count.setText(tr("Reading…") if model.is_scanning and not total else found)
        for choice, text, names in (
            (self.made_by, tr("All models"), model.models),
            (self.sampler, tr("All samplers"), model.samplers),
        ):
            kept = sorted({*names, choice.key()} - {""})  # also what nothing is left of
            choice.set_options([("", text), *((name, name) for name in kept)])
        self.empty.setText(
            tr("Nothing matches.") if total else
            tr("Reading the results folder…") if model.is_scanning else
            tr("Results appear here as soon as they are saved.")
        )  # fmt: skip
        self.middle.setCurrentWidget(self.grid if shown else self.empty)
        for item in self.chosen():
            self.details.replaced(item)
        self.changed.emit()

    @Slot()
    def _show_chosen(self) -> None:
        self.details.show_items(self.chosen())
        self.changed.emit()

    def chosen(self) -> list[LibraryItem]:
        """The selected items."""
        return self.grid.chosen()

    # -- the user's verbs -------------------------------------------------------------------------

    @Slot(object)
    def open_item(self, item: LibraryItem) -> None:
        """Show a run with all its calls, or an image as large as there is room."""
        trace = item.path.with_name(TRACE_NAME)
        if item.kind in (Kind.DEPTH, Kind.OTHER):
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(item.path)))
        elif trace.is_file():
            self.context.open_run(trace, image_number(item.path) or 0)
        else:
            self.context.open_path(item.path)

    def _open_chosen(self) -> None:
        for item in self.chosen()[:1]:
            self.open_item(item)

    @Slot(object, bool, str)
    def _mark(self, item: LibraryItem, starred: bool, note: str) -> None:
        self.model.mark(item, starred=starred, note=note)

    def toggle_star(self) -> None:
        """Give the selected items a star, or take it away if all have one."""
        items = self.chosen()
        starred = not all(item.starred for item in items)
        for item in items:
            self.model.mark(item, starred=starred, note=item.note)
        if len(items) == 1:
            self.details.show_items([replace(items[0], starred=starred)])

    @Slot()
    def trash(self) -> None:
        """Move the selected items to the trash; Undo brings them back."""
        items = self.chosen()
        if not items:
            return
        self.details.show_items(())  # a note that is being typed goes with its file
        self.model.finish_marks()
        try:
            trashed = move_to_trash(paths_to_trash(items))
        except PfstudioError as error:
            self.context.notifier.error(error)
            self._show_chosen()
            self.model.scan()
            return
        self._trashed.append(trashed)
        gone = set(items)
        self.model.list.show_items([i for i in self.model.list.items if i not in gone])
        text = tr("Moved %n items to the trash.", "", len(items))
        undo = ((tr("Undo"), partial(self._bring_back, trashed)),)
        self.context.notifier.post(Notice(INFO, text, actions=undo))
        self.model.scan()

    def undo_trash(self) -> None:
        """Bring back what was moved to the trash last."""
        if self._trashed:
            self._bring_back(self._trashed[-1])

    def _bring_back(self, trashed: list[Trashed]) -> None:
        if trashed in self._trashed:  # not brought back already
            self._trashed.remove(trashed)
            try:
                restore(trashed)
            except PfstudioError as error:
                self.context.notifier.error(error)
            self.model.scan()

    def verbs(self) -> list[tuple[str, Callable[[], object]]]:
        """What the menu of the selected items offers."""
        items = self.chosen()
        if not items:
            return []
        images = [item.path for item in items if item.kind is not Kind.STOPPED]
        found: list[tuple[str, Callable[[], object]]] = []
        if len(items) == 1:
            folder = QUrl.fromLocalFile(str(items[0].path.parent))
            found.append((tr("Open"), partial(self.open_item, items[0])))
            if images:
                found.append(
                    (tr("Copy image"), partial(copy_image, images[0], self.context.notifier))
                )
            found.append((tr("Show in folder"), partial(QDesktopServices.openUrl, folder)))
        if images:
            found += send_verbs(self.context, images)
        star = tr("Remove star") if all(item.starred for item in items) else tr("Add star")
        return [*found, (star, self.toggle_star), (tr("Move to trash"), self.trash)]

    @Slot(object)
    def _open_menu(self, place: QPoint) -> None:
        if verbs := self.verbs():
            menu = menu_of(verbs, self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(place)

    # -- as a page -------------------------------------------------------------------------------

    def commands(self) -> Iterable[Command]:
        return (
            Command("edit.undo", "", self.undo_trash, enabled=lambda: bool(self._trashed)),
            Command("library.search", "", self.search.setFocus),
        )

    def accept(self, paths: Sequence[Path]) -> None:
        for path in paths:
            self.context.open_path(path)

    def title(self) -> str:
        count = self.model.total
        return tr("%n items · Library", "", count) if count else ""

    def fit(self) -> None:
        self.details.setVisible(not self.narrow)

    def state(self) -> dict[str, Any]:
        return {"search": self.search.text()}

    def restore_state(self, state: dict[str, Any]) -> None:
        self.search.setText(str(state.get("search", ""))[:200])

    def shut_down(self) -> None:
        self.details.keep()
        self.model.close()
