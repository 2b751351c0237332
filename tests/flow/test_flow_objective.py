"""Losses and gradients against the stored vectors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from patch_forcing_vectors import as_map, baseline_model, difference, main_model, settings, tensors
from torch import nn

from pfstudio.flow.objective import (
    flow_matching_loss,
    gaussian_nll,
    patch_forcing_loss,
    validation_losses,
)
from pfstudio.flow.path import interpolate, target_velocity
from pfstudio.nn.condition import ClassLabels

RELATIVE = 1e-5


@pytest.fixture
def model() -> Iterator[nn.Module]:
    model = main_model()
    bias = model.final_layer.linear.bias
    before = bias.detach().clone()
    yield model
    model.zero_grad()
    with torch.no_grad():
        bias.copy_(before)


def predict(model: nn.Module):
    vectors = tensors("loss")
    t = as_map(vectors["t"])
    x = interpolate(vectors["x1_data"], vectors["x0_noise"], t, 2)
    assert difference(x, vectors["xt"]) < 1e-6
    target = target_velocity(vectors["x1_data"], vectors["x0_noise"])
    assert torch.equal(target, vectors["target_velocity"])
    out = model(x, t, ClassLabels(vectors["y"]))
    return out.velocity, out.log_variance, target


@pytest.mark.parametrize("weight", [0.01, 0.5])
def test_loss_and_all_gradients_equal_the_published_ones(model, weight):
    vectors, stored = tensors("loss"), settings("loss")[f"w{weight}"]
    loss = patch_forcing_loss(*predict(model), weight)
    for part, name in ((loss.total, "total"), (loss.flow, "flow_loss"), (loss.nll, "nll")):
        assert part.item() == pytest.approx(vectors[f"w{weight}/{name}"].item(), rel=RELATIVE)
    loss.total.backward()
    for name, norm in stored["grad_norms"].items():
        gradient = model.get_parameter(name).grad
        assert gradient.norm().item() == pytest.approx(norm, rel=RELATIVE), name
    last = model.final_layer.linear
    assert difference(last.weight.grad, vectors[f"w{weight}/grad_final_weight"]) < RELATIVE
    assert difference(last.bias.grad, vectors[f"w{weight}/grad_final_bias"]) < RELATIVE
    assert model.pos_embed.grad is None


@pytest.mark.parametrize("shift", [-4, 60, -60])
def test_clamped_variances_equal_the_published_ones(model, shift):
    vectors = tensors("loss")
    name = f"logvar_shift_{'plus' if shift > 0 else 'minus'}{abs(shift)}"
    with torch.no_grad():
        model.final_layer.linear.bias[4::5] += shift
    loss = patch_forcing_loss(*predict(model))
    for part, key in ((loss.total, "total"), (loss.flow, "flow_loss"), (loss.nll, "nll")):
        assert part.item() == pytest.approx(vectors[f"{name}/{key}"].item(), rel=RELATIVE)
    loss.total.backward()
    gradient, expected = model.final_layer.linear.bias.grad, vectors[f"{name}/grad_final_bias"]
    torch.testing.assert_close(gradient, expected, rtol=RELATIVE, atol=RELATIVE)
    if abs(shift) == 60:
        assert not gradient[4::5].any()


def test_likelihood_never_pulls_the_velocity(model):
    velocity, log_variance, target = predict(model)
    nll = patch_forcing_loss(velocity, log_variance, target).nll
    to_velocity, to_variance = torch.autograd.grad(nll, (velocity, log_variance), allow_unused=True)
    assert to_velocity is None
    assert to_variance.any()


def test_gaussian_nll_equals_the_published_one():
    stored = {k: tensors("loss")[f"gaussian_nll/{k}"] for k in ("sample", "mean", "std", "out")}
    out = gaussian_nll(stored["sample"], stored["mean"], stored["std"])
    torch.testing.assert_close(out, stored["out"], rtol=RELATIVE, atol=RELATIVE)


@pytest.mark.parametrize("folder", ["", "dit/"])
def test_validation_in_eight_segments_equals_the_published_one(folder):
    if folder:
        model, stored = baseline_model(), tensors("dit/vectors")
        data, noise = stored["loss/x1_data"], stored["loss/x0_noise"]
        expected = stored["loss/validation_segments"]
    else:
        model, stored = main_model(), tensors("loss")
        data, noise = stored["x1_data"], stored["x0_noise"]
        expected = stored["validation/segments"]
    labels = ClassLabels(stored["y"])
    losses = validation_losses(lambda x, t: model(x, t, labels).velocity, data, noise, 2)
    torch.testing.assert_close(losses, expected, rtol=RELATIVE, atol=0)
    if not folder:
        torch.testing.assert_close(
            losses.mean()[None], stored["validation/mean"], rtol=RELATIVE, atol=0
        )


def test_baseline_loss_equals_the_published_one():
    stored = tensors("dit/vectors")
    data, noise = stored["loss/x1_data"], stored["loss/x0_noise"]
    t = stored["loss/t"][:, None, None].expand(3, 4, 4)
    x = interpolate(data, noise, t, 2)
    velocity = baseline_model()(x, t, ClassLabels(stored["y"])).velocity
    loss = flow_matching_loss(velocity, target_velocity(data, noise))
    assert loss.item() == pytest.approx(stored["loss/total"].item(), rel=RELATIVE)
