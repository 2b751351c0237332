"""Maps as tables and arrays come back as they were."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from run_traces import made_up_trace

from pfstudio.core import maps
from pfstudio.core.errors import InputError


@pytest.mark.parametrize("suffix", maps.MAP_SUFFIXES)
def test_maps_come_back_exactly(tmp_path: Path, suffix: str) -> None:
    trace = made_up_trace(nfe=3, images=2, grid=(2, 3))
    path = tmp_path / f"maps{suffix}"
    assert maps.write_maps(trace, path) == (path,)
    found = maps.read_maps(path)
    for name in maps.NAMES:
        expected = getattr(trace, name)
        assert found[name].dtype == expected.dtype
        np.testing.assert_array_equal(found[name], expected)  # NaN equals NaN here
    assert list(tmp_path.iterdir()) == [path]


def test_csv_is_long_form_with_a_header(tmp_path: Path) -> None:
    trace = made_up_trace(nfe=3, images=2, grid=(2, 3))
    maps.write_maps(trace, tmp_path / "maps.csv")
    with (tmp_path / "maps.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["call", "image", "row", "col", "time", "difficulty", "role", "speed"]
    assert len(rows) == 1 + 3 * 2 * 2 * 3
    assert rows[1][:4] == ["0", "0", "0", "0"]
    assert rows[-1][:4] == ["2", "1", "1", "2"]
    assert rows[-1][5] == ""  # the last call has no difficulty
    assert np.float32(rows[2][4]) == trace.time[0, 0, 0, 1]


def test_npy_opens_by_name_without_our_code(tmp_path: Path) -> None:
    trace = made_up_trace()
    maps.write_maps(trace, tmp_path / "maps.npy")
    loaded = np.load(tmp_path / "maps.npy")
    assert loaded.shape == trace.time.shape
    np.testing.assert_array_equal(loaded["role"], trace.role)


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"maps\.txt"):
        maps.write_maps(made_up_trace(), tmp_path / "maps.txt")
    for name, content in (("a.csv", "x,y\n1,2\n"), ("a.npy", "no"), ("a.npz", "no")):
        (tmp_path / name).write_text(content)
        with pytest.raises(InputError, match="holds no maps"):
            maps.read_maps(tmp_path / name)
    with pytest.raises(InputError, match="holds no maps"):
        maps.read_maps(tmp_path / "missing.npy")
