"""A toy network that takes text, and a toy encoder: a model for tests of prompts."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from small_models import small_autoencoder
from torch import Tensor, nn

from pfstudio.core.card import ModelCard
from pfstudio.core.errors import InputError
from pfstudio.core.requests import Compute
from pfstudio.engine.execution import default_execution
from pfstudio.engine.model import Model
from pfstudio.nn.condition import Condition, TextEmbeddings
from pfstudio.nn.interface import Backbone, Output
from pfstudio.nn.modulation import ForwardCache
from pfstudio.nn.patch_forcing import PatchForcingConfig
from pfstudio.weights.autoencoders import OwnAutoencoder, Scaling
from pfstudio.weights.text_encoders import EncodedTexts

WIDTH = 6  # of a token


class ToyEncoder:
    """One token for each letter behind a first one; counts what it reads."""

    max_tokens = 40

    def __init__(self) -> None:
        self._table = torch.randn(256, WIDTH, generator=torch.Generator().manual_seed(3))
        self.read: list[str] = []

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [1 + len(text) for text in texts]

    def unknown(self, texts: Sequence[str]) -> tuple[str, ...]:
        return ()

    def __call__(self, texts: Sequence[str]) -> EncodedTexts:
        self.read += texts
        length = 1 + max(map(len, texts))
        tokens, mask = torch.zeros(len(texts), length, WIDTH), torch.zeros(len(texts), length)
        for row, text in enumerate(texts):
            letters = [0, *(ord(letter) % 256 for letter in text)]
            tokens[row, : len(letters)] = self._table[letters]
            mask[row, : len(letters)] = 1
        places = tuple(((0, 0), *((i, i + 1) for i in range(len(text)))) for text in texts)
        embeddings = TextEmbeddings(tokens, mask.bool())
        return EncodedTexts(embeddings, places)


class ToyTextNetwork(Backbone):
    """Velocity from the state and the mean token; its times are uniform."""

    def __init__(self, null: TextEmbeddings | None = None) -> None:
        super().__init__()
        self.config = PatchForcingConfig(
            input_size=8, hidden_size=32, depth=1, num_heads=2, predict_uncertainty=False
        )
        self.null = null
        self.calls = 0
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(4)
            self.mix = nn.Conv2d(4, 4, 1)
            self.text = nn.Linear(WIDTH, 4)

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        condition: Condition,
        *,
        capture: Sequence[int] = (),
        cache: ForwardCache | None = None,
    ) -> Output:
        if not isinstance(condition, TextEmbeddings) or len(condition) != len(x):
            raise InputError("The toy takes one text for each latent.")
        self.calls += 1
        weights = condition.mask.float()[..., None]
        mean = (condition.tokens * weights).sum(dim=1) / weights.sum(dim=1)
        shift = self.text(mean)[..., None, None] * (1 + t.mean(dim=(1, 2))[:, None, None, None])
        return Output(self.mix(x) + shift)

    def null_condition(self, batch: int) -> TextEmbeddings | None:
        if self.null is None:
            return None
        shape = (batch, *self.null.mask.shape[1:])
        return TextEmbeddings(self.null.tokens.expand(*shape, -1), self.null.mask.expand(shape))


def toy_text_model(null: TextEmbeddings | None = None) -> Model:
    """8 x 8 latents of 4 channels, 4 x 4 patches, pictures of 32 px.

    Args:
        null: what the network itself takes for no text.
    """
    card = ModelCard("toy-text", "Toy", "dit", condition="text", pixels=32, default_guidance=3.0)
    return Model(
        ToyTextNetwork(null).eval(),
        card,
        default_execution(Compute("cpu", "float32", 1)),
        OwnAutoencoder(small_autoencoder(), Scaling()),
        text_encoder=ToyEncoder(),
    )
