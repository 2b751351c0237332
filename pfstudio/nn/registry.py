"""Every kind of network that the program knows. A new one is its own file and one line here."""

from __future__ import annotations

from torch import nn

from pfstudio.core.errors import InputError
from pfstudio.nn.architecture import Architecture, Tensors
from pfstudio.nn.autoencoder import AUTOENCODER_KL
from pfstudio.nn.depth_unet import DEPTH_FM
from pfstudio.nn.diffusers_autoencoders import AUTOENCODER_DIFFUSERS, AUTOENCODER_TINY
from pfstudio.nn.dit import DIT
from pfstudio.nn.latent_upsampler import LATENT_UPSAMPLER, PATCH_UPSAMPLER
from pfstudio.nn.patch_forcing import PATCH_FORCING
from pfstudio.nn.repa import PATCH_FORCING_REPA
from pfstudio.nn.text_architectures import TEXT_DIT, TEXT_PATCH_FORCING
from pfstudio.nn.zigma_architectures import (
    CLASS_ZIGMA,
    PATCH_FORCING_ZIGMA,
    TEXT_ZIGMA,
    VIDEO_ZIGMA,
    ZIGMA,
)

# A state dict belongs to the first that recognises it, so special kinds stand before general ones.
ARCHITECTURES: dict[str, Architecture] = {
    architecture.name: architecture
    for architecture in (
        VIDEO_ZIGMA,
        PATCH_FORCING_ZIGMA,
        CLASS_ZIGMA,
        TEXT_ZIGMA,
        ZIGMA,
        PATCH_FORCING_REPA,
        DIT,
        PATCH_FORCING,
        TEXT_PATCH_FORCING,
        TEXT_DIT,
        AUTOENCODER_KL,
        AUTOENCODER_TINY,
        AUTOENCODER_DIFFUSERS,
        DEPTH_FM,
        LATENT_UPSAMPLER,
        PATCH_UPSAMPLER,
    )
}


def find_architecture(name: str) -> Architecture:
    """The kind of this name.

    Raises:
        InputError: there is none.
    """
    if name not in ARCHITECTURES:
        raise InputError(
            f"There is no architecture {name!r}.", f"Known are: {', '.join(ARCHITECTURES)}."
        )
    return ARCHITECTURES[name]


def architecture_of_network(network: nn.Module) -> Architecture:
    """The kind that a network is of, which has to be one of the list."""
    return next(a for a in ARCHITECTURES.values() if a.network is type(network))


def recognise(tensors: Tensors) -> Architecture | None:
    """The kind that a state dict belongs to."""
    return next((a for a in ARCHITECTURES.values() if a.recognise(tensors)), None)
