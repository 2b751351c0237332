"""One request in, a stream of events out: the task behind every generated picture."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pfstudio.core import events
from pfstudio.core.errors import InputError, PfstudioError, RunError
from pfstudio.core.events import Event
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.trace_file import RecordedCall, TraceRecorder
from pfstudio.engine.control import Control
from pfstudio.engine.estimate import plan
from pfstudio.engine.initial_state import RunInitialState, prepare_initial_state
from pfstudio.engine.interrupt import Stopped
from pfstudio.engine.memory import is_out_of_memory
from pfstudio.engine.model import Model
from pfstudio.flow.path import predicted_data, speed
from pfstudio.flow.samplers import sample
from pfstudio.flow.step import SamplerStep, SamplerSteps

if TYPE_CHECKING:
    from pfstudio.engine.upscale_generated import UpscaleGenerated
    from pfstudio.engine.upscale_model import UpscaleModel

Clock = Callable[[], float]
_MOST_STATE_BYTES = 2 * 2**30  # beyond this a trace keeps its maps, but not its states
_TOO_LARGE = "There is not enough memory for this run."


def generate(
    model: Model,
    request: GenerateRequest,
    control: Control | None = None,
    job: int = 0,
    *,
    decode: bool = True,
    clock: Clock = time.monotonic,
    journals: Path | None = None,
    upscaler: UpscaleModel | None = None,
) -> Iterator[Event]:
    """Run a request; the last event is Finished, Cancelled or Failed, exactly once.

    When the consumer asks for the next event after the last one, the journal of the run is
    removed; until then, and where the run failed, it can be recovered
    (`pfstudio.core.results.recover_results`).

    Args:
        control: cancel, pause, single step and the share of time for previews.
        decode: False gives latents only (`Finished.images` is None).
        clock: seconds; tests give their own.
        journals: folder of the journal; default is the state folder's.
        upscaler: loaded by the caller, where the request upscales; None loads it here.
    """
    run: _Run | None = None
    try:
        control = control or Control()
        run = _Run(model, request, control, job, decode, clock, journals, upscaler)
        yield from run.stream()
        run.recorder.close()
    except Exception as error:
        yield failure(job, error)
    finally:
        if run is not None:
            run.recorder.close(keep=True)


def failure(job: int, error: Exception) -> events.Failed:
    """The event that ends a job with an error."""
    details = "".join(traceback.format_exception(error))
    if is_out_of_memory(error):
        advice = "Make fewer or smaller pictures at once, or close other programs."
        return events.Failed(job, _TOO_LARGE, advice, details)
    if isinstance(error, PfstudioError):
        return events.Failed(job, str(error), error.advice, details, error.exit_code)
    message = f"Something went wrong in the program itself ({type(error).__name__}: {error})."
    return events.Failed(job, message, "Please report it with the details.", details)


@dataclass
class _Progress:
    """Calls and seconds of a run; pauses do not count."""

    clock: Clock
    nfe: int
    done: int = 0
    started: float = 0.0
    paused: float = 0.0
    view_seconds: float = 0.0
    preview_cost: float = 0.0  # seconds of the last preview

    def elapsed(self) -> float:
        return self.clock() - self.started - self.paused

    def eta(self) -> float:
        """Expected seconds to go, from the mean call so far."""
        return self.elapsed() / self.done * max(0, self.nfe - self.done)

    def may_preview(self, share: float) -> bool:
        """Whether one more preview keeps all of them within `share` of the time so far."""
        return share > 0 and self.view_seconds + self.preview_cost <= share * self.elapsed()


class _Run:
    """The state of one job, from its request to its last event."""

    def __init__(
        self,
        model: Model,
        request: GenerateRequest,
        control: Control,
        job: int,
        decode: bool,
        clock: Clock,
        journals: Path | None,
        upscaler: UpscaleModel | None,
    ) -> None:
        _check(model, request)
        self.model, self.request, self.control, self.job = model, request, control, job
        self.decode = decode
        with torch.inference_mode():
            self.initial_state: RunInitialState = prepare_initial_state(model, request)
        self.sampler = self.initial_state.sampler
        self.upscaling: UpscaleGenerated | None = None
        if request.upscale is not None and decode:
            from pfstudio.engine.upscale_generated import UpscaleGenerated

            shape = self.initial_state.shape
            self.upscaling = UpscaleGenerated(model, request, shape, control, job, clock, upscaler)
        self.size = plan(model, request, self.initial_state.shape).batch
        self.notices = self._first_notices()
        self.keep_states = self._state_bytes() <= _MOST_STATE_BYTES
        if not self.keep_states:
            self.notices += ("This run is too large to keep its states: the maps are recorded.",)
        self.previews = True
        self.stepped_down = False
        self.pictures: list[npt.NDArray[np.uint8]] = []
        self.progress = _Progress(clock, self.sampler.nfe * self._batches())
        self.recorder = TraceRecorder(request, model.name, journals)

    def stream(self) -> Iterator[Event]:
        self.model.prepare_thread()
        self.progress.started = self.progress.clock()
        yield self._started()
        first = 0
        try:
            while first < self.request.images:
                count = min(self.size, self.request.images - first)
                done = self.progress.done
                try:
                    yield from self._batch(first, count)
                    first += count
                    continue
                except Exception as error:
                    if self.stepped_down or not is_out_of_memory(error):
                        raise
                self._step_down()  # outside the handler: its traceback holds the memory
                self.progress.done = done
                self.progress.nfe = done + self.sampler.nfe * self._batches(first)
                yield self._started()
            images = np.concatenate(self.pictures) if self.decode else None
            if self.upscaling is not None and images is not None:
                images = yield from self.upscaling.run(images)
                self.progress.paused += self.upscaling.paused
        except Stopped:
            yield events.Cancelled(self.job, self.recorder.trace())
            return
        trace = self.recorder.trace()
        assert trace is not None
        yield events.Finished(self.job, images, trace, self.progress.elapsed())

    def _batch(self, first: int, count: int) -> Iterator[Event]:
        noise, start = self.initial_state.batch(first, count)
        self.recorder.begin_batch(noise.numpy())
        device = self.model.device
        start = replace(
            start,
            x=start.x.to(device),
            time=start.time.to(device),
            paint=None if start.paint is None else start.paint.to(device),
        )
        labels = self.request.labels[first : first + count]
        field = self.model.field(labels, self.request.guidance)
        with torch.inference_mode():
            self.model.prepare_run(self.sampler, start, labels)
        steps = sample(field, start, self.sampler)
        while True:
            step = self._next(steps)
            if isinstance(step, Tensor):
                break
            event, prediction = self._observe(step, first)
            yield event
            preview = self._preview(event, prediction)
            if preview is not None:
                yield preview
        self.recorder.end_batch(step.float().cpu().numpy())
        if self.decode:
            self.pictures.append(self.model.decode(step))

    def _next(self, steps: SamplerSteps) -> SamplerStep | Tensor:
        """One network call, or the latents at the end; waits while the job is held."""
        if self.progress.done < self.progress.nfe:  # past the last call there is nothing to hold
            before = self.progress.clock()
            going = self.control.proceed()
            self.progress.paused += self.progress.clock() - before
            if not going:
                raise Stopped
        try:
            with torch.inference_mode():
                return next(steps)
        except StopIteration as end:
            latents: Tensor = end.value
            return latents

    def _observe(self, step: SamplerStep, first: int) -> tuple[events.Step, Tensor]:
        """Record a call and tell it; also gives the predicted clean latents."""
        progress, p = self.progress, self.model.patch_size
        call = progress.done
        prediction = predicted_data(step.state, step.prediction.velocity, step.time, p).float()
        speeds = speed(step.prediction.velocity.float(), p).cpu().numpy()
        if not np.isfinite(speeds).all():
            raise RunError(
                f"The model returned numbers that are not finite at call {call}.",
                "The weights may be damaged; with low precision, try float32.",
            )
        time_map = step.time.float().cpu().numpy()
        difficulty = None if step.difficulty is None else step.difficulty.float().cpu().numpy()
        state = half = None
        if self.keep_states:
            state, half = _half(step.state), _half(prediction)
        progress.done += 1
        recorded = RecordedCall(
            time_map,
            np.full_like(time_map, np.nan) if difficulty is None else difficulty,
            step.role.cpu().numpy(),
            speeds,
            step.prediction.tokens,
            progress.elapsed(),
            state,
            half,
        )
        self.recorder.add(recorded)
        event = events.Step(
            self.job,
            call,
            progress.nfe,
            time_map,
            difficulty,
            recorded.role,
            speeds,
            recorded.tokens,
            elapsed=recorded.seconds,
            eta=progress.eta(),
            state=state,
            prediction=half,
            view_seconds=progress.view_seconds,
            first=first,
        )
        return event, prediction

    def _preview(self, step: events.Step, prediction: Tensor) -> events.Preview | None:
        if not (self.decode and self.previews):
            return None
        if not self.progress.may_preview(self.control.preview_share):
            return None
        before = self.progress.clock()
        images = self.model.preview(prediction)
        self.progress.preview_cost = self.progress.clock() - before
        self.progress.view_seconds += self.progress.preview_cost
        return events.Preview(self.job, step.call, images, step.first)

    def _step_down(self) -> None:
        """Once a run may begin a batch again: half of it, or in bfloat16 without previews."""
        self.stepped_down = True
        self.recorder.drop_batch()
        with contextlib.suppress(AttributeError):
            torch.get_device_module(self.model.device).empty_cache()
        if self.size > 1:
            self.size = (self.size + 1) // 2
            self.notices += (f"Memory ran out, so only {self.size} pictures are sampled at once.",)
            return
        self.previews = False
        self.model.use_less_memory()
        self.notices += (
            f"Memory ran out, so this run goes on in {self.model.precision} without previews.",
        )

    def _started(self) -> events.Started:
        _, height, width = self.initial_state.shape
        p = self.model.patch_size
        return events.Started(
            self.job,
            self.progress.nfe,
            self.request.images,
            (height // p, width // p),
            str(self.model.device),
            self.model.precision,
            self.model.threads,
            self.notices,
        )

    def _first_notices(self) -> tuple[str, ...]:
        notices = self.model.notices + self.initial_state.notices
        if self.decode:
            notices += self.model.autoencoder.notices
        if self.upscaling is not None:
            notices += self.upscaling.notices
        _, height, width = self.initial_state.shape
        if self.model.network.extended(height, width):
            notices += (
                "This size is not the one the model was trained for: its position table is "
                "stretched, which is an extension and may look worse.",
            )
        return notices

    def _batches(self, first: int = 0) -> int:
        return -(-(self.request.images - first) // self.size)

    def _state_bytes(self) -> int:
        numbers = self.request.images * int(np.prod(self.initial_state.shape))
        return numbers * 2 * (2 * self.sampler.nfe + 1)


def _half(values: Tensor) -> npt.NDArray[np.float16]:
    return values.to(torch.float16).cpu().numpy()


def _check(model: Model, request: GenerateRequest) -> None:
    """What can be known to be wrong before anything is computed."""
    if request.sampler.needs_difficulty and not model.has_difficulty:
        raise InputError(
            f"{model.name} predicts no difficulty, which the sampler {request.sampler.name} needs.",
            "Use euler, heun or scheduled, or a Patch Forcing model.",
        )
    if not request.classes:
        raise InputError(f"{model.name} takes classes, not text.", "Give at least one class.")
    known = model.network.config.num_classes
    wrong = [label for label in request.classes if not 0 <= label < known]
    if wrong:
        raise InputError(
            f"{model.name} has no class {wrong[0]}.", f"Its classes are 0 to {known - 1}."
        )
