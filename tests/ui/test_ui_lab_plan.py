"""The comparison's requests and figures, without a window."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from window_bench import install_models

from pfstudio.core.conditions import labels
from pfstudio.core.errors import InputError
from pfstudio.core.guidance import ClassifierFree, Interval, NoGuidance
from pfstudio.core.jobs import Estimated
from pfstudio.core.models import installed_models
from pfstudio.core.requests import Branch
from pfstudio.core.routes import Route
from pfstudio.core.samplers import Euler
from pfstudio.core.sparse_guidance import Sparse
from pfstudio.core.trace import Role
from pfstudio.ui.lab.analysis import psnr, rmse, token_shares
from pfstudio.ui.lab.plan import Compared, LabPlan, variants_of
from pfstudio.ui.recipe.model import RecipeModel


def recipe_of(model: str, **values: object) -> RecipeModel:
    """A recipe of one of the test models."""
    install_models()
    recipe = RecipeModel()
    recipe.set_models(installed_models("generate"))
    recipe.set_model(model)
    recipe.set(**values)
    return recipe


def planned(compared: Compared, recipe: RecipeModel, *keys: str, **values: object) -> LabPlan:
    chosen = tuple(one for one in variants_of(compared, recipe) if one.key in keys)
    return LabPlan(recipe.request, compared, chosen, **values)


def test_all_samplers_share_noise_condition_and_calls() -> None:
    recipe = recipe_of("little-pft", conditions=labels(3), seed=11)
    recipe.choose_sampler("dual-loop")
    recipe.set_sampler_value("inner_steps", 3)
    recipe.choose_sampler("euler")
    plan = planned(Compared.SAMPLER, recipe, "euler", "dual-loop", "look-ahead", nfe=24)
    requests = plan.requests()
    assert [r.sampler.name for r in requests] == ["euler", "dual-loop", "look-ahead"]
    assert {(r.seed, r.conditions, r.guidance) for r in requests} == {
        (11, labels(3), recipe.request.guidance)
    }
    assert [r.sampler.nfe for r in requests] == [24, 24, 23]  # look-ahead cannot make 24
    assert requests[1].sampler.inner_steps == 3  # each has the settings that it had last


def test_all_rules_share_noise_condition_and_sampler() -> None:
    recipe = recipe_of("little-pft", seed=11, sampler=Euler())
    recipe.choose_guidance("interval")
    recipe.set_guidance_value("t_max", 0.6)
    recipe.choose_guidance("cfg")
    plan = planned(Compared.GUIDANCE, recipe, "none", "cfg", "interval", nfe=10)
    requests = plan.requests()
    assert [r.guidance for r in requests] == [
        NoGuidance(), ClassifierFree(3.0), Interval(3.0, t_max=0.6)
    ]  # fmt: skip
    assert {(r.seed, r.sampler) for r in requests} == {(11, Euler(10))}


def test_what_the_model_cannot_do_is_refused() -> None:
    said = {one.key: one.refusal for one in variants_of(Compared.GUIDANCE, recipe_of("plain-dit"))}
    assert said["cfg"] == said["icg"] == ""
    assert "token routing" in said["sparse"]
    assert "token routing" in said["sparse:nested"]
    assert "difficulty" in said["difficulty"]
    assert "weak model" in said["auto"]
    samplers = {
        one.key: one.refusal for one in variants_of(Compared.SAMPLER, recipe_of("plain-dit"))
    }
    assert "difficulty head" in samplers["dual-loop"]
    assert samplers["heun"] == ""
    with pytest.raises(InputError, match="token routing"):
        planned(Compared.GUIDANCE, recipe_of("plain-dit"), "cfg", "sparse")


def test_masks_by_difficulty_need_its_prediction() -> None:
    recipe = recipe_of("plain-dit")
    (dit,) = [model for model in recipe.models if model.name == "plain-dit"]
    card = replace(dit.card, routes=(Route(1, 2, 0.5),))
    recipe.set_models([replace(dit, card=card)])
    said = {one.key: one.refusal for one in variants_of(Compared.GUIDANCE, recipe)}
    assert said["sparse"] == said["sparse:nested"] == ""
    assert "difficulty" in said["sparse:difficulty"]


def test_sparse_guidance_has_a_variant_for_each_choice_of_masks() -> None:
    recipe = recipe_of("little-pft")
    keys = [one.key for one in variants_of(Compared.GUIDANCE, recipe) if "sparse" in one.key]
    assert keys == [
        "sparse", "sparse:fixed", "sparse:nested", "sparse:blue-noise", "sparse:difficulty",
        "cfg-sparse", "auto-sparse",
    ]  # fmt: skip
    recipe.choose_guidance("sparse")
    recipe.set_guidance_value("masks", "nested")
    every = {one.key: one for one in variants_of(Compared.GUIDANCE, recipe)}
    assert every["sparse"].settings == Sparse(masks="nested")
    assert every["sparse:fresh"].settings == Sparse(masks="fresh")
    assert "sparse:nested" not in every
    assert every["sparse:blue-noise"].label == "Sparse: Blue noise"


def test_equal_seconds_give_the_cheaper_sampler_more_calls() -> None:
    plan = planned(
        Compared.SAMPLER, recipe_of("little-pft"), "euler", "dual-loop", nfe=20, seconds=2.0
    )
    euler, dual = plan.requests()
    answers = [
        Estimated(euler, 20, 1.0, 1.0, seconds=2.0), Estimated(dual, 20, 1.0, 1.0, seconds=1.0)
    ]  # fmt: skip
    assert [one.sampler.nfe for one in plan.timed_requests(answers)] == [20, 40]
    batches = [replace(answer, nfe=3 * answer.nfe) for answer in answers]  # of all their calls
    assert plan.timed_requests(batches) == plan.timed_requests(answers)


@pytest.mark.parametrize("keys", [("euler",), ("euler", "nonsense"), ()])
def test_a_comparison_needs_two(keys: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="two"):
        planned(Compared.SAMPLER, recipe_of("little-pft"), *keys)


def test_a_branch_cannot_be_compared() -> None:
    recipe = recipe_of("little-pft", branch=Branch("run.safetensors", 3))
    with pytest.raises(InputError, match="branch"):
        planned(Compared.SAMPLER, recipe, "euler", "heun")


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
