"""A damaged file or text of a stranger gives a value or one sentence: never a traceback."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from every_reader import every_reader, read_mutated
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pfstudio.core.documents import parse_json
from pfstudio.core.errors import PfstudioError
from pfstudio.core.parameter_text import read_parameters
from pfstudio.core.tasks import request_from_json

FILES = 40  # of each reader; tests/slow/test_fuzz.py reads many more


def test_damaged_files(tmp_path: Path) -> None:
    (tmp_path / "originals").mkdir()
    (tmp_path / "damaged").mkdir()
    for reader in every_reader(tmp_path / "originals"):
        if reader.name != "old.pt":  # is refused as it is
            whole = tmp_path / "damaged" / reader.name
            whole.write_bytes(reader.wrap(reader.original))
            reader.read(whole)
        for seed in range(FILES):
            try:
                read_mutated(reader, tmp_path / "damaged", seed)
            except Exception as error:
                error.add_note(f"{reader.name}, {reader.damage}, seed {seed}")
                raise


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text() | st.text().map("a cat\nSteps: 20, Seed: 5, Size: 64x64, {}".format))
@example("a\nNegative prompt: b\nSteps: 20, CFG scale: 1e999, Size: 0x0")
def test_any_parameter_text(text: str) -> None:
    with contextlib.suppress(PfstudioError):
        read_parameters(text)


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_KEYS = st.sampled_from(["task", "model", "conditions", "sampler", "seed", "kind", "image_file"])
_DOCUMENTS = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4)
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_DOCUMENTS)
def test_any_document_as_a_request(document: object) -> None:
    with contextlib.suppress(PfstudioError):
        request_from_json(json.dumps(document))


@settings(max_examples=100, deadline=None)
@given(st.binary())
@example(b"[" * 100_000)
@example(b"\xff\xfe[]")
def test_any_bytes_as_json(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        parse_json(data)
