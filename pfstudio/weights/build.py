"""From named tensors to a network: what it is, how large, and whether every tensor fits."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields, is_dataclass
from typing import Any

from torch import Tensor, nn
from torch.nn.modules.module import register_module_module_registration_hook
from torch.overrides import TorchFunctionMode

from pfstudio.core.errors import InputError, PfstudioError
from pfstudio.nn.architecture import Architecture, Sizes, Tensors
from pfstudio.nn.registry import ARCHITECTURES, recognise

_SHOWN = 4  # differences named in a sentence
_PARTS, _PARTS_OF_A_TENSOR, _NUMBERS = 1000, 8, 2**24
_MISFIT = (KeyError, ValueError, IndexError, ZeroDivisionError)


def architecture_of_tensors(tensors: Tensors, name: str) -> Architecture:
    """The kind of network that these tensors belong to, by their names.

    Raises:
        InputError: none that this program knows.
    """
    found = recognise(tensors)
    if found is not None:
        return found
    if "conv_in.weight" in tensors and any(key.startswith("down_blocks.") for key in tensors):
        raise InputError(
            f"{name} is a conversion of a U-Net for diffusers, which cannot be loaded.",
            "Use the published file, depthfm-v1.ckpt.",
        )
    some = ", ".join(list(tensors)[:3])
    raise InputError(
        f"{name} is of no known architecture: its tensors have other names ({some}, ...).",
        f"Known are: {', '.join(ARCHITECTURES)}.",
    )


def infer_sizes(
    architecture: Architecture, tensors: Tensors, given: Mapping[str, Any], name: str, heads: int
) -> Sizes:
    """Sizes of a network, from its tensors' shapes and what its file says.

    Raises:
        InputError: tensors are missing or of another shape.
    """
    try:
        return architecture.infer(tensors, given, name, heads)
    except _MISFIT as error:
        missing = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise InputError(
            f"{name} is not a whole checkpoint of {architecture.name}: {missing}.",
            "Choose another file.",
        ) from error


def config_of(architecture: Architecture, sizes: Mapping[str, Any]) -> Any:
    """The configuration of a network of these sizes; a card's other settings are left out."""
    if not is_dataclass(architecture.config):
        return architecture.config(**sizes)
    known = {field.name for field in fields(architecture.config)}
    return architecture.config(**{key: value for key, value in sizes.items() if key in known})


def build_network(
    architecture: Architecture, sizes: Mapping[str, Any], tensors: Tensors, name: str
) -> nn.Module:
    """The network with these weights, in float32 and evaluation mode.

    float32 tensors are used in place (no second copy of a mapped file); others are converted.

    Raises:
        InputError: impossible sizes, or tensors that do not fit.
    """
    try:
        config = config_of(architecture, sizes)
        numbers = sum(value.numel() for value in tensors.values())
        with without_values(), _bounded(name, len(tensors), numbers):
            network = architecture.network(config)
    except PfstudioError:
        raise
    except (TypeError, RuntimeError, OverflowError, AttributeError, *_MISFIT) as error:
        raise InputError(f"The sizes given for {name} are impossible ({error}).") from error
    return load_strictly(network, tensors, name)


def sizes_of(network: nn.Module) -> dict[str, Any]:
    """The sizes of a network, for its card."""
    config: Any = network.config
    if is_dataclass(config):
        return asdict(config)  # type: ignore[arg-type]
    return {key: value for key, value in dict(config).items() if not key.startswith("_")}


_FILLING = (Tensor.normal_, Tensor.uniform_, Tensor.zero_, Tensor.fill_)


class _LeaveEmpty(TorchFunctionMode):
    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if function in _FILLING or getattr(function, "__module__", "") == "torch.nn.init":
            return kwargs["tensor"] if "tensor" in kwargs else args[0]
        return function(*args, **kwargs)


@contextmanager
def _bounded(name: str, tensors: int, numbers: int) -> Iterator[None]:
    """Networks made inside may not have far more parts or values than a file has.

    A damaged card could ask for a billion blocks, or for a table that fills the memory.

    Raises:
        InputError: one asks for more.
    """
    parts = itertools.count()

    def count(module: nn.Module, part: str, added: nn.Module | None) -> None:
        if next(parts) > _PARTS + _PARTS_OF_A_TENSOR * tensors:
            raise InputError(f"{name} claims an impossible number of layers.")

    hook = register_module_module_registration_hook(count)
    try:
        with _AtMost(name, _NUMBERS + 2 * numbers):
            yield
    finally:
        hook.remove()


class _AtMost(TorchFunctionMode):
    """No function may give a tensor of more numbers."""

    def __init__(self, name: str, most: int) -> None:
        super().__init__()
        self.name, self.most = name, most

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        out = function(*args, **(kwargs or {}))
        for value in out if isinstance(out, tuple | list) else (out,):
            if isinstance(value, Tensor) and value.numel() > self.most:
                raise InputError(f"{self.name} claims impossible sizes.")
        return out


@contextmanager
def without_values() -> Iterator[None]:
    """Networks made inside have no initial values: memory that is never written costs nothing.

    (The meta device would do the same, but its way of computing a position table imports torch's
    compiler, which takes seconds.)
    """
    with _LeaveEmpty():
        yield


def load_strictly(network: nn.Module, tensors: Tensors, name: str) -> nn.Module:
    """Put tensors into a network in place of its own; every one must fit and be finite.

    Raises:
        InputError: missing, unexpected or wrongly shaped tensors, or values that are no numbers.
    """
    wanted = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    differences = [f"missing {key} {shape}" for key, shape in wanted.items() if key not in tensors]
    differences += [
        f"{key} is {tuple(tensors[key].shape)} instead of {shape}"
        for key, shape in wanted.items()
        if key in tensors and tuple(tensors[key].shape) != shape
    ]
    differences += [
        f"unexpected {key} {tuple(value.shape)}"
        for key, value in tensors.items()
        if key not in wanted
    ]
    if differences:
        shown = "; ".join(differences[:_SHOWN])
        more = f"; and {len(differences) - _SHOWN} more" if len(differences) > _SHOWN else ""
        count = (
            f"{len(differences)} of its tensors {'does' if len(differences) == 1 else 'do'} not fit"
        )
        raise InputError(f"{name} cannot be loaded: {count}.", f"In detail: {shown}{more}.")
    for key, value in tensors.items():
        if not _finite(value):
            raise InputError(
                f"{name} is broken: {key} holds values that are not numbers (NaN or infinity).",
                "Its training failed or the file was altered. Use another checkpoint.",
            )
    network.load_state_dict({key: value.float() for key, value in tensors.items()}, assign=True)
    return network.eval()


def _finite(value: Tensor) -> bool:
    if not value.is_floating_point():
        return True
    # A sum is one pass without a mask in memory; only where it overflows look at each value.
    total = value.float().sum()
    return bool(total.isfinite()) or bool(value.float().isfinite().all())
