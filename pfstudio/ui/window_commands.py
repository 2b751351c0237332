"""The commands of the whole window, and those that pages share: each gives them its own meaning."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMessageBox

from pfstudio.core.models import installed_models
from pfstudio.core.paths import pictures_folder
from pfstudio.core.results import list_results
from pfstudio.core.settings import THEMES
from pfstudio.ui.commands import Command
from pfstudio.ui.context import AppContext
from pfstudio.ui.jobs import Phase
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.model_opener import SUFFIXES as MODEL_SUFFIXES
from pfstudio.ui.restore import SUFFIXES
from pfstudio.version import __version__

STAGE_KEYS = (
    (QT_TR_NOOP("Move the patch cursor"), QT_TR_NOOP("Up, Down; Ctrl with arrows")),
    (QT_TR_NOOP("Zoom at the pointer"), QT_TR_NOOP("wheel, + and -")),
    (QT_TR_NOOP("Pan"), QT_TR_NOOP("drag")),
    (
        QT_TR_NOOP("Move the line between before and after"),
        QT_TR_NOOP("Left, Right; Shift for 10 %"),
    ),
    (QT_TR_NOOP("Paint the patch under the cursor"), "Return"),
)
ABOUT = QT_TR_NOOP("""Patch Forcing Studio {version}

See how a flow model makes an image: where it struggles, call by call.

Everything runs on this machine. Nothing is sent anywhere.""")


class WindowVerbs:
    """What the menus do with the window, which starts without the dialogs: imported late."""

    def __init__(self, context: AppContext, window: QMainWindow) -> None:
        self._context, self._window = context, window

    def open_file(self) -> None:
        """Choose a picture or a trace, and open it."""
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        name, _ = QFileDialog.getOpenFileName(
            self._window, tr("Open an image or a trace"), str(pictures_folder()),
            tr("Images and traces ({patterns})", patterns=patterns),
        )  # fmt: skip
        if name:
            self._context.open_path(Path(name))

    def open_model(self) -> None:
        """Choose a checkpoint, and open it on the page that it is for."""
        patterns = " ".join(f"*{suffix}" for suffix in MODEL_SUFFIXES)
        name, _ = QFileDialog.getOpenFileName(
            self._window,
            tr("Open a model"),
            str(Path.home()),
            tr("Models ({patterns})", patterns=patterns),
        )
        if name:
            self._context.open_model(Path(name))

    def open_recent(self) -> None:
        """Show the results on disk."""
        from pfstudio.ui.recent import RecentDialog

        dialog = RecentDialog(list_results(), self._window)
        dialog.chosen.connect(self._context.open_path)
        dialog.open()

    def open_settings(self) -> None:
        """Show the settings."""
        from pfstudio.ui.settings_dialog import SettingsDialog

        SettingsDialog(self._context, self._window).show()

    def open_shortcuts(self) -> None:
        """Show every shortcut."""
        from pfstudio.ui.shortcuts import ShortcutsDialog

        commands, settings = self._context.commands, self._context.settings
        ShortcutsDialog(commands, settings, STAGE_KEYS, self._window).show()

    def open_guide(self) -> None:
        """Open the user guide."""
        from pfstudio.ui.guide import GuideDialog

        GuideDialog(self._window).show()

    def open_learn(self) -> None:
        """Open what there is to learn; it opens pages of the window."""
        from pfstudio.ui.learn.dialog import LearnDialog

        context = self._context

        def open_view(page: str, view: str) -> None:
            context.open_page(page, {"tab": view} if view else {})

        LearnDialog(context.jobs, installed_models(), open_view, self._window).show()

    def open_log(self) -> None:
        """Show the log."""
        from pfstudio.ui.log_dialog import LogDialog

        LogDialog(self._window).show()

    def open_pictures(self) -> None:
        """Open the folder with the results."""
        pictures_folder().mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(pictures_folder())))

    def about(self) -> None:
        """Say what this is."""
        QMessageBox.about(
            self._window, tr("About Patch Forcing Studio"), tr(ABOUT, version=__version__)
        )

    def next_theme(self) -> None:
        """Go through the themes."""
        settings = self._context.settings
        now = settings.settings.theme
        settings.set(theme=THEMES[(THEMES.index(now) + 1) % len(THEMES)])

    def toggle_full_screen(self) -> None:
        """Full screen and back."""
        window = self._window  # back to maximised, if it was
        window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)


def window_commands(
    context: AppContext, window: QMainWindow, *, paste: Callable[[], None],
    open_queue: Callable[[], None],
) -> tuple[Command, ...]:  # fmt: skip
    """In the order of the menus."""
    verbs, jobs, declared = WindowVerbs(context, window), context.jobs, Command.declared

    def can_pause() -> bool:
        return jobs.phase in (Phase.RUNNING, Phase.PAUSED)

    return (
        declared("file.new", tr("New recipe"), "File", "Ctrl+N"),
        Command("file.open", tr("Open…"), verbs.open_file, "File", "Ctrl+O"),
        Command("file.open_model", tr("Open model…"), verbs.open_model, "File"),
        Command("file.recent", tr("Open recent…"), verbs.open_recent, "File", "Ctrl+Shift+O"),
        declared("file.save", tr("Save…"), "File", "Ctrl+S", section=True),
        declared("file.save_all", tr("Save all…"), "File", "Ctrl+Shift+S"),
        declared("file.export", tr("Export…"), "File", "Ctrl+E"),
        Command(
            "file.pictures", tr("Open results folder"), verbs.open_pictures, "File", section=True,
            place=1,
        ),
        Command("edit.settings", tr("Settings…"), verbs.open_settings, "File", "Ctrl+,", place=1),
        Command("file.quit", tr("Quit"), window.close, "File", "Ctrl+Q", section=True, place=1),
        declared("edit.undo", tr("Undo"), "Edit", "Ctrl+Z"),
        declared("edit.redo", tr("Redo"), "Edit", "Ctrl+Shift+Z"),
        Command("edit.paste", tr("Paste image or files"), paste, "Edit", "Ctrl+V", section=True),
        declared("edit.next_file", tr("Next image"), "Edit", "Alt+Down", section=True),
        declared("edit.previous_file", tr("Previous image"), "Edit", "Alt+Up"),
        declared("view.single", tr("Single view"), "View", "Alt+1", checkable=True, section=True),
        declared("view.four", tr("Four views"), "View", "Alt+2", checkable=True),
        declared("view.overlay", tr("Overlay"), "View", "Alt+3", checkable=True),
        declared("view.compare", tr("Compare"), "View", "Alt+4", checkable=True),
        declared("view.fit", tr("Fit image"), "View", "0", section=True),
        declared("time.play", tr("Play/Pause"), "View", "Space", section=True),
        declared("time.next", tr("Next call"), "View", "Right"),
        declared("time.previous", tr("Previous call"), "View", "Left"),
        declared("time.jump_on", tr("Forward 10 %"), "View", "Shift+Right"),
        declared("time.jump_back", tr("Back 10 %"), "View", "Shift+Left"),
        declared("time.first", tr("First call"), "View", "Home"),
        declared("time.last", tr("Last call"), "View", "End"),
        declared("view.recipe", tr("Recipe panel"), "View", "F3", checkable=True, section=True),
        declared("view.inspector", tr("Inspector panel"), "View", "F4", checkable=True),
        declared("view.timeline", tr("Timeline panel"), "View", "F6", checkable=True),
        Command(
            "view.theme", tr("Next theme"), verbs.next_theme, "View", "Ctrl+T", section=True,
            place=1,
        ),
        Command(
            "view.full_screen", tr("Full screen"), verbs.toggle_full_screen, "View", "F11", place=1
        ),
        declared("run.generate", tr("Generate"), "Run", "Ctrl+Return"),
        declared("run.enqueue", tr("Add to queue"), "Run", "Ctrl+Shift+Return"),
        Command(
            "run.pause", tr("Pause/Resume"), jobs.toggle_pause, "Run", "F8", can_pause, section=True
        ),
        Command("run.single_step", tr("Single step"), jobs.single_step, "Run", "F10", can_pause),
        Command("run.stop", tr("Stop"), jobs.stop, "Run", "Esc", lambda: jobs.can_stop),
        Command(
            "run.stop_all", tr("Stop all"), jobs.stop_all, "Run", "Shift+Esc",
            lambda: jobs.can_stop_all,
        ),
        Command("run.queue", tr("Show queue"), open_queue, "Run", "Ctrl+U", section=True),
        Command(
            "run.cancel_others", tr("Clear queue"), jobs.clear, "Run",
            "Ctrl+Shift+Backspace", lambda: bool(jobs.waiting),
        ),
        declared("tool.inspect", tr("Inspect"), "Tools", "I", checkable=True),
        Command(
            "tools.free_memory", tr("Free memory"), jobs.free_memory, "Tools", section=True, place=1
        ),
        Command("help.guide", tr("User guide"), verbs.open_guide, "Help", "F1"),
        Command("help.learn", tr("Learn"), verbs.open_learn, "Help"),
        Command("help.shortcuts", tr("Keyboard shortcuts"), verbs.open_shortcuts, "Help", "?"),
        Command("help.log", tr("Log"), verbs.open_log, "Help"),
        Command("help.about", tr("About"), verbs.about, "Help", section=True),
    )  # fmt: skip
