"""Words on sheets and videos."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pfstudio.core.contact_sheet import fitted, font


@given(st.text("iW mé", max_size=60), st.integers(20, 300))
def test_as_much_of_a_text_stays_as_has_room(text: str, pixels: int) -> None:
    typeface = font(13)
    shown = fitted(text, pixels, typeface)
    if typeface.getlength(text) <= pixels:
        assert shown == text
        return
    kept = [n for n in range(len(text)) if typeface.getlength(text[:n] + "…") <= pixels]
    assert shown == text[: max(kept, default=0)].rstrip() + "…"


def test_a_very_long_text_is_measured_a_few_times() -> None:
    class Counting:
        asked = 0

        def getlength(self, text: str) -> float:
            self.asked += 1
            return 7.0 * len(text)

    typeface = Counting()
    assert fitted("x" * 100_000, 70, typeface) == "x" * 9 + "…"
    assert typeface.asked < 30
