"""The models of every kind that are kept loaded, the least recently used going first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import torch

from pfstudio.core.card import CARD_NAME, WEIGHTS_NAME
from pfstudio.core.depth import DepthRequest
from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution
from pfstudio.core.heap import give_back
from pfstudio.core.jobs import LoadedModel
from pfstudio.core.models import find_model, installed_models
from pfstudio.core.requests import Compute
from pfstudio.engine.depth_model import DepthModel, default_depth_model, load_depth
from pfstudio.engine.memory import free_bytes
from pfstudio.engine.model import Model, load
from pfstudio.engine.upscale_model import UpscaleModel, default_upsampler, load_upsampler
from pfstudio.weights.answers import SUFFIX as ANSWERS_SUFFIX


class _Loaded(Protocol):
    """What the cache needs to know of a model."""

    @property
    def device(self) -> torch.device: ...

    @property
    def bytes(self) -> int: ...


M = TypeVar("M", bound=_Loaded)


@dataclass(frozen=True)
class ModelKey(Generic[M]):
    """A model: all that loading it depends on, and how it is loaded."""

    name: str
    parts: tuple[Hashable, ...]  # begins with the kind and the name
    load: Callable[[], M]


def generator(name: str, compute: Compute, condition: str = "") -> ModelKey[Model]:
    """A generator; "" is the first installed one that takes this kind of condition.

    Raises:
        InputError: there is none.
    """
    name = name or default_model(condition)
    parts = (Model, name, compute, _files_of(name))
    return ModelKey(name, parts, partial(load, name, *_settings(compute)))


def depth_model(request: DepthRequest) -> ModelKey[DepthModel]:
    """The depth model of a request; as `generator`."""
    name = request.model or default_depth_model()
    parts = (DepthModel, name, request.autoencoder, request.compute, _files_of(name))
    settings = _settings(request.compute)
    return ModelKey(name, parts, partial(load_depth, name, request.autoencoder, *settings))


def upsampler(name: str, compute: Compute, autoencoder: str = "") -> ModelKey[UpscaleModel]:
    """An upsampler; as `generator`."""
    name = name or default_upsampler()
    parts = (UpscaleModel, name, autoencoder, compute, _files_of(name))
    return ModelKey(name, parts, partial(load_upsampler, name, autoencoder, *_settings(compute)))


def _files_of(name: str) -> tuple[Hashable, ...]:
    """What changes when another model lies under a name or path."""
    found = find_model(name)
    place = found.folder if found else Path(name)
    inside = (place / WEIGHTS_NAME, place / CARD_NAME)
    answers = place.with_name(place.name + ANSWERS_SUFFIX)
    return tuple(map(_stamp, inside if place.is_dir() else (place, answers)))


def _stamp(file: Path) -> Hashable:
    try:
        about = file.stat()
    except (OSError, ValueError):
        return None
    return about.st_ino, about.st_mtime_ns, about.st_size


def _settings(compute: Compute) -> tuple[str, str, int, Execution | None]:
    return compute.device, compute.precision, compute.threads, compute.execution


class ModelCache:
    """Loads models and keeps the last ones. One thread only.

    Attributes:
        loading: told the name of each model that is about to be loaded.
        loaded: what is kept; may be read from any thread.
    """

    def __init__(self) -> None:
        self._models: OrderedDict[tuple[Hashable, ...], Any] = OrderedDict()
        self.loading: Callable[[str], None] = lambda name: None
        self.loaded: tuple[LoadedModel, ...] = ()

    def get(self, key: ModelKey[M]) -> M:
        """The model, loaded if need be.

        Raises:
            InputError: there is no such model.
        """
        if key.parts not in self._models:
            self.loading(key.name)
            kind_and_name, files = key.parts[:2], key.parts[-1]
            for parts in [*self._models]:  # of files that are no longer there
                if parts[:2] == kind_and_name and parts[-1] != files:
                    del self._models[parts]
            self._models[key.parts] = key.load()
            self._make_room()
        self._models.move_to_end(key.parts)
        self._tell()
        model: M = self._models[key.parts]
        return model

    def holds(self, key: ModelKey[Any]) -> bool:
        return key.parts in self._models

    def keep_only(self, models: Iterable[Any]) -> bool:
        """Forget all others; whether there were any."""
        kept = {id(model) for model in models}
        others = [parts for parts, model in self._models.items() if id(model) not in kept]
        for parts in others:
            del self._models[parts]
        if others:
            give_back()
            self._tell()
        return bool(others)

    def any_generator(self, name: str) -> Model:
        """The generator of this name as it was last used, whatever its device and precision."""
        for parts, model in reversed(self._models.items()):
            if parts[:2] == (Model, name):
                assert isinstance(model, Model)
                return model
        return self.get(generator(name, Compute()))

    def clear(self) -> None:
        """Forget all models and give their memory back."""
        self._models.clear()
        self._tell()
        give_back()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _tell(self) -> None:
        kept = self._models.items()
        self.loaded = tuple(LoadedModel(str(parts[1]), model.bytes) for parts, model in kept)

    def _make_room(self) -> None:
        """Keep older models only while they take less than half of what is still free."""
        while len(self._models) > 1:
            older = list(self._models.values())[:-1]
            device = str(older[0].device)
            if sum(model.bytes for model in older) <= free_bytes(device) // 2:
                return
            self._models.popitem(last=False)
            give_back()


def default_model(condition: str = "") -> str:
    """The generator to use where none is named.

    Args:
        condition: what it must take, as on its card; "": anything, and where none takes it.

    Raises:
        InputError: none is installed.
    """
    models = installed_models("generate")
    for model in sorted(models, key=lambda m: m.card.condition != condition):
        return model.name
    raise InputError(
        "No model is installed.", "Fetch one: pfstudio models list shows what can be had."
    )
