"""Promise: what waited or ran when the program ended is there again, and runs when told to."""

from __future__ import annotations

from collections.abc import Callable

from window_bench import Bench

from pfstudio.ui.jobs import Phase


def leave_three(open_window: Callable[..., Bench]) -> None:
    bench = open_window(allowed=1)
    bench.generate(steps=3, seed=5)
    bench.until_calls(1)
    for seed in (6, 7):
        bench.page.recipe.set(seed=seed)
        bench.page.enqueue()
    bench.window.close()


def test_the_queue_is_back_and_waits_for_a_word(open_window: Callable[..., Bench]) -> None:
    leave_three(open_window)
    bench = open_window()
    jobs = bench.page.jobs
    assert [handle.request.seed for handle in jobs.waiting] == [5, 6, 7]
    assert all(handle.restored for handle in jobs.waiting)
    assert bench.runner.submitted == []
    notice = bench.notices[-1]
    assert notice.text == "3 runs are waiting from the last session."
    dict(notice.actions)["Run"]()
    bench.until(lambda: bench.page.jobs.phase is Phase.IDLE and not jobs.waiting)
    assert [request.seed for request in bench.runner.finished] == [5, 6, 7]


def test_new_work_does_not_wait_for_the_old(open_window: Callable[..., Bench]) -> None:
    leave_three(open_window)
    bench = open_window()
    bench.generate(steps=2, seed=50)
    bench.until(lambda: bench.page.jobs.phase is Phase.IDLE and bool(bench.runner.finished))
    assert [request.seed for request in bench.runner.finished] == [50]
    assert len(bench.page.jobs.restored) == 3


def test_it_can_be_discarded_for_good(open_window: Callable[..., Bench]) -> None:
    leave_three(open_window)
    bench = open_window()
    dict(bench.notices[-1].actions)["Discard"]()
    assert not bench.page.jobs.waiting
    bench.window.close()
    assert not open_window().page.jobs.waiting


def test_untouched_it_waits_through_another_session(open_window: Callable[..., Bench]) -> None:
    leave_three(open_window)
    open_window().window.close()
    assert len(open_window().page.jobs.restored) == 3
