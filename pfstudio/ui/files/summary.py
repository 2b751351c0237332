"""What to say when a batch of files has ended."""

from __future__ import annotations

from collections.abc import Sequence

from pfstudio.core.events import Failed, Final
from pfstudio.ui.files.model import FileItem, FileState
from pfstudio.ui.language import tr
from pfstudio.ui.notify import ERROR, GOOD, INFO, WARNING, Notice

_NAMED = 5


def summary(batch: Sequence[FileItem], last: Final, outcome: tuple[str, str]) -> Notice | None:
    """A notice that says how many are done, and names the files that failed.

    Args:
        last: the last event of the batch.
        outcome: texts such as "%n images have depth" and
            "{done} of %n images have depth".

    Returns:
        None where a single file was stopped, or none is left in the list.
    """
    failed = [item for item in batch if item.state is FileState.FAILED]
    done = sum(item.state is FileState.DONE for item in batch)
    of = tr(outcome[1], "", len(batch), done=done)
    if len(batch) == 1 and isinstance(last, Failed):
        return Notice(ERROR, last.message, last.advice, last.details)
    if failed:
        names = ", ".join(item.path.name for item in failed[:_NAMED])
        if more := len(failed[_NAMED:]):
            names = tr("{names} and {more} more", names=names, more=more)
        details = "\n".join(f"{item.path}: {item.words}" for item in failed)
        return Notice(
            WARNING,
            tr("{result}; failed: {names}.", result=of, names=names),
            tr("The list says why."),
            details,
        )
    if done == len(batch) > 0:
        return Notice(GOOD, tr(outcome[0], "", done) + ".")
    return Notice(INFO, tr("Stopped; {result}.", result=of)) if len(batch) > 1 else None
