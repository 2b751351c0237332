"""The Upscale page in the window: it appears with an upsampler, and takes pictures from others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from pfstudio.core.models import InstalledModel
from pfstudio.core.upscale import UpscaleRequest
from pfstudio.ui.commands import Command
from pfstudio.ui.jobs import JobHandle
from pfstudio.ui.navigation import Page
from pfstudio.ui.notify import WARNING
from pfstudio.ui.widgets.buttons import Button

if TYPE_CHECKING:
    from pfstudio.ui.pages.upscale_page import UpscalePage
    from pfstudio.ui.view_models.upscale import UpscalePageModel
    from pfstudio.ui.window import MainWindow

KEY = "upscale"


class UpscaleTools(QObject):
    """The Upscale page of a window. Nothing of it is imported until it is needed."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._model: UpscalePageModel | None = None
        self._models: tuple[InstalledModel, ...] = ()
        self.page: UpscalePage | None = None  # None until it is opened
        window.jobs.adopted.connect(self._on_adopted)

    @property
    def model(self) -> UpscalePageModel:
        """The page's view-model, made now if need be."""
        if self._model is None:
            from pfstudio.ui.view_models.upscale import UpscalePageModel

            window = self._window
            self._model = model = UpscalePageModel(
                window.jobs, window.settings, window.notifier, self
            )
            if notice := model.recipe.load():
                window.notifier.say(notice, level=WARNING)
            model.recipe.set_models(self._models)
            for signal in (model.files_changed, model.shown_changed):
                signal.connect(window.show_title)
        return self._model

    # -- for the window -----------------------------------------------------------------------

    def set_models(self, models: Iterable[InstalledModel]) -> None:
        """Tell which models are installed; with one that upscales, the page appears."""
        self._models = tuple(m for m in models if m.card.task == "upscale")
        self._window.generate_page.recipe.upscale.set_models(self._models)
        if self._model is not None:
            self._model.recipe.set_models(self._models)
        if self._models and KEY not in self._window.pages:
            self._appear()

    def _appear(self) -> None:
        window = self._window
        window.add_page(
            Page(KEY, "Upscale", "upscale", self._make, "Ctrl+3", self.take, self.title)
        )
        window.commands.add(
            Command("file.upscale", "Send to Upscale", self.send_shown, "File", "Ctrl+Shift+U",
                    self._can_send, pages=("generate",)),
        )  # fmt: skip
        self.send_button = Button("Send to Upscale", "upscale", height=34)
        window.generate_page.inspector.add_button(self.send_button)
        window.commands.bind(self.send_button, "file.upscale", hint=True)
        window.generate.result_changed.connect(window.commands.refresh)

    def take(self, paths: list[Path]) -> None:
        """Files were dropped or pasted."""
        self.model.add_paths(paths)

    def title(self) -> str:
        """Words for the window's title line."""
        return self.model.title()

    @Slot(object)
    def _on_adopted(self, handle: JobHandle) -> None:
        """A run of an earlier session begins: the page must know of it."""
        if isinstance(handle.request, UpscaleRequest):
            self.model.adopt(handle)

    def _make(self) -> QWidget:
        from pfstudio.ui.pages.upscale_page import UpscalePage  # not before it is opened

        self.page = UpscalePage(self.model, self._window.commands)
        return self.page

    def _can_send(self) -> bool:
        return bool(self._window.start_picture.shown_file())

    @Slot()
    def send_shown(self) -> None:
        """Send the finished picture on Generate's stage; its metadata travel in the file."""
        if name := self._window.start_picture.shown_file():
            self.send([Path(name)])

    def send(self, paths: Sequence[Path]) -> None:
        """Open the page with these files."""
        self._window.open_page(KEY)
        self.model.add_paths(paths)

    def close(self) -> None:
        """The window closes."""
        if self._model is not None:
            self._model.close()
