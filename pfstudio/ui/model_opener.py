"""Opening a checkpoint: read beside the window, then chosen on the page that it is for."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import PfstudioError
from pfstudio.core.models import InstalledModel
from pfstudio.ui.files.background import Background
from pfstudio.ui.notify import Notifier

SUFFIXES = (".safetensors", ".ckpt")
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
            header = json.loads(file.read(min(length, _LONGEST_HEADER)))
        return "pfstudio" not in header.get("__metadata__", {})
    except (OSError, ValueError, AttributeError, struct.error):
        return False  # whoever opens it says what is wrong


class ModelOpener(QObject):
    """Finds out what checkpoints are. `found` gets each as a model whose name is its path."""

    def __init__(
        self, notifier: Notifier, found: Callable[[InstalledModel], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._notifier, self._found = notifier, found
        self._background = Background("opening models", self)

    def open(self, path: Path) -> None:
        """Read a checkpoint."""
        self._notifier.say(f"Opening {path.name}…")
        self._background.ask(partial(_inspect, path), partial(self._on_read, path))

    def stop(self) -> None:
        """For closing the window."""
        self._background.stop()

    def _on_read(self, path: Path, answer: ModelCard | PfstudioError) -> None:
        if isinstance(answer, PfstudioError):
            self._notifier.error(answer)
            return
        self._notifier.say(f"Opened {path.name}.")
        self._found(InstalledModel(str(path), path.parent, answer, shipped=False))


def _inspect(path: Path) -> ModelCard | PfstudioError:
    from pfstudio.engine.model_file import card_of  # late: it imports torch

    try:
        return card_of(path)
    except PfstudioError as error:
        return error
