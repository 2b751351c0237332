"""Promise: what the program says covers no control, never piles up, and takes no focus."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QSlider, QWidget
from window_bench import Bench

from pfstudio.ui.notify import ERROR, GOOD, INFO, WARNING, Notice

CONTROLS = (QAbstractButton, QLineEdit, QSlider)


def place_of(widget: QWidget) -> QRect:
    return QRect(widget.mapTo(widget.window(), QPoint(0, 0)), widget.size())


def say_much(bench: Bench) -> None:
    for number in range(12):
        words = f"Trouble {number} with {'long-' * 40}name.png."
        bench.window.notifier.post(
            Notice(WARNING, words, "Do something about it.", actions=(("Again", lambda: None),))
        )
    bench.window.notifier.say("Saved.", level=GOOD)


def test_toasts_cover_nothing(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    field = bench.window.page("generate").recipe.seed
    field.setFocus()
    say_much(bench)
    bench.qtbot.wait(30)
    bar = bench.window.notices
    assert QApplication.focusWidget() is field
    controls = [
        widget for widget in bench.window.findChildren(QWidget)
        if isinstance(widget, CONTROLS) and widget.isVisible() and not bar.isAncestorOf(widget)
    ]  # fmt: skip
    assert len(controls) > 20
    for control in controls:
        seen = place_of(control).intersected(place_of(bench.window.stack))
        assert not seen.intersects(place_of(bar)), control.accessibleName()
    assert bar.height() < 100


def test_clicks_dismiss_them_and_the_focus_stays(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    field, bar = bench.window.page("generate").recipe.seed, bench.window.notices
    field.setFocus()
    say_much(bench)
    bench.qtbot.mouseClick(bar.close_one, Qt.MouseButton.LeftButton)
    assert len(bar.shown()) == 11
    bench.qtbot.mouseClick(bar.all, Qt.MouseButton.LeftButton)
    assert not bar.isVisible()
    assert QApplication.focusWidget() is field


def test_a_click_on_a_choice_does_it_once(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    done: list[str] = []
    bench.window.notifier.post(
        Notice(INFO, "Two runs wait.", actions=(("Run", lambda: done.append("run")),))
    )
    (button,) = [b for b in bench.window.notices.findChildren(QAbstractButton) if b.text() == "Run"]
    bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert done == ["run"]
    assert not bench.window.notices.isVisible()


def test_a_problem_stays_on_its_page(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bar = bench.window.notices
    bench.window.page("generate").context.notifier.say("It failed.", level=ERROR)
    assert bar.isVisible()
    bench.window.notices.set_page("depth")
    assert not bar.isVisible()
    bench.window.open_page("generate")
    assert bar.isVisible()
