"""The way from a picture to its depth: its calls, and the cursor that moves over them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from pfstudio.core.depth import DepthStep
from pfstudio.ui.language import parts_around, tr

Floats = npt.NDArray[np.float32]


@dataclass
class Flow:
    """The calls of one run that were made for its first members, over the whole picture."""

    steps: list[DepthStep] = field(default_factory=list)
    frames: dict[int, Floats] = field(default_factory=dict)  # by step: (h,w) log-depth, member 0

    @property
    def bytes(self) -> int:
        """Memory of what is kept."""
        kept = [step.prediction for step in self.steps if step.prediction is not None]
        return sum(a.nbytes for a in kept) + sum(a.nbytes for a in self.frames.values())

    def add(self, step: DepthStep) -> None:
        """Keep a call, if it can be shown: tiles and further batches of members are left out."""
        if step.tile == 0 and step.first == 0 and step.prediction is not None:
            self.steps.append(step)

    def latents(self, step: int) -> npt.NDArray[np.float16]:
        """(1,C,h,w) the depth latent that the first member pointed to in a step, from 0."""
        prediction = self.steps[step].prediction
        assert prediction is not None
        return prediction[:1]


class FlowModel(QObject):
    """Cursor over the flow of the file that is looked at, for a Player.

    Call 0 is the picture, then come the network calls, and last the result where there is one.
    """

    run_changed = Signal()  # another flow
    calls_changed = Signal()  # more calls
    call_changed = Signal(int)  # the cursor
    frame_changed = Signal(int)  # a step's prediction was decoded
    frame_wanted = Signal(int)  # of this step

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.flow: Flow | None = None
        self.finished = False
        self.call = 0
        self._asked: int | None = None  # step that the worker was asked for last
        self._follows = True  # the cursor stays at the end while calls arrive

    @property
    def done(self) -> int:
        """Places of the cursor."""
        steps = len(self.flow.steps) if self.flow else 0
        return 1 + steps + self.finished

    total = done

    @property
    def at_result(self) -> bool:
        """Whether the cursor is at the finished depth."""
        return self.finished and self.call == self.done - 1

    def step_of(self, call: int) -> int | None:
        """The step, from 0, of a place of the cursor; None at the picture and at the result."""
        return call - 1 if self.flow is not None and 0 < call <= len(self.flow.steps) else None

    def frame(self, call: int) -> Floats | None:
        """The prediction (h,w) of a place of the cursor, if it is decoded."""
        step = self.step_of(call)
        return self.flow.frames.get(step) if self.flow and step is not None else None

    def words(self) -> tuple[str, str, str]:
        """Where the cursor is."""
        if self.done == 1:
            return (tr("from image to depth"), "", "")
        if self.step_of(self.call) is None:
            return (tr("the result") if self.at_result else tr("the image"), "", "")
        text = (
            tr("call {call} of {total}, first member")
            if self.finished
            else tr("call {call}, first member")
        )
        return parts_around("call", text, call=self.call, total=self.done - 2)

    def sentence(self) -> str:
        """Where the cursor is, for screen readers."""
        return "".join(self.words())

    def show(self, flow: Flow | None, finished: bool) -> None:
        """Look at another file's flow, from its end."""
        self.flow, self.finished, self._follows = flow, finished, True
        self._asked = None
        self.call = self.done - 1
        self._want()
        self.run_changed.emit()

    def update(self, finished: bool) -> None:
        """More calls came, or the result."""
        self.finished = finished
        if self._follows or self.call >= self.done:
            self.call = self.done - 1
        self._want()
        self.calls_changed.emit()

    def set_frame(self, step: int, frame: Floats) -> None:
        """A prediction was decoded."""
        if self.flow is not None:
            self.flow.frames[step] = frame
            if step == self._asked:
                self._asked = None
            self.frame_changed.emit(step)
            self._want()

    def set_call(self, call: int) -> None:
        """Move the cursor."""
        call = min(max(call, 0), self.done - 1)
        self._follows = call == self.done - 1
        if call != self.call:
            self.call = call
            self._want()
            self.call_changed.emit(call)

    def missing(self) -> int | None:
        """The next step whose prediction is not decoded; the one under the cursor first."""
        if self.flow is None:
            return None
        here = self.step_of(self.call)
        steps = [] if here is None else [here]
        steps += range(len(self.flow.steps)) if self.finished else ()
        return next((step for step in steps if step not in self.flow.frames), None)

    def _want(self) -> None:
        step = self.missing()
        if step is not None and step != self._asked:
            self._asked = step
            self.frame_wanted.emit(step)
