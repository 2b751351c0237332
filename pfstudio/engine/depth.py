"""One picture in, its depth and the spread of the ensemble out, as a stream of events.

DepthFM (AAAI 2025, arXiv 2403.13788): the picture's latent is noised by a fixed step, each member
with its own noise, and follows the flow to the latent of its log-depth. The picture is encoded once
for all members, and once more if half of them see it mirrored. Larger pictures: one pass over the
whole gives the layout, overlapping tiles give the detail, each fitted to the layout in log-depth by
scale and shift, and held to it coarsely.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from pfstudio.core.depth import (
    OWN_RESOLUTION,
    DepthEvent,
    DepthFinished,
    DepthMap,
    DepthRequest,
    DepthStep,
)
from pfstudio.core.depth_measures import aligned_std, fit_affine, log_std
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.events import Cancelled, Started
from pfstudio.core.image_io import read_picture
from pfstudio.core.tiling import Tile, blend_weights, tiles_over
from pfstudio.engine.control import Control
from pfstudio.engine.depth_model import DepthModel, Encoded
from pfstudio.engine.generate import failure
from pfstudio.engine.initial_state import read_noise
from pfstudio.engine.memory import batch_size, is_out_of_memory
from pfstudio.flow.add_noise import add_noise, ensemble_noise
from pfstudio.flow.solvers import Evaluation, Evaluations, find_solver, uniform_times

Clock = Callable[[], float]
Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
_OVERLAP = 4  # neighbouring tiles share at least a fourth of their side
_COARSE = 1 / 8  # of a tile's side: blurred by this, a tile is its part of the layout


class _Stopped(Exception):  # noqa: N818 - not an error: the user stopped the run
    pass


def run_depth(
    model: DepthModel,
    request: DepthRequest,
    control: Control | None = None,
    job: int = 0,
    *,
    picture: Bytes | None = None,
    clock: Clock = time.monotonic,
) -> Iterator[DepthEvent]:
    """Run a request; the last event is DepthFinished, Cancelled or Failed, exactly once.

    Args:
        control: cancel, pause and single step.
        picture: (H,W,3) RGB instead of the request's file.
        clock: seconds; tests give their own.
    """
    try:
        pixels = read_picture(request.image_file) if picture is None else picture
        yield from _Run(model, request, control or Control(), job, pixels, clock).stream()
    except Exception as error:
        yield failure(job, error)


def processing_size(height: int, width: int, resolution: int, unit: int) -> tuple[int, int]:
    """Sides (height, width) to work at: the published rule, for any unit.

    The longest side becomes about `resolution`, then both are rounded to multiples of `unit`, half
    to even. Where the published rule rounds a side to 0 and fails, it becomes one unit here.

    Args:
        resolution: pixels; -1 is the picture's own longest side.
        unit: 64 for the published model.
    """
    wanted = max(height, width) if resolution == OWN_RESOLUTION else resolution
    factor = min(wanted / width, wanted / height)
    sides = (round(int(side * factor) / unit) * unit for side in (height, width))
    rows, columns = (max(unit, side) for side in sides)
    return rows, columns


def resized(picture: Bytes, size: tuple[int, int]) -> Bytes:
    """A picture (H,W,3) at `size` (height, width), bilinear as published."""
    if picture.shape[:2] == size:
        return picture
    bilinear = Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(picture).resize((size[1], size[0]), bilinear))


@dataclass
class _Progress:
    """Calls and seconds; pauses do not count."""

    clock: Clock
    nfe: int = 0
    done: int = 0
    started: float = 0.0
    paused: float = 0.0

    def elapsed(self) -> float:
        return self.clock() - self.started - self.paused

    def eta(self) -> float:
        return self.elapsed() / self.done * max(0, self.nfe - self.done)


Pass = Generator[DepthStep, None, tuple[Floats, Floats]]  # returns log-depths and latents


class _Run:
    """The state of one job, from its request to its last event."""

    def __init__(
        self,
        model: DepthModel,
        request: DepthRequest,
        control: Control,
        job: int,
        picture: Bytes,
        clock: Clock,
    ) -> None:
        self.model, self.request, self.control, self.job = model, request, control, job
        self.picture, self.progress = picture, _Progress(clock)
        self.solver = find_solver(request.solver)
        height, width = picture.shape[:2]
        resolution = request.processing_resolution or model.pixels
        self.size = processing_size(height, width, resolution, model.unit)
        most = max(1, round((request.tile or model.pixels) / model.unit)) * model.unit
        self.tiles: tuple[Tile, ...] = ()
        self.whole = self.size
        if max(self.size) > most:
            self.whole = processing_size(height, width, most, model.unit)
            self.tiles = self._tiles(most // model.unit)
        self.noise = self._given_noise()
        self.max_batch = request.ensemble_size

    def stream(self) -> Iterator[DepthEvent]:
        model, request = self.model, self.request
        model.network.attention_mode = request.attention
        model.prepare_thread()
        self.progress.started = self.progress.clock()
        self._count_calls()
        factor = model.autoencoder.factor
        grid = (self.whole[0] // factor, self.whole[1] // factor)
        about = (str(model.device), model.precision, model.threads, model.notices)
        yield Started(self.job, self.progress.nfe, 1, grid, *about)
        try:
            members, latents = yield from self._whole()
            if self.tiles:
                members = yield from self._tiled(members)
        except _Stopped:
            yield Cancelled(self.job, None)
            return
        result = DepthMap(
            request,
            model.name,
            self.picture,
            np.stack([members.mean(axis=0), log_std(members), aligned_std(members)]),
            latents,
            len(self.tiles),
        )
        yield DepthFinished(self.job, result, self.progress.elapsed())

    def _whole(self) -> Pass:
        """The pass over the whole picture."""
        noise = self._drawn_noise(self.whole) if self.noise is None else self.noise
        return (yield from self._pass(resized(self.picture, self.whole), noise, 0))

    def _tiled(self, layout: Floats) -> Generator[DepthStep, None, Floats]:
        """Log-depths (E,H,W) of all tiles, fitted to `layout` (E,h,w) and blended."""
        picture, noise = resized(self.picture, self.size), self._drawn_noise(self.size)
        factor = self.model.autoencoder.factor
        total = np.zeros((len(layout), *self.size), np.float32)
        weight = np.zeros(self.size, np.float32)
        for number, tile in enumerate(self.tiles, 1):
            rows, columns = tile.slices
            part = noise[
                :,
                :,
                rows.start // factor : rows.stop // factor,
                columns.start // factor : columns.stop // factor,
            ]
            members, _ = yield from self._pass(picture[rows, columns], part, number)
            window = blend_weights(tile.height, tile.width)
            for member, found in enumerate(members):
                reference = _region(layout[member], tile, self.size)
                total[member, rows, columns] += window * _fitted(found, reference)
            weight[rows, columns] += window
        total /= weight
        return total

    def _pass(self, picture: Bytes, noise: Tensor, tile: int) -> Pass:
        """All members of one picture (h,w,3); noise (E,C,h/f,w/f)."""
        maps: list[Floats] = []
        latents: list[Floats] = []
        for first, end, turn in self._views():
            seen = np.ascontiguousarray(picture[:, ::turn])
            found, ends = yield from self._members(seen, noise[:end], first, tile)
            maps.append(found[:, :, ::turn])
            latents.append(ends)
        return np.concatenate(maps), np.concatenate(latents)

    def _views(self) -> tuple[tuple[int, int, int], ...]:
        """First and last member + 1 that look at the picture once, and whether mirrored (-1)."""
        members = self.request.ensemble_size
        half = (members + 1) // 2
        if not self.request.flip_augmentation or half == members:
            return ((0, members, 1),)
        return (0, half, 1), (half, members, -1)

    def _members(self, picture: Bytes, noise: Tensor, first: int, tile: int) -> Pass:
        """Members from `first` on of a picture that is encoded once; noise (E,C,h/f,w/f)."""
        image = self.model.encode(picture)
        maps: list[Floats] = []
        latents: list[Floats] = []
        while first < len(noise):
            count = min(self._batch(picture.shape[0], picture.shape[1]), len(noise) - first)
            done = self.progress.done
            try:
                x = yield from self._flow(image, noise[first : first + count], first, tile)
                maps.append(self.model.decode(x))
                latents.append(x.cpu().numpy())
                first += count
                continue
            except RuntimeError as error:
                if count == 1 or not is_out_of_memory(error):
                    raise
            # Outside the handler: its traceback holds the memory.
            with contextlib.suppress(AttributeError):
                torch.get_device_module(self.model.device).empty_cache()
            self.max_batch, self.progress.done = (count + 1) // 2, done
            self._count_calls()
        return np.concatenate(maps), np.concatenate(latents)

    def _flow(
        self, image: Encoded, noise: Tensor, first: int, tile: int
    ) -> Generator[DepthStep, None, Tensor]:
        """Depth latents of the members whose noise this is."""
        with torch.inference_mode():
            x = add_noise(image.latent, noise.to(self.model.device), self.model.alpha_bar)
        evaluations = self.solver.solve(
            lambda x, t: self.model.velocity(x, t, image), x, uniform_times(self.request.steps)
        )
        for _ in range(self.request.steps * self.solver.nfe_per_step):
            yield self._observe(self._next(evaluations), first, tile)
        with torch.inference_mode():
            try:
                next(evaluations)
            except StopIteration as end:
                return end.value
        raise AssertionError("the solver made more calls than it said")

    def _next(self, evaluations: Evaluations) -> Evaluation:
        before = self.progress.clock()
        going = self.control.proceed()
        self.progress.paused += self.progress.clock() - before
        if not going:
            raise _Stopped
        with torch.inference_mode():
            return next(evaluations)

    def _observe(self, evaluation: Evaluation, first: int, tile: int) -> DepthStep:
        call = self.progress.done
        if not bool(evaluation.velocity.isfinite().all()):
            raise RunError(
                f"The model returned numbers that are not finite at call {call}.",
                "The weights may be damaged; with low precision, try float32.",
            )
        self.progress.done += 1
        return DepthStep(
            self.job,
            call,
            self.progress.nfe,
            evaluation.time,
            first,
            len(evaluation.state),
            tile,
            len(self.tiles),
            self.progress.elapsed(),
            self.progress.eta(),
            None if tile else _half(evaluation.state),
            None if tile else _half(evaluation.endpoint),
        )

    def _tiles(self, most: int) -> tuple[Tile, ...]:
        """Tiles of at most `most` units over the working size."""
        if self.request.noise_file:
            raise InputError(
                "Given noise cannot be used for a picture that is worked on in tiles.",
                "Lower --processing-resolution, or raise --tile.",
            )
        unit = self.model.unit
        overlap = min(most - 1, max(1, most // _OVERLAP))
        tiles = tiles_over(self.size[0] // unit, self.size[1] // unit, most, overlap)
        return tuple(
            Tile(t.top * unit, t.left * unit, t.height * unit, t.width * unit) for t in tiles
        )

    def _batch(self, height: int, width: int) -> int:
        """Members to compute at once at this size."""
        each = self.model.bytes_per_member(height, width)
        return min(
            self.max_batch, batch_size(self.request.ensemble_size, each, str(self.model.device))
        )

    def _count_calls(self) -> None:
        each = self.request.steps * self.solver.nfe_per_step
        sizes = [self.whole, *((tile.height, tile.width) for tile in self.tiles)]
        self.progress.nfe = sum(
            each * -(-(end - first) // self._batch(*size))
            for size in sizes
            for first, end, _ in self._views()
        )

    def _latent_size(self, size: tuple[int, int]) -> tuple[int, int, int]:
        factor = self.model.autoencoder.factor
        return self.model.channels, size[0] // factor, size[1] // factor

    def _drawn_noise(self, size: tuple[int, int]) -> Tensor:
        return ensemble_noise(
            range(self.request.ensemble_size), self._latent_size(size), self.request.seed
        )

    def _given_noise(self) -> Tensor | None:
        if not self.request.noise_file:
            return None
        noise = read_noise(Path(self.request.noise_file))
        wanted = (self.request.ensemble_size, *self._latent_size(self.whole))
        if tuple(noise.shape) != wanted:
            raise InputError(
                f"The noise has the shape {tuple(noise.shape)}, but this request needs {wanted}.",
                "Give one noise per member, at the size of the latents.",
            )
        return noise


def _half(values: Tensor) -> npt.NDArray[np.float16]:
    return values.to(torch.float16).cpu().numpy()


def _region(layout: Floats, tile: Tile, size: tuple[int, int]) -> Floats:
    """The part of a small map (h,w) under a tile of the working size, bilinear."""
    rows = (np.arange(tile.top, tile.top + tile.height) + 0.5) * layout.shape[0] / size[0] - 0.5
    columns = (np.arange(tile.left, tile.left + tile.width) + 0.5) * layout.shape[1] / size[1] - 0.5
    x, y = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
    edge = cv2.BORDER_REPLICATE
    return np.asarray(cv2.remap(layout, x, y, cv2.INTER_LINEAR, borderMode=edge))


def _fitted(values: Floats, reference: Floats) -> Floats:
    """Log-depth of a tile by the scale and shift of the layout under it, coarsely that layout.

    A small part of a large picture may show nothing that tells its depth: what it makes up must not
    replace the layout.
    """
    scale, shift = fit_affine(values, reference)
    if scale <= 0:
        return reference
    found = (scale * values + shift).astype(np.float32)
    radius = min(found.shape) * _COARSE
    missing = reference - found
    return found + cv2.GaussianBlur(missing, (0, 0), radius, borderType=cv2.BORDER_REFLECT)
