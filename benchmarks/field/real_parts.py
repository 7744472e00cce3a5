"""Held-out real music in parts: what the voices of several parts are set beside."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.ensemble.band_features import Piece
from benchmarks.ensemble.band_pieces import real_pieces
from benchmarks.field.composing import skyline
from export.corpus.lead_sheets import read_lead_sheets
from export.corpus.rolls import Roll, read_rolls
from export.corpus.satb import held_out, read_satb
from export.lead.lead_sheet import SPLITS
from stream.compose.polyphony.chorale_frames import CHORALE
from stream.compose.polyphony.frames import tied
from stream.music.note import TICKS_PER_BEAT, Note
from stream.music.part import HARMONY, LEAD

LOWEST = 21
TEST = "test"
ROLLS = {"piano_midi": TICKS_PER_BEAT // 2, "jsb_chorales": TICKS_PER_BEAT}
"""Ticks of a frame of each set of piano rolls."""


def pieces(corpora: Path, name: str, most: int) -> list[Piece]:
    """Return at most `most` held-out pieces of a corpus. Raises `CorpusError`."""
    if name == "jsb_chorales_16th":
        chorales = held_out(read_satb(corpora / name / f"{name}_satb.npz"), TEST)
        return [_in_parts(CHORALE.decode(frames)) for frames in chorales[:most]]
    if name == "openewld_leadsheets":
        return _lead_sheets(corpora / name / f"{name}_pd.npz", most)
    if name in ROLLS:
        rolls = read_rolls(corpora / "polyphonic_piano_roll" / f"{name}.npz", name).test
        return [skyline(_of_roll(roll, ROLLS[name])) for roll in rolls[:most]]
    return real_pieces(corpora, name, most)


def _in_parts(notes: tuple[Note, ...]) -> Piece:
    lead = tuple(n for n in notes if n.channel == 0)
    return Piece(lead, tuple(n for n in notes if n.channel != 0))


def _of_roll(roll: Roll, ticks: int) -> Piece:
    lines = (
        (0, np.where(roll[:, key], key + LOWEST, 0).astype(np.int64))
        for key in np.flatnonzero(roll.any(0)).tolist()
    )
    return Piece((), tied(lines, ticks))


def _lead_sheets(path: Path, most: int) -> list[Piece]:
    sheets = read_lead_sheets(path)
    groups = np.unique([sheet.group for sheet in sheets], return_inverse=True)[1]
    held = [s for s, g in zip(sheets, groups, strict=True) if SPLITS[g % len(SPLITS)] != "train"]
    return [Piece(s.parts[LEAD], s.parts[HARMONY]) for s in held[:most]]
