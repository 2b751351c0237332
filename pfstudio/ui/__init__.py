"""The window."""

from pfstudio.ui.overrides import guard_overrides

guard_overrides()
