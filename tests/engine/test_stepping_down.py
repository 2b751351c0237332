"""What every task does when memory runs out: one rule, a step at a time."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

import pytest
import torch
from small_models import install_small_model
from toy_task import SumModel

from pfstudio.core.card import CARD_NAME
from pfstudio.core.errors import InputError
from pfstudio.core.requests import Compute
from pfstudio.engine.memory import SteppingDown
from pfstudio.engine.model import Model
from pfstudio.engine.model_cache import ModelCache, ModelKey, generator


def full() -> None:
    raise torch.OutOfMemoryError("CUDA out of memory")


class Policy:
    """A policy whose work fails as often as told, and what was tried."""

    def __init__(self, others: int = 0, *, lighter: bool = True) -> None:
        self.model = SumModel()
        if lighter:
            self.model.lighter = SumModel
        self.tried: list[tuple[int, ...]] = []
        self.done: list[int] = []
        self.steps = 0
        self._others = others
        self.memory = SteppingDown(self.model, "rows", self._free, self._stepped)

    def _free(self) -> bool:
        self._others -= 1
        return self._others >= 0

    def _stepped(self) -> None:
        self.steps += 1

    def run(self, items: int, fails: int, most: int = 100) -> None:
        def work(batch: Sequence[int]) -> None:
            self.tried.append(tuple(batch))
            if len(self.tried) <= fails:
                full()
            self.done += batch

        self.memory.in_batches(range(items), work, most)


def test_nothing_happens_where_memory_suffices() -> None:
    policy = Policy()
    policy.run(5, fails=0, most=2)
    assert policy.tried == [(0, 1), (2, 3), (4,)]
    assert (policy.memory.notices, policy.steps) == ((), 0)
    assert policy.memory.execution == policy.model.execution.record()


def test_the_steps_come_in_order() -> None:
    policy = Policy(others=1)
    policy.run(4, fails=4)
    assert [len(batch) for batch in policy.tried] == [4, 4, 2, 1, 1, 1, 1, 1]
    assert policy.done == [0, 1, 2, 3]
    assert policy.memory.notices == (
        "Memory ran out, so the other models were unloaded.",
        "Memory ran out, so rows are computed 2 at a time.",
        "Memory ran out, so rows are computed 1 at a time.",
        "Memory ran out, so this run goes on in float32.",  # the toy's copy
    )
    assert policy.steps == 4
    assert policy.memory.lightened
    assert policy.memory.model is not policy.model
    assert policy.memory.execution is None  # it did not run in one way


def test_the_last_step_is_not_taken_twice() -> None:
    policy = Policy(lighter=False)
    with pytest.raises(torch.OutOfMemoryError):
        policy.run(1, fails=1)
    assert policy.memory.model is policy.model
    assert not policy.memory.notices


def test_other_errors_are_no_reason_to_step_down() -> None:
    policy = Policy(others=9)
    with pytest.raises(ZeroDivisionError):
        policy.memory.whole(lambda model: 1 // 0)
    assert not policy.memory.notices


def test_what_has_no_batches_is_done_again() -> None:
    policy, tries = Policy(others=2), []

    def work(model: SumModel) -> int:
        tries.append(model)
        if len(tries) < 3:
            full()
        return 7

    assert policy.memory.whole(work) == 7
    assert tries == [policy.model] * 3


def test_the_cache_loads_anew_what_was_replaced_on_disk() -> None:
    folder, cache = install_small_model("fox"), ModelCache()

    def get() -> Model:
        return cache.get(generator("fox", Compute("cpu", "float32", 1)))

    first = get()
    assert get() is first
    card = folder / CARD_NAME
    card.write_text(card.read_text(encoding="utf-8") + " ", encoding="utf-8")
    second = get()
    assert second is not first
    assert [one.name for one in cache.loaded] == ["fox"]
    shutil.rmtree(folder)
    with pytest.raises(InputError, match="fox"):
        get()


def test_the_cache_lets_all_others_go() -> None:
    cache, keys = ModelCache(), [ModelKey(name, (SumModel, name), SumModel) for name in "abc"]
    models = [cache.get(key) for key in keys]
    assert cache.keep_only(models[1:2])
    assert [cache.holds(key) for key in keys] == [False, True, False]
    assert cache.get(keys[1]) is models[1]
    assert not cache.keep_only(models[1:2])
