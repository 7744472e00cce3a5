import io
import json

import mido

from stream.music.note import Controls, Note, Phrase
from stream.play.recording.format import (
    SILENCE,
    Part,
    Played,
    encoded,
    file_bytes,
    header_part,
    music,
)
from stream.play.recording.header import Header

SOURCE = Phrase(
    notes=(Note(0, 24, 60), Note(24, 24, 62), Note(48, 96, 64, 90), Note(96, 48, 65)),
    length=192,
    bpm=120.0,
    index=3,
    tune=1,
    style="folk",
    voice="x",
    seed=1,
)


def events(data):
    """(tick of the file, message) as mido reads them."""
    now, found = 0, []
    for message in mido.MidiFile(file=io.BytesIO(data)).tracks[0]:
        now += message.time
        found.append((now, message.copy(time=0)))
    return found


def on(pitch, velocity=80):
    return mido.Message("note_on", note=pitch, velocity=velocity)


def off(pitch):
    return mido.Message("note_off", note=pitch, velocity=0)


def test_the_music_of_a_part():
    """Its tempo and its notes, arranged and cut where it ends, then the time to its end."""
    controls = Controls(bpm=60.0, swing=1 / 3, transpose=12)
    part = Played(SOURCE, None, 24, 132, controls)
    _, *found = events(file_bytes([Part('{"a":1}', music(part.phrase(None)))]))
    assert found == [
        (0, mido.MetaMessage("set_tempo", tempo=1_000_000)),
        (0, on(74)),
        (160, off(74)),
        (160, on(76, 90)),
        (640, on(77)),
        (1040, off(76)),
        (1040, off(77)),
        (1040, mido.MetaMessage("end_of_track")),
    ]


def test_a_tempo_too_slow_for_a_file_is_its_slowest():
    data = music(Played(SOURCE, None, 0, 192, Controls(bpm=1.0)).phrase(None))
    assert data[:7] == b"\x00\xff\x51\x03\xff\xff\xff"


def test_a_header_says_who_composed():
    profile = {
        "name": "Volca \N{LATIN SMALL LETTER O WITH DIAERESIS}",
        "cc": {"cutoff": 74},
        "channel": 2,
    }
    part = header_part(Header("1.2", "commons", "ab" * 32, 7, profile))
    (_, event), end = events(file_bytes([part]))
    text = json.loads(event.text)
    assert text == {
        "perpetuum": "1.2",
        "voice": "commons",
        "sha256": "ab" * 32,
        "seed": 7,
        "profile": profile,
        "format": 3,
        "crc32": text["crc32"],
    }
    assert end == (0, mido.MetaMessage("end_of_track"))


def test_each_seal_depends_on_all_texts_before():
    one, other = Part('{"a":1}', SILENCE), Part('{"a":2}', SILENCE)
    first, second = encoded(one, 0), encoded(other, 0)
    assert first != second
    assert encoded(one, first[1])[0] != encoded(one, second[1])[0] != first[0]
