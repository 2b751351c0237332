"""What pages, tools and dialogs may use of the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pfstudio.ui.commands import Commands
from pfstudio.ui.jobs import Jobs
from pfstudio.ui.notify import Notifier
from pfstudio.ui.view_models.settings import SettingsModel


@dataclass(frozen=True)
class AppContext:
    """One of each in a window."""

    jobs: Jobs
    settings: SettingsModel
    notifier: Notifier
    commands: Commands
    open_page: Callable[[str, Mapping[str, Any]], None]  # by its key, arranged as a state says
    open_path: Callable[[Path], None]  # one of our pictures or traces, or any picture
    open_run: Callable[[Path, int], None]  # a trace, at one of its images
    open_model: Callable[[Path], None]  # a checkpoint, on the page that it is for
    send_files: Callable[[str, Sequence[Path]], None]  # open a page with these files
    models_changed: Callable[[], None]  # others are installed than before
    tell_desktop: Callable[[str], None]  # a sentence, if the user wants it and looks elsewhere
