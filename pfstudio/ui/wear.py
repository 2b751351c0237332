"""Uses the window as a person in a hurry would; for the soak run."""

from __future__ import annotations

import random

from PySide6.QtWidgets import QApplication

from pfstudio.core.errors import RunError
from pfstudio.core.samplers import SAMPLERS
from pfstudio.ui import theme
from pfstudio.ui.jobs import Phase
from pfstudio.ui.script import Waiter
from pfstudio.ui.toasts import Toast
from pfstudio.ui.window import MainWindow
from pfstudio.ui.worker import GuiCollector

LAYOUTS = ("single", "four", "overlay", "compare")
CALLS = 200  # longer than anybody waits
REST_CALLS = 8


class Wear:
    """A window with its engine, used at random but repeatably."""

    def __init__(self, dice: random.Random) -> None:
        app = QApplication.instance() or QApplication([])
        theme.apply(app, "dark")
        self._dice = dice
        self._window = MainWindow()
        self._page = self._window.generate
        self._waiter = Waiter(self._window.notifier)
        self._collector = GuiCollector()
        self._window.jobs.bridge.ready.connect(self._collector.settle)

    def start(self) -> None:
        """Open the window and wait for the engine."""
        self._collector.start()
        self._window.show()
        self._window.start()
        self._waiter.until(lambda: self._window.jobs.engine.ready, "the engine", 120)
        if self._page.recipe.model is None:
            raise RunError("No model is installed, so there is nothing to run.")

    def close(self) -> None:
        """Close window and engine."""
        self._window.close()
        self._collector.stop()
        self._window.deleteLater()

    def cycle(self, times: int) -> None:
        """Generate, look at a few calls, cancel."""
        page = self._page
        for _ in range(times):
            page.recipe.choose_sampler(self._dice.choice(tuple(SAMPLERS)))
            page.recipe.set_budget(CALLS)
            page.generate()
            calls = self._dice.randrange(4)
            self._waiter.until(
                lambda calls=calls: page.run.is_live and page.run.done >= calls, "a call", 120
            )
            page.jobs.stop()
            self._waiter.until(lambda: page.jobs.phase is Phase.IDLE, "the run to stop", 120)

    def switch(self, times: int) -> None:
        """Change model, layout, theme and page, with the dialogs that belong to them."""
        window, page = self._window, self._page
        models = [model.name for model in page.recipe.models]
        for number in range(times):
            before = page.recipe.estimate
            page.recipe.set_model(models[number % len(models)])
            window.jobs.free_memory()
            window.jobs.estimate(page.request())  # loads it
            window.tools.show_lab(number % 2 == 0)
            window.generate_page.stage.set_layout(self._dice.choice(LAYOUTS))
            window.settings.set(theme=("dark", "light", "high-contrast")[number % 3])
            if window.tools.export.ready():
                window.tools.open_export()
                self._waiter.settle()
            self._close_dialogs()
            self._waiter.until(lambda before=before: page.recipe.estimate is not before, "a price")

    def rest(self) -> None:
        """Put everything back, so that counts can be compared: one short run, one model loaded."""
        window, page = self._window, self._page
        page.recipe.set_model(page.recipe.models[0].name)
        page.recipe.choose_sampler("euler")
        page.recipe.set_budget(REST_CALLS)
        window.jobs.free_memory()
        before = page.run.data
        page.generate()
        self._waiter.until(lambda: page.run.data is not before, "the run to begin", 120)
        self._waiter.until(lambda: page.jobs.phase is Phase.IDLE, "the run to end", 120)
        window.tools.show_lab(False)
        window.generate_page.stage.set_layout("four")
        window.settings.set(theme="dark")
        self._close_dialogs()
        for toast in window.findChildren(Toast):
            toast.close_now()
        self._waiter.settle()

    def _close_dialogs(self) -> None:
        for dialog in QApplication.topLevelWidgets():
            if dialog.inherits("QDialog"):
                dialog.close()
