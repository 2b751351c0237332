"""Captions of the emoji set, which pictures may be mirrored, and which are held out."""

from __future__ import annotations

import hashlib
import re

# How a caption names each designer's set.
STYLE_WORDS = {
    "noto": "Noto",
    "twemoji": "Twemoji",
    "openmoji": "OpenMoji outline",
    "fluent-flat": "Fluent flat",
    "fluent-colour": "Fluent gradient",
    "fluent-3d": "Fluent 3D",
    "noto-blobs": "Noto blob",
    "emojione": "EmojiOne",
    "fxemoji": "FxEmoji",
}
HELD_OUT_SHARE = 0.5  # of the concepts: one (concept, style) pair each
_STYLES_LEFT = 3  # that a concept must be seen in

# Mirrored, these would say something else, or their print would be reversed.
_ONE_WAY_GROUPS = frozenset({"flags", "symbols", "component"})
_ONE_WAY_SUBGROUPS = frozenset(
    {
        "time",
        "money",
        "place-map",
        "hands",
        "book-paper",
        "mail",
        "computer",
        "science",
    }
)
_ONE_WAY = re.compile(
    r"\b(left|right|rightwards|leftwards|leftward|clockwise|clock|watch|timer|arrows?|back|moon|"
    r"crescent|calendar|newspaper|ticket|place medal|hundred|dice?|die|card|chart|keyboard|"
    r"receipt|label|barber|placard|memo|abacus|sign|ZZZ|musical|eight ball|running shirt|"
    r"input|letters?|numbers?|ATM|SOON|END|TOP|convenience store|bank|post office|"
    r"love hotel|Tokyo|Statue|Liberty|mahjong|flower playing|joker|bullet train|red envelope)\b",
    re.IGNORECASE,
)


def captions(label: str, tags: tuple[str, ...], style: str, rank: str) -> tuple[str, ...]:
    """What may be said of one picture; the first is the plainest.

    Args:
        label: the concept, e.g. "red apple".
        tags: words that people look for, e.g. ("fruit", "healthy").
        style: one of `STYLE_WORDS`.
        rank: a name of the picture, which decides the tags that are taken.
    """
    words, what = STYLE_WORDS[style], label.replace("’", "'")
    others = sorted(
        (tag for tag in tags if tag.lower() not in what.lower()),
        key=lambda tag: hashlib.sha256(f"{rank} {tag}".encode()).hexdigest(),
    )[:3]
    said = [f"{what}, {words} style", f"{_article(what)}, {words} style", f"{words} {what}", what]
    if others:
        said.append(f"{what}, {others[0]}, {words} style")
    if len(others) > 1:
        said.append(f"{', '.join(others)}, {words} style")
    return tuple(dict.fromkeys(said))


def _article(what: str) -> str:
    if ":" in what or what.endswith("s") or what[:1].isupper() or what[:1].isdigit():
        return f"emoji of {what}"
    return f"{'an' if what[:1] in 'aeio' else 'a'} {what}"


def may_flip(label: str, group: str, subgroup: str) -> bool:
    """Whether the mirror image of a picture still shows what its caption says."""
    return not (
        group in _ONE_WAY_GROUPS
        or subgroup in _ONE_WAY_SUBGROUPS
        or subgroup.startswith("hand-")
        or _ONE_WAY.search(label)
    )


def held_out(drawn: dict[str, list[str]], independent: frozenset[str], seed: int = 0) -> set[str]:
    """Which pictures are kept from training: whole (concept, style) pairs.

    Args:
        drawn: concept -> styles that draw it.
        independent: styles that may be held out; others share shapes among each other.
        seed: another gives another choice.

    Returns:
        "style/concept" of each; every concept remains in three styles or more.
    """

    def rank(text: str) -> str:
        return hashlib.sha256(f"{seed} {text}".encode()).hexdigest()

    limit = f"{round(HELD_OUT_SHARE * 2**32):08x}"
    chosen = set()
    for concept, styles in drawn.items():
        able = [style for style in styles if style in independent]
        if able and len(styles) > _STYLES_LEFT and rank(concept)[:8] < limit:
            chosen.add(min((f"{style}/{concept}" for style in able), key=rank))
    return chosen
