"""Features of music in several parts: clashes with the lead, and what two bars are made of.

Conventions: ticks are 1/48 of a quarter note.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream.music.note import TICKS_PER_BEAT, Note

Floats = NDArray[np.float64]

SHARP = (1, 13, 25)
"""Semitones of the intervals that clash: minor seconds and ninths."""
POSITIONS = 8
"""Sixteenths of two beats, by which rhythm is described."""
SIXTEENTH = TICKS_PER_BEAT // 4
WINDOW = 8 * TICKS_PER_BEAT
"""Ticks of an excerpt: two bars of four quarters."""
OCTAVE = 12


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece, or a tune, in parts."""

    lead: tuple[Note, ...]
    others: tuple[Note, ...]
    """Notes of the other pitched parts."""
    drums: tuple[Note, ...] = ()
    bpm: float = 120.0

    @property
    def minutes(self) -> float:
        """Minutes that the piece takes."""
        end = max((n.end for n in (*self.lead, *self.others)), default=0)
        return end / TICKS_PER_BEAT / self.bpm


def clashes(piece: Piece) -> int:
    """Return how many pairs of a lead note and another clash for a beat or longer."""
    if not piece.lead or not piece.others:
        return 0
    lead, others = (
        np.array([(n.onset, n.end, n.pitch) for n in notes])
        for notes in (piece.lead, sorted(piece.others, key=lambda n: n.onset))
    )
    longest = int((others[:, 1] - others[:, 0]).max())
    count = 0
    for onset, end, pitch in lead:
        a, b = np.searchsorted(others[:, 0], (onset - longest, end))
        near = others[a:b]
        overlap = np.minimum(near[:, 1], end) - np.maximum(near[:, 0], onset)
        apart = np.abs(near[:, 2] - pitch)
        count += int((np.isin(apart, SHARP) & (overlap >= TICKS_PER_BEAT)).sum())
    return count


def excerpts(piece: Piece) -> Floats:
    """Return the features [n, F] of each two bars in which more than the lead could sound.

    Shares of the time of each interval above the bass (12), shares of the time of each interval
    below the lead (12), mean onsets at each sixteenth of two beats (8) of the lead, of the others
    and of the drums, the mean number of notes, the mean pitch of the others, and pitch classes.
    """
    end = max((n.end for n in (*piece.lead, *piece.others)), default=0)
    rows = [
        _row(*(_within(notes, at) for notes in (piece.lead, piece.others, piece.drums)), at)
        for at in range(0, end - WINDOW + 1, WINDOW)
    ]
    return np.array([row for row in rows if row is not None])


def _within(notes: Sequence[Note], at: int) -> list[Note]:
    return [n for n in notes if n.onset < at + WINDOW and n.end > at]


def _row(lead: list[Note], others: list[Note], drums: list[Note], at: int) -> Floats | None:
    if not lead:
        return None
    frames = WINDOW // SIXTEENTH
    sounding = [np.zeros((frames, 128), bool) for _ in range(2)]
    for grid, notes in zip(sounding, (lead, others), strict=True):
        for n in notes:
            grid[max(n.onset - at, 0) // SIXTEENTH : -(-(n.end - at) // SIXTEENTH), n.pitch] = True
    both = sounding[0] | sounding[1]
    above_bass, to_lead = np.zeros(OCTAVE), np.zeros(OCTAVE)
    for frame, top in zip(both, sounding[0], strict=True):
        pitches = np.flatnonzero(frame)
        if len(pitches) > 1:
            np.add.at(above_bass, (pitches[1:] - pitches[0]) % OCTAVE, 1.0)
        if top.any() and len(pitches) > 1:
            np.add.at(to_lead, (np.flatnonzero(top)[-1] - pitches[:-1]) % OCTAVE, 1.0)
    onsets = [_onsets(notes, at) for notes in (lead, others, drums)]
    low = [n.pitch for n in others]
    classes = len({n.pitch % OCTAVE for n in (*lead, *others)})
    facts = [both.sum(1).mean() / 4, (np.mean(low) if low else 60.0) / 24, classes / 4]
    return np.concatenate([_shares(above_bass), _shares(to_lead), *onsets, facts])


def _onsets(notes: Sequence[Note], at: int) -> Floats:
    """Return the mean onsets at each sixteenth of two beats."""
    found = np.zeros(POSITIONS)
    for n in notes:
        if n.onset >= at:
            found[(n.onset - at) // SIXTEENTH % POSITIONS] += 1
    return found * POSITIONS * SIXTEENTH / WINDOW


def _shares(counts: Floats) -> Floats:
    total = counts.sum()
    return counts / total * 3 if total else counts


def frechet(one: Floats, other: Floats) -> float:
    """Return the Fréchet distance of two sets of features [n, F], as Gaussians.

    d² = |m_1 - m_2|² + tr(C_1 + C_2 - 2 (C_1 C_2)^½) (Dowson & Landau 1982); the trace of the root
    is the sum of the roots of the eigenvalues of C_1 C_2.
    """
    means = one.mean(0) - other.mean(0)
    first, second = (np.cov(each, rowvar=False) for each in (one, other))
    roots = np.sqrt(np.clip(np.linalg.eigvals(first @ second).real, 0, None)).sum()
    return float(means @ means + np.trace(first) + np.trace(second) - 2 * roots)
