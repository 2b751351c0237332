"""Models on their way in and out, for the window, which knows only this room."""

from __future__ import annotations

from pathlib import Path

from pfstudio.core.models import Imported
from pfstudio.engine.model_file import UnknownDirection, answer
from pfstudio.weights.answers import UnansweredError
from pfstudio.weights.catalogue import CATALOGUE
from pfstudio.weights.store import (
    discard_download,
    download_model,
    fetched_bytes,
    import_model,
    verify_model,
)

__all__ = [
    "CATALOGUE",
    "answer",
    "discard_download",
    "download_model",
    "fetched_bytes",
    "import_or_question",
    "verify_model",
]


def import_or_question(path: Path) -> Imported | UnknownDirection:
    """Install a checkpoint, or tell what has to be answered first.

    Raises:
        InputError, RunError: as `import_model`.
    """
    try:
        return import_model(path)
    except UnansweredError as error:
        return UnknownDirection(error.blocks)
