"""Measurements from a formula, for tests of what is chosen."""

from __future__ import annotations

from collections.abc import Callable

from pfstudio.engine.autotune import Measured, Setting


class FakeProbe:
    """Measurements from a formula; counts how often it was asked."""

    def __init__(
        self,
        cost: Callable[[Setting], float],
        error: Callable[[Setting], float] = lambda setting: 0.0,
        medium: Measured | None = None,
    ) -> None:
        self.cost, self.error = cost, error
        self.medium = medium or Measured(2.0, 2.0, 0.0)
        self.asked: list[Setting] = []

    def product(self, float32_matmul: str) -> Measured:
        return self.medium if float32_matmul == "medium" else Measured(1.0, 1.0, 0.0)

    def block(self, setting: Setting) -> Measured:
        self.asked.append(setting)
        cost = self.cost(setting)
        return Measured(cost, cost, self.error(setting))
