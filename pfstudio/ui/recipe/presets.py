"""Named recipes: one small file each in the settings folder, and the menu that shows them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from pfstudio.core.documents import read_text
from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.files import write_text
from pfstudio.core.paths import config_folder
from pfstudio.core.requests import GenerateRequest
from pfstudio.ui.language import QT_TR_NOOP, tr
from pfstudio.ui.notify import INFO, Notice, Notifier
from pfstudio.ui.recipe.model import RecipeModel
from pfstudio.ui.widgets.popover import RoundMenu

SUFFIX = ".json"


def presets_folder() -> Path:
    """Where presets live."""
    return config_folder() / "presets"


def preset_names() -> list[str]:
    """The names, sorted."""
    return sorted(path.stem for path in presets_folder().glob(f"*{SUFFIX}"))


def preset_file(name: str) -> Path:
    """Where the preset of a name lies.

    Raises:
        InputError: the name cannot be a file's name.
    """
    clean = name.strip()
    if not clean or clean.startswith(".") or any(c in r'\/:*?"<>|' for c in clean):
        raise InputError(
            tr("{name!r} cannot be the name of a preset.", name=name),
            tr("Use letters, figures and spaces."),
        )
    return presets_folder() / f"{clean}{SUFFIX}"


def load_preset(name: str) -> GenerateRequest:
    """The recipe of a name; InputError if it cannot be read."""
    try:
        text = read_text(preset_file(name))
    except (OSError, ValueError) as error:
        raise InputError(tr("The preset {name} cannot be read.", name=name)) from error
    return GenerateRequest.from_json(text)


def _kept(file: Path) -> str | None:
    """What a preset holds; None where there is none that could be brought back."""
    try:
        return read_text(file)
    except (OSError, ValueError):
        return None


class Presets(QObject):
    """Saves, loads and lists presets for a RecipeModel."""

    def __init__(self, recipe: RecipeModel, notifier: Notifier, parent: QWidget) -> None:
        super().__init__(parent)
        self._recipe = recipe
        self._notifier = notifier
        self._window = parent

    @Slot()
    def ask_and_save(self) -> None:
        """Ask for a name, then save."""
        name, given = QInputDialog.getText(
            self._window, tr("Save preset"), tr("Name of the preset")
        )
        if given:
            self.save(name)

    def save(self, name: str) -> None:
        """Save the present recipe; Undo brings back one that had the name."""
        try:
            file = preset_file(name)
            before = _kept(file)
            write_text(file, self._recipe.request.to_json())
        except PfstudioError as error:
            self._notifier.error(error)
        else:
            said = QT_TR_NOOP("Replaced the preset {name}.")
            if before is None:
                said = QT_TR_NOOP("Saved the preset {name}.")
            self._say(tr(said, name=file.stem), file, before)

    def load(self, name: str, _: bool = False) -> None:
        """Take a preset as the recipe: one undo step."""
        try:
            self._recipe.set_request(load_preset(name))
        except PfstudioError as error:
            self._notifier.error(error)

    def remove(self, name: str, _: bool = False) -> None:
        """Delete a preset; Undo brings it back."""
        file = preset_file(name)
        before = _kept(file)
        file.unlink(missing_ok=True)
        self._say(tr("Deleted the preset {name}.", name=name), file, before)

    def _say(self, text: str, file: Path, before: str | None) -> None:
        undo = () if before is None else ((tr("Undo"), partial(write_text, file, before)),)
        self._notifier.post(Notice(INFO, text, actions=undo))

    def menu(self) -> QMenu:
        """Load, save and delete, as a menu."""
        menu = RoundMenu("", self._window)
        names = preset_names()
        for name in names:
            menu.addAction(name).triggered.connect(partial(self.load, name))
        if names:
            menu.addSeparator()
        menu.addAction(tr("Save as preset…")).triggered.connect(self.ask_and_save)
        if names:
            delete = RoundMenu(tr("Delete preset"), menu)
            menu.addMenu(delete)
            for name in names:
                delete.addAction(name).triggered.connect(partial(self.remove, name))
        return menu
