"""The linear path between noise and data, with one time per patch, and maps of patches.

Time 0 is pure noise, time 1 clean data. Latents (B,C,H,W); maps (B,n,m) with n = H/p, m = W/p.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def to_pixels(values: Tensor, patch_size: int) -> Tensor:
    """Spread a map of patches (B,n,m) over the latent pixels: (B,1,n*p,m*p)."""
    rows = values.unsqueeze(1).repeat_interleave(patch_size, dim=-2)
    return rows.repeat_interleave(patch_size, dim=-1)


def pool(pixels: Tensor, patch_size: int, pooling: str = "mean") -> Tensor:
    """One value a patch from a pixel map (B,1,H,W): its mean, max or min, (B,n,m)."""
    if pooling == "mean":
        return F.avg_pool2d(pixels, patch_size).squeeze(1)
    sign = 1.0 if pooling == "max" else -1.0
    return sign * F.max_pool2d(sign * pixels, patch_size).squeeze(1)


def interpolate(data: Tensor, noise: Tensor, t: Tensor, patch_size: int) -> Tensor:
    """State x_t = t data + (1 - t) noise at the times t (B,n,m)."""
    t_pixels = to_pixels(t, patch_size)
    return t_pixels * data + (1 - t_pixels) * noise


def target_velocity(data: Tensor, noise: Tensor) -> Tensor:
    """What the network is trained to predict; constant along the path."""
    return data - noise


def predicted_data(x: Tensor, velocity: Tensor, t: Tensor, patch_size: int) -> Tensor:
    """The clean latent that state x at times t (B,n,m) points to: x + (1 - t) v."""
    return x + (1 - to_pixels(t, patch_size)) * velocity


def speed(velocity: Tensor, patch_size: int) -> Tensor:
    """Root mean square of the velocity in each patch, (B,n,m)."""
    return torch.sqrt(pool(velocity.square().mean(dim=1, keepdim=True), patch_size))
