"""Runs with Sparse Guidance: what is recorded, made again, and counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from small_models import (
    ROUTES,
    install_small_model,
    install_small_routed_model,
    small_model,
    small_routed_model,
)
from torch.utils.flop_counter import FlopCounterMode

import pfstudio
from pfstudio.core.card import WEIGHTS_NAME
from pfstudio.core.conditions import labels
from pfstudio.core.errors import InputError
from pfstudio.core.guidance import ClassifierFree, NoGuidance
from pfstudio.core.paint import Paint
from pfstudio.core.requests import Branch, GenerateRequest
from pfstudio.core.routes import tokens_of_blocks
from pfstudio.core.samplers import Euler
from pfstudio.core.sparse_guidance import Auto, AutoSparse, Sparse, SparseClassifierFree
from pfstudio.core.trace_file import read_trace, write_trace
from pfstudio.engine.api import Run
from pfstudio.engine.estimate import estimate
from pfstudio.engine.model import Model
from pfstudio.nn.condition import ClassLabels, TextEmbeddings
from pfstudio.nn.interface import Backbone
from pfstudio.nn.patch_forcing import PatchForcingConfig, PatchForcingTransformer, flops
from pfstudio.nn.text_architectures import TEXT_PATCH_FORCING
from pfstudio.nn.text_patch_forcing import TextPatchForcingConfig, TextPatchForcingTransformer
from pfstudio.nn.token_routing import random_selection

TOKENS = 16  # patches of the small model's image


@pytest.fixture(scope="module")
def model() -> Model:
    return small_routed_model()


def same(first: npt.NDArray[Any] | None, second: npt.NDArray[Any] | None) -> bool:
    assert first is not None
    assert second is not None
    return np.array_equal(first, second)


def made(model: Model, guidance: object, **about: object) -> Run:
    steps = {"sampler": Euler(4)} | about
    return pfstudio.generate(model, [1, 2], guidance=guidance, seed=5, **steps)  # type: ignore[arg-type]


def test_masks_and_difference_are_recorded(model: Model, tmp_path: Path) -> None:
    run = made(model, Sparse(2.0, 0.25, 0.75, t_max=0.6))
    kept, gap = run.trace.kept, run.trace.difference
    assert kept is not None
    assert gap is not None
    assert kept.shape == (4, 2, 2, 1, 4, 4)
    assert kept.sum(axis=(3, 4, 5)).tolist() == [[[12, 4]] * 2] * 3 + [[[16, 0]] * 2]
    assert (gap[:3] > 0).all()
    assert (gap[3] == 0).all()
    # A sparse pass, and a weak one whose first layer is the strong one's; then a plain one.
    sparse = (2 * 16 + 2 * 12) + (2 * 4 + 16)
    assert run.trace.tokens.tolist() == [2 * sparse // 4] * 3 + [2 * TOKENS]
    write_trace(run.trace, tmp_path / "a.pftrace")
    again = read_trace(tmp_path / "a.pftrace")
    assert same(again.kept, kept)
    assert same(again.difference, gap)
    assert same(again.flops, run.trace.flops)
    assert made(model, ClassifierFree(2.0)).trace.kept is None


@pytest.mark.parametrize("masks", ["fresh", "difficulty"])
def test_recorded_masks_make_the_run_again(model: Model, tmp_path: Path, masks: str) -> None:
    rule = Sparse(2.0, 0.25, 0.75, masks)
    first = made(model, rule)
    path = tmp_path / "a.pftrace"
    write_trace(first.trace, path)
    # Whatever the masks would be otherwise, and however many patches would stay:
    other = made(model, Sparse(2.0, 0.5, 0.9, "nested"))
    assert not same(other.latents, first.latents)
    again = made(model, Sparse(2.0, 0.5, 0.9, "nested"), masks_file=str(path))
    assert same(again.latents, first.latents)
    assert same(again.trace.kept, first.trace.kept)
    with pytest.raises(InputError, match="4 calls"):
        made(model, rule, masks_file=str(path), sampler=Euler(5))
    with pytest.raises(InputError, match="other images"):
        pfstudio.generate(model, 1, guidance=rule, masks_file=str(path), sampler=Euler(4))
    with pytest.raises(InputError, match="has no masks"):
        made(model, NoGuidance(), masks_file=str(path))
    write_trace(replace(first.trace, kept=None), path)
    with pytest.raises(InputError, match="holds no masks"):
        made(model, rule, masks_file=str(path))


def test_difficult_patches_stay(model: Model) -> None:
    trace = made(model, Sparse(2.0, 0.25, 0.75, "difficulty")).trace
    assert trace.kept is not None
    for call in range(1, 4):
        for image in range(2):
            before = trace.difficulty[call - 1, image]
            hardest = before >= np.sort(before.ravel())[-4]
            assert np.array_equal(trace.kept[call, image, 1, 0].astype(bool), hardest)


def test_images_do_not_depend_on_each_other(model: Model) -> None:
    both = made(model, Sparse(2.0, masks="blue-noise"))
    alone = pfstudio.generate(
        model, 2, guidance=Sparse(2.0, masks="blue-noise"), seed=6, sampler=Euler(4)
    )
    np.testing.assert_allclose(both.latents[1], alone.latents[0], atol=1e-5)


def test_a_branch_goes_on_with_the_masks_of_its_run(model: Model, tmp_path: Path) -> None:
    rule = Sparse(2.0, 0.25, 0.75, "difficulty")
    first = made(model, rule)
    assert first.trace.kept is not None
    write_trace(first.trace, tmp_path / "a.pftrace")
    branch = pfstudio.core.requests.Branch(str(tmp_path / "a.pftrace"), 2)
    rest = made(model, rule, branch=branch)
    assert same(rest.trace.kept, first.trace.kept[2:])


def test_the_schedule_goes_by_the_patches_that_are_not_frozen(model: Model, tmp_path: Path) -> None:
    Image.new("RGB", (32, 32), "green").save(tmp_path / "a.png")
    paint = (Paint.FIXED,) * 12 + (Paint.FREE,) * 4
    rule = Sparse(2.0, 0.0, 0.5, schedule="half-cosine")
    kept = made(model, rule, image_file=str(tmp_path / "a.png"), paint=paint).trace.kept
    assert kept is not None
    assert kept[:, 0].sum(axis=(2, 3, 4))[0].tolist() == [16, 8]  # as at the start of any run


def test_a_branch_of_the_first_images_takes_their_masks(model: Model, tmp_path: Path) -> None:
    first = made(model, Sparse(2.0, 0.25, 0.75)).trace
    write_trace(first, tmp_path / "masks.pftrace")
    assert first.kept is not None
    begun = {name: getattr(first, name)[:, :1] for name in ("time", "difficulty", "role", "speed")}
    assert first.states is not None
    assert first.predictions is not None
    begun |= {"states": first.states[:, :1], "predictions": first.predictions[:, :1]}
    one = replace(first, noise=first.noise[:1], latents=first.latents[:1], kept=None,
                  difference=None, **begun)  # fmt: skip
    write_trace(one, tmp_path / "a.pftrace")
    rest = pfstudio.generate(
        model, 1, guidance=Sparse(2.0, 0.5, 0.9), seed=5, sampler=Euler(4),
        branch=Branch(str(tmp_path / "a.pftrace"), 2), masks_file=str(tmp_path / "masks.pftrace"),
    )  # fmt: skip
    assert same(rest.trace.kept, first.kept[2:, :1])


@pytest.mark.parametrize(
    "rule",
    [
        NoGuidance(),
        ClassifierFree(2.0),
        Sparse(2.0, 0.3, 0.7),
        SparseClassifierFree(2.0, 0.3, 0.7),
        Sparse(2.0, 0.1, 0.6, schedule="half-cosine", t_min=0.2, t_max=0.8),
    ],
)
def test_the_estimate_is_what_the_run_counts(model: Model, rule: object) -> None:
    request = GenerateRequest(conditions=labels(1, 2), sampler=Euler(8), guidance=rule)  # type: ignore[arg-type]
    told = estimate(model, request).tflop * 1e12
    trace = made(model, rule, sampler=Euler(8)).trace
    assert trace.flops is not None
    assert trace.flops.sum() == pytest.approx(told, rel=1e-9)


def networks() -> dict[str, tuple[Backbone, object, object]]:
    text = TextEmbeddings(torch.randn(1, 3, 8), torch.ones(1, 3, dtype=torch.bool))
    small = PatchForcingConfig(hidden_size=64, depth=4, num_heads=2, input_size=32)
    text_config = TextPatchForcingConfig(
        hidden_size=64, depth=4, head_dim=32, mapping_dim=16, mapping_depth=1, text_dim=8,
        refiner_dim=16, refiner_head_dim=8, refiner_depth=1,
    )  # fmt: skip
    return {
        "class": (PatchForcingTransformer(small), ClassLabels(torch.tensor([1])), flops),
        "text": (TextPatchForcingTransformer(text_config), text, TEXT_PATCH_FORCING.flops),
    }


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["class", "text"])
def test_the_count_is_that_of_torch(kind: str, share: float) -> None:
    """What is left out is said: modulations and words; their part is measured beside it."""
    network, condition, count = networks()[kind]
    network.eval()
    network.kernels = replace(network.kernels, attention="matmul")
    x, t = torch.randn(1, 4, 32, 32), torch.full((1, 16, 16), 0.5)
    routes = (replace(ROUTES[0], share=share),)
    selection = random_selection(routes, 1, 256, torch.Generator())
    blocks = selection.tokens_of_blocks(256, 4)
    assert blocks == tokens_of_blocks(256, 4, routes, [256 - int(256 * share)])

    def counted(chosen: object) -> float:
        cache = pfstudio.nn.modulation.ForwardCache()
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            network(x, t, condition, selection=chosen, cache=cache)
        return counter.get_total_flops()

    ours = count(network.config, 256, blocks)  # type: ignore[operator]
    assert counted(selection) == pytest.approx(ours, rel=0.06)
    saved = count(network.config, 256) - ours  # type: ignore[operator]
    assert counted(None) - counted(selection) == pytest.approx(saved, rel=0.06, abs=1.0)


def test_another_model_is_the_weak_one(tmp_path: Path) -> None:
    install_small_routed_model("strong")
    weak = install_small_routed_model("early")
    tensors = load_file(weak / WEIGHTS_NAME)
    scaled = {name: 0.7 * value for name, value in tensors.items()}
    save_file(scaled, weak / WEIGHTS_NAME)
    strong = pfstudio.load("strong", device="cpu", precision="float32")
    early = pfstudio.load("early", device="cpu", precision="float32")
    run = made(strong, Auto(2.0, "early"))
    assert run.trace.kept is None
    assert run.trace.difference is not None
    assert (run.trace.difference > 0).all()
    x, t = torch.from_numpy(run.trace.noise), 0.0
    near, far = (model.velocity(x, t, [1, 2])[0] for model in (strong, early))
    reached = run.trace.predictions
    assert reached is not None
    torch.testing.assert_close(
        torch.from_numpy(reached[0]).float(), x + far + 2 * (near - far), atol=1e-2, rtol=1e-2
    )
    request = run.trace.request
    assert run.trace.flops is not None
    assert run.trace.flops.sum() == pytest.approx(1e12 * estimate(strong, request).tflop)
    assert made(strong, AutoSparse(2.0, "early")).trace.kept is not None
    assert request.without_folders().guidance == Auto(2.0, "early")
    install_small_model()
    with pytest.raises(InputError, match="other routes"):
        made(strong, AutoSparse(2.0, "small"))
    with pytest.raises(InputError, match="needs a weak model"):
        made(strong, Auto(2.0))


def test_a_model_without_routes_and_settings_that_cannot_help_are_told(model: Model) -> None:
    with pytest.raises(InputError, match="trained with token routing"):
        made(small_model(), Sparse())
    said: list[str] = []
    made(
        model,
        Sparse(2.0, 0.7, 0.3),
        on_event=lambda event: said.extend(getattr(event, "notices", ())),
    )
    assert any("wrong way" in sentence for sentence in said)
