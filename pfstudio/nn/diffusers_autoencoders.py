"""The published KL autoencoder (Rombach et al. 2022) and TAESD, both as diffusers' own networks.

The weights of the former exist under three sets of names: CompVis's, diffusers' and diffusers'
before 2023, which named the projections of attention differently. All become today's diffusers'.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor, nn

from pfstudio.core.errors import InputError
from pfstudio.nn.architecture import Architecture, Sizes, Tensors, has_suffix

_PARTS = ("encoder.", "decoder.", "quant_conv.", "post_quant_conv.")
_PREFIXES = ("", "first_stage_model.", "first_stage.", "vae.", "ae.", "model.")
_RULES = (  # CompVis -> diffusers, applied in this order
    (r"\.mid\.block_([12])\.", lambda m: f".mid_block.resnets.{int(m[1]) - 1}."),
    (r"\.mid\.attn_1\.norm\.", ".mid_block.attentions.0.group_norm."),
    (r"\.mid\.attn_1\.([qkv])\.", r".mid_block.attentions.0.to_\1."),
    (r"\.mid\.attn_1\.proj_out\.", ".mid_block.attentions.0.to_out.0."),
    (r"\.down\.(\d+)\.block\.", r".down_blocks.\1.resnets."),
    (r"\.down\.(\d+)\.downsample\.", r".down_blocks.\1.downsamplers.0."),
    (r"\.up\.(\d+)\.block\.", r".up_blocks.\1.resnets."),
    (r"\.up\.(\d+)\.upsample\.", r".up_blocks.\1.upsamplers.0."),
    (r"\.nin_shortcut\.", ".conv_shortcut."),
    (r"\.norm_out\.", ".conv_norm_out."),
    # diffusers before 2023
    (r"\.attentions\.0\.query\.", ".attentions.0.to_q."),
    (r"\.attentions\.0\.key\.", ".attentions.0.to_k."),
    (r"\.attentions\.0\.value\.", ".attentions.0.to_v."),
    (r"\.attentions\.0\.proj_attn\.", ".attentions.0.to_out.0."),
)
_GROUPS = 32  # of every published autoencoder; leaves no trace in the shapes


def to_diffusers(tensors: Tensors, name: str) -> dict[str, Tensor]:
    """The autoencoder's tensors under diffusers' names; others (losses, metrics) are left out.

    Raises:
        InputError: there is no autoencoder among the tensors.
    """
    for prefix in _PREFIXES:
        if f"{prefix}encoder.conv_in.weight" in tensors:
            break
    else:
        raise InputError(
            f"{name} is not an autoencoder: its tensors have other names.",
            "Choose a KL autoencoder in the layout of diffusers or CompVis.",
        )
    own = {
        key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)
    }
    own = {key: value for key, value in own.items() if key.startswith(_PARTS)}
    ups = {int(match[1]) for key in own if (match := re.match(r"decoder\.up\.(\d+)\.", key))}
    renamed = {}
    for key, value in own.items():
        new = _renamed(key, max(ups, default=0))
        # CompVis's projections are 1x1 convolutions.
        flat = ".attentions.0.to_" in new and value.dim() == 4
        renamed[new] = value.flatten(1) if flat else value
    return renamed


def _renamed(key: str, last_up: int) -> str:
    # CompVis counts the decoder's blocks from the last to the first.
    key = re.sub(
        r"^decoder\.up\.(\d+)\.", lambda match: f"decoder.up.{last_up - int(match[1])}.", key
    )
    for pattern, replacement in _RULES:
        key = re.sub(pattern, replacement, key)
    return key


def _diffusers(kind: str) -> Callable[[dict[str, Any]], nn.Module]:
    """Makes the network of this class of diffusers."""

    def make(config: dict[str, Any]) -> nn.Module:
        import diffusers  # here, because importing it takes some five seconds

        if config.get("_class_name", kind) != kind:
            raise InputError(f"This is a {config['_class_name']}, but {kind} is needed.")
        network_type = getattr(diffusers, kind)
        known = inspect.signature(network_type.__init__).parameters
        network: nn.Module = network_type(**{k: v for k, v in config.items() if k in known})
        return network

    return make


def _infer(tensors: Tensors, given: Mapping[str, Any], name: str, heads: int) -> Sizes:
    """What the file's own configuration says, else what the shapes tell."""
    if {"_class_name", "block_out_channels"} & given.keys():
        return Sizes(dict(given))
    widths: list[int] = []
    while (key := f"encoder.down_blocks.{len(widths)}.resnets.0.conv1.weight") in tensors:
        widths.append(tensors[key].shape[0])
    layers = 0
    while f"encoder.down_blocks.0.resnets.{layers}.conv1.weight" in tensors:
        layers += 1
    config = {
        "in_channels": tensors["encoder.conv_in.weight"].shape[1],
        "out_channels": tensors["decoder.conv_out.weight"].shape[0],
        "latent_channels": tensors["decoder.conv_in.weight"].shape[1],
        "down_block_types": ["DownEncoderBlock2D"] * len(widths),
        "up_block_types": ["UpDecoderBlock2D"] * len(widths),
        "block_out_channels": widths,
        "layers_per_block": layers,
        "norm_num_groups": _GROUPS,
        "use_quant_conv": "quant_conv.weight" in tensors,
        "use_post_quant_conv": "post_quant_conv.weight" in tensors,
        "mid_block_add_attention": "encoder.mid_block.attentions.0.to_q.weight" in tensors,
    }
    if not widths or any(width % _GROUPS for width in widths):
        raise InputError(
            f"{name} does not say how its channels {widths} are grouped.",
            "Give the folder that holds its config.json.",
        )
    return Sizes(config)


AUTOENCODER_DIFFUSERS = Architecture(
    name="autoencoder-diffusers",
    task="autoencode",
    config=dict,
    network=_diffusers("AutoencoderKL"),
    recognise=lambda tensors: has_suffix(tensors, "encoder.conv_in.weight"),
    infer=_infer,
    channels="latent_channels",
    convert=to_diffusers,
)

AUTOENCODER_TINY = Architecture(
    name="autoencoder-tiny",
    task="autoencode",
    config=dict,
    network=_diffusers("AutoencoderTiny"),
    recognise=lambda tensors: any(key.startswith("encoder.layers.") for key in tensors),
    infer=lambda tensors, given, name, heads: Sizes(dict(given)),
    channels="latent_channels",
)
