"""Random tunes, and the notes that other programs read from what was written of them."""

import dataclasses
import io
import subprocess

import mido
from hypothesis import strategies as st

from stream.music.note import Note, Phrase
from stream.notation.score import tunes_of
from stream.notation.spelling import sharps_of, spelled

PLAIN = Phrase(
    (),
    192,
    120.0,
    index=0,
    tune=0,
    style="folk",
    voice="v",
    seed=0,
    bar=192,
    roles=("lead", "bass"),
)
KEYS = ("", "C major", "Eb major", "F# minor", "B dorian", "Gb major", "E mixolydian")
GRID = st.sampled_from([1, 2, 3, 4, 6, 8, 12, 16, 18, 24, 32, 36, 48, 64, 72, 96, 97, 144])


@st.composite
def phrases(draw):
    """Draw the phrases of a tune of two parts, the first of which may have a pickup."""
    bar, meter = draw(st.sampled_from([(192, "4/4"), (144, "6/8"), (144, ""), (120, "5/8")]))
    facts = {"key": draw(st.sampled_from(KEYS)), "meter": meter, "bar": bar}
    found = []
    for index in range(draw(st.integers(1, 3))):
        pickup = draw(st.sampled_from([0, 24, 48])) if index == 0 else 0
        length = pickup + bar * draw(st.integers(1, 3))
        notes = []
        for channel in (0, 1):
            at = draw(st.sampled_from([0, 12, 16]))
            while at < length:
                ticks = min(draw(GRID), length - at)
                for pitch in draw(st.lists(st.integers(36, 96), max_size=3, unique=True)):
                    held = min(ticks + draw(st.sampled_from([0, 0, 24])), length - at)
                    notes.append(Note(at, held, pitch, channel=channel))
                at += ticks
        notes = _without_clashes(notes, sharps_of(facts["key"])[0])
        letter = "aAb"[index]
        found.append(
            dataclasses.replace(
                PLAIN, notes=tuple(notes), length=length, index=index, letter=letter, **facts
            )
        )
    return found


def _without_clashes(notes, sharps):
    """Leave out notes that sound with another one of their letter, as F and F sharp.

    Abc2midi ties a note to the next one of its letter, whatever their accidentals.
    """
    kept = []
    for note in sorted(notes, key=lambda note: note.onset):
        name = spelled(note.pitch, sharps)
        others = [each for each in kept if each.channel == note.channel and each.end >= note.onset]
        names = [spelled(each.pitch, sharps) for each in others]
        if (name.letter, name.octave) not in [(n.letter, n.octave) for n in names if n != name]:
            kept.append(note)
    return kept


def tune_of(found):
    (tune,) = tunes_of([(phrase, None) for phrase in found])
    return tune


def notes_of(tune):
    """(onset, end, pitch) of the notes of each part."""
    return [
        sorted((note.onset, note.end, note.pitch) for note in staff.notes) for staff in tune.staves
    ]


def abc2midi(text, folder):
    """(onset, end, pitch) of the notes of each voice of an ABC file, in ticks of the stream."""
    source, target = folder / "tune.abc", folder / "tune.mid"
    source.write_text(text)
    told = subprocess.run(
        ["abc2midi", source, "-o", target, "-quiet"], check=True, capture_output=True, text=True
    )
    assert "Error" not in told.stdout, told.stdout
    file = mido.MidiFile(file=io.BytesIO(target.read_bytes()))
    target.unlink()
    assert file.ticks_per_beat == 480
    parts = [found for track in file.tracks if (found := _notes(track))]
    return parts


def _notes(track):
    now, begun, found = 0, {}, []
    for message in track:
        now += message.time
        if message.type == "note_on" and message.velocity:
            begun[message.note] = now
        elif message.type in {"note_on", "note_off"} and message.note in begun:
            # It plays some notes 1/480 of a quarter note late, so that no two collide.
            found.append((round(begun.pop(message.note) / 10), round(now / 10), message.note))
    return sorted(found)
