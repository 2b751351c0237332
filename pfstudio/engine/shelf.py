"""The models that are kept loaded, the least recently used going first."""

from __future__ import annotations

from collections import OrderedDict

import torch

from pfstudio.core.errors import InputError
from pfstudio.core.models import installed_models
from pfstudio.core.requests import Compute
from pfstudio.engine.memory import free_bytes
from pfstudio.engine.model import Model, load


class ModelShelf:
    """Loads models and keeps the last ones. One thread only."""

    def __init__(self) -> None:
        self._models: OrderedDict[tuple[str, Compute], Model] = OrderedDict()

    def get(self, name: str, compute: Compute) -> Model:
        """The model, loaded if need be; "" is the first installed generator.

        Raises:
            InputError: there is no such model.
        """
        key = (name or default_model(), compute)
        if key not in self._models:
            self._models[key] = load(key[0], compute.device, compute.precision, compute.threads)
            self._make_room()
        self._models.move_to_end(key)
        return self._models[key]

    def holds(self, name: str, compute: Compute) -> bool:
        return (name or default_model(), compute) in self._models

    def any_of(self, name: str) -> Model:
        """The model of this name as it was last used, whatever its device and precision."""
        for (loaded, _), model in reversed(self._models.items()):
            if loaded == name:
                return model
        return self.get(name, Compute())

    def clear(self) -> None:
        """Forget all models and give memory back to the device."""
        self._models.clear()
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
