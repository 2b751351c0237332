"""After a crash: runs that were being recorded are saved, and offered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from pfstudio.core.errors import PfstudioError
from pfstudio.core.results import recover_results
from pfstudio.ui.notify import INFO, Notice, Notifier


def recover_interrupted(notifier: Notifier, open_path: Callable[[Path], None]) -> None:
    """Save what a crashed session recorded, and tell the user where it is."""
    try:
        saved = recover_results()
    except PfstudioError as error:
        notifier.error(error)
        return
    traces = [result.trace for result in saved if result.trace is not None]
    if not traces:
        return
    what = "A run was" if len(traces) == 1 else f"{len(traces)} runs were"
    notifier.post(
        Notice(
            INFO,
            f"{what} interrupted in the last session.",
            "Its calls up to then are saved.",
            actions=(("Open", partial(open_path, traces[-1])),),
        )
    )
