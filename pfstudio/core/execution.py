"""How a network was computed, as plain data that travels with what came out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pfstudio.core.errors import InputError
from pfstudio.core.parameters import CheckedSettings, field_in

_DEVICE = re.compile(r"cpu|mps|cuda(:\d{1,2})?")
_DTYPES = ("float32", "bfloat16", "float16")


@dataclass(frozen=True)
class Kernels(CheckedSettings):
    """Which of several equal ways an operation is computed; the fastest depends on the machine."""

    # "sdpa", or "matmul": explicit product, softmax, product
    attention: str = field_in("sdpa", choices=("sdpa", "matmul"))
    # "tanh" as published, or "erf": allowed in bfloat16, where both round alike
    gelu: str = field_in("tanh", choices=("tanh", "erf"))
    # "plain", or "packed": oneDNN's products on weights that it laid out once, with the GELU (tanh)
    # fused; on the CPU and without gradients only, and the packed copy takes as much memory again.
    linear: str = field_in("plain", choices=("plain", "packed"))


@dataclass(frozen=True)
class Execution(CheckedSettings):
    """How a network ran: where "auto" was wished, what was chosen. Equal ones give equal bits."""

    device: str  # "cpu", "cuda", "cuda:1", "mps"
    dtype: str  # "float32", "bfloat16", "float16"
    threads: int = field_in(0, 0, 4096)  # of the CPU
    kernels: Kernels = field(default_factory=Kernels)
    # see torch.set_float32_matmul_precision
    float32_matmul: str = field_in("highest", choices=("highest", "high", "medium"))
    torch: str = ""  # version
    machine: str = ""  # processor with its extensions, or graphics card
    # pictures at once, the last batch aside: in low precision it changes bits
    batch: int = field_in(1, 1, 10_000)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (_DEVICE.fullmatch(self.device) and self.dtype in _DTYPES):
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


@dataclass(frozen=True)
class MachineSpeed:
    """What a short measurement of this machine found."""

    model: str  # whose network was timed
    auto: Execution  # what "auto" stands for
    seconds: tuple[tuple[str, float], ...]  # of a call on the processor, by precision
    busy: bool  # other programs disturbed it
