"""What is on record of how a network ran."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest
from core_strategies import executions
from hypothesis import given

from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution, Kernels

RAN = Execution("cpu", "bfloat16", 2, Kernels("matmul"), torch="2.9", machine="Xeon (amx)")


@given(execution=executions())
def test_it_survives_plain_data(execution: Execution) -> None:
    assert Execution.from_data(asdict(execution)) == execution


@pytest.mark.parametrize(
    "wrong",
    [
        {"device": "tpu"},
        {"dtype": "float8"},
        {"threads": -1},
        {"batch": 0},
        {"float32_matmul": "low"},
        {"machine": ["a"]},
        {"kernels": {"linear": "fast"}},
    ],
)
def test_what_no_machine_can_do_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Execution.from_data({**asdict(RAN), **wrong})


def test_another_machine_or_torch_is_named() -> None:
    assert RAN.difference(replace(RAN, dtype="float32", threads=7)) == ""
    assert "Xeon (amx), but here is EPYC" in RAN.difference(replace(RAN, machine="EPYC"))
    assert "torch 2.9, but here is torch 3" in RAN.difference(replace(RAN, torch="3"))


def test_it_is_said_in_a_few_words() -> None:
    assert RAN.sentence == "cpu, bfloat16, 2 threads"
    assert replace(RAN, device="cuda").sentence == "cuda, bfloat16"
