"""The card of a model: `card.json` beside `model.safetensors`. Plain data, without torch."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from pfstudio.core.documents import finite, parse_json, read_text
from pfstudio.core.errors import InputError
from pfstudio.core.parameters import CheckedSettings, field_in
from pfstudio.core.routes import Route

CARD_NAME = "card.json"
WEIGHTS_NAME = "model.safetensors"


@dataclass(frozen=True)
class ModelCard(CheckedSettings):
    """Who a model is, what it was made of, and how good it is."""

    name: str  # folder-safe, e.g. "pft-ti-emoji-64"
    title: str  # for people, e.g. "Emoji 64 px"
    architecture: str  # what the network is: a name of pfstudio/nn/registry.py
    # What the registry says of it, written when a model is saved, for programs without torch:
    # "generate", "depth", "upscale", "autoencode" or "video"
    task: str = field(default="", kw_only=True)
    condition: str = field(default="none", kw_only=True)  # a generator's: "class", "text", "none"
    time: str = field(default="uniform", kw_only=True)  # in a picture: "uniform" or "per patch"
    has_difficulty: bool = field(default=False, kw_only=True)  # it predicts a log-variance
    # Trained without its condition at times: guidance can lead away from none
    has_null_condition: bool = field(default=True, kw_only=True)
    blocks: int = field(default=0, kw_only=True)  # that guidance can route around or disturb
    text_encoder: str = field(default="", kw_only=True)  # name or path of what reads its prompts
    prompt_styles: tuple[str, ...] = field(default=(), kw_only=True)  # ends of prompts it knows
    prompt_examples: tuple[str, ...] = field(default=(), kw_only=True)  # to try first
    # That it was trained with: some of its blocks can compute fewer tokens
    routes: tuple[Route, ...] = field(default=(), kw_only=True)
    sizes: dict[str, Any] = field(default_factory=dict)  # keyword arguments of the network's config
    autoencoder: str = ""  # name or path of the autoencoder whose latents this model makes
    latent_scale: float = 1.0  # latents = (encoded mean - latent_shift) * latent_scale
    latent_shift: float = 0.0
    pixels: int = field_in(0, 0, 16_384)  # native side of a picture
    classes: tuple[str, ...] = ()  # name of each class index, best for type-ahead
    licence: str = ""
    non_commercial: bool = False  # show the licence notice when loaded
    data: str = ""  # what it was trained on, with sources and licences
    training: str = ""  # how, in plain words: steps, batch, time, machine
    quality: dict[str, Any] = field(default_factory=dict)  # measured figures, by name
    limits: str = ""  # where it is poor
    sha256: str = ""  # of model.safetensors
    paper: str = ""
    default_guidance: float = 4.0  # classifier-free scale that looks best, measured or published

    def to_json(self) -> str:
        return json.dumps(finite(asdict(self)), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a card; unknown keys are ignored so that newer cards still open.

        Raises:
            InputError: not a card.
        """
        try:
            data = parse_json(text)
            known = {f.name for f in fields(cls)}
            data = {key: value for key, value in data.items() if key in known}
            data["task"]  # without it nobody could tell what the model is for
            return cls.from_data(data)
        except InputError as error:
            raise InputError(f"This is not a model card. {error}") from error
        except KeyError as error:
            raise InputError(f"This is not a model card (it names no {error.args[0]}).") from error
        except (ValueError, TypeError, AttributeError) as error:
            raise InputError(f"This is not a model card ({error}).") from error

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The card in a model folder."""
        try:
            return cls.from_json(read_text(folder / CARD_NAME))
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise InputError(f"{folder} holds no readable {CARD_NAME} ({why}).") from error
