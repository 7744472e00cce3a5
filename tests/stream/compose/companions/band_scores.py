"""Scores for the tests of companions."""

from stream.compose.companions.score import Score
from stream.compose.polyphony.voicing import QUALITIES, voiced
from stream.music.note import Note


def chord_class(root, quality="major"):
    """The class of a chord, as in `polyphony.voicing`."""
    return 1 + 12 * [name for name, _ in QUALITIES].index(quality) + root


def harmony(chords):
    """The notes of (onset, end, class) triples."""
    notes, before = [], ()
    for onset, end, chord in chords:
        before = voiced(chord, before)
        notes += [Note(onset, end - onset, pitch, 70, 4) for pitch in before]
    return tuple(notes)


def cadence(bar=192, beat=48, **fields):
    """Four bars of Dm7 G7 C A7 under a lead of quarters."""
    chords = [(2, "minor7"), (7, "7"), (0, "major7"), (9, "7")]
    spans = [(i * bar, (i + 1) * bar, chord_class(*c)) for i, c in enumerate(chords)]
    lead = tuple(Note(t, 24, 72 + t // 24 % 5) for t in range(0, 4 * bar, 48))
    fields = {"low": 36, "high": 79} | fields
    return Score({"harmony": harmony(spans), "lead": lead}, 4 * bar, bar, beat, **fields)
