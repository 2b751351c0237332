"""The models of every kind that are kept loaded, the least recently used going first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import torch

from pfstudio.core.depth import DepthRequest
from pfstudio.core.errors import InputError
from pfstudio.core.heap import give_back
from pfstudio.core.models import installed_models
from pfstudio.core.requests import Compute
from pfstudio.engine.depth_model import DepthModel, default_depth_model, load_depth
from pfstudio.engine.memory import free_bytes
from pfstudio.engine.model import Model, load
from pfstudio.engine.upscale_model import UpscaleModel, default_upsampler, load_upsampler


class _Loaded(Protocol):
    @property
    def device(self) -> torch.device: ...

    @property
    def bytes(self) -> int: ...


M = TypeVar("M", bound=_Loaded)


@dataclass(frozen=True)
class ModelKey(Generic[M]):
    """A model that is to be loaded, unless it is: all that loading it depends on, and how."""

    name: str
    key: tuple[Hashable, ...]  # begins with the kind and the name
    load: Callable[[], M]


def generator(name: str, compute: Compute) -> ModelKey[Model]:
    """A generator; "" is the first installed one.

    Raises:
        InputError: there is none.
    """
    name = name or default_model()
    key = (Model, name, compute)
    return ModelKey(name, key, partial(load, name, *_settings(compute)))


def depth_model(request: DepthRequest) -> ModelKey[DepthModel]:
    """The depth model of a request; as `generator`."""
    name = request.model or default_depth_model()
    key = (DepthModel, name, request.autoencoder, request.compute)
    settings = _settings(request.compute)
    return ModelKey(name, key, partial(load_depth, name, request.autoencoder, *settings))


def upsampler(name: str, compute: Compute) -> ModelKey[UpscaleModel]:
    """An upsampler; as `generator`."""
    name = name or default_upsampler()
    key = (UpscaleModel, name, compute)
    return ModelKey(name, key, partial(load_upsampler, name, "", *_settings(compute)))


def _settings(compute: Compute) -> tuple[str, str, int]:
    return compute.device, compute.precision, compute.threads


class ModelCache:
    """Loads models and keeps the last ones. One thread only."""

    def __init__(self) -> None:
        self._models: OrderedDict[tuple[Hashable, ...], Any] = OrderedDict()

    def get(self, wanted: ModelKey[M]) -> M:
        """The model, loaded if need be.

        Raises:
            InputError: there is no such model.
        """
        if wanted.key not in self._models:
            self._models[wanted.key] = wanted.load()
            self._make_room()
        self._models.move_to_end(wanted.key)
        model: M = self._models[wanted.key]
        return model

    def holds(self, wanted: ModelKey[Any]) -> bool:
        return wanted.key in self._models

    def any_generator(self, name: str) -> Model:
        """The generator of this name as it was last used, whatever its device and precision."""
        for key, model in reversed(self._models.items()):
            if key[:2] == (Model, name):
                assert isinstance(model, Model)
                return model
        return self.get(generator(name, Compute()))

    def clear(self) -> None:
        """Forget all models and give their memory back."""
        self._models.clear()
        give_back()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _make_room(self) -> None:
        """Keep older models only while they take less than half of what is still free."""
        while len(self._models) > 1:
            older = list(self._models.values())[:-1]
            device = str(older[0].device)
            if sum(model.bytes for model in older) <= free_bytes(device) // 2:
                return
            self._models.popitem(last=False)
            give_back()


def default_model() -> str:
    """The generator to use where none is named.

    Raises:
        InputError: none is installed.
    """
    for model in installed_models():
        if model.generates:
            return model.name
    raise InputError(
        "No model is installed.", "Fetch one: pfstudio models list shows what can be had."
    )
