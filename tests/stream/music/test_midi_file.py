"""Files of eight good notes, with everything in them that a MIDI file may or may not hold."""

import contextlib
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream.errors import CorpusError
from stream.music.midi_melodies import read_melodies, read_notes
from stream.music.note import Note

SCALE = (60, 62, 64, 65, 67, 69, 71, 72)
NOTES = tuple(Note(48 * i, 48, pitch) for i, pitch in enumerate(SCALE))
EVENTS = [
    event
    for pitch in SCALE
    for event in (bytes((0, 0x90, pitch, 80)), bytes((0x83, 0x60, 0x80, pitch, 0)))
]
END = b"\0\xff\x2f\0"


def chunk(kind, body):
    return kind + struct.pack(">I", len(body)) + body


def head(tracks=1, ticks=480, kind=0):
    return chunk(b"MThd", struct.pack(">HHh", kind, tracks, ticks))


def track(*events):
    return chunk(b"MTrk", b"".join(events) + END)


def number(value):
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(value & 0x7F | 0x80)
    return bytes(reversed(digits))


def meta(kind, data):
    return bytes((0, 0xFF, kind)) + number(len(data)) + data


@pytest.fixture
def told(tmp_path):
    """What a file holds, and what was said about it."""

    def read_bytes(*parts):
        path = tmp_path / "a.mid"
        path.write_bytes(b"".join(parts))
        said = []
        melodies = read_melodies(path, said.append)
        assert all(sentence.startswith(f"{path}: read, but skipped ") for sentence in said)
        return [m.notes for m in melodies], [s.partition("skipped ")[2] for s in said]

    return read_bytes


GOOD = track(*EVENTS)


@pytest.mark.parametrize(
    "event",
    [
        meta(0x59, b"\xee\1"),  # a key of 18 flats
        meta(0x59, b"\0"),
        meta(0x59, b"\0\2"),
        meta(0x58, b"\3\2"),  # a time signature of two bytes
        meta(0x58, b"\0\2\x18\x08"),
        meta(0x58, b"\4\xff\x18\x08"),
        meta(0x51, b"\7\xa1"),  # a tempo of two bytes
        meta(0x51, b""),
        meta(0x54, b"\xff\0\3\0\0"),
        meta(0x54, b"\1\0\0"),
        meta(0x00, b"\1"),
        meta(0x20, b"\x40"),
        meta(0x20, b""),
        meta(0x2F, b"\0"),  # an end of the track that has something in it
    ],
)
def test_a_malformed_meta_event_costs_nothing_but_itself(told, event):
    expected = [NOTES], ["1 \u00d7 malformed meta event"]
    for place in (0, 5, len(EVENTS)):
        assert told(head(), track(*EVENTS[:place], event, *EVENTS[place:])) == expected


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (b"\0\xf4", "system message"),
        (b"\0\xf8", "system message"),
        (b"\0\xf2\1\2", "system message"),
        (b"\0\x90\xff\x40", "channel message with a value over 127"),
    ],
)
def test_an_event_that_no_file_may_hold_costs_nothing_but_itself(told, event, kind):
    assert told(head(), track(*EVENTS[:6], event, *EVENTS[6:])) == ([NOTES], [f"1 \u00d7 {kind}"])


@pytest.mark.parametrize(
    "event",
    [
        b"\0\xf7\2\xf3\1",  # an escape that carries a song select
        b"\0\xf7\0",
        b"\0\xf0\3\x43\x12\0" + b"\0\xf7\2\1\xf7",  # a message in two packets
        b"\0\xf0\4\xff\xff\xff\xff",
        meta(0x7F, b"\xff" * 70_000),
        meta(0x01, "\u6625\u306e\u6d77".encode() * 500),
        meta(0x03, b""),
        b"\x80\x80\x80\x80\0\xff\1\x80\x80\x80\x80\2la",  # numbers with zeros in front
        meta(0x60, b"unknown"),
        b"\0\xb0\7\x64\0\x0a\x40",
        b"\0\xe3\0\x40",
    ],
)
def test_what_is_valid_and_no_note_is_passed_over_in_silence(told, event):
    assert told(head(), track(*EVENTS[:6], event, *EVENTS[6:])) == ([NOTES], [])


ALIEN = chunk(b"XFIH", b"abcd")
ODD_CHUNK = "chunk of another type"


@pytest.mark.parametrize(
    ("parts", "passed"),
    [
        ((head(), ALIEN, GOOD), [f"1 \u00d7 {ODD_CHUNK}"]),
        ((ALIEN, head(), ALIEN, GOOD, ALIEN), [f"3 \u00d7 {ODD_CHUNK}"]),
        ((head(), chunk(b"SEM1", b"MTrk" * 50), GOOD), [f"1 \u00d7 {ODD_CHUNK}"]),
        ((head(), GOOD, b"XFIH\0\0\xff\xff"), [f"1 \u00d7 {ODD_CHUNK}"]),
        ((head(), b"\0\0\0\0\0\0\0\0", GOOD), ["1 \u00d7 stretch of stray bytes"]),
        ((head(), GOOD, b"\xff" * 70_000), ["1 \u00d7 stretch of stray bytes"]),
        ((head(), GOOD, b"end"), []),
        ((b"RIFF\0\0\0\0RMIDdata\0\0\0\0", head(), GOOD), []),
        ((head(tracks=7), GOOD), []),
        ((chunk(b"MThd", struct.pack(">HHhH", 0, 1, 480, 9)), GOOD), []),
        ((head(), chunk(b"MTrk", b"".join(EVENTS))), []),  # without an end
        ((head(), b"MTrk\0\0\xff\xff", b"".join(EVENTS), END), []),  # of a wrong length
    ],
)
def test_whatever_stands_around_the_tracks_is_passed_over(told, parts, passed):
    assert told(*parts) == ([NOTES], passed)


@pytest.mark.parametrize("size", [0, 10, 70, 79, 100, 0xFFFFFF])
def test_a_track_of_a_wrong_size_costs_no_other(told, size):
    events = b"".join(EVENTS) + END
    wrong = b"MTrk" + struct.pack(">I", size) + events
    assert told(head(2, kind=1), wrong, GOOD) == ([NOTES, NOTES], [])
    assert told(head(2, kind=1), GOOD, wrong) == ([NOTES, NOTES], [])


def test_junk_before_the_header_is_passed_over(told):
    assert told(bytes(128), head(), GOOD) == ([NOTES], ["1 \u00d7 stretch of stray bytes"])


def test_what_overruns_its_track_costs_the_rest_of_it(told):
    broken = chunk(b"MTrk", b"".join(EVENTS) + b"\0\xff\1\x7fshort")
    expected = [NOTES, NOTES], ["1 \u00d7 unreadable end of a track"]
    assert told(head(2, kind=1), broken, GOOD) == expected


def test_running_status_goes_on_behind_a_text(told):
    events = [b"\0\x90\x3c\x50", meta(1, b"la"), b"\x83\x60\x3c\0"]
    assert told(head(), track(*events)) == ([(Note(0, 48, 60),)], [])


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ((), "no header MThd"),
        ((b"no music",), "no header MThd"),
        ((GOOD,), "no header MThd"),
        ((head(),), "before its first track"),
        ((head(), b"MTrk\0\0"), "before its first track"),
        ((head(), GOOD[:-9]), "in the middle of a track"),
        ((head(ticks=0), GOOD), "0 ticks a quarter note"),
        ((head(ticks=-6400), GOOD), "-6400 ticks a quarter note"),
        (
            (head(), track(b"\0\x90\x3c\x50" + b"\1\x3c\0\0\x3c\x50" * 100_000)),
            "more than 200000 note-ons and note-offs",
        ),
        ((head(ticks=1), track(EVENTS[0], b"\xff\xff\xff\x7f\x80\x3c\0")), "10000 bars"),
    ],
)
def test_what_can_not_be_read_is_named_in_one_line(told, tmp_path, parts, reason):
    with pytest.raises(CorpusError) as caught:
        told(*parts)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'a.mid'}: ")
    assert reason in message
    assert "\n" not in message


meta_events = st.builds(
    meta,
    st.integers(0, 255).filter(lambda kind: kind != 0x2F),
    st.binary(max_size=300),
)
system_events = st.one_of(
    st.builds(
        lambda status, data: bytes((0, status)) + number(len(data)) + data,
        st.sampled_from((0xF0, 0xF7)),
        st.binary(max_size=300),
    ),
    st.sampled_from((0xF4, 0xF5, 0xF6, 0xF8, 0xF9, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE)).map(
        lambda status: bytes((0, status))
    ),
    st.builds(lambda a, b: bytes((0, 0xF2, a, b)), st.integers(0, 255), st.integers(0, 255)),
)
channel_events = st.builds(
    lambda kind, a, b: bytes((0, kind, a, b)),
    st.sampled_from((0xA0, 0xB0, 0xE0)),
    st.integers(0, 255),
    st.integers(0, 255),
)
odd_events = st.one_of(meta_events, system_events, channel_events)
names = st.text(alphabet=[chr(c) for c in range(32, 127)], min_size=4, max_size=4)
chunks = st.builds(
    chunk,
    names.filter(lambda name: name not in {"MTrk", "MThd", "RIFF"}).map(str.encode),
    st.binary(max_size=200),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, len(EVENTS)), odd_events), max_size=6),
    st.lists(chunks, max_size=2),
    st.lists(chunks, max_size=2),
)
def test_odd_events_and_chunks_anywhere_leave_the_notes_as_they_are(told, odd, before, after):
    events = list(EVENTS)
    for place, event in sorted(odd, key=lambda placed: -placed[0]):
        events.insert(place, event)
    notes, _ = told(*before, head(), *after, track(*events), *after)
    assert notes == [NOTES]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from((b"", head(), head() + b"MTrk\0\0\0\x40", head() + b"MTrk\0\xff\xff\xff")),
    st.binary(max_size=400),
)
def test_any_bytes_are_notes_or_one_kind_of_error(tmp_path, begin, noise):
    path = tmp_path / "noise.mid"
    path.write_bytes(begin + noise)
    with contextlib.suppress(CorpusError):
        assert all(note.duration > 0 for note in read_notes(path))
        assert all(melody.notes for melody in read_melodies(path))
