"""JSON and arrays of strangers: bounded, and refused in a few words."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from pfstudio.core.arrays import read_npy, read_npz
from pfstudio.core.card import CARD_NAME, ModelCard
from pfstudio.core.documents import parse_json, read_json, read_text
from pfstudio.core.errors import InputError, RunError
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.tasks import request_from_json


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[" * 70 + "]" * 70,
        '{"a":' * 70 + "1" + "}" * 70,
        "Infinity",
        '{"a": [NaN]}',
        "1e999",
        "9" * 10_000,
        "{",
        b"\xff\xfe",
        b'"M\xe4use"',
        '"' + "x" * 17 * 2**20 + '"',
    ],
    ids=range(11),
)
def test_hostile_json_is_refused_in_a_few_words(text: str | bytes) -> None:
    with pytest.raises(ValueError) as told:  # noqa: PT011 - its kind is the promise
        parse_json(text)
    assert len(str(told.value)) < 500


def test_json_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": [1, 2.5, "ä"]}', encoding="utf-8")
    assert read_json(tmp_path / "a.json") == {"a": [1, 2.5, "ä"]}


@pytest.mark.parametrize(
    "data",
    [b'{"task": "generate", "title": "M\xe4use"}', b"[" * 10_000, b"[1]", b'{"task": 1e999}',
     b'{"name":"a","title":"A","architecture":"dit","task":"generate","sizes":[]}'],
)  # fmt: skip
def test_a_damaged_card_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / CARD_NAME).write_bytes(data)
    with pytest.raises(InputError):
        ModelCard.read(tmp_path)


def test_recipes_with_another_type_anywhere_are_refused() -> None:
    good = json.loads(GenerateRequest().to_json())
    for name in good:
        for wrong in ({"x": 1}, [[]], 10**400, "\ud800", None, True, -1.5):
            text = json.dumps({**good, name: wrong})
            try:
                request = GenerateRequest.from_json(text)
            except InputError as error:
                assert len(str(error)) < 500  # noqa: PT017
            else:
                assert request.to_json()
    with pytest.raises(InputError):
        request_from_json("[" * 5000)


def test_a_long_value_makes_no_long_sentence() -> None:
    assert len(str(RunError("x" * 10_000))) < 500


def test_arrays_are_read(tmp_path: Path) -> None:
    values = np.arange(6.0).reshape(2, 3)
    np.save(tmp_path / "a.npy", values.T)
    np.savez_compressed(tmp_path / "a.npz", disp=values)
    assert np.array_equal(read_npy(tmp_path / "a.npy"), values.T)
    assert np.array_equal(read_npz(tmp_path / "a.npz")["disp"], values)


def test_bombs_and_broken_arrays_are_refused(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f4", "fortran_order": False, "shape": (10**6, 10**6)}
    )
    (tmp_path / "claims.npy").write_bytes(header.getvalue())
    (tmp_path / "objects.npy").write_bytes(b"")
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    (tmp_path / "cut.npy").write_bytes(b"\x93NUMPY\x01")
    for name in ("claims.npy", "objects.npy", "cut.npy"):
        with pytest.raises(ValueError):  # noqa: PT011 - its kind is the promise
            read_npy(tmp_path / name)
    with (
        zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("disp.npy", "w", force_zip64=True) as member,
    ):
        for _ in range(33):
            member.write(bytes(16 * 2**20))
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04")
    for name in ("bomb.npz", "cut.npz"):
        with pytest.raises(ValueError):  # noqa: PT011 - its kind is the promise
            read_npz(tmp_path / name)


@pytest.mark.parametrize(
    ("data", "problem"), [(b"a" * 17, "larger"), (b"caf\xe9", "byte 4 is no UTF-8")]
)
def test_a_text_is_bounded_and_utf8(tmp_path: Path, data: bytes, problem: str) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(ValueError, match=problem):
        read_text(tmp_path / "a.txt", 16)
    (tmp_path / "a.txt").write_bytes("\N{ZERO WIDTH NO-BREAK SPACE}café".encode())
    assert read_text(tmp_path / "a.txt", 16) == "café"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name")
def test_nobody_waits_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "card.json")
    with pytest.raises(OSError, match="no ordinary file"):
        read_text(tmp_path / "card.json")
