import dataclasses
import itertools
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings

from stream.ensembles.ensemble import load
from stream.music.note import Note
from stream.notation import musicxml
from stream.notation.score import tunes_of
from stream.notation.spelling import NATURAL
from stream.notation.values import TYPES, VALUES
from tests.stream.notation.written import PLAIN, notes_of, phrases, tune_of

ORDER = (
    "chord", "pitch", "unpitched", "rest", "duration", "tie", "type", "dot", "time-modification",
    "notations",
)  # fmt: skip
"""Elements of a note in the order of the schema."""


def read(data):
    """(onset, end, pitch) of the notes of each part, and the length of each measure."""
    root = ET.fromstring(data)  # noqa: S314 (our own)
    found, lengths = [], []
    for part in root.iter("part"):
        now, begun, notes = 0, {}, []
        for measure in part.iter("measure"):
            start = now
            for note in measure.iter("note"):
                assert [ORDER.index(each.tag) for each in note] == sorted(
                    ORDER.index(each.tag) for each in note
                )
                ticks = int(note.findtext("duration"))
                _check_value(note, ticks)
                onset = now - ticks if note.find("chord") is not None else now
                ties = {tie.get("type") for tie in note.iter("tie")}
                now = onset + ticks
                if (pitch := _pitch(note)) is None:
                    continue
                begin = begun.pop(pitch) if "stop" in ties else onset
                if "start" in ties:
                    begun[pitch] = begin
                else:
                    notes.append((begin, now, pitch))
            lengths.append(now - start)
        assert not begun
        found.append(sorted(notes))
    return found, lengths


def _check_value(note, ticks):
    kind = note.findtext("type")
    if kind is not None:
        value = VALUES[ticks]
        assert (value.type, value.dotted) == (kind, note.find("dot") is not None)
        assert kind in TYPES
        assert value.triplet == (note.find("time-modification") is not None)


def _pitch(note):
    pitch = note.find("pitch")
    if pitch is None:
        return None
    alter = int(pitch.findtext("alter", "0"))
    return NATURAL[pitch.findtext("step")] + alter + 12 * (int(pitch.findtext("octave")) + 1)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(phrases())
def test_what_is_written_is_what_was_played(found):
    tune = tune_of(found)
    notes, lengths = read(musicxml.written([tune], "tune"))
    assert notes == [part for part in notes_of(tune) if part]
    bars = [b - a for a, b in itertools.pairwise(tune.bars)]
    assert lengths == bars * len(notes)


def test_parts_have_names_and_instruments_and_tunes_follow_each_other():
    band = load("band")
    first = dataclasses.replace(
        PLAIN, notes=(Note(0, 96, 60, channel=0), Note(0, 96, 38, channel=9)), key="F major"
    )
    second = dataclasses.replace(first, tune=1, key="D minor", meter="2/2", letter="b")
    data = musicxml.written(tunes_of([(first, band), (second, band)]), "two <tunes>")
    root = ET.fromstring(data)  # noqa: S314 (our own)
    assert root.findtext("work/work-title") == "two <tunes>"
    names = [part.findtext("part-name") for part in root.iter("score-part")]
    assert names == ["lead", "drums"]
    assert root.find("part-list/score-part[2]/midi-instrument").findtext("midi-channel") == "10"
    measures = root.findall("part[1]/measure")
    assert [measure.get("number") for measure in measures] == ["1", "2"]
    assert [m.findtext("attributes/key/fifths") for m in measures] == ["-1", "-1"]
    assert [m.findtext("attributes/time/beats") for m in measures] == ["4", "2"]
    assert [each.text for each in measures[1].iter("rehearsal")] == ["B"]


@settings(deadline=None, max_examples=10, suppress_health_check=list(HealthCheck))
@given(phrases())
def test_music21_reads_the_same_notes(found):
    music21 = pytest.importorskip("music21", reason="music21 is not installed (extra scores)")
    tune = tune_of(found)
    score = music21.converter.parseData(
        musicxml.written([tune], "tune").decode(), format="musicxml"
    )
    read_parts = [
        sorted(
            (float(element.getOffsetInHierarchy(part)) * 48, pitch.midi)
            for element in part.recurse().notes
            for pitch, tie in _pitches(element)
            if tie is None or tie.type == "start"
        )
        for part in score.parts
    ]
    expected = [[(onset, pitch) for onset, _, pitch in part] for part in notes_of(tune) if part]
    assert read_parts == [pytest.approx(part) for part in expected]


def _pitches(element):
    for note in getattr(element, "notes", (element,)):
        yield note.pitch, note.tie
