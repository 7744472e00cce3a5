"""Real music in parts, and tunes of our ensembles, as `band_features.Piece`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.ensemble.band_features import Piece
from stream.compose.composer import Composer
from stream.errors import CorpusError
from stream.music.controls import Controls
from stream.music.note import TICKS_PER_BEAT, Note, Phrase
from stream.music.part import COMPANION_PARTS, DRUMS
from stream.music.stream_position import opening
from stream.voices.spec import find_voice

Archive = dict[str, NDArray[Any]]
HELD_OUT = 5
"""One group of pieces in so many is held out from training and measured here."""
BPM = 100.0
"""Tempo at which real pieces are counted by the minute: those of the archives are incomplete."""
OUR_BPM = 120.0
"""Tempo at which our tunes are played and counted, whatever tempo a tune has of its own."""


def real_pieces(corpora: Path, name: str, most: int) -> list[Piece]:
    """Return held-out pieces of a corpus; raises `CorpusError` if it cannot be read."""
    path = corpora / name / f"{name}.npz"
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays: Archive = {key: archive[key] for key in archive.files}
        reader = _band if name == "freedoom_band" else _parts
        return list(reader(arrays, most))
    except (OSError, ValueError, LookupError) as error:
        raise CorpusError(f"{path}: not an archive of music in parts ({error})") from error


def held_out(arrays: Archive) -> NDArray[np.int64]:
    """Return the numbers of the pieces whose group is held out."""
    groups = np.unique(arrays["variant_group"], return_inverse=True)[1]
    return np.flatnonzero(groups % HELD_OUT == HELD_OUT - 1)


def _parts(arrays: Archive, most: int) -> Iterator[Piece]:
    """Yield pieces whose part 0 is the lead."""
    for i in held_out(arrays)[:most].tolist():
        a, b = arrays["tune_start"][i : i + 2].tolist()
        columns = (arrays[key][a:b].tolist() for key in ("onset", "duration", "pitch", "part"))
        notes = [(part, Note(o, max(d, 1), p)) for o, d, p, part in zip(*columns, strict=True)]
        lead = tuple(note for part, note in notes if part == 0)
        others = tuple(note for part, note in notes if part != 0)
        if lead and others:
            yield Piece(lead, others, bpm=BPM)


def _band(arrays: Archive, most: int) -> Iterator[Piece]:
    """Yield pieces whose melody lines are the lead."""
    per = 480 // TICKS_PER_BEAT
    for i in held_out(arrays)[:most].tolist():
        a, b = arrays["piece_start"][i : i + 2].tolist()
        c, d = arrays["line_start"][i : i + 2].tolist()
        roles = arrays["line_role"][c:d][arrays["line"][a:b]].tolist()
        columns = (arrays[key][a:b].tolist() for key in ("onset", "duration", "pitch"))
        notes = [
            (str(role), Note(o // per, max(length // per, 1), p))
            for role, o, length, p in zip(roles, *columns, strict=True)
        ]
        parts = {
            name: tuple(n for role, n in notes if role == name) for name in ("melody", "drums")
        }
        others = tuple(n for role, n in notes if role not in parts)
        if parts["melody"] and others:
            yield Piece(parts["melody"], others, parts["drums"], BPM)


def our_pieces(voice: str, ensemble: str, style: str, tunes: int, seed: int) -> list[Piece]:
    """Return tunes that an ensemble plays in a style, as they sound."""
    composer = Composer(find_voice(voice))
    controls = Controls(bpm=OUR_BPM, ensemble=ensemble, style=(((style, 1.0),),))
    position = opening(seed, controls)
    phrases: list[Phrase] = []
    found: list[Piece] = []
    while len(found) < tunes:
        phrase = composer.compose(position.request)
        position = position.after(phrase)
        phrases.append(phrase)
        if phrase.closing:
            found.append(piece_of(phrases[1:] if not found else phrases))
            phrases = []
    return found


def piece_of(phrases: Sequence[Phrase]) -> Piece:
    """Return the phrases of a tune as one piece, without the parts that are not heard."""
    lead: list[Note] = []
    others: list[Note] = []
    drums: list[Note] = []
    at = 0
    for phrase in phrases:
        silent = {COMPANION_PARTS[role] for role in phrase.silent}
        silent |= {part for part, role in enumerate(phrase.roles) if not role}
        for note in phrase.notes:
            if note.channel in silent:
                continue
            where = drums if note.channel == COMPANION_PARTS[DRUMS] else others
            (lead if note.channel == 0 else where).append(note.moved(at))
        at += phrase.length
    return Piece(tuple(lead), tuple(others), tuple(drums), OUR_BPM)


def shuffled(pieces: Sequence[Piece], rng: np.random.Generator) -> list[Piece]:
    """Return each lead with what other parts of another piece play: the control that must lose."""
    order = rng.permutation(len(pieces)).tolist()
    following = dict(zip(order, [*order[1:], order[0]], strict=True))
    return [
        Piece(piece.lead, other.others, other.drums, piece.bpm)
        for i, piece in enumerate(pieces)
        for other in (pieces[following[i]],)
    ]
