"""From named tensors to a network: what it is, how large, and whether every tensor fits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from typing import Any

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.nn.autoencoder import AutoencoderConfig, VariationalAutoencoder
from pfstudio.nn.depth_unet import DepthUNet, DepthUNetConfig
from pfstudio.nn.dit import DiffusionTransformer
from pfstudio.nn.latent_upsampler import (
    LatentUpsampler,
    LatentUpsamplerConfig,
    PatchUpsampler,
    PatchUpsamplerConfig,
)
from pfstudio.nn.patch_forcing import (
    PatchForcingConfig,
    PatchForcingTransformer,
    RepaConfig,
    RepaPatchForcingTransformer,
)
from pfstudio.weights.unet_sizes import FIRST

_KINDS: dict[str, tuple[type[Any], type[nn.Module]]] = {
    "patch-forcing": (PatchForcingConfig, PatchForcingTransformer),
    "dit": (PatchForcingConfig, DiffusionTransformer),
    "patch-forcing-repa": (RepaConfig, RepaPatchForcingTransformer),
    "autoencoder-kl": (AutoencoderConfig, VariationalAutoencoder),
    "depth-fm": (DepthUNetConfig, DepthUNet),
    "latent-upsampler": (LatentUpsamplerConfig, LatentUpsampler),
    "patch-upsampler": (PatchUpsamplerConfig, PatchUpsampler),
}
_HEADS = {192: 3, 384: 6, 768: 12, 1024: 16, 1152: 16}  # the published family of sizes
_SHOWN = 4  # differences named in a sentence


@dataclass(frozen=True)
class Sizes:
    """What the tensors' shapes say about a generator; `assumed` are sentences about guesses."""

    architecture: str
    values: dict[str, Any]
    assumed: tuple[str, ...] = ()


def detect(tensors: Mapping[str, Tensor]) -> str:
    """The architecture that these tensors belong to, by their names; "" if it is unknown."""
    if {"x_embedder.proj.weight", "final_layer.linear.weight"} <= tensors.keys():
        return "patch-forcing-repa" if "projector.0.weight" in tensors else "patch-forcing"
    if "encoder.into.weight" in tensors:
        return "autoencoder-kl"
    if any(key.startswith("encoder.layers.") for key in tensors):
        return "autoencoder-tiny"
    if any(key.endswith("encoder.conv_in.weight") for key in tensors):
        return "autoencoder-diffusers"
    if any(
        key.endswith("middle_block.1.transformer_blocks.0.attn2.to_k.weight") for key in tensors
    ):
        return "depth-fm"
    if {FIRST, "middle_block.1.qkv.weight"} <= tensors.keys():
        return "latent-upsampler"
    if {"into.weight", "down_blocks.0.0.modulation.weight"} <= tensors.keys():
        return "patch-upsampler"
    return ""


def infer_sizes(
    tensors: Mapping[str, Tensor], given: Mapping[str, Any], name: str, heads: int = 0
) -> Sizes:
    """Sizes of a generator, from its tensors' shapes.

    The number of heads, the block of the projector and whether the last label is the null class
    leave no trace in the shapes: they come from `heads`, else from `given` (the file's own
    configuration), else from the published family, with a sentence in `assumed`.

    Raises:
        InputError: these are not the tensors of a generator that this program knows.
    """
    try:
        width, channels, patch, _ = tensors["x_embedder.proj.weight"].shape
        rows = tensors["final_layer.linear.weight"].shape[0]
        side = math.isqrt(tensors["pos_embed"].shape[1])
        labels = tensors["y_embedder.embedding_table.weight"].shape[0]
        hidden = tensors["blocks.0.mlp.fc1.weight"].shape[0]
        depth = 1 + max(int(k.split(".")[1]) for k in tensors if k.startswith("blocks."))
    except (KeyError, ValueError, IndexError) as error:
        raise _unknown(tensors, name) from error
    if rows not in (patch**2 * (channels + 1), patch**2 * channels):
        raise InputError(
            f"The last layer of {name} has {rows} rows, which fits neither Patch Forcing "
            f"({patch**2 * (channels + 1)}) nor its baseline ({patch**2 * channels})."
        )
    uncertain = rows == patch**2 * (channels + 1)
    number = heads or _whole(given.get("num_heads"))
    assumed: tuple[str, ...] = ()
    if not number:
        number = likely_heads(width)
        assumed = (
            f"{name} does not say how many attention heads it has; {number} is assumed. "
            "If its pictures are noise, import it with another number (--heads).",
        )
    classes = labels if given.get("class_dropout_prob") == 0 else labels - 1
    values = {
        "in_channels": channels,
        "input_size": side * patch,
        "patch_size": patch,
        "hidden_size": width,
        "depth": depth,
        "num_heads": number,
        "mlp_ratio": hidden / width,
        "num_classes": classes,
        "class_dropout_prob": 0.1 if classes < labels else 0.0,
        "predict_uncertainty": uncertain,
    }
    if "projector.0.weight" in tensors:
        values["projector_dim"] = tensors["projector.0.weight"].shape[0]
        values["z_dim"] = tensors["projector.4.weight"].shape[0]
        values["encoder_depth"] = _whole(given.get("encoder_depth")) or min(8, depth)
        return Sizes("patch-forcing-repa", values, assumed)
    return Sizes("patch-forcing" if uncertain else "dit", values, assumed)


def likely_heads(width: int) -> int:
    """Heads of a transformer of this width where nobody says: 12 for 768, 16 for 1024 and 1152.

    Other widths get heads of 64 features where that comes out even, else the most heads up to 16
    that divide the width.
    """
    if width in _HEADS:
        return _HEADS[width]
    if width % 64 == 0:
        return width // 64
    return max(heads for heads in range(1, 17) if width % heads == 0)


def build_network(
    architecture: str, sizes: Mapping[str, Any], tensors: Mapping[str, Tensor], name: str
) -> nn.Module:
    """The network of our own with these weights, in float32 and evaluation mode.

    float32 tensors are used in place (no second copy of a mapped file); others are converted.

    Raises:
        InputError: unknown architecture, impossible sizes, or tensors that do not fit.
    """
    kind = _KINDS.get(architecture)
    if kind is None:
        raise InputError(f"{name} is of the unknown architecture {architecture!r}.")
    config_type, network_type = kind
    known = {field.name for field in fields(config_type)}
    # A damaged card could ask for a billion blocks; real ones have many tensors each.
    if _whole(sizes.get("depth")) > max(64, len(tensors)):
        raise InputError(f"{name} claims an impossible depth of {sizes['depth']} blocks.")
    try:
        config = config_type(**{key: value for key, value in sizes.items() if key in known})
        with without_values():
            network = network_type(config)
    except PfstudioError:
        raise
    except (TypeError, ValueError, RuntimeError, ZeroDivisionError) as error:
        raise InputError(f"The sizes given for {name} are impossible ({error}).") from error
    return load_strictly(network, tensors, name)


_FILLING = (Tensor.normal_, Tensor.uniform_, Tensor.zero_, Tensor.fill_)


class _LeaveEmpty(TorchFunctionMode):
    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if function in _FILLING or getattr(function, "__module__", "") == "torch.nn.init":
            return kwargs["tensor"] if "tensor" in kwargs else args[0]
        return function(*args, **kwargs)


@contextmanager
def without_values() -> Iterator[None]:
    """Networks made inside have no initial values: memory that is never written costs nothing.

    (The meta device would do the same, but its way of computing a position table imports torch's
    compiler, which takes seconds.)
    """
    with _LeaveEmpty():
        yield


def load_strictly(network: nn.Module, tensors: Mapping[str, Tensor], name: str) -> nn.Module:
    """Put tensors into a network in place of its own; every one must fit and be finite.

    Raises:
        InputError: missing, unexpected or wrongly shaped tensors, or values that are no numbers.
    """
    wanted = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    differences = [f"missing {key} {shape}" for key, shape in wanted.items() if key not in tensors]
    differences += [
        f"{key} is {tuple(tensors[key].shape)} instead of {shape}"
        for key, shape in wanted.items()
        if key in tensors and tuple(tensors[key].shape) != shape
    ]
    differences += [
        f"unexpected {key} {tuple(value.shape)}"
        for key, value in tensors.items()
        if key not in wanted
    ]
    if differences:
        shown = "; ".join(differences[:_SHOWN])
        more = f"; and {len(differences) - _SHOWN} more" if len(differences) > _SHOWN else ""
        count = (
            f"{len(differences)} of its tensors {'does' if len(differences) == 1 else 'do'} not fit"
        )
        raise InputError(f"{name} cannot be loaded: {count}.", f"In detail: {shown}{more}.")
    for key, value in tensors.items():
        if not _finite(value):
            raise InputError(
                f"{name} is broken: {key} holds values that are not numbers (NaN or infinity).",
                "Its training failed or the file was altered. Use another checkpoint.",
            )
    network.load_state_dict({key: value.float() for key, value in tensors.items()}, assign=True)
    return network.eval()


def sizes_of(network: nn.Module) -> dict[str, Any]:
    """The keyword arguments of a network's configuration, for its card."""
    config: Any = network.config
    return asdict(config)


def _finite(value: Tensor) -> bool:
    if not value.is_floating_point():
        return True
    # A sum is one pass without a mask in memory; only where it overflows look at each value.
    total = value.float().sum()
    return bool(total.isfinite()) or bool(value.float().isfinite().all())


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _unknown(tensors: Mapping[str, Tensor], name: str) -> InputError:
    if "txt_proj.weight" in tensors:
        return InputError(
            f"{name} is a text-to-image Patch Forcing checkpoint, which cannot be loaded yet.",
            "Use a class-conditional one.",
        )
    some = ", ".join(list(tensors)[:3])
    return InputError(
        f"{name} is not a Patch Forcing checkpoint: its tensors have other names ({some}, ...).",
        "Choose a checkpoint of Patch Forcing or of its baseline DiT.",
    )
