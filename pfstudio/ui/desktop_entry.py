"""The program in the start menu of a Linux desktop, and traces as its files (freedesktop.org).

`pfstudio --install-desktop` writes what packages of distributions bring along, for this user only.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from string import Template
from xml.sax.saxutils import escape

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter

from pfstudio.core.application import APP_ID, APP_NAME, TRACE_SUFFIX, TRACE_TYPE
from pfstudio.core.files import replacing, write_text
from pfstudio.core.paths import shipped
from pfstudio.ui import icons

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)  # of icons, in pixels
TRACE_ICON = TRACE_TYPE.replace("/", "-")
_TEXTS = {  # name of the template in resources/desktop -> where it goes
    "entry.desktop": f"applications/{APP_ID}.desktop",
    "metainfo.xml": f"metainfo/{APP_ID}.metainfo.xml",
    "mime.xml": f"mime/packages/{APP_ID}.xml",
}
_DRAWINGS = {"app": f"apps/{APP_ID}", "trace": f"mimetypes/{TRACE_ICON}"}
_ICONS = "icons/hicolor"
# What tells a running desktop; where one is missing, it finds out by itself, or at the next login.
_REFRESH = (
    ("update-desktop-database", "-q", "applications"),
    ("update-mime-database", "mime"),
    ("gtk-update-icon-cache", "-q", "-t", "-f", _ICONS),
)
_RESERVED = " \t\n\"'\\><~|&;$*?#()`"


def files() -> tuple[Path, ...]:
    """Everything that is installed, relative to a folder `share`."""
    drawn = (
        f"{_ICONS}/{folder}/{name}"
        for place in _DRAWINGS.values()
        for folder, name in (
            ("scalable", f"{place}.svg"),
            *((f"{side}x{side}", f"{place}.png") for side in SIZES),
        )
    )
    return tuple(map(Path, (*_TEXTS.values(), *drawn)))


def install(share: Path, command: Sequence[str]) -> tuple[Path, ...]:
    """Write entry, description, file type and icons; returns the paths.

    Args:
        share: e.g. ~/.local/share or /usr/share.
        command: the program and its first arguments.

    Raises:
        InputError, RunError: something could not be written.
    """
    words = {
        "id": APP_ID, "name": APP_NAME, "type": TRACE_TYPE, "icon": TRACE_ICON,
        "suffix": TRACE_SUFFIX, "command": exec_line(command), "program": command[0],
    }  # fmt: skip
    for name, place in _TEXTS.items():
        text = Template(shipped("resources", "desktop", name).read_text(encoding="utf-8"))
        plain = words if name == "entry.desktop" else {k: escape(v) for k, v in words.items()}
        write_text(share / place, text.substitute(plain))
    for drawing, place in _DRAWINGS.items():
        svg = shipped("resources", "icons", f"{drawing}.svg").read_text(encoding="utf-8")
        write_text(share / _ICONS / "scalable" / f"{place}.svg", svg)
        for side in SIZES:
            write_icon(share / _ICONS / f"{side}x{side}" / f"{place}.png", drawing, side)
    return tuple(share / path for path in files())


def uninstall(share: Path) -> tuple[Path, ...]:
    """Remove what `install` wrote, and folders that are empty then; returns what was there.

    Raises:
        OSError: a file cannot be removed.
    """
    found = tuple(share / path for path in files() if (share / path).exists())
    for path in found:
        path.unlink()
        with contextlib.suppress(OSError):  # others have files there too
            for folder in path.parents:
                if folder == share:
                    break
                folder.rmdir()
    return found


def refresh(share: Path) -> None:
    """Have the desktop's databases of entries, file types and icons made anew."""
    environment = dict(os.environ)
    if "LD_LIBRARY_PATH_ORIG" in environment:  # a bundle's libraries are not for other programs
        environment["LD_LIBRARY_PATH"] = environment["LD_LIBRARY_PATH_ORIG"]
    for tool, *arguments, folder in _REFRESH:
        if shutil.which(tool) and (share / folder).is_dir():
            command = [tool, *arguments, str(share / folder)]
            subprocess.run(command, env=environment, capture_output=True, check=False)


def exec_line(command: Sequence[str]) -> str:
    """A command as the key Exec of a desktop entry has it: quoted, and once more as a string."""
    return " ".join(map(_quoted, command))


def _quoted(word: str) -> str:
    word = word.replace("%", "%%")
    if not any(c in _RESERVED for c in word):
        return word
    inner = "".join(f"\\{c}" if c in '"`$\\' else c for c in word)
    return f'"{inner}"'.replace("\\", "\\\\")


def write_icon(path: Path, drawing: str, side: int) -> None:
    """A drawing of resources/icons as a PNG of `side` pixels.

    Raises:
        InputError, RunError: it could not be written.
    """
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    icons.draw(painter, drawing, QRectF(0, 0, side, side), "#000000")
    painter.end()
    with replacing(path) as temporary:
        QImageWriter(str(temporary), QByteArray(b"png")).write(image)
