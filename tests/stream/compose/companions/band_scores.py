"""Scores for the tests of companions."""

from hypothesis import strategies as st

from stream.compose.companions.score import Score
from stream.compose.polyphony.voicing import CLASSES, QUALITIES, voiced
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


@st.composite
def scores(draw):
    """Phrases of any meter, with an upbeat or not, and chords that begin anywhere."""
    beat, pulse = draw(st.sampled_from([(48, 4), (48, 3), (72, 2), (48, 2), (48, 5), (24, 5)]))
    bar = beat * pulse
    length = draw(st.integers(1, 4)) * bar + draw(st.sampled_from([0, 7, 24, 48]))
    turns = sorted(draw(st.sets(st.integers(-20, length // 12), max_size=9)))
    chords = draw(st.lists(st.integers(1, CLASSES - 1), min_size=9, max_size=9))
    ends = [*(12 * t for t in turns[1:]), length]
    triples = [(12 * a, b, c) for a, b, c in zip(turns, ends, chords, strict=False) if 12 * a < b]
    lead = tuple(Note(12 * t, 12, 70) for t in range(0, length // 12, draw(st.integers(1, 9))))
    low = draw(st.integers(20, 60))
    return Score(
        {"harmony": harmony(triples), "lead": lead}, length, bar, beat,
        closing=draw(st.booleans()), energy=draw(st.floats(0, 1)),
        low=low, high=low + draw(st.integers(0, 40)),
    )  # fmt: skip
