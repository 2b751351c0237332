"""Load a network or an autoencoder by name or path: the one door for the engine and training."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from torch import nn

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.core.models import find_model, installed_models
from pfstudio.core.routes import check_routes
from pfstudio.nn.architecture import Architecture, Tensors
from pfstudio.nn.patch_forcing import AUTOENCODER_FACTOR
from pfstudio.nn.registry import find_architecture
from pfstudio.weights.answers import UnansweredError, read_answers
from pfstudio.weights.autoencoders import (
    Autoencoder,
    LinearPreview,
    TinyAutoencoder,
    scaling_of,
    wrapped,
)
from pfstudio.weights.build import (
    architecture_of_tensors,
    build_network,
    infer_sizes,
    load_strictly,
)
from pfstudio.weights.cards import described, new_card
from pfstudio.weights.catalogue import SD_CHANNELS, find_entry
from pfstudio.weights.checkpoint import Checkpoint, read_checkpoint

_PREVIEW = "taesd"
# task -> what its networks are called, what they do, and how they are used
_WORDS = {
    "generate": ("a generator", "makes images", "with pfstudio generate"),
    "depth": ("a depth model", "estimates the depth of images", "with pfstudio depth"),
    "upscale": ("an upsampler", "enlarges images", "with pfstudio upscale"),
    "autoencode": ("an autoencoder", "turns latents into images", "beside a generator"),
    "video": ("a video model", "makes videos", "from Python (pfstudio.nn.zigma_video)"),
}


@dataclass(frozen=True)
class LoadedNetwork:
    """A network ready for use, in float32 and evaluation mode, on the CPU."""

    network: nn.Module
    card: ModelCard
    notices: tuple[str, ...] = field(default=(), kw_only=True)  # to show: licence, assumptions
    # What our own folder keeps of it: the network's tensors, and others that belong to the model.
    tensors: Tensors = field(default_factory=dict, kw_only=True, repr=False)


def load_network(name_or_path: str | Path, weights: str = "ema", heads: int = 0) -> LoadedNetwork:
    """Load a generator by the name of an installed model, or from a file or folder.

    Args:
        name_or_path: e.g. "pft-b", "models/pft-s-photos-128" or "step000010.ckpt".
        weights: which set of a training checkpoint, "ema" (averaged) or "raw".
        heads: number of attention heads where a file does not say it (0: the likely one).

    Raises:
        InputError: nothing of this name, or a file that is damaged or of another kind.
    """
    return network_of(read_checkpoint(locate(str(name_or_path)), weights), "generate", heads)


def load_weights(network: nn.Module, name_or_path: str) -> None:
    """Put the weights of a model into a network of its kind and sizes, to train on from there.

    Raises:
        InputError: nothing of this name, or a model of another kind or size.
    """
    checkpoint = read_checkpoint(locate(name_or_path))
    architecture = architecture_of(checkpoint)
    beside = {key: v for key, v in checkpoint.tensors.items() if key in architecture.beside}
    own = {key: v for key, v in checkpoint.tensors.items() if key not in beside}
    known = network.state_dict()  # one that trains may hold what lies beside another
    kept = {key: v for key, v in beside.items() if key in known}
    tensors = {**architecture.convert(own, checkpoint.name), **kept}
    load_strictly(network, tensors, checkpoint.name)


def architecture_of(checkpoint: Checkpoint) -> Architecture:
    """What a checkpoint holds, by its card or else by its tensors.

    Raises:
        InputError: nothing that this program knows.
    """
    if checkpoint.card is None:
        return architecture_of_tensors(checkpoint.tensors, checkpoint.name)
    return find_architecture(checkpoint.card.architecture)


def network_of(checkpoint: Checkpoint, task: str, heads: int = 0) -> LoadedNetwork:
    """The network for a task in a checkpoint that was read.

    Raises:
        InputError: it is of another kind, or its tensors do not fit.
    """
    card, name = checkpoint.card, checkpoint.name
    architecture = architecture_of(checkpoint)
    if architecture.task != task:
        (wanted, _, _), (_, does, use) = _WORDS[task], _WORDS[architecture.task]
        raise InputError(
            f"{card.title or card.name if card else name} is not {wanted}: it {does}.",
            f"Use it {use}; pfstudio models list shows what is installed.",
        )
    beside = {key: v for key, v in checkpoint.tensors.items() if key in architecture.beside}
    own = {key: v for key, v in checkpoint.tensors.items() if key not in architecture.beside}
    tensors = architecture.convert(own, name)
    assumed: tuple[str, ...] = ()
    if card is None:
        answers = read_answers(checkpoint.path) if checkpoint.path.is_file() else None
        given = {
            **checkpoint.config,
            "reversed_time": answers is not None and answers.reversed_time,
        }
        sizes = infer_sizes(architecture, tensors, given, name, heads)
        if answers is None and _is_silent(checkpoint, architecture):
            raise UnansweredError(name, sizes.values["depth"])
        assumed = sizes.assumed
        network = build_network(architecture, sizes.values, tensors, name)
        card = new_card(checkpoint, architecture, sizes, network)
        if answers is not None:
            check_routes(answers.routes, architecture.layers(network.config))
            card = replace(card, routes=answers.routes, training=answers.sentence)
            assumed = (*assumed, answers.sentence)
    else:
        if heads and "num_heads" not in card.sizes:
            raise InputError(
                f"The number of heads of {name} cannot be chosen: its card and weights tell it.",
                "Leave their number out.",
            )
        if heads:
            card = replace(card, sizes={**card.sizes, "num_heads": heads})
        network = build_network(architecture, card.sizes, tensors, name)
        card = described(card)
    notices = checkpoint.notices + licence_notice(card) + assumed
    return LoadedNetwork(network, card, notices=notices, tensors={**tensors, **beside})


# A trainer that keeps these beside the weights may have trained in either direction of time.
_SILENT = {"optimizer_state_dict", "step"}


def _is_silent(checkpoint: Checkpoint, architecture: Architecture) -> bool:
    """Whether a file could be of either direction of time."""
    return architecture.name == "dit" and checkpoint.other.keys() >= _SILENT


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
    return needed_autoencoder(of)


def needed_autoencoder(card: ModelCard, wish: str = "") -> Autoencoder:
    """The autoencoder that a model cannot do without, or another one (name or path) in its place.

    Raises:
        InputError: it is not installed, or its latents have another number of channels.
    """
    wanted = wish or card.autoencoder
    if not wanted:
        raise InputError(f"{card.name} names no autoencoder.", "Choose one.")
    autoencoder = _autoencoder(locate(wanted), card)
    channels = _channels(card, autoencoder.channels)
    if channels != autoencoder.channels:
        raise InputError(
            f"{card.name} works on latents of {channels} channels, but the autoencoder {wanted} "
            f"has {autoencoder.channels}.",
            "Name the right one in the model's card, or choose another.",
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


def _channels(card: ModelCard, otherwise: int) -> int:
    """Channels of the latents that a model works on."""
    channels: int = card.sizes.get(find_architecture(card.architecture).channels, otherwise)
    return channels


def _autoencoder(path: Path, model: ModelCard | None) -> Autoencoder:
    """An autoencoder, scaled as a model's card says, else as its own."""
    loaded = network_of(read_checkpoint(path), "autoencode")
    scaling = scaling_of(model or loaded.card)
    return wrapped(loaded.network, loaded.card.architecture, scaling, _tiny)


def _tiny() -> TinyAutoencoder | None:
    """The installed TAESD, for previews."""
    model = find_model(_PREVIEW)
    tiny = _autoencoder(model.folder, None) if model is not None else None
    return tiny if isinstance(tiny, TinyAutoencoder) else None


def _linear_preview(card: ModelCard) -> LinearPreview:
    factor = AUTOENCODER_FACTOR
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
        f"The autoencoder {named} is not installed, so images are only a rough guess from the "
        f"latents. {advice}"
    )
    return LinearPreview(factor, _channels(card, SD_CHANNELS), (notice,))
