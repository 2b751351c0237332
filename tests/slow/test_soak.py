"""Wearing the window leaves nothing behind: no thread, timer or widget, and no growing memory."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from small_models import install_small_model

from pfstudio.drivers.soak import soak


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_thousand_cycles_leave_nothing_behind(qapp: QApplication) -> None:
    install_small_model()
    assert soak(cycles=1000, switches=200).leaks == ()
