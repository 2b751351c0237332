"""An exported text model through the doors that people use: its empty text, its text read once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from small_models import install_small_model
from text_encoders import write_bert

import pfstudio
from pfstudio.cli.main import main
from pfstudio.core.card import ModelCard
from pfstudio.core.conditions import Prompt
from pfstudio.core.errors import InputError
from pfstudio.core.guidance import ClassifierFree, Guidance, NoGuidance
from pfstudio.core.models import models_folder
from pfstudio.core.requests import Compute, GenerateRequest
from pfstudio.core.trace_file import read_trace
from pfstudio.engine.bench_sampling import random_network
from pfstudio.engine.estimate import estimate
from pfstudio.engine.execution import choose_execution
from pfstudio.engine.model import Model
from pfstudio.nn.text_patch_forcing import TextPatchForcingConfig
from pfstudio.nn.zigma import TextZigMa, TextZigMaConfig
from pfstudio.train.export import export_model
from pfstudio.weights.build import sizes_of
from pfstudio.weights.cards import described
from pfstudio.weights.text_encoders import load_text_encoder

SIZES = TextPatchForcingConfig(
    4, 8, 2, hidden_size=32, depth=2, head_dim=16, mapping_dim=8, mapping_depth=1,
    text_dim=16, refiner_dim=32, refiner_head_dim=16, refiner_depth=1,
)  # fmt: skip
LAYERS = {"text": "txt_refiner.0.ff.up_proj", "keys": "blocks.1.cross_attn.kv_proj"}


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    return write_bert(tmp_path / "encoder")


@pytest.fixture(autouse=True)
def folder(encoder: Path) -> Path:
    """A tiny text model, exported as a training does it, beside the autoencoder "small-ae"."""
    install_small_model()
    network = random_network("text-patch-forcing", SIZES)
    card = ModelCard(
        "tiny-text", "Tiny", "text-patch-forcing", sizes_of(network), "small-ae",
        text_encoder=str(encoder), pixels=32, default_guidance=3.0,
    )  # fmt: skip
    export_model(network.state_dict(), card, models_folder() / "tiny-text")
    return models_folder() / "tiny-text"


def test_guidance_leads_away_from_the_empty_text_unasked(encoder: Path) -> None:
    model = pfstudio.load("tiny-text", "cpu", "float32", 1)
    run = pfstudio.generate(model, prompts="a red fox", sampler="euler", steps=1, seed=4)
    assert run.trace.request.guidance == ClassifierFree(3.0)
    own, empty = (load_text_encoder(str(encoder))([text]).embeddings for text in ("a red fox", ""))
    noise = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(4))
    toward, away = (model.velocity(noise, 0.0, text)[0] for text in (own, empty))
    wanted = noise + away + 3.0 * (toward - away)
    np.testing.assert_allclose(run.latents, wanted.numpy(), rtol=1e-4, atol=1e-5)
    assert (toward - away).abs().max() > 0.01
    none, _ = model.velocity(noise, 0.0)
    torch.testing.assert_close(none, away)


def test_a_model_that_knows_no_empty_text_is_guided_by_a_negative_prompt_alone(
    encoder: Path,
) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        sizes = TextZigMaConfig(4, 8, 2, hidden_size=32, depth=2, text_dim=16)
        network = TextZigMa(sizes).eval()
    card = ModelCard(
        "tiny-zigma", "Tiny", "zigma-text", sizes_of(network), "small-ae",
        text_encoder=str(encoder), pixels=32,
    )  # fmt: skip
    compute = choose_execution(Compute("cpu", "float32", 1), network)
    model = Model(network, described(card), compute)
    run = pfstudio.generate(model, prompts="a red fox", nfe=2)
    assert run.trace.request.guidance == NoGuidance()
    with pytest.raises(InputError, match="trained without a null condition"):
        pfstudio.generate(model, prompts="a red fox", guidance="cfg", scale=3.0, nfe=2)
    led = pfstudio.generate(
        model, prompts="a red fox", negative="blue", guidance="cfg", scale=3.0, nfe=2
    )
    assert np.abs(led.latents - run.latents).max() > 0.001


def test_the_command_line_makes_the_same_picture(tmp_path: Path) -> None:
    trace = tmp_path / "x.pftrace"
    flags = ["--prompt", "a red fox", "--negative", "blue", "--seed", "4", "--steps", "2"]
    flags += ["--device", "cpu", "--precision", "float32", "--threads", "1"]
    out = ["--out", str(tmp_path / "out"), "--trace", str(trace)]
    assert main(["generate", "--model", "tiny-text", *flags, *out]) == 0
    model = pfstudio.load("tiny-text", "cpu", "float32", 1)
    run = pfstudio.generate(model, prompts="a red fox", negative="blue", seed=4, steps=2)
    np.testing.assert_allclose(read_trace(trace).latents, run.latents, rtol=1e-4, atol=1e-5)
    other = pfstudio.generate(model, prompts="a red fox", seed=4, steps=2)
    assert np.abs(other.latents - run.latents).max() > 0.001


@pytest.mark.parametrize("guidance", [NoGuidance(), ClassifierFree(2.0)])
def test_a_run_reads_its_texts_once(guidance: NoGuidance | ClassifierFree) -> None:
    model = pfstudio.load("tiny-text", "cpu", "float32", 1)
    read = dict.fromkeys(LAYERS, 0)

    def count(what: str) -> Callable[..., None]:
        def add(*call: object) -> None:
            read[what] += 1

        return add

    for what, layer in LAYERS.items():
        model.network.get_submodule(layer).register_forward_hook(count(what))
    run = pfstudio.generate(model, prompts=["a fox", "blue apple"], guidance=guidance, nfe=8)
    assert run.trace.nfe == 8
    assert read == {"text": 1, "keys": 1}


@pytest.mark.parametrize("guidance", [NoGuidance(), ClassifierFree(2.0)])
def test_a_run_does_not_depend_on_what_was_read_before(guidance: Guidance) -> None:
    def fox(model: Model, negative: str = "") -> np.ndarray:
        return pfstudio.generate(
            model, prompts="fox", negative=negative, guidance=guidance, seed=4, nfe=4
        ).latents

    fresh, used = (pfstudio.load("tiny-text", "cpu", "float32", 1) for _ in range(2))
    fox(used, "blue apple, red apple, blue fox, red fox, an apple")
    np.testing.assert_array_equal(fox(used), fox(fresh))


def test_tokens_are_counted_of_the_prompt_alone(encoder: Path) -> None:
    model = pfstudio.load("tiny-text", "cpu", "float32", 1)
    prompts = (Prompt("a red fox", "blue apple, red apple, blue fox"), Prompt("fox"))
    told = estimate(model, GenerateRequest(model="tiny-text", conditions=prompts))
    assert [told.prompt_tokens] == load_text_encoder(str(encoder)).count_tokens(["a red fox"])


def test_kernels_are_chosen_by_measurement() -> None:
    model = pfstudio.load("tiny-text", "cpu", "auto", 0)
    assert any(line.startswith("block, bfloat16") for line in model.execution.measured)
    assert model.execution.seconds is not None


def test_frequencies_are_exact_in_every_precision(folder: Path) -> None:
    exact = random_network("text-patch-forcing", SIZES).state_dict()
    half = pfstudio.load("tiny-text", "cpu", "bfloat16", 1)
    assert half.execution.precision == "bfloat16"
    stored, held = load_file(folder / "model.safetensors"), half.network.state_dict()
    names = [name for name in exact if name.endswith((".freqs", "time_emb.weight"))]
    assert len(names) == 6
    for name in names:
        assert torch.equal(stored[name], exact[name])
        assert torch.equal(held[name], exact[name])
    x = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(0))
    float32 = pfstudio.load("tiny-text", "cpu", "float32", 1)
    wanted, found = (model.velocity(x, 0.7)[0] for model in (float32, half))
    assert 1e-5 < float((found - wanted).norm() / wanted.norm()) < 3e-2
