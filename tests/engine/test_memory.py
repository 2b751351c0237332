from __future__ import annotations

import psutil
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
    monkeypatch.setattr(memory, "free_bytes", lambda _: 1000)
    assert batch_size(100, 100, "cpu") == 5
    assert batch_size(3, 100, "cpu") == 3
    assert batch_size(100, 10_000, "cpu") == 1
    assert batch_size(100, 1, "cpu") == 8
    assert batch_size(100, 1, "cuda:0") == 64


def test_free_memory_is_what_can_be_had_without_swapping(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 2**20 < free_bytes("cpu") < psutil.virtual_memory().total
    told = psutil.virtual_memory()._replace(total=64 * 2**30, available=12 * 2**30, free=2**30)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: told)
    assert free_bytes("cpu") == free_bytes("mps") == 12 * 2**30


def test_blocks_that_torch_keeps_on_a_gpu_are_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (100, 1000))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _: 700)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda _: 300)
    assert free_bytes("cuda:0") == 500
