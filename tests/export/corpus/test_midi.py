from __future__ import annotations

import contextlib
import io
import itertools
import zlib

import mido
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream.compose.tunes.midi import read_midi
from stream.compose.tunes.tune import Tune
from stream.errors import CorpusError
from stream.music.midi_file import MOST_BYTES
from stream.music.midi_melodies import skyline
from stream.music.note import Note
from tests.export.corpus.damage import assert_named_in_one_line, damaged


def on(pitch, time=0, **kwargs):
    return mido.Message("note_on", note=pitch, time=time, **kwargs)


def off(pitch, time=0, **kwargs):
    return mido.Message("note_off", note=pitch, time=time, **kwargs)


def meta(kind, time=0, **kwargs):
    return mido.MetaMessage(kind, time=time, **kwargs)


def midi_bytes(*tracks, ticks_per_beat=480):
    midi = mido.MidiFile(ticks_per_beat=ticks_per_beat)
    midi.tracks = [mido.MidiTrack(track) for track in tracks]
    buffer = io.BytesIO()
    midi.save(file=buffer)
    return buffer.getvalue()


@pytest.fixture
def read(tmp_path):
    def read_bytes(content):
        path = tmp_path / "reel.mid"
        path.write_bytes(content)
        return list(read_midi(path, "folk"))

    return read_bytes


def table(tune):
    return [(n.onset, n.duration, n.pitch) for n in tune.notes]


def test_a_track_is_a_melody(read):
    head = [
        meta("time_signature", numerator=6, denominator=8),
        meta("key_signature", key="F#m"),
        meta("track_name", name="conductor"),
    ]
    jig = [meta("track_name", name="The\0 Jig "), on(60), off(60, 240), on(62, 240), off(62, 480)]
    (tune,) = read(midi_bytes(head, jig))
    assert tune == Tune(
        notes=(Note(0, 24, 60), Note(48, 48, 62)),
        title="The Jig",
        style="folk",
        group=zlib.crc32(b"reel.mid"),
        bar=144,
        downbeat=0,
        mode="minor",
    )


def test_parts_on_channels_of_one_track_are_lines_of_their_own(read):
    soprano = [(on(72), 0), (off(72), 480), (on(74), 480), (off(74), 960)]
    bass = [(on(79, channel=1), 240), (off(79, channel=1), 480)]
    track, now = [], 0
    for message, tick in sorted([*soprano, *bass], key=lambda timed: timed[1]):
        track.append(message.copy(time=tick - now))
        now = tick
    apart = read(midi_bytes([on(72), off(72, 480), on(74), off(74, 480)], []))
    high, low = read(midi_bytes(track))
    assert table(high) == table(apart[0]) == [(0, 48, 72), (48, 48, 74)]
    assert table(low) == [(24, 24, 79)]
    assert [high.title, low.title] == ["reel, track 0, channel 1", "reel, track 0, channel 2"]


def test_every_track_with_notes_is_a_tune_of_one_group(read):
    tunes = read(midi_bytes([on(60), off(60, 480)], [], [on(48), off(48, 480)]))
    assert [(t.title, table(t)) for t in tunes] == [
        ("reel, track 0", [(0, 48, 60)]),
        ("reel, track 2", [(0, 48, 48)]),
    ]
    assert len({t.group for t in tunes}) == 1
    assert [(t.bar, t.mode) for t in tunes] == [(0, ""), (0, "")]


def test_drums_are_not_a_melody(read):
    drums = [on(35, channel=9), off(35, 480, channel=9)]
    assert read(midi_bytes(drums)) == []
    assert [table(t) for t in read(midi_bytes([*drums, on(60), off(60, 480)]))] == [[(48, 48, 60)]]


@pytest.mark.parametrize(("key", "mode"), [("C", "major"), ("Am", "minor"), ("Bb", "major")])
def test_mode(read, key, mode):
    (tune,) = read(midi_bytes([meta("key_signature", key=key), on(60), off(60, 480)]))
    assert tune.mode == mode


def test_the_meter_that_lasts_longest_counts_and_a_pickup_bar_before_it_is_no_bar(read):
    track = [
        meta("time_signature", numerator=1, denominator=4),
        on(60),
        off(60, 480),
        meta("time_signature", numerator=3, denominator=4),
        on(62),
        off(62, 5 * 1440),
        meta("time_signature", numerator=4, denominator=4),
        on(64),
        off(64, 1920),
    ]
    (tune,) = read(midi_bytes(track))
    assert (tune.bar, tune.downbeat) == (144, 48)


@pytest.mark.parametrize(
    ("events", "notes"),
    [
        ([on(60), on(60, 0, velocity=0)], [(0, 1, 60)]),  # no length: one tick
        ([on(60), on(60, 480), off(60, 480)], [(0, 48, 60), (48, 48, 60)]),  # struck again
        ([on(60), meta("marker", 960)], [(0, 96, 60)]),  # never ended
        ([off(60, 480), on(62), off(62, 160)], [(48, 16, 62)]),  # ended only
        ([on(60), off(60, 155)], [(0, 16, 60)]),  # 15.5 ticks are 16
    ],
)
def test_starts_and_ends(read, events, notes):
    (tune,) = read(midi_bytes(events))
    assert table(tune) == notes


@pytest.mark.parametrize(
    ("notes", "line"),
    [
        ([(0, 48, 60), (48, 48, 62)], [(0, 48, 60), (48, 48, 62)]),
        # Of a chord the highest counts.
        ([(0, 48, 60), (0, 48, 67), (0, 48, 64)], [(0, 48, 67)]),
        # A higher note cuts a lower one that is held.
        ([(0, 96, 60), (48, 48, 72)], [(0, 48, 60), (48, 48, 72)]),
        # The accompaniment beneath a held note is not heard.
        ([(0, 96, 72), (24, 24, 60), (48, 48, 55), (96, 48, 71)], [(0, 96, 72), (96, 48, 71)]),
        # Legato playing downwards.
        ([(0, 52, 72), (48, 48, 71)], [(0, 48, 72), (48, 48, 71)]),
        # A chord rolled upwards.
        ([(0, 48, 60), (2, 46, 64), (4, 44, 67)], [(4, 44, 67)]),
        # A note held beneath the melody goes on unheard.
        ([(0, 192, 48), (0, 48, 60), (48, 48, 62)], [(0, 48, 60), (48, 48, 62)]),
        ([], []),
    ],
)
def test_skyline(notes, line):
    found = skyline(Note(*note) for note in notes)
    assert [(n.onset, n.duration, n.pitch) for n in found] == line


some_notes = st.lists(
    st.builds(Note, st.integers(0, 400), st.integers(1, 200), st.integers(0, 127)), max_size=40
)


@given(some_notes)
def test_a_skyline_never_overlaps_and_keeps_the_highest_note(notes):
    line = skyline(notes)
    assert all(a.end <= b.onset for a, b in itertools.pairwise(line))
    assert all(n.duration >= 1 for n in line)
    heads = {(n.onset, n.pitch) for n in notes}
    assert {(n.onset, n.pitch) for n in line} <= heads
    assert bool(line) == bool(notes)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no header MThd"),
        (b"RIFF" + bytes(40), "no header MThd"),
        (midi_bytes([on(60), off(60, 480)])[:-9], "it ends too early"),
        (midi_bytes([meta("smpte_offset")], ticks_per_beat=480)[:-3], "it ends too early"),
        (midi_bytes([on(60), off(60, 480)], ticks_per_beat=0), "0 ticks a quarter note"),
        (midi_bytes([on(60), off(60, 480)], ticks_per_beat=-6400), "-6400 ticks a quarter note"),
        (midi_bytes([on(60), off(60, 0x0FFFFFFF)]), "longer than 10000 bars"),
        (midi_bytes([on(60), off(60, 480)])[:14], "before its first track"),
        (bytes(MOST_BYTES + 1), "over 2000000 bytes"),
    ],
)
def test_a_broken_file_is_named_in_one_line(read, tmp_path, content, reason):
    assert_named_in_one_line(read, content, tmp_path / "reel.mid", reason)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"none\.mid: cannot be read"):
        list(read_midi(tmp_path / "none.mid", "folk"))


GOOD = midi_bytes(
    [
        meta("time_signature", numerator=3, denominator=4),
        meta("key_signature", key="G"),
        meta("set_tempo", tempo=400_000),
        meta("smpte_offset"),
        meta("sequence_number", number=3),
        meta("channel_prefix", channel=1),
        meta("sequencer_specific", data=(1, 2)),
        mido.Message("sysex", data=(1, 2, 3)),
    ],
    [meta("track_name", name="a"), on(60), off(60, 480), on(64), on(67), off(64, 480), off(67)],
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damaged(GOOD, 5))
def test_damaged_bytes_raise_one_kind_of_error(read, contents):
    for content in contents:
        with contextlib.suppress(CorpusError):
            for tune in read(content):
                assert all(n.duration >= 1 and 0 <= n.pitch <= 127 for n in tune.notes)
