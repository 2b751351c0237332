"""What a dropped or opened file does on the Generate page."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.events import Bytes
from pfstudio.core.image_io import MOST_PIXELS, picture_size, read_picture
from pfstudio.core.models import find_model
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.result_files import REQUEST_NAME
from pfstudio.core.results import SavedResult, result_of
from pfstudio.core.tasks import kind_of
from pfstudio.core.trace import Trace
from pfstudio.core.trace_file import read_trace
from pfstudio.ui.context import AppContext
from pfstudio.ui.language import tr
from pfstudio.ui.notify import INFO, WARNING, Notice
from pfstudio.ui.restore import Change, Dropped, Restored, changes, look_at, restored
from pfstudio.ui.restore_dialog import RestoreDialog
from pfstudio.ui.results_strip import Entry, copy_image, send_verbs
from pfstudio.ui.view_models.generate import GeneratePageModel
from pfstudio.ui.view_models.run_data import RunData
from pfstudio.ui.widgets.labels import shortened


class GenerateFiles(QObject):
    """Opens traces; takes pictures back as recipes or to start from."""

    def __init__(self, model: GeneratePageModel, context: AppContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._model, self._context, self._parent = model, context, parent
        self._notifier = context.notifier

    @Slot(object)
    def open(self, path: Path, image: int | None = None) -> bool:
        """Open a trace at once; for a picture, ask what to do with it.

        Args:
            image: which one of the run to look at; None: the same as of the run before.

        Returns:
            Whether the run of a trace is shown now.
        """
        path = path.absolute()  # a recipe remembers it
        try:
            dropped = look_at(path)
            if dropped.trace is None:
                self._ask(dropped)
                return False
            self._open_trace(dropped.trace, path)
        except PfstudioError as error:
            self._notifier.error(error)
            return False
        if image is not None:
            self._model.run.set_image(image)
        return True

    def open_last(self, entry: Entry | None) -> None:
        """After a start: show the last run again, as long as nothing else is shown."""
        if self._model.run.data is None and entry is not None and entry.result.trace is not None:
            self.open(entry.result.trace, entry.index)

    def ask_where(self, paths: Sequence[Path]) -> None:
        """One question for several files or a folder: this page opens a single file."""
        first = next((path for path in paths if not path.is_dir()), None)
        ways: list[tuple[str, Callable[[], object]]] = []
        if first is not None:
            ways.append((tr("Open {name}", name=shortened(first.name)), partial(self.open, first)))
        for key, words in (("depth", tr("Estimate depth of all")), ("upscale", tr("Upscale all"))):
            if f"page.{key}" in self._context.commands.all:
                ways.append((words, partial(self._context.send_files, key, paths)))
        what = (
            tr("%n files", "", len(paths))
            if len(paths) > 1
            else tr("The folder {name}", name=paths[0].name)
        )
        text = tr("{what} cannot be opened at once here.", what=what)
        self._notifier.post(Notice(INFO if ways else WARNING, text, actions=tuple(ways)))

    def _open_trace(self, trace: Trace, path: Path) -> None:
        saved = _result_of_trace(path)
        title = kind_of(trace.request).title(trace.request)
        self._model.run.set_trace(trace, _pictures(saved, trace), title)
        files = saved.files if saved else ()
        self._model.show_files(tuple(dict.fromkeys((*files, str(path)))))

    def parent_trace(self) -> Path | None:
        """Trace of the run that the shown one branched from, if it is still there."""
        data = self._model.run.data
        branch = data.request.branch if data is not None else None
        path = Path(branch.trace) if branch is not None else None
        return path if path is not None and path.is_absolute() and path.is_file() else None

    def pin_parent(self) -> bool:
        """Compare with the run that the shown one branched from; False: it cannot be read."""
        run, path = self._model.run, self.parent_trace()
        if path is None or run.data is None or run.data.request.branch is None:
            return False
        try:
            trace = read_trace(path)
        except PfstudioError as error:
            self._notifier.error(error)
            return False
        data = RunData.opened(trace, _pictures(_result_of_trace(path), trace))
        run.set_pinned(data, "parent", run.data.request.branch.call)
        return True

    def _ask(self, dropped: Dropped) -> None:
        rows: tuple[Change, ...] = ()
        back: Restored | None = None
        if dropped.recipe is not None:
            now, back = self._model.request(), self._restored(dropped)
            rows = changes(now, back.request, _class_names(now), _class_names(back.request))
        dialog = RestoreDialog(dropped, rows, back, self._parent.window())
        if back is not None:
            dialog.restore_wanted.connect(lambda: self.restore(back.request))
            dialog.exact_wanted.connect(lambda: self.restore(back.exact or back.request))
        dialog.start_wanted.connect(lambda: self.start_from(dropped.path))
        dialog.open()

    def _restored(self, dropped: Dropped) -> Restored:
        recipe = self._model.recipe
        names = [model.name for model in recipe.models]
        return restored(dropped, self._model.request(), names, recipe.execution)

    def restore(self, request: GenerateRequest, notices: Sequence[str] = ()) -> None:
        """Set the recipe, and say what could not be taken over; one undo step."""
        self._model.recipe.set_request(request)
        self._notifier.say(
            tr("Recipe restored."),
            level=WARNING if notices else INFO,
            advice=" ".join(notices) or tr("Undo brings back the one before."),
        )

    def _use(self, result: SavedResult) -> None:
        """Set the recipe of a saved run at once; its files are looked for as if it was dropped."""
        try:
            back = self._restored(look_at(result.folder / REQUEST_NAME))
        except PfstudioError as error:
            self._notifier.error(error)
        else:
            self.restore(back.request, back.notices)

    def start_from(self, path: Path) -> None:
        """Use a picture as the start picture."""
        self._model.recipe.set_picture(path)
        self._notifier.say(
            tr("The recipe starts from {name}.", name=path.name),
            advice=tr("Freeze the patches that stay."),
        )

    def verbs(self, entry: Entry) -> list[tuple[str, Callable[[], object]]]:
        """What the menu of a result offers."""
        folder = QUrl.fromLocalFile(str(entry.result.folder))
        about: list[tuple[str, Callable[[], object]]] = [
            (tr("Use this recipe"), partial(self._use, entry.result)),
            (tr("Show in folder"), partial(QDesktopServices.openUrl, folder)),
        ]
        image = entry.image
        if image is None:
            return about
        return [
            (tr("Copy image"), partial(copy_image, image, self._notifier)), *about,
            (tr("Use as start image"), partial(self.start_from, image)),
            *send_verbs(self._context, [image]),
        ]  # fmt: skip


def _class_names(request: GenerateRequest) -> tuple[str, ...]:
    model = find_model(request.model) or find_model(Path(request.model).name)
    return model.card.classes if model else ()


def _result_of_trace(path: Path) -> SavedResult | None:
    """The result that a trace is of; None: it lies elsewhere, or was laid beside another run's."""
    saved = result_of(path)
    return saved if saved is not None and saved.trace in (path, None) else None


def _pictures(saved: SavedResult | None, trace: Trace) -> Bytes | None:
    """The final pictures beside a trace, if all are there as they came, and not too large."""
    if saved is None or list(saved.by_number) != list(range(len(trace.latents))):
        return None
    try:
        sizes = [picture_size(path) for path in saved.by_number.values()]
        if len(set(sizes)) > 1 or sum(map(math.prod, sizes)) > MOST_PIXELS:
            return None
        pictures = [read_picture(path) for path in saved.by_number.values()]
    except InputError:
        return None
    height, width = trace.latents.shape[2:]
    times = len(pictures[0]) // height  # what was cropped or scaled elsewhere does not fit it
    whole = {picture.shape for picture in pictures} == {(height * times, width * times, 3)}
    return np.stack(pictures) if whole else None
