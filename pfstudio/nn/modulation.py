"""Modulations of a transformer's layers: per token, or once per distinct (time, label).

The maps of the published samplers hold at most two distinct times, so that modulating each of the
256 tokens of PFT-B costs 47 % extra operations for nothing. Modulations do not depend on the state
either, so a cache keeps them between the calls of a run.

A `ModulationOf` gives the parts of a layer's modulation, each (B,F|1,D), or (B,K|1,D) where only
some of the tokens are computed. Those of an adaLN block
are shift, factor, gate of attention, then of the MLP; those of a final layer are shift and factor;
those of a text-conditional block are the factors of its three norms. A factor is 1 + scale.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pfstudio.nn.token_routing import KeptTokens

Parts = Sequence[Tensor]
ModulationOf = Callable[[int, KeptTokens | None], Parts]
Made = TypeVar("Made")

CACHE_BYTES = 256 * 2**20
_KEPT = 4  # values of a kind that a cache remembers


@dataclass(frozen=True)
class Modulator:
    """How a network modulates its layers.

    Attributes:
        features: times (...) and labels (...) that broadcast against them -> (...,M).
        layers: features (...,M) -> the parts of each layer's modulation, each (...,D).
    """

    features: Callable[[Tensor, Tensor], Tensor]
    layers: Sequence[Callable[[Tensor], Parts]]


def modulation(
    modulator: Modulator, t: Tensor, y: Tensor, cache: ForwardCache | None
) -> ModulationOf:
    """Modulation at times t (B,F|1) and labels y (B,).

    A cache serves inference, where it has something to gain; else every token is modulated on its
    own.
    """
    if cache is not None and not torch.is_grad_enabled():
        shared = cache.modulation(modulator, t, y)
        if shared is not None:
            return shared
    features = modulator.features(t, y[:, None])
    return lambda index, kept: modulator.layers[index](kept.of(features) if kept else features)


def adaptive_norm(layer: nn.Linear, features: Tensor) -> Parts:
    """The parts of an adaLN layer at activated features (...,D), with 1 added to each scale."""
    parts = layer(features).unflatten(-1, (-1, features.shape[-1])).unbind(-2)
    return [part + 1 if place % 3 == 1 else part for place, part in enumerate(parts)]


class ForwardCache:
    """What repeats between the calls of a run: modulations by (time, label), and more by any key.

    Belongs to one model in one precision; whoever runs that model holds it. The tables grow by need
    until they are full, then they are emptied, so that memory stays below about `max_bytes`.
    """

    def __init__(self, max_bytes: int = CACHE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._rows: dict[int, int] = {}  # key of (time, label) -> row of every table
        self._tables: list[Tensor] = []  # per layer: (rows that there is room for, parts, D)
        self._capacity = 0  # rows that there may be room for
        self._remembered: dict[str, dict[Hashable, Any]] = {}

    @property
    def bytes(self) -> int:
        """Memory of the tables and of what is remembered."""
        return _bytes_of(self._tables) + sum(map(_bytes_of, self._remembered.values()))

    def begin_run(self) -> None:
        """Empty the tables: their last bits depend on which pairs were asked for together."""
        self._tables = []
        self._rows.clear()

    def remember(self, kind: str, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` gave for this key; of each kind the last few are kept, within `max_bytes`."""
        known = self._remembered.setdefault(kind, {})
        if key not in known:
            known[key] = make()
            while len(known) > _KEPT or (len(known) > 1 and _bytes_of(known) > self._max_bytes):
                del known[next(iter(known))]
        return known[key]

    def modulation(self, modulator: Modulator, t: Tensor, y: Tensor) -> ModulationOf | None:
        """Modulation at times t (B,F) and labels y (B,), each distinct pair computed only once.

        None where the pairs are too many to gain anything: then modulate per token.
        """
        keys, index = torch.unique(_keys(t, y), return_inverse=True)
        if 2 * len(keys) > index.numel() or not self._fill(modulator, keys):
            return None
        rows = torch.tensor([self._rows[key] for key in keys.tolist()], device=t.device)[index]
        if bool((rows == rows[:, :1]).all()):
            rows = rows[:, :1]
        return lambda layer, kept: self._gather(layer, kept.of(rows) if kept else rows)

    def prepare(self, modulator: Modulator, times: Tensor, labels: Tensor) -> None:
        """Compute every pair of times (K,) and labels (L,) at once, if there is room for them.

        A modulation of few rows is bound by reading the weights, so that a run whose times are
        known is served best by one product.
        """
        every = times.expand(len(labels), -1)
        self._fill(modulator, torch.unique(_keys(every, labels)))

    @torch.inference_mode()  # in whatever mode a call comes, the tables can be written to
    def _fill(self, modulator: Modulator, keys: Tensor) -> bool:
        """Have rows for all `keys` in the tables; False if they cannot hold so many."""
        if not self._tables:  # all at once: products of fewer rows round otherwise
            rows = _rows_of(modulator, keys)
            self._capacity = max(1, self._max_bytes // sum(r[0].nbytes for r in rows))
            self._tables = [row.new_empty(0, *row.shape[1:]) for row in rows]
            return self._put(rows, keys)
        capacity = self._capacity
        new = [place for place, key in enumerate(keys.tolist()) if key not in self._rows]
        if len(self._rows) + len(new) > capacity >= len(keys):
            self._rows.clear()
            new = list(range(len(keys)))
        if len(keys) > capacity or not new:
            return len(keys) <= capacity
        return self._put(_rows_of(modulator, keys[new]), keys[new])

    def _gather(self, layer: int, rows: Tensor) -> Parts:
        table = self._tables[layer]
        return F.embedding(rows, table.flatten(1)).unflatten(-1, table.shape[1:]).unbind(-2)

    def _put(self, rows: list[Tensor], keys: Tensor) -> bool:
        """Add rows (K,parts,D) of every layer; False if there is no room for them."""
        first = len(self._rows)
        needed, room = first + len(keys), len(self._tables[0])
        if needed > self._capacity:
            return False
        if needed > room:
            more = min(max(needed, 2 * room), self._capacity) - room
            self._tables = [
                torch.cat([table, table.new_empty(more, *table.shape[1:])])
                for table in self._tables
            ]
        for table, row in zip(self._tables, rows, strict=True):
            table[first : first + len(keys)] = row
        self._rows.update({name: first + k for k, name in enumerate(keys.tolist())})
        return True


def _bytes_of(values: Any) -> int:
    """Memory of the tensors in nested lists, tuples and dicts."""
    if isinstance(values, Tensor):
        return values.nbytes
    if isinstance(values, dict):
        values = values.values()
    return sum(map(_bytes_of, values)) if isinstance(values, Collection) else 0


def _rows_of(modulator: Modulator, keys: Tensor) -> list[Tensor]:
    """The modulations (K,parts,D) of every layer at some keys (K,)."""
    times = (keys & 0xFFFFFFFF).to(torch.int32).view(torch.float32)
    features = modulator.features(times, keys >> 32)
    return [torch.stack(list(layer(features)), dim=1) for layer in modulator.layers]


def _keys(t: Tensor, y: Tensor) -> Tensor:
    """One int64 for each (time, label): the label above the bits of the float32 time."""
    bits = (t.float() + 0.0).contiguous().view(torch.int32).long()  # + 0.0 makes -0 and 0 one time
    return (y.long()[:, None] << 32) | bits
