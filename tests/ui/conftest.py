"""Fixtures shared by the tests of the window."""

from window_bench import open_window

__all__ = ["open_window"]
