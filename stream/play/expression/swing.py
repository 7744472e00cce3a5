"""Swing in tenths of a tick: by the control, or by the tempo as jazz players do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.ensembles.ensemble import BY_TEMPO
from stream.music.note import TENTHS, TICKS_PER_BEAT

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.ensembles.ensemble import Ensemble
    from stream.music.note import Controls, Phrase

BEAT: Final = TICKS_PER_BEAT * TENTHS
EIGHTH: Final = BEAT // 2
SLOW_BPM, SLOW_RATIO, FAST_BPM = 100.0, 3.0, 300.0
"""Tempo up to which the swing ratio is 3:1, that ratio, and the tempo from which it is 1:1."""
MOST_SWING: Final = 0.75
"""Largest delay of the second eighth note, as a share of an eighth note."""


def swing_ratio(bpm: float) -> float:
    """Return the ratio of the first eighth note of a beat to the second in jazz at a tempo.

    It falls along a line from 3:1 to 1:1 (Friberg & Sundström 2002, "Swing ratios and ensemble
    timing in jazz performance", fig. 3).
    """
    share = min(max((FAST_BPM - bpm) / (FAST_BPM - SLOW_BPM), 0.0), 1.0)
    return 1.0 + (SLOW_RATIO - 1.0) * share


def swing_by_tempo(ensemble: Ensemble, controls: Controls, bpm: float) -> float:
    """Return the delay of the second eighth note at a tempo, as a share of an eighth note.

    0 if the swing is set by hand, or if the ensemble does not swing by the tempo.
    """
    if controls.swing or not controls.expression or ensemble.swing != BY_TEMPO:
        return 0.0
    ratio = swing_ratio(bpm)
    return min(controls.expression * (ratio - 1) / (ratio + 1), MOST_SWING)


def swung(source: Phrase, share: float) -> Callable[[int], int]:
    """Return a function that moves a time in a phrase, in tenths of a tick, by swing.

    `share` is the delay of the second eighth note of each beat, as a share of an eighth note.
    Beats, which stay, are counted back from the end of the phrase. Order is kept.
    """
    delay = round(share * EIGHTH)
    offset = -source.length * TENTHS % BEAT

    def place(tenths: int) -> int:
        beat, at = divmod(tenths + offset, BEAT)
        if at < EIGHTH:
            moved = at * (EIGHTH + delay) // EIGHTH
        else:
            moved = EIGHTH + delay + (at - EIGHTH) * (EIGHTH - delay) // EIGHTH
        return beat * BEAT + moved - offset

    return place
