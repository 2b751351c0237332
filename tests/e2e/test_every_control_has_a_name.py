"""Promise: every control that takes the focus has a name for screen readers, and can be reached."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QScrollBar, QWidget
from window_bench import Bench

from pfstudio.core.conditions import labels
from pfstudio.ui.shortcuts import ShortcutsDialog


def controls(root: QWidget) -> list[QWidget]:
    """What the keyboard can reach in a window."""
    return [
        widget
        for widget in root.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and widget.isVisibleTo(root)
        and not isinstance(widget, QScrollBar)
    ]


def nameless(root: QWidget) -> list[str]:
    found = []
    for widget in controls(root):
        face = QAccessible.queryAccessibleInterface(widget)
        if face is None or not face.text(QAccessible.Text.Name).strip():
            found.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    return found


def test_the_window_while_idle_and_while_running(open_window: Callable[..., Bench]) -> None:
    bench = open_window(allowed=2)
    assert len(controls(bench.window)) > 40
    assert nameless(bench.window) == []
    bench.page.recipe.set(conditions=labels(0, 2))
    bench.generate(steps=5)
    bench.until_calls(2)
    for layout in ("single", "overlay", "compare", "four"):
        bench.window.commands.action(f"view.{layout}").trigger()
        bench.qtbot.wait(60)  # the stage names its colour bars when it draws them
        assert nameless(bench.window) == []


def test_dialogs_lists_and_notices(open_window: Callable[..., Bench]) -> None:
    bench = open_window(allowed=2)
    bench.generate(steps=5)
    bench.until_calls(2)
    bench.page.enqueue()
    bench.window.open_queue()
    assert nameless(bench.window.queue_popover) == []
    bench.window.queue_popover.hide()
    for command in ("edit.settings", "help.shortcuts"):
        bench.window.commands.action(command).trigger()
    dialogs = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not bench.window]
    assert len(dialogs) >= 2
    for dialog in dialogs:
        assert nameless(dialog) == []
        dialog.close()


def test_every_command_has_a_text_and_its_own_shortcut(open_window: Callable[..., Bench]) -> None:
    commands = open_window().window.commands
    keys = [commands.shortcut(name) for name in commands.all if commands.shortcut(name)]
    assert len(keys) == len(set(keys))
    assert all(command.text for command in commands.all.values())


def test_the_tab_key_goes_round_the_whole_window(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    window = bench.window
    window.activateWindow()
    reached: list[QWidget] = []
    start = window.rail.settings
    start.setFocus()
    for _ in range(400):
        window.focusNextChild()
        now = QApplication.focusWidget()
        if now is start:
            break
        reached.append(now)
    view = window.page("generate")
    for widget in (view.recipe.model, view.recipe.seed, view.generate, view.stage.bar.fit):
        assert widget in reached, widget.accessibleName()


def test_the_overview_edits_shortcuts(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.qtbot.keyClick(bench.window, "?")
    bench.until(lambda: bench.window.findChild(ShortcutsDialog) is not None)
    dialog = bench.window.findChild(ShortcutsDialog)
    key = dialog.keys["edit.dice"]
    bench.qtbot.keyClick(key, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert "already belongs to Generate" in dialog.message.text()
    assert key.keySequence().toString() == "Ctrl+D"
    bench.qtbot.keyClick(key, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert bench.window.commands.shortcut("edit.dice") == "Ctrl+R"
    assert dialog.message.text() == ""
    key.setFocus()
    bench.qtbot.keyClick(key, Qt.Key.Key_Escape)
    assert (key.hasFocus(), dialog.isVisible()) == (False, True)
    bench.qtbot.keyClick(key, Qt.Key.Key_Backspace)
    assert bench.window.commands.shortcut("edit.dice") == ""
    dialog.reset("edit.dice")
    assert bench.window.commands.shortcut("edit.dice") == "Ctrl+D"
    assert bench.window.settings.settings.shortcuts == ()
    dialog.close()
