"""The way from a picture to its depth: its calls, and the cursor that moves over them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from pfstudio.core.depth import DepthStep

Floats = npt.NDArray[np.float32]

PLAY_MS = 400


@dataclass
class Flow:
    """The calls of one run that were made for its first members, over the whole picture."""

    steps: list[DepthStep] = field(default_factory=list)
    frames: dict[int, Floats] = field(default_factory=dict)  # by call: (h,w) log-depth, member 0

    @property
    def bytes(self) -> int:
        """Memory of what is kept."""
        kept = [step.prediction for step in self.steps if step.prediction is not None]
        return sum(a.nbytes for a in kept) + sum(a.nbytes for a in self.frames.values())

    def add(self, step: DepthStep) -> None:
        """Keep a call, if it can be shown: tiles and further batches of members are left out."""
        if step.tile == 0 and step.first == 0 and step.prediction is not None:
            self.steps.append(step)

    def latents(self, call: int) -> npt.NDArray[np.float16]:
        """(1,C,h,w) the depth latent that the first member pointed to at a call."""
        prediction = self.steps[call].prediction
        assert prediction is not None
        return prediction[:1]


class FlowModel(QObject):
    """Cursor over the flow of the file that is looked at.

    Position 0 is the picture, then come the calls, and last the result where there is one.
    """

    changed = Signal()  # another flow, or more calls
    moved = Signal(int)  # the cursor
    playing_changed = Signal()
    frame_changed = Signal(int)  # a call's prediction was decoded
    frame_wanted = Signal(int)  # of this call

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.flow: Flow | None = None
        self.finished = False
        self.position = 0
        self._asked: int | None = None  # call that the worker was asked for last
        self._follows = True  # the cursor stays at the end while calls arrive
        self._timer = QTimer(self)
        self._timer.setInterval(PLAY_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def count(self) -> int:
        """Positions."""
        calls = len(self.flow.steps) if self.flow else 0
        return 1 + calls + self.finished

    @property
    def call(self) -> int | None:
        """The call under the cursor; None at the picture and at the result."""
        at = self.position - 1
        return at if self.flow is not None and 0 <= at < len(self.flow.steps) else None

    @property
    def at_result(self) -> bool:
        """Whether the cursor is at the finished depth."""
        return self.finished and self.position == self.count - 1

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    def frame(self) -> Floats | None:
        """The prediction (h,w) under the cursor, if it is decoded."""
        call = self.call
        return self.flow.frames.get(call) if self.flow and call is not None else None

    def words(self) -> str:
        """Where the cursor is."""
        if self.position == 0:
            return "the picture"
        if self.at_result:
            return "the result"
        assert self.flow is not None
        of = f" of {len(self.flow.steps)}" if self.finished else ""
        return f"call {self.position}{of}, first member"

    def show(self, flow: Flow | None, finished: bool) -> None:
        """Look at another file's flow, from its end."""
        self.stop()
        self.flow, self.finished, self._follows = flow, finished, True
        self._asked = None
        self.position = self.count - 1
        self._want()
        self.changed.emit()

    def update(self, finished: bool) -> None:
        """More calls came, or the result."""
        self.finished = finished
        if self._follows or self.position >= self.count:
            self.position = self.count - 1
        self._want()
        self.changed.emit()

    def set_frame(self, call: int, frame: Floats) -> None:
        """A prediction was decoded."""
        if self.flow is not None:
            self.flow.frames[call] = frame
            if call == self._asked:
                self._asked = None
            self.frame_changed.emit(call)
            self._want()

    # -- verbs ------------------------------------------------------------------------------------

    def go(self, position: int) -> None:
        """Move the cursor."""
        position = min(max(position, 0), self.count - 1)
        self._follows = position == self.count - 1
        if position != self.position:
            self.position = position
            self._want()
            self.moved.emit(position)

    def next(self) -> None:
        """One on."""
        self.stop()
        self.go(self.position + 1)

    def previous(self) -> None:
        """One back."""
        self.stop()
        self.go(self.position - 1)

    def first(self) -> None:
        """To the picture."""
        self.stop()
        self.go(0)

    def last(self) -> None:
        """To the result, or the last call so far."""
        self.stop()
        self.go(self.count - 1)

    def toggle(self) -> None:
        """Play or hold; at the end, playing starts over."""
        if self.playing:
            self.stop()
        elif self.count > 1:
            if self.position == self.count - 1:
                self.go(0)
            self._timer.start()
            self.playing_changed.emit()

    def stop(self) -> None:
        """Hold."""
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit()

    @Slot()
    def _tick(self) -> None:
        if self.position < self.count - 1:
            self.go(self.position + 1)
        else:
            self.stop()

    def missing(self) -> int | None:
        """The next call whose prediction is not decoded; the one under the cursor first."""
        if self.flow is None:
            return None
        calls = [] if self.call is None else [self.call]
        calls += range(len(self.flow.steps)) if self.finished else ()
        return next((call for call in calls if call not in self.flow.frames), None)

    def _want(self) -> None:
        call = self.missing()
        if call is not None and call != self._asked:
            self._asked = call
            self.frame_wanted.emit(call)
