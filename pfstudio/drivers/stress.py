"""Uses the window as a person in a hurry would; for the soak run."""

from __future__ import annotations

import random

from PySide6.QtWidgets import QApplication

from pfstudio.core.jobs import Estimated
from pfstudio.core.samplers import SAMPLERS
from pfstudio.drivers.waiter import Waiter
from pfstudio.drivers.window import start_with_model
from pfstudio.ui.jobs import Phase
from pfstudio.ui.window import MainWindow

LAYOUTS = ("single", "four", "overlay", "compare")
CALLS = 200  # longer than anybody waits
REST_CALLS = 8


class StressDriver:
    """Uses a window of `scripted_window` at random but repeatably."""

    def __init__(self, window: MainWindow, dice: random.Random) -> None:
        self._dice = dice
        self._window = window
        self._page = window.page("generate").model
        self._waiter = Waiter(window.notifier)

    def start(self) -> None:
        """Show the window and wait for the engine.

        Raises:
            RunError: no model is installed, or the engine did not start.
        """
        self._window.show()
        start_with_model(self._window, self._waiter)
        self._window.page("generate").show_lab(True)  # made when it is first opened: no leak
        self._window.page("generate").show_lab(False)

    def cycle(self, times: int) -> None:
        """Generate, look at a few calls, cancel."""
        page = self._page
        for _ in range(times):
            page.recipe.choose_sampler(self._dice.choice(tuple(SAMPLERS)))
            page.recipe.set_budget(CALLS)
            page.generate()
            self._wait_for_calls(self._dice.randrange(4))
            page.jobs.stop()
            self._waiter.until(lambda: page.jobs.phase is Phase.IDLE, "the run to stop", 120)

    def _wait_for_calls(self, count: int) -> None:
        run, jobs = self._page.run, self._page.jobs

        def reached() -> bool:  # a short run may be over before anybody looks
            return not jobs.busy or (run.is_live and run.done >= count)

        self._waiter.until(reached, "a call", 120)

    def _wait_for_estimate(self, before: Estimated | None) -> None:
        recipe = self._page.recipe
        self._waiter.until(lambda: recipe.estimate is not before, "the cost")

    def switch(self, times: int) -> None:
        """Change model, layout, theme and page, with the dialogs that belong to them."""
        window, page = self._window, self._page
        models = [model.name for model in page.recipe.models]
        for number in range(times):
            before = page.recipe.estimate
            page.recipe.set_model(models[number % len(models)])
            window.jobs.free_memory()
            window.jobs.estimate(page.request())  # loads it
            window.page("generate").show_lab(number % 2 == 0)
            window.page("generate").stage.set_layout(self._dice.choice(LAYOUTS))
            window.settings.set(theme=("dark", "light", "high-contrast")[number % 3])
            if window.page("generate").export.ready():
                window.page("generate").open_export()
                self._waiter.settle()
            self._close_dialogs()
            self._wait_for_estimate(before)

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
        window.page("generate").show_lab(False)
        window.page("generate").stage.set_layout("four")
        window.settings.set(theme="dark")
        self._close_dialogs()
        window.notices.dismiss_all()
        self._waiter.settle()

    def _close_dialogs(self) -> None:
        for dialog in QApplication.topLevelWidgets():
            if dialog.inherits("QDialog"):
                dialog.close()
