"""Playing a run and moving through it: the verbs of the time cursor, and their keys."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent

from pfstudio.ui.view_models.run import RunModel

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)
CALLS_PER_SECOND = 10.0  # at speed 1


class Player(QObject):
    """Moves the time cursor of `run`. Left/Right one call, Shift 10 %, Home/End, Space plays."""

    changed = Signal()

    def __init__(self, run: RunModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run = run
        self.loop = False
        self.speed = 1.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        run.run_changed.connect(self.stop)

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    def step(self, calls: int) -> None:
        """Some calls on (or back)."""
        self.stop()
        self.run.set_call(self.run.call + calls)

    def next(self) -> None:
        self.step(1)

    def previous(self) -> None:
        self.step(-1)

    def jump(self, tenths: int) -> None:
        """Tenths of the run on (or back)."""
        expected = self.run.data.expected if self.run.data else 1
        self.step(tenths * max(1, round(expected / 10)))

    def jump_on(self) -> None:
        self.jump(1)

    def jump_back(self) -> None:
        self.jump(-1)

    def first(self) -> None:
        """To the first call."""
        self.stop()
        self.run.set_call(0)

    def last(self) -> None:
        """To the last known call; a running job is followed from here."""
        self.stop()
        self.run.set_call(self.run.done - 1)

    def toggle(self) -> None:
        """Play or hold. At the end, playing starts over."""
        if self.playing:
            self.stop()
        elif self.run.done > 1:
            if self.run.call >= self.run.done - 1:
                self.run.set_call(0)
            self._timer.start(round(1000 / (CALLS_PER_SECOND * self.speed)))
            self.changed.emit()

    def stop(self) -> None:
        """Hold."""
        if self.playing:
            self._timer.stop()
            self.changed.emit()

    def set_speed(self, speed: float) -> None:
        """Times the normal speed."""
        self.speed = speed
        if self.playing:
            self._timer.start(round(1000 / (CALLS_PER_SECOND * speed)))
        self.changed.emit()

    def set_loop(self, loop: bool) -> None:
        """Start over at the end instead of holding."""
        self.loop = loop
        self.changed.emit()

    def _tick(self) -> None:
        if self.run.call < self.run.done - 1:
            self.run.set_call(self.run.call + 1)
        elif self.loop:
            self.run.set_call(0)
        else:
            self.stop()

    def take_key(self, event: QKeyEvent) -> bool:
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
        if verb is None:
            return False
        verb()
        return True
