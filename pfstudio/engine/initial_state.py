"""Where a run begins: drawn or given noise, a start picture, painted patches, or a recorded call.

Everything here is on the CPU in float32, whatever the model runs on: the same request begins with
the same numbers on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.core.image_io import read_filling
from pfstudio.core.paint import Paint
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.samplers import Adaptive, Euler, LookAhead, Sampler, Stochastic
from pfstudio.core.trace import Role, Trace
from pfstudio.core.trace_file import read_trace
from pfstudio.flow.path import interpolate, to_pixels
from pfstudio.flow.precompute import calls_of_run
from pfstudio.flow.step import InitialState, MadeCalls

if TYPE_CHECKING:
    from pfstudio.engine.model import Model


Shape = tuple[int, int, int]  # of one latent: (C,H,W)


@dataclass(frozen=True)
class RunInitialState:
    """What every batch of a run starts from; see `batch`."""

    request: GenerateRequest
    shape: Shape
    patch_size: int
    noise: Tensor | None  # (B,C,H,W) of a file, or of the run that goes on; None: drawn
    picture: Tensor | None  # (1 or B,C,H,W) latents of the start picture
    state: Tensor | None  # (B,C,H,W) recorded state of a branch
    time: Tensor | None  # (B,n,m) its recorded time map, or that of the start where `made` is given
    sampler: Sampler  # the request's, shortened to what another sampler's branch leaves to do
    made: MadeCalls | None = None  # of a branch that goes on with the sampler of its run
    notices: tuple[str, ...] = ()

    @property
    def nfe(self) -> int:
        """Calls of a batch; at most, where the network decides."""
        return calls_of_run(self.sampler, self.batch(0, 1)[1])

    def batch(self, first: int, count: int) -> tuple[Tensor, InitialState]:
        """Noise (or recorded state) and start of the images `first` .. `first + count`."""
        own = slice(first, first + count)
        if self.state is not None and self.time is not None:
            x, time = self.state[own], self.time[own]
            drawn_from = x if self.noise is None else self.noise[own]
        else:
            x = drawn_from = self._noise(first, count)
            time = torch.full((count, *self._grid()), self.request.start_time)
        paint = self._paint()
        fixed = (paint == Paint.FIXED).expand_as(time) if paint is not None else None
        noise = x
        made = None if self.made is None else self.made.each(lambda part: part[own])
        if self.picture is not None:
            picture = self.picture.expand(self.request.images, *self.shape)[own]
            if self.state is None:
                x = interpolate(picture, noise, time, self.patch_size)
            if fixed is not None:
                x = torch.where(to_pixels(fixed, self.patch_size), picture, x)
                made = None if made is None else _frozen(made, fixed, picture, self.patch_size)
        if fixed is not None:
            time = torch.where(fixed, 1.0, time)
        return noise, InitialState(x, time, paint, made, drawn_from)

    def _noise(self, first: int, count: int) -> Tensor:
        if self.noise is not None:
            return self.noise[first : first + count]
        return torch.stack(
            [draw_noise(s, self.shape) for s in self.request.seeds[first : first + count]]
        )

    def _grid(self) -> tuple[int, int]:
        return self.shape[1] // self.patch_size, self.shape[2] // self.patch_size

    def _paint(self) -> Tensor | None:
        if not any(self.request.paint):
            return None
        return torch.tensor(self.request.paint, dtype=torch.uint8).reshape(self._grid())


@dataclass(frozen=True)
class BranchStart:
    """Where in its run a branch begins, and what it has left to do."""

    calls: npt.NDArray[np.int64]  # (B,) from 0: each picture starts from its state before this one
    goes_on: bool  # it is that run continued, by the same sampler
    sampler: Sampler  # the request's, shortened to what is left unless it goes on
    left: float  # share of a whole run, 0..1, where it does not go on
    notices: tuple[str, ...]


def read_branch(request: GenerateRequest, *, whole: bool = True) -> tuple[Trace, BranchStart]:
    """The trace that a request branches from, and where in it.

    Args:
        whole: False reads neither states nor predictions.

    Raises:
        InputError: the trace cannot be read, or lacks that call or some of the images.
    """
    assert request.branch is not None
    if request.start_time > 0:
        raise InputError(
            "A branch starts at its recorded times, so it takes no start time.",
            "Leave the start time at 0, or start from an image.",
        )
    trace, call = read_trace(Path(request.branch.trace), whole=whole), request.branch.call
    if not 0 <= call < trace.nfe:
        raise InputError(f"The trace has {trace.nfe} calls, so there is no call {call + 1}.")
    images = len(trace.latents)
    if images != request.images:
        raise InputError(
            "A branch makes as many images as the run that it starts from: "
            f"{images}, not {request.images}.",
            "Ask for that many, or remove the branch.",
        )
    return trace, _branch_start(trace, request, call)


def _branch_start(trace: Trace, request: GenerateRequest, call: int) -> BranchStart:
    same = request.sampler == trace.request.sampler and trace.request.branch is None
    calls = _last_calls(trace, call)
    behind = calls < call
    if same and _is_noise(trace, call):
        return BranchStart(calls, False, request.sampler, 1.0, ())
    if same and not behind.any():
        return BranchStart(calls, True, request.sampler, 0.0, ())
    notices: tuple[str, ...] = ()
    if behind.any():
        notices = ("Images that had made fewer calls start at their last one.",)
    ahead = np.array([_looked_ahead(trace, own, image) for image, own in enumerate(calls)])
    if (ahead & ~behind).any():
        notices += (f"Call {call + 1} only looked ahead, so the branch starts at call {call}.",)
    calls = calls - ahead
    # A picture that is behind the others has to make its way in steps that are no longer.
    left = max(_left(trace.time[own, image]) for image, own in enumerate(calls))
    return BranchStart(calls, False, shortened(request.sampler, left), left, notices)


def _last_calls(trace: Trace, call: int) -> npt.NDArray[np.int64]:
    """The call, or the last before it that each picture (B,) made: its batch made fewer."""
    rests = np.isin(trace.role[: call + 1], (Role.FINISHED, Role.FIXED)).all(axis=(2, 3))
    filled = rests & (trace.time[: call + 1] < 1).any(axis=(2, 3))
    return np.maximum((~filled).sum(axis=0) - 1, 0)


def _left(time: npt.NDArray[np.float32]) -> float:
    """Share of a run that is left at a time map: frozen and finished patches have no part in it."""
    return float((1.0 - time).sum() / max(1, (time < 1).sum()))


def draw_noise(seed: int, shape: Shape) -> Tensor:
    """Noise (C,H,W) of one picture, by a CPU generator of its own."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def prepare_initial_state(
    model: Model, request: GenerateRequest, prepare: Callable[[Shape], None] = lambda shape: None
) -> RunInitialState:
    """Read everything that a request starts from, and check that it fits the model.

    Args:
        prepare: called with the size of a latent before anything is computed, e.g. encoded.

    Raises:
        InputError: a file is missing, damaged or of another shape; a size that does not fit.
    """
    if request.branch:
        return _initial_state_at_call(model, request, prepare)
    noise = _read_noise(request, model) if request.noise_file else None
    shape = tuple(noise.shape[1:]) if noise is not None else model.latent_shape(request)
    shape = (shape[0], shape[1], shape[2])
    _check_paint(request, shape, model.patch_size)
    prepare(shape)
    picture = _read_picture(model, request.image_file, shape) if request.image_file else None
    return RunInitialState(
        request, shape, model.patch_size, noise, picture, None, None, request.sampler
    )  # fmt: skip


def _initial_state_at_call(
    model: Model, request: GenerateRequest, prepare: Callable[[Shape], None]
) -> RunInitialState:
    trace, begin = read_branch(request)
    _, channels, height, width = trace.latents.shape
    p = model.patch_size
    if channels != model.channels or trace.time.shape[2:] != (height // p, width // p):
        raise InputError("The trace is of a model with other latents or other patches.")
    shape = (channels, height, width)
    _check_paint(request, shape, p)
    prepare(shape)
    end = torch.from_numpy(trace.latents)
    keeps_picture = request.image_file and Paint.FIXED in request.paint  # else nobody looks at it
    picture = _read_picture(model, request.image_file, shape) if keeps_picture else end
    state = _state_at(trace, begin.calls)
    time = trace.time[0] if begin.goes_on else trace.time[begin.calls, np.arange(len(state))]
    made = _made_calls(trace, int(begin.calls[0]), p) if begin.goes_on else None
    return RunInitialState(
        request, shape, p, torch.from_numpy(trace.noise) if begin.goes_on else None,
        picture if Paint.FIXED in request.paint else None, state, torch.from_numpy(time),
        begin.sampler, made, begin.notices,
    )  # fmt: skip


def _made_calls(trace: Trace, call: int, patch_size: int) -> MadeCalls:
    """What a sampler has to know to make the calls from `call` on."""
    last = max(call - 1, 0)  # of no call before the first one anything is asked
    assert trace.states is not None
    assert trace.predictions is not None
    before, data = (
        torch.from_numpy(values[last].astype(np.float32))
        for values in (trace.states, trace.predictions)
    )
    left = 1 - to_pixels(torch.from_numpy(trace.time[last]), patch_size)
    velocity = torch.where(left > 0, (data - before) / left.clamp(min=1e-6), 0.0)
    role = torch.from_numpy(trace.role[call])
    time, last_time = torch.from_numpy(trace.time[call]), torch.from_numpy(trace.time[last])
    difficulty = torch.from_numpy(trace.difficulty[last])
    if call == 0:
        difficulty = torch.full_like(difficulty, torch.nan)
    return MadeCalls(call, time, last_time, role, before, velocity, difficulty)


def _frozen(made: MadeCalls, fixed: Tensor, picture: Tensor, patch_size: int) -> MadeCalls:
    """As if the patches `fixed` (B,n,m) had shown the picture (B,C,H,W) from the begin."""
    pixels = to_pixels(fixed, patch_size)
    return replace(
        made,
        time=torch.where(fixed, 1.0, made.time),
        last_time=torch.where(fixed, 1.0, made.last_time),
        state=torch.where(pixels, picture, made.state),
        velocity=torch.where(pixels, 0.0, made.velocity),
    )


def _looked_ahead(trace: Trace, call: int, image: int) -> bool:
    """Whether a call was look-ahead's second, whose context is thrown away."""
    ahead = call > 0 and isinstance(trace.request.sampler, LookAhead)
    return ahead and bool(np.any(trace.role[call, image] == Role.CONTEXT))


def _is_noise(trace: Trace, call: int) -> bool:
    """Whether a call was given the noise itself, with nothing of a picture in it."""
    request = trace.request
    return call == 0 and request.start_time == 0 and Paint.FIXED not in request.paint


def _state_at(trace: Trace, calls: npt.NDArray[np.int64]) -> Tensor:
    """State (B,C,H,W) of each picture before a call of its own."""
    if _is_noise(trace, calls.max()):
        return torch.from_numpy(trace.noise)
    if trace.states is None:
        raise InputError(
            "The trace was recorded without states, so it cannot be branched at this call.",
            "Run it again with fewer images.",
        )
    states = trace.states[calls, np.arange(len(calls))]
    return torch.from_numpy(states.astype(np.float32))


def shortened(sampler: Sampler, share: float) -> Sampler:
    """The sampler with the steps that the last `share` of a whole run would take."""
    if isinstance(sampler, Adaptive):
        return replace(sampler, max_nfe=max(2, round(sampler.max_nfe * share)))
    least = 2 if isinstance(sampler, Stochastic) else 1
    steps = max(least, round(sampler.steps * share))
    if isinstance(sampler, Euler):
        return replace(sampler, steps=steps, grid=())
    return replace(sampler, steps=steps)


def read_noise(path: Path) -> Tensor:
    """The tensor `noise` of a safetensors file, float32.

    Raises:
        InputError: it cannot be read, or holds no such tensor of finite numbers.
    """
    try:
        with safe_open(path, framework="pt") as file:
            noise = file.get_tensor("noise").float()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}).") from error
    except SafetensorError as error:
        raise InputError(
            f"{path.name} holds no tensor named noise.", "Give a .safetensors file with one."
        ) from error
    if not bool(noise.isfinite().all()):
        raise InputError(f"{path.name} holds numbers that are not finite.")
    return noise


def _read_noise(request: GenerateRequest, model: Model) -> Tensor:
    noise = read_noise(Path(request.noise_file))
    p, wanted = model.patch_size, (request.images, model.channels)
    if noise.ndim != 4 or noise.shape[:2] != wanted or noise.shape[2] % p or noise.shape[3] % p:
        raise InputError(
            f"The noise has the shape {tuple(noise.shape)}, but this request needs "
            f"({wanted[0]}, {wanted[1]}, H, W) with H and W divisible by {p}.",
            "Give one class per noise and the model's number of channels.",
        )
    return noise


def read_masks(model: Model, request: GenerateRequest) -> Tensor | None:
    """The masks (T,B,2,R,n,m) bool of the run whose masks a request wants; None: it wants none.

    Raises:
        InputError: the guidance has no masks, or they are not those of such a run.
    """
    if not request.masks_file:
        return None
    if not request.guidance.needs_routes:
        raise InputError(
            f"The guidance {request.guidance.name} has no masks.", "Choose sparse guidance."
        )
    name, kept = Path(request.masks_file).name, read_trace(request.masks_file).kept
    if kept is None:
        raise InputError(f"{name} holds no masks.", "Choose a trace of a run with sparse guidance.")
    if request.branch:  # of a run that was stopped before its later batches
        kept = kept[:, : request.images]
    shape = model.latent_shape(request)
    p, routes = model.patch_size, len(model.card.routes)
    wanted = (request.images, 2, routes, shape[1] // p, shape[2] // p)
    if kept.shape[1:] != wanted:
        raise InputError(
            f"The masks of {name} are those of a run with other images, patches or routes.",
            "Choose the model, the number of images and the size of that run.",
        )
    return torch.from_numpy(kept).bool()


def _read_picture(model: Model, file: str, shape: Shape) -> Tensor:
    """Latents (1,C,H,W) of a picture, cut and scaled to fill the run's size."""
    pixels = read_filling(file, (shape[2] * model.factor, shape[1] * model.factor))
    latents = model.encode(pixels[None])
    if tuple(latents.shape[1:]) != shape:
        raise InputError(
            f"The autoencoder makes latents {tuple(latents.shape[1:])}, the model needs {shape}."
        )
    return latents


def _check_paint(request: GenerateRequest, shape: Shape, patch_size: int) -> None:
    rows, columns = shape[1] // patch_size, shape[2] // patch_size
    if request.paint and len(request.paint) != rows * columns:
        raise InputError(
            f"{len(request.paint)} patches are painted, but the image has {rows} x {columns}."
        )
