"""Small networks with random weights, for tests of the engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from text_encoders import write_bert

from pfstudio.core.card import CARD_NAME, WEIGHTS_NAME, ModelCard
from pfstudio.core.models import models_folder
from pfstudio.core.requests import Compute
from pfstudio.core.routes import Route
from pfstudio.engine.execution import choose_execution, default_execution
from pfstudio.engine.model import Model
from pfstudio.engine.upscale_model import UpscaleModel
from pfstudio.nn.autoencoder import AutoencoderConfig, VariationalAutoencoder
from pfstudio.nn.depth_unet import EMBEDDING, DepthUNet, DepthUNetConfig
from pfstudio.nn.dit import DiffusionTransformer
from pfstudio.nn.latent_upsampler import PATCH_UPSAMPLER, PatchUpsampler, PatchUpsamplerConfig
from pfstudio.nn.patch_forcing import PatchForcingConfig, PatchForcingTransformer
from pfstudio.nn.text_patch_forcing import TextPatchForcingConfig, TextPatchForcingTransformer
from pfstudio.nn.zigma import PatchForcingZigMa, PatchForcingZigMaConfig
from pfstudio.weights.autoencoders import OwnAutoencoder, Scaling
from pfstudio.weights.build import sizes_of
from pfstudio.weights.cards import described
from pfstudio.weights.upsampler import LoadedUpsampler

CLASSES = ("cat", "dog", "red fox", "arctic fox, white fox", "tree")
_CONFIG = PatchForcingConfig(
    input_size=8, hidden_size=32, depth=2, num_heads=2, num_classes=len(CLASSES)
)
_AUTOENCODER = AutoencoderConfig(
    widths=(8, 8), encoder_blocks=(1, 1), decoder_blocks=(1, 1), preview_width=8
)


def _network(
    kind: type[PatchForcingTransformer], config: PatchForcingConfig = _CONFIG
) -> PatchForcingTransformer:
    """Every weight random, so that time, class and place all matter and difficulty varies."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = kind(config)
        for parameter in network.parameters():
            if parameter.requires_grad:
                torch.nn.init.normal_(parameter, std=0.08)
    return network.eval()


def small_autoencoder() -> VariationalAutoencoder:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return VariationalAutoencoder(_AUTOENCODER).eval()


def small_model(precision: str = "float32", *, difficulty: bool = True) -> Model:
    """8 x 8 latents of 4 channels, 4 x 4 patches, 5 classes, pictures of 32 px."""
    network = _network(PatchForcingTransformer if difficulty else DiffusionTransformer)
    execution = choose_execution(Compute("cpu", precision, 1), network)
    kind = "patch-forcing" if difficulty else "dit"
    card = described(
        ModelCard("small", "Small", kind, sizes_of(network), classes=CLASSES, pixels=32)
    )
    return Model(network, card, execution, OwnAutoencoder(small_autoencoder(), Scaling()))


ROUTES = (Route(2, 3, 0.5),)


def small_routed_model() -> Model:
    """As `small_model` with four layers, two of them in a route."""
    network = _network(PatchForcingTransformer, replace(_CONFIG, depth=4))
    execution = choose_execution(Compute("cpu", "float32", 1), network)
    return Model(
        network,
        _routed_card("routed", network),
        execution,
        OwnAutoencoder(small_autoencoder(), Scaling()),
    )


def install_small_routed_model(name: str = "routed") -> Path:
    """The same as an installed model."""
    network = _network(PatchForcingTransformer, replace(_CONFIG, depth=4))
    _install(network, _routed_card(name, network))
    install_small_autoencoder()
    return models_folder() / name


def _routed_card(name: str, network: PatchForcingTransformer) -> ModelCard:
    return described(
        ModelCard(
            name,
            "Routed",
            "patch-forcing",
            sizes_of(network),
            "small-ae",
            classes=CLASSES,
            pixels=32,
            routes=ROUTES,
            default_guidance=2.0,
        )
    )


def install_small_model(name: str = "small") -> Path:
    """The same model with its autoencoder as installed models in the user's folder."""
    network = _network(PatchForcingTransformer)
    card = ModelCard(
        name,
        "Small",
        "patch-forcing",
        sizes_of(network),
        "small-ae",
        classes=CLASSES,
        pixels=32,
        default_guidance=2.0,
    )
    _install(network, card)
    install_small_autoencoder()
    return models_folder() / name


def small_zigma_model() -> Model:
    """As `small_model` on the zigzag Mamba backbone, with three layers."""
    network = _zigma_network()
    execution = choose_execution(Compute("cpu", "float32", 1), network)
    autoencoder = OwnAutoencoder(small_autoencoder(), Scaling())
    return Model(network, described(_zigma_card(network)), execution, autoencoder)


def install_small_zigma_model() -> Path:
    """The same as an installed model."""
    network = _zigma_network()
    _install(network, _zigma_card(network))
    install_small_autoencoder()
    return models_folder() / "small-zigma"


def _zigma_card(network: PatchForcingZigMa) -> ModelCard:
    return ModelCard(
        "small-zigma", "Small zigzag", "zigma-patch-forcing", sizes_of(network), "small-ae",
        classes=CLASSES, pixels=32, default_guidance=2.0,
    )  # fmt: skip


def _zigma_network() -> PatchForcingZigMa:
    """Every weight random, so that the order of the scan matters."""
    config = PatchForcingZigMaConfig(
        input_size=8, patch_size=2, hidden_size=32, depth=3, num_classes=len(CLASSES)
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        network = PatchForcingZigMa(config)
        for name, parameter in network.named_parameters():
            if not name.endswith("A_log"):
                torch.nn.init.normal_(parameter, std=0.2)
    return network.eval()


def install_small_depth_model(name: str = "small-depth") -> Path:
    """A depth model for pictures of 32 px, its autoencoder that of `install_small_model`."""
    config = DepthUNetConfig(
        model_channels=32,
        channel_mult=(1, 2),
        num_res_blocks=1,
        attention_resolutions=(2,),
        num_heads=2,
        context_dim=16,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        network = DepthUNet(config).eval()
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.05)
        embedding = torch.randn(1, 3, 16)
    sizes = {**sizes_of(network), "noising_step": 400}
    card = ModelCard(name, "Small depth", "depth-fm", sizes, "small-ae", pixels=32)
    install_small_autoencoder()
    _write(card, {**network.state_dict(), EMBEDDING: embedding})
    return models_folder() / name


def small_upsampler_network() -> PatchUpsampler:
    """Every weight random; patches of 2 latents, a reach of 8."""
    config = PatchUpsamplerConfig(patch=2, widths=(16, 16), blocks=(1, 1), embedding=16)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        network = PatchUpsampler(config).eval()
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.15)
    return network


def small_upsampler() -> UpscaleModel:
    """Twice the side, with the small autoencoder."""
    network = small_upsampler_network()
    autoencoder = OwnAutoencoder(small_autoencoder(), Scaling())
    loaded = LoadedUpsampler(network, _upsampler_card(network), 120, resize="bicubic")
    return UpscaleModel(loaded, autoencoder, default_execution(Compute("cpu", "float32", 1)))


def install_small_upsampler() -> Path:
    """The same as an installed model."""
    network = small_upsampler_network()
    install_small_autoencoder()
    _install(network, _upsampler_card(network))
    return models_folder() / "small-upsampler"


def _upsampler_card(network: PatchUpsampler) -> ModelCard:
    sizes = {**sizes_of(network), "noising_step": 120, "resize": "bicubic"}
    return ModelCard(
        "small-upsampler", "Small upsampler", PATCH_UPSAMPLER.name, sizes, "small-ae", pixels=32
    )


def install_small_autoencoder() -> None:
    """ "small-ae", once for all that share it."""
    if not (models_folder() / "small-ae").exists():
        autoencoder = small_autoencoder()
        card = ModelCard("small-ae", "AE", "autoencoder-kl", sizes_of(autoencoder))
        _install(autoencoder, card)


def _install(module: torch.nn.Module, card: ModelCard) -> None:
    _write(card, module.state_dict())


def _write(card: ModelCard, state: dict[str, torch.Tensor]) -> None:
    folder = models_folder() / card.name
    folder.mkdir(parents=True)
    save_file({key: value.contiguous() for key, value in state.items()}, folder / WEIGHTS_NAME)
    (folder / CARD_NAME).write_text(described(card).to_json(), encoding="utf-8")


def small_text_network() -> TextPatchForcingTransformer:
    """Every weight random; 4 x 4 patches, two layers, tokens of 16 numbers."""
    config = TextPatchForcingConfig(
        input_size=8, hidden_size=32, depth=2, head_dim=16, mapping_dim=8, mapping_depth=1,
        text_dim=16, refiner_dim=32, refiner_head_dim=16, refiner_depth=1,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        network = TextPatchForcingTransformer(config)
        for parameter in network.parameters():
            if parameter.requires_grad:
                parameter.data.add_(0.2 * torch.randn_like(parameter))
    return network.eval()


def install_small_text_model(name: str = "small-text", **about: Any) -> Path:
    """A model that takes prompts, its encoder and autoencoder as installed models.

    `about` is what else its card says.
    """
    network = small_text_network()
    card = ModelCard(
        name, "Small text", "text-patch-forcing", sizes_of(network), "small-ae", pixels=32,
        condition="text", text_encoder="small-bert", default_guidance=2.0, **about,
    )  # fmt: skip
    _install(network, card)
    encoder = models_folder() / "small-bert"
    encoder.mkdir()
    write_bert(encoder)
    install_small_autoencoder()
    return models_folder() / name
