"""Promise: a change of theme reaches everything at once, without a restart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from window_bench import Bench

from pfstudio.ui import theme
from pfstudio.ui.theme import THEMES


class Painted(QObject):
    """Notes which widgets were asked to paint."""

    def __init__(self) -> None:
        super().__init__()
        self.widgets: set[QWidget] = set()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Paint:
            self.widgets.add(watched)
        return False


def colour_at(widget: QWidget, x: int, y: int) -> str:
    return widget.grab().toImage().pixelColor(x, y).name()


@pytest.mark.parametrize("name", ["light", "high-contrast", "dark"])
def test_surfaces_take_the_new_colours(name: str, open_window: Callable[..., Bench]) -> None:
    window = open_window().window
    window.settings.set(theme="light" if name == "dark" else "dark")
    window.settings.set(theme=name)
    t = THEMES[name]
    assert theme.tokens() is t
    assert colour_at(window.rail, 2, window.rail.height() // 2) == t.base
    assert colour_at(window.page("generate").recipe, 2, 2) == t.panel
    assert colour_at(window.status, 2, 2) == t.base
    seed = window.page("generate").recipe.seed
    assert seed.palette().color(seed.palette().ColorRole.Text) == QColor(t.text)


def test_every_visible_own_widget_repaints(open_window: Callable[..., Bench]) -> None:
    """`grab` would paint them all itself: what counts is that Qt was asked to."""
    bench = open_window()
    window = bench.window
    bench.qtbot.wait(50)
    view = window.page("generate")
    own = [
        window.rail, window.status, view.recipe, view.generate, view.recipe.sampler,
        view.recipe.sampler_form.control("steps"), view.stage.bar, view.timeline, view.inspector,
    ]  # fmt: skip
    painted = Painted()
    for widget in own:
        widget.installEventFilter(painted)
    window.settings.set(theme="light")
    bench.until(lambda: set(own) <= painted.widgets)


def test_the_next_theme_command_goes_round(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    names = []
    for _ in range(4):
        bench.window.commands.action("view.theme").trigger()
        names.append(bench.window.settings.settings.theme)
    assert sorted(names) == ["dark", "high-contrast", "light", "system"]
