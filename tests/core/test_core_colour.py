import cv2
import numpy as np
import pytest

from pfstudio.core.colour import ROLE_COLOURS, TABLES, lookup
from pfstudio.core.trace import Role


@pytest.mark.parametrize(
    ("name", "code"),
    [("magma", cv2.COLORMAP_MAGMA), ("viridis", cv2.COLORMAP_VIRIDIS),
     ("cividis", cv2.COLORMAP_CIVIDIS)],
)  # fmt: skip
def test_tables_agree_with_an_independent_source(name: str, code: int) -> None:
    ramp = np.arange(256, dtype=np.uint8)[:, None]
    expected = cv2.applyColorMap(ramp, code)[:, 0, ::-1].astype(int)
    assert np.abs(lookup(name).astype(int) - expected).max() <= 6


@pytest.mark.parametrize("name", TABLES)
def test_lightness_never_turns_back(name: str) -> None:
    """A value can be read from lightness alone, whatever the hue."""
    lightness = lookup(name).astype(float) @ (0.2126, 0.7152, 0.0722)
    rising = np.diff(lightness) * np.sign(lightness[-1] - lightness[0])
    assert rising.min() >= -1.5
    assert abs(lightness[-1] - lightness[0]) > 100


def test_every_role_has_a_colour_of_its_own_lightness() -> None:
    assert len(ROLE_COLOURS) == len(Role)
    fast, slow = (np.dot(ROLE_COLOURS[role], (0.2126, 0.7152, 0.0722)) for role in (1, 2))
    assert fast - slow > 100
