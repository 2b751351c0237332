"""Features as a public file: safetensors, version 1.

Its metadata key `pfstudio` holds JSON with `format`, `version`, `request`, `model`, `names`,
`times`, `execution` and `app`. I pictures, T times, n x m patches:

| tensor | shape, dtype | meaning |
|---|---|---|
| `layer-5` | (I,T,h,w,D) f16 | what layer 5, counted from 1, holds at each of its places |
| `attention-5` | (I,T,h,w,h*w) f16, optional | share of every place in what each one looks at |
| `pictures` | (I,H,W,3) u8 | RGB as the model was given them |
| `difficulty` | (I,T,n,m) f32, optional | variance that the model expects of its velocity's error |
| `error` | (I,T,n,m) f32, optional | mean squared error of the velocity |
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors.numpy
from safetensors import SafetensorError, safe_open

from pfstudio.core.calibration import ContextCurve
from pfstudio.core.documents import parse_json
from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution
from pfstudio.core.features import Features, FeaturesRequest, LayerFeatures
from pfstudio.core.files import replacing
from pfstudio.version import __version__

FORMAT, VERSION = "pfstudio-features", 1
SUFFIX = ".safetensors"
_LAYER, _ATTENTION = "layer-", "attention-"
_OPTIONAL = ("difficulty", "error")


def write_features(features: Features, path: Path) -> None:
    """Write the file in one piece.

    Raises:
        InputError: the folder may not be written to.
        RunError: the disk is full; nothing is left behind.
    """
    tensors: dict[str, npt.NDArray[Any]] = {"pictures": features.pictures}
    tensors |= {f"{_LAYER}{one.layer}": one.values for one in features.layers}
    for one in features.layers:
        if one.attention is not None:
            tensors[f"{_ATTENTION}{one.layer}"] = one.attention
    tensors |= {n: getattr(features, n) for n in _OPTIONAL if getattr(features, n) is not None}
    about = {
        "format": FORMAT,
        "version": VERSION,
        "request": features.request.without_folders(),
        "model": features.model,
        "names": features.names,
        "times": features.times,
        "execution": features.execution and asdict(features.execution),
        "context": features.context and asdict(features.context),
        "app": f"pfstudio {__version__}",
    }
    ready = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    with replacing(path) as temporary:
        safetensors.numpy.save_file(ready, temporary, {"pfstudio": json.dumps(about)})


def read_features(path: str | Path) -> Features:
    """Read a file of version 1.

    Raises:
        InputError: missing, cut off, no features, or of a newer version.
    """
    path = Path(path)
    try:
        with safe_open(path, framework="numpy") as file:
            about = parse_json((file.metadata() or {})["pfstudio"])
            if about["format"] != FORMAT:
                raise KeyError("format")
            if about["version"] != VERSION:
                raise InputError(
                    f"{path.name} holds features of version {about['version']}, but this program "
                    f"reads version {VERSION}.",
                    "Use a newer version of Patch Forcing Studio.",
                )
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        request = FeaturesRequest.from_json(json.dumps({"schema": 1, **about["request"]}))
        found = Features(
            request,
            str(about["model"]),
            tuple(map(str, about["names"])),
            tensors["pictures"],
            tuple(map(float, about["times"])),
            tuple(
                LayerFeatures(
                    int(name.removeprefix(_LAYER)),
                    tensors[name],
                    tensors.get(name.replace(_LAYER, _ATTENTION)),
                )
                for name in sorted(tensors, key=lambda n: (len(n), n))
                if name.startswith(_LAYER)
            ),
            tensors.get("difficulty"),
            tensors.get("error"),
            about["execution"] and Execution.from_data(about["execution"]),
            _curve(about["context"]) if about.get("context") else None,
        )
        _check(found)
        return found
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}).") from error
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path} holds no features of Patch Forcing Studio, or is damaged ({error})."
        ) from error


def _curve(about: dict[str, list[float]]) -> ContextCurve:
    return ContextCurve(*(tuple(map(float, about[f.name])) for f in fields(ContextCurve)))


def _check(found: Features) -> None:
    """See that all arrays belong together."""
    images, times = len(found.names), len(found.times)
    if found.pictures.dtype != np.uint8 or found.pictures.shape[:1] + found.pictures.shape[3:] != (
        images,
        3,
    ):
        raise ValueError("its pictures do not fit")
    if not found.layers:
        raise ValueError("there is no layer")
    for one in found.layers:
        values = one.values
        if values.dtype != np.float16 or values.ndim != 5 or values.shape[:2] != (images, times):
            raise ValueError(f"layer {one.layer} does not fit")
        shares = one.attention
        if shares is not None and (
            shares.dtype != np.float16
            or shares.shape != (*values.shape[:4], values.shape[2] * values.shape[3])
            or not np.isfinite(shares).all()
        ):
            raise ValueError(f"the attention of layer {one.layer} does not fit")
        if one.layer < 1 or not np.isfinite(values).all():
            raise ValueError(f"layer {one.layer} holds no numbers")
    for name in _OPTIONAL:
        array = getattr(found, name)
        if array is not None and (
            array.dtype != np.float32 or array.ndim != 4 or array.shape[:2] != (images, times)
        ):
            raise ValueError(f"its {name} does not fit")
