"""What is looked at as a picture: the views of a page just as they are on the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.core.files import replacing, with_ending
from pfstudio.core.paths import pictures_folder
from pfstudio.ui.commands import Command
from pfstudio.ui.files.in_memory import encoded
from pfstudio.ui.language import tr
from pfstudio.ui.notify import Notifier

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}


def write_view(image: QImage, path: Path) -> None:
    """Write a picture of a view in one piece, by the name's ending.

    Raises:
        PfstudioError: another ending, or the file cannot be written.
    """
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise InputError(
            tr("{name} does not end in {suffixes}.", name=path.name, suffixes=", ".join(FORMATS)),
            tr("Save it as .png."),
        )
    with replacing(path) as temporary:
        temporary.write_bytes(encoded(image, kind))


def view_commands(
    window: QWidget, notifier: Notifier, view: Callable[[], QWidget | None]
) -> tuple[Command, ...]:
    """Copying and saving what `view` gives; None: there is nothing to look at."""

    def grabbed() -> QImage | None:
        widget = view()
        return None if widget is None else widget.grab().toImage()

    def copy() -> None:
        if (image := grabbed()) is not None:
            QGuiApplication.clipboard().setImage(image)
            notifier.say(tr("Copied the view."))

    def save() -> None:
        if (image := grabbed()) is None:
            return
        patterns = " ".join(f"*{suffix}" for suffix in FORMATS)
        chosen, _ = QFileDialog.getSaveFileName(
            window, tr("Save the view as an image"), str(pictures_folder() / "view"),
            tr("Images ({patterns})", patterns=patterns),
        )  # fmt: skip
        if not chosen:
            return
        path = with_ending(Path(chosen), ".png")
        try:
            write_view(image, path)
        except PfstudioError as error:
            notifier.error(error)
        else:
            notifier.say(tr("Saved {name}.", name=path.name))

    def there() -> bool:
        return view() is not None

    return (
        Command("file.save_view", tr("Save view as image…"), save, "File", "Ctrl+Alt+S", there),
        Command("edit.copy_view", tr("Copy view as image"), copy, "Edit", "Ctrl+Alt+C", there),
    )
