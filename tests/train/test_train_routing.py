"""Training with token routing: which tokens are computed, and what the card says."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from text_encoders import write_bert
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook
from toy_backbone import registered
from train_worlds import (
    autoencoder_recipe,
    caption_recipe,
    generator_recipe,
    toy_recipe,
    write_caption_world,
    write_world,
)

from pfstudio.core.errors import InputError
from pfstudio.core.routes import Route
from pfstudio.nn.layers import Block
from pfstudio.nn.text_layers import TextBlock
from pfstudio.train.arguments import TrainingSession
from pfstudio.train.session import run_session
from pfstudio.weights.load import load_network


@pytest.fixture
def world(tmp_path: Path) -> Path:
    write_world(tmp_path)
    return tmp_path


def session(recipe: Path, out: str) -> TrainingSession:
    return TrainingSession(recipe, recipe.parent, recipe.parent / out, device="cpu")


def losses(folder: Path) -> list[str]:
    with (folder / "log.csv").open(newline="", encoding="utf-8") as file:
        return [row["loss"] for row in csv.DictReader(file)]


def routed(recipe: Path, routes: str = "[{ start = 2, end = 2, share = 0.25 }]") -> Path:
    """The same recipe with routes."""
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(
        text.replace("[training]", f"[training]\nroutes = {routes}"), encoding="utf-8"
    )
    return recipe


def trained_tokens(kind: type[nn.Module], run: Callable[[], object]) -> list[int]:
    """Tokens of a picture that each block computed, call by call, while training."""
    seen: list[int] = []

    def hook(module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
        if isinstance(module, kind) and torch.is_grad_enabled():
            seen.append(given[0].shape[1])

    with register_module_forward_hook(hook):
        run()
    return seen


def test_routed_training_skips_patches_and_the_card_says_so(world: Path) -> None:
    recipe = routed(generator_recipe(world))
    seen = trained_tokens(Block, lambda: run_session(session(recipe, "routed")))
    assert seen == [4, 3] * 6
    card = load_network(world / "routed" / "model").card
    assert card.routes == (Route(2, 2, 0.25),)
    assert "25 % of the patches skip block 2" in card.training
    dense = generator_recipe(world)
    run_session(session(dense, "dense"))
    first, second = (losses(world / out)[0] for out in ("dense", "routed"))
    assert first == second  # a fresh network predicts 0, and all else is drawn alike
    assert losses(world / "dense")[-1] != losses(world / "routed")[-1]


def test_a_text_model_trains_with_routes(world: Path) -> None:
    write_caption_world(world, write_bert)
    recipe = routed(caption_recipe(world))
    seen = trained_tokens(TextBlock, lambda: run_session(session(recipe, "routed")))
    assert seen == [1, 1] * 3 + [4, 3] * 3  # the first half looks at images of half the side


@pytest.mark.parametrize(
    ("routes", "sentence"),
    [
        ("[{ start = 2, end = 3 }]", "does not fit 2 blocks"),
        ("[{ start = 1, share = 1.0 }]", "Share is 1"),
        ("[{ begin = 1 }]", "training.routes.begin is unknown"),
        ("[2]", "must be a table"),
        ("2", "training.routes cannot be 2"),
    ],
)
def test_routes_that_cannot_be_used_are_named(world: Path, routes: str, sentence: str) -> None:
    recipe = routed(generator_recipe(world), routes)
    with pytest.raises(InputError, match=re.escape(sentence)):
        run_session(session(recipe, "out"))


def test_only_networks_of_blocks_take_routes(world: Path) -> None:
    write_caption_world(world, write_bert)
    recipe = routed(toy_recipe(world))
    with registered(), pytest.raises(InputError, match="cannot route patches"):
        run_session(session(recipe, "out"))
    recipe = routed(autoencoder_recipe(world))
    with pytest.raises(InputError, match=r"training\.routes belong to a generator"):
        run_session(session(recipe, "out"))
