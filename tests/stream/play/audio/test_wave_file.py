import pathlib
import wave

import pytest

from stream.errors import SinkError
from stream.play.audio import wave_file
from stream.play.audio.wave_file import WaveFile


def test_the_file_is_whole_after_every_write(tmp_path):
    path = tmp_path / "a.wav"
    file = WaveFile(path, 8000)
    for count in (1, 2):
        file.write(b"\1\0\2\0")
        with wave.open(str(path)) as read:
            assert read.getparams()[:3] == (1, 2, 8000)
            assert read.readframes(100) == b"\1\0\2\0" * count
    file.close()
    file.close()


def test_a_file_that_can_not_be_written(tmp_path):
    with pytest.raises(SinkError, match="cannot be written"):
        WaveFile(tmp_path / "no" / "a.wav", 8000)


def test_a_full_disk():
    file = WaveFile(pathlib.Path("/dev/full"), 8000)
    with pytest.raises(SinkError, match=r"lost \(No space left on device\)"):
        file.write(bytes(100))
    file.close()


def test_a_file_that_has_grown_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr(wave_file, "LONGEST_BYTES", 10)
    file = WaveFile(tmp_path / "a.wav", 8000)
    file.write(bytes(10))
    with pytest.raises(SinkError, match="cannot hold more than 4 GB"):
        file.write(bytes(2))
    file.close()


def test_what_is_there_is_never_replaced(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"precious")
    files = [WaveFile(path, 8000) for _ in range(2)]
    for file in files:
        file.write(b"\1\0")
        file.close()
    assert path.read_bytes() == b"precious"
    assert [file.path.name for file in files] == ["a-2.wav", "a-3.wav"]


def test_a_file_that_is_removed_is_told(tmp_path):
    file = WaveFile(tmp_path / "a.wav", 8000)
    file.path.unlink()
    with pytest.raises(SinkError, match=r"lost \(it was removed during writing"):
        file.write(bytes(2))
    file.close()
