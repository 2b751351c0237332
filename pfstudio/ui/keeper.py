"""Documents that are stored while the window is open, each only when it changed."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from pfstudio.core.errors import PfstudioError
from pfstudio.core.settings import write_document

log = logging.getLogger(__name__)


class Keeper:
    """Writes documents; what cannot be written is logged once and tried again when it changes."""

    def __init__(self) -> None:
        self._known: dict[Path, str] = {}

    def keep(self, path: Path, version: int, data: dict[str, Any]) -> None:
        """Store a document, if it is another than the last time."""
        text = json.dumps(data, sort_keys=True)
        if self._known.get(path) == text:
            return
        self._known[path] = text
        try:
            write_document(path, version, data)
        except PfstudioError as error:
            log.error("%s is not kept: %s", path.name, error)
