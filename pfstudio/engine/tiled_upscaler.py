"""Pictures at twice their sides, once or twice over, with a word for every network call.

FM boosting (ECCV 2024, arXiv 2312.07360), section 3: the picture is enlarged in pixels and encoded;
this context, noised by a fixed step, follows the flow to the latent of a sharp picture. Large
canvases are computed part by part in every evaluation: one noise field and one blended velocity for
the whole canvas leave no seams.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from pfstudio.core.back_projection import back_project
from pfstudio.core.errors import InputError
from pfstudio.core.tiling import WeightedTile, tiles_around, weighted_tiles_over
from pfstudio.core.upscale import CLOCKS, LATENTS, Upscale, UpscaleStep
from pfstudio.engine.memory import SteppingDown
from pfstudio.engine.reporter import Reporter
from pfstudio.engine.tile_blending import TileBlender, shape_of, stacked, stacked_map
from pfstudio.engine.upscale_model import UpscaleModel
from pfstudio.flow.add_noise import add_noise, ensemble_noise
from pfstudio.flow.dormand_prince import EVALUATIONS_PER_STEP, dopri5
from pfstudio.flow.ode import TABLEAUS, evaluation_times, solve, uniform_times
from pfstudio.flow.patch_upscale import patch_wise

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

_ADAPTIVE_STEPS = 4  # guessed
PASS = 2  # how much larger one pass makes a picture


@dataclass(frozen=True)
class UpscaledImage:
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


class _Plan:
    """Calls and latent pixels of all passes, as far as they are known."""

    def __init__(self, passes: list[list[_Cost]]) -> None:
        self._passes = passes  # evaluations of every pass
        self._at, self._done = 0, 0  # this pass, and its evaluations

    def expect(self, cost: _Cost, rest: bool) -> None:
        """What this evaluation costs; with `rest` also those after it in this pass."""
        costs, now = self._passes[self._at], self._done
        count = max(1, len(costs) - now if rest else 1)
        costs[now : now + count] = [cost] * count
        self._done += 1

    def end_pass(self) -> None:
        """No further evaluation comes in this pass."""
        del self._passes[self._at][self._done :]
        self._at, self._done = self._at + 1, 0

    @property
    def nfe(self) -> int:
        return sum(cost.nfe for costs in self._passes for cost in costs)

    @property
    def pixels(self) -> int:
        return sum(cost.pixels for costs in self._passes for cost in costs)


@dataclass
class _Canvas:
    """One pass over one picture."""

    level: int
    context: Tensor  # (1,C,h,w)
    shown: tuple[int, int]  # patches (rows, columns) that the picture covers
    wanted: npt.NDArray[np.int32]  # (n,m) evaluations that wanted each patch
    difficulty: Tensor | None = None  # (n,m)
    untold: tuple[int, int, int] | None = None  # the last call: tile, tiles, latent pixels
    computed: int = 0
    uniform: int = 0


class TiledUpscaler:
    """Upscales the pictures of one job, one after the other, all of one size.

    Attributes:
        grid: patches (rows, columns) of the result.
        memory: with the model, another one once memory ran out.
    """

    def __init__(
        self,
        model: UpscaleModel,
        upscale: Upscale,
        size: tuple[int, int],
        report: Reporter,
        *,
        pictures: int = 1,
        stepped: Callable[[], None] = lambda: None,
    ) -> None:
        """Plan the passes over pictures of `size` (height, width).

        Args:
            stepped: called when memory ran out and less of it is used from now on.

        Raises:
            InputError: the settings do not fit the model.
        """
        if upscale.clock != CLOCKS[0] and not model.has_difficulty:
            raise InputError(
                f"{model.name} has one timestep for the whole image, not one for each patch.",
                "Choose uniform timesteps.",
            )
        self.upscale, self.report = upscale, report
        self.memory = SteppingDown(model, "tiles", report.free, stepped)
        self.tiling, self.window_tiling = (
            model.tiling(upscale.tile),
            model.window_tiling(upscale.tile),
        )
        self.levels = round(math.log2(upscale.factor))
        self.sizes = [(size[0] * PASS**k, size[1] * PASS**k) for k in range(1, self.levels + 1)]
        self._evaluations = self._count_evaluations()
        canvases = map(self._padded, self.sizes * pictures)
        self._plan = _Plan([[self._cost(self._tiles(c))] * self._evaluations for c in canvases])

    @property
    def model(self) -> UpscaleModel:
        return self.memory.model

    @property
    def grid(self) -> tuple[int, int]:
        return self._shown(self.sizes[-1])

    @property
    def noise_shape(self) -> tuple[int, int, int, int]:
        """Of the first pass."""
        return (1, self.model.channels, *self._padded(self.sizes[0]))

    def begin(self) -> None:
        """Begin this part of the job; it may be all of it."""
        self.report.part(self._plan.nfe, self._plan.pixels)

    def run(self, picture: Floats, seed: int, noise: Tensor | None = None) -> UpscaledImage:
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
            x = self._flow(canvas, seed + level, noise)
            height, width = self.sizes[level]
            found = self.memory.whole(lambda model: model.decode(x))  # noqa: B023 - called at once
            sharp = found[0, :, :height, :width].permute(1, 2, 0).numpy()
            image = back_project(sharp, picture, self.upscale.consistency)
            computed, uniform = computed + canvas.computed, uniform + canvas.uniform
        rows, columns = canvas.shown
        difficulty = canvas.difficulty
        return UpscaledImage(
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
        size = self.sizes[level]
        with torch.inference_mode():
            source = torch.from_numpy(image).permute(2, 0, 1)[None]
            context = self.memory.whole(lambda model: self._context(model, source))
        h, w = context.shape[2:]
        wanted = np.zeros((h // self.model.patch, w // self.model.patch), np.int32)
        canvas = _Canvas(level, context, self._shown(size), wanted)
        whole = sum(part.weight.size for part in self._tiles((h, w)))
        canvas.uniform = self._evaluations * whole // self.model.patch**2
        return canvas

    def _context(self, model: UpscaleModel, source: Tensor) -> Tensor:
        if self.upscale.enlarge == LATENTS:
            small = model.encode(filled_up(source, self._unit // PASS))
            return F.interpolate(small, scale_factor=PASS, mode=model.resize)
        return model.encode(filled_up(model.enlarged(source, PASS), self._unit))

    @torch.inference_mode()
    def _flow(self, canvas: _Canvas, seed: int, noise: Tensor | None) -> Tensor:
        """Latents of the sharp picture."""
        shape = canvas.context.shape[1:]
        drawn = ensemble_noise(range(1), tuple(shape), seed) if noise is None else noise
        x = add_noise(canvas.context, drawn.to(canvas.context.device), self.model.alpha_bar)
        how, grid = self.upscale, canvas.wanted.shape
        everything = torch.ones(grid, dtype=torch.bool)
        if how.clock != CLOCKS[0]:

            def velocity(x: Tensor, t: Tensor, then: Tensor, hard: Tensor) -> tuple[Tensor, Tensor]:
                found, difficulty = self._evaluate(canvas, x, t, then, hard)
                assert difficulty is not None
                return found, difficulty

            x = patch_wise(velocity, x, grid, how.steps, how.easy_share)
        elif how.solver in TABLEAUS:
            times = uniform_times(how.steps)
            next_times = iter((*evaluation_times(how.solver, times)[1:], 1.0))

            def uniform(x: Tensor, t: float) -> Tensor:
                now, then = torch.full(grid, t), torch.full(grid, next(next_times))
                return self._evaluate(canvas, x, now, then, everything)[0]

            x = solve(how.solver, uniform, x, times)
        else:  # its next time is known to nobody

            def adaptive(x: Tensor, t: float) -> Tensor:
                now = torch.full(grid, t)
                return self._evaluate(canvas, x, now, now, everything)[0]

            x = dopri5(adaptive, x)
        self._plan.end_pass()
        self._tell(canvas, torch.ones(grid))
        return x

    def _evaluate(
        self, canvas: _Canvas, x: Tensor, time: Tensor, then: Tensor, wanted: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        """Velocity and difficulty of the patches that are wanted, part by part.

        Args:
            time, then: (n,m) of this evaluation and of the next one.
        """
        self._tell(canvas, time)
        blend = TileBlender(x, self.model.patch)
        batches = self._batches(self._tiles_for(x, wanted))
        cost = _Cost(len(batches), sum(part.weight.size for batch in batches for part in batch))
        self._plan.expect(cost, rest=self.upscale.clock != CLOCKS[0])

        def compute(tiles: Sequence[WeightedTile]) -> None:
            self.report.checkpoint()
            found = self.model.velocity(
                stacked(x, tiles),
                stacked_map(time, tiles, self.model.patch).to(x.device),
                stacked(canvas.context, tiles),
            )
            self.report.check_finite(found[0])
            blend.add(tiles, *found)

        for number, batch in enumerate(batches, 1):
            self.memory.in_batches(batch, compute)
            pixels = sum(part.weight.size for part in batch)
            canvas.computed += pixels // self.model.patch**2
            canvas.untold = (number, len(batches), pixels)
            if number < len(batches):
                self._tell(canvas, torch.where(blend.covered & wanted, then, time))
        canvas.wanted += wanted.numpy()
        if canvas.difficulty is None:
            canvas.difficulty = blend.difficulty
        return blend.velocity, blend.difficulty

    def _tell(self, canvas: _Canvas, now: Tensor) -> None:
        """Tell the last call, if that was not done: only what comes next says the time (n,m) that
        all patches have after it."""
        if canvas.untold is None:
            return
        (tile, tiles, pixels), canvas.untold = canvas.untold, None
        rows, columns = canvas.shown
        shown = now[:rows, :columns].numpy().astype(np.float32)
        self.report.plan(self._plan.nfe, self._plan.pixels)
        self.report.progress(UpscaleStep(canvas.level, self.levels, tile, tiles, shown), pixels)

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

    def _count_evaluations(self) -> int:
        """Of a pass; a guess where the solver chooses its steps itself."""
        if self.upscale.clock != CLOCKS[0]:
            return self.upscale.steps
        if self.upscale.solver not in TABLEAUS:
            return 2 + EVALUATIONS_PER_STEP * _ADAPTIVE_STEPS
        return self.upscale.steps * len(TABLEAUS[self.upscale.solver].nodes)

    def _tiles(self, canvas: tuple[int, int]) -> tuple[WeightedTile, ...]:
        return weighted_tiles_over(*canvas, self.tiling)

    def _tiles_for(self, x: Tensor, wanted: Tensor) -> tuple[WeightedTile, ...]:
        if bool(wanted.all()):
            return self._tiles((x.shape[2], x.shape[3]))
        return tiles_around(wanted.numpy(), self.model.patch, self.window_tiling)

    def _batches(self, tiles: tuple[WeightedTile, ...]) -> list[tuple[WeightedTile, ...]]:
        """Parts of one size that are small enough to be computed together."""
        batches: list[tuple[WeightedTile, ...]] = []
        for shape, group in groupby(sorted(tiles, key=shape_of), key=shape_of):
            alike = tuple(group)
            count = min(self.memory.most, max(1, self.model.batch // (shape[0] * shape[1])))
            batches += [alike[i : i + count] for i in range(0, len(alike), count)]
        return batches

    def _cost(self, tiles: tuple[WeightedTile, ...]) -> _Cost:
        return _Cost(len(self._batches(tiles)), sum(part.weight.size for part in tiles))


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
