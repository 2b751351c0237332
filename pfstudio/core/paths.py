"""Where things are: shipped data (three cases, one function) and the user's own folders."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

import platformdirs

from pfstudio.core.application import APP_NAME


def shipped(*parts: str) -> Path:
    """A file or folder of `resources/`, `models/` or `docs/`, e.g. shipped("models", "ae-f4").

    Knows the source tree, an installed wheel and a frozen bundle.
    """
    package = Path(__file__).resolve().parents[1]
    if getattr(sys, "frozen", False):
        root = Path(getattr(sys, "_MEIPASS", "")) / "pfstudio" / "_data"
    elif (package / "_data").is_dir():
        root = package / "_data"
    else:
        root = package.parent
    return root.joinpath(*parts)


def _folder(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or default)


def config_folder() -> Path:
    """Settings; PFSTUDIO_CONFIG overrides."""
    return _folder("PFSTUDIO_CONFIG", platformdirs.user_config_dir(APP_NAME, appauthor=False))


def data_folder() -> Path:
    """Installed models; PFSTUDIO_DATA overrides."""
    return _folder("PFSTUDIO_DATA", platformdirs.user_data_dir(APP_NAME, appauthor=False))


def cache_folder() -> Path:
    """What can be made again (autotune results, the library's index); PFSTUDIO_CACHE overrides."""
    return _folder("PFSTUDIO_CACHE", platformdirs.user_cache_dir(APP_NAME, appauthor=False))


def state_folder() -> Path:
    """Logs, locks, the queue and unfinished traces; PFSTUDIO_STATE overrides."""
    return _folder("PFSTUDIO_STATE", platformdirs.user_state_dir(APP_NAME, appauthor=False))


def pictures_folder() -> Path:
    """Where results are saved; PFSTUDIO_PICTURES overrides."""
    return _folder("PFSTUDIO_PICTURES", str(Path(platformdirs.user_pictures_dir()) / APP_NAME))


def result_path(name: str, root: Path | None, when: datetime | None) -> Path:
    """Where a new result goes, in the folder of its day; None: below the pictures folder, now."""
    when = when or datetime.now()
    return (root or pictures_folder()) / f"{when:%Y-%m-%d}" / f"{when:%H%M%S}-{name}"
