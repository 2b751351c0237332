"""Opening a checkpoint: read beside the window, then chosen on the page that it is for."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from pfstudio.core.card import ModelCard
from pfstudio.core.documents import parse_json
from pfstudio.core.models import InstalledModel
from pfstudio.ui.files.background import Background
from pfstudio.ui.language import tr
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
            header = parse_json(file.read(min(length, _LONGEST_HEADER)), _LONGEST_HEADER)
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
        self._background = Background(tr("opening models"), self)

    def open(self, path: Path) -> None:
        """Read a checkpoint."""
        self._notifier.say(tr("Opening {name}…", name=path.name))
        read = partial(self._on_read, path)
        self._background.ask(partial(_inspect, path), read, self._notifier.error)

    def stop(self) -> None:
        """For closing the window."""
        self._background.stop()

    def _on_read(self, path: Path, card: ModelCard) -> None:
        self._notifier.say(tr("Opened {name}.", name=path.name))
        self._found(InstalledModel(str(path), path.parent, card, shipped=False))


def _inspect(path: Path) -> ModelCard:
    from pfstudio.engine.model_files import card_of  # late: it imports torch

    return card_of(path)
