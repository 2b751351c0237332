"""The training-time samplers against statistics of 200,000 published draws."""

from __future__ import annotations

import pytest
import torch
from patch_forcing_vectors import settings, tensors
from torch import Tensor

from pfstudio.flow.time_samplers import (
    TIME_SAMPLERS,
    Gaussian,
    Independent,
    LogitNormalTruncatedGaussian,
    Parallel,
    ParallelLogitNormal,
    TruncatedGaussian,
    UniformMean,
)

DRAWS = 20_000
# A right implementation stays below 0.026 / 0.013 / 0.0036; clamping instead of redrawing, or a
# wrong width or location, gives at least 0.05 / 0.037 / 0.015 for LTG.
VARIATION, QUANTILE, MOMENT = 0.04, 0.025, 0.008

SCHEDULES = {
    "ltg_class_conditional_std0.6_loc0.7_scale1": (LogitNormalTruncatedGaussian(), 16),
    "ltg_text_to_image_std0.6_loc0.5_scale1": (LogitNormalTruncatedGaussian(loc=0.5), 16),
    "ltg_std0.2_loc0_scale1": (LogitNormalTruncatedGaussian(std=0.2, loc=0.0), 16),
    "truncated_gaussian_std0.2": (TruncatedGaussian(), 16),
    "gaussian_std0.2": (Gaussian(), 16),
    "srm_sharpness1": (UniformMean(), 8),
    "srm_sharpness4": (UniformMean(sharpness=4.0), 8),
    "parallel_uniform": (Parallel(), 16),
    "parallel_logit_normal_loc0_scale1": (ParallelLogitNormal(), 16),
    "independent_uniform": (Independent(), 16),
    "scalar_logit_normal_loc0_scale1": (ParallelLogitNormal(), 1),
}


def histogram(values: Tensor) -> Tensor:
    return torch.histc(values, 50, 0, 1) / values.numel()


def test_every_stored_schedule_is_checked():
    assert set(SCHEDULES) | {"ltg_given_ceiling"} == set(settings("schedules")["schedules"])


@pytest.mark.parametrize("name", SCHEDULES)
def test_statistics_equal_the_published_ones(name):
    sampler, side = SCHEDULES[name]
    stored = {
        key.split("/", 1)[1]: value
        for key, value in tensors("schedules").items()
        if key.startswith(f"{name}/")
    }
    t = sampler(DRAWS, (side, side), torch.Generator().manual_seed(1)).flatten(1)
    assert t.min() >= 0
    assert t.max() <= 1
    values = {
        "mean": t.mean(1),
        "max": t.amax(1),
        "min": t.amin(1),
        "std": t.std(1, correction=0),
        "first": t[:, 0],
        "all": t.flatten(),
    }
    levels = torch.tensor(settings("schedules")["quantile_levels"])
    for key, drawn in values.items():
        if f"hist_{key}" in stored:
            variation = (histogram(drawn) - stored[f"hist_{key}"]).abs().sum().item() / 2
            assert variation < VARIATION, key
        if f"quantiles_{key}" in stored:
            apart = (torch.quantile(drawn, levels) - stored[f"quantiles_{key}"]).abs().max().item()
            assert apart < QUANTILE, key
    moments = [values[key].mean() for key in ("mean", "max", "min", "std", "all")]
    moments.append(t.square().mean())
    assert (torch.stack(moments) - stored["moments"]).abs().max().item() < MOMENT


def test_correlation_between_patches_equals_the_published_one():
    name = "ltg_class_conditional_std0.6_loc0.7_scale1"
    t = SCHEDULES[name][0](DRAWS, (16, 16), torch.Generator().manual_seed(2)).flatten(1)
    correlation = torch.corrcoef(torch.stack([t[:, 0], t[:, -1]]))[0, 1].item()
    assert correlation == pytest.approx(
        tensors("schedules")[f"{name}/corr_first_last"].item(), abs=0.03
    )


@pytest.mark.parametrize("ceiling", [0.1, 0.5, 0.99])
def test_times_below_a_given_ceiling_equal_the_published_ones(ceiling):
    logit = torch.logit(torch.tensor(ceiling, dtype=torch.float64)).item()
    sampler = LogitNormalTruncatedGaussian(loc=logit, scale=0.0)
    t = sampler(800, (16, 16), torch.Generator().manual_seed(3))
    stored = tensors("schedules")[f"ltg_given_ceiling/{ceiling}/hist_t_over_ceiling"]
    share = (t / ceiling).clamp(max=1)
    # The stored histogram itself is of finite draws; clamping would move 0.045 of the mass.
    assert (histogram(share) - stored).abs().sum().item() / 2 < 0.02


@pytest.mark.parametrize("name", TIME_SAMPLERS)
def test_every_sampler_takes_any_grid_and_is_reproducible(name):
    sampler = TIME_SAMPLERS[name]()
    first, again = (sampler(3, (3, 7), torch.Generator().manual_seed(5)) for _ in range(2))
    assert first.shape == (3, 3, 7)
    assert torch.equal(first, again)
    assert first.dtype == torch.float32
