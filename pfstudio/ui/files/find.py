"""Which pictures were meant by what somebody dropped or pasted, and small views of them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from pfstudio.core.errors import InputError
from pfstudio.core.paths import cache_folder
from pfstudio.ui.files.in_memory import encoded
from pfstudio.ui.language import tr, tr_sentence
from pfstudio.ui.stage.layers import to_image

THUMBNAIL = 44  # logical pixels of a side
_SCALE = 2  # thumbnails are kept for screens of this scale


def find_pictures(
    paths: Sequence[Path], stopped: Callable[[], bool] = lambda: False
) -> tuple[Path, ...]:
    """All pictures of files and (recursively) folders, by name within each folder.

    A file that is given by name is always taken, whatever it is; in folders, files with the suffix
    of a picture that are not hidden.
    """
    from pfstudio.core.image_io import SUFFIXES  # late: the window starts without it

    found: dict[Path, None] = {}
    for path in paths:
        if not path.is_dir():
            found[path] = None
            continue
        for folder, folders, files in os.walk(path):
            if stopped():
                return ()
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if Path(name).suffix.lower() in SUFFIXES and not name.startswith("."):
                    found[Path(folder, name)] = None
    return tuple(found)


def thumbnail(path: Path, side: int = THUMBNAIL * _SCALE) -> tuple[QImage | None, tuple[int, int]]:
    """The middle of a picture, `side` pixels square, and its upright size (width, height).

    None if it is unreadable.
    """
    from pfstudio.core.image_io import read_thumbnail  # late: the window starts without it

    try:
        pixels, size = read_thumbnail(path, side)
    except InputError:  # whoever opens the file for good says in a sentence what is wrong
        return None, (0, 0)
    return to_image(pixels), size


def paths_in(data: QMimeData) -> list[Path]:
    """The local files and folders in something dropped or pasted; an image by itself is kept.

    Raises:
        InputError: there is neither, or the image cannot be written.
    """
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    image = QImage(data.imageData()) if not paths and data.hasImage() else QImage()
    if paths or not image.isNull():
        return paths or [keep_pasted(image)]
    if data.hasUrls():
        raise InputError(
            tr(
                "{address} is on the web, not on this machine.",
                address=data.urls()[0].toDisplayString(),
            ),
            tr("Save the image first, then drop its file."),
        )
    raise InputError(tr("There is no image on the clipboard."))


def keep_pasted(image: QImage) -> Path:
    """Store a pasted picture as a file, and return its path.

    Raises:
        InputError: it cannot be written.
    """
    folder = cache_folder() / "pasted"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(".png", f"pasted-{datetime.now():%H%M%S}-", folder)
        with os.fdopen(number, "wb") as file:
            file.write(encoded(image.convertToFormat(QImage.Format.Format_RGB888), "PNG"))
    except OSError as error:
        raise InputError(
            tr("The pasted image cannot be kept ({error}).", error=tr_sentence(error)),
            tr("Save it as a file and drop that."),
        ) from error
    return Path(name)
