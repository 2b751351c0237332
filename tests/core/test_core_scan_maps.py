"""What is read out of the record of a scan."""

from __future__ import annotations

import numpy as np
import pytest

from pfstudio.core.scan_maps import GROUPS, RECORDED, decay, reach
from pfstudio.core.scan_paths import spiral


@pytest.fixture
def record() -> np.ndarray:
    return np.random.default_rng(0).uniform(0.01, 0.6, (RECORDED, 3, 4)).astype(np.float16)


def test_decay_is_the_mean_of_what_the_groups_keep(record: np.ndarray) -> None:
    kept = np.exp(-record[:GROUPS, 1, 2].astype(float)).mean()
    assert decay(record)[1, 2] == pytest.approx(kept, rel=1e-5)


@pytest.mark.parametrize("place", [0, 5, 11])
def test_reach_is_the_product_of_the_decays_on_the_way(record: np.ndarray, place: int) -> None:
    path = spiral(3, 4)
    found = reach(record, path, divmod(int(path[place]), 4)).ravel()
    decays = np.exp(-record[:GROUPS].reshape(GROUPS, -1)[:, path].astype(float))
    for earlier in range(12):
        left = decays[:, earlier + 1 : place + 1].prod(axis=1).mean() if earlier <= place else 0.0
        assert found[path[earlier]] == pytest.approx(left, rel=1e-5)
