"""The trace file, public format version 1.

One safetensors file, named *.pftrace. Its metadata key `pfstudio` holds JSON `{"format":
"pfstudio-trace", "version": 1, "request": ..., "execution": ..., "model": ..., "app": ...,
"timings": ...}`: what was asked for, and how it was computed (null where memory ran out in
between). Names of files are kept without their folders. T calls, B images, latents (C,H,W), n x m
patches:

| tensor | shape, dtype | meaning |
|---|---|---|
| `noise` | (B,C,H,W) f32 | start |
| `latents` | (B,C,H,W) f32 | end; of a stopped run, the state its last call was given |
| `states` | (T+1,B,C,H,W) f16, optional | state before each call, and the end |
| `time` | (T,B,n,m) f32 | the time map each call was given |
| `difficulty` | (T,B,n,m) f32 | patch mean of exp(log-variance); NaN without a difficulty head |
| `role` | (T,B,n,m) u8 | what each patch did (`pfstudio.core.trace.Role`) |
| `speed` | (T,B,n,m) f32 | root mean square of the velocity in the patch |
| `tokens` | (T,) i32 | tokens computed in that call |
| `predictions` | (T,B,C,H,W) f16, optional | predicted clean latents at that call |
| `kept` | (T,B,2,R,n,m) u8, optional | 1: it stayed in a route of the strong, weak pass |
| `difference` | (T,B,n,m) f32, optional | root mean square of strong minus weak velocity |
| `words` | (T,B,layers,n,m,W) f16, optional | share of a patch's attention that each word has |
| `scans` | (T,B,layers,G+2,n,m) f16, optional | what each layer's scan did to each patch |
| `flops` | (T,) f64, optional | operations of that call, two per multiply-add |
| `seconds` | (T,) f32, optional | elapsed at the end of the call, pauses left out |

R routes of the model, where its guidance computes some of the patches only; of a weak pass that was
not made, `kept` and `difference` are 0.

Images of one run may be sampled in several batches. The batches are then laid side by side; a batch
that ended after fewer calls is filled up with role FINISHED, time 1 and NaN difficulty; one that
was stopped has its last time map instead (in files of earlier versions every one).
W words of the longest prompt, as `pfstudio.core.words.words_of` counts them, as far as its text
encoder may read them. For `scans` see `pfstudio.core.scan_maps`; the paths of the layers are those
of the request's `scan`.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors.numpy
from safetensors import SafetensorError, safe_open

from pfstudio.core.documents import parse_json
from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution
from pfstudio.core.files import replacing
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.scan_maps import RECORDED
from pfstudio.core.scan_paths import scan_paths
from pfstudio.core.trace import Role, Trace
from pfstudio.core.words import most_words
from pfstudio.version import __version__

FORMAT, VERSION = "pfstudio-trace", 1

Array = npt.NDArray[Any]
MAPS = {"time": np.float32, "difficulty": np.float32, "role": np.uint8, "speed": np.float32}
_PER_CALL = {"tokens": np.int32, "seconds": np.float32}
_OPTIONAL = {
    "states": np.float16, "predictions": np.float16, "words": np.float16, "kept": np.uint8,
    "difference": np.float32, "flops": np.float64, "scans": np.float16,
}  # fmt: skip
_FINITE = ("noise", "latents", "time", "speed", "seconds", *_OPTIONAL)


def write_trace(trace: Trace, path: Path) -> None:
    """Write the public trace file in one piece.

    Raises:
        InputError: the folder may not be written to.
        RunError: the disk is full; nothing is left behind.
    """
    tensors: dict[str, Array] = {"noise": trace.noise, "latents": trace.latents}
    tensors |= {name: getattr(trace, name) for name in (*MAPS, *_PER_CALL)}
    tensors |= {n: getattr(trace, n) for n in _OPTIONAL if getattr(trace, n) is not None}
    about = {
        "format": FORMAT,
        "version": VERSION,
        "request": json.loads(trace.request.without_folders().to_json()),
        "execution": trace.execution and asdict(trace.execution),
        "model": trace.model,
        "app": f"pfstudio {__version__}",
        "timings": {"nfe": trace.nfe, "seconds": float(trace.seconds[-1:].sum())},
    }
    ready = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    with replacing(path) as temporary:
        safetensors.numpy.save_file(ready, temporary, {"pfstudio": json.dumps(about)})


def read_trace(path: str | Path, *, whole: bool = True) -> Trace:
    """Read a trace file of version 1.

    Args:
        whole: False leaves out what is optional, of which the states are most of a file.

    Raises:
        InputError: missing, cut off, not a trace, or of a newer version.
    """
    path = Path(path)
    try:
        with safe_open(path, framework="numpy") as file:
            about = parse_json((file.metadata() or {})["pfstudio"])
            if about["format"] != FORMAT:
                raise KeyError("format")
            if about["version"] != VERSION:
                raise InputError(
                    f"{path.name} is a trace of version {about['version']}, but this program "
                    f"reads version {VERSION}.",
                    "Use a newer version of Patch Forcing Studio.",
                )
            names = [name for name in file.keys() if whole or name not in _OPTIONAL]  # noqa: SIM118
            tensors = {name: file.get_tensor(name) for name in names}
            request = GenerateRequest.from_json(json.dumps(about["request"]))
            execution = about["execution"] and Execution.from_data(about["execution"])
            request = request.with_files_beside(path)
            return _checked(tensors, request, str(about["model"]), execution)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}).") from error
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path.name} is not a trace of Patch Forcing Studio, or is damaged.",
            "Choose a file that was saved as a trace.",
        ) from error


def _checked(
    tensors: dict[str, Array], request: GenerateRequest, model: str, execution: Execution | None
) -> Trace:
    """Build the trace; ValueError or KeyError where shapes disagree."""
    nfe, images, rows, columns = tensors["time"].shape
    if not (nfe and images and rows and columns):
        raise ValueError("counts")
    tensors.setdefault("seconds", np.zeros(nfe, np.float32))
    latents = tensors["latents"].shape
    if tensors["noise"].shape != latents or latents[0] != images or len(latents) != 4:
        raise ValueError("latents")
    for name in MAPS:
        if tensors[name].shape != (nfe, images, rows, columns):
            raise ValueError(name)
    for name in _PER_CALL:
        if tensors[name].shape != (nfe,):
            raise ValueError(name)
    for name, extra in (("states", 1), ("predictions", 0)):
        if name in tensors and tensors[name].shape != (nfe + extra, *latents):
            raise ValueError(name)
    if "difference" in tensors and tensors["difference"].shape != tensors["time"].shape:
        raise ValueError("difference")
    if "flops" in tensors and tensors["flops"].shape != (nfe,):
        raise ValueError("flops")
    if "kept" in tensors:
        calls, pictures, branches, routes, n, m = tensors["kept"].shape
        if (calls, pictures, branches, n, m) != (nfe, images, 2, rows, columns) or not routes:
            raise ValueError("kept")
        if tensors["kept"].max() > 1:
            raise ValueError("kept")
    if "words" in tensors:
        *calls, layers, n, m, words = tensors["words"].shape
        if (*calls, n, m) != (nfe, images, rows, columns) or not layers:
            raise ValueError("words")
        if not 0 < words <= most_words(request.conditions):
            raise ValueError("words")
    if "scans" in tensors:
        *calls, layers, recorded, n, m = tensors["scans"].shape
        told = bool(layers and request.scan)
        if not told or (*calls, recorded, n, m) != (nfe, images, RECORDED, rows, columns):
            raise ValueError("scans")
        scan_paths(request.scan, layers, rows, columns)
    kinds = {"noise": np.float32, "latents": np.float32, **MAPS, **_PER_CALL, **_OPTIONAL}
    if any(tensors[n].dtype != kind for n, kind in kinds.items() if n in tensors):
        raise ValueError("types")
    height, width = latents[2:]
    if height % rows or width % columns or height // rows != width // columns:
        raise ValueError("patches")
    if tensors["role"].max() > max(Role) or not all(
        np.isfinite(tensors[name]).all() for name in _FINITE if name in tensors
    ):
        raise ValueError("values")
    known = {n: tensors[n] for n in kinds if n in tensors}
    return Trace(request, model, execution=execution, **known)
