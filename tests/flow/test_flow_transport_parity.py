"""Interpolants, predictions and samplers against the published ZigMa's stored numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
import torch
from torch import Tensor
from zigma_vectors import difference, settings, tensors

from pfstudio.core.samplers import Euler, Heun, Stochastic, StochasticHeun
from pfstudio.flow.dormand_prince import dopri5
from pfstudio.flow.guidance.predict import Predict, plain
from pfstudio.flow.interpolants import DIFFUSIONS, INTERPOLANTS
from pfstudio.flow.ode import solve, uniform_times
from pfstudio.flow.samplers import sample
from pfstudio.flow.samplers.stochastic import stochastic
from pfstudio.flow.samplers.stochastic_heun import stochastic_heun
from pfstudio.flow.step import InitialState, Prediction, SamplerSteps
from pfstudio.nn.condition import Unconditional
from pfstudio.nn.zigma import ZigMa, ZigMaConfig

PATHS = {"linear": "Linear", "gvp": "GVP", "vp": "VP"}
FORMS = {"middle": "inccreasing-decreasing"}  # spelled so there
TOLERANCE = 1e-4


@pytest.mark.parametrize("name", INTERPOLANTS)
def test_interpolants_equal_the_published_ones(name: str) -> None:
    path, stored, theirs = INTERPOLANTS[name], tensors("transport"), PATHS[name]
    times = stored["t"]
    t, noise, data = times[:, None, None, None], stored["x0"], stored["x1"]
    out, x = stored["model_out"], stored[f"{theirs}.xt"]
    own: dict[str, Tensor] = {
        "alpha": path.alpha(times),
        "sigma": path.sigma(times),
        "d_alpha": path.d_alpha(times),
        "d_sigma": path.d_sigma(times),
        "xt": path.state(data, noise, t),
        "ut": path.velocity(data, noise, t),
        "score_from_velocity": path.score_from_velocity(out, x, t),
        "noise_from_velocity": path.noise_from_velocity(out, x, t),
        "velocity_from_score": path.velocity_from_score(out, x, t),
        "score.ode_drift": path.velocity_from_score(out, x, t),
        "noise.ode_drift": path.velocity_from_noise(out, x, t),
    }
    for key, value in own.items():
        torch.testing.assert_close(
            value, stored[f"{theirs}.{key}"], rtol=TOLERANCE, atol=1e-5, msg=key
        )


@pytest.mark.parametrize("form", DIFFUSIONS)
def test_diffusions_equal_the_published_ones(form: str) -> None:
    stored = tensors("transport")
    t = stored["t"][:, None, None, None]
    expected = stored[f"Linear.diffusion.{FORMS.get(form, form)}"]
    if form == "decreasing":  # there the strength, 0.8, lies inside of the square
        assert torch.allclose(0.25 * (0.8 * (torch.pi * t).cos() + 1) ** 2, expected)
    else:
        torch.testing.assert_close(0.8 * DIFFUSIONS[form](t).expand_as(expected), expected)


@cache
@torch.inference_mode(False)  # whoever asks first, everybody may take gradients
def network() -> ZigMa:
    said = settings("zigzag8_uncond/config")
    made = ZigMa(
        ZigMaConfig(
            input_size=said["img_dim"],
            patch_size=said["patch_size"],
            hidden_size=said["embed_dim"],
            depth=said["depth"],
        )
    )
    made.load_state_dict(tensors("zigzag8_uncond/weights"))
    return made.eval()


class Field:
    """The tiny published network, of which nothing is conditioned."""

    patch_size = 2

    def __call__(self, x: Tensor, t: Tensor, *, guided: bool = True) -> Prediction:
        return plain(Predict(network(), 2), x, t, Unconditional(len(x)))


def start() -> InitialState:
    noise = tensors("zigzag8_uncond/tensors")["noise"]
    return InitialState(noise, torch.zeros(len(noise), 4, 4))


def velocity(x: Tensor, time: float) -> Tensor:
    return network()(x, torch.full((len(x),), time), Unconditional(len(x))).velocity


def finish(steps: SamplerSteps) -> Tensor:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


@pytest.mark.parametrize(
    ("solver", "key"),
    [
        (lambda: finish(sample(Field(), start(), Euler(steps=5))), "euler.n6"),
        (lambda: finish(sample(Field(), start(), Heun(steps=4))), "heun2.n5"),
        (lambda: solve("midpoint", velocity, start().x, uniform_times(3)), "midpoint.n4"),
        (lambda: solve("rk4", velocity, start().x, uniform_times(2)), "rk4.n3"),
    ],
)
@torch.inference_mode()
def test_ode_samplers_equal_the_published_ones(solver: Callable[[], Tensor], key: str) -> None:
    assert difference(solver(), tensors("zigzag8_uncond/tensors")[f"ode.{key}"]) < TOLERANCE


@torch.inference_mode()
def test_dopri5_comes_as_near_as_its_tolerance() -> None:
    stored = tensors("zigzag8_uncond/tensors")["ode.dopri5.n5"]
    assert difference(dopri5(velocity, start().x), stored) < 0.1


@pytest.mark.parametrize("theirs", ["Euler", "Heun"])
@pytest.mark.parametrize(
    ("form", "last"),
    [
        ("sigma", "mean"),
        ("sigma", "euler"),
        ("sigma", "tweedie"),
        ("constant", "mean"),
        ("middle", "mean"),
    ],
)
@torch.inference_mode()
def test_stochastic_samplers_equal_the_published_ones(theirs: str, form: str, last: str) -> None:
    stored = tensors("zigzag8_uncond/tensors")
    kind = "euler" if last == "tweedie" else last  # the same on this path

    def noise_of(step: int) -> Tensor:
        return stored["sde.noise"][step]

    if theirs == "Euler":
        own = Stochastic(steps=6, strength=0.8, diffusion=form, last_step=kind)
        x = finish(stochastic(Field(), start(), own, noise_of))
    else:
        second = StochasticHeun(steps=6, strength=0.8, diffusion=form, last_step=kind)
        x = finish(stochastic_heun(Field(), start(), second, noise_of))
    key = f"sde.{theirs}.{FORMS.get(form, form)}.last_{last.capitalize()}.n6"
    assert difference(x, stored[key]) < TOLERANCE
