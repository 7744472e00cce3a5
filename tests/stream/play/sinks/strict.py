"""Two readers of a format 0 MIDI file: ours, which forgives nothing, and mido's, which forgives."""

import io
import struct

import mido

from stream.music.midi_tracks import joined

DATA_BYTES = {0x8: 2, 0x9: 2, 0xA: 2, 0xB: 2, 0xC: 1, 0xD: 1, 0xE: 2}


def strict(image):
    """[(tick, event bytes)] without texts, and the tick of the first end-of-track."""
    kind, size, form, tracks, division = struct.unpack(">4sLHHH", image[:14])
    assert (kind, size, form, tracks, division) == (b"MThd", 6, 0, 1, 480)
    kind, length = struct.unpack(">4sL", image[14:22])
    assert kind == b"MTrk"
    assert len(image) >= 22 + length
    track = io.BytesIO(image[22 : 22 + length])
    events, tick = [], 0
    while True:
        tick += _number(track)
        status = _byte(track)
        if status == 0xFF:
            kind, size = _byte(track), _number(track)
            data = track.read(size)
            assert len(data) == size
            if kind == 0x2F:
                assert size == 0
                return events, tick
            if kind != 1:
                events.append((tick, bytes([status, kind, size]) + data))
        else:
            data = bytes(_byte(track) for _ in range(DATA_BYTES[status >> 4]))
            assert max(data) < 0x80
            events.append((tick, bytes([status]) + data))


def _byte(track):
    (byte,) = track.read(1)
    return byte


def _number(track):
    number = 0
    for _ in range(4):
        byte = _byte(track)
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number
    raise AssertionError("a number of more than four bytes")


def one_track(path):
    """The bytes of a recording as one track, whether or not it is closed."""
    image = path.read_bytes()
    return joined(image) if image[9] == 1 else image


def forgiving(image):
    """The same as mido reads it: on beyond an early end-of-track; the tick of the last one."""
    (track,) = mido.MidiFile(file=io.BytesIO(image)).tracks
    events, tick = [], 0
    for message in track:
        tick += message.time
        if message.type not in {"text", "end_of_track"}:
            events.append((tick, message.bin()))
    assert message.type == "end_of_track"
    return events, tick
