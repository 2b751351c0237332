"""What is known about the depth of each file of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pfstudio.core.depth import DepthMap, DepthRequest
from pfstudio.ui.depth.flow import Flow
from pfstudio.ui.files.model import FileItem

FLOW_BYTES = 256 * 2**20  # of calls that are kept for scrubbing, over all files


@dataclass
class DepthRun:
    """What is known about the depth of one file."""

    request: DepthRequest | None = None  # as asked last
    recipe: DepthRequest | None = None  # the same without the file
    result: DepthMap | None = None  # without its picture, which can be large
    flow: Flow = field(default_factory=Flow)
    looked: float = 0.0  # seconds of the run at the last look into it


def trim_flows(runs: Mapping[int, DepthRun], chosen: FileItem | None) -> None:
    """Let go of the calls of files that are not looked at, the first ones first, if they are many.

    Args:
        runs: by the number of the file.
    """
    total = sum(run.flow.bytes for run in runs.values())
    for number, run in runs.items():
        if total <= FLOW_BYTES:
            return
        if chosen is None or number != chosen.number:
            total -= run.flow.bytes
            run.flow = Flow()
