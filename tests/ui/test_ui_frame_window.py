"""The window as a whole: what it imports, its commands, and that nothing piles up."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable

from PySide6.QtCore import QMimeData, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from window_bench import Bench

from pfstudio.ui.commands import Command
from pfstudio.ui.jobs import Phase

START = """
import sys
from PySide6.QtWidgets import QApplication
from pfstudio.ui import theme
from pfstudio.ui.window import MainWindow
app = QApplication([])
theme.apply(app, "dark")
window = MainWindow()
window.show()
app.processEvents()
heavy = ("torch", "cv2", "pyqtgraph", "diffusers", "huggingface_hub", "accelerate", "psutil")
print([name for name in heavy if name in sys.modules])
window.close()
"""


def test_nothing_heavy_is_imported_before_the_window_is_visible() -> None:
    done = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_buttons_follow_their_commands(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    view = bench.window.page("generate")
    assert view.generate.hint == "Ctrl ↵"
    bench.window.settings.set_shortcut("run.generate", "F5")
    assert view.generate.hint == "F5"
    assert "F5" in view.generate.toolTip()
    undo = view.recipe.head.itemAt(2).widget()
    assert not undo.isEnabled()
    bench.page.recipe.set(seed=5)
    assert undo.isEnabled()
    undo.click()
    assert bench.page.recipe.request.seed == 0


def test_commands_are_asked_once_for_all_that_changes(open_window: Callable[..., Bench]) -> None:
    commands = open_window().window.commands
    asked: list[bool] = []

    def enabled() -> bool:
        asked.append(True)
        return False

    commands.add(Command("sums.add", "Add", menu="Tools", enabled=enabled))
    QApplication.processEvents()
    asked.clear()
    for _ in range(3):
        commands.refresh_soon()
    assert not asked
    QApplication.processEvents()
    assert asked == [True]
    commands.refresh_soon()
    assert not commands.action("sums.add").isEnabled()  # as it is now
    assert asked == [True, True]
    QApplication.processEvents()
    assert asked == [True, True]


def test_every_menu_entry_is_a_command(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    commands = bench.window.commands
    titles = [action.text() for action in bench.window.menus.actions()]
    assert titles == ["File", "Edit", "View", "Run", "Tools", "Help"]
    listed = [
        entry
        for action in bench.window.menus.actions()
        for entry in action.menu().actions()
        if not entry.isSeparator()
    ]
    assert set(listed) == {commands.action(name) for name in commands.all}


def test_panels_and_layouts_by_command(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    view, commands = bench.window.page("generate"), bench.window.commands
    for name in ("recipe", "inspector", "timeline"):
        part = getattr(view, name)
        commands.action(f"view.{name}").trigger()
        assert part.isHidden()
        commands.action(f"view.{name}").trigger()
        assert not part.isHidden()
    commands.action("view.compare").trigger()
    assert view.stage.layout_name.value == "compare"
    assert commands.action("view.compare").isChecked()
    assert not commands.action("view.four").isChecked()


def test_a_dropped_file_is_opened(open_window: Callable[..., Bench], tmp_path: object) -> None:
    bench = open_window()
    stranger = tmp_path / "notes.txt"
    stranger.write_text("hello")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(stranger))])
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    held = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(
        bench.window, QDragEnterEvent(QPoint(50, 50), action, data, button, held)
    )
    QApplication.sendEvent(bench.window, QDropEvent(QPoint(50, 50), action, data, button, held))
    assert any("notes.txt" in text for text in bench.said())


def test_generating_without_a_model_says_what_to_do(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.page.recipe.set_models(())
    bench.page.recipe.set(model="gone")
    bench.page.generate()
    assert bench.said()[-1] == "No model is chosen."
    assert bench.page.jobs.running is None


def test_generate_before_the_engine_is_ready_waits_for_it(
    open_window: Callable[..., Bench],
) -> None:
    bench = open_window(start=False)
    bench.generate(steps=2, seed=4)
    assert bench.page.jobs.phase is Phase.STARTING
    assert len(bench.page.jobs.waiting) == 1
    bench.window.start()
    bench.until(lambda: bool(bench.runners) and bool(bench.runner.finished))
    bench.until_phase(Phase.IDLE)


def test_a_finished_run_is_told_on_the_desktop_only_if_asked(
    open_window: Callable[..., Bench], monkeypatch: object
) -> None:
    bench = open_window()
    alerts: list[QWidget] = []
    monkeypatch.setattr(QApplication, "alert", lambda window, ms=0: alerts.append(window))
    monkeypatch.setattr(bench.window, "isActiveWindow", lambda: False)
    bench.generate(steps=1)
    bench.until(lambda: len(bench.runner.finished) == 1)
    bench.until_phase(Phase.IDLE)
    assert alerts == []
    bench.window.settings.set(notify_finished=True)
    bench.generate(steps=1)
    bench.until(lambda: len(alerts) == 1)


def test_runs_and_theme_changes_leave_nothing_behind(open_window: Callable[..., Bench]) -> None:
    bench = open_window()

    def count() -> tuple[int, int]:
        bench.qtbot.wait(60)
        gc.collect()
        window = bench.window
        return len(window.findChildren(QWidget)), len(window.findChildren(QTimer))

    def cycle(times: int) -> None:
        for i in range(times):
            bench.generate(steps=2 + i % 3, seed=i)
            bench.until(lambda: bench.page.jobs.phase is not Phase.IDLE)
            bench.page.jobs.stop()
            bench.until_phase(Phase.IDLE)
            bench.page.recipe.choose_sampler("look-ahead")
            bench.window.settings.set(theme=("light", "dark")[i % 2])
        bench.window.notices.dismiss_all()

    cycle(2)
    before = count()
    cycle(6)
    assert count() == before
