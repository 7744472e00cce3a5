import dataclasses

from benchmarks.music.tunes import Tune
from docs.strains import chords, strains
from stream.compose.melody.outline import parsed
from stream.music.note import Note, Phrase

OUTLINE = parsed("4x48 4/4;major;;0;0;0 0 1;1 1;.2;22;44;1:2 0:2 8:4")
BAR = 192


def tune(*bars):
    found = [
        Phrase(
            notes=notes, length=BAR, bpm=120, index=i, tune=0, style="", voice="", seed=0, bar=BAR
        )
        for i, notes in enumerate(bars)
    ]  # fmt: skip
    return Tune(tuple(found), 48)


def test_a_strain_that_is_played_twice_is_written_once():
    first, second = (Note(0, 96, 60), Note(96, 120, 62)), (Note(48, 48, 64),)
    one, other = strains(tune(first, first, second), OUTLINE)
    assert (one.length, one.times, other.length, other.times) == (BAR, 2, BAR, 1)
    assert one.notes == (Note(0, 96, 60), Note(96, 96, 62))
    assert other.notes == second
    assert (one.chords, other.chords) == (((0, 1),), ((0, 8),))


def test_the_chord_that_sounds_at_the_head_of_a_strain_is_named_again():
    held = dataclasses.replace(OUTLINE, chords=((1, 6), (8, 2)))
    assert list(chords(held, 0, BAR)) == [(0, 1)]
    assert list(chords(held, BAR, 2 * BAR)) == [(0, 1), (96, 8)]
