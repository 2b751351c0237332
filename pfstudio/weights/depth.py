"""Depth models: a network, the embedding of the empty prompt that it was trained with, and the step
of the noising. Read are the published dict .ckpt, weights-only safetensors, and our own folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pfstudio.core.errors import InputError
from pfstudio.nn.depth_unet import EMBEDDING, DepthUNet
from pfstudio.weights.checkpoint import Checkpoint, read_checkpoint, read_safetensors
from pfstudio.weights.inert import Foreign, Name
from pfstudio.weights.load import LoadedNetwork, locate, network_of
from pfstudio.weights.noising import noising_step

PUBLISHED = "depthfm"  # its name in the catalogue
NOISING_STEPS = 1000
_DTYPES = {"f2": np.float16, "f4": np.float32, "f8": np.float64}


@dataclass(frozen=True)
class LoadedDepth(LoadedNetwork):
    """A depth model ready for use, in float32 and evaluation mode, on the CPU."""

    network: DepthUNet
    embedding: Tensor  # (1,N,K) tokens of the empty prompt
    noising_step: int  # of NOISING_STEPS


def load_depth(name_or_path: str | Path, heads: int = 0) -> LoadedDepth:
    """Load a depth model by the name of an installed one, or from a file or folder.

    Args:
        name_or_path: e.g. "depthfm-s" or "depthfm-v1.ckpt".
        heads: number of attention heads where a file does not say it; 0: the published 8.

    Raises:
        InputError: nothing of this name, or a file that is damaged or of another kind.
    """
    return depth_of(read_checkpoint(locate(str(name_or_path))), heads)


def depth_of(checkpoint: Checkpoint, heads: int = 0) -> LoadedDepth:
    """The depth model in a checkpoint that was read.

    Raises:
        InputError: it is of another kind, or its tensors do not fit.
    """
    loaded, name = network_of(checkpoint, "depth", heads), checkpoint.name
    assert isinstance(loaded.network, DepthUNet)
    stored = checkpoint.other.get(EMBEDDING, checkpoint.tensors.get(EMBEDDING))
    embedding = _embedding(stored, checkpoint)
    if embedding.shape[-1] != loaded.network.config.context_dim:
        raise InputError(
            f"The {EMBEDDING} of {name} is {embedding.shape[-1]} wide, but its network needs "
            f"{loaded.network.config.context_dim}."
        )
    return LoadedDepth(
        loaded.network,
        loaded.card,
        embedding,
        noising_step(loaded.card, name),
        notices=loaded.notices,
        tensors={**loaded.tensors, EMBEDDING: embedding},
    )


def _embedding(value: Any, checkpoint: Checkpoint) -> Tensor:
    """The stored embedding (1,N,K) in float32: a tensor, an array, or nested lists."""
    beside = checkpoint.file.parent / f"{EMBEDDING}.safetensors"
    if value is None and beside.is_file():
        value = read_safetensors(beside).get(EMBEDDING)
    if value is None:
        raise InputError(
            f"{checkpoint.name} holds only weights: the embedding of the empty prompt is missing.",
            f"Put {beside.name} with the tensor {EMBEDDING} beside it, or use depthfm-v1.ckpt.",
        )
    try:
        if isinstance(value, Foreign):
            value = _array(value)
        tokens = torch.as_tensor(value).float()
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        raise InputError(f"The {EMBEDDING} of {checkpoint.name} cannot be read.") from error
    tokens = tokens.unsqueeze(0) if tokens.ndim == 2 else tokens
    if tokens.ndim != 3 or len(tokens) != 1 or not bool(tokens.isfinite().all()):
        raise InputError(
            f"The {EMBEDDING} of {checkpoint.name} is damaged: its shape is "
            f"{tuple(tokens.shape)} instead of (1, N, K), or it holds no numbers."
        )
    return tokens.clone()


def _array(stored: Foreign) -> np.ndarray[Any, Any]:
    """A pickled numpy array from its inert parts; nothing of the file is called.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: it is no plain array of floats.
    """
    if stored.name.name != "_reconstruct" or stored.name.module.split(".")[0] != "numpy":
        raise ValueError("not a numpy array")
    _, shape, dtype, fortran, raw = stored.state
    if dtype.name != Name("numpy", "dtype") or dtype.state[1] == ">":
        raise ValueError("not an array of little-endian floats")
    if isinstance(raw, Foreign):  # how Python 2's protocol keeps bytes: text in Latin-1
        if raw.name != Name("_codecs", "encode") or raw.args[1] != "latin1":
            raise ValueError("not the bytes of an array")
        raw = raw.args[0].encode("latin1")
    values = np.frombuffer(raw, _DTYPES[dtype.args[0]])
    return values.reshape(shape, order="F" if fortran else "C").copy()
