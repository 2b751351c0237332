"""What a dropped or opened file does on the Generate page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.events import Bytes
from pfstudio.core.models import find_model
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.results import SavedResult, result_of
from pfstudio.core.tasks import kind_of
from pfstudio.core.trace import Trace
from pfstudio.ui.language import tr
from pfstudio.ui.notify import Notifier
from pfstudio.ui.restore import Change, Dropped, Restored, changes, look_at, restored
from pfstudio.ui.restore_dialog import RestoreDialog
from pfstudio.ui.view_models.generate import GeneratePageModel


class GenerateFiles(QObject):
    """Opens traces; takes pictures back as recipes or to start from."""

    def __init__(self, model: GeneratePageModel, notifier: Notifier, parent: QWidget) -> None:
        super().__init__(parent)
        self._model, self._notifier, self._parent = model, notifier, parent

    @Slot(object)
    def open(self, path: Path) -> None:
        """Open a trace at once; for a picture, ask what to do with it."""
        try:
            dropped = look_at(path)
            if dropped.trace is not None:
                self._open_trace(dropped.trace, path)
            else:
                self._ask(dropped)
        except PfstudioError as error:
            self._notifier.error(error)

    def _open_trace(self, trace: Trace, path: Path) -> None:
        saved = result_of(path)
        title = kind_of(trace.request).title(trace.request)
        self._model.run.set_trace(trace, _pictures(saved, trace), title)
        self._model.show_files(saved.files if saved else (str(path),))

    def _ask(self, dropped: Dropped) -> None:
        rows: tuple[Change, ...] = ()
        back: Restored | None = None
        if dropped.recipe is not None:
            now = self._model.request()
            recipe = self._model.recipe
            names = [model.name for model in recipe.models]
            back = restored(dropped, now, names, recipe.execution)
            rows = changes(now, back.request, _class_names(now), _class_names(back.request))
        dialog = RestoreDialog(dropped, rows, back, self._parent.window())
        if back is not None:
            dialog.restore_wanted.connect(lambda: self.restore(back.request))
            dialog.exact_wanted.connect(lambda: self.restore(back.exact or back.request))
        dialog.start_wanted.connect(lambda: self.start_from(dropped.path))
        dialog.open()

    def restore(self, request: GenerateRequest) -> None:
        """Set the recipe; one undo step."""
        self._model.recipe.set_request(request)
        self._notifier.say(tr("Recipe restored."), advice=tr("Undo brings back the one before."))

    def start_from(self, path: Path) -> None:
        """Use a picture as the start picture."""
        self._model.recipe.set_picture(path)
        self._notifier.say(
            tr("The recipe starts from {name}.", name=path.name),
            advice=tr("Freeze the patches that stay."),
        )


def _class_names(request: GenerateRequest) -> tuple[str, ...]:
    model = find_model(request.model) or find_model(Path(request.model).name)
    return model.card.classes if model else ()


def _pictures(saved: SavedResult | None, trace: Trace) -> Bytes | None:
    """The final pictures beside a trace, if all are there and of one size."""
    if saved is None or len(saved.images) != len(trace.latents):
        return None
    from pfstudio.core.image_io import read_picture  # late: the window starts without it

    pictures = []
    for path in saved.images:
        try:
            pictures.append(read_picture(path))
        except InputError:
            return None
    return np.stack(pictures) if len({picture.shape for picture in pictures}) == 1 else None
