from __future__ import annotations

import dataclasses
import errno
import json
import os
import signal
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from core_strategies import traces
from hypothesis import HealthCheck, given, settings
from run_traces import made_up_trace
from safetensors import safe_open

from pfstudio.core import files, trace_file, trace_journal
from pfstudio.core.conditions import Prompt, labels
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.execution import Execution, Kernels
from pfstudio.core.requests import Branch, GenerateRequest
from pfstudio.core.results import recover_results
from pfstudio.core.scan_maps import RECORDED
from pfstudio.core.trace import Role, Trace
from pfstudio.core.trace_file import read_trace, write_trace
from pfstudio.core.trace_journal import (
    RecordedCall,
    TraceRecorder,
    journals,
    recover,
    unfinished,
)

EXECUTION = Execution("cpu", "bfloat16", 2, Kernels(linear="packed"), torch="2.0", machine="this")


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[TraceRecorder]:
    request = GenerateRequest(conditions=labels(3), count=4)
    recorder = TraceRecorder(request, "tiny", tmp_path / "journals")
    yield recorder
    recorder.close()


def finished(recorder: TraceRecorder) -> Trace:
    trace = recorder.trace()
    assert trace is not None
    return trace


def assert_same(one: Trace, two: Trace) -> None:
    for field in dataclasses.fields(Trace):
        a, b = getattr(one, field.name), getattr(two, field.name)
        if isinstance(a, np.ndarray):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b, err_msg=field.name)
        else:
            assert a == b, field.name


def a_call(value: float, images: int = 2) -> RecordedCall:
    maps = np.full((images, 2, 2), value, np.float32)
    latents = np.full((images, 4, 4, 4), value, np.float16)
    role = np.full((images, 2, 2), Role.TOGETHER, np.uint8)
    return RecordedCall(maps, maps, role, maps, 8, value, latents, latents)


def record(
    calls: int, recorder: TraceRecorder, offset: float = 0.0, execution: Execution = EXECUTION
) -> None:
    recorder.begin_batch(np.zeros((2, 4, 4, 4), np.float32), execution)
    for call in range(calls):
        recorder.add(a_call(offset + call + 1.0))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(trace=traces())
def test_a_trace_survives_the_file(trace: Trace, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("t") / "run.pftrace"
    write_trace(trace, path)
    bare = dataclasses.replace(trace, request=trace.request.without_folders())
    assert_same(read_trace(path), bare)
    (path.parent / "plain").touch()
    assert path.stat().st_mode == (path.parent / "plain").stat().st_mode


def test_what_a_run_made_is_not_what_it_began_from(tmp_path: Path) -> None:
    """Each result has files of these names: those that are meant lie in folders of other runs."""
    made, given = ("trace.pftrace", "image-000.png"), ("n.safetensors", "photo.png")
    trace = made_up_trace(nfe=2, images=1)
    for folder, is_result in (("result", True), ("copies", False)):
        (tmp_path / folder).mkdir()
        for name in (*made, *given, *(["request.json"] if is_result else [])):
            (tmp_path / folder / name).touch()
        for image, noise in (("image-000.png", "n.safetensors"), ("photo.png", "")):
            request = dataclasses.replace(
                trace.request, branch=Branch("/gone/trace.pftrace", 1), image_file=image,
                noise_file=noise, masks_file="trace.pftrace",
            )  # fmt: skip
            path = tmp_path / folder / "run.pftrace"
            write_trace(dataclasses.replace(trace, request=request), path)
            read = read_trace(path).request
            assert read.branch is not None
            names = (read.branch.trace, read.masks_file, read.image_file, read.noise_file)
            for found, name in zip(names, ("trace.pftrace",) * 2 + (image, noise), strict=True):
                lost = not name or (is_result and name in made)
                assert found == (name if lost else str(path.with_name(name)))


@pytest.mark.parametrize("name", [".", "..", "nowhere.npy"])
def test_names_that_are_no_file_beside_it_stay(name: str, tmp_path: Path) -> None:
    request = GenerateRequest(noise_file=name, image_file=name)
    assert request.with_files_beside(tmp_path / "run.pftrace") == request


def test_the_file_is_the_documented_format(recorder: TraceRecorder, tmp_path: Path) -> None:
    record(3, recorder)
    recorder.end_batch(np.ones((2, 4, 4, 4), np.float32))
    trace = finished(recorder)
    write_trace(trace, tmp_path / "a.safetensors")
    with safe_open(tmp_path / "a.safetensors", framework="numpy") as file:
        about = json.loads(file.metadata()["pfstudio"])
        shapes = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118
        kinds = {name: file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118
    assert (about["format"], about["version"], about["model"]) == ("pfstudio-trace", 1, "tiny")
    assert about["request"]["conditions"] == [{"kind": "class", "index": 3}]
    assert {"app", "timings"} <= about.keys()
    assert about["execution"]["kernels"]["linear"] == "packed"
    assert Execution.from_data(about["execution"]) == trace.execution == EXECUTION
    assert shapes["noise"] == shapes["latents"] == [2, 4, 4, 4]
    assert shapes["states"] == [4, 2, 4, 4, 4]
    assert shapes["time"] == shapes["role"] == shapes["speed"] == [3, 2, 2, 2]
    assert shapes["tokens"] == [3]
    assert (kinds["states"], kinds["role"], kinds["tokens"]) == ("F16", "U8", "I32")


def with_words(shape: tuple[int, ...], prompt: str = "a red fox") -> Trace:
    trace = made_up_trace(nfe=3, images=2)
    request = dataclasses.replace(trace.request, conditions=(Prompt(prompt), Prompt("fox")))
    words = np.random.default_rng(0).random(shape).astype(np.float16)
    return dataclasses.replace(trace, request=request, words=words)


def test_word_maps_survive_the_file(tmp_path: Path) -> None:
    trace = with_words((3, 2, 5, 4, 4, 3))
    write_trace(trace, tmp_path / "a.safetensors")
    assert_same(read_trace(tmp_path / "a.safetensors"), trace)


@pytest.mark.parametrize(
    "shape",
    [(2, 2, 5, 4, 4, 3), (3, 1, 5, 4, 4, 3), (3, 2, 0, 4, 4, 3), (3, 2, 5, 4, 3, 3),
     (3, 2, 5, 4, 4, 4), (3, 2, 4, 4, 3)],
)  # fmt: skip
def test_word_maps_of_another_shape_are_refused(shape: tuple[int, ...], tmp_path: Path) -> None:
    write_trace(with_words(shape), tmp_path / "a.safetensors")
    with pytest.raises(InputError, match="damaged"):
        read_trace(tmp_path / "a.safetensors")


def with_scans(shape: tuple[int, ...], scan: str = "zigzagN8") -> Trace:
    trace = made_up_trace(nfe=3, images=2)
    request = dataclasses.replace(trace.request, scan=scan)
    scans = np.random.default_rng(0).random(shape).astype(np.float16)
    return dataclasses.replace(trace, request=request, scans=scans)


def test_scan_maps_survive_the_file(tmp_path: Path) -> None:
    trace = with_scans((3, 2, 5, RECORDED, 4, 4), "1-16")
    write_trace(trace, tmp_path / "a.safetensors")
    assert_same(read_trace(tmp_path / "a.safetensors"), trace)


@pytest.mark.parametrize(
    ("shape", "scan", "says"),
    [
        ((2, 2, 5, RECORDED, 4, 4), "v2", "damaged"),
        ((3, 1, 5, RECORDED, 4, 4), "v2", "damaged"),
        ((3, 2, 0, RECORDED, 4, 4), "v2", "damaged"),
        ((3, 2, 5, RECORDED - 1, 4, 4), "v2", "damaged"),
        ((3, 2, 5, RECORDED, 4, 3), "v2", "damaged"),
        ((3, 2, RECORDED, 4, 4), "v2", "damaged"),
        ((3, 2, 5, RECORDED, 4, 4), "", "damaged"),
        ((3, 2, 5, RECORDED, 4, 4), "1-15", "visits 15 patches, but the image has 16"),
    ],
)
def test_scan_maps_that_fit_nothing_are_refused(
    shape: tuple[int, ...], scan: str, says: str, tmp_path: Path
) -> None:
    write_trace(with_scans(shape, scan), tmp_path / "a.safetensors")
    with pytest.raises(InputError, match=says):
        read_trace(tmp_path / "a.safetensors")


@pytest.mark.parametrize("cut", [0, 4, 100, -1])
def test_a_cut_off_file_is_told_in_one_sentence(
    recorder: TraceRecorder, tmp_path: Path, cut: int
) -> None:
    record(1, recorder)
    trace = finished(recorder)
    path = tmp_path / "a.safetensors"
    write_trace(trace, path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(InputError, match="not a trace"):
        read_trace(path)


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    safetensors.numpy.save_file({"a": np.zeros(3)}, path)
    with pytest.raises(InputError, match="not a trace"):
        read_trace(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_trace(tmp_path / "missing.safetensors")
    with pytest.raises(InputError):
        read_trace(tmp_path)


def test_a_newer_version_is_named(tmp_path: Path) -> None:
    path = tmp_path / "new.safetensors"
    about = json.dumps({"format": "pfstudio-trace", "version": 2})
    safetensors.numpy.save_file({"a": np.zeros(3)}, path, {"pfstudio": about})
    with pytest.raises(InputError, match="version 2"):
        read_trace(path)


def test_a_full_disk_leaves_nothing(
    recorder: TraceRecorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(tensors: Any, path: Path, metadata: Any) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    record(1, recorder)
    trace = finished(recorder)
    monkeypatch.setattr(trace_file.safetensors.numpy, "save_file", full)
    (tmp_path / "out").mkdir()
    with pytest.raises(RunError, match="disk is full"):
        write_trace(trace, tmp_path / "out" / "a.safetensors")
    assert not list((tmp_path / "out").iterdir())


def test_a_stopped_run_keeps_exactly_its_calls(recorder: TraceRecorder) -> None:
    assert recorder.trace() is None
    record(2, recorder)
    trace = finished(recorder)
    assert trace.nfe == 2
    assert trace.states is not None
    assert trace.states.shape[0] == 3
    np.testing.assert_array_equal(trace.latents, np.full((2, 4, 4, 4), 2.0, np.float32))
    assert recorder.journal.exists()
    recorder.close()
    assert not recorder.journal.exists()


def test_batches_lie_side_by_side(recorder: TraceRecorder) -> None:
    record(3, recorder)
    recorder.end_batch(np.full((2, 4, 4, 4), 9.0, np.float32))
    record(2, recorder, offset=3.0)
    trace = finished(recorder)
    assert trace.time.shape == (3, 4, 2, 2)
    assert list(trace.tokens) == [16, 16, 8]
    assert np.all(trace.role[2, 2:] == Role.FINISHED)
    assert np.isnan(trace.difficulty[2, 2:]).all()
    assert np.all(trace.time[2, 2:] == 5.0)  # it was stopped there
    assert trace.seconds[-1] == pytest.approx(5.0)
    assert_same(trace, recover_now(recorder))


def test_a_batch_that_ended_early_is_finished_from_then_on(recorder: TraceRecorder) -> None:
    record(2, recorder)
    recorder.end_batch(np.full((2, 4, 4, 4), 9.0, np.float32))
    record(3, recorder, offset=3.0)
    trace = finished(recorder)
    assert np.all(trace.time[2, :2] == 1.0)
    assert trace.states is not None
    assert np.all(trace.states[2, :2] == 9.0)


def recover_now(recorder: TraceRecorder) -> Trace:
    trace = recover(recorder.journal)
    assert trace is not None
    return trace


def test_a_dropped_batch_is_forgotten(recorder: TraceRecorder) -> None:
    record(3, recorder)
    recorder.drop_batch()
    record(1, recorder)
    assert recover_now(recorder).nfe == 1
    trace = finished(recorder)
    assert_same(trace, recover_now(recorder))


def test_a_run_that_went_on_in_another_way_has_none_on_record(recorder: TraceRecorder) -> None:
    record(2, recorder)
    recorder.end_batch(np.ones((2, 4, 4, 4), np.float32))
    record(1, recorder)
    assert finished(recorder).execution == EXECUTION
    recorder.drop_batch()
    record(1, recorder, execution=dataclasses.replace(EXECUTION, dtype="float32"))
    trace = finished(recorder)
    assert trace.execution is None
    assert_same(trace, recover_now(recorder))


def test_a_torn_journal_opens_up_to_its_last_whole_chunk(recorder: TraceRecorder) -> None:
    record(3, recorder)
    whole = recorder.journal.read_bytes()
    recorder.journal.write_bytes(whole[:-10])
    assert recover_now(recorder).nfe == 2
    recorder.journal.write_bytes(whole[:-10] + b"garbage..." + whole)
    assert recover_now(recorder).nfe == 2
    recorder.journal.write_bytes(b"nothing of ours")
    with pytest.raises(InputError, match="not the journal"):
        recover(recorder.journal)


def refuse(monkeypatch: pytest.MonkeyPatch, verb: str, when: Callable[[Path], bool]) -> None:
    """Let the system refuse to remove or to rename some files."""
    allowed = getattr(Path, verb)

    def refused(path: Path, *args: Any, **options: Any) -> Any:
        if when(path):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return allowed(path, *args, **options)

    monkeypatch.setattr(Path, verb, refused)


@pytest.mark.parametrize("full", [False, True])
def test_a_journal_that_cannot_be_removed_stays_without_calls(
    recorder: TraceRecorder, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    record(2, recorder)
    refuse(monkeypatch, "unlink", lambda path: path == recorder.journal)
    if full:
        recorder._give_up(OSError(errno.ENOSPC, "No space left on device"))
    recorder.close()
    assert recorder.journal.read_bytes() == b""
    assert finished(recorder).nfe == 2


def test_two_windows_may_look_for_journals_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    left = TraceRecorder(GenerateRequest(), "tiny")
    record(1, left)
    left.close(keep=True)
    in_use = trace_journal._in_use

    def recovered_meanwhile(path: Path) -> bool:
        found = in_use(path)
        path.unlink()
        return found

    monkeypatch.setattr(trace_journal, "_in_use", recovered_meanwhile)
    assert unfinished() == []


def is_open(path: Path) -> bool:
    own = Path("/proc/self/fd")
    return any(file.is_symlink() and os.readlink(file) == str(path) for file in own.iterdir())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it looks into /proc")
def test_on_windows_no_open_journal_is_removed_or_renamed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for calls, keep in ((2, True), (2, False)):
        recorder = TraceRecorder(GenerateRequest(), "tiny")
        record(calls, recorder)
        if keep:
            recorder.close(keep=True)
    (journals() / "damaged.journal").write_bytes(b"nothing of ours")
    for verb in ("unlink", "rename"):
        refuse(monkeypatch, verb, lambda path: path.suffix == ".journal" and is_open(path))
    system = types.SimpleNamespace(LK_NBLCK=2, locking=lambda *_: None)
    monkeypatch.setitem(sys.modules, "msvcrt", system)
    monkeypatch.setattr(files, "sys", types.SimpleNamespace(platform="win32"))
    recorder.close()
    assert [result.request().model for result in recover_results()] == [""]
    (aside,) = journals().iterdir()
    assert ".broken" in aside.name
    assert "cannot be" not in caplog.text


KILLED = """
import sys
sys.path[:0] = {tests!r}
import time
from test_trace_file import TraceRecorder, GenerateRequest, record
record(5, TraceRecorder(GenerateRequest(seed=7), "tiny"))
print("recorded", flush=True)
time.sleep(60)
"""


def test_kill_minus_nine_leaves_a_trace_that_opens(tmp_path: Path) -> None:
    code = KILLED.format(tests=[str(folder) for folder in Path(__file__).parents[:2]])
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "recorded\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    (journal,) = unfinished()
    trace = recover(journal)
    assert trace is not None
    assert (trace.nfe, trace.request.seed) == (5, 7)
    write_trace(trace, tmp_path / "saved.safetensors")
    assert read_trace(tmp_path / "saved.safetensors").nfe == 5
