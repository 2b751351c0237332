"""The orders of scans over videos against the published ones."""

from __future__ import annotations

import numpy as np
import pytest
from zigma_vectors import settings, tensors

from pfstudio.core.errors import InputError
from pfstudio.core.scan_paths import inverse
from pfstudio.core.video_scans import check_video_scan, video_scans


def test_video_scans_equal_the_published_ones() -> None:
    said, stored = settings("video_sst/config"), tensors("video_sst/tensors")
    frames, side = said["video_frames"], said["grid"]
    scans = video_scans(said["scan_type"], said["depth"], frames, side, side)
    assert [scan.reversed for scan in scans] == [False, False, True, False, False, True, False]
    for layer, scan in enumerate(scans):
        rows = scan.path.reshape(scan.sequences, -1)
        own, fixed = (rows // side**2, rows % side**2) if scan.reversed else (
            rows % side**2, rows // side**2
        )  # fmt: skip
        assert (fixed == np.arange(scan.sequences)[:, None]).all()
        assert (own == stored[f"block{layer}.perm"].numpy()).all()
        back = inverse(own[0])
        undone = back[::-1] if scan.reversed else back
        assert (undone == stored[f"block{layer}.unperm"].numpy()).all()


def test_a_sweep_goes_through_all_frames_at_once() -> None:
    (scan,) = video_scans("v2", 1, 3, 2, 4)
    assert scan.path.tolist() == list(range(24))
    assert (scan.sequences, scan.reversed) == (1, False)


@pytest.mark.parametrize("scan", ["zzvideo_", "zzvideo_ss", "zzvideo_t", "zzvideo_sx", "zigzagN8"])
def test_other_words_are_refused(scan: str) -> None:
    with pytest.raises(InputError, match=f"no video scan '{scan}'"):
        check_video_scan(scan)
