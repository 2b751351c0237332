"""The picture that a run starts from: shown on the stage, asked for when patches are frozen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from pfstudio.core.errors import InputError
from pfstudio.core.image_io import SUFFIXES, read_filling
from pfstudio.core.metadata import PICTURE_FORMATS
from pfstudio.core.paths import pictures_folder
from pfstudio.core.result_files import image_number
from pfstudio.ui.language import tr
from pfstudio.ui.notify import INFO, Notice, Notifier
from pfstudio.ui.stage.stage_view import StageView
from pfstudio.ui.view_models.generate import GeneratePageModel


class StartPicture(QObject):
    """Keeps the stage in step with the recipe's picture."""

    def __init__(
        self, page: GeneratePageModel, stage: StageView, notifier: Notifier, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._stage = stage
        self._notifier = notifier
        self._window = parent
        self._shown = ("", 0, 0)
        page.recipe.changed.connect(self.refresh)
        page.paint.picture_needed.connect(self.ask)

    @Slot()
    def refresh(self) -> None:
        """Show the recipe's picture as the engine will see it: upright, cut to the run's size."""
        request, model = self._page.recipe.request, self._page.recipe.model
        side = model.card.pixels if model else 0
        wanted = (request.image_file, request.width or side, request.height or side)
        if wanted == self._shown:
            return
        self._shown = wanted
        name, *size = wanted
        pixels = None
        if name and all(size):
            try:
                pixels = read_filling(name, (size[0], size[1]))
            except InputError as error:
                self._notifier.error(error)
        self._stage.set_start_picture(pixels)

    def shown_file(self) -> str:
        """The saved picture that the stage shows; "" if there is none."""
        pictures = [n for n in self._page.files if Path(n).suffix.lower() in PICTURE_FORMATS]
        image = self._page.run.image
        return next((name for name in pictures if image_number(Path(name)) == image), "")

    @Slot()
    def ask(self) -> None:
        """Frozen patches keep a picture: say so, and offer ways to give one."""
        ways = [(tr("Choose an image…"), self.choose)]
        if self.shown_file():
            ways.insert(0, (tr("Keep the one shown"), self.keep_shown))
        self._notifier.post(
            Notice(INFO, tr("Frozen patches need an image to keep."), actions=tuple(ways))
        )

    def keep_shown(self) -> None:
        """Start from the picture on the stage."""
        self._accept(self.shown_file())

    def choose(self) -> None:
        """Start from a file."""
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        name, _ = QFileDialog.getOpenFileName(
            self._window,
            tr("Start from an image"),
            str(pictures_folder()),
            tr("Images ({patterns})", patterns=patterns),
        )
        self._accept(name)

    def _accept(self, name: str) -> None:
        if name:
            self._page.recipe.set(image_file=name)
