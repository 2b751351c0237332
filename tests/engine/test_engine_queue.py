"""The queue's file: what is in it after every change, every kill, and every damage."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pfstudio.core.classify import ClassifyRequest
from pfstudio.core.errors import RunError
from pfstudio.core.features import FeaturesRequest
from pfstudio.core.requests import GenerateRequest
from pfstudio.engine.queue import JobQueue

Change = Callable[[JobQueue], object]


def ask(seed: int) -> GenerateRequest:
    return GenerateRequest("any", seed=seed)


def left(file: Path) -> list[int]:
    """The seeds that the next session finds."""
    return [request.seed for request in JobQueue(file).left()]


def killed_after(content: bytes, folder: Path) -> list[int]:
    """The seeds that are found where a kill left this much of the file."""
    file = folder / "killed.jsonl"
    file.write_bytes(content)
    return left(file)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "queue.jsonl"


CHANGES: tuple[tuple[Change, list[int]], ...] = (
    (lambda q: q.add(ask(10)), [10]),
    (lambda q: q.add(ask(11)), [10, 11]),
    (lambda q: q.add(ask(12)), [10, 11, 12]),
    (lambda q: q.move_first(3), [12, 10, 11]),
    (lambda q: q.take(), [12, 10, 11]),  # what runs is kept until it is done
    (lambda q: q.add(ask(13)), [12, 10, 11, 13]),
    (lambda q: q.move_first(1, 4), [12, 10, 13, 11]),
    (lambda q: q.done(), [10, 13, 11]),
    (lambda q: q.remove(4), [10, 11]),
    (lambda q: q.remove(99), [10, 11]),
    (lambda q: q.add(ask(14)), [10, 11, 14]),
    (lambda q: q.move_first(99, 5, 2), [14, 11, 10]),  # those that wait, in this order
)


def test_a_kill_costs_no_more_than_the_last_change(file: Path, tmp_path: Path) -> None:
    queue = JobQueue(file)
    before: list[int] = []
    written = b""
    for change, after in CHANGES:
        change(queue)
        content = file.read_bytes()
        assert content.startswith(written)  # nothing that was written is written again
        assert killed_after(content, tmp_path) == after
        last = max(len(written), len(content) - 1)
        for end in {*range(len(written), last, 61), last}:
            assert killed_after(content[:end], tmp_path) in (before, after)
        before, written = after, content


def test_what_is_added_after_half_a_line_is_kept(file: Path) -> None:
    queue = JobQueue(file)
    queue.add(ask(1))
    with file.open("a") as cut:
        cut.write('\n{"add": 2, "requ')
    queue.add(ask(3))
    assert left(file) == [1, 3]


def test_a_session_begins_with_a_short_file(file: Path) -> None:
    queue = JobQueue(file)
    for seed in range(20):
        queue.add(ask(seed))
    for number in range(1, 19):
        queue.remove(number)
    long = file.stat().st_size
    again = JobQueue(file)
    assert file.stat().st_size < long / 5
    assert [request.seed for request in again.left()] == [18, 19]
    assert again.add(ask(5)).number == 3  # numbers go on behind those of what was left
    assert left(file) == [18, 19, 5]


def test_a_file_that_cannot_be_shortened_loses_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = JobQueue(file)
    for seed in range(3):
        queue.add(ask(seed))
    queue.take()
    queue.done()

    def full(path: Path, text: str) -> None:
        raise RunError("The disk is full.")

    with monkeypatch.context() as while_full:
        while_full.setattr("pfstudio.engine.queue.write_text", full)
        again = JobQueue(file)
    assert [request.seed for request in again.left()] == [1, 2]
    again.add(ask(9))
    again.take()
    again.done()
    assert left(file) == [1, 2]


def test_what_was_left_stays_until_it_is_dropped(file: Path) -> None:
    JobQueue(file).add(ask(1))
    queue = JobQueue(file)
    queue.add(ask(2))
    queue.move_first(2)
    assert len(queue) == 1
    assert left(file) == [1, 2]
    queue.forget_left()
    assert queue.left() == ()


def test_nothing_is_kept_of_an_empty_queue(file: Path) -> None:
    queue = JobQueue(file)
    queue.add(ask(1))
    queue.take()
    queue.done()
    assert not file.exists()
    queue.add(ask(2))
    assert left(file) == [2]


@pytest.mark.parametrize(
    "damage",
    [
        "[1, {",
        '{"add": 1}',
        '{"gone": [[]]}',
        "7",
        "[" * 100_000,
        json.dumps({"add": 9, "request": json.dumps({"kind": "song", "request": "{}"})}),
        "\x00" * 40,
    ],
)
def test_a_damaged_line_does_not_take_the_others_along(
    damage: str, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    queue = JobQueue(file)
    queue.add(ask(1))
    with file.open("a") as spoilt:
        spoilt.write(f"\n{damage}")
    queue.add(ask(2))
    again = JobQueue(file)
    assert [request.seed for request in again.left()] == [1, 2]
    (aside,) = file.parent.glob("queue.*.broken.jsonl")
    assert damage in aside.read_text()
    words = (
        f"One waiting run of the last session cannot be read; the file was saved as {aside.name}"
    )
    assert again.problem.startswith(words)
    assert aside.name in caplog.text
    assert JobQueue(file).problem == ""
    assert left(file) == [1, 2]


def test_a_run_that_ended_need_not_be_readable(file: Path) -> None:
    song = json.dumps({"kind": "song", "request": "{}"})
    lines = ({"add": 1, "request": song}, {"gone": [1]})
    file.write_text("\n".join(map(json.dumps, lines)))
    assert JobQueue(file).problem == ""


def test_a_queue_that_cannot_be_kept_still_works(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    queue = JobQueue(tmp_path / "taken" / "queue.jsonl")
    job = queue.add(ask(1))
    assert queue.take() == job
    queue.done()
    assert "the queue is not kept" in caplog.text


def test_sessions_at_the_same_time_have_a_file_each() -> None:
    first, second = JobQueue(), JobQueue()
    first.add(ask(1))
    second.add(ask(2))
    assert JobQueue().left() == ()  # neither is there to be taken yet
    second.close()
    first.close()
    again = JobQueue()
    assert [request.seed for request in again.left()] == [1]
    assert [request.seed for request in JobQueue().left()] == [2]
    again.close()


def test_what_only_an_open_page_can_show_is_not_kept(tmp_path: Path) -> None:
    file = tmp_path / "queue.jsonl"
    queue = JobQueue(file)
    for request in (FeaturesRequest(("a.png",)), ClassifyRequest("a.png"), GenerateRequest("m")):
        queue.add(request)
    assert len(queue) == 3
    assert JobQueue(file).left() == (GenerateRequest("m"),)
