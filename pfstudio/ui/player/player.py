"""Playing what was made call by call: the verbs of its cursor, and their keys."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)


class Playable(Protocol):
    """Calls with a cursor: a RunModel or a FlowModel."""

    run_changed: SignalInstance  # others, or none
    calls_changed: SignalInstance  # more of them
    call_changed: SignalInstance  # the cursor moved

    @property
    def call(self) -> int:
        """Where the cursor is, from 0."""

    @property
    def done(self) -> int:
        """Calls that the cursor can go to."""

    @property
    def total(self) -> int:
        """Calls that are expected, at least 1."""

    def set_call(self, call: int) -> None:
        """Move the cursor; beyond the ends it stays there."""

    def words(self) -> tuple[str, str, str]:
        """Where the cursor is; the middle part stands out."""

    def sentence(self) -> str:
        """The same for screen readers, and what is there."""


class Player(QObject):
    """Moves the cursor of `run`. Left/Right one call, Shift 10 %, Home/End, Space plays."""

    changed = Signal()  # playing, speed or loop

    def __init__(
        self, run: Playable, parent: QObject | None = None, *, per_second: float = 10.0
    ) -> None:
        super().__init__(parent)
        self.run = run
        self.loop = False
        self.speed = 1.0
        self._per_second = per_second  # calls, at speed 1
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        run.run_changed.connect(self.stop)

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    def go(self, call: int) -> None:
        """To this call, and pause."""
        self.stop()
        self.run.set_call(call)

    def next(self) -> None:
        self.go(self.run.call + 1)

    def previous(self) -> None:
        self.go(self.run.call - 1)

    def jump_on(self) -> None:
        """A tenth of the calls on."""
        self.go(self.run.call + max(1, round(self.run.total / 10)))

    def jump_back(self) -> None:
        """A tenth of the calls back."""
        self.go(self.run.call - max(1, round(self.run.total / 10)))

    def first(self) -> None:
        self.go(0)

    def last(self) -> None:
        """To the last known call; a running job is followed from here."""
        self.go(self.run.done - 1)

    def toggle(self) -> None:
        """Play or pause. At the end, playing starts over."""
        if self.playing:
            self.stop()
        elif self.run.done > 1:
            if self.run.call >= self.run.done - 1:
                self.run.set_call(0)
            self._start()

    def stop(self) -> None:
        """Pause."""
        if self.playing:
            self._timer.stop()
            self.changed.emit()

    def set_speed(self, speed: float) -> None:
        """Times the normal speed."""
        self.speed = speed
        if self.playing:
            self._start()
        self.changed.emit()

    def set_loop(self, loop: bool) -> None:
        """Start over at the end instead of stopping."""
        self.loop = loop
        self.changed.emit()

    def _start(self) -> None:
        self._timer.start(round(1000 / (self._per_second * self.speed)))
        self.changed.emit()

    def _tick(self) -> None:
        if self.run.call < self.run.done - 1:
            self.run.set_call(self.run.call + 1)
        elif self.loop:
            self.run.set_call(0)
        else:
            self.stop()

    def accept_key(self, event: QKeyEvent) -> bool:
        """Handle a key that belongs to time; False for any other."""
        keys, held = Qt.Key, Qt.KeyboardModifier
        shift = event.modifiers() == held.ShiftModifier
        if event.modifiers() not in (held.NoModifier, held.ShiftModifier, held.KeypadModifier):
            return False
        verbs = {
            keys.Key_Left: self.jump_back if shift else self.previous,
            keys.Key_Right: self.jump_on if shift else self.next,
            keys.Key_Home: self.first,
            keys.Key_End: self.last,
            keys.Key_Space: self.toggle,
        }
        verb = verbs.get(Qt.Key(event.key()))
        if verb is not None:
            verb()
        return verb is not None
