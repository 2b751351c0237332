"""The run being looked at: its data and the cursors that every view of the page shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from pfstudio.core.events import Bytes, Halfs, Progress, Started
from pfstudio.core.generation import Generated
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.trace import Role, Trace
from pfstudio.ui.language import QT_TR_NOOP, number, parts_around, tr
from pfstudio.ui.view_models.run_data import RunData, patch_on
from pfstudio.ui.view_models.scan_data import ScanLook

ROLE_WORDS = {
    Role.TOGETHER: QT_TR_NOOP("together"),
    Role.FAST: QT_TR_NOOP("fast"),
    Role.SLOW: QT_TR_NOOP("slow"),
    Role.CONTEXT: QT_TR_NOOP("context"),
    Role.FIXED: QT_TR_NOOP("frozen"),
    Role.FINISHED: QT_TR_NOOP("finished"),
}


@dataclass(frozen=True)
class DecodeAsk:
    """A picture that a view would like to have decoded; fits `JobRunner.decode`."""

    request: GenerateRequest
    key: tuple[int, int]  # (job, RunData.place of the picture)
    latents: Halfs  # (1,C,H,W)


class RunModel(QObject):
    """One run with one time cursor, one patch cursor and one image cursor.

    `pinned` is another run kept for comparison; it follows the time cursor by its share of the
    run. Decoded pictures are asked for by `decode_wanted` and handed in by `set_decoded`.
    """

    run_changed = Signal()  # another run (or none), or the run ended: everything may be different
    calls_changed = Signal()  # more calls are known
    call_changed = Signal(int)
    slow_refresh = Signal()  # after these two, but seldom while calls come: for what costs more
    patch_changed = Signal(int, int)  # row, column
    image_changed = Signal(int)
    scan_changed = Signal()  # another layer or figure of the scan is looked at
    word_changed = Signal()  # another word of the prompt, or another layer, is looked at
    picture_changed = Signal(int)  # a decoded picture of this call arrived
    pinned_changed = Signal()
    decode_wanted = Signal(object)  # DecodeAsk

    @property
    def shown(self) -> RunData:
        """The data of the run, where there is one."""
        assert self.data is not None
        return self.data

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.data: RunData | None = None
        self.pinned: RunData | None = None
        self.pinned_title = ""
        self._pinned_from = 0  # its call that belongs to the first one of the shown run
        self.title = ""  # what the run is called, e.g. its class
        self.call = 0
        self.image = 0
        self.patch = (0, 0)
        self.follow_live = True
        self._wished: list[int] = []  # calls whose pictures a view would like, in order
        self._came: set[int] = set()  # places of pictures that came since they were wished
        self._reference: tuple[RunData, int] | None = None
        self._asked: tuple[int, int] | None = None
        self._undecodable: set[int] = set()  # jobs whose pictures cannot be had
        self._noisy_wanted = False
        self._said: tuple[object, str] = ((), "")  # what the sentence was made of, and it

    # -- the run's life -----------------------------------------------------------------------

    def begin(self, started: Started, request: GenerateRequest, title: str = "") -> None:
        """A run starts: forget the one before, follow the new one."""
        self._show(RunData.live(started, request), title)

    def append(self, steps: Iterable[Progress]) -> None:
        """Calls of a sampler were made. Those of another job are ignored."""
        data = self.data
        if data is None or data.ended:
            return
        ours = [step for step in steps if step.job == data.job]
        before = data.batch
        for step in ours:
            data.append(step)
        if not ours:
            return
        if self.follow_live and self.image in before and self.image not in data.batch:
            self.set_image(data.batch.start)  # the next batch of a large run began
        self.calls_changed.emit()
        if self.follow_live:
            self._go(self.done - 1)

    def set_preview(self, call: int, images: Bytes, first: int = 0) -> None:
        """Decoded predictions (b,H,W,3) of a call of the running job, from image `first` on."""
        if self.data is not None:
            self.data.keep_picture(call, images, first)
            self.picture_changed.emit(call)

    def finish(self, result: Generated | None) -> None:
        """The run is over, done or stopped; None: it failed."""
        if self.data is None:
            return
        self.data.finish(result)
        self.image = min(self.image, self.data.images - 1)  # a stopped run may have fewer
        self.call = min(self.call, max(self.done - 1, 0))
        self.run_changed.emit()
        self._ask()

    def set_trace(self, trace: Trace, images: Bytes | None, title: str = "") -> None:
        """Look at a run from a trace file; it opens at its last call."""
        self._show(RunData.opened(trace, images), title)
        self._move(self.done - 1)

    def set_data(self, data: RunData, title: str = "") -> None:
        """Look at a run that is already in memory, e.g. one of the sampler lab."""
        self._show(data, title)
        self._move(self.done - 1)

    def clear(self) -> None:
        """Look at nothing."""
        self.data = None
        self.title = ""
        self.call = 0
        self.run_changed.emit()

    def pin(self) -> None:
        """Keep this run for comparison with later ones."""
        self.set_pinned(self.data, self.title)

    def set_pinned(self, data: RunData | None, title: str = "", first: int = 0) -> None:
        """Compare with this run, from its call `first` on; None takes the pin away."""
        self.pinned, self.pinned_title, self._pinned_from = data, title, first
        self.pinned_changed.emit()

    def _show(self, data: RunData, title: str) -> None:
        same_grid = self.data is not None and self.data.grid == data.grid
        self.data, self.title = data, title
        self.call = 0
        self.follow_live = True
        self._wished, self._reference, self._asked = [], None, None
        self._came.clear()
        self._undecodable.clear()
        if not same_grid:
            self.patch = (data.grid[0] // 2, data.grid[1] // 2)
        data.scan.patch = self.patch
        if self.image >= data.images:
            self.image = 0
        self.run_changed.emit()

    @Slot()
    def refresh_slow(self) -> None:
        """Bring also up to date what waits while a run is followed."""
        self.slow_refresh.emit()

    # -- the cursors --------------------------------------------------------------------------

    @property
    def done(self) -> int:
        """Calls known of the picture that is looked at."""
        return self.data.known(self.image) if self.data else 0

    @property
    def total(self) -> int:
        """Calls for a picture, as far as known."""
        return self.data.expected if self.data else 1

    @property
    def is_live(self) -> bool:
        """Whether the run still goes on."""
        return self.data is not None and not self.data.ended

    def set_call(self, call: int) -> None:
        """Move the time cursor; at the last call of a picture being made it keeps following."""
        self.follow_live = self._grows() and call >= self.done - 1
        self._move(call)

    def set_patch(self, row: int, column: int) -> None:
        """Move the patch cursor."""
        if self.data is None:
            return
        rows, columns = self.data.grid
        patch = (int(np.clip(row, 0, rows - 1)), int(np.clip(column, 0, columns - 1)))
        if patch != self.patch:
            self.patch = self.data.scan.patch = patch
            self.patch_changed.emit(*patch)

    def set_word(self, word: int | None, layer: int | None) -> None:
        """Look at the attention to a word of the prompt (None: to none) in a layer (None: all)."""
        if self.data is not None and (word, layer) != (self.data.word, self.data.layer):
            self.data.word, self.data.layer = word, layer
            self.word_changed.emit()

    def look_alike(self, other: RunData, image: int) -> None:
        """Look at an image of another run as at this one: the same word, as far as its prompt and
        its layers have it, and the same layer, figure and patch of the scan."""
        data = self.data
        if data is None or other is data:
            return
        other.scan.look = data.scan.look
        other.scan.patch = patch_on(other.grid, self.patch, data.grid)
        words, known = data.words(self.image), other.words(image)
        deep_enough = data.layer is None or data.layer < other.attention_layers
        other.word, other.layer = None, data.layer if deep_enough else None
        if deep_enough and data.word is not None and data.word < len(words):
            if known == words:  # a word may come twice
                other.word = data.word
            elif words[data.word] in known:
                other.word = known.index(words[data.word])

    def set_scan_look(self, look: ScanLook) -> None:
        """Look at another layer of the scan, or at another figure of it."""
        if self.data is not None and look != self.data.scan.look:
            self.data.scan.look = look
            self.scan_changed.emit()

    def set_image(self, image: int) -> None:
        """Look at another picture. Following ends at a finished one, and begins again after it."""
        if self.data is None:
            return
        image = int(np.clip(image, 0, self.data.images - 1))
        if image != self.image:
            was_finished = not self._grows()
            self.image = image
            self.follow_live = self._grows() and (self.follow_live or was_finished)
            self.image_changed.emit(image)
            self._move(self.done - 1 if self.follow_live else self.call)

    def _grows(self) -> bool:
        """Whether calls of the picture that is looked at are still to come."""
        return self.is_live and self.image >= self.shown.batch.start

    def _move(self, call: int) -> None:
        if self._go(call):
            self.refresh_slow()

    def _go(self, call: int) -> bool:
        call = int(np.clip(call, 0, max(self.done - 1, 0)))
        changed = call != self.call
        self.call = call
        if changed:
            self.call_changed.emit(call)
        self._ask()
        return changed

    # -- decoding -----------------------------------------------------------------------------

    def wish_pictures(self, calls: Iterable[int]) -> None:
        """These calls' pictures would be welcome (a film strip); asked for one after the other.

        Each is asked for once, so that more than are kept in memory do not drive each other out.
        """
        self._wished = list(calls)
        self._came.clear()
        if self._asked is None:
            self._ask()

    def set_decoded(self, key: tuple[int, int], images: Bytes | None) -> None:
        """The answer to a DecodeAsk; None: it cannot be had, and no more of that run is asked for.

        Pictures of runs no longer looked at are dropped.
        """
        job, place = key
        if images is None:
            self._undecodable.add(job)
        for data in (self.data, self.pinned):
            if data is not None and data.job == job and images is not None:
                call = data.keep_decoded(place, images)
                self.picture_changed.emit(call if data is self.data else self.call)
        if self.data is not None and self.data.job == job:
            self._came.add(place)
        if key == self._asked:
            self._asked = None
            self._ask()

    def want_reference(self, data: RunData, call: int) -> None:
        """The picture of a call that the cursor's is compared with; comes after the cursor's."""
        self._reference = (data, call)
        if self._asked is None:
            self._ask()

    def want_noisy(self) -> None:
        """The state under the cursors, decoded; comes after the prediction there."""
        self._noisy_wanted = True
        if self._asked is None:
            self._ask()

    @property
    def pinned_call(self) -> int | None:
        """The pinned run's call at the same share of what is compared of it."""
        if self.data is None or self.pinned is None or not self.pinned.done or not self.done:
            return None
        share = self.call / max(self.data.expected - 1, 1)
        call = self._pinned_from + share * (self.pinned.expected - 1 - self._pinned_from)
        return min(round(call), self.pinned.done - 1)

    def _ask(self) -> None:
        """Ask for the next missing picture: the cursor's own first, even before an answer."""
        data = self.data
        if data is None or self.is_live:
            return
        if self._ask_for(data, self.call, self.image) or self._asked is not None:
            return
        if self._noisy_wanted:
            self._noisy_wanted = False
            if self._ask_for(data, self.call, self.image, noisy=True):
                return
        wanted = [
            (data, call)
            for call in self._wished
            if call < self.done and data.place(call, self.image) not in self._came
        ]
        if self._reference is not None:
            wanted.insert(0, self._reference)
        for of, call in wanted:
            if self._ask_for(of, call, min(self.image, of.images - 1)):
                return

    def _ask_for(self, data: RunData, call: int, image: int, *, noisy: bool = False) -> bool:
        """Ask unless it is known or cannot be had; True if the answer is on its way."""
        if noisy:
            latents = data.noisy_latents(call, image)
            known = data.noisy_decoded(call, image) is not None
        else:
            latents, known = data.prediction_latents(call, image), data.is_decoded(call, image)
        if latents is None or known or data.job in self._undecodable:
            return False
        key = (data.job, data.place(call, image, noisy=noisy))
        if key != self._asked:
            self._asked = key
            self.decode_wanted.emit(DecodeAsk(data.request, key, latents[None]))
        return True

    # -- words --------------------------------------------------------------------------------

    def words(self) -> tuple[str, str, str]:
        """Where the time cursor is; the middle part stands out."""
        if not self.done:
            return (tr("no calls yet"), "", "")
        text = tr("call {call} of {total}")
        if self.is_live:
            live = tr("call {call} of {total} · live")
            text = live if self.follow_live else tr("call {call} of {total} · running")
        return parts_around("call", text, call=self.call + 1, total=self.total)

    def sentence(self) -> str:
        """The state under the cursors in words, for screen readers and the status bar."""
        now = (self.data, self.done, self.call, self.image, self.patch)
        if now != self._said[0]:
            self._said = (now, self._sentence())
        return self._said[1]

    def _sentence(self) -> str:
        data = self.data
        if data is None or not self.done:
            return tr("No run yet")
        row, column = self.patch
        at = (self.call, self.image, row, column)
        parts = [f"t {number(data.time[at])}"]
        if data.has_difficulty():
            parts.append(tr("difficulty {difficulty:.2f}", difficulty=data.difficulty[at]))
        parts.append(tr(ROLE_WORDS[Role(int(data.role[at]))]))
        place = tr(
            "call {call} of {expected}, patch {row},{column}",
            call=self.call + 1,
            expected=data.expected,
            row=row + 1,
            column=column + 1,
        )
        return f"{place}: {', '.join(parts)}"
