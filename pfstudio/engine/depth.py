"""One picture in, its depth and the spread of the ensemble out.

DepthFM (AAAI 2025, arXiv 2403.13788): the picture's latent is noised by a fixed step, each member
with its own noise, and follows the flow to the latent of its log-depth. The picture is encoded once
for all members, and once more if half of them see it mirrored. Larger pictures: one pass over the
whole gives the layout, overlapping tiles give the detail, each fitted to the layout in log-depth by
scale and shift, and held to it coarsely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from pfstudio.core.depth import OWN_RESOLUTION, DepthMap, DepthRequest, DepthStep
from pfstudio.core.depth_files import save_depth
from pfstudio.core.depth_measures import aligned_std, fit_affine, log_std
from pfstudio.core.errors import InputError
from pfstudio.core.image_io import animation_notice, read_picture
from pfstudio.core.tiling import Tile, blend_weights, tiles_over
from pfstudio.engine.depth_model import DepthModel, Encoded
from pfstudio.engine.initial_state import read_noise
from pfstudio.engine.memory import SteppingDown, batch_size
from pfstudio.engine.model_cache import ModelCache, depth_model
from pfstudio.engine.reporter import Reporter
from pfstudio.engine.saving import Saving
from pfstudio.flow.add_noise import add_noise, ensemble_noise
from pfstudio.flow.ode import TABLEAUS, solve, uniform_times

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Models = tuple[DepthModel]
_OVERLAP = 4  # neighbouring tiles share at least a fourth of their side
_COARSE = 1 / 8  # of a tile's side: blurred by this, a tile is its part of the layout


def load(request: DepthRequest, cache: ModelCache) -> Models:
    """The depth model of a request."""
    return (cache.get(depth_model(request)),)


def run(
    models: Models, request: DepthRequest, report: Reporter, *, picture: Bytes | None = None
) -> DepthMap:
    """Find the depth.

    Args:
        picture: (H,W,3) RGB instead of the request's file.

    Raises:
        Stopped: the job was cancelled.
        InputError: the picture cannot be read, or the noise does not fit.
    """
    pixels = read_picture(request.image_file) if picture is None else picture
    notices = animation_notice(request.image_file) if picture is None else ()
    request = replace(request, model=request.model or models[0].name)
    return _Run(models[0], request, report, pixels, notices).run()


def save(
    result: DepthMap, request: DepthRequest, models: Models, saving: Saving
) -> tuple[str, ...]:
    """Write the map as a 16-bit PNG into the folder of the day."""
    return (str(save_depth(result, root=saving.folder)),)


def decode(request: DepthRequest, cache: ModelCache, latents: npt.NDArray[np.float16]) -> Floats:
    """Log-depths (E,H,W) of depth latents (E,C,h,w)."""
    return load(request, cache)[0].decode(torch.from_numpy(latents).float())


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


class _Run:
    """The state of one run."""

    def __init__(
        self,
        model: DepthModel,
        request: DepthRequest,
        report: Reporter,
        picture: Bytes,
        notices: tuple[str, ...],
    ) -> None:
        self.request, self.report, self.picture = request, report, picture
        self.notices = notices
        self.memory = SteppingDown(model, "members", report.free, self._restart)
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

    @property
    def model(self) -> DepthModel:
        return self.memory.model

    def run(self) -> DepthMap:
        self.report.part(self._calls())
        self._start()
        noise = self._drawn_noise(self.whole) if self.noise is None else self.noise
        members, latents = self._pass(resized(self.picture, self.whole), noise, 0)
        if self.tiles:
            members = self._tiled(members)
        return DepthMap(
            self.request,
            self.model.name,
            self.picture,
            np.stack([members.mean(axis=0), log_std(members), aligned_std(members)]),
            latents,
            len(self.tiles),
            self.memory.execution,
        )

    def _start(self) -> None:
        factor = self.model.autoencoder.factor
        grid = (self.whole[0] // factor, self.whole[1] // factor)
        notices = self.notices + self.model.notices + self.memory.notices
        self.report.start(self.model, grid, notices=notices)

    def _restart(self) -> None:
        """Some members begin anew, with less memory."""
        self.report.take_back(self.report.done - self.batch_began)
        self.report.plan(self._calls())
        self._start()

    def _tiled(self, layout: Floats) -> Floats:
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
            members, _ = self._pass(picture[rows, columns], part, number)
            window = blend_weights(tile.height, tile.width)
            for member, found in enumerate(members):
                reference = _region(layout[member], tile, self.size)
                total[member, rows, columns] += window * _fitted(found, reference)
            weight[rows, columns] += window
        total /= weight
        return total

    def _pass(self, picture: Bytes, noise: Tensor, tile: int) -> tuple[Floats, Floats]:
        """Log-depths (E,h,w) and latents of all members of one picture (h,w,3).

        Args:
            noise: (E,C,h/f,w/f)
            tile: its number, 0 for the whole picture.
        """
        maps: list[Floats] = []
        latents: list[Floats] = []
        for first, end, turn in self._views():
            seen = np.ascontiguousarray(picture[:, ::turn])
            self.batch_began = self.report.done
            encoded = _EncodedOnce(self.memory.whole(lambda m: (m, m.encode(seen))), seen)  # noqa: B023

            def find(members: Sequence[int], turn: int = turn) -> None:
                self.batch_began = self.report.done
                image = encoded.by(self.model)  # noqa: B023
                part = noise[members[0] : members[-1] + 1]
                x = self._flow(image, part, members[0], tile)
                maps.append(self.model.decode(x)[:, :, ::turn])
                latents.append(x.cpu().numpy())

            most = self._batch(picture.shape[0], picture.shape[1])
            self.memory.in_batches(range(first, end), find, most)
        return np.concatenate(maps), np.concatenate(latents)

    def _views(self) -> tuple[tuple[int, int, int], ...]:
        """First and last member + 1 that look at the picture once, and whether mirrored (-1)."""
        members = self.request.ensemble_size
        half = (members + 1) // 2
        if not self.request.flip_augmentation or half == members:
            return ((0, members, 1),)
        return (0, half, 1), (half, members, -1)

    @torch.inference_mode()
    def _flow(self, image: Encoded, noise: Tensor, first: int, tile: int) -> Tensor:
        """Depth latents of the members whose noise this is."""
        model = self.model

        def velocity(x: Tensor, t: float) -> Tensor:
            self.report.checkpoint()
            found = model.velocity(x, t, image, self.request.attention)
            self.report.check_finite(found)
            state = end = None
            if not tile:
                state, end = _half(x), _half(x + (1.0 - t) * found)
            detail = DepthStep(t, first, len(x), tile, len(self.tiles), state, end)
            self.report.progress(detail)
            return found

        x = add_noise(image.latent, noise.to(model.device), model.alpha_bar)
        return solve(self.request.solver, velocity, x, uniform_times(self.request.steps))

    def _tiles(self, most: int) -> tuple[Tile, ...]:
        """Tiles of at most `most` units over the working size."""
        if self.request.noise_file:
            raise InputError(
                "Given noise cannot be used for an image that is processed in tiles.",
                "Lower the processing resolution, or choose a larger tile.",
            )
        unit = self.model.unit
        overlap = min(most - 1, max(1, most // _OVERLAP))
        tiles = tiles_over(self.size[0] // unit, self.size[1] // unit, most, overlap)
        return tuple(tile.scaled(unit) for tile in tiles)

    def _batch(self, height: int, width: int) -> int:
        """Members to compute at once at this size."""
        each = self.model.bytes_per_member(height, width)
        return batch_size(self.request.ensemble_size, each, str(self.model.device))

    def _calls(self) -> int:
        each = self.request.steps * len(TABLEAUS[self.request.solver].nodes)
        sizes = [self.whole, *((tile.height, tile.width) for tile in self.tiles)]
        return sum(
            each * -(-(end - first) // min(self._batch(*size), self.memory.most))
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


class _EncodedOnce:
    """A picture as the network is given it: encoded once, and again for another model."""

    def __init__(self, first: tuple[DepthModel, Encoded], picture: Bytes) -> None:
        (self._model, self._encoded), self._picture = first, picture

    def by(self, model: DepthModel) -> Encoded:
        if model is not self._model:
            self._model, self._encoded = model, model.encode(self._picture)
        return self._encoded


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
