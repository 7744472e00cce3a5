"""The search for the style of some tunes, step by step, so that it can be stopped and go on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from stream.compose.learning import leanings
from stream.compose.learning.describe import described
from stream.compose.learning.evolution import Evolution
from stream.compose.learning.place import Place, bits
from stream.compose.learning.sources import held_out
from stream.compose.step import Step
from stream.compose.tunes.tune import Melody
from stream.own_styles.own_style import Learned
from stream.util import atomic_write
from stream.voices.spec import digest

POINTS: Final = 10
"""Points of a generation of the search."""
GENERATIONS: Final = 30
SEARCHED: Final = 24
"""Tunes that the search reads, and their events; the others are read for the rest."""
EVENTS: Final = 48
SEED: Final = 1
PULL: Final = 0.002
"""Bits that a point loses, for each mean square of deviations that it lies off the nearest style:
with few tunes the voice knows better."""
TAG: Final = 0.2
"""Deviation of the weight of a tag at the beginning of the search."""
SORTS: Final = ("style:", "kind:")
"""Tags whose weights are searched for; meter and mode are those of a tune."""
READING: Final = 0.15
"""Share of the work until the search begins."""
SEARCHING: Final = 0.75


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of the work."""

    share: float
    """Share of the work that is done, 0-1."""
    text: str


class Learner:
    """The search for the style of `melodies`; `unfinished` is the file that it goes on from."""

    def __init__(
        self, step: Step, voice: Path, melodies: Sequence[Melody], unfinished: Path | None = None
    ) -> None:
        self.step, self.spec = step, step.spec
        self._voice, self._melodies, self._unfinished = voice, list(melodies), unfinished
        self._tags = [tag for tag in self.spec.tags if tag.startswith(SORTS)]
        self._learning, self._checking = held_out(melodies)
        self._key = self._digest()
        self.learned: Learned | None = None
        """The style, once all steps are done."""

    def steps(self, name: str) -> Iterator[Progress]:
        """Do the work, and yield after each part of it."""
        some = self._learning[:: -(-len(self._learning) // SEARCHED)]
        yield Progress(0.0, "reading the tunes in the styles of the voice")
        parents = [
            Place(np.array(style.mean), {f"style:{name}": 1.0})
            for name, style in self.spec.styles.items()
        ]
        near = int(np.argmin(bits(self.step, some, parents, 2 * EVENTS)))
        parent = list(self.spec.styles)[near]
        search, begin, deviation = self._begun(parents[near], parent)
        while search.generation < GENERATIONS:
            share = READING + (SEARCHING - READING) * search.generation / GENERATIONS
            yield Progress(share, f"searching near {parent}")
            points = search.draw(POINTS, SEED)
            values = bits(self.step, some, [self._place(p) for p in points], EVENTS)
            pulled = PULL * (((points - begin) / deviation) ** 2).mean(1)
            search.update(points, values + pulled)
            self._store(search)
        place = self._better(parents[near], self._place(search.mean))
        yield Progress(SEARCHING, "counting what the tunes lean to")
        leaning = leanings.learned(self.step, self._learning, place)
        yield Progress(0.9, "checking it with tunes held out")
        self._finish(name, parent, (parents[near], place), leaning)
        yield Progress(1.0, "done")

    def _begun(self, near: Place, parent: str) -> tuple[Evolution, Any, Any]:
        """Return the search, stored or new, with the point [n] and deviations [n] of its start."""
        weights = [near.tags.get(tag, 0.0) for tag in self._tags]
        begin = np.concatenate([weights, near.latent])
        spread = np.array(self.spec.styles[parent].spread)
        deviation = np.concatenate([np.full(len(weights), TAG), 0.4 * spread + 0.05])
        return self._stored(begin) or Evolution.begin(begin, deviation), begin, deviation

    def _place(self, point: Any) -> Place:
        count = len(self._tags)
        weights = point[:count].tolist()
        return Place(point[count:], dict(zip(self._tags, weights, strict=True)))

    def _better(self, near: Place, found: Place) -> Place:
        """Return the place found if tunes held out agree that it is better than the nearest."""
        if not self._checking:
            return found
        before, after = bits(self.step, self._checking, [near, found])
        return found if after < before else near

    def _finish(self, name: str, parent: str, places: tuple[Place, Place], leaning: str) -> None:
        near, place = places
        checked = self._checking or self._learning
        leaning = leaning if leanings.helps(self.step, checked, place, leaning) else ""
        before = float(bits(self.step, checked, [near])[0])
        after = leanings.bits(self.step, checked, place, leaning)
        self.learned = Learned(
            name,
            self.spec.name,
            digest(self._voice),
            parent,
            len({melody.group for melody in self._melodies}),
            (round(before, 3), round(after, 3)),
            described(self.spec, parent, place, self._melodies, leaning),
        )
        if self._unfinished:
            self._unfinished.unlink(missing_ok=True)

    def _digest(self) -> str:
        """Return a digest of the tunes and the voice, which tells whose search is stored."""
        found = hashlib.sha256(digest(self._voice).encode())
        for melody in self._melodies:
            found.update(np.ascontiguousarray(melody.tokens).tobytes())
        return found.hexdigest()

    def _store(self, search: Evolution) -> None:
        if self._unfinished:
            document = {"tunes": self._key, **search.document()}
            atomic_write.replace(self._unfinished, json.dumps(document).encode())

    def _stored(self, begin: Any) -> Evolution | None:
        """Return the stored search for the same tunes; None without one, or if it is damaged."""
        if self._unfinished is None:
            return None
        try:
            document = json.loads(self._unfinished.read_bytes())
            found = Evolution.stored(document) if document["tunes"] == self._key else None
        except (OSError, KeyError, TypeError, ValueError):
            return None
        fits = found is not None and len(found.mean) == len(begin) and np.isfinite(found.mean).all()
        return found if fits else None
