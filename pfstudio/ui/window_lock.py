"""Which process has the window that takes the files of later starts. Without Qt: asked first."""

from __future__ import annotations

import logging
import os

from pfstudio.core.files import lock
from pfstudio.core.paths import state_folder

log = logging.getLogger(__name__)

LOCK_NAME = "window.lock"


class WindowLock:
    """Held by one process at a time; the system frees it when the process ends."""

    def __init__(self) -> None:
        self._descriptor = -1

    def take(self) -> bool:
        """False if another process holds it."""
        path = state_folder() / LOCK_NAME
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            log.warning("later starts open windows of their own: %s", error)
            return True
        return lock(self._descriptor)

    def release(self) -> None:
        """Let the next start be the first."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
