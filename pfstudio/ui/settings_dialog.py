"""The settings, generated from their declarations; every change is applied and stored at once."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QFontMetrics
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from pfstudio.core.errors import InputError
from pfstudio.core.paths import config_folder, pictures_folder, state_folder
from pfstudio.ui.language import tr
from pfstudio.ui.recipe.form import ParameterForm
from pfstudio.ui.theme import font
from pfstudio.ui.view_models.settings import SettingsModel
from pfstudio.ui.widgets.buttons import Button, IconButton
from pfstudio.ui.widgets.labels import Line, heading, label
from pfstudio.ui.widgets.layouts import fill
from pfstudio.ui.widgets.reading_order import ReadingOrder
from pfstudio.ui.widgets.scroll import scrolling


class SettingsDialog(ReadingOrder, QDialog):
    """Shows a SettingsModel; not modal, so that a theme can be judged on the window itself."""

    def __init__(self, settings: SettingsModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(470, 780)
        self._settings = settings
        self.form = ParameterForm(spacing=10)
        self.form.edited.connect(self._edited)
        inside = fill(
            QVBoxLayout(), heading(tr("Settings")), self.form, 6, Line(), heading(tr("Folders")),
            margins=(20, 16, 20, 16), spacing=10,
        )  # fmt: skip
        folders = {
            tr("Results"): pictures_folder(),
            tr("Settings"): config_folder(),
            tr("Log"): state_folder(),
        }
        widest = max(map(QFontMetrics(font("body")).horizontalAdvance, folders))
        for name, folder in folders.items():
            inside.addLayout(_folder_row(name, folder, max(70, widest + 8)))
        inside.addWidget(label(tr("Nothing is ever sent anywhere."), "small", "muted"))
        inside.addStretch()
        close = Button(tr("Close"))
        close.clicked.connect(self.accept)
        foot = fill(QHBoxLayout(), None, close, margins=(20, 0, 20, 16), spacing=-1)
        fill(QVBoxLayout(self), (scrolling(inside), 1), foot, spacing=-1)
        settings.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what is set."""
        self.form.show_settings(self._settings.settings)

    @Slot(str, object)
    def _edited(self, name: str, value: object) -> None:
        try:
            self._settings.set(**{name: value})
        except InputError:  # a control cannot leave its range; a stale one shows the value again
            self.refresh()


def _folder_row(name: str, folder: Path, width: int) -> QHBoxLayout:
    title = label(name, colour="muted")
    title.setFixedWidth(width)
    path = label(str(folder).replace(str(Path.home()), "~", 1), "small", wrap=True)
    path.setToolTip(str(folder))
    button = IconButton("folder", tr("Open the folder: {name}", name=name))
    button.clicked.connect(partial(_open, folder))
    return fill(QHBoxLayout(), title, (path, 1), button, spacing=-1)


def _open(folder: Path, _: bool = False) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
