"""The small autoencoder: shapes, gradients, and what the posterior means."""

from __future__ import annotations

import math
from dataclasses import asdict

import pytest
import torch

from pfstudio.nn.autoencoder import AutoencoderConfig, Posterior, VariationalAutoencoder

TINY = AutoencoderConfig(
    latent_channels=3, widths=(8, 16), encoder_blocks=(1, 1), decoder_blocks=(1, 1)
)


@pytest.fixture
def autoencoder() -> VariationalAutoencoder:
    torch.manual_seed(0)
    return VariationalAutoencoder(TINY)


def test_latents_have_a_quarter_of_the_side_also_of_a_rectangle(
    autoencoder: VariationalAutoencoder,
) -> None:
    posterior = autoencoder.encode(torch.randn(2, 3, 8, 20))
    assert posterior.mean.shape == posterior.log_variance.shape == (2, 3, 2, 5)
    assert autoencoder.decode(posterior.mean).shape == (2, 3, 8, 20)
    assert autoencoder.preview(posterior.mean).shape == (2, 3, 8, 20)


@pytest.mark.parametrize("shape", [(1, 3, 10, 8), (1, 3, 8, 9)])
def test_a_side_that_four_does_not_divide_is_refused(
    autoencoder: VariationalAutoencoder, shape: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match="divisible by 4"):
        autoencoder.encode(torch.zeros(shape))


@torch.no_grad()
def test_it_is_local_so_that_any_size_works(autoencoder: VariationalAutoencoder) -> None:
    picture = torch.zeros(1, 3, 128, 128)
    spot = picture.clone()
    spot[..., :8, :8] = 1.0
    change = (autoencoder.encode(spot).mean - autoencoder.encode(picture).mean).abs()
    assert float(change[..., :2, :2].max()) > 0
    assert float(change[..., 16:, 16:].max()) == 0.0


def test_divergence_is_the_closed_form() -> None:
    mean, variance = torch.tensor([[[[0.5]]]]), torch.tensor([[[[0.25]]]])
    expected = 0.5 * (0.25 + 0.25 - 1 - math.log(0.25))
    assert float(Posterior(mean, variance.log()).kl()) == pytest.approx(expected)
    assert float(Posterior(torch.zeros(1), torch.zeros(1)).kl()) == 0.0


def test_a_sample_has_the_posteriors_mean_and_spread() -> None:
    posterior = Posterior(torch.full((20000,), 2.0), torch.full((20000,), 0.09).log())
    drawn = posterior.sample(torch.randn(20000, generator=torch.Generator().manual_seed(0)))
    assert float(drawn.mean()) == pytest.approx(2.0, abs=0.01)
    assert float(drawn.std()) == pytest.approx(0.3, abs=0.01)


def test_the_preview_never_teaches_the_encoder(autoencoder: VariationalAutoencoder) -> None:
    out = autoencoder(torch.randn(1, 3, 8, 8), torch.randn(1, 3, 2, 2))
    out.preview.square().mean().backward()
    assert all(p.grad is None for p in autoencoder.encoder.parameters())
    assert all(p.grad is not None for p in autoencoder.preview_decoder.parameters())
    out = autoencoder(torch.randn(1, 3, 8, 8), torch.randn(1, 3, 2, 2))
    out.picture.square().mean().backward()
    assert autoencoder.encoder.into.weight.grad is not None


def test_the_preview_is_far_cheaper() -> None:
    network = VariationalAutoencoder(AutoencoderConfig())

    def weights(module: torch.nn.Module) -> int:
        return sum(p.numel() for p in module.parameters())

    assert weights(network.preview_decoder) * 50 < weights(network.decoder)


def test_sizes_survive_json() -> None:
    plain = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(TINY).items()}
    assert AutoencoderConfig(**plain) == TINY
