"""Pictures from noise: the task behind every generated picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pfstudio.core import events
from pfstudio.core.conditions import Prompt, check_conditions
from pfstudio.core.errors import InputError
from pfstudio.core.generation import Generated, GenerateStep
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.results import save_result
from pfstudio.core.samplers import Sampler
from pfstudio.core.scan_paths import layer_path
from pfstudio.core.trace_journal import RecordedCall, TraceRecorder
from pfstudio.engine.control import Stopped
from pfstudio.engine.estimate import plan, remember_seconds
from pfstudio.engine.initial_state import (
    RunInitialState,
    Shape,
    prepare_initial_state,
    read_masks,
)
from pfstudio.engine.memory import SteppingDown
from pfstudio.engine.model import Model
from pfstudio.engine.model_cache import ModelCache, generator, upsampler
from pfstudio.engine.recorded_maps import RecordedMaps
from pfstudio.engine.reporter import Reporter
from pfstudio.engine.saving import Saving
from pfstudio.engine.upscale_generated import UpscaleGenerated
from pfstudio.engine.upscale_model import UpscaleModel
from pfstudio.flow.guidance.masks import RecordedMasks
from pfstudio.flow.path import predicted_data, speed
from pfstudio.flow.samplers import sample
from pfstudio.flow.samplers.common import start_times
from pfstudio.flow.step import InitialState, SamplerStep, SamplerSteps

Models = tuple[Model | UpscaleModel, ...]  # the generator, then its weak model, its upsampler
_MOST_UNKNOWN, _LONGEST = 5, 20  # parts of prompts, and letters of one, that are quoted
_MOST_STATE_BYTES = 2 * 2**30  # beyond this a trace keeps its maps, but not its states


def load(request: GenerateRequest, cache: ModelCache) -> Models:
    """The generator of a request with those that it needs beside."""
    return (cache.get(generator(request.model, request.compute)), *load_others(request, cache))


def load_others(request: GenerateRequest, cache: ModelCache) -> Models:
    """The weak model of a request's guidance, and the upsampler where it upscales."""
    others: Models = ()
    if request.guidance.weak_model:
        others = (cache.get(generator(request.guidance.weak_model, request.compute)),)
    if request.upscale is not None:
        found = cache.get(upsampler(request.upscale.model, request.upscale_compute))
        others = (*others, found)
    return others


def _generator(models: Models) -> Model:
    model = models[0]
    assert isinstance(model, Model)
    return model


def run(
    models: Models,
    request: GenerateRequest,
    report: Reporter,
    *,
    decode: bool = True,
    journals: Path | None = None,
) -> Generated:
    """Make the pictures of a request.

    A journal of the run is kept until its result is saved; where the run failed, it stays and can
    be recovered (`pfstudio.core.results.recover_results`).

    Args:
        decode: False gives latents only (`Generated.images` is None), which are not upscaled.
        journals: folder of the journal; default is the state folder's.

    Raises:
        Stopped: the job was cancelled; its partial result has every call that was made.
        InputError: the request does not fit the model.
    """
    return _Run(models, request, report, decode, journals).run()


def save(
    result: Generated, request: GenerateRequest, models: Models, saving: Saving
) -> tuple[str, ...]:
    """Write a result folder; of a run that was stopped only its trace."""
    card = _generator(models).card
    return save_result(
        result.images,
        result.trace,
        root=saving.folder,
        suffix=saving.suffix,
        metadata=saving.metadata,
        class_names=card.classes,
        model_sha256=card.sha256,
    ).files


def decode(
    request: GenerateRequest, cache: ModelCache, latents: npt.NDArray[np.float16]
) -> npt.NDArray[np.uint8]:
    """Pictures (B,H,W,3) of latents (B,C,h,w), by the model as it was last used."""
    return cache.any_generator(request.model).decode(latents.astype(np.float32))


class _Run:
    """The state of one run."""

    def __init__(
        self,
        models: Models,
        request: GenerateRequest,
        report: Reporter,
        decode: bool,
        journals: Path | None,
    ) -> None:
        model = _generator(models)
        others = [one for one in models[1:] if isinstance(one, Model)]
        self.weak = others[0] if others else None
        request = replace(
            request, model=request.model or model.name, scan=request.scan or model.scan
        )
        _check(model, request)
        self.request, self.report, self.decode = request, report, decode
        self.memory = SteppingDown(model, "images", report.free, self._restart)
        with torch.inference_mode():
            self.initial_state: RunInitialState = prepare_initial_state(
                model, request, self._prepare
            )
        self.recorded_masks = read_masks(model, request)
        self.sampler, self.nfe = self.initial_state.sampler, self.initial_state.nfe
        self.upscaling: UpscaleGenerated | None = None
        if request.upscale is not None and decode:
            upscaler = models[-1]
            assert isinstance(upscaler, UpscaleModel), "a request that upscales needs an upsampler"
            shape = self.initial_state.shape
            self.upscaling = UpscaleGenerated(model, upscaler, request, shape, report)
        self.notices = self._notices()
        self.keep_states = self._state_bytes() <= _MOST_STATE_BYTES
        if not self.keep_states:
            self.notices += ("This run is too large to keep its states: the maps are recorded.",)
        if request.scan:
            layer_path(request.scan, 0, *self._grid())  # it has to fit
        self.maps = RecordedMaps(model, request, self.nfe, self._grid())
        self.notices += tuple(self.maps.notices)
        self.pictures: list[npt.NDArray[np.uint8]] = []
        self.sampling_seconds = self.view_seconds = self.preview_cost = 0.0
        self.recorder = TraceRecorder(request, model.name, journals)
        self.notices += self.recorder.notices
        report.at_end.append(lambda well: self.recorder.close(keep=not well))

    @property
    def model(self) -> Model:
        return self.memory.model

    def run(self) -> Generated:
        try:
            self.report.part(self.nfe * self._batches(self.request.images))
            self._start()
            self.memory.in_batches(range(self.request.images), self._sample, self.plan.batch)
            images = np.concatenate(self.pictures) if self.decode else None
            if self.upscaling is not None and images is not None:
                images = self.upscaling.run(images)
        except Stopped:
            trace = self.recorder.trace()
            raise Stopped(None if trace is None else Generated(None, trace, whole=False)) from None
        trace = self.recorder.trace()
        assert trace is not None
        if not self.memory.notices:
            remember_seconds(self.model, self.sampling_seconds, int(trace.tokens.sum()))
        return Generated(images, trace)

    def _prepare(self, shape: Shape) -> None:
        """Before the first number is computed: a start image too is encoded as chosen."""
        self.plan = plan(self.model, self.request, shape)
        self._choose_kernels()
        self.model.prepare_thread()

    def _choose_kernels(self) -> None:
        self.model.choose_kernels(self.plan.tokens, self.plan.passes * self._at_once())

    def _at_once(self) -> int:
        """Images of a batch, since memory ran out perhaps fewer than were planned."""
        return min(self.plan.batch, self.memory.most)

    def _start(self) -> None:
        notices = self.notices + self.memory.notices
        self.report.start(self.model, self._grid(), self.request.images, notices)

    def _grid(self) -> tuple[int, int]:
        _, height, width = self.initial_state.shape
        return height // self.model.patch_size, width // self.model.patch_size

    def _restart(self) -> None:
        """A batch is sampled anew, with less memory."""
        if self.recording:
            self.recorder.drop_batch()
        self.report.take_back(self.report.done - self.batch_began)
        to_go = self.nfe * self._batches(self.request.images - self.first)
        self.report.plan(self.report.done + to_go)
        self._choose_kernels()
        self._start()

    def _sample(self, images: Sequence[int]) -> None:
        """Sample some images at once."""
        self.first, self.batch_began, self.recording = images[0], self.report.done, False
        noise, start = self.initial_state.batch(images[0], len(images))
        execution = self.model.execution.record(self._at_once())
        self.recorder.begin_batch(noise.numpy(), execution)
        self.recording = True
        start = start.to(self.model.device)
        conditions = [self.request.per_image[image] for image in images]
        seeds = self.request.seeds[images[0] : images[0] + len(images)]
        masks = self._masks(images[0], len(images), start)
        rule = self.request.guidance
        maps = self.maps.begin(self.model, conditions)
        field = self.model.field(conditions, rule, seeds, maps, masks, self.weak, self.request.scan)
        with torch.inference_mode():
            self.model.prepare_run(self.sampler, start, conditions)
        latents = self._follow(sample(field, start, self.sampler))
        self.recorder.end_batch(latents.float().cpu().numpy())
        if self.decode:
            self.pictures.append(self.model.decode(latents))

    def _follow(self, steps: SamplerSteps) -> Tensor:
        """Make the calls of a batch; its latents."""
        while True:
            if self.report.done < self.report.nfe:  # past the last call there is nothing to hold
                self.report.checkpoint()
            before, self.flops_before = self.report.seconds(), self._flops()
            try:
                with torch.inference_mode():
                    step = next(steps)
            except StopIteration as end:
                latents: Tensor = end.value
                return latents
            finally:
                self.sampling_seconds += self.report.seconds() - before
            self._observe(step)

    def _observe(self, step: SamplerStep) -> None:
        """Record a call and tell it."""
        p, first, call = self.model.patch_size, self.first, self.report.done - self.batch_began
        prediction = predicted_data(step.state, step.prediction.velocity, step.time, p).float()
        speeds = speed(step.prediction.velocity.float(), p)
        self.report.check_finite(speeds)
        time_map = step.time.float().cpu().numpy()
        difficulty = None if step.difficulty is None else step.difficulty.float().cpu().numpy()
        state = half = None
        if self.keep_states:
            state, half = _half(step.state), _half(prediction)
        recorded = RecordedCall(
            time_map,
            np.full_like(time_map, np.nan) if difficulty is None else difficulty,
            step.role.cpu().numpy(),
            speeds.cpu().numpy(),
            step.prediction.tokens,
            self.report.elapsed(),
            state,
            half,
            self.maps.words(),
            *self._branches(step),
            self._flops() - self.flops_before,
            self.maps.scans(),
        )
        self.recorder.add(recorded)
        detail = GenerateStep(
            time_map,
            difficulty,
            recorded.role,
            recorded.speed,
            recorded.tokens,
            state,
            half,
            self.view_seconds,
            recorded.words,
            recorded.kept,
            recorded.difference,
            recorded.flops,
            first,
            call,
            self.nfe,
            recorded.scans,
            self.request.scan,
        )
        self.report.progress(detail)
        if self._may_preview():
            before = self.report.seconds()
            images = self.model.preview(prediction)
            self.preview_cost = self.report.seconds() - before
            self.view_seconds += self.preview_cost
            shown = events.Preview(self.report.job, call, images, first)
            self.report.emit(shown)

    def _masks(self, first: int, count: int, start: InitialState) -> RecordedMasks:
        """What is known of the masks of some images before they are sampled."""
        own = slice(first, first + count)
        recorded = None if self.recorded_masks is None else self.recorded_masks[:, own]
        made = start.made
        known = made is not None and not bool(made.difficulty.isnan().any())
        difficulty = made.difficulty if made is not None and known else None
        frozen = start_times(start).cpu() >= 1
        return RecordedMasks(start.calls, difficulty, recorded, frozen)

    def _branches(
        self, step: SamplerStep
    ) -> tuple[npt.NDArray[np.uint8] | None, npt.NDArray[np.float32] | None]:
        """Keep-masks (b,2,R,n,m) and difference (b,n,m) of a rule with two branches."""
        rule, branches, p = self.request.guidance, step.prediction.branches, self.model.patch_size
        if branches is not None:
            kept = None if branches.kept is None else branches.kept.to(torch.uint8).cpu().numpy()
            return kept, speed(branches.difference.float(), p).cpu().numpy()
        if not rule.needs_routes:
            return None, np.zeros(step.time.shape, np.float32) if rule.has_difference else None
        shape = (len(step.time), 1, len(self.model.card.routes), *step.time.shape[1:])
        kept = np.concatenate([np.ones(shape, np.uint8), np.zeros(shape, np.uint8)], axis=1)
        return kept, np.zeros(step.time.shape, np.float32)

    def _flops(self) -> float:
        """Operations that the networks of the run have made so far."""
        return self.model.flops_done + (self.weak.flops_done if self.weak else 0.0)

    def _may_preview(self) -> bool:
        """Whether one more preview keeps all of them within their share of the time so far."""
        share = self.report.control.preview_share
        if not self.decode or self.memory.lightened or share <= 0:
            return False
        return self.view_seconds + self.preview_cost <= share * self.report.elapsed()

    def _notices(self) -> tuple[str, ...]:
        notices = self.model.notices + self.initial_state.notices
        notices += self._unread_words()
        if self.request.guidance.warning:
            notices += (self.request.guidance.warning,)
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

    def _unread_words(self) -> tuple[str, ...]:
        """What is said of prompts that the text encoder does not read in full."""
        prompts = [one for one in self.request.conditions if isinstance(one, Prompt)]
        if not prompts:
            return ()
        encoder, notices = self.model.text_encoder, []
        read = encoder.max_tokens
        own, negative = [one.text for one in prompts], [one.negative for one in prompts]
        if (longest := max(encoder.count_tokens(own))) > read:
            notices.append(f"The prompt has {longest:,} tokens: only the first {read} are read.")
        if (longest := max(encoder.count_tokens(negative))) > read:
            notices.append(
                f"The negative prompt has {longest:,} tokens: only the first {read} are read."
            )
        if any(negative) and not self.request.guidance.needs_negative:
            notices.append("This guidance does not use the negative prompt.")
        for texts in (own, negative):
            unknown = encoder.unknown(texts)
            if unknown:
                shown = ", ".join(one[:_LONGEST] for one in unknown[:_MOST_UNKNOWN])
                notices.append(f"The text encoder does not know {shown}: describe it in words.")
        return tuple(notices)

    def _batches(self, images: int) -> int:
        return -(-images // self._at_once())

    def _state_bytes(self) -> int:
        numbers = self.request.images * int(np.prod(self.initial_state.shape))
        return numbers * 2 * (2 * self.nfe + 1)


def _half(values: Tensor) -> npt.NDArray[np.float16]:
    return values.to(torch.float16).cpu().numpy()


def check_sampler(model: Model, sampler: Sampler) -> None:
    """See that a model can be sampled so.

    Raises:
        InputError: it predicts no difficulty, which the sampler needs.
    """
    if sampler.needs_difficulty and not model.has_difficulty:
        raise InputError(
            f"{model.name} predicts no difficulty, which the sampler {sampler.name} needs.",
            "Use euler, heun or scheduled, or a Patch Forcing model.",
        )


def _check(model: Model, request: GenerateRequest) -> None:
    """What can be known to be wrong before anything is computed."""
    check_sampler(model, request.sampler)
    if request.scan and not model.scan:
        raise InputError(
            f"{model.name} scans nothing, so it cannot follow another scan.",
            "Leave the scan out, or choose a zigzag Mamba model.",
        )
    check_conditions(request.conditions, model.card.condition, model.name, model.classes)
