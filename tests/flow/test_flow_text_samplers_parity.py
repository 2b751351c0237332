"""The samplers on the text-conditional networks against the published system's stored runs."""

from __future__ import annotations

import pytest
import torch
from patch_forcing_vectors import (
    SAMPLER_TOLERANCE,
    difference,
    settings,
    tensors,
    text,
    text_baseline_model,
    text_model,
)

from pfstudio.core.guidance import ClassifierFree
from pfstudio.core.samplers import DualLoop, Euler, LookAhead, Sampler
from pfstudio.flow.guidance import GuidedField
from pfstudio.flow.guidance.predict import Predict
from pfstudio.flow.samplers import sample
from pfstudio.flow.step import InitialState
from pfstudio.nn.interface import Backbone
from pfstudio.nn.modulation import ForwardCache

CASES = settings("t2i/vectors")["cases"]


def sampler_of(case: dict) -> Sampler:
    params, steps = case["sampler"]["params"], case["num_steps"]
    kind = case["sampler"]["target"].rsplit(".", 1)[1]
    if kind == "EulerPF":
        return Euler(steps)
    if kind == "DualLoopSampler":
        return DualLoop(steps, params["n_inner"], params["p"])
    return LookAhead(steps, params["p"], params["context_t_ratio"])


def run(model: Backbone, folder: str, sampler: Sampler, scale: float) -> tuple[int, torch.Tensor]:
    """Network evaluations and the final state."""
    vectors, cache = tensors(f"{folder}/vectors"), ForwardCache()

    @torch.inference_mode()
    def network(x, t, condition):
        return model(x, t, condition, cache=cache)

    null = text(vectors["txt_emb_null"].expand_as(vectors["txt_emb"]))
    predict = Predict(network, 2, null)
    field = GuidedField(predict, text(vectors["txt_emb"]), ClassifierFree(scale))
    steps, count = sample(field, InitialState(vectors["x"], torch.zeros(2, 4, 4)), sampler), 0
    while True:
        try:
            next(steps)
            count += 1
        except StopIteration as end:
            return count, end.value


@pytest.mark.parametrize("name", CASES)
def test_a_run_by_text_equals_the_published_one(name):
    case = CASES[name]
    calls, result = run(text_model(), "t2i", sampler_of(case), case["cfg_scale"])
    assert calls == case["model_calls"]
    assert difference(result, tensors("t2i/vectors")[f"{name}/x_final"]) < SAMPLER_TOLERANCE


def test_a_run_of_the_text_baseline_equals_the_published_one():
    case = settings("dit_t2i/vectors")["euler_cfg"]
    sampler = Euler(case["num_steps"])
    _, result = run(text_baseline_model(), "dit_t2i", sampler, case["cfg_scale"])
    expected = tensors("dit_t2i/vectors")["euler_cfg/x_final"]
    assert difference(result, expected) < SAMPLER_TOLERANCE
