"""How good an upsampler is on held-out pictures, beside resampling and other upscalers.

Pictures are shrunk (bicubic, antialiased, 8 bit; as JPEG if wanted) and enlarged again. PSNR and
SSIM are those of RGB, averaged over the pictures; FD-MobileNetV2 compares all quarters of the
results (small ones: the whole) with those of the originals, beside the distance of as many pieces
of other real pictures. The pieces are looked at as they are, without the resizing to 224 pixels
that hides fine detail.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from pfstudio.core.back_projection import back_project
from pfstudio.core.errors import InputError
from pfstudio.flow.add_noise import add_noise, alpha_bar
from pfstudio.flow.path import pool, target_velocity
from pfstudio.train.autoencoder import psnr
from pfstudio.train.baselines import read_esrgan, real_esrgan
from pfstudio.train.data import PictureSet, TrainingData, fit, to_unit
from pfstudio.train.evaluation import Difficulty
from pfstudio.train.measures import Array, calibration, frechet_distance, rank_correlation
from pfstudio.train.mobilenet import load_mobilenet
from pfstudio.train.upsampler_data import enlarge, jpeg, shrink
from pfstudio.weights.autoencoders import Autoencoder
from pfstudio.weights.upsampler import FACTOR, NOISING_STEPS, LoadedUpsampler

_AT_ONCE = 8
_WINDOW, _SIGMA = 11, 1.5  # of SSIM
_LEAST_PIECE = 96  # pixels each side
_REAL_FACTOR = 4  # of Real-ESRGAN
Method = Callable[[Tensor], Tensor]  # pictures (B,3,H,W) in -1..1 -> (B,3,fH,fW)
ProgressCallback = Callable[[str, int, int], None]


@dataclass(frozen=True)
class UpsamplerScore:
    """Of one method."""

    method: str
    psnr: float  # dB, mean over the pictures
    ssim: float
    fd_mobilenet: float
    seconds: float  # of processor time for one picture, all threads together


@dataclass(frozen=True)
class UpsamplerEvaluation:
    """What was measured at one factor."""

    factor: int
    side: int  # of the originals in pixels
    jpeg: int  # quality that the small pictures were saved with; 0: not
    pictures: int
    pieces: int  # N of the distance
    floor: float  # distance of as many quarters of other real pictures
    scores: tuple[UpsamplerScore, ...]
    difficulty: Difficulty | None  # of the first call of a 2x pass; None: not predicted

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def quality(self, data: str) -> dict[str, Any]:
        """The figures as a model card shows them."""
        degraded = f", JPEG {self.jpeg}" if self.jpeg else ""
        about = f"{self.side // self.factor} to {self.side} px{degraded}, {self.pictures} of {data}"
        told: dict[str, Any] = {
            f"{s.method}, {about}": f"{s.psnr:.2f} dB, SSIM {s.ssim:.4f}, FD {s.fd_mobilenet:.1f}, "
            f"{s.seconds:.2f} s"
            for s in self.scores
        }
        told[f"FD of as many other real pictures, {about}"] = round(self.floor, 1)
        if self.difficulty is not None:
            d = self.difficulty
            told[f"difficulty, {about}"] = (
                f"rank correlation {d.rank_correlation:.3f}, predicted / true error "
                f"{d.calibration.ratio:.2f}"
            )
        return told


@dataclass(frozen=True)
class UpsamplerSettings:
    """How to measure."""

    factor: int = 2
    steps: tuple[int, ...] = (1, 2, 4, 8)
    side: int = 256  # of the originals
    pictures: int = 1000  # at most
    jpeg: int = 0
    seed: int = 0
    esrgan: Path | None = None  # folder of the unpacked npm packages esrgan-slim, -medium, -thick
    real_esrgan: bool = False


def evaluate_upsampler(
    model: LoadedUpsampler,
    autoencoder: Autoencoder,
    data: TrainingData,
    settings: UpsamplerSettings,
    progress: ProgressCallback = lambda what, done, total: None,
) -> UpsamplerEvaluation:
    """Measure an upsampler on the held-out part of a data set. Both modules decide the precision.

    Raises:
        InputError: too few images, a factor that cannot be reached, or a rival is missing.
    """
    if not len(data.test):
        raise InputError("The data has no held-out images.", "Give a labels file with test.")
    if settings.factor not in (FACTOR, FACTOR**2):
        raise InputError(f"A factor of {settings.factor} cannot be measured.", "Use 2 or 4.")
    unit = settings.factor // FACTOR * model.network.config.factor * autoencoder.factor
    if settings.side < _WINDOW or settings.side % unit:
        raise InputError(
            f"Images of {settings.side} pixels a side cannot be measured.",
            f"Use a multiple of {unit}, at least {_WINDOW}.",
        )
    sharp = _fitted(data.test, settings.pictures, settings.side, unit)
    others = _fitted(data.train, len(sharp), settings.side, unit)
    fewest = min(len(_pieces(sharp)), len(_pieces(others)))
    if fewest < 2:
        raise InputError(
            "A single piece of an image is too little for a distance.",
            "Use at least 2 held-out images and 2 others, or larger ones.",
        )
    if len(others) < len(sharp):
        raise InputError(
            f"{len(sharp)} held-out images need as many others for the floor of the distance, but "
            f"there are {len(others)}.",
            f"Use --samples {len(others)}.",
        )
    small = eight_bit(shrink(sharp, settings.factor))
    if settings.jpeg:
        small = torch.stack([jpeg(picture, settings.jpeg) for picture in small])
    features = _features()
    known = features(sharp)
    methods = _methods(model, autoencoder, sharp, settings)
    scores = []
    for done, (name, method) in enumerate(methods.items()):
        progress(name, done, len(methods))
        scores.append(_score(name, method, small, sharp, known, features))
    count = len(_pieces(sharp))
    floor = frechet_distance(features(others), known)
    return UpsamplerEvaluation(
        settings.factor,
        settings.side,
        settings.jpeg,
        len(sharp),
        count,
        floor,
        tuple(scores),
        _difficulty(model, autoencoder, sharp, settings.seed) if model.has_difficulty else None,
    )


def upscale_all(
    model: LoadedUpsampler,
    autoencoder: Autoencoder,
    steps: int,
    factor: int,
    seed: int,
    consistent: bool = True,
) -> Method:
    """The upsampler as a method: one pass a doubling, Euler steps, all patches together."""
    signal = alpha_bar(model.noising_step, NOISING_STEPS)
    network = model.network
    dtype = next(network.parameters()).dtype

    @torch.inference_mode()
    def once(picture: Tensor, generator: torch.Generator) -> Tensor:
        context = autoencoder.encode(enlarge(picture, FACTOR, model.resize))
        x = add_noise(context, torch.randn(context.shape, generator=generator), signal)
        for k in range(steps):
            x = x + _velocity(model, x.to(dtype), k / steps, context.to(dtype)) / steps
        made = autoencoder.decode(x)
        return consistent_with(made, picture) if consistent else made

    def method(picture: Tensor) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        made, reached = picture, 1
        while reached < factor:
            made, reached = once(made, generator).clamp(-1, 1), reached * FACTOR
        return made

    return method


def _velocity(model: LoadedUpsampler, x: Tensor, time_: float, context: Tensor) -> Tensor:
    if model.has_difficulty:
        patch = model.network.config.factor
        size = (len(x), x.shape[-2] // patch, x.shape[-1] // patch)
        return model.network(x, torch.full(size, time_), context)[0].float()
    return model.network(x, torch.full((len(x),), time_), context)


@torch.inference_mode()
def _difficulty(
    model: LoadedUpsampler, autoencoder: Autoencoder, sharp: Tensor, seed: int
) -> Difficulty:
    """Predicted variance against squared velocity error, patch by patch, where sampling starts."""
    patch, generator = model.network.config.factor, torch.Generator().manual_seed(seed)
    signal = alpha_bar(model.noising_step, NOISING_STEPS)
    said, true = [], []
    for part in sharp.split(_AT_ONCE):
        soft = enlarge(shrink(part, FACTOR), FACTOR, model.resize)
        data, context = autoencoder.encode(part), autoencoder.encode(soft)
        start = add_noise(context, torch.randn(context.shape, generator=generator), signal)
        size = (len(data), data.shape[-2] // patch, data.shape[-1] // patch)
        velocity, log_variance = model.network(start, torch.zeros(size), context)
        error = (velocity - target_velocity(data, start)).square().mean(dim=1, keepdim=True)
        said.append(log_variance.exp().flatten(1))
        true.append(pool(error, patch).flatten(1))
    predicted, actual = torch.cat(said).numpy(), torch.cat(true).numpy()
    inside = [rank_correlation(a, b) for a, b in zip(predicted, actual, strict=True)]
    return Difficulty(
        0.0,
        rank_correlation(predicted, actual),
        float(np.mean(inside)),
        calibration(predicted, actual),
    )


def consistent_with(made: Tensor, small: Tensor) -> Tensor:
    """Back-projection of enlarged pictures (B,3,fH,fW) to those that they were made of."""
    pairs = zip(made, small, strict=True)
    moved = [back_project(_plane(a), _plane(b)) for a, b in pairs]
    return torch.stack([torch.from_numpy(m).permute(2, 0, 1) for m in moved])


def _plane(picture: Tensor) -> Any:
    return np.ascontiguousarray(picture.permute(1, 2, 0).float().numpy())


def eight_bit(picture: Tensor) -> Tensor:
    """Rounded to what 8 bits can hold, still in -1..1."""
    return to_unit(((picture.clamp(-1, 1) + 1) * 127.5).round())


def ssim(picture: Tensor, target: Tensor) -> Tensor:
    """Structural similarity of RGB pictures (B,3,H,W) in -1..1: (B,), 1 where they are equal.

    Wang et al., "Image quality assessment: from error visibility to structural similarity" (2004),
    with a Gaussian window of 11 pixels (sigma 1.5), away from the border.
    """
    offsets = torch.arange(_WINDOW, dtype=torch.float32) - _WINDOW // 2
    kernel = torch.exp(-0.5 * (offsets / _SIGMA) ** 2)
    kernel = (kernel / kernel.sum()).repeat(3, 1, 1, 1)

    def mean(value: Tensor) -> Tensor:
        return F.conv2d(F.conv2d(value, kernel, groups=3), kernel.transpose(2, 3), groups=3)

    x, y = (picture.float() + 1) / 2, (target.float() + 1) / 2
    mx, my = mean(x), mean(y)
    vx, vy, both = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    c1, c2 = 0.01**2, 0.03**2
    value = (2 * mx * my + c1) * (2 * both + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2))
    return value.mean(dim=(1, 2, 3))


def _methods(
    model: LoadedUpsampler, autoencoder: Autoencoder, sharp: Tensor, how: UpsamplerSettings
) -> dict[str, Method]:
    factor = how.factor

    def lanczos(picture: Tensor) -> Tensor:
        return torch.stack([_lanczos(one, factor) for one in picture])

    def through(source: Tensor) -> Method:  # what the autoencoder alone makes of the original
        parts = iter(source.split(_AT_ONCE))
        return lambda picture: autoencoder.decode(autoencoder.encode(next(parts)))

    methods: dict[str, Method] = {
        "bicubic": lambda picture: enlarge(picture, factor),
        "Lanczos": lanczos,
        "autoencoder of the original": through(sharp),
    }
    for steps in how.steps:
        name = f"{steps} step" + "s" * (steps > 1)
        methods[name] = upscale_all(model, autoencoder, steps, factor, how.seed)
    plain = upscale_all(model, autoencoder, 2, factor, how.seed, consistent=False)
    methods["2 steps, no back-projection"] = plain
    dtype = next(model.network.parameters()).dtype
    if how.esrgan is not None:
        for size in ("slim", "medium", "thick"):
            baseline = read_esrgan(how.esrgan / size / "package" / "models" / f"x{factor}")
            methods[f"ESRGAN {size}"] = _esrgan_method(baseline, dtype)
    if how.real_esrgan:
        real = _esrgan_method(real_esrgan(), torch.float32)
        # It knows a factor of 4 only: what is too large is shrunk.
        halved = factor < _REAL_FACTOR
        methods["Real-ESRGAN x4plus"] = (lambda p: shrink(real(p), 2)) if halved else real
    return methods


def _esrgan_method(enlarge_unit: Method, dtype: torch.dtype) -> Method:
    """In the precision that ours is measured in."""

    def method(picture: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
            return enlarge_unit((picture + 1) / 2).float() * 2 - 1

    return method


def _lanczos(picture: Tensor, factor: int) -> Tensor:
    pixels = ((picture + 1) * 127.5).round().to(torch.uint8).permute(1, 2, 0).numpy()
    size = (factor * pixels.shape[1], factor * pixels.shape[0])
    large = np.array(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
    return to_unit(torch.from_numpy(large).permute(2, 0, 1))


def _score(
    name: str,
    method: Method,
    small: Tensor,
    sharp: Tensor,
    known: Array,
    features: Callable[[Tensor], Array],
) -> UpsamplerScore:
    begun = time.process_time()
    made = torch.cat([method(part) for part in small.split(_AT_ONCE)])
    seconds = (time.process_time() - begun) / len(small)
    made = eight_bit(made)
    return UpsamplerScore(
        name,
        float(psnr(made, sharp).mean()),
        float(torch.cat([ssim(a, b) for a, b in _pairs(made, sharp)]).mean()),
        frechet_distance(features(made), known),
        seconds,
    )


def _pairs(a: Tensor, b: Tensor) -> Sequence[tuple[Tensor, Tensor]]:
    return list(zip(a.split(_AT_ONCE), b.split(_AT_ONCE), strict=True))


def _fitted(pictures: PictureSet, count: int, side: int, unit: int) -> Tensor:
    """An evenly spread part of a set, (N,3,side,side) in -1..1.

    Raises:
        InputError: one would have to be enlarged, and is no original then.
    """
    chosen = torch.linspace(0, len(pictures) - 1, min(count, len(pictures))).long().tolist()
    shortest, i = min((min(pictures.pictures[i].shape[1:]), i) for i in chosen)
    if shortest < side:
        most = shortest // unit * unit
        raise InputError(
            f"The image {pictures.names[i]} is smaller than {side} pixels.",
            f"Use --side {most}." if most >= _WINDOW else "Take it out of the data.",
        )
    return to_unit(torch.stack([fit(pictures.pictures[i], side) for i in chosen]))


def _pieces(pictures: Tensor) -> Tensor:
    """What the distance compares."""
    half = pictures.shape[-1] // 2
    if half < _LEAST_PIECE:
        return pictures
    return torch.cat(
        [pictures[:, :, y:, x:][:, :, :half, :half] for y in (0, half) for x in (0, half)]
    )


def _features() -> Callable[[Tensor], Array]:
    """Features of all quarters of pictures, or of whole ones where a quarter shows too little."""
    network = load_mobilenet()

    def features(pictures: Tensor) -> Array:
        with torch.inference_mode():
            pieces = _pieces(pictures)
            parts = [network.pooled(p, p.shape[-1]) for p in pieces.split(64)]
        return torch.cat(parts).double().numpy()

    return features
