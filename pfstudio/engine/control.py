"""The hand on a running job: cancel it, or hold the worker; for use from any thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook


class Stopped(Exception):  # noqa: N818 - not an error: the user stopped the run
    """Ends a run that was cancelled; `partial` is what is worth keeping of its result."""

    def __init__(self, partial: Any = None) -> None:
        super().__init__("stopped")
        self.partial = partial


class Gate:
    """Holds whichever job the worker has, before its next network call.

    `serve` is called at every call, and during a pause whenever `wake` was: it answers what else
    the worker is asked.
    """

    def __init__(self, serve: Callable[[], None] = lambda: None) -> None:
        self._serve = serve
        self._changed = threading.Condition()  # on a re-entrant lock: signal handlers call it too
        self._woken = False
        self._paused = False
        self._single_steps = 0

    @property
    def paused(self) -> bool:
        return self._paused

    def pause(self) -> None:
        """Hold before the next call."""
        self._set(True, 0)

    def resume(self) -> None:
        """Go on."""
        self._set(False, 0)

    def single_step(self) -> None:
        """Make exactly one more call, then hold."""
        self._set(True, self._single_steps + 1)

    def wake(self) -> None:
        """Let a held worker look at what else it was asked, and whether it was cancelled."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def pass_through(self, cancelled: Callable[[], bool]) -> None:
        """Wait while the worker is held and not cancelled; on the worker's thread."""
        while True:
            self._serve()
            with self._changed:
                while self._holds(cancelled) and not self._woken:
                    self._changed.wait()
                self._woken = False
                if not self._holds(cancelled):
                    self._single_steps -= self._paused and not cancelled()
                    return

    def _holds(self, cancelled: Callable[[], bool]) -> bool:
        return self._paused and not self._single_steps and not cancelled()

    def _set(self, paused: bool, single_steps: int) -> None:
        with self._changed:
            self._paused, self._single_steps = paused, single_steps
            self._changed.notify_all()


class Control:
    """Cancels one job; its gate, which all jobs of a worker share, holds it.

    `preview_share` is the share of a run's time that decoding live previews may take; 0: none.
    """

    def __init__(self, preview_share: float = 0.0, gate: Gate | None = None) -> None:
        self.preview_share = preview_share
        self.gate = gate or Gate()
        self.cancelled = False

    def cancel(self) -> None:
        """Stop before the next layer of a network, also while the worker is held."""
        self.cancelled = True
        self.gate.wake()

    def checkpoint(self) -> None:
        """Call it before each network call: waits while the worker is held.

        Raises:
            Stopped: the job was cancelled.
        """
        self.gate.pass_through(lambda: self.cancelled)
        if self.cancelled:
            raise Stopped


@contextmanager
def stoppable(control: Control) -> Iterator[None]:
    """While inside, a cancel raises Stopped before the next layer of any network of this thread.

    One hook for all modules: also for those that are loaded later. It costs about a microsecond a
    layer.
    """
    thread = threading.get_ident()

    def check(module: nn.Module, inputs: Any) -> None:
        if control.cancelled and threading.get_ident() == thread:
            raise Stopped

    hook = register_module_forward_pre_hook(check)
    try:
        yield
    finally:
        hook.remove()
