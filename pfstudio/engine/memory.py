"""How many pictures fit at once, and what every task does when memory runs out all the same."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import psutil
import torch

from pfstudio.core.execution import Execution
from pfstudio.engine.loaded_model import LoadedModel

M = TypeVar("M", bound=LoadedModel)
T = TypeVar("T")
Item = TypeVar("Item")

# Pictures per batch: beyond these nothing gets faster, but stopping takes longer.
_MOST_ON_CPU, _MOST_ON_GPU = 8, 64
_WORDS = ("out of memory", "not enough memory", "can't allocate memory")  # CUDA, CPU, CPU on Linux
_ANY_NUMBER = 2**31
_SHARE = 0.5  # of the free memory that one call may fill


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception means that memory ran out, on any device."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in text for words in _WORDS)


def free_bytes(device: str) -> int:
    """Memory of a device in bytes that can be had without swapping."""
    if device.startswith("cuda"):
        on = torch.device(device)
        own = torch.cuda.memory_reserved(on) - torch.cuda.memory_allocated(on)  # torch's, unused
        return int(torch.cuda.mem_get_info(on)[0] + own)
    return int(psutil.virtual_memory().available)


def batch_size(images: int, bytes_per_image: int, device: str) -> int:
    """Pictures to sample at once, at least 1."""
    most = _MOST_ON_GPU if device.startswith(("cuda", "mps")) else _MOST_ON_CPU
    fitting = int(free_bytes(device) * _SHARE) // max(1, bytes_per_image)
    return max(1, min(images, most, fitting))


class SteppingDown(Generic[M]):
    """Runs the parts of a task, each once more with less memory where it ran out.

    One rule for all tasks, a step at a time: other models leave, batches are halved, and at last
    the run goes on with a copy of its model in bfloat16. The model itself stays as it is.

    Attributes:
        model: to compute with; another one once it is `lightened`.
        most: items at once, from now on.
        notices: a sentence for every step that was taken.
    """

    def __init__(
        self,
        model: M,
        items: str,
        free: Callable[[], bool],
        stepped: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin without any step.

        Args:
            items: what batches hold, for sentences, e.g. "pictures".
            free: lets other models go; whether that was anything.
            stepped: called after each step, before the part is run once more.
        """
        self.model, self.most, self.lightened = model, _ANY_NUMBER, False
        self.notices: tuple[str, ...] = ()
        self._items, self._free, self._stepped = items, free, stepped

    @property
    def execution(self) -> Execution | None:
        """How everything was computed; None once a step was taken on the way."""
        return None if self.notices else self.model.execution.record()

    def in_batches(
        self, items: Sequence[Item], work: Callable[[Sequence[Item]], None], most: int = _ANY_NUMBER
    ) -> None:
        """Work for all items, at most so many at once; `work` leaves nothing behind if it fails."""
        first = 0
        while first < len(items):
            batch = items[first : first + min(most, self.most)]
            if self._try(lambda: work(batch), len(batch)):  # noqa: B023 - called at once
                first += len(batch)

    def whole(self, work: Callable[[M], T]) -> T:
        """Do what cannot be done in batches."""
        done: list[T] = []
        while not self._try(lambda: done.append(work(self.model)), 1):
            pass
        return done[0]

    def _try(self, work: Callable[[], None], count: int) -> bool:
        try:
            work()
            return True
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            freed = self._free()
            if not (freed or count > 1 or self._can_lighten()):
                raise
        # Outside the handler: its traceback holds the memory.
        with contextlib.suppress(AttributeError):
            torch.get_device_module(self.model.device).empty_cache()
        self.notices += (f"Memory ran out, so {self._step(freed, count)}.",)
        self._stepped()
        return False

    def _step(self, freed: bool, count: int) -> str:
        if freed:
            return "the other models were unloaded"
        if count > 1:
            self.most = (count + 1) // 2
            return f"{self._items} are computed {self.most} at a time"
        assert self.model.lighter is not None
        with torch.inference_mode(False):
            self.model, self.lightened = self.model.lighter(), True
        return f"this run goes on in {self.model.precision}"

    def _can_lighten(self) -> bool:
        return self.model.lighter is not None and self.model.precision == "float32"
