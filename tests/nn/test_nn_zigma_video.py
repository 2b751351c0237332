"""The zigzag Mamba network for videos against the published system's stored numbers."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from zigma_vectors import FORWARD_TOLERANCE, difference, settings, tensors

from pfstudio.core.errors import InputError
from pfstudio.nn.condition import ClassLabels
from pfstudio.nn.modulation import ForwardCache
from pfstudio.nn.zigma_video import VideoZigMa, VideoZigMaConfig


def network(**changes: Any) -> VideoZigMa:
    said = settings("video_sst/config")
    sizes = {
        "in_channels": said["in_channels"],
        "input_size": said["img_dim"],
        "patch_size": said["patch_size"],
        "hidden_size": said["embed_dim"],
        "depth": said["depth"],
        "scan": said["scan_type"],
        "num_classes": said["num_classes"],
        "frames": said["video_frames"],
    }
    return VideoZigMa(VideoZigMaConfig(**{**sizes, **changes})).eval()


@pytest.mark.parametrize("cached", [False, True])
@torch.inference_mode()
def test_forward_equals_the_published_network(cached: bool) -> None:
    stored, made = tensors("video_sst/tensors"), network()
    made.load_state_dict(tensors("video_sst/weights"))
    layers = range(1, made.config.depth + 1)
    labels, store = ClassLabels(stored["y"]), ForwardCache() if cached else None
    out = made(stored["x"], stored["t"], labels, capture=layers, cache=store)
    assert difference(out.velocity, stored["out"]) < FORWARD_TOLERANCE
    for layer in layers:
        left = stored[f"block{layer - 1}.hidden"] + stored[f"block{layer - 1}.residual"]
        assert difference(out.hidden[layer], left) < FORWARD_TOLERANCE, layer


@torch.inference_mode()
def test_without_positions_any_number_of_frames_and_any_size_fits() -> None:
    labels, t = ClassLabels(torch.tensor([1])), torch.tensor([0.5])
    free = network(positions="none", frame_positions=False)
    for scan in ("zzvideo_sst", "zzvideo_ts"):
        x = torch.randn(1, 3, 4, 4, 8)
        assert free(x, t, labels, scan=scan).velocity.shape == x.shape
    both = network(positions="none", frame_positions=False, scan="v2")
    assert both(torch.randn(1, 3, 4, 4, 8), t, labels).velocity.shape == (1, 3, 4, 4, 8)
    with pytest.raises(InputError, match="made for 4 frames of 6 x 6 latent pixels, not for 3 of"):
        network()(torch.randn(1, 3, 4, 6, 6), t, labels)
    assert free.scan_layers == 0
    with pytest.raises(InputError, match="no record of its scans"):
        free(torch.randn(1, 3, 4, 4, 8), t, labels, record=1)


def test_wrong_sizes_are_named() -> None:
    with pytest.raises(InputError, match="no video scan 'zigzagN8'"):
        VideoZigMaConfig(scan="zigzagN8")
    with pytest.raises(InputError, match="positions are those of one image"):
        VideoZigMaConfig(positions="sincos")
