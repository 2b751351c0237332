"""Load a network or an autoencoder by name or path: the one door for the engine and training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from torch import nn

from pfstudio.core.card import DEPTH, GENERATORS, UPSAMPLERS, ModelCard
from pfstudio.core.errors import InputError
from pfstudio.core.models import find_model, installed_models
from pfstudio.weights.autoencoders import (
    Autoencoder,
    LinearPreview,
    TinyAutoencoder,
    build_autoencoder,
    scaling_of,
)
from pfstudio.weights.build import build_network, detect, infer_sizes, sizes_of
from pfstudio.weights.catalogue import (
    PFT_LICENCE,
    PFT_PAPER,
    SD_AUTOENCODER,
    SD_LATENT_SCALE,
    find_entry,
    imagenet_classes,
    recognise,
)
from pfstudio.weights.checkpoint import Checkpoint, read_checkpoint

_PUBLISHED_FACTOR = 8  # pixels per latent of the published models' autoencoder
_PREVIEW = "taesd"


@dataclass(frozen=True)
class LoadedNetwork:
    """A generator ready for use, in float32 and evaluation mode, on the CPU."""

    network: nn.Module
    card: ModelCard
    notices: tuple[str, ...]  # sentences to show: licence, assumptions


def load_network(name_or_path: str | Path, weights: str = "ema", heads: int = 0) -> LoadedNetwork:
    """Load a generator by the name of an installed model, or from a file or folder.

    Args:
        name_or_path: e.g. "pft-b", "models/pft-s-photos-128" or "step000010.ckpt".
        weights: which set of a training checkpoint, "ema" (averaged) or "raw".
        heads: number of attention heads where a file does not say it (0: see `likely_heads`).

    Raises:
        InputError: nothing of this name, or a file that is damaged or of another kind.
    """
    checkpoint = read_checkpoint(locate(str(name_or_path)), weights)
    return network_of(checkpoint, heads)


def network_of(checkpoint: Checkpoint, heads: int = 0) -> LoadedNetwork:
    """The generator in a checkpoint that was read.

    Raises:
        InputError: it is of another kind, or its tensors do not fit.
    """
    card = checkpoint.card
    assumed: tuple[str, ...] = ()
    architecture = card.architecture if card else detect(checkpoint.tensors)
    if architecture in DEPTH:
        raise InputError(
            f"{card.title or card.name if card else checkpoint.name} finds the depth of pictures, "
            "but makes none.",
            "Use it with pfstudio depth.",
        )
    if architecture in UPSAMPLERS:
        raise InputError(
            f"{card.title or card.name if card else checkpoint.name} enlarges pictures, "
            "but makes none.",
            "Use it with pfstudio upscale.",
        )
    if card is None:
        if architecture.startswith("autoencoder"):
            raise InputError(
                f"{checkpoint.name} is an autoencoder, which makes no pictures by itself.",
                "Choose a checkpoint of a Patch Forcing model.",
            )
        sizes = infer_sizes(checkpoint.tensors, checkpoint.config, checkpoint.name, heads)
        assumed = sizes.assumed
        network = build_network(
            sizes.architecture, sizes.values, checkpoint.tensors, checkpoint.name
        )
        card = _card_of(checkpoint, sizes.architecture, network)
    elif card.architecture in GENERATORS:
        given = {**card.sizes, "num_heads": heads} if heads else card.sizes
        network = build_network(card.architecture, given, checkpoint.tensors, checkpoint.name)
    else:
        raise InputError(
            f"{card.title or card.name} is an autoencoder, which makes no pictures by itself.",
            "Choose a model that generates.",
        )
    return LoadedNetwork(network, card, checkpoint.notices + licence_notice(card) + assumed)


def licence_notice(card: ModelCard) -> tuple[str, ...]:
    """What to show when a model may not be used for everything; empty for a free one."""
    if card.non_commercial:
        return (f"{card.title or card.name} is for non-commercial use only ({card.licence}).",)
    return ()


def load_autoencoder(of: ModelCard | str) -> Autoencoder:
    """The autoencoder of a generator (by its card), or by name or path.

    A generator whose autoencoder is not installed gets a linear preview with a notice; one that is
    asked for by name has to be there.

    Raises:
        InputError: not installed (by name), damaged, or not fitting the generator.
    """
    if isinstance(of, str):
        return _autoencoder(locate(of), None)
    if not of.autoencoder or not _exists(of.autoencoder):
        return _linear_preview(of)
    autoencoder = _autoencoder(locate(of.autoencoder), of)
    channels = of.sizes.get("in_channels", autoencoder.channels)
    if channels != autoencoder.channels:
        raise InputError(
            f"{of.name} makes latents of {channels} channels, but its autoencoder "
            f"{of.autoencoder} has {autoencoder.channels}.",
            "Give the right autoencoder in the model's card.",
        )
    return autoencoder


def needed_autoencoder(card: ModelCard, wish: str = "") -> Autoencoder:
    """The autoencoder that a model cannot do without, or another one (name or path) in its place.

    Raises:
        InputError: it is not installed, or its latents have another number of channels.
    """
    wanted = wish or card.autoencoder
    if not wanted:
        raise InputError(f"{card.name} names no autoencoder.", "Give one with --autoencoder.")
    locate(wanted)  # says what to do where it is missing: a rough preview is of no use here
    autoencoder = load_autoencoder(replace(card, autoencoder=wanted, sizes={}))
    assert not isinstance(autoencoder, LinearPreview)
    key = "out_channels" if card.architecture in DEPTH else "channels"
    channels = card.sizes.get(key, autoencoder.channels)
    if channels != autoencoder.channels:
        raise InputError(
            f"{card.name} works on latents of {channels} channels, but the autoencoder {wanted} "
            f"has {autoencoder.channels}.",
            "Give another one with --autoencoder.",
        )
    return autoencoder


def locate(name_or_path: str) -> Path:
    """The folder of an installed model, or the path itself if it exists.

    Raises:
        InputError: neither; the advice says what can be had.
    """
    model = find_model(name_or_path)
    if model is not None:
        return model.folder
    if name_or_path and Path(name_or_path).exists():
        return Path(name_or_path)
    entry = find_entry(name_or_path)
    if entry is not None:
        raise InputError(
            f"{entry.title} is not installed.", f"Fetch it: pfstudio models download {entry.name}"
        )
    names = ", ".join(model.name for model in installed_models()) or "none"
    raise InputError(f"There is no model or file {name_or_path!r}.", f"Installed models: {names}.")


def _exists(name_or_path: str) -> bool:
    return find_model(name_or_path) is not None or Path(name_or_path).exists()


def _autoencoder(path: Path, generator: ModelCard | None) -> Autoencoder:
    checkpoint = read_checkpoint(path)
    card = checkpoint.card
    architecture = card.architecture if card else detect(checkpoint.tensors)
    scaling_card = generator or card
    if scaling_card is None:
        scale = checkpoint.config.get("scaling_factor", SD_LATENT_SCALE)
        shift = checkpoint.config.get("shift_factor") or 0.0
        scaling_card = ModelCard(path.stem, path.stem, architecture, {}, "", scale, shift)
    return build_autoencoder(
        architecture,
        checkpoint.config,
        checkpoint.tensors,
        scaling_of(scaling_card),
        checkpoint.name,
        _tiny() if architecture == "autoencoder-diffusers" else None,
    )


def _tiny() -> TinyAutoencoder | None:
    """The installed TAESD, for previews."""
    model = find_model(_PREVIEW)
    if model is None or model.card.architecture != "autoencoder-tiny":
        return None
    tiny = _autoencoder(model.folder, None)
    assert isinstance(tiny, TinyAutoencoder)
    return tiny


def _linear_preview(card: ModelCard) -> LinearPreview:
    factor = _PUBLISHED_FACTOR
    side = card.sizes.get("input_size", 0)
    if side and card.pixels >= side:
        factor = card.pixels // side
    named = card.autoencoder or "of unknown name"
    advice = (
        f"Fetch it: pfstudio models download {card.autoencoder}"
        if find_entry(card.autoencoder)
        else "Give its path in the model's card."
    )
    notice = (
        f"The autoencoder {named} is not installed, so pictures are only a rough guess from the "
        f"latents. {advice}"
    )
    return LinearPreview(factor, card.sizes.get("in_channels", 4), (notice,))


def _card_of(checkpoint: Checkpoint, architecture: str, network: nn.Module) -> ModelCard:
    """A card for a published file, which has none."""
    sizes = sizes_of(network)
    published = checkpoint.layout in ("compact", "training")
    imagenet = sizes["num_classes"] == 1000
    known = recognise(sizes["hidden_size"], sizes["depth"]) if imagenet else None
    # What the official code trains on: Stable Diffusion's latents, scaled.
    usual = sizes["in_channels"] == 4
    card = ModelCard(
        name=checkpoint.path.stem,
        title=checkpoint.path.stem,
        architecture=architecture,
        sizes=sizes,
        autoencoder=SD_AUTOENCODER if usual else "",
        latent_scale=SD_LATENT_SCALE if usual else 1.0,
        pixels=sizes["input_size"] * _PUBLISHED_FACTOR,
        classes=imagenet_classes() if imagenet else (),
        licence=PFT_LICENCE if published else "not stated in the file",
        non_commercial=published,
        paper=PFT_PAPER,
    )
    if published and known is not None and architecture == known.architecture:
        card = replace(card, title=known.title, licence=known.licence)
    return card
