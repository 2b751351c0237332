"""What to say when a batch of files has ended and some of them failed."""

from __future__ import annotations

from collections.abc import Sequence

from pfstudio.core.events import Failed, Final
from pfstudio.ui.files.model import FileItem, FileState
from pfstudio.ui.notify import ERROR, WARNING, Notice

_NAMED = 5


def failures(batch: Sequence[FileItem], last: Final, words: str) -> Notice | None:
    """A notice that names the files that failed; None if none did.

    Args:
        last: the last event of the batch.
        words: for those that did not, e.g. "images have depth now".
    """
    failed = [item for item in batch if item.state is FileState.FAILED]
    if len(batch) == 1 and isinstance(last, Failed):
        return Notice(ERROR, last.message, last.advice, last.details)
    if not failed:
        return None
    done = sum(item.state is FileState.DONE for item in batch)
    names = ", ".join(item.path.name for item in failed[:_NAMED])
    more = f" and {len(failed) - _NAMED} more" if len(failed) > _NAMED else ""
    sentence = f"{done} of {len(batch)} {words}; failed: {names}{more}."
    details = "\n".join(f"{item.path}: {item.words}" for item in failed)
    return Notice(WARNING, sentence, "The list says why.", details)
