"""A Bloom filter (Bloom 1970): a set that needs only a few bits for each member.

Every member is found; of all other keys, a small share is found too (about 2 % at 8 bits a
member and 5 probes, 0.05 % at 16 bits and 8 probes).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Flags = NDArray[np.bool_]

BITS = np.array([1, 2, 4, 8, 16, 32, 64, 128], np.uint8)


class Bloom:
    """A set of 64-bit hashes. `table` uint8 [n] holds the bits; it is used in place."""

    def __init__(self, table: NDArray[np.uint8], probes: int) -> None:
        self.table = table
        self._probes = np.arange(probes, dtype=np.uint64)
        self._size = np.uint64(8 * len(table))

    @classmethod
    def empty(cls, size: int, probes: int) -> Bloom:
        """Return a filter of `size` bytes without members."""
        return cls(np.zeros(size, np.uint8), probes)

    def add(self, keys: Keys) -> None:
        """Add `keys` [n]."""
        at = self._positions(keys).ravel()
        np.bitwise_or.at(self.table, at >> np.uint64(3), BITS[at & np.uint64(7)])

    def holds(self, keys: Keys) -> Flags:
        """Return True [...] for each of `keys` [...] that was added, and for a few others."""
        at = self._positions(keys)
        return np.asarray((self.table[at >> np.uint64(3)] & BITS[at & np.uint64(7)] != 0).all(-1))

    def _positions(self, keys: Keys) -> Keys:
        """Return the bits [..., probes], by double hashing (Kirsch & Mitzenmacher 2006)."""
        second = (keys >> np.uint64(32)) | np.uint64(1)
        return np.asarray((keys[..., None] + self._probes * second[..., None]) % self._size)
