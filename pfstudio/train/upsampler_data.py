"""Pairs for the latent upsampler: sharp crops, and what small, degraded copies look like."""

from __future__ import annotations

import io

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Generator, Tensor

from pfstudio.core.image_io import open_picture
from pfstudio.train.data import TrainingData, random_crop

_BLUR_RADIUS = 3


def enlarge(picture: Tensor, factor: int, mode: str = "bicubic") -> Tensor:
    """Pictures (B,3,H,W) in -1..1 at `factor` times the side, kept within -1..1."""
    return F.interpolate(picture, scale_factor=factor, mode=mode, align_corners=False).clamp(-1, 1)


def shrink(picture: Tensor, factor: int) -> Tensor:
    """Pictures (B,3,H,W) at a part of the side: bicubic, antialiased."""
    size = [length // factor for length in picture.shape[-2:]]
    return F.interpolate(picture, size, mode="bicubic", antialias=True).clamp(-1, 1)


def random_crops(
    data: tuple[TrainingData, ...],
    shares: Tensor,
    side: int,
    count: int,
    generator: Generator,
    flip: bool,
) -> Tensor:
    """Random crops (count,3,side,side) of the training pictures, sources drawn by their shares."""
    crops = []
    for source in torch.multinomial(shares, count, True, generator=generator).tolist():
        pictures = data[source].train.pictures
        chosen = int(torch.randint(len(pictures), (), generator=generator))
        crops.append(random_crop(pictures[chosen], side, generator, flip))
    return torch.stack(crops)


# Degrading is exact, whatever the network computes in.
@torch.autocast("cpu", enabled=False)  # type: ignore[untyped-decorator]
def degrade(picture: Tensor, factor: int, generator: Generator) -> Tensor:
    """A small copy (3,H/f,W/f) of a picture (3,H,W) in -1..1.

    Shrunk in one of four usual ways; two in five stay clean, the others may be blurred before, and
    after it softened (as if enlarged once already), grainy or saved as JPEG.
    """

    def draw(low: float = 0.0, high: float = 1.0) -> float:
        return low + (high - low) * float(torch.rand((), generator=generator))

    clean = draw() < 0.4
    x = picture[None]
    if not clean and draw() < 0.35:
        x = _blurred(x, draw(0.4, 1.2))
    x = _shrunk(x, factor, int(draw(0, 4)))
    if not clean:
        if draw() < 0.25:
            size = x.shape[-2:]
            x = F.interpolate(shrink(x, 2), size, mode="bicubic", align_corners=False)
        if draw() < 0.25:
            x = x + draw(0, 0.04) * torch.randn(x.shape, generator=generator)
        if draw() < 0.4:
            x = jpeg(x[0].clamp(-1, 1), int(draw(60, 96)))[None]
    return x[0].clamp(-1, 1)


def _shrunk(x: Tensor, factor: int, way: int) -> Tensor:
    if way == 0:
        return F.avg_pool2d(x, factor)
    if way == 1:
        return shrink(x, factor)
    size = [length // factor for length in x.shape[-2:]]
    return F.interpolate(x, size, mode="bilinear", antialias=way == 2)  # 3: as published


def _blurred(x: Tensor, sigma: float) -> Tensor:
    offsets = torch.arange(-_BLUR_RADIUS, _BLUR_RADIUS + 1, dtype=torch.float32)
    kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)
    kernel = (kernel / kernel.sum()).repeat(3, 1, 1, 1)
    padded = F.pad(x, (_BLUR_RADIUS,) * 4, mode="replicate")
    return F.conv2d(F.conv2d(padded, kernel, groups=3), kernel.transpose(2, 3), groups=3)


def jpeg(picture: Tensor, quality: int) -> Tensor:
    """A picture (3,H,W) in -1..1 as it is after being saved as JPEG."""
    pixels = ((picture + 1) * 127.5).round().to(torch.uint8).permute(1, 2, 0).numpy()
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality)
    read = np.array(open_picture(out))
    return torch.from_numpy(read).permute(2, 0, 1).float() / 127.5 - 1
