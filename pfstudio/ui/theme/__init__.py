"""The look: `tokens()` and `font()` for whoever draws, `apply()` for the application.

A widget that draws itself reads `tokens()` while painting; a change of theme changes the
application's palette, at which Qt repaints every widget.
"""

from pfstudio.ui.theme.current import apply, follow, resolve, tokens
from pfstudio.ui.theme.fonts import font
from pfstudio.ui.theme.palettes import THEMES, Tokens

__all__ = ["THEMES", "Tokens", "apply", "follow", "font", "resolve", "tokens"]
