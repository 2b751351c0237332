"""Promise: a window in which nothing happens takes no processor time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from page_scenes import SCENES, install_every_model
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
from window_bench import Bench

from pfstudio.ui.window import MINIMUM

REST_MS = 500
MOST = 40  # events of a kind: a few timers, such as that of the memory figure


class _Counting(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        self.found[f"{event.type().name} of {type(watched).__name__}"] += 1
        return False


@pytest.mark.parametrize("page", SCENES)
def test_an_idle_window_rests(
    page: str, open_window: Callable[..., Bench], tmp_path: Path, qapp: QApplication
) -> None:
    install_every_model()
    bench = open_window()
    bench.window.open_page(page)
    SCENES[page](bench, tmp_path)
    for size in (MINIMUM, 1.3 * MINIMUM):
        bench.window.resize(size)
        bench.qtbot.wait(REST_MS)  # until all is drawn
        counting = _Counting()
        qapp.installEventFilter(counting)
        bench.qtbot.wait(REST_MS)
        qapp.removeEventFilter(counting)
        assert not {kind: n for kind, n in counting.found.items() if n > MOST}
