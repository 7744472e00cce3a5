"""An hour of the composer: the tunes of one stream, as melodies or as pieces in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.ensemble.band_features import Piece
from benchmarks.ensemble.band_pieces import OUR_BPM, piece_of
from benchmarks.music.tunes import Tune, played
from stream.compose.composer import Composer
from stream.ensembles.ensemble import SOLO
from stream.music.note import Controls, Note, ticks_to_seconds
from stream.voices.spec import find_voice

PieceOf = Callable[[Piece], Piece]


def tunes(voice: str, style: str, ensemble: str, minutes: float, seed: int) -> Iterator[Tune]:
    """Yield tunes of one stream until they last `minutes` at 120 quarter notes a minute."""
    controls = Controls(bpm=OUR_BPM, ensemble=ensemble, style=(((style, 1.0),),))
    left = minutes * 60
    for tune in played(Composer(find_voice(voice)), seed, controls):
        yield tune
        left -= ticks_to_seconds(sum(p.length for p in tune.phrases), OUR_BPM)
        if left <= 0:
            return


def leads(voice: str, style: str, minutes: float, seed: int) -> list[Tune]:
    """Return the tunes of one stream of the lead alone, that last `minutes`."""
    return list(tunes(voice, style, SOLO, minutes, seed))


def pieces(voice: str, style: str, ensemble: str, minutes: float, seed: int) -> list[Piece]:
    """Return the same in parts, without the stream's first phrase, which has no band."""
    found = list(tunes(voice, style, ensemble, minutes, seed))
    first = 0 if ensemble == SOLO else 1
    return [piece_of(t.phrases[0 if i else first :]) for i, t in enumerate(found)]


def skyline(piece: Piece) -> Piece:
    """Return the piece with the highest note of each onset as its lead."""
    top: dict[int, Note] = {}
    notes = (*piece.lead, *piece.others)
    for n in notes:
        if n.onset not in top or n.pitch > top[n.onset].pitch:
            top[n.onset] = n
    chosen = set(map(id, top.values()))
    others = tuple(n for n in notes if id(n) not in chosen)
    return Piece(tuple(top[at] for at in sorted(top)), others, piece.drums, piece.bpm)


def with_chords_alone(piece: Piece) -> Piece:
    """Return the piece without its bass: lead sheets have melody and chords."""
    return Piece(piece.lead, tuple(n for n in piece.others if n.channel == 1), (), piece.bpm)


def as_it_is(piece: Piece) -> Piece:
    """Return the piece."""
    return piece
