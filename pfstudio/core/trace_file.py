"""The trace file, public format version 1, and the recorder that survives a crash.

One safetensors file, named *.pftrace. Its metadata key `pfstudio` holds JSON `{"format":
"pfstudio-trace", "version": 1, "request": ..., "execution": ..., "model": ..., "app": ...,
"timings": ...}`: what was asked for, and how it was computed (null where memory ran out in
between). Names of files are kept without their folders. T calls, B images, latents (C,H,W), n x m
patches:

| tensor | shape, dtype | meaning |
|---|---|---|
| `noise` | (B,C,H,W) f32 | start |
| `latents` | (B,C,H,W) f32 | end; of a stopped run, the state its last call was given |
| `states` | (T+1,B,C,H,W) f16, optional | state before each call, and the end |
| `time` | (T,B,n,m) f32 | the time map each call was given |
| `difficulty` | (T,B,n,m) f32 | patch mean of exp(log-variance); NaN without a difficulty head |
| `role` | (T,B,n,m) u8 | what each patch did (`pfstudio.core.trace.Role`) |
| `speed` | (T,B,n,m) f32 | root mean square of the velocity in the patch |
| `tokens` | (T,) i32 | tokens computed in that call |
| `predictions` | (T,B,C,H,W) f16, optional | predicted clean latents at that call |
| `words` | (T,B,layers,n,m,W) f16, optional | share of a patch's attention that each word has |
| `seconds` | (T,) f32, optional | elapsed at the end of the call, pauses left out |

Images of one run may be sampled in several batches. The batches are then laid side by side; a batch
that ended after fewer calls is filled up with role FINISHED, its last time map and NaN difficulty.
W words of the longest prompt, as `pfstudio.core.words.words_of` counts them.
"""

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
from safetensors import SafetensorError, safe_open

from pfstudio.core.documents import parse_json
from pfstudio.core.errors import InputError
from pfstudio.core.execution import Execution
from pfstudio.core.files import lock, replacing, write_error
from pfstudio.core.paths import state_folder
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.trace import Role, Trace
from pfstudio.core.words import most_words
from pfstudio.version import __version__

FORMAT, VERSION = "pfstudio-trace", 1
JOURNAL_SUFFIX = ".journal"

Array = npt.NDArray[Any]
_MAPS = {"time": np.float32, "difficulty": np.float32, "role": np.uint8, "speed": np.float32}
_PER_CALL = {"tokens": np.int32, "seconds": np.float32}
_OPTIONAL = {"states": np.float16, "predictions": np.float16, "words": np.float16}
_FILL = {"role": Role.FINISHED, "difficulty": np.nan, "speed": 0.0}  # of calls a batch did not need
_FINITE = ("noise", "latents", "time", "speed", "seconds", *_OPTIONAL)
_CHUNK = struct.Struct("<4sII")  # magic, payload length, CRC-32 of the payload
_MAGIC = b"PFTC"


def write_trace(trace: Trace, path: Path) -> None:
    """Write the public trace file in one piece.

    Raises:
        InputError: the folder may not be written to.
        RunError: the disk is full; nothing is left behind.
    """
    tensors: dict[str, Array] = {"noise": trace.noise, "latents": trace.latents}
    tensors |= {name: getattr(trace, name) for name in (*_MAPS, *_PER_CALL)}
    tensors |= {n: getattr(trace, n) for n in _OPTIONAL if getattr(trace, n) is not None}
    about = {
        "format": FORMAT,
        "version": VERSION,
        "request": json.loads(trace.request.without_folders().to_json()),
        "execution": trace.execution and asdict(trace.execution),
        "model": trace.model,
        "app": f"pfstudio {__version__}",
        "timings": {"nfe": trace.nfe, "seconds": float(trace.seconds[-1:].sum())},
    }
    ready = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    with replacing(path) as temporary:
        safetensors.numpy.save_file(ready, temporary, {"pfstudio": json.dumps(about)})


def read_trace(path: str | Path) -> Trace:
    """Read a trace file of version 1.

    Raises:
        InputError: missing, cut off, not a trace, or of a newer version.
    """
    path = Path(path)
    try:
        with safe_open(path, framework="numpy") as file:
            about = parse_json((file.metadata() or {})["pfstudio"])
            if about["format"] != FORMAT:
                raise KeyError("format")
            if about["version"] != VERSION:
                raise InputError(
                    f"{path.name} is a trace of version {about['version']}, but this program "
                    f"reads version {VERSION}.",
                    "Use a newer version of Patch Forcing Studio.",
                )
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            request = GenerateRequest.from_json(json.dumps(about["request"]))
            execution = about["execution"] and Execution.from_data(about["execution"])
            request = request.with_files_beside(path)
            return _checked(tensors, request, str(about["model"]), execution)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}).") from error
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path.name} is not a trace of Patch Forcing Studio, or is damaged.",
            "Choose a file that was saved as a trace.",
        ) from error


def _checked(
    tensors: dict[str, Array], request: GenerateRequest, model: str, execution: Execution | None
) -> Trace:
    """Build the trace; ValueError or KeyError where shapes disagree."""
    nfe, images, rows, columns = tensors["time"].shape
    if not (nfe and images and rows and columns):
        raise ValueError("counts")
    tensors.setdefault("seconds", np.zeros(nfe, np.float32))
    latents = tensors["latents"].shape
    if tensors["noise"].shape != latents or latents[0] != images or len(latents) != 4:
        raise ValueError("latents")
    for name in _MAPS:
        if tensors[name].shape != (nfe, images, rows, columns):
            raise ValueError(name)
    for name in _PER_CALL:
        if tensors[name].shape != (nfe,):
            raise ValueError(name)
    for name, extra in (("states", 1), ("predictions", 0)):
        if name in tensors and tensors[name].shape != (nfe + extra, *latents):
            raise ValueError(name)
    if "words" in tensors:
        *calls, layers, n, m, words = tensors["words"].shape
        if (*calls, n, m) != (nfe, images, rows, columns) or not layers:
            raise ValueError("words")
        if words != most_words(request.conditions):
            raise ValueError("words")
    kinds = {"noise": np.float32, "latents": np.float32, **_MAPS, **_PER_CALL, **_OPTIONAL}
    if any(tensors[n].dtype != kind for n, kind in kinds.items() if n in tensors):
        raise ValueError("types")
    height, width = latents[2:]
    if height % rows or width % columns or height // rows != width // columns:
        raise ValueError("patches")
    if tensors["role"].max() > max(Role) or not all(
        np.isfinite(tensors[name]).all() for name in _FINITE if name in tensors
    ):
        raise ValueError("values")
    known = {n: tensors[n] for n in kinds if n in tensors}
    return Trace(request, model, execution=execution, **known)


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
        self._append(_call_arrays(call), {"tokens": str(call.tokens)})

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
        if not (keep and any(batch.calls for batch in self._batches)):
            self.journal.unlink(missing_ok=True)
        self._file.close()
        self._file = None

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
            with contextlib.suppress(OSError):
                self._file.close()
            self.journal.unlink(missing_ok=True)
        self._file = None


def _call_arrays(call: RecordedCall) -> dict[str, Array]:
    arrays: dict[str, Array] = {name: getattr(call, name) for name in _MAPS}
    arrays["seconds"] = np.array([call.seconds], np.float32)
    if call.state is not None and call.prediction is not None:
        arrays |= {"state": call.state, "prediction": call.prediction}
    if call.words is not None:
        arrays["words"] = call.words
    return arrays


def journals() -> Path:
    """Where unfinished traces lie."""
    return state_folder() / "traces"


def unfinished() -> list[Path]:
    """Journals that crashed processes left behind, oldest first."""
    found = journals().glob(f"*{JOURNAL_SUFFIX}")
    left = [path for path in found if ".broken" not in path.name and not _in_use(path)]
    return sorted(left, key=lambda path: path.stat().st_mtime)


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
            tokens = int(about["tokens"])
            batches[-1].calls.append(RecordedCall(tokens=tokens, seconds=seconds, **call))
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
    listened = all(batch.calls[0].words is not None for batch in begun)
    maps = {name: _side_by_side(begun, name, total) for name in _MAPS}
    tokens = np.zeros(total, np.int32)
    seconds = np.zeros(total, np.float32)
    before = 0.0  # batches run one after another: a call's cost is counted, not its clock reading
    for batch in begun:
        clock = [call.seconds for call in batch.calls]
        tokens[: len(clock)] += [call.tokens for call in batch.calls]
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
        words=_side_by_side(begun, "words", total) if listened else None,
        **maps,
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
        columns.append(np.stack(values + [fill] * (total - len(values))))
    return np.concatenate(columns, axis=1)
