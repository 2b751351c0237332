"""Depth models: the published dict .ckpt, weights-only safetensors, and our own folder.

A depth model is a network, the embedding of the empty prompt that it was trained with, and the step
of the noising. Our own folder keeps the embedding as one more tensor of `model.safetensors` and the
step among the card's sizes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pfstudio.core.card import DEPTH, ModelCard
from pfstudio.core.errors import InputError
from pfstudio.nn.depth_unet import DepthUNet, DepthUNetConfig
from pfstudio.weights.build import build_network
from pfstudio.weights.catalogue import SD_AUTOENCODER, SD_LATENT_SCALE, find_entry
from pfstudio.weights.checkpoint import Checkpoint, read_checkpoint, read_safetensors
from pfstudio.weights.load import licence_notice, locate
from pfstudio.weights.restricted import Foreign, Name, read_archive
from pfstudio.weights.unet_sizes import FIRST, read_unet_sizes

EMBEDDING = "empty_text_embedding"
PUBLISHED = "depthfm"  # its name in the catalogue
PUBLISHED_STEP, PUBLISHED_HEADS, PUBLISHED_PIXELS = 400, 8, 512
NOISING_STEPS = 1000
# Of our own networks only: the image encoder and the linear skip, as the shipped weights name them.
_IMAGE_ENCODER, _LINEAR_SKIP = "eye.features.0.0.weight", "direct.weight"
_DTYPES = {"f2": np.float16, "f4": np.float32, "f8": np.float64}


@dataclass(frozen=True)
class LoadedDepth:
    """A depth model ready for use, in float32 and evaluation mode, on the CPU."""

    network: DepthUNet
    card: ModelCard
    embedding: Tensor  # (1,N,K) tokens of the empty prompt
    noising_step: int  # of NOISING_STEPS
    notices: tuple[str, ...] = ()  # sentences to show: licence, assumptions


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
    card, name = checkpoint.card, checkpoint.name
    if card is not None and card.architecture not in DEPTH:
        raise InputError(
            f"{card.title or card.name} is no depth model.",
            "Choose one: pfstudio models list shows what is installed.",
        )
    said = _said_by(checkpoint)
    tensors = _network_tensors(checkpoint.tensors, name)
    embedding = _embedding(said.get(EMBEDDING, checkpoint.tensors.get(EMBEDDING)), checkpoint)
    assumed: tuple[str, ...] = ()
    if card is None:
        given = heads or _heads_of(said)
        if not given:
            assumed = (
                f"{name} does not say how many attention heads it has; {PUBLISHED_HEADS} is "
                "assumed. If its depth is wrong, import it with another number (--heads).",
            )
        config = infer_config(tensors, name, given or PUBLISHED_HEADS)
        sizes = {**asdict(config), "noising_step": _step_of(said, name)}
        card = _published_card(checkpoint, sizes)
    elif heads:
        card = replace(card, sizes={**card.sizes, "num_heads": heads})
    network = build_network(card.architecture, card.sizes, tensors, name)
    assert isinstance(network, DepthUNet)
    if embedding.shape[-1] != network.config.context_dim:
        raise InputError(
            f"The {EMBEDDING} of {name} is {embedding.shape[-1]} wide, but its network needs "
            f"{network.config.context_dim}."
        )
    notices = checkpoint.notices + licence_notice(card) + assumed
    return LoadedDepth(network, card, embedding, _step_of(card.sizes, name), notices)


def depth_tensors(model: LoadedDepth) -> dict[str, Tensor]:
    """What our own folder keeps of a depth model."""
    return {**model.network.state_dict(), EMBEDDING: model.embedding}


def infer_config(tensors: Mapping[str, Tensor], name: str, heads: int) -> DepthUNetConfig:
    """Sizes of a depth network, from its tensors' shapes; the heads leave no trace in them.

    Raises:
        InputError: these are not the tensors of such a network.
    """
    try:
        return DepthUNetConfig(
            in_channels=tensors[FIRST].shape[1],
            out_channels=tensors["out.2.weight"].shape[0],
            **asdict(read_unet_sizes(tensors)),
            num_heads=heads,
            context_dim=tensors["middle_block.1.transformer_blocks.0.attn2.to_k.weight"].shape[1],
            image_features=_IMAGE_ENCODER in tensors,
            linear_skip=_LINEAR_SKIP in tensors,
        )
    except (KeyError, ValueError, IndexError, ZeroDivisionError) as error:
        raise _unknown(tensors, name) from error


def _network_tensors(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """The network's own tensors, without the prefix that some programs write."""
    first = next((key for key in tensors if key.endswith(FIRST)), None)
    if first is None:
        raise _unknown(tensors, name)
    prefix = first.removesuffix(FIRST)
    found = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
    found.pop(EMBEDDING, None)
    return found


def _said_by(checkpoint: Checkpoint) -> dict[str, Any]:
    """What a .ckpt says beside its tensors."""
    if checkpoint.layout not in ("compact", "training"):
        return {}
    tree = read_archive(checkpoint.path).tree
    return {str(key): value for key, value in tree.items()} if isinstance(tree, dict) else {}


def _heads_of(said: Mapping[str, Any]) -> int:
    hparams = said.get("ldm_hparams")
    heads = hparams.get("num_heads") if isinstance(hparams, dict) else None
    return heads if isinstance(heads, int) and heads > 0 else 0


def _step_of(said: Mapping[str, Any], name: str) -> int:
    step = said.get("noising_step", PUBLISHED_STEP)
    if isinstance(step, bool) or not isinstance(step, int) or not 0 <= step < NOISING_STEPS:
        raise InputError(f"{name} gives the noising step {step!r}.", "It lies between 0 and 999.")
    return step


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


def _published_card(checkpoint: Checkpoint, sizes: dict[str, Any]) -> ModelCard:
    """A card for a published file, which has none."""
    entry = find_entry(PUBLISHED)
    assert entry is not None
    official = sizes == {**asdict(DepthUNetConfig()), "noising_step": PUBLISHED_STEP}
    return ModelCard(
        name=checkpoint.path.stem,
        title=entry.title if official else checkpoint.path.stem,
        architecture=DEPTH[0],
        sizes=sizes,
        autoencoder=SD_AUTOENCODER if sizes["out_channels"] == 4 else "",
        latent_scale=SD_LATENT_SCALE,
        pixels=PUBLISHED_PIXELS,
        licence=entry.licence if official else "not stated in the file",
        paper=entry.paper,
    )


def _unknown(tensors: Mapping[str, Tensor], name: str) -> InputError:
    if "conv_in.weight" in tensors and any(key.startswith("down_blocks.") for key in tensors):
        return InputError(
            f"{name} is a conversion of a U-Net for diffusers, which cannot be loaded.",
            "Use the published file, depthfm-v1.ckpt.",
        )
    some = ", ".join(list(tensors)[:3])
    return InputError(
        f"{name} is no depth model: its tensors have other names ({some}, ...).",
        "Choose a checkpoint of DepthFM.",
    )
