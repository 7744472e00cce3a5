import os
import pathlib
import socket

import pytest

from stream.config import settings
from stream.errors import SinkError, StreamError
from stream.midi.software_synth import load
from stream.midi_in import mapping
from stream.music import ratings
from stream.music.midi_melodies import digest_of, read_melodies, read_notes
from stream.panel.downloads import Downloads
from stream.play.audio.wave_file import WaveFile
from stream.play.recording import reader as readback
from stream.play.sinks.midifile import MidiFileSink
from stream.play.sinks.wavfile import WavFileSink
from stream.profiles import profile
from stream.util import atomic_write, regular_file
from stream.voices.spec import digest, find_voice, read_spec

RATING = ratings.Rating("a", "b", 3, "", ((60, 12),))


def download(path):
    downloads = Downloads()
    downloads.offer(path)
    with downloads.open(path.name) as file:
        return file.read()


READERS = {
    "settings": lambda path: settings.load(path, {}),
    "profile": lambda path: profile.load(str(path)),
    "map": mapping.load,
    "voice": read_spec,
    "voice by name": lambda path: find_voice(str(path)),
    "digest of a voice": digest,
    "recording": readback.read_bytes,
    "melodies": read_melodies,
    "notes": read_notes,
    "digest of a MIDI file": digest_of,
    "ratings": ratings.read,
    "SoundFont": load,
    "download": download,
}
WRITERS = {
    "ratings": lambda path: ratings.append(path, RATING),
    "recording": MidiFileSink,
    "replacement": lambda path: atomic_write.replace_durably(path, b"x"),
}


def fifo(folder):
    path = folder / "fifo.toml"
    os.mkfifo(path)
    return path


def link_to_a_fifo(folder):
    path = folder / "link.onnx"
    path.symlink_to(fifo(folder))
    return path


def unix_socket(folder):
    path = folder / "socket.mid"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
    return path


STRANGE = {
    "FIFO": fifo,
    "link to a FIFO": link_to_a_fifo,
    "socket": unix_socket,
    "endless device": lambda _: pathlib.Path("/dev/zero"),
    "full device": lambda _: pathlib.Path("/dev/full"),
}


@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.parametrize("reader", READERS)
def test_nothing_but_ordinary_files_is_read(reader, kind, tmp_path):
    path = STRANGE[kind](tmp_path)
    with pytest.raises((StreamError, OSError), match="not a regular file"):
        READERS[reader](path)


@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.parametrize("writer", WRITERS)
def test_nothing_but_ordinary_files_is_written_over(writer, kind, tmp_path):
    path = STRANGE[kind](tmp_path)
    before = path.lstat().st_mode
    with pytest.raises((StreamError, OSError), match="not a regular file"):
        WRITERS[writer](path)
    assert path.lstat().st_mode == before


@pytest.mark.parametrize("writer", [lambda path: WaveFile(path, 8000), WavFileSink])
def test_no_sound_waits_for_the_reader_of_a_fifo(writer, tmp_path):
    with pytest.raises(SinkError, match="not a regular file"):
        writer(link_to_a_fifo(tmp_path))


def test_a_file_is_read_up_to_its_bound(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert regular_file.read(path, 5) == b"12345"
    with pytest.raises(OSError, match="over 4 bytes; it is not a map"):
        regular_file.read(path, 4, "map")


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "x" * 5000, "none", "/dev/null/none"])
def test_what_names_no_file_is_an_error_of_the_system(name):
    with pytest.raises(OSError):  # noqa: PT011 (whatever the system says)
        regular_file.read(pathlib.Path(name), 5)
