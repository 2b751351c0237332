"""The hand on a running job: cancel, pause, single step; for use from any thread."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Control:
    """Asked by the worker before each network call; told by the window, the CLI or a test.

    `preview_share` is the share of a run's time that decoding live previews may take; 0: none.
    `while_held` is called by the worker whenever `wake` is called during a pause.
    """

    def __init__(
        self, preview_share: float = 0.0, while_held: Callable[[], None] = lambda: None
    ) -> None:
        self.preview_share = preview_share
        self._while_held = while_held
        self._woken = False
        self._changed = threading.Condition()  # on a re-entrant lock: signal handlers call it too
        self._cancelled = False
        self._paused = False
        self._single_steps = 0

    def cancel(self) -> None:
        """Stop before the next call, also while paused."""
        self._set(cancelled=True)

    def pause(self) -> None:
        """Hold before the next call."""
        self._set(paused=True)

    def resume(self) -> None:
        """Go on."""
        self._set(paused=False)

    def single_step(self) -> None:
        """Make exactly one more call, then hold."""
        with self._changed:
            self._paused = True
            self._single_steps += 1
            self._changed.notify_all()

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    @property
    def paused(self) -> bool:
        return self._paused

    def proceed(self) -> bool:
        """Wait while the job is held; True: make the next call, False: stop."""
        while True:
            with self._changed:
                while self._held() and not self._woken:
                    self._changed.wait()
                self._woken = False
                if not self._held():
                    self._single_steps -= self._paused and not self._cancelled
                    return not self._cancelled
            self._while_held()

    def wake(self) -> None:
        """Let a held worker look at what else it was asked."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def _held(self) -> bool:
        return self._paused and not self._single_steps and not self._cancelled

    def _set(self, *, cancelled: bool = False, paused: bool | None = None) -> None:
        with self._changed:
            self._cancelled = self._cancelled or cancelled
            if paused is not None:
                self._paused, self._single_steps = paused, 0
            self._changed.notify_all()
