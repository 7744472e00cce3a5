import dataclasses
import shutil

import pytest
from hypothesis import HealthCheck, given, settings

from stream.music.note import Note
from stream.notation import abc
from stream.notation.score import tunes_of
from tests.stream.notation.written import PLAIN, abc2midi, notes_of, phrases, tune_of

NEEDS_ABC2MIDI = pytest.mark.skipif(
    shutil.which("abc2midi") is None, reason="abc2midi is not installed (package abcmidi)"
)
JIG = dataclasses.replace(
    PLAIN, kind="jig", key="D major", meter="6/8", bar=144, length=168, letter="a"
)


@NEEDS_ABC2MIDI
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(phrases())
def test_another_program_reads_the_same_notes(tmp_path, found):
    tune = tune_of(found)
    expected = [part for part in notes_of(tune) if part]
    assert abc2midi(abc.written([tune]), tmp_path) == expected


def test_a_tune_reads_as_a_musician_writes_it():
    pitches = (62, 66, 69, 74, 73, 72, 67)
    notes = tuple(Note(24 * i, 24, pitch) for i, pitch in enumerate(pitches))
    text = abc.written(tunes_of([(dataclasses.replace(JIG, notes=notes), None)]))
    assert text == (
        "X:1\nT:jig in D major, 6/8\nR:folk\nM:6/8\nL:1/8\n%%MIDI chordattack 0\nQ:1/4=120\n"
        'V:1 name="lead"\nK:D\nV:1\n%%MIDI channel 1\n[P:A]D | F A d c =c G |]\n'
    )


def test_tunes_are_numbered_and_their_names_harm_nothing():
    odd = dataclasses.replace(JIG, notes=(Note(0, 24, 60),), kind='a "b" %c\\\nd')
    text = abc.written(tunes_of([(odd, None), (dataclasses.replace(JIG, tune=1), None)]))
    assert [line for line in text.splitlines() if line[:2] in {"X:", "T:"}] == [
        "X:1", "T:a 'b'  c//nd in D major, 6/8", "X:2", "T:jig in D major, 6/8",
    ]  # fmt: skip
