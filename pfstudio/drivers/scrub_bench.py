"""How long the Features page takes to answer a new time, beside the network call that it needs."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from PySide6.QtCore import QEventLoop, QObject, Slot

from pfstudio.core.events import Progress
from pfstudio.core.paths import shipped
from pfstudio.drivers.waiter import Waiter
from pfstudio.drivers.window import own_folders, scripted_window, start_engine
from pfstudio.ui.bridge import EngineBridge
from pfstudio.ui.features.model import FeaturesPageModel
from pfstudio.ui.pages.features_page import FeaturesPage

TIMES = tuple(round(0.04 * i, 2) for i in range(1, 25))  # none is one of MATRIX_TIMES


@dataclass(frozen=True)
class Scrubs:
    """Milliseconds of each answer: from the slider to the drawn map, and of the call alone."""

    answers: tuple[float, ...]
    calls: tuple[float, ...]

    @property
    def beyond(self) -> float:
        """Median of what is beyond the call."""
        return statistics.median(a - b for a, b in zip(self.answers, self.calls, strict=True))

    def __str__(self) -> str:
        return (
            f"time scrub       median {statistics.median(self.answers):.0f} ms, of which the call "
            f"{statistics.median(self.calls):.0f} ms; {self.beyond:.0f} ms beyond it"
        )


class _Listener(QObject):
    """Ends a wait once the features of the time are known, and notes what the call took."""

    def __init__(self, model: FeaturesPageModel, bridge: EngineBridge) -> None:
        super().__init__()
        self._model, self.loop, self.call = model, QEventLoop(), 0.0
        bridge.progress.connect(self._on_progress)
        model.found_changed.connect(self._on_found)

    @Slot(list)
    def _on_progress(self, calls: list[Progress]) -> None:
        self.call = calls[-1].elapsed

    @Slot()
    def _on_found(self) -> None:
        if self._model.features is not None:
            self.loop.quit()


def measure_scrubs() -> Scrubs:
    """Scrub through time over one image, with the first installed generator."""
    with own_folders(), scripted_window() as window:
        window.resize(1600, 1000)
        window.show()
        waiter = Waiter(window.notifier)
        start_engine(window, waiter)
        window.open_page("features")
        page = window.page("features")
        assert isinstance(page, FeaturesPage)
        page.accept([shipped("resources", "samples", "room.jpg")])
        model = page.model
        waiter.until(lambda: model.matrix is not None and not model.busy, "the features", 300)
        listener = _Listener(model, window.jobs.bridge)
        answers, calls = [], []
        for when in TIMES:
            begun = time.perf_counter()
            model.set_time(when)
            listener.loop.exec()
            page.stage.repaint()
            answers.append(1000 * (time.perf_counter() - begun))
            waiter.settle()
            calls.append(1000 * listener.call)
    return Scrubs(tuple(answers), tuple(calls))
