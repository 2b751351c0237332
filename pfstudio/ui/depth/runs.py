"""What is known about the depth of each file of the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pfstudio.core.depth import DepthMap, DepthRequest
from pfstudio.ui.depth.flow import Flow
from pfstudio.ui.files.model import FileItem

FLOW_BYTES = 256 * 2**20  # of calls that are kept for scrubbing, over all files


@dataclass
class DepthRun:
    """What is known about the depth of one file."""

    request: DepthRequest | None = None  # as run last
    result: DepthMap | None = None  # without its picture, which can be large
    flow: Flow = field(default_factory=Flow)
    looked: float = 0.0  # seconds of the run at the last look into it


def run_of(item: FileItem) -> DepthRun:
    """What is known about a file."""
    if item.known is None:
        item.known = DepthRun()
    run: DepthRun = item.known
    return run


class KeptFlows:
    """Lets go of the calls of files, the first ones first, where they are many."""

    def __init__(self) -> None:
        self._bytes: dict[FileItem, int] = {}
        self._total = 0

    def keep(self, item: FileItem, chosen: FileItem | None) -> None:
        """Keep the calls of a file, if need be instead of others; never lose the chosen file's."""
        self.forget([item])
        self._bytes[item] = run_of(item).flow.bytes
        self._total += self._bytes[item]
        while self._total > FLOW_BYTES:
            first = next((item for item in self._bytes if item is not chosen), None)
            if first is None:
                return
            self.forget([first])
            run_of(first).flow = Flow()

    def forget(self, items: Iterable[FileItem]) -> None:
        """Count these no more."""
        self._total -= sum(self._bytes.pop(item, 0) for item in items)
