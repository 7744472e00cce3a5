"""A simulated listener at the stream: tunes are composed, get stars, and move the next ones."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.listening.listeners import Preference, stars
from stream.compose.composer import Composer
from stream.compose.filter.entropy import SERIES, entropies
from stream.ensembles.ensemble import SOLO
from stream.music.favourite import main_style
from stream.music.note import Controls, Phrase
from stream.music.stream_position import opening
from stream.taste.features import of_tune
from stream.taste.learning import Rated, learned
from stream.taste.terms import LEAST_RATINGS, Taste

RATED, COUNTED = 30, 12
"""Tunes that are rated before those that are counted, and these."""
PHRASES = 2
"""Most phrases of a tune that are composed."""
UNIT = 24
"""Ticks in the unit of durations."""

Row = dict[str, Any]
"""A tune, or a run of a listener, as it is stored."""


class Stream:
    """A stream of tunes for one listener."""

    def __init__(self, voice: Path, seed: int) -> None:
        self._composer = Composer(voice)
        self._position = opening(seed, Controls(ensemble=SOLO))

    def tune(self, taste: Taste, strength: float = 1.0) -> Row:
        """Compose the next tune with a taste, and return what is known of it."""
        fields = taste.fields(strength)
        position = dataclasses.replace(self._position, learned=taste, **fields)
        number, phrases = position.tune, list[Phrase]()
        while position.tune == number and len(phrases) < PHRASES:
            phrases.append(self._composer.compose(position.request))
            position = position.after(phrases[-1])
        self._position = position if position.tune != number else position.next_tune()
        return _row(phrases)

    def plain(self, count: int) -> list[Row]:
        """Compose so many tunes that no star has moved."""
        return [self.tune(Taste()) for _ in range(count)]

    def skip(self, tunes: int) -> None:
        """Leave out tunes that another stream of this seed has composed."""
        for _ in range(tunes):
            self._position = self._position.next_tune()


def _row(phrases: Sequence[Phrase]) -> Row:
    notes = [note for phrase in phrases for note in phrase.notes]
    pitch = np.array([n.pitch for n in notes], np.int64)
    length = np.array([n.duration * 12 // UNIT for n in notes], np.int64)
    bits = entropies([pitch], [length])[0]
    text = json.dumps([[n.onset, n.pitch] for n in notes])
    return {
        "style": main_style(phrases[0].style),
        "features": of_tune(phrases),
        "bits": dict(zip(SERIES, bits.tolist(), strict=True)),
        "digest": hashlib.sha256(text.encode()).hexdigest()[:16],
    }


def _rated(number: int, tune: Row, given: int) -> Rated:
    return Rated(f"{number:04}", "", given, tune["style"], tune["features"])


class Session:
    """The tunes of one listener, and the taste that is learned from the stars."""

    def __init__(self, stream: Stream, tunes: Sequence[Row], give: Callable[[Row], int]) -> None:
        self._stream = stream
        self._given = [_rated(n, tune, give(tune)) for n, tune in enumerate(tunes)]
        self._taste = learned(self._given)

    def rate(self, count: int, give: Callable[[Row], int]) -> list[Row]:
        """Compose and rate so many tunes, each with the taste of all ratings before."""
        tunes = []
        for _ in range(count):
            tunes.append(self._stream.tune(self._taste))
            self._given.append(_rated(len(self._given), tunes[-1], give(tunes[-1])))
            self._taste = learned(self._given)
        return tunes

    def count(self, count: int) -> list[Row]:
        """Compose so many tunes with the taste as it is."""
        return [self._stream.tune(self._taste) for _ in range(count)]

    @property
    def sentence(self) -> str:
        """The sentence that explains the taste."""
        return self._taste.sentence


def first_tunes(voice: Path, seed: int, count: int) -> list[Row]:
    """Return the first tunes of a seed, which no star has moved."""
    return Stream(voice, seed).plain(count)


def listen(stream: Stream, first: Sequence[Row], likes: Preference | None, seed: int) -> Row:
    """Return the tunes of one run of a listener, or of one whose stars are random.

    `first` are the first tunes of the stream, which are the same for all listeners.
    """
    rng = np.random.default_rng(seed)
    stream.skip(len(first))
    give = partial(_stars, likes, rng)
    session = Session(stream, first, give)
    found: Row = {"first": first, "later": session.rate(RATED - len(first), give)}
    found |= {"sentence": session.sentence, "after": session.count(COUNTED)}
    if likes is None:
        return found
    found["flipping"] = session.rate(RATED, partial(_stars, likes.flipped(), rng))
    return found | {"flipped sentence": session.sentence, "flipped": session.count(COUNTED)}


def _stars(likes: Preference | None, rng: np.random.Generator, tune: Row) -> int:
    if likes is None:
        return int(rng.integers(1, 6))
    return stars(likes.likes(tune["features"]), rng)


def off(voice: Path, seed: int, wanted: Preference) -> Row:
    """Return tunes with a taste at the strength 0, and the same ones without ratings."""
    rng = np.random.default_rng(seed)
    first = first_tunes(voice, seed, 2 * LEAST_RATINGS)
    given = [_rated(n, t, _stars(wanted, rng, t)) for n, t in enumerate(first)]
    taste, stream = learned(given), Stream(voice, seed)
    return {"without": first[:6], "with": [stream.tune(taste, 0.0) for _ in range(6)]}
