"""What the program knows of a kind of network, as data: one `Architecture` beside each network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

Tensors = Mapping[str, Tensor]  # a state dict


@dataclass(frozen=True)
class Sizes:
    """What a state dict tells; `assumed` are sentences about guesses."""

    values: dict[str, Any]  # arguments of the config, and settings of its own for the card
    assumed: tuple[str, ...] = ()


def _plain(tensors: Tensors, name: str) -> Tensors:
    return tensors


def _zero(config: Any, *sizes: int) -> int:
    return 0


def never(config: Any) -> bool:
    return False


def always(config: Any) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """One kind of network; `nn/registry.py` lists them all.

    Functions of a config get an instance of `config`. A state dict may lack or add tensors: what
    reads one may raise KeyError, ValueError, IndexError or ZeroDivisionError where it does not fit.
    """

    name: str  # as cards name it
    task: str  # "generate", "depth", "upscale", "autoencode" or "video"
    config: Callable[..., Any]  # its sizes: a dataclass, or dict where a library checks them
    network: Callable[[Any], nn.Module]  # config -> network
    recognise: Callable[[Tensors], bool]  # whether a state dict is one of it, by names and shapes
    # (tensors, what the file says, name for sentences, heads that the user gives or 0) -> sizes
    infer: Callable[[Tensors, Mapping[str, Any], str, int], Sizes]
    channels: str  # the size that holds the number of latent channels

    convert: Callable[[Tensors, str], Tensors] = _plain  # (tensors, name) -> our names, no others
    beside: tuple[str, ...] = ()  # tensors of a model's file that are not the network's
    time: str = "uniform"  # or "per patch": how many times a picture may have
    has_difficulty: Callable[[Any], bool] = never  # whether it predicts a log-variance

    # Generators only: they are a `Backbone`.
    condition: str = "none"  # the kind that it takes, see nn/condition.py
    # Whether there is a condition that was dropped in training, so that guidance can lead away
    # from none
    has_null_condition: Callable[[Any], bool] = always
    layers: Callable[[Any], int] = _zero  # blocks with hidden states
    routable: Callable[[Any], int] = _zero  # those that `Backbone.routable_layers` counts
    # (config, tokens): of one picture and pass; where layers are routable, a third argument may
    # give the tokens of each block that is computed
    flops: Callable[..., float] = _zero
    # (config, tokens, bytes of a number): that one picture and pass fill at the peak
    activation_bytes: Callable[[Any, int, int], int] = _zero

    # Of what its authors published, for files without a card.
    text_encoder: str = ""  # name of the one that it was trained with
    pixels: Callable[[Any], int] = _zero  # side of a picture
    licence: str = ""
    non_commercial: bool = False
    paper: str = ""


def without_prefix(tensors: Tensors, first: str) -> dict[str, Tensor]:
    """The tensors beside the one whose name ends in `first`, without the prefix of their names.

    Raises:
        KeyError: there is no such tensor.
    """
    found = next((key for key in tensors if key.endswith(first)), None)
    if found is None:
        raise KeyError(first)
    prefix = found.removesuffix(first)
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def has_suffix(tensors: Tensors, *suffixes: str) -> bool:
    """Whether each of these ends the name of some tensor."""
    return all(any(key.endswith(suffix) for key in tensors) for suffix in suffixes)


def whole(value: Any) -> int:
    """A positive whole number, else 0: files may hold anything."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def assumed_heads(name: str, heads: int) -> tuple[str, ...]:
    """The sentence that a file does not say its number of attention heads."""
    return (
        f"{name} does not say how many attention heads it has; {heads} is assumed. "
        "If what it makes is noise, import it with another number of heads.",
    )
