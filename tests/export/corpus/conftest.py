from __future__ import annotations

import mido
import numpy as np
import pytest

SCALE = [60, 62, 64, 65, 67, 69, 71, 72]


@pytest.fixture
def folder(tmp_path):
    """A good file of each kind, a broken one of each, and one that is no music."""
    path = tmp_path / "tunes"
    (path / "deep").mkdir(parents=True)
    track = mido.MidiTrack()
    for pitch in SCALE * 2:
        track.append(mido.Message("note_on", note=pitch))
        track.append(mido.Message("note_off", note=pitch, time=240))
    midi = mido.MidiFile(ticks_per_beat=480, tracks=[track])
    midi.save(path / "a.mid")
    midi.save(path / "deep" / "b.MIDI")
    music = "CDEF GABc | " * 2
    book = f"X:1\nT:good\nM:4/4\nL:1/8\nK:C\n{music}\n\nX:2\nT:broken\nK:Q\n\n"
    (path / "c.abc").write_text(f"{book}X:3\nT:short\nK:C\nCDE\n")
    np.savez(
        path / "d.npz",
        pitch=np.array(SCALE * 2),
        onset=np.arange(16) * 24,
        duration=np.full(16, 24),
        tune_start=np.array([0, 16]),
    )
    (path / "broken.mid").write_bytes((path / "a.mid").read_bytes()[:60])
    (path / "broken.abc").write_text("X:1\nT:nothing\n")
    (path / "broken.npz").write_bytes(b"PK")
    (path / "notes.txt").write_text("no music")
    return path
