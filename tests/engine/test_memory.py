from __future__ import annotations

import pytest
import torch

from pfstudio.engine import memory
from pfstudio.engine.memory import batch_size, free_bytes, is_out_of_memory


def test_this_machine_says_so_when_memory_runs_out() -> None:
    with pytest.raises(RuntimeError) as error:
        torch.empty(2**50)
    assert is_out_of_memory(error.value)
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory."))
    assert not is_out_of_memory(RuntimeError("shapes do not fit"))
    assert not is_out_of_memory(ValueError("out of memory"))


def test_batches_fit_into_half_of_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    assert free_bytes("cpu") > 2**20
    monkeypatch.setattr(memory, "free_bytes", lambda _: 1000)
    assert batch_size(100, 100, "cpu") == 5
    assert batch_size(3, 100, "cpu") == 3
    assert batch_size(100, 10_000, "cpu") == 1
    assert batch_size(100, 1, "cpu") == 8
    assert batch_size(100, 1, "cuda:0") == 64
