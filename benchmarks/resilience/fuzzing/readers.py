"""The readers of files and lines from outside, with a good file for each to be damaged."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np

from benchmarks.resilience.fuzzing.damage import Damage
from benchmarks.resilience.fuzzing.mutation import PLAIN, TEXT, VOICE
from export.corpus.melody_npz import read_npz
from stream.compose.composer import Composer
from stream.compose.tunes.abc import read_abc
from stream.compose.tunes.midi import read_midi
from stream.compose.tunes.rules import normalize
from stream.config import settings
from stream.music import ratings
from stream.music.note import (
    Controls,
    Note,
    Phrase,
    PhraseRequest,
    phrase_from_json,
    request_from_json,
    to_json,
)
from stream.music.verdict import Rule, Verdict
from stream.voices.spec import find_voice

TINY = Path(__file__).parents[3] / "tests" / "data" / "tiny.onnx"


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader: `read` accepts the file at the path, or raises `StreamError`."""

    suffix: str
    read: Callable[[Path], object]
    seeds: Callable[[], list[bytes]]
    damages: Mapping[str, Damage]


def compose(path: Path) -> Phrase:
    """Load a voice as the composer does, and compose a phrase with it."""
    return Composer(path).compose(PhraseRequest(0, 0, 1, controls=Controls(candidates=4)))


def voices() -> list[bytes]:
    """Return the small voice four times and the shipped one, which is larger, once."""
    return [*[TINY.read_bytes()] * 4, find_voice(settings.DEFAULT_VOICE).read_bytes()]


def frame_voices() -> list[bytes]:
    """Return the shipped polyphonic voices, whose graphs use more operators than melody voices."""
    return [find_voice(name).read_bytes() for name in ("chorale", "piano", "rnn-dbn")]


CONFIG = b"""voice = "commons"  # the shipped one
style = "folk:0.8,jazz:0.2/bach"
bpm = 112.5
seed = 7
walk = 16
temperature = 0.9
top_p = 0.95
candidates = 16
minutes = 1.5
stats = "stats.json"
out = ["null", "file:today.mid"]
"""
ABC = b"""%abc-2.1
X:1
T:A tune
C:trad.
M:6/8
L:1/8
K:Dmix
|:"D"A2d fdf|{g}a3 f2d|[M:4/4](3efg [df]2 z2 ~c>d|1 e4- ef g2:|2 e8||
[V:1]=c'2 ^F,/G,/ A3/2B/2 !trill!d4|[K:Am]x2 Z2|[1 A8:|[2 B8|]

X:2
T:Another
M:C|
K:none
CDEF GABc|c4 & e4|GABc defg:|
"""


def midi() -> bytes:
    """Return two tracks with name, meter, key, tempo, text, and a system exclusive message."""
    file = mido.MidiFile(ticks_per_beat=480)
    head, tune = file.add_track("head"), file.add_track("tune")
    head.append(mido.MetaMessage("time_signature", numerator=6, denominator=8))
    head.append(mido.MetaMessage("key_signature", key="F#m"))
    head.append(mido.MetaMessage("set_tempo", tempo=400_000))
    tune.append(mido.Message("sysex", data=(1, 2, 3)))
    tune.append(mido.MetaMessage("lyrics", text="la"))
    for i in range(40):
        pitch = 60 + 7 * i % 12
        tune.append(mido.Message("note_on", note=pitch, velocity=64, time=0))
        tune.append(mido.Message("note_off", note=pitch, time=240 * (1 + i % 2)))
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def archive() -> bytes:
    """Return two tunes with every array that the reader looks for."""
    steps = np.arange(40, dtype=np.int64)
    out = io.BytesIO()
    np.savez(
        out, pitch=60 + 7 * steps % 12, onset=24 * (steps % 20), duration=steps % 2 * 12 + 12,
        tune_start=np.array([0, 20, 40]), title=np.array(["a", "b"]),
        meter=np.array(["6/8", "4/4"]),
        key=np.array(["G major", "C-min"]), pickup=np.array([0, 24]),
        variant_group=np.array([1, 2]), ticks_per_quarter=np.array(48),
    )  # fmt: skip
    return out.getvalue()


def request() -> bytes:
    """Return a request in the middle of a tune."""
    history = tuple(Note(24 * i - 480, 24, 60 + i) for i in range(20))
    controls = Controls(style=((("folk", 0.5), ("jazz", 0.5)),))
    return to_json(PhraseRequest(3, 1, 7, (192, 192), 4, 2, history, controls)).encode()


def phrase() -> bytes:
    """Return a phrase with its verdict."""
    notes = tuple(Note(24 * i, 24, 60 + i) for i in range(8))
    verdict = Verdict((Rule("pitch", 2.5, 1.0, 3.5), Rule("bar_line", 0.0, 0.0, 0.0)), 16, 3)
    found = Phrase(notes, 192, 120.0, 3, 1, "folk", "commons", 7, 192, verdict, 2, closing=True)
    return to_json(found).encode()


def rated() -> bytes:
    """Return two lines of ratings."""
    one = ratings.Rating("a.mid", "0" * 64, 4, "folk", ((60, 12), (62, 24)))
    lines = [json.dumps(dataclasses.asdict(r)) for r in (one, dataclasses.replace(one, stars=1))]
    return "\n".join(lines).encode()


READERS: Mapping[str, Reader] = {
    "voice": Reader(".onnx", compose, voices, VOICE),
    "voice of frames": Reader(".onnx", compose, frame_voices, VOICE),
    "configuration": Reader(
        ".toml", lambda path: settings.load(path, {}).controls, lambda: [CONFIG], TEXT
    ),
    "MIDI": Reader(".mid", lambda path: normalize(read_midi(path, "x")), lambda: [midi()], PLAIN),
    "ABC": Reader(".abc", lambda path: normalize(read_abc(path, "x")), lambda: [ABC], TEXT),
    "melody archive": Reader(
        ".npz", lambda path: normalize(read_npz(path, "x")), lambda: [archive()], PLAIN
    ),
    "request line": Reader(
        ".json", lambda path: request_from_json(path.read_bytes()), lambda: [request()], TEXT
    ),
    "phrase line": Reader(
        ".json", lambda path: phrase_from_json(path.read_bytes()), lambda: [phrase()], TEXT
    ),
    "ratings": Reader(".jsonl", ratings.read, lambda: [rated()], TEXT),
}
