"""The comparison's requests and figures, without a window."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pfstudio.core.conditions import labels
from pfstudio.core.errors import InputError
from pfstudio.core.jobs import Estimated
from pfstudio.core.requests import Branch, GenerateRequest
from pfstudio.core.samplers import DualLoop, Euler
from pfstudio.core.trace import Role
from pfstudio.ui.lab.analysis import psnr, rmse, token_shares
from pfstudio.ui.lab.plan import LabPlan


def test_all_samplers_share_noise_condition_and_calls() -> None:
    base = GenerateRequest(
        model="m", conditions=labels(3), seed=11, sampler=DualLoop(inner_steps=3)
    )
    requests = LabPlan(base, ("euler", "dual-loop", "look-ahead"), nfe=24).requests()
    assert [r.sampler.name for r in requests] == ["euler", "dual-loop", "look-ahead"]
    assert {(r.seed, r.conditions, r.guidance) for r in requests} == {
        (11, labels(3), base.guidance)
    }
    assert [r.sampler.nfe for r in requests] == [24, 24, 23]  # look-ahead cannot make 24
    assert requests[1].sampler.inner_steps == 3  # the recipe's own sampler keeps its settings


def test_equal_seconds_give_the_cheaper_sampler_more_calls() -> None:
    plan = LabPlan(GenerateRequest(sampler=Euler()), ("euler", "dual-loop"), nfe=20, seconds=2.0)
    answers = {
        "euler": Estimated(plan.request("euler"), 20, 1.0, 1.0, seconds=2.0),
        "dual-loop": Estimated(plan.request("dual-loop"), 20, 1.0, 1.0, seconds=1.0),
    }
    euler, dual = plan.timed_requests(answers)
    assert (euler.sampler.nfe, dual.sampler.nfe) == (20, 40)


@pytest.mark.parametrize("samplers", [("euler",), ("euler", "euler"), ("euler", "nonsense")])
def test_a_comparison_needs_two_known_samplers(samplers: tuple[str, ...]) -> None:
    with pytest.raises(InputError):
        LabPlan(GenerateRequest(), samplers)


def test_a_branch_cannot_be_compared() -> None:
    with pytest.raises(InputError, match="branch"):
        LabPlan(GenerateRequest(branch=Branch("run.safetensors", 3)))


def test_a_calls_tokens_go_to_the_patches_that_it_moved() -> None:
    roles = np.full((1, 2, 2), Role.FIXED, np.uint8)
    roles[0, 0] = Role.SLOW, Role.FAST
    assert token_shares(roles, 8)[0].tolist() == [[4.0, 4.0], [0.0, 0.0]]
    roles[0, 0] = Role.CONTEXT, Role.FINISHED  # nothing moves: shared by all
    assert token_shares(roles, 8)[0].tolist() == [[2.0, 2.0], [2.0, 2.0]]


def test_difference_figures() -> None:
    first = np.zeros((4, 4, 3), np.uint8)
    second = first + 5
    assert rmse(first, second) == pytest.approx(5)
    assert rmse(second, first) == pytest.approx(5)  # no wrap-around in bytes
    assert psnr(5.0) == pytest.approx(20 * math.log10(51))
    assert psnr(0.0) == math.inf
