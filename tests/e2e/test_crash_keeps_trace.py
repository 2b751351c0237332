"""Promise: after a crash in the middle of a run, its calls are there again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from window_bench import Bench

from pfstudio.core.results import list_results

CRASH = """
import os
import numpy as np
from pfstudio.core.execution import Execution
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.trace_journal import RecordedCall, TraceRecorder

recorder = TraceRecorder(GenerateRequest(model="little-pft", seed=31), "little-pft")
recorder.begin_batch(np.zeros((1, 4, 8, 8), np.float32), Execution("cpu", "float32", 1))
maps = np.zeros((1, 4, 4), np.float32)
for call in range(5):
    recorder.add(RecordedCall(maps, maps, maps.astype(np.uint8), maps, 32, 0.1, None, None))
os._exit(1)
"""


def test_the_interrupted_run_can_be_opened(open_window: Callable[..., Bench]) -> None:
    subprocess.run([sys.executable, "-c", CRASH], check=False)
    bench = open_window()
    notice = next(n for n in bench.notices if "interrupted" in n.text)
    dict(notice.actions)["Open"]()
    run = bench.page.run
    assert run.done == 5
    assert run.data.request.seed == 31
    assert len(list_results()) == 1
    bench.window.close()
    assert not [text for text in open_window().said() if "interrupted" in text]


def test_a_run_in_another_window_is_left_alone(open_window: Callable[..., Bench]) -> None:
    staying = CRASH.replace("os._exit(1)", "print('here', flush=True); input()")
    command = [sys.executable, "-c", staying]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline().strip() == b"here"
        assert not [text for text in open_window().said() if "interrupted" in text]
        other.communicate(b"\n")
