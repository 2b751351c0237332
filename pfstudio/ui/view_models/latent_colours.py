"""Colours of latents without a decoder: the ridge-regression map from latents to pictures."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pfstudio.core.events import Bytes

RIDGE = 1e-3  # keeps channels that say nothing from getting wild factors


class LatentColours:
    """A linear map from C latent channels to RGB, fitted on pictures whose latents are known.

    Until the first fit, the first three channels stand for red, green and blue.
    """

    def __init__(self) -> None:
        self.version = 0  # counts the fits
        self._factors: npt.NDArray[np.float32] | None = None  # (C+1, 3), the constant last

    def fit(self, latents: npt.NDArray, pictures: Bytes) -> None:
        """Fit on latents (B,C,h,w) and their decoded pictures (B,H,W,3); H, W multiples of h, w."""
        height, width = latents.shape[2:]
        blocks = (pictures.shape[1] // height, pictures.shape[2] // width)
        shape = (len(pictures), height, blocks[0], width, blocks[1], 3)
        target = pictures.reshape(shape).mean(axis=(2, 4), dtype=np.float32).reshape(-1, 3)
        features = np.moveaxis(latents, 1, -1).reshape(len(target), -1).astype(np.float32)
        if not np.isfinite(features).all():
            return
        design = np.concatenate([features, np.ones_like(features[:, :1])], axis=1)
        weak = RIDGE * len(design) * np.eye(design.shape[1], dtype=np.float32)
        weak[-1, -1] = 0.0  # the constant is free
        self._factors = np.linalg.solve(design.T @ design + weak, design.T @ target)
        self.version += 1

    def apply(self, latents: npt.NDArray) -> Bytes:
        """Picture (h,w,3) of one image's latents (C,h,w)."""
        features = np.moveaxis(latents, 0, -1).astype(np.float32)
        if self._factors is None:
            three = np.zeros((*features.shape[:2], 3), np.float32)
            channels = min(3, features.shape[2])
            three[..., :channels] = features[..., :channels]
            colours = 128.0 + 48.0 * three
        else:
            colours = features @ self._factors[:-1] + self._factors[-1]
        return np.clip(np.nan_to_num(colours), 0, 255).astype(np.uint8)
