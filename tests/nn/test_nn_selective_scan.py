"""The selective scan against stored numbers, a plain loop, and finite differences."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from zigma_vectors import difference, settings, tensors

from pfstudio.nn import selective_scan as module
from pfstudio.nn.selective_scan import selective_scan

FORMS = ("loop", "chunks")


def plain(x: Tensor, delta: Tensor, a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """The definition, one token after another, under autograd."""
    h = x.new_zeros(len(x), *a.shape)
    outputs = []
    for token in range(x.shape[1]):
        step = delta[:, token, None]
        h = (step * a).exp() * h + step * x[:, token, None] * b[:, token, :, None]
        outputs.append((c[:, token, :, None] * h).sum(dim=1))
    return torch.stack(outputs, dim=1)


def example(
    batch: int, tokens: int, width: int, states: int, dtype: torch.dtype, steps: float = 0.3
) -> list[Tensor]:
    generator = torch.Generator().manual_seed(batch + tokens)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=dtype)

    values = [
        normal(batch, tokens, width),
        normal(batch, tokens, width).abs() * steps,
        -normal(states, width).exp(),
        normal(batch, tokens, states),
        normal(batch, tokens, states),
    ]
    return [value.requires_grad_() for value in values]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", range(6))
def test_scan_equals_the_published_one(case: int, form: str) -> None:
    assert len(settings("selective_scan")) == 6
    own = {
        name.split(".")[1]: value
        for name, value in tensors("selective_scan").items()
        if name.startswith(f"case{case}.")
    }
    bias = own.get("delta_bias", torch.zeros(own["u"].shape[1]))[:, None]
    delta = F.softplus(own["delta"] + bias)
    turned = [own["u"], delta, own["B"], own["C"]]
    x, delta, b, c = (value.transpose(1, 2) for value in turned)
    y = selective_scan(x, delta, own["A"].t(), b, c, recurrence=form).transpose(1, 2)
    if "D" in own:
        y = y + own["D"][:, None] * own["u"]
    if "z" in own:
        y = y * F.silu(own["z"])
    assert difference(y, own["out"]) < 5e-6
    assert difference(y, own["out_float64_loop"]) < 5e-6


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("tokens", [1, 7, 8, 9, 70])
def test_values_and_gradients_equal_the_plain_loop(
    tokens: int, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Groups of two sequences, of which the last is smaller, and blocks that end unevenly.
    run, block, _ = module._RECURRENCES[form]
    block = min(block, 40)
    monkeypatch.setitem(module._RECURRENCES, form, (run, block, 2 * min(block, tokens) * 5 * 3))
    values = example(3, tokens, 5, 3, torch.float64)
    weights = torch.randn(3, tokens, 5, dtype=torch.float64)
    y, expected = selective_scan(*values, recurrence=form), plain(*values)
    torch.testing.assert_close(y, expected, rtol=1e-12, atol=1e-12)
    own = torch.autograd.grad((y * weights).sum(), values)
    theirs = torch.autograd.grad((expected * weights).sum(), values)
    for mine, right in zip(own, theirs, strict=True):
        torch.testing.assert_close(mine, right, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("form", FORMS)
def test_gradients_equal_finite_differences(form: str) -> None:
    values = example(1, 9, 2, 2, torch.float64)
    assert torch.autograd.gradcheck(
        lambda *v: selective_scan(*v, recurrence=form), values, atol=1e-6
    )


@pytest.mark.parametrize("form", FORMS)
def test_strong_decay_neither_overflows_nor_loses_the_present(form: str) -> None:
    values = example(1, 300, 4, 16, torch.float32, steps=200.0)
    y = selective_scan(*values, recurrence=form)
    exact = plain(*(value.detach().double() for value in values))
    assert difference(y.detach(), exact) < 1e-6
    assert all(bool(grad.isfinite().all()) for grad in torch.autograd.grad(y.sum(), values))


def test_lower_precision_is_scanned_in_float32_also_under_autocast() -> None:
    values = [value.detach().bfloat16() for value in example(1, 20, 4, 3, torch.float32)]
    with torch.autocast("cpu", torch.bfloat16):
        y = selective_scan(*values)
    assert y.dtype == torch.float32
    torch.testing.assert_close(y, plain(*(value.float() for value in values)))


def test_the_compiled_kernel_gets_channels_before_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    def kernel(u: Tensor, delta: Tensor, a: Tensor, b: Tensor, c: Tensor) -> Any:
        turned = (value.transpose(1, 2) for value in (u, delta))
        return plain(*turned, a.t(), b.transpose(1, 2), c.transpose(1, 2)).transpose(1, 2)

    package = ModuleType("mamba_ssm.ops.selective_scan_interface")
    package.selective_scan_fn = kernel  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mamba_ssm", ModuleType("mamba_ssm"))
    monkeypatch.setitem(sys.modules, "mamba_ssm.ops", ModuleType("mamba_ssm.ops"))
    monkeypatch.setitem(sys.modules, package.__name__, package)
    values = example(2, 9, 5, 3, torch.float32)
    torch.testing.assert_close(module._compiled(*values), plain(*values))
