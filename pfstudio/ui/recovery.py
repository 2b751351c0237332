"""After a crash: runs that were being recorded are saved, and offered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from pfstudio.core.errors import PfstudioError
from pfstudio.core.results import recover_results
from pfstudio.ui.language import tr
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
    notifier.post(
        Notice(
            INFO,
            tr("%n runs were interrupted in the last session.", "", len(traces)),
            tr("Its calls up to then are saved."),
            actions=((tr("Open"), partial(open_path, traces[-1])),),
        )
    )
