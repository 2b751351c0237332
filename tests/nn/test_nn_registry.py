"""Every entry of the registry says what the rest of the program asks."""

from __future__ import annotations

from dataclasses import is_dataclass

import pytest
import torch

from pfstudio.core.errors import InputError
from pfstudio.core.models import installed_models
from pfstudio.nn.architecture import Architecture
from pfstudio.nn.autoencoder import AUTOENCODER_KL, AutoencoderConfig, VariationalAutoencoder
from pfstudio.nn.interface import Backbone
from pfstudio.nn.patch_forcing import PatchForcingConfig, activation_bytes, flops
from pfstudio.nn.registry import ARCHITECTURES, find_architecture, recognise
from pfstudio.weights.build import without_values
from pfstudio.weights.cards import described

OWN = [a for a in ARCHITECTURES.values() if is_dataclass(a.config)]
GENERATORS = [a for a in ARCHITECTURES.values() if a.task == "generate"]


def network(architecture: Architecture) -> torch.nn.Module:
    with without_values():
        return architecture.network(architecture.config())


@pytest.mark.parametrize("architecture", OWN, ids=lambda a: a.name)
def test_its_own_tensors_are_recognised_and_tell_its_sizes(architecture: Architecture) -> None:
    made = network(architecture)
    state = made.state_dict()
    assert recognise(state) is architecture
    assert architecture.convert(state, "x").keys() == state.keys()
    assert isinstance(getattr(made.config, architecture.channels), int)
    if architecture.name == "patch-upsampler":
        with pytest.raises(InputError, match="not its sizes"):
            architecture.infer(state, {}, "x", 0)
        return
    values = architecture.infer(state, {}, "x", 0).values
    known = {key: value for key, value in values.items() if hasattr(made.config, key)}
    assert architecture.config(**known) == made.config


@pytest.mark.parametrize("architecture", GENERATORS, ids=lambda a: a.name)
def test_a_generator_says_what_a_run_costs(architecture: Architecture) -> None:
    made = network(architecture)
    assert isinstance(made, Backbone)
    config = made.config
    assert architecture.condition in ("class", "text", "none")
    assert architecture.time in ("uniform", "per patch")
    assert architecture.layers(config) == config.depth
    assert architecture.flops(config, 512) >= 2 * architecture.flops(config, 256) > 0
    assert architecture.activation_bytes(config, 256, 4) > 4 * 256 * config.hidden_size
    assert architecture.pixels(config) == 256
    assert architecture.has_difficulty(config) is (architecture.time == "per patch")


def test_the_published_size_costs_what_its_paper_says() -> None:
    assert flops(PatchForcingConfig(), 256) / 2e9 == pytest.approx(23.0, abs=0.1)
    halves = activation_bytes(PatchForcingConfig(), 256, 2)
    assert activation_bytes(PatchForcingConfig(), 256, 4) == 2 * halves


def test_an_autoencoder_of_our_own_tells_all_its_sizes() -> None:
    config = AutoencoderConfig(3, (8, 12), (2, 1), (1, 3), 6)
    state = VariationalAutoencoder(config).state_dict()
    assert AutoencoderConfig(**AUTOENCODER_KL.infer(state, {}, "x", 0).values) == config


def test_foreign_tensors_and_unknown_names_belong_to_none() -> None:
    assert recognise({"a.weight": torch.ones(2)}) is None
    with pytest.raises(InputError, match="no architecture 'other'"):
        find_architecture("other")


def test_the_shipped_cards_say_what_the_registry_says() -> None:
    shipped = [model.card for model in installed_models() if model.shipped]
    assert len(shipped) >= 4
    for card in shipped:
        assert described(card) == card, card.name
