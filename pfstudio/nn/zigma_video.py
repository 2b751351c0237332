"""The zigzag Mamba network for videos: scans of each frame, and of each patch through the frames.

"ZigMa: A DiT-style Zigzag Mamba Diffusion Model" (ECCV 2024, arXiv 2403.13802). No weights of it
were published; names of the weights are those that its code gives them. T frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn

from pfstudio.core.errors import InputError
from pfstudio.core.video_scans import check_video_scan, video_scans
from pfstudio.nn.condition import Condition
from pfstudio.nn.inputs import image_times, patch_grid
from pfstudio.nn.interface import Output
from pfstudio.nn.layers import unpatchify
from pfstudio.nn.modulation import ForwardCache
from pfstudio.nn.zigma import ClassZigMa, ClassZigMaConfig, Turns, turns_of


@dataclass(frozen=True)
class VideoZigMaConfig(ClassZigMaConfig):
    """Sizes; the defaults are those of the published one, but for its missing frame positions."""

    patch_size: int = 2
    scan: str = "zzvideo_sst"  # see core.video_scans
    num_classes: int = 101
    frames: int = 16
    frame_positions: bool = True  # a learned vector for each frame

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.positions == "sincos":
            raise InputError("The sine-cosine positions are those of one image, not of a video.")

    def _check_scan(self) -> None:
        check_video_scan(self.scan)


class VideoZigMa(ClassZigMa):
    """Velocity of the latents of a video of a class, with one time per video."""

    config: VideoZigMaConfig

    def __init__(self, config: VideoZigMaConfig) -> None:
        super().__init__(config)
        if config.frame_positions:
            vectors = torch.zeros(1, config.frames, config.hidden_size)
            self.temporal_pos_embedding = nn.Parameter(vectors)
            nn.init.normal_(self.temporal_pos_embedding, std=0.02)

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        condition: Condition,
        *,
        capture: Sequence[int] = (),
        cache: ForwardCache | None = None,
        scan: str = "",
        record: int = 0,
    ) -> Output:
        """As `Backbone.forward`, of videos (B,T,C,H,W) and times (B,).

        Of `Output`, the velocity is (B,T,C,H,W) and hidden states are (B,T*F,D), frame after frame.

        Raises:
            InputError: as there, or a video of other sizes than the positions are for.
        """
        if record:
            raise InputError("A network for videos keeps no record of its scans.")
        batch, frames = x.shape[:2]
        images = x.flatten(0, 1)
        grid = patch_grid(images, self.config.in_channels, self.config.patch_size)
        parts, text = self._told(image_times(t, batch, grid), condition, batch, cache)
        h = self._embed_video(images, frames)
        turns = _turns(scan or self.config.scan, self.config.depth, (frames, *grid), str(h.device))
        out, hidden = self._layers(h, parts, text, turns, capture, None)
        patches = out.reshape(batch * frames, grid[0] * grid[1], -1)
        velocity = unpatchify(patches, grid, self.config.patch_size).to(x.dtype)
        return Output(velocity.unflatten(0, (batch, frames)), hidden=hidden)

    @property
    def scan_layers(self) -> int:
        return 0  # whose paths over one image could be shown

    def _embed_video(self, images: Tensor, frames: int) -> Tensor:
        """Images (B*T,C,H,W) -> tokens (B,T*F,D)."""
        config, side = self.config, images.shape[-2:]
        trained = (config.frames, config.input_size, config.input_size)
        placed = config.frame_positions or config.positions != "none"
        if placed and (frames, *side) != trained:
            raise InputError(
                f"The model is made for {trained[0]} frames of {trained[1]} x {trained[2]} "
                f"latent pixels, not for {frames} of {side[0]} x {side[1]}."
            )
        h: Tensor = self.x_embedder(images.to(self.x_embedder.proj.weight.dtype))
        h = h.unflatten(0, (-1, frames))
        if config.frame_positions:
            h = h + self.temporal_pos_embedding[:, :, None]
        h = h.flatten(1, 2)
        return h if config.positions == "none" else h + self.pos_embed

    def _places(self) -> int:
        return self.config.frames * super()._places()


@lru_cache(maxsize=8)
@torch.inference_mode(False)  # whoever asks first, everybody may take gradients
def _turns(scan: str, depth: int, grid: tuple[int, int, int], device: str) -> Turns:
    scans = video_scans(scan, depth, *grid)
    cuts = [(layer.sequences, layer.reversed) for layer in scans]
    return turns_of([layer.path for layer in scans], cuts, device)
