"""A column of the comparison: its run, where it is, and what it has cost so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from pfstudio.core.events import Floats, Progress
from pfstudio.core.generation import GenerateStep
from pfstudio.core.guidance import Guidance
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import Sampler
from pfstudio.ui.job_handle import JobHandle
from pfstudio.ui.lab.analysis import token_shares
from pfstudio.ui.lab.plan import Variant
from pfstudio.ui.language import QT_TR_NOOP
from pfstudio.ui.view_models.run_data import RunData


class State(Enum):
    """Where a run of the comparison is; the value is the word shown."""

    WAITING = QT_TR_NOOP("waiting")
    RUNNING = QT_TR_NOOP("running")
    DONE = QT_TR_NOOP("done")
    STOPPED = QT_TR_NOOP("stopped")
    FAILED = QT_TR_NOOP("failed")


OPEN = (State.WAITING, State.RUNNING)


@dataclass(eq=False)
class LabRun:
    """One column: a variant's run."""

    variant: Variant
    handle: JobHandle
    state: State = State.WAITING
    message: str = ""  # why it failed
    seconds: float = 0.0
    files: tuple[str, ...] = ()  # what was saved
    data: RunData | None = None  # once started
    # Tokens spent on each patch (n,m), by (call, image).
    spent: dict[tuple[int, int], Floats] = field(default_factory=dict, repr=False)

    @property
    def request(self) -> GenerateRequest:
        """What it runs."""
        return self.handle.request

    @property
    def label(self) -> str:
        """Its name for people."""
        return self.variant.label

    @property
    def settings(self) -> Sampler | Guidance:
        """Those that the columns differ in, as they run: the budget has set a sampler's steps."""
        sampler, chosen = self.request.sampler, self.variant.settings
        return sampler if type(sampler) is type(chosen) else chosen

    def add(self, progress: Progress) -> None:
        """Take one call."""
        if self.data is not None and not self.data.ended:
            self.data.append(progress)
            self.seconds = progress.elapsed
            step: GenerateStep = progress.detail
            for place, shares in enumerate(token_shares(step.role, step.tokens)):
                self.spent[step.call, step.first + place] = shares

    def compute(self, nfe: int, image: int) -> Floats | None:
        """Tokens spent on each patch of a picture in its first `nfe` calls, (n,m)."""
        known = [shares for (call, of), shares in self.spent.items() if call < nfe and of == image]
        return np.sum(known, axis=0) if known else None


@dataclass(frozen=True)
class LabPicture:
    """A picture that a column would like to show."""

    data: RunData
    call: int
    image: int

    @property
    def key(self) -> tuple[int, int]:
        """For `JobRunner.decode`; the page's run model numbers pictures in the same way."""
        return self.data.job, self.call * self.data.images + self.image


@dataclass(frozen=True)
class Figures:
    """A row of the table, of all pictures of the run; None where it is not known yet."""

    nfe: int | None
    passes: float  # of the network in a call, the mean over the run
    tokens: int | None
    flops: float | None
    seconds: float | None
    error: float | None  # RMSE to the reference's final pictures, grey levels
    psnr: float | None  # dB


class Cost(Enum):
    """What a column is priced in; the value says it on the axis of a plot."""

    FLOPS = QT_TR_NOOP("Compute per image")
    SECONDS = QT_TR_NOOP("Seconds per image")


@dataclass(frozen=True)
class Point:
    """A column as a point of the plot."""

    column: int
    label: str
    cost: float  # per picture: operations, or seconds
    error: float  # RMSE to the reference's final pictures, grey levels
