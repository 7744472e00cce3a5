"""Score to be sounded: a chorale of the shipped voice, arranged as `band` or `electronic`.

The two styles differ as the two corpora of the GRUV paper do. A band plays many instruments with
drums, each piece at a tempo of its own and no note exactly on time; the electronic pieces have two
clean parts on a grid of eighth notes of 0.25 s.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np

from stream.errors import CorpusError

SOPRANO, ALTO, TENOR, BASS = range(4)
DRUMS = 9
"""The channel of percussion in General MIDI."""
KICK, SNARE, HAT = 36, 38, 42
WRITTEN_BPM = 120
EIGHTH = 0.25
"""Seconds at the tempo that is written."""


@dataclass(frozen=True, slots=True)
class Tone:
    """One note as it sounds."""

    start: float
    """Seconds."""
    end: float
    pitch: int
    velocity: int
    part: int
    """MIDI channel."""


@dataclass(frozen=True, slots=True)
class Score:
    """A piece: its tones, and the General MIDI program of each part."""

    tones: tuple[Tone, ...]
    programs: tuple[tuple[int, int], ...]
    seconds: float
    room: float
    """Share of reverberation, 0-1."""


def compose(seed: int, seconds: float) -> list[Tone]:
    """Compose four parts by the voice `chorale` at 120 quarter notes a minute."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "chorale.mid")
        command = [
            sys.executable, "-m", "stream", "render", "--voice", "chorale", "--seed", str(seed),
            "--bpm", str(WRITTEN_BPM), "--minutes", str(seconds / 60), str(path),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise CorpusError(f"no piece could be composed: {done.stderr.strip()}")
        return [tone for tone in tones_of(path) if tone.start < seconds]


def tones_of(path: Path) -> list[Tone]:
    """Return the notes of a MIDI file in seconds."""
    now, found = 0.0, []
    sounding: dict[tuple[int, int], tuple[float, int]] = {}
    for message in mido.MidiFile(path):
        now += message.time
        if message.type not in ("note_on", "note_off"):
            continue
        key = (message.channel, message.note)
        if key in sounding:
            start, velocity = sounding.pop(key)
            found.append(Tone(start, now, message.note, velocity, message.channel))
        if message.type == "note_on" and message.velocity:
            sounding[key] = (now, message.velocity)
    return sorted(found, key=lambda tone: (tone.start, tone.part))


def band(tones: Sequence[Tone], seconds: float, seed: int) -> Score:
    """Arrange for four instruments and drums in a room, in its own tempo, no note exact."""
    rng = np.random.default_rng(seed)
    stretch = WRITTEN_BPM / rng.uniform(92, 132)
    line_ups = (
        ((SOPRANO, 73), (ALTO, 0), (TENOR, 25), (BASS, 33)),
        ((SOPRANO, 65), (ALTO, 4), (TENOR, 26), (BASS, 32)),
        ((SOPRANO, 40), (ALTO, 48), (TENOR, 0), (BASS, 33)),
    )
    played = [
        Tone(late, late + (t.end - t.start) * stretch, t.pitch, t.velocity, t.part)
        for t in tones
        for late in (max(t.start * stretch + float(rng.normal(0, 0.008)), 0.0),)
    ]
    played += _drums(seconds, EIGHTH * stretch, rng)
    kept = tuple(sorted((t for t in played if t.start < seconds), key=lambda t: t.start))
    return Score(kept, line_ups[int(rng.integers(len(line_ups)))], seconds, room=0.5)


def _drums(seconds: float, eighth: float, rng: np.random.Generator) -> list[Tone]:
    hits = []
    for i in range(int(seconds / eighth)):
        keys = [HAT] + ([KICK] if i % 4 == 0 else [SNARE] if i % 4 == 2 else [])
        start = max(i * eighth + float(rng.normal(0, 0.004)), 0.0)
        hits += [Tone(start, start + 0.1, key, int(rng.integers(70, 100)), DRUMS) for key in keys]
    return hits


def electronic(tones: Sequence[Tone], seconds: float, seed: int) -> Score:
    """Arrange for a lead and a pulsing bass, every note on the grid, without a room."""
    lead = [
        Tone(t.start, t.end, t.pitch, 100, SOPRANO) for t in tones if t.part == SOPRANO
    ]  # fmt: skip
    bass = [
        Tone(start, start + 0.8 * EIGHTH, t.pitch, 100, BASS)
        for t in tones
        if t.part == BASS
        for start in np.arange(t.start, t.end - 0.5 * EIGHTH, EIGHTH).tolist()
    ]
    kept = tuple(sorted((t for t in lead + bass if t.start < seconds), key=lambda t: t.start))
    return Score(kept, ((SOPRANO, (80, 81)[seed % 2]), (BASS, 38)), seconds, room=0.0)


ARRANGEMENTS: dict[str, Callable[[Sequence[Tone], float, int], Score]] = {
    "band": band,
    "electronic": electronic,
}
