"""Every colour and measure of the window, in one place. Data maps have their own colour maps.

Contrast: `text` and `muted` reach 4.5 : 1 on every surface they are drawn on (7 : 1 in high
contrast); a test computes it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tokens:
    """One theme. Colours are "#rrggbb"; lengths are logical pixels."""

    name: str
    dark: bool

    base: str  # menu bar, rail, stage, status bar
    panel: str  # recipe, inspector, timeline, tool bars
    header: str  # thin heads of stage views
    card: str  # plots and lists inside a panel
    field: str  # inputs and buttons
    hover: str
    raised: str  # chosen segment, pressed button
    border: str
    track: str  # empty part of sliders and progress bars

    text: str
    muted: str
    faint: str  # disabled text and decoration only

    accent: str
    accent_hover: str
    on_accent: str
    soft: str  # accent-tinted surface: a chosen tool
    soft_border: str
    link: str  # accent-coloured text

    danger: str
    danger_soft: str
    danger_border: str
    good: str
    warn: str

    knob: str
    focus: str
    curve_time: str
    curve_difficulty: str
    bars: str
    cursor: str  # patch cursor, drawn with `cursor_edge` around it
    cursor_edge: str
    play_head: str

    radius: int = 7
    gap: int = 12


DARK = Tokens(
    name="dark", dark=True,
    base="#0b0d10", panel="#161a20", header="#12151a", card="#0f1217",
    field="#1d222a", hover="#252b35", raised="#2f3847", border="#272d37", track="#2a313c",
    text="#e9ecf1", muted="#99a3b2", faint="#667080",
    accent="#416ee9", accent_hover="#4f7ff5", on_accent="#ffffff",
    soft="#22304f", soft_border="#4468bd", link="#86abff",
    danger="#ff8f8f", danger_soft="#2a2024", danger_border="#62363b",
    good="#45d093", warn="#f2b85c",
    knob="#ffffff", focus="#8fb1ff",
    curve_time="#6bb5e3", curve_difficulty="#ff8a5c", bars="#b8387e",
    cursor="#ffffff", cursor_edge="#000000", play_head="#f0595e",
)  # fmt: skip

LIGHT = Tokens(
    name="light", dark=False,
    base="#e9ecf1", panel="#f8f9fb", header="#eff1f5", card="#ffffff",
    field="#ffffff", hover="#eef1f6", raised="#dde3ec", border="#d3d9e2", track="#d5dbe5",
    text="#171b22", muted="#535d6b", faint="#8b95a3",
    accent="#2f62e0", accent_hover="#2554cb", on_accent="#ffffff",
    soft="#e0e9ff", soft_border="#8caaf3", link="#2553c7",
    danger="#b3261e", danger_soft="#fdecec", danger_border="#eab4b1",
    good="#0b6f43", warn="#8a5a00",
    knob="#ffffff", focus="#2f62e0",
    curve_time="#1f78b4", curve_difficulty="#c8501f", bars="#a62f70",
    cursor="#ffffff", cursor_edge="#000000", play_head="#d3262c",
)  # fmt: skip

HIGH_CONTRAST = Tokens(
    name="high-contrast", dark=True,
    base="#000000", panel="#000000", header="#000000", card="#000000",
    field="#000000", hover="#1c2a45", raised="#1d3f8f", border="#c3cad4", track="#5b6470",
    text="#ffffff", muted="#e2e7ee", faint="#9aa4b1",
    accent="#ffd84d", accent_hover="#ffe68a", on_accent="#000000",
    soft="#3d3300", soft_border="#ffd84d", link="#ffd84d",
    danger="#ffcaca", danger_soft="#2b0000", danger_border="#ff9c9c",
    good="#6dffb3", warn="#ffd84d",
    knob="#ffffff", focus="#ffd84d",
    curve_time="#7fd1ff", curve_difficulty="#ff9d6e", bars="#ff7ac0",
    cursor="#ffffff", cursor_edge="#000000", play_head="#ff6b70",
)  # fmt: skip

THEMES: dict[str, Tokens] = {theme.name: theme for theme in (DARK, LIGHT, HIGH_CONTRAST)}
