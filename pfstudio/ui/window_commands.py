"""The window's own commands: open, settings, themes, panels, help."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMessageBox

from pfstudio.core.paths import pictures_folder, state_folder
from pfstudio.core.settings import THEMES
from pfstudio.ui.commands import Command
from pfstudio.ui.restore import SUFFIXES
from pfstudio.ui.settings_dialog import SettingsDialog
from pfstudio.ui.shortcuts import ShortcutsDialog
from pfstudio.version import __version__

if TYPE_CHECKING:
    from pfstudio.ui.window import MainWindow

STAGE_KEYS = (
    ("Move the patch cursor", "Up, Down; Ctrl with arrows"),
    ("Zoom at the pointer", "wheel, + and -"),
    ("Pan", "drag"),
    ("Move the line between before and after", "Left, Right; Shift a tenth"),
    ("Paint the patch under the cursor", "Return"),
)
ABOUT = """Patch Forcing Studio {version}

See how a flow model makes a picture: where it struggles, call by call.

Everything runs on this machine. Nothing is sent anywhere."""


class WindowVerbs:
    """What the menus do with the window."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def open_file(self) -> None:
        """Choose a picture or a trace, and open it."""
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Open a picture or a trace", str(pictures_folder()),
            f"Pictures and traces ({patterns})",
        )  # fmt: skip
        if name:
            self._window.open_path(Path(name))

    def open_settings(self) -> None:
        """Show the settings."""
        SettingsDialog(self._window.settings, self._window).show()

    def open_shortcuts(self) -> None:
        """Show every shortcut."""
        window = self._window
        ShortcutsDialog(window.commands, window.settings, STAGE_KEYS, window).show()

    def open_log(self) -> None:
        """Open the folder with the log."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(state_folder())))

    def open_pictures(self) -> None:
        """Open the folder with the results."""
        pictures_folder().mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(pictures_folder())))

    def about(self) -> None:
        """Say what this is."""
        QMessageBox.about(
            self._window, "About Patch Forcing Studio", ABOUT.format(version=__version__)
        )

    def next_theme(self) -> None:
        """Go through the themes."""
        now = self._window.settings.settings.theme
        self._window.settings.set(theme=THEMES[(THEMES.index(now) + 1) % len(THEMES)])

    def toggle_full_screen(self) -> None:
        """Full screen and back."""
        window = self._window
        window.showNormal() if window.isFullScreen() else window.showFullScreen()


def _nothing() -> None:
    """No page is open that does it."""


def _never() -> bool:
    return False


def add_window_commands(window: MainWindow) -> None:
    """Register them."""
    verbs, page = WindowVerbs(window), window.generate_page
    panels = (
        ("recipe", "Recipe panel", page.recipe, "F3"),
        ("inspector", "Inspector panel", page.inspector, "F4"),
        ("timeline", "Timeline panel", page.timeline, "F6"),
    )
    window.commands.add(
        Command("file.open", "Open …", verbs.open_file, "File", "Ctrl+O"),
        Command("file.pictures", "Open the results folder", verbs.open_pictures, "File"),
        Command("file.quit", "Quit", window.quit, "File", "Ctrl+Q", section=True),
        # What pages with a list of files do in their own way (`Commands.on_page`).
        Command("file.save_all", "Save all …", _nothing, "File", "Ctrl+Shift+E", _never),
        Command("edit.next_file", "Next image", _nothing, "Edit", "Alt+Down", _never),
        Command("edit.previous_file", "Previous image", _nothing, "Edit", "Alt+Up", _never),
        Command("edit.paste", "Paste a picture or files", window.paste, "Edit", "Ctrl+V",
                section=True),
        Command(
            "edit.settings", "Settings …", verbs.open_settings, "Edit", "Ctrl+,", section=True
        ),
        *(
            Command(
                f"view.{key}", text, lambda panel=panel: panel.setVisible(panel.isHidden()),
                "View", keys, checked=lambda panel=panel: not panel.isHidden(),
                section=key == "recipe", pages=("generate",),
            )
            for key, text, panel, keys in panels
        ),
        Command("view.theme", "Next theme", verbs.next_theme, "View", "Ctrl+T", section=True),
        Command("view.full_screen", "Full screen", verbs.toggle_full_screen, "View", "F11"),
        Command("run.queue", "Show the queue", window.open_queue, "Run", "Ctrl+U"),
        Command("tools.free_memory", "Free memory", window.jobs.free_memory, "Tools",
                section=True),
        Command("help.shortcuts", "Keyboard shortcuts", verbs.open_shortcuts, "Help", "?"),
        Command("help.log", "Open the log folder", verbs.open_log, "Help"),
        Command("help.about", "About", verbs.about, "Help", section=True),
    )  # fmt: skip
