"""What the tensors of a computation take, against what is known of it."""

from __future__ import annotations

import torch

from pfstudio.engine.tensor_memory import TensorMemory


def test_the_most_that_is_held_at_once_is_counted() -> None:
    before = torch.ones(1000)
    with TensorMemory() as counted:
        first = torch.zeros(1000)
        view = first[:10].reshape(2, 5)
        second = torch.zeros(500)
        first += before.add_(1)
        del first, view
        third = torch.zeros(250) + 1  # a moment of two
    assert (counted.held, counted.peak) == (4 * 750, 4 * 1500)
    del second, third
    assert counted.held == 0


def test_a_view_keeps_all_of_what_it_looks_at() -> None:
    with torch.inference_mode(), TensorMemory() as counted:
        part = torch.zeros(1000)[:1]
        assert counted.held == 4000
        del part
    assert (counted.held, counted.peak) == (0, 4000)
