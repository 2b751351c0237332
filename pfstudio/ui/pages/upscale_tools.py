"""The Upscale page in the window: it appears with an upsampler, and takes pictures from others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from pfstudio.core.models import InstalledModel
from pfstudio.ui.commands import Command
from pfstudio.ui.navigation import Page
from pfstudio.ui.notify import WARNING
from pfstudio.ui.view_models.upscale import UpscalePageModel
from pfstudio.ui.widgets.buttons import Button

if TYPE_CHECKING:
    from pfstudio.ui.pages.depth_page import DepthPage
    from pfstudio.ui.pages.upscale_page import UpscalePage
    from pfstudio.ui.window import MainWindow

KEY = "upscale"


class UpscaleTools(QObject):
    """Owns the page's model. `page` is None until the page is opened."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.model = UpscalePageModel(
            window.generate, window.bridge, window.settings, window.notifier, self
        )
        self.page: UpscalePage | None = None

    def load(self) -> None:
        """Take the last settings."""
        if notice := self.model.recipe.load():
            self._window.notifier.say(notice, level=WARNING)

    def set_models(self, models: Sequence[InstalledModel]) -> None:
        """Tell which models are installed; with one that upscales, the page appears."""
        window, recipe = self._window, self.model.recipe
        recipe.set_models(models)
        window.generate_page.recipe.upscale.set_models(recipe.models)
        if recipe.models and KEY not in window.pages:
            self._appear()

    def _appear(self) -> None:
        window = self._window
        window.add_page(
            Page(KEY, "Upscale", "upscale", self._make, "Ctrl+3", self.model.take, self.model.title)
        )
        window.commands.add(
            Command("file.upscale", "Send to Upscale", self.send_shown, "File", "Ctrl+Shift+U",
                    self._can_send, pages=("generate",)),
        )  # fmt: skip
        self.send_button = Button("Send to Upscale", "upscale", height=34)
        window.generate_page.inspector.add_button(self.send_button)
        window.commands.bind(self.send_button, "file.upscale", hint=True)
        window.generate.result_changed.connect(window.commands.refresh)
        for signal in (self.model.files.changed, self.model.shown_changed):
            signal.connect(window.show_title)

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

    def offer_on_depth(self, page: DepthPage) -> None:
        """A button on the Depth page that sends its picture here."""
        if KEY not in self._window.pages:
            return
        files, commands = page.model.files, self._window.commands

        def send_chosen() -> None:
            assert files.chosen is not None
            self.send([files.chosen.path])

        commands.on_page("depth", "file.upscale", send_chosen,
                         enabled=lambda: files.chosen is not None)  # fmt: skip
        button = Button("Send image to Upscale", "upscale", height=34)
        page.confidence.foot.addWidget(button)
        commands.bind(button, "file.upscale")

    def send(self, paths: Sequence[Path]) -> None:
        """Open the page with these files."""
        self._window.open_page(KEY)
        self.model.take(paths)

    def close(self) -> None:
        """The window closes."""
        self.model.close()
