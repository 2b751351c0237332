"""The recorder of a run, which survives a crash by an append-only journal."""

from __future__ import annotations

import contextlib
import json
import struct
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import safetensors.numpy

from pfstudio.core.documents import parse_json
from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution
from pfstudio.core.files import discard, lock, write_error
from pfstudio.core.paths import state_folder
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.trace import Role, Trace
from pfstudio.core.trace_file import MAPS, Array

JOURNAL_SUFFIX = ".journal"

_FILL = {"role": Role.FINISHED, "difficulty": np.nan, "speed": 0.0}  # of calls a batch did not need
_CHUNK = struct.Struct("<4sII")  # magic, payload length, CRC-32 of the payload
_MAGIC = b"PFTC"
_EXTRAS = ("words", "kept", "difference", "scans")  # of some runs only


@dataclass(frozen=True)
class RecordedCall:
    """What the recorder keeps of one network call; b images of the current batch."""

    time: npt.NDArray[np.float32]  # (b,n,m)
    difficulty: npt.NDArray[np.float32]  # (b,n,m)
    role: npt.NDArray[np.uint8]  # (b,n,m)
    speed: npt.NDArray[np.float32]  # (b,n,m)
    tokens: int
    seconds: float
    state: npt.NDArray[np.float16] | None  # (b,C,H,W) before the call
    prediction: npt.NDArray[np.float16] | None  # (b,C,H,W)
    words: npt.NDArray[np.float16] | None = None  # (b,layers,n,m,W)
    kept: npt.NDArray[np.uint8] | None = None  # (b,2,R,n,m)
    difference: npt.NDArray[np.float32] | None = None  # (b,n,m)
    flops: float = 0.0
    scans: npt.NDArray[np.float16] | None = None  # (b,layers,G+2,n,m)


@dataclass
class _Batch:
    noise: npt.NDArray[np.float32]
    execution: Execution
    calls: list[RecordedCall]
    latents: npt.NDArray[np.float32] | None = None


class TraceRecorder:
    """Collects a run call by call, in memory and in an append-only journal.

    The journal lies in the state folder until `close`. After a crash or a kill it still opens with
    `recover`, up to its last whole chunk.
    """

    def __init__(self, request: GenerateRequest, model: str, folder: Path | None = None) -> None:
        """Open and lock the journal `folder`/<random>.journal; default is `journals()`."""
        self._request, self._model = request, model
        self._batches: list[_Batch] = []
        self.journal = (folder or journals()) / f"{uuid.uuid4().hex}{JOURNAL_SUFFIX}"
        self._file: IO[bytes] | None = None
        self.notices: tuple[str, ...] = ()  # sentences to show
        try:
            self.journal.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.journal.open("wb")
            lock(self._file.fileno())
        except OSError as error:
            self._give_up(error)
        self._append({}, {"request": request.to_json(), "model": model})

    def begin_batch(self, noise: npt.NDArray[np.float32], execution: Execution) -> None:
        """The next images start from `noise` (b,C,H,W) and are computed in this way."""
        self._batches.append(_Batch(noise, execution, []))
        self._append({"noise": noise}, {"execution": json.dumps(asdict(execution))})

    def drop_batch(self) -> None:
        """Forget the current batch: it is started again (out of memory)."""
        self._batches.pop()
        self._append({}, {"drop": "1"})

    def add(self, call: RecordedCall) -> None:
        """One more call of the current batch."""
        self._batches[-1].calls.append(call)
        self._append(_call_arrays(call), {"tokens": str(call.tokens), "flops": str(call.flops)})

    def end_batch(self, latents: npt.NDArray[np.float32]) -> None:
        """The current batch arrived at `latents` (b,C,H,W)."""
        self._batches[-1].latents = latents
        self._append({"latents": latents}, {})

    def trace(self) -> Trace | None:
        """Everything recorded so far; None before the first call."""
        return _assemble(self._request, self._model, self._batches)

    def close(self, *, keep: bool = False) -> None:
        """Stop recording. The journal is removed, unless its calls should be found by `unfinished`.

        Closing once more does nothing.
        """
        if self._file is None:
            return
        file, self._file = self._file, None
        if keep and any(batch.calls for batch in self._batches):
            file.close()
        else:
            discard(file, self.journal)

    def _append(self, arrays: dict[str, Array], about: dict[str, str]) -> None:
        if self._file is None:
            return
        ready = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        payload = safetensors.numpy.save(ready, about or None)
        try:
            self._file.write(_CHUNK.pack(_MAGIC, len(payload), zlib.crc32(payload)) + payload)
            self._file.flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        """Go on without a journal: a full or read-only state folder is no reason to lose a run."""
        self.notices = (f"A crash would lose this run: {write_error(self.journal, error)}",)
        if self._file is not None:
            discard(self._file, self.journal)
        self._file = None


def _call_arrays(call: RecordedCall) -> dict[str, Array]:
    arrays: dict[str, Array] = {name: getattr(call, name) for name in MAPS}
    arrays["seconds"] = np.array([call.seconds], np.float32)
    if call.state is not None and call.prediction is not None:
        arrays |= {"state": call.state, "prediction": call.prediction}
    return arrays | {n: own for n in _EXTRAS if (own := getattr(call, n)) is not None}


def journals() -> Path:
    """Where unfinished traces lie."""
    return state_folder() / "traces"


def unfinished() -> list[Path]:
    """Journals that crashed processes left behind, oldest first."""
    found = journals().glob(f"*{JOURNAL_SUFFIX}")
    left = []
    for path in found:
        if ".broken" not in path.name and not _in_use(path):
            with contextlib.suppress(FileNotFoundError):  # another window recovered it meanwhile
                left.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(left)]


def _in_use(journal: Path) -> bool:
    """Whether the process that writes the journal still runs: it holds a lock."""
    try:
        with journal.open("rb+") as file:
            return not lock(file.fileno())
    except OSError:
        return True


def recover(journal: Path) -> Trace | None:
    """The trace in a journal, up to its last whole chunk; None if no call was recorded.

    Raises:
        InputError: not a journal.
    """
    request: GenerateRequest | None = None
    model, batches = "", list[_Batch]()
    for arrays, about in _chunks(journal):
        if "request" in about:
            request, model = GenerateRequest.from_json(about["request"]), about["model"]
        elif "drop" in about:
            batches.pop()
        elif "noise" in arrays:
            execution = Execution.from_data(parse_json(about["execution"]))
            batches.append(_Batch(arrays["noise"], execution, []))
        elif "latents" in arrays:
            batches[-1].latents = arrays["latents"]
        else:
            seconds = float(arrays.pop("seconds")[0])
            call: dict[str, Any] = {"state": None, "prediction": None, **arrays}
            call |= {"tokens": int(about["tokens"]), "flops": float(about.get("flops", 0))}
            batches[-1].calls.append(RecordedCall(seconds=seconds, **call))
    if request is None:
        raise InputError(f"{journal.name} is not the journal of a run.")
    return _assemble(request, model, batches)


def _chunks(journal: Path) -> Iterator[tuple[dict[str, Array], dict[str, str]]]:
    try:
        data = journal.read_bytes()
    except OSError as error:
        raise InputError(f"{journal} cannot be read ({error.strerror or error}).") from error
    at = 0
    while at + _CHUNK.size <= len(data):
        magic, length, crc = _CHUNK.unpack_from(data, at)
        payload = data[at + _CHUNK.size : at + _CHUNK.size + length]
        if magic != _MAGIC or len(payload) != length or zlib.crc32(payload) != crc:
            return
        header = parse_json(payload[8 : 8 + int.from_bytes(payload[:8], "little")])
        yield safetensors.numpy.load(payload), header.get("__metadata__", {})
        at += _CHUNK.size + length


def _assemble(request: GenerateRequest, model: str, batches: list[_Batch]) -> Trace | None:
    begun = [batch for batch in batches if batch.calls]
    if not begun:
        return None
    total = max(len(batch.calls) for batch in begun)
    latents = [_end(batch) for batch in begun]
    kept = all(batch.calls[0].state is not None for batch in begun)
    maps = {name: _side_by_side(begun, name, total) for name in MAPS}
    tokens = np.zeros(total, np.int32)
    seconds = np.zeros(total, np.float32)
    flops = np.zeros(total)
    before = 0.0  # batches run one after another: a call's cost is counted, not its clock reading
    for batch in begun:
        clock = [call.seconds for call in batch.calls]
        tokens[: len(clock)] += [call.tokens for call in batch.calls]
        flops[: len(clock)] += [call.flops for call in batch.calls]
        seconds[: len(clock)] += np.diff(np.array([before, *clock], np.float32))
        before = clock[-1]
    ways = {batch.execution for batch in begun}
    return Trace(
        request,
        model,
        execution=ways.pop() if len(ways) == 1 else None,
        noise=np.concatenate([batch.noise for batch in begun]),
        latents=np.concatenate(latents),
        tokens=tokens,
        seconds=np.cumsum(seconds, dtype=np.float32),
        states=_states(begun, latents, total) if kept else None,
        predictions=_side_by_side(begun, "prediction", total) if kept else None,
        flops=flops,
        **maps,
        **{
            name: _side_by_side(begun, name, total)
            for name in _EXTRAS
            if all(getattr(batch.calls[0], name) is not None for batch in begun)
        },
    )


def _end(batch: _Batch) -> npt.NDArray[np.float32]:
    """Where a batch ended, or the state that its last call was given."""
    if batch.latents is not None:
        return batch.latents
    last = batch.calls[-1].state
    return batch.noise if last is None else last.astype(np.float32)


def _states(
    batches: list[_Batch], latents: list[npt.NDArray[np.float32]], total: int
) -> npt.NDArray[np.float16]:
    columns = []
    for batch, end in zip(batches, latents, strict=True):
        states = [call.state for call in batch.calls if call.state is not None]
        states += [end.astype(np.float16)] * (total + 1 - len(states))
        columns.append(np.stack(states))
    return np.concatenate(columns, axis=1)


def _side_by_side(batches: list[_Batch], name: str, total: int) -> Any:
    """(T,B,...) of one field; a batch with fewer calls is filled up as finished."""
    columns = []
    for batch in batches:
        values = [getattr(call, name) for call in batch.calls]
        fill = np.full_like(values[-1], _FILL[name]) if name in _FILL else values[-1]
        if name == "time" and batch.latents is not None:
            fill = np.ones_like(fill)  # as its end, which is what it is given as its state
        columns.append(np.stack(values + [fill] * (total - len(values))))
    return np.concatenate(columns, axis=1)
