"""Promise: everything can be used on a screen of 1000 x 600, with the frame around the window:
nothing is cut, nothing lies off the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from page_scenes import SCENES, install_every_model
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from shown_texts import cut, narrow, painted
from window_bench import Bench, install_text_model

from pfstudio.ui.stage.stage_view import StageLayout
from pfstudio.ui.widgets.dialog import FRAME, Dialog
from pfstudio.ui.window import MINIMUM

SCREEN = QSize(1000, 600)


def place_of(widget: QWidget) -> QRect:
    return QRect(widget.mapTo(widget.window(), QPoint(0, 0)), widget.size())


@pytest.mark.parametrize("key", SCENES)
def test_every_page_fits(open_window: Callable[..., Bench], tmp_path: Path, key: str) -> None:
    install_every_model()
    bench = open_window()
    window = bench.window
    window.open_page(key)
    SCENES[key](bench, tmp_path)
    window.resize(1, 1)
    assert window.size() == MINIMUM == SCREEN - FRAME
    page = window.page(key)
    beside = window.width() - window.stack.width()
    bench.until(lambda: page.minimumSizeHint().width() + beside <= MINIMUM.width())
    assert window.size() == MINIMUM
    assert place_of(window).contains(place_of(page))
    assert place_of(page).height() >= page.minimumSizeHint().height()
    bench.qtbot.wait(200)
    assert cut(window) == []


def test_one_view_where_there_is_little_room(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    page = bench.window.page("generate")
    bench.window.resize(1400, 800)
    assert page.stage.layout_name is StageLayout.FOUR
    bench.window.resize(MINIMUM)
    assert page.stage.layout_name is StageLayout.SINGLE
    assert not page.inspector.isVisible()
    assert page.state()["stage"] == "four"
    assert page.state()["inspector"]
    assert place_of(bench.window.centralWidget()).contains(place_of(page.generate))
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_F4)
    assert page.inspector.isVisible()  # if somebody wants it all the same
    bench.window.resize(1400, 800)
    assert page.stage.layout_name is StageLayout.FOUR
    assert page.inspector.isVisible()


def test_a_layout_chosen_where_there_is_little_room_stays(
    open_window: Callable[..., Bench],
) -> None:
    bench = open_window()
    page = bench.window.page("generate")
    bench.window.resize(MINIMUM)
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert page.stage.layout_name is StageLayout.OVERLAY
    assert page.state()["stage"] == "overlay"
    bench.window.resize(1400, 800)
    assert page.stage.layout_name is StageLayout.OVERLAY
    assert page.inspector.isVisible()


DIALOGS = (
    "edit.settings", "file.export", "file.recent", "help.guide", "help.learn", "help.log",
    "help.shortcuts",
)  # fmt: skip


def test_every_dialog_fits(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.generate(steps=3)
    bench.until(lambda: bench.page.run.data is not None and bench.page.run.data.ended)
    room = bench.window.screen().availableSize() - FRAME
    for name in DIALOGS:
        before = set(bench.window.findChildren(Dialog))
        bench.window.commands.action(name).trigger()
        (dialog,) = set(bench.window.findChildren(Dialog)) - before
        assert dialog.size() == dialog.size().boundedTo(room), name
        least = dialog.minimumSizeHint()
        assert least == least.boundedTo(MINIMUM), name
        dialog.close()


def test_no_words_are_cut_in_the_recipe(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.window.resize(MINIMUM)
    panel = bench.window.page("generate").recipe
    bench.page.recipe.set(seed=9_999_999_999)
    bench.qtbot.wait(20)
    for part in panel.findChildren(QLabel):
        if part.isVisible() and part.text() and not part.wordWrap():
            assert part.width() >= part.sizeHint().width(), part.text()
    for part in panel.findChildren(QAbstractButton):
        if part.isVisible() and part.text():
            assert part.width() >= part.sizeHint().width() - 8, part.text()
    room = panel.seed.width() - panel.seed.textMargins().right() - 24
    assert panel.seed.fontMetrics().horizontalAdvance(panel.seed.text()) <= room


def test_the_names_of_styles_are_whole(open_window: Callable[..., Bench]) -> None:
    styles = ("Noto", "OpenMoji outline", "Fluent gradient", "Twemoji", "FxEmoji", "Noto blob")
    install_text_model(prompt_styles=tuple(f"{style} style" for style in styles))
    bench = open_window()
    bench.page.recipe.set_model("little-writer")
    bench.window.resize(MINIMUM)
    field = bench.window.page("generate").recipe.prompt
    bench.until(lambda: len(painted(field)) >= len(styles))
    assert set(styles) <= set(painted(field))
    assert narrow(field) == []


def test_the_brush_size_is_readable(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.generate(steps=3, count=3)
    bench.until(lambda: bench.page.run.data is not None and bench.page.run.data.ended)
    bench.window.resize(MINIMUM)
    bench.window.commands.action("tool.slow").trigger()
    bench.page.recipe.paint([2, *[0] * 15], 0)
    bar = bench.window.page("generate").stage.bar
    bench.until(bar.clear.isVisible)
    bench.qtbot.wait(20)
    assert painted(bar.brush) == ["1 × 1"]
    assert painted(bar.image) == ["1 of 3"]


def test_rare_settings_are_behind_more(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.page.recipe.choose_sampler("dual-loop")
    form = bench.window.page("generate").recipe.sampler_form
    assert not form.control("pooling").isVisible()
    (more,) = [b for b in form.findChildren(QAbstractButton) if b.text() == "More"]
    bench.qtbot.wait(20)
    bench.qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert form.control("pooling").isVisible()
