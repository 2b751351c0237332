"""Upscaling pictures to twice their sides, once or twice over, with progress for every call.

FM boosting (ECCV 2024, arXiv 2312.07360), section 3: the picture is enlarged in pixels and encoded;
this context, noised by a fixed step, follows the flow to the latent of a sharp picture. Large
canvases are computed tile by tile in every step: one noise field and one blended velocity for the
whole canvas leave no seams.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from pfstudio.core.back_projection import back_project
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.tiling import WeightedTile, tiles_around, weighted_tiles_over
from pfstudio.core.upscale import CLOCKS, LATENTS, Upscale, UpscaleStep
from pfstudio.engine.control import Control
from pfstudio.engine.interrupt import Stopped
from pfstudio.engine.tile_blending import TileBlender, shape_of, stacked
from pfstudio.engine.upscale_model import UpscaleModel
from pfstudio.flow.add_noise import add_noise, ensemble_noise
from pfstudio.flow.dormand_prince import EVALUATIONS_PER_STEP, dopri5
from pfstudio.flow.ode import TABLEAUS, OdeEvaluation, OdeEvaluations, OdeResult, solve
from pfstudio.flow.patch_upscale import patch_wise

Clock = Callable[[], float]
Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

_ADAPTIVE_STEPS = 4  # guessed
PASS = 2  # how much larger one pass makes a picture


@dataclass(frozen=True)
class TiledResult:
    """What came out for one picture."""

    image: Floats  # (FH,FW,3) in -1..1
    nfe: npt.NDArray[np.int32]  # (n,m) of the last pass
    difficulty: Floats | None  # (n,m) of its first call
    computed: int  # patch evaluations of all passes
    uniform: int  # what the same steps take with a uniform clock


@dataclass(frozen=True)
class _Cost:
    """Of one evaluation of the whole canvas."""

    nfe: int
    pixels: int


@dataclass
class _Progress:
    """Calls, work and seconds; pauses do not count."""

    clock: Clock
    plan: list[list[_Cost]] = field(default_factory=list)  # evaluations of every pass
    passes: int = 0
    evaluations: int = 0  # of this pass
    nfe: int = 0
    pixels: int = 0
    started: float = 0.0
    paused: float = 0.0

    def elapsed(self) -> float:
        return self.clock() - self.started - self.paused

    def expected(self) -> int:
        return sum(cost.nfe for costs in self.plan for cost in costs)

    def eta(self) -> float:
        still = sum(cost.pixels for costs in self.plan for cost in costs) - self.pixels
        return self.elapsed() / max(1, self.pixels) * max(0, still)


@dataclass
class _Canvas:
    """One pass over one picture."""

    level: int
    context: Tensor  # (1,C,h,w)
    shown: tuple[int, int]  # patches (rows, columns) that the picture covers
    wanted: npt.NDArray[np.int32]  # (n,m) evaluations that wanted each patch
    difficulty: Tensor | None = None  # (n,m)
    computed: int = 0
    uniform: int = 0


Steps = Generator[UpscaleStep, None, TiledResult]


class TiledUpscaler:
    """Upscales the pictures of one job, one after the other, all of one size.

    Attributes:
        nfe: network evaluations expected for all of them.
        grid: patches (rows, columns) of the result.
    """

    def __init__(
        self,
        model: UpscaleModel,
        upscale: Upscale,
        size: tuple[int, int],
        control: Control,
        job: int = 0,
        *,
        pictures: int = 1,
        clock: Clock = time.monotonic,
    ) -> None:
        """Plan the passes over pictures of `size` (height, width).

        Raises:
            InputError: the settings do not fit the model.
        """
        if upscale.clock != CLOCKS[0] and not model.has_difficulty:
            raise InputError(
                f"{model.name} knows one time for the whole picture, so it has no patch-wise clock."
            )
        self.model, self.upscale, self.control, self.job = model, upscale, control, job
        self.tiling, self.window_tiling = (
            model.tiling(upscale.tile),
            model.window_tiling(upscale.tile),
        )
        self.levels = round(math.log2(upscale.factor))
        self.sizes = [(size[0] * PASS**k, size[1] * PASS**k) for k in range(1, self.levels + 1)]
        self.progress = _Progress(clock)
        for canvas in map(self._padded, self.sizes * pictures):
            self.progress.plan.append([self._cost(self._tiles(canvas))] * self._evaluations())

    @property
    def nfe(self) -> int:
        return self.progress.expected()

    @property
    def grid(self) -> tuple[int, int]:
        return self._shown(self.sizes[-1])

    @property
    def noise_shape(self) -> tuple[int, int, int, int]:
        """Of the first pass."""
        return (1, self.model.channels, *self._padded(self.sizes[0]))

    def start(self) -> None:
        """Start counting the seconds, in the thread that goes on to upscale."""
        self.model.prepare_thread()
        self.progress.started = self.progress.clock()

    def upscale_image(self, picture: Floats, seed: int, noise: Tensor | None = None) -> Steps:
        """Upscale a picture.

        Args:
            picture: (H,W,3) in -1..1.
            seed: pass k draws its noise with `seed + k`.
            noise: (1,C,h,w) of the only pass, instead of drawn noise.

        Raises:
            Stopped: the job was cancelled.
        """
        image, computed, uniform = picture, 0, 0
        for level in range(self.levels):
            canvas = self._canvas(image, level)
            x = yield from self._flow(canvas, seed + level, noise)
            height, width = self.sizes[level]
            found = self.model.decode(x)[0, :, :height, :width].permute(1, 2, 0).numpy()
            image = back_project(found, picture, self.upscale.consistency)
            computed, uniform = computed + canvas.computed, uniform + canvas.uniform
            self._check_going()
        rows, columns = canvas.shown
        difficulty = canvas.difficulty
        return TiledResult(
            image,
            canvas.wanted[:rows, :columns],
            None if difficulty is None else difficulty[:rows, :columns].cpu().numpy(),
            computed,
            uniform,
        )

    def _canvas(self, image: Floats, level: int) -> _Canvas:
        """The context of a pass: the picture enlarged, filled up at its edges, encoded.

        Where latents are enlarged, that comes last.
        """
        size, model = self.sizes[level], self.model
        with torch.inference_mode():
            source = torch.from_numpy(image).permute(2, 0, 1)[None]
            if self.upscale.enlarge == LATENTS:
                small = model.encode(filled_up(source, self._unit // PASS))
                context = F.interpolate(small, scale_factor=PASS, mode=model.resize)
            else:
                context = model.encode(filled_up(model.enlarged(source, PASS), self._unit))
        h, w = context.shape[2:]
        wanted = np.zeros((h // self.model.patch, w // self.model.patch), np.int32)
        canvas = _Canvas(level, context, self._shown(size), wanted)
        whole = sum(weighted.weight.size for weighted in self._tiles((h, w)))
        canvas.uniform = self._evaluations() * whole // self.model.patch**2
        return canvas

    def _flow(
        self, canvas: _Canvas, seed: int, noise: Tensor | None
    ) -> Generator[UpscaleStep, None, Tensor]:
        """Latents of the sharp picture; answers what the solver asks."""
        shape = canvas.context.shape[1:]
        drawn = ensemble_noise(range(1), tuple(shape), seed) if noise is None else noise
        with torch.inference_mode():
            x = add_noise(canvas.context, drawn.to(canvas.context.device), self.model.alpha_bar)
            evaluations = self._evaluations_of(x)
            evaluation = next(evaluations)
        while True:
            answer, last = yield from self._answer(canvas, evaluation)
            try:
                with torch.inference_mode():
                    evaluation = evaluations.send(answer)
            except StopIteration as end:
                self._end_pass()
                yield self._step(canvas, torch.ones(canvas.wanted.shape), *last)
                x = end.value
                return x
            yield self._step(canvas, evaluation.time, *last)

    def _evaluations_of(self, x: Tensor) -> OdeEvaluations:
        how, patch = self.upscale, self.model.patch
        grid = (x.shape[2] // patch, x.shape[3] // patch)
        if how.clock != CLOCKS[0]:
            return patch_wise(x, grid, how.steps, how.easy_share)
        if how.solver not in TABLEAUS:
            return dopri5(x, grid)
        return solve(how.solver, x, grid, how.steps)

    def _answer(
        self, canvas: _Canvas, evaluation: OdeEvaluation
    ) -> Generator[UpscaleStep, None, tuple[OdeResult, tuple[int, int]]]:
        """Velocity and difficulty of what is wanted, tile by tile; and the last tile's number."""
        blender = TileBlender(evaluation, self.model.patch)
        tiles = self._tiles_for(evaluation)
        batches = self._batches(tiles)
        self._plan(tiles)
        for number, batch in enumerate(batches, 1):
            self._proceed()
            with torch.inference_mode():
                found = self.model.velocity(
                    *(
                        stacked(evaluation.state, batch),
                        blender.times(batch),
                        stacked(canvas.context, batch),
                    )
                )
                self._check_finite(found[0])
                blender.add(batch, *found)
            self.progress.nfe += 1
            self.progress.pixels += sum(weighted.weight.size for weighted in batch)
            canvas.computed += (
                sum(weighted.weight.size for weighted in batch) // self.model.patch**2
            )
            if number < len(batches):
                yield self._step(canvas, blender.time_so_far(), number, len(batches))
        self.progress.evaluations += 1
        canvas.wanted += evaluation.wanted.numpy()
        answer = blender.answer()
        if canvas.difficulty is None:
            canvas.difficulty = answer.difficulty
        return answer, (len(batches), len(batches))

    def _step(self, canvas: _Canvas, time_map: Tensor, tile: int, tiles: int) -> UpscaleStep:
        rows, columns = canvas.shown
        progress = self.progress
        return UpscaleStep(
            self.job,
            progress.nfe - 1,
            progress.expected(),
            canvas.level,
            self.levels,
            tile,
            tiles,
            time_map[:rows, :columns].numpy().astype(np.float32),
            progress.elapsed(),
            progress.eta(),
        )

    def _check_finite(self, velocity: Tensor) -> None:
        if not bool(velocity.isfinite().all()):
            raise RunError(
                f"The model returned numbers that are not finite at call {self.progress.nfe}.",
                "The weights may be damaged; with low precision, try float32.",
            )

    def _proceed(self) -> None:
        before = self.progress.clock()
        going = self.control.proceed()
        self.progress.paused += self.progress.clock() - before
        if not going:
            raise Stopped

    def _check_going(self) -> None:
        if self.control.cancelled:
            raise Stopped

    # Planning.

    @property
    def _unit(self) -> int:
        return self.model.unit * self.model.factor

    def _padded(self, size: tuple[int, int]) -> tuple[int, int]:
        """Latents (h,w) of the canvas of a result (height, width)."""
        height, width = (-(-side // self._unit) * self.model.unit for side in size)
        return height, width

    def _shown(self, size: tuple[int, int]) -> tuple[int, int]:
        side = self.model.patch * self.model.factor
        return -(-size[0] // side), -(-size[1] // side)

    def _evaluations(self) -> int:
        """Of a pass; a guess where the solver chooses its steps itself."""
        if self.upscale.clock != CLOCKS[0]:
            return self.upscale.steps
        if self.upscale.solver not in TABLEAUS:
            return 2 + EVALUATIONS_PER_STEP * _ADAPTIVE_STEPS
        return self.upscale.steps * len(TABLEAUS[self.upscale.solver].nodes)

    def _tiles(self, canvas: tuple[int, int]) -> tuple[WeightedTile, ...]:
        return weighted_tiles_over(*canvas, self.tiling)

    def _tiles_for(self, evaluation: OdeEvaluation) -> tuple[WeightedTile, ...]:
        if bool(evaluation.wanted.all()):
            return self._tiles((evaluation.state.shape[2], evaluation.state.shape[3]))
        return tiles_around(evaluation.wanted.numpy(), self.model.patch, self.window_tiling)

    def _batches(self, tiles: tuple[WeightedTile, ...]) -> list[tuple[WeightedTile, ...]]:
        """Tiles of one size that are small enough to be computed together."""
        batches: list[tuple[WeightedTile, ...]] = []
        for shape, group in groupby(sorted(tiles, key=shape_of), key=shape_of):
            alike, count = tuple(group), max(1, self.model.batch // (shape[0] * shape[1]))
            batches += [alike[i : i + count] for i in range(0, len(alike), count)]
        return batches

    def _cost(self, tiles: tuple[WeightedTile, ...]) -> _Cost:
        return _Cost(len(self._batches(tiles)), sum(weighted.weight.size for weighted in tiles))

    def _plan(self, tiles: tuple[WeightedTile, ...]) -> None:
        """What this evaluation costs, and where windows shrink also the rest of its pass."""
        progress, now = self.progress, self.progress.evaluations
        costs = progress.plan[progress.passes]
        rest = max(1, len(costs) - now if self.upscale.clock != CLOCKS[0] else 1)
        costs[now : now + rest] = [self._cost(tiles)] * rest

    def _end_pass(self) -> None:
        progress = self.progress
        del progress.plan[progress.passes][progress.evaluations :]
        progress.passes, progress.evaluations = progress.passes + 1, 0


def filled_up(picture: Tensor, unit: int) -> Tensor:
    """A picture (1,3,H,W) continued at the bottom and the right to multiples of the unit."""
    height, width = picture.shape[2:]
    down, across = -height % unit, -width % unit
    mirror = down < height and across < width
    return F.pad(picture, (0, across, 0, down), mode="reflect" if mirror else "replicate")


def to_unit(pixels: Bytes) -> Floats:
    """0..255 -> -1..1"""
    return (pixels.astype(np.float64) / 127.5 - 1).astype(np.float32)


def to_bytes(image: Floats) -> Bytes:
    """-1..1 -> 0..255, rounded."""
    return np.rint(image * 127.5 + 127.5).clip(0, 255).astype(np.uint8)
