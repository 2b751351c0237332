"""Fetch one file of a repository on the Hugging Face hub, through the hub's own client."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pfstudio.core.errors import PfstudioError, RunError
from pfstudio.version import __version__
from pfstudio.weights.catalogue import HubFile
from pfstudio.weights.disk import check_space, disk_error
from pfstudio.weights.download import Progress, most_bytes, most_seconds


def download_from_hub(
    file: HubFile,
    folder: Path,
    progress: Progress = lambda done, total: None,
    stopped: Callable[[], bool] = bool,
) -> Path:
    """Fetch `file` into `folder`, or copy it from the client's own cache if it is there.

    The client goes on by itself after a short break of the connection. A file that was stopped
    begins again; whole ones stay.

    Args:
        progress: called after each block (10 MB).
        stopped: asked before each block; true ends the transfer.

    Returns:
        The path of the whole file.

    Raises:
        RunError: network or disk failed, or it was stopped.
    """
    target = folder / file.name
    if target.is_file():
        return target
    # Here, because importing it takes a while.
    from huggingface_hub import constants, hf_hub_download

    class Meter:
        """Stands where the client would draw its progress bar."""

        def __init__(self, *_: Any, total: int | None = None, initial: int = 0, **__: Any) -> None:
            self.done, self.total = initial, total or 0
            if self.total > most_bytes(file):
                raise RunError(f"{file.name} has {self.total:,} bytes, far more than expected.")

        def __enter__(self) -> Meter:
            return self

        def __exit__(self, *_: object) -> None:
            """Nothing was drawn."""

        def update(self, count: int) -> None:
            if stopped():
                raise RunError(f"The download of {file.name} was stopped.", "Download it again.")
            if time.monotonic() > latest:
                raise RunError(f"{file.name} arrives too slowly.", "Download it again later.")
            self.done += count
            progress(self.done, self.total)

    latest = time.monotonic() + most_seconds(file)
    check_space(folder, file.about_bytes)
    constants.HF_HUB_DISABLE_XET = True  # it counts in another thread, where none can be stopped
    constants.HF_HUB_DISABLE_TELEMETRY = True  # also where the client was imported before us
    try:
        hf_hub_download(
            file.repository,
            file.name,
            local_dir=folder,
            token=False,  # these files are for everybody
            library_name="pfstudio",
            library_version=__version__,
            tqdm_class=Meter,
        )
    except PfstudioError:
        raise
    except Exception as error:  # the client's versions use different libraries for the network
        if isinstance(error, OSError) and error.errno is not None:
            raise disk_error(error, folder) from error
        raise _failed(file, error) from error
    return target


def _failed(file: HubFile, error: Exception) -> RunError:
    from huggingface_hub.errors import LocalEntryNotFoundError, OfflineModeIsEnabled

    cause: BaseException = error
    if isinstance(error, LocalEntryNotFoundError):  # only says that it is not here either
        cause = error.__cause__ or error
    advice = "Check the connection and download it again."
    if isinstance(cause, OfflineModeIsEnabled):
        why, advice = "the hub is switched off by HF_HUB_OFFLINE", "Unset it and download it again."
    elif (response := getattr(cause, "response", None)) is not None:
        why = f"the hub answered {response.status_code}"
    else:  # its first sentence
        why = (str(cause) or type(cause).__name__).splitlines()[0].split(". ")[0].rstrip(".")
    return RunError(f"{file.name} of {file.repository} could not be fetched: {why}.", advice)
