"""Latent upsamplers: our own folders, and what the published trainer writes (Lightning, .ckpt).

Nobody published weights of the latter, but whoever trained some can use them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from pfstudio.core.card import PUBLISHED_UPSAMPLER, UPSAMPLERS, ModelCard
from pfstudio.core.errors import InputError
from pfstudio.nn.latent_upsampler import LatentUpsampler, LatentUpsamplerConfig, PatchUpsampler
from pfstudio.weights.build import build_network, detect
from pfstudio.weights.catalogue import SD_AUTOENCODER, SD_LATENT_SCALE
from pfstudio.weights.checkpoint import Checkpoint, read_checkpoint
from pfstudio.weights.load import licence_notice, locate
from pfstudio.weights.restricted import Foreign, read_archive
from pfstudio.weights.unet_sizes import FIRST, read_unet_sizes

FACTOR = 2  # how many times longer the sides become
NOISING_STEPS = 999  # the noising counts in 999ths
PUBLISHED_STEP, PUBLISHED_PIXELS, PUBLISHED_RESIZE = 400, 1024, "bilinear"
PAPER = "Boosting Latent Diffusion with Flow Matching (ECCV 2024, arXiv 2312.07360)"
RESIZES = ("bilinear", "bicubic")
_DIM_HEAD = 64  # of the published configuration
_MAX_NESTING = 24


@dataclass(frozen=True)
class LoadedUpsampler:
    """An upsampler ready for use, in float32 and evaluation mode, on the CPU."""

    network: LatentUpsampler | PatchUpsampler
    card: ModelCard
    noising_step: int  # start = add_noise(context, noise, alpha_bar(step, steps))
    noising_steps: int = NOISING_STEPS
    factor: int = FACTOR
    resize: str = PUBLISHED_RESIZE  # how pixels are enlarged for the context; one of RESIZES
    notices: tuple[str, ...] = ()  # sentences to show: licence, assumptions

    @property
    def has_difficulty(self) -> bool:
        """Whether the network takes a time per patch and predicts a log-variance."""
        return isinstance(self.network, PatchUpsampler)


def load_upsampler(
    name_or_path: str | Path, weights: str = "ema", heads: int = 0
) -> LoadedUpsampler:
    """Load an upsampler by the name of an installed one, or from a file or folder.

    Args:
        name_or_path: e.g. "upsampler-s" or "last.ckpt".
        weights: which set of a training checkpoint, "ema" (averaged) or "raw".
        heads: number of attention heads where a file does not say it (0: heads 64 wide).

    Raises:
        InputError: nothing of this name, or a file that is damaged or of another kind.
    """
    return upsampler_of(read_checkpoint(locate(str(name_or_path)), weights), heads)


def upsampler_of(checkpoint: Checkpoint, heads: int = 0) -> LoadedUpsampler:
    """The upsampler in a checkpoint that was read.

    Raises:
        InputError: it is of another kind, or its tensors do not fit.
    """
    card, name = checkpoint.card, checkpoint.name
    tensors: Mapping[str, Tensor] = checkpoint.tensors
    assumed: tuple[str, ...] = ()
    if card is None:
        tensors = _network_tensors(checkpoint.tensors, name)
        card, assumed = _published_card(checkpoint, tensors, heads)
    elif card.architecture not in UPSAMPLERS:
        raise InputError(
            f"{card.title or card.name} is no upsampler.",
            "Choose one: pfstudio models list shows what is installed.",
        )
    network = build_network(card.architecture, card.sizes, tensors, name)
    assert isinstance(network, LatentUpsampler | PatchUpsampler)
    resize = card.sizes.get("resize", PUBLISHED_RESIZE)
    if resize not in RESIZES:
        raise InputError(f"The card of {name} gives the resize {resize!r}.", "Use bilinear.")
    return LoadedUpsampler(
        network,
        card,
        _step_of(card.sizes, name),
        resize=resize,
        notices=checkpoint.notices + licence_notice(card) + assumed,
    )


def is_upsampler(checkpoint: Checkpoint) -> bool:
    """Whether a checkpoint holds an upsampler, ours or of the published trainer."""
    if checkpoint.card is not None:
        return checkpoint.card.architecture in UPSAMPLERS
    first = next((key for key in checkpoint.tensors if key.endswith(FIRST)), None)
    if first is None:
        return False
    return first.removesuffix(FIRST) + "middle_block.1.qkv.weight" in checkpoint.tensors


def infer_config(
    tensors: Mapping[str, Tensor], name: str, heads: int
) -> tuple[LatentUpsamplerConfig, tuple[str, ...]]:
    """Sizes of the published network from its tensors' shapes, and sentences about guesses.

    The number of heads leaves no trace in the shapes: without it, heads are taken to be 64 wide,
    or to be four where that does not come out even.

    Raises:
        InputError: these are not the tensors of such a network.
    """
    try:
        inner = tensors["middle_block.1.qkv.weight"].shape[0] // 3
        assumed: tuple[str, ...] = ()
        if not heads:
            heads = inner // _DIM_HEAD if inner % _DIM_HEAD == 0 else 4
            assumed = (
                f"{name} does not say how many attention heads it has; {heads} is assumed. "
                "If its pictures are wrong, import it with another number (--heads).",
            )
        if inner % heads:
            raise InputError(f"{name} cannot have {heads} attention heads: its width is {inner}.")
        config = LatentUpsamplerConfig(
            channels=tensors["out.2.weight"].shape[0],
            **asdict(read_unet_sizes(tensors)),
            num_heads=heads,
            dim_head=inner // heads,
        )
    except (KeyError, ValueError, IndexError, ZeroDivisionError) as error:
        raise _unknown(tensors, name) from error
    return config, assumed


def _network_tensors(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """The network's own tensors, without the prefix of the trainer and what lies beside them."""
    first = next((key for key in tensors if key.endswith(FIRST)), None)
    if first is None:
        raise _unknown(tensors, name)
    prefix = first.removesuffix(FIRST)
    found = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
    if detect(found) != PUBLISHED_UPSAMPLER:
        raise _unknown(found, name)
    return found


def _published_card(
    checkpoint: Checkpoint, tensors: Mapping[str, Tensor], heads: int
) -> tuple[ModelCard, tuple[str, ...]]:
    """A card for a file of the published trainer, and sentences about guesses."""
    said = _said_by(checkpoint)
    config, assumed = infer_config(tensors, checkpoint.name, heads or _heads_of(said))
    step = said.get("noising_step", PUBLISHED_STEP)
    scale = said.get("scale_factor", SD_LATENT_SCALE)
    if not isinstance(scale, int | float) or not scale > 0:
        raise InputError(f"{checkpoint.name} gives the scale {scale!r} of its latents.")
    sizes = {**asdict(config), "noising_step": step, "resize": PUBLISHED_RESIZE}
    card = ModelCard(
        name=checkpoint.path.stem,
        title=checkpoint.path.stem,
        architecture=PUBLISHED_UPSAMPLER,
        sizes=sizes,
        autoencoder=SD_AUTOENCODER if config.channels == 4 else "",
        latent_scale=scale,
        pixels=PUBLISHED_PIXELS,
        licence="not stated in the file",
        paper=PAPER,
    )
    return card, assumed


def _said_by(checkpoint: Checkpoint) -> dict[str, Any]:
    """The trainer's settings in a .ckpt; empty where there are none."""
    if checkpoint.layout not in ("compact", "training"):
        return {}
    tree = read_archive(checkpoint.path).tree
    said = unwrapped(tree.get("hyper_parameters")) if isinstance(tree, dict) else None
    return said if isinstance(said, dict) else {}


def unwrapped(value: Any, nesting: int = 0) -> Any:
    """The plain values inside omegaconf's containers, as inert data; None for anything else.

    They keep a dictionary or a list under `_content` and a value under `_val`; what else they keep
    (their parents among it) is left alone.
    """
    if nesting > _MAX_NESTING:
        return None
    if isinstance(value, Foreign):
        state = value.state if isinstance(value.state, dict) else {}
        return unwrapped(state.get("_content", state.get("_val")), nesting + 1)
    if isinstance(value, dict):
        return {str(key): unwrapped(item, nesting + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [unwrapped(item, nesting + 1) for item in value]
    return value if isinstance(value, str | int | float | bool) else None


def _heads_of(said: Mapping[str, Any]) -> int:
    found: Any = said
    for key in ("fm_cfg", "params", "net_cfg", "params", "num_heads"):
        found = found.get(key) if isinstance(found, dict) else None
    whole = isinstance(found, int) and not isinstance(found, bool)
    return found if whole and found > 0 else 0


def _step_of(said: Mapping[str, Any], name: str) -> int:
    step = said.get("noising_step", PUBLISHED_STEP)
    if isinstance(step, bool) or not isinstance(step, int) or not 0 <= step <= NOISING_STEPS:
        raise InputError(f"{name} gives the noising step {step!r}.", "It lies between 0 and 999.")
    return step


def _unknown(tensors: Mapping[str, Tensor], name: str) -> InputError:
    some = ", ".join(list(tensors)[:3])
    return InputError(
        f"{name} is no upsampler: its tensors have other names ({some}, ...).",
        "Choose an upsampler of this program, or a checkpoint of FM boosting.",
    )
