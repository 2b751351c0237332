"""Noising, solvers and the whole pipeline of the published upsampler, against stored outputs."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from ode_states import states_at
from upsampler_vectors import CONFIG, FOLDER, close, network, vectors

from pfstudio.core.errors import RunError
from pfstudio.flow.add_noise import add_noise, alpha_bar
from pfstudio.flow.dormand_prince import EVALUATIONS_PER_STEP, dopri5
from pfstudio.flow.ode import TABLEAUS, Velocity, solve, uniform_times
from pfstudio.weights.load import load_autoencoder

NAMES = {"euler": "euler", "midpoint": "midpoint", "heun2": "heun", "rk4": "rk4"}
FIXED = [k for k in vectors() if k.startswith("ode.") and k.split("_n")[-1].isdigit()]
STEP, SCALE = CONFIG["noising_step"], CONFIG["scale_factor"]


@torch.no_grad()
def solved(
    solver: Callable[[Velocity], torch.Tensor], context: torch.Tensor
) -> tuple[torch.Tensor, int]:
    """The end of a solution by the stored network, and the number of evaluations."""
    unet, times = network(), []

    def velocity(x: torch.Tensor, t: float) -> torch.Tensor:
        times.append(t)
        return unet(x, torch.full((len(x),), t), context)

    return solver(velocity), len(times)


def fixed(name: str, x: torch.Tensor, steps: int) -> Callable[[Velocity], torch.Tensor]:
    return lambda velocity: solve(name, velocity, x, uniform_times(steps))


def test_the_table_of_the_noising():
    shares = torch.tensor([alpha_bar(k, 999) for k in range(1000)])
    close(shares, "diffusion.alpha_bar_t")


@pytest.mark.parametrize("step", [2, 400, 999])
def test_noised_latents(step):
    x, noise = vectors()["qsample.x"], vectors()["qsample.noise"]
    close(add_noise(x, noise, alpha_bar(step, 999)), f"qsample.out_t{step}")


def test_there_are_seven_fixed_grids():
    assert len([key for key in FIXED if not key.startswith("ode.dopri5")]) == 7


@pytest.mark.parametrize("key", [key for key in FIXED if not key.startswith("ode.dopri5")])
def test_fixed_grids(key):
    """The number in a name counts the points of the grid, one more than steps."""
    name, points = key.removeprefix("ode.").split("_n")
    stored, steps = vectors(), int(points) - 1
    end, count = solved(fixed(NAMES[name], stored["ode.x0"], steps), stored["ode.context"])
    close(end, key)
    assert count == steps * len(TABLEAUS[NAMES[name]].nodes)


def test_backwards():
    times, stored = [1.0, 0.75, 0.5, 0.25, 0.0], vectors()
    end, _ = solved(lambda v: solve("euler", v, stored["ode.x0"], times), stored["ode.context"])
    close(end, "ode.euler_n5_reverse")


@torch.no_grad()
def test_states_on_the_way():
    unet, stored = network(), vectors()

    def velocity(x, t):
        return unet(x, torch.full((len(x),), t), stored["ode.context"])

    grid = uniform_times(11)
    states = states_at("euler", velocity, stored["ode.x0"], grid, grid)
    rows = torch.stack([states[k] for k in (0, 1, 4, 7, 10, 11)])
    close(rows, "ode.euler_n12_intermediates")


def test_adaptive_steps_reach_the_published_state():
    stored = vectors()
    end, count = solved(lambda v: dopri5(v, stored["ode.x0"]), stored["ode.context"])
    close(end, "ode.dopri5_n2", CONFIG["recommended_tolerance"]["dopri5_atol"])
    assert (count - 2) % EVALUATIONS_PER_STEP == 0


@pytest.mark.parametrize("rtol", [1e-3, 1e-6])
def test_adaptive_steps_keep_their_tolerance(rtol):
    x = torch.ones(1, 1, 1, 2, dtype=torch.float64)
    end = dopri5(lambda state, t: state * math.cos(6 * t) * 3, x, rtol)
    error = (end / math.exp(math.sin(6) / 2) - 1).abs().max()
    assert error < 10 * rtol


def test_adaptive_steps_give_up_on_what_is_no_number():
    x = torch.ones(1, 1, 1, 1)
    with pytest.raises(RunError, match="could not be followed"):
        dopri5(lambda state, t: state * math.nan, x)


@torch.no_grad()
def test_the_autoencoder():
    autoencoder, stored = load_autoencoder(str(FOLDER / "autoencoder.safetensors")), vectors()
    image = stored["ae.image_u8"][None].float() / 127.5 - 1
    assert autoencoder.scaling.scale == SCALE
    close(autoencoder.encode(image), "ae.latent")
    close(autoencoder.decode(stored["ae.decode_in"]), "ae.decode_out")


@torch.no_grad()
def test_from_a_latent_through_pixels_to_a_larger_picture():
    autoencoder, stored = load_autoencoder(str(FOLDER / "autoencoder.safetensors")), vectors()
    small = autoencoder.decode(stored["e2e.lr_latent"])
    large = F.interpolate(small, size=CONFIG["e2e"]["hr_image"], mode="bilinear")
    context = autoencoder.encode(large)
    close(context, "e2e.context")
    start = add_noise(context, stored["e2e.noise"], alpha_bar(STEP, 999))
    close(start, "e2e.x_source")
    five = solved(fixed("euler", start, 4), context)[0]
    close(five, "e2e.z_euler_n5")
    close(solved(fixed("rk4", start, 2), context)[0], "e2e.z_rk4_n3")
    close(autoencoder.decode(five), "e2e.image_euler_n5")


def test_the_published_default_of_39_steps():
    stored = vectors()
    end, count = solved(fixed("rk4", stored["e2e.x_source"], 39), stored["e2e.context"])
    close(end, "e2e.z_default_rk4_n40")
    assert count == 156


@torch.no_grad()
def test_from_pixels():
    autoencoder, stored = load_autoencoder(str(FOLDER / "autoencoder.safetensors")), vectors()
    small = stored["e2e.lr_image_u8"][None].float() / 127.5 - 1
    close(autoencoder.encode(small), "e2e.lr_latent")
    large = F.interpolate(small, size=CONFIG["e2e"]["hr_image"], mode="bilinear")
    close(large, "resize.out")
    context = autoencoder.encode(large)
    close(context, "e2e_px.context")
    start = add_noise(context, stored["e2e_px.noise"], alpha_bar(STEP, 999))
    close(start, "e2e_px.x_source")
