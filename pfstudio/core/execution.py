"""How a network was computed, as plain data that travels with what came out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from pfstudio.core.errors import InputError

_DEVICES = ("cpu", "cuda", "mps")
_DTYPES = ("float32", "bfloat16", "float16")
_MOST_THREADS = 4096
_MATMUL = ("highest", "high", "medium")


@dataclass(frozen=True)
class Kernels:
    """Which of several equal ways an operation is computed; the fastest depends on the machine."""

    attention: str = "sdpa"  # "sdpa", or "matmul": explicit product, softmax, product
    gelu: str = "tanh"  # "tanh" as published, or "erf": allowed in bfloat16, where both round alike
    # "plain", or "packed": oneDNN's products on weights that it laid out once, with the GELU (tanh)
    # fused; on the CPU and without gradients only, and the packed copy takes as much memory again.
    linear: str = "plain"

    def __post_init__(self) -> None:
        if self.linear not in ("plain", "packed"):
            raise InputError(f"Unknown linear kernel {self.linear!r}.", "Use plain or packed.")
        if self.attention not in ("sdpa", "matmul"):
            raise InputError(f"Unknown attention kernel {self.attention!r}.", "Use sdpa or matmul.")
        if self.gelu not in ("tanh", "erf"):
            raise InputError(f"Unknown GELU kernel {self.gelu!r}.", "Use tanh or erf.")


@dataclass(frozen=True)
class Execution:
    """How a network ran: where "auto" was wished, what was chosen. Equal ones give equal bits."""

    device: str  # "cpu", "cuda", "cuda:1", "mps"
    dtype: str  # "float32", "bfloat16", "float16"
    threads: int  # of the CPU
    kernels: Kernels = field(default_factory=Kernels)
    float32_matmul: str = "highest"  # see torch.set_float32_matmul_precision
    torch: str = ""  # version
    machine: str = ""  # processor with its extensions, or graphics card
    batch: int = 1  # pictures at once, the last batch aside: in low precision it changes bits

    def __post_init__(self) -> None:
        known = self.device.split(":")[0] in _DEVICES and self.dtype in _DTYPES
        known = known and self.float32_matmul in _MATMUL and 0 <= self.threads <= _MOST_THREADS
        known = known and self.batch >= 1
        if not (known and isinstance(self.torch, str) and isinstance(self.machine, str)):
            raise InputError("This way of computing is not known here.", "Use a newer version.")

    @property
    def sentence(self) -> str:
        """E.g. "cpu, bfloat16, 2 threads"."""
        words = [self.device, self.dtype]
        if self.device == "cpu":
            words.append("1 thread" if self.threads == 1 else f"{self.threads} threads")
        return ", ".join(words)

    def difference(self, here: Execution) -> str:
        """Why the machine that ran `here` may give other bits, in a sentence; "": no reason."""
        if self.machine != here.machine:
            return f"It ran on {self.machine}, but here is {here.machine}."
        if self.torch != here.torch:
            return f"It ran with torch {self.torch}, but here is torch {here.torch}."
        return ""

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """Read what `dataclasses.asdict` gave.

        Raises:
            InputError, TypeError, KeyError, AttributeError: it is something else.
        """
        return cls(**{**data, "kernels": Kernels(**data["kernels"])})
