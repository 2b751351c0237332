"""What Qt writes as bytes: given a file, its writers are silent about a full disk."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage


def open_buffer() -> QBuffer:
    """An empty buffer for one of Qt's writers; `buffer.data()` is what it wrote."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer


def encoded(image: QImage, kind: str) -> bytes:
    """A picture as the bytes of a file of this kind, "PNG" or "JPEG"; empty if it has no pixels."""
    buffer = open_buffer()
    image.save(buffer, kind)  # type: ignore[call-overload]
    return bytes(buffer.data().data())
