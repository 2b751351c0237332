"""Names of the files in a result folder, and what the recipe in it may mean by such a name."""

from __future__ import annotations

import re
from pathlib import Path

from pfstudio.core.application import TRACE_SUFFIX

REQUEST_NAME = "request.json"
TRACE_NAME = f"trace{TRACE_SUFFIX}"
_NUMBERED = re.compile(r"image-(\d{3,})")


def image_number(path: Path) -> int | None:
    """Which image of its run a picture of a result is; None if its name does not say."""
    found = _NUMBERED.fullmatch(path.stem)
    return int(found[1]) if found else None


def file_beside(holder: Path, name: str) -> Path | None:
    """The file that a recipe means by a name alone, if it lies beside the file that holds it.

    Recipes are saved without folders, and all results name their files alike. So what the run of
    this folder made, or `holder` itself, is never meant: no run begins with its own end.

    Args:
        holder: picture, trace or request that the recipe was read from.
    """
    beside = holder.parent / name
    own = beside == holder or (beside.parent == holder.parent and _was_made_there(beside))
    return beside if beside.is_file() and not own else None


def _was_made_there(path: Path) -> bool:
    """Whether a file is the trace or an image of the result folder that it lies in."""
    named = path.name == TRACE_NAME or image_number(path) is not None
    return named and path.with_name(REQUEST_NAME).is_file()
