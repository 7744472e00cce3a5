"""FluidSynth: offline into a file, and in real time through a JACK server that needs no card."""

import hashlib
import os
import select
import subprocess
import wave

import mido
import numpy as np
import pytest

from stream.errors import SinkError
from stream.midi import software_synth
from stream.midi.software_synth import find_soundfont
from stream.play.sinks import fluidsynth
from stream.play.sinks.base import Sink
from stream.play.sinks.fluidsynth import FluidSynthSink
from stream.play.sinks.router import Router
from stream.play.sinks.wavfile import WavFileSink
from stream.play.timing.scheduler import SETUP, TimedMessage
from tests.stream.conftest import jack_server, off, on


def loudness(path):
    """Root mean square of each tenth of a second."""
    with wave.open(str(path)) as file:
        assert file.getparams()[:3] == (2, 2, 44100)
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    tenths = samples[: len(samples) // 8820 * 8820].reshape(-1, 8820)
    return np.sqrt(np.mean(np.square(tenths, dtype=float), axis=1))


def write(path):
    sink = WavFileSink(path)
    for timed in (on(1.0, 60), off(2.0, 60)):
        sink.send(timed)
    sink.flush(4.0)
    sink.close()
    return path


def test_a_note_sounds_when_it_should(tmp_path):
    tenths = loudness(write(tmp_path / "a.wav"))
    assert 40 <= len(tenths) <= 80
    assert tenths[:10].max() < 1
    assert tenths[10:20].min() > 50


def test_the_file_ends_when_the_last_note_has_died_away(tmp_path):
    sink = WavFileSink(tmp_path / "a.wav")
    for pitch in (48, 60, 72):
        sink.send(on(0.0, pitch, velocity=120))
    sink.flush(1.0)
    sink.close()
    tenths = loudness(tmp_path / "a.wav")
    assert 12 <= len(tenths) <= 51
    assert tenths[5] > 1000
    assert tenths[10] > tenths[-1]
    assert tenths[-1] < 100


def test_drums_sound_on_their_channel(tmp_path):
    spectra = []
    for channel in (0, 9):
        sink = WavFileSink(tmp_path / f"{channel}.wav")
        sink.send(TimedMessage(0.0, SETUP, mido.Message("program_change", channel=channel)))
        sink.send(on(0.0, 42, channel=channel))
        sink.send(off(0.5, 42, channel=channel))
        sink.flush(1.0)
        sink.close()
        with wave.open(str(tmp_path / f"{channel}.wav")) as file:
            samples = np.frombuffer(file.readframes(44100), np.int16)[::2]
        power = np.abs(np.fft.rfft(samples)) ** 2
        spectra.append((power * np.arange(len(power))).sum() / power.sum())
    # A hi-hat is noise of several kilohertz, a low note of a piano is not.
    assert spectra[1] > 10 * spectra[0]


def test_a_file_without_a_note_is_silent(tmp_path):
    WavFileSink(tmp_path / "a.wav").close()
    assert len(loudness(tmp_path / "a.wav")) == 0


def test_the_same_bytes_again(tmp_path):
    digests = {
        hashlib.sha256(write(tmp_path / n).read_bytes()).digest() for n in ("a.wav", "b.wav")
    }
    assert len(digests) == 1


def test_the_file_is_whole_after_each_phrase(tmp_path):
    sink = WavFileSink(tmp_path / "a.wav")
    sink.send(on(0.0, 60))
    sink.flush(1.0)
    assert len(loudness(tmp_path / "a.wav")) == 10
    sink.close()


def test_no_such_folder(tmp_path):
    with pytest.raises(SinkError, match=r"a.wav: cannot be written .*; name a file"):
        WavFileSink(tmp_path / "none" / "a.wav")


def test_no_soundfont(tmp_path, capfd):
    (tmp_path / "a.sf2").write_bytes(b"no sound")
    with pytest.raises(SinkError, match=r"a.sf2: not a SoundFont; name a readable .sf2"):
        FluidSynthSink(tmp_path / "a.sf2").connect()
    assert capfd.readouterr() == ("", "")


def test_soundfonts_are_looked_for(monkeypatch, tmp_path):
    monkeypatch.setattr(software_synth, "FOLDERS", (str(tmp_path),))
    with pytest.raises(SinkError, match="sudo apt-get install timgm6mb-soundfont"):
        find_soundfont()
    (tmp_path / "Zither.sf3").touch()
    assert find_soundfont() == tmp_path / "Zither.sf3"


def test_no_audio_output(monkeypatch, capfd):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "none")
    monkeypatch.setattr(fluidsynth, "DRIVERS", ("alsa", "jack"))
    with pytest.raises(
        SinkError, match=r"--out fluidsynth: no audio output .*; connect a sound card"
    ):
        FluidSynthSink().connect()
    assert capfd.readouterr() == ("", "")


def test_a_synthesizer_whose_sound_server_ends_is_found_again(monkeypatch):
    with jack_server(f"perpetuum-sound-{os.getpid()}", monkeypatch):
        sink = FluidSynthSink()
        sink.connect()
        outputs = Router([sink, Tape()])
    # The server is gone; FluidSynth says nothing, but its clock stands still.
    heard(outputs)
    assert (outputs.lost, outputs.reconnected) == (1, 0)
    outputs.send(on(0.0, 60))
    with jack_server(f"perpetuum-sound-{os.getpid()}", monkeypatch):
        heard(outputs)
        assert (outputs.lost, outputs.reconnected, outputs.names) == (1, 1, ("tape", "fluidsynth"))
        outputs.close()


def heard(outputs):
    """Wait for news of an output."""
    ready = select.select(outputs.files(), [], [], 30)[0]
    assert ready
    outputs.process_ready(ready, 0.0)


class Tape(Sink):
    def __init__(self):
        super().__init__("tape")

    def _write(self, timed):
        pass


def test_real_time_through_jack(jack, tmp_path):
    sink = FluidSynthSink()
    sink.connect()
    path = tmp_path / "a.wav"
    command = ["jack_rec", "-f", path, "-d", "2", "-b", "16", "Perpetuum:left", "Perpetuum:right"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as recorder:
        for pitch in range(48, 72):
            sink.send(on(0.0, pitch))
        recorder.wait(30)
    sink.close()
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    assert np.abs(samples).max() > 100
