"""A thousand tunes made by chance, as this reader reads them and as abc2midi plays them."""

import re
import shutil
import subprocess
from collections import defaultdict, deque

import mido
import pytest

from stream.compose.tunes.abc import read_abc
from stream.music.note import TICKS_PER_BEAT
from tests.export.corpus.abc_tunes import Writer

TUNES = 1000
BOOK = dict(zip(range(1, TUNES + 1), map(Writer(1).tune, range(1, TUNES + 1)), strict=True))
CARRIED = re.compile(r"(transpose|shift|sound)=")
"""Fields that abc2midi carries over into the next tune of a file."""
PLAIN = ("-NGRA", "-NFER")
"""Grace notes and fermatas take no time."""


@pytest.fixture
def abc2midi(tmp_path):
    program = shutil.which("abc2midi")
    if program is None:
        pytest.skip("abc2midi is not installed: sudo apt-get install abcmidi")

    def convert(*numbers):
        """The MIDI files of some tunes by their number; none for a tune without notes."""
        folder = tmp_path / f"from{numbers[0]}"
        folder.mkdir()
        book = folder / "tune.abc"
        book.write_text("\n".join(BOOK[number] for number in numbers))
        subprocess.run([program, book, *PLAIN], check=False, capture_output=True)
        return {int(path.stem.removeprefix("tune")): path for path in folder.glob("*.mid")}

    return convert


def highest_line(path):
    """(onset, duration, pitch) of the first track with notes, of a chord the highest."""
    midi = mido.MidiFile(path)
    scale = TICKS_PER_BEAT / midi.ticks_per_beat
    for track in midi.tracks:
        now, sounding, line = 0, defaultdict(deque), {}
        for message in track:
            now += message.time
            if message.type == "note_on" and message.velocity:
                sounding[message.note].append(now)
            elif message.type in ("note_on", "note_off"):
                begin = sounding[message.note].popleft()
                note = (round(begin * scale), round((now - begin) * scale), message.note)
                line[begin] = max(note, line.get(begin, note), key=lambda found: found[2])
        if line:
            return [line[begin] for begin in sorted(line)]
    return []


def agree(ours, theirs):
    """Return True if all pitches are equal, and all times but for rounding."""
    return len(ours) == len(theirs) and all(
        abs(a[0] - b[0]) <= 1 and abs(a[1] - b[1]) <= 1 and a[2] == b[2]
        for a, b in zip(ours, theirs, strict=True)
    )


def test_abc2midi_plays_what_we_read(abc2midi, tmp_path):
    path = tmp_path / "book.abc"
    path.write_text("\n".join(BOOK.values()))
    ours = {int(tune.title.split()[1]): tune.notes for tune in read_abc(path, "folk")}
    alone = {number for number, text in BOOK.items() if CARRIED.search(text)}
    played = abc2midi(*(BOOK.keys() - alone))
    for number in alone:
        played |= abc2midi(number)
    differ = []
    for number, text in BOOK.items():
        notes = [(n.onset, n.duration, n.pitch) for n in ours.get(number, ())]
        heard = highest_line(played[number]) if number in played else []
        if not agree(notes, heard):
            differ.append(f"{text}\nread:   {notes}\nplayed: {heard}")
    assert not differ, f"{len(differ)} of {TUNES}; {differ[0]}"
    assert len(ours) > 0.9 * TUNES
