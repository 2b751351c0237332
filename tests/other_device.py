"""A second device where there is none: it computes on the CPU, but mixes with no CPU tensor."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

OTHER = torch.device("meta")  # only its name: these tensors hold numbers
_aten = torch.ops.aten
# Real devices copy from the CPU, and are indexed by it.
_TAKE_OTHERS = (_aten.copy_.default, _aten.index.Tensor, _aten.index_put_.default)


class OnOther(Tensor):
    """A tensor of the other device."""

    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor) -> OnOther:
        made = Tensor._make_wrapper_subclass(cls, held.shape, dtype=held.dtype, device=OTHER)
        made.held = held
        return made

    def tolist(self) -> Any:
        return self.held.tolist()

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise AssertionError("tensors of the other device live inside its mode")


class OtherDevice(TorchDispatchMode):
    """Inside, `.to(OTHER)` moves there, and operations that mix devices fail as on a real one."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        given = [one for one in tree_leaves((args, kwargs)) if isinstance(one, Tensor)]
        on_other = any(isinstance(one, OnOther) for one in given)
        mixed = any(not isinstance(one, OnOther) and one.ndim for one in given)
        if on_other and mixed and not (func in _TAKE_OTHERS and isinstance(args[0], OnOther)):
            raise RuntimeError(f"{func} is given tensors of two devices")
        if kwargs.get("device") is not None:
            on_other = torch.device(kwargs["device"]) == OTHER
            kwargs["device"] = torch.device("cpu")
        args, kwargs = tree_map(lambda x: x.held if isinstance(x, OnOther) else x, (args, kwargs))
        made = func(*args, **kwargs)
        if not on_other:
            return made
        known = {id(one.held): one for one in given if isinstance(one, OnOther)}

        def moved(value: Any) -> Any:
            if not isinstance(value, Tensor):
                return value
            return known[id(value)] if id(value) in known else OnOther(value)  # changed in place

        return tree_map(moved, made)
