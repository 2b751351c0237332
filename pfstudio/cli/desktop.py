"""`pfstudio --install-desktop` and `--uninstall-desktop`: the start menu, for installs by pip."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs

from pfstudio.core.application import APP_NAME, program_command
from pfstudio.core.errors import InputError, RunError


def run(flag: str, *more: str) -> int:
    """Do what a flag says; returns the exit code.

    Raises:
        InputError: not on Linux, or there are more arguments.
        RunError: a file cannot be removed.
    """
    if more:
        raise InputError(f"{flag} stands alone: {' '.join(more)} is too much.")
    if not sys.platform.startswith("linux"):
        raise InputError(
            f"{flag} is for Linux.", "Here the installer makes the entry in the start menu."
        )
    from pfstudio.ui import desktop_entry

    share = Path(platformdirs.user_data_dir())
    if flag == "--install-desktop":
        desktop_entry.install(share, program_command())
        said = f"{APP_NAME} is in the start menu now (files in {share})."
    else:
        try:
            found = desktop_entry.uninstall(share)
        except OSError as error:
            raise RunError(f"{error.filename} cannot be removed ({error.strerror}).") from error
        gone = f"{APP_NAME} is no longer in the start menu. Results and settings are kept."
        said = gone if found else f"{APP_NAME} was not in the start menu."
    desktop_entry.refresh(share)
    print(said)
    return 0
