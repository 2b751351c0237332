"""Promise: two windows at once have a queue each, and neither takes the other's jobs."""

from __future__ import annotations

from collections.abc import Callable

from window_bench import Bench


def test_two_windows_two_queues(open_window: Callable[..., Bench]) -> None:
    first, second = open_window(allowed=1), open_window(allowed=1)
    for bench, seeds in ((first, (11, 12)), (second, (21, 22, 23))):
        bench.generate(steps=5, seed=seeds[0])
        bench.until_calls(1)
        for seed in seeds[1:]:
            bench.page.recipe.set(seed=seed)
            bench.page.enqueue()
    assert [handle.request.seed for handle in first.page.jobs.waiting] == [12]
    assert [handle.request.seed for handle in second.page.jobs.waiting] == [22, 23]
    first.window.close()
    second.window.close()
    left = [[handle.request.seed for handle in open_window().page.jobs.restored] for _ in range(2)]
    assert sorted(left) == [[11, 12], [21, 22, 23]]
