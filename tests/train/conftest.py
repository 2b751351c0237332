"""What every training test gets: an accelerate that knows nothing of other trainings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from train_worlds import forget_accelerate


@pytest.fixture(autouse=True)
def _fresh_accelerate() -> Iterator[None]:
    yield
    forget_accelerate()
