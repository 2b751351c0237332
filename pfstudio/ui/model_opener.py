"""Opening a checkpoint: read beside the window, then chosen on the page that it is for."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from pfstudio.core.card import ModelCard
from pfstudio.core.documents import parse_json
from pfstudio.core.models import InstalledModel
from pfstudio.core.routes import Route
from pfstudio.ui.direction_dialog import DirectionDialog
from pfstudio.ui.files.background import Background
from pfstudio.ui.language import tr
from pfstudio.ui.notify import Notifier

if TYPE_CHECKING:
    from pfstudio.engine.model_file import UnknownDirection

SUFFIXES = (".safetensors", ".ckpt", ".pt")
_LONGEST_HEADER = 100 * 2**20  # bytes, as the library safetensors allows


def is_checkpoint(path: Path) -> bool:
    """Whether a file looks like a checkpoint; a trace of ours does not."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES or not path.is_file():
        return False
    if suffix != ".safetensors":
        return True
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = parse_json(file.read(min(length, _LONGEST_HEADER)), _LONGEST_HEADER)
        return "pfstudio" not in header.get("__metadata__", {})
    except (OSError, ValueError, AttributeError, struct.error):
        return False  # whoever opens it says what is wrong


class ModelOpener(QObject):
    """Finds out what checkpoints are. `found` gets each as a model whose name is its path."""

    def __init__(
        self, notifier: Notifier, found: Callable[[InstalledModel], None], window: QWidget
    ) -> None:
        super().__init__(window)
        self._notifier, self._found, self._window = notifier, found, window
        self._background = Background(tr("opening models"), self)

    def open(self, path: Path) -> None:
        """Read a checkpoint."""
        self._notifier.say(tr("Opening {name}…", name=path.name))
        self._ask(path, partial(_inspect, path))

    def stop(self) -> None:
        """For closing the window."""
        self._background.stop()

    def _ask(self, path: Path, work: Callable[[], ModelCard | UnknownDirection]) -> None:
        self._background.ask(work, partial(self._on_read, path), self._notifier.error)

    def _on_read(self, path: Path, found: ModelCard | UnknownDirection) -> None:
        if isinstance(found, ModelCard):
            self._notifier.say(tr("Opened {name}.", name=path.name))
            self._found(InstalledModel(str(path), path.parent, found, shipped=False))
            return
        dialog = DirectionDialog(path, found.blocks, self._window)
        dialog.answered.connect(partial(self._on_answered, path))
        dialog.open()

    def _on_answered(self, path: Path, reversed_time: bool, routes: tuple[Route, ...]) -> None:
        self._ask(path, partial(_answer, path, reversed_time, routes))


def _inspect(path: Path) -> ModelCard | UnknownDirection:
    from pfstudio.engine.model_file import card_or_question  # late: it imports torch

    return card_or_question(path)


def _answer(
    path: Path, reversed_time: bool, routes: tuple[Route, ...]
) -> ModelCard | UnknownDirection:
    from pfstudio.engine.model_file import answer  # late: it imports torch

    answer(path, reversed_time, routes)
    return _inspect(path)
