import datetime as dt
import pathlib
import re
import sys

import mido
import pytest

from stream.play.sinks import auto
from stream.play.sinks.auto import auto_sinks
from stream.play.sinks.fluidsynth import FluidSynthSink
from stream.play.sinks.midifile import MidiFileSink
from stream.play.sinks.null import NullSink
from tests.stream.conftest import on
from tests.stream.play.sinks.test_rtmidi import dump  # noqa: F401 (a fixture)


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine without ALSA, JACK or a card, in an empty folder."""
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "none")
    monkeypatch.setattr(auto, "_audio_outputs", lambda: False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def taken():
    (sink,), why = auto_sinks()
    sink.close()
    return sink, why


def test_a_port_comes_first(dump):  # noqa: F811
    sink, why = taken()
    assert sink.name == "port:dump:input"
    assert why == "playing to the MIDI port dump:input, the first one found"


def test_else_fluidsynth(jack, monkeypatch):
    monkeypatch.setattr(auto, "_audio_outputs", lambda: True)
    sink, why = taken()
    assert type(sink) is FluidSynthSink
    assert re.fullmatch(r"playing through FluidSynth with \S+; no MIDI port: .+", why)


def test_else_a_recording(bare):
    sink, why = taken()
    assert type(sink) is MidiFileSink
    assert re.fullmatch(
        r"recording to perpetuum-\d{8}-\d{6}\.mid;"
        r" no MIDI port: neither ALSA's sequencer nor a JACK server runs here;"
        r" no sound: no audio output was found",
        why,
    )
    sink.close()
    assert list(bare.iterdir()) == []


def test_a_clock_that_repeats_costs_no_recording(bare, monkeypatch):
    class Stopped(dt.datetime):
        """A board without a clock of its own wakes at the same time again and again."""

        @classmethod
        def now(cls):
            return cls(2024, 1, 1)

    monkeypatch.setattr(auto, "datetime", Stopped)
    names = []
    for pitch in (60, 61, 62):
        (sink,), why = auto_sinks()
        sink.send(on(0.0, pitch))
        sink.close()
        names.append(why.partition(";")[0].removeprefix("recording to "))
    first = "perpetuum-20240101-000000"
    assert names == [f"{first}.mid", f"{first}-2.mid", f"{first}-3.mid"]
    for pitch, name in zip((60, 61, 62), names, strict=True):
        notes = [m.note for m in mido.MidiFile(bare / name) if m.type == "note_on"]
        assert notes == [pitch]


def test_without_any_library(bare, monkeypatch):
    monkeypatch.undo()
    monkeypatch.chdir(bare)
    for library in ("rtmidi", "fluidsynth", "sounddevice"):
        monkeypatch.setitem(sys.modules, library, None)
    assert type(taken()[0]) is MidiFileSink


def test_where_nothing_can_be_written(bare, monkeypatch):
    monkeypatch.setattr(auto, "Path", lambda name: pathlib.Path("/none", name))
    sink, why = taken()
    assert type(sink) is NullSink
    assert why.startswith("nothing is played or recorded; ")


def test_no_noise(monkeypatch, capfd, tmp_path):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "none")
    monkeypatch.chdir(tmp_path)
    taken()
    assert capfd.readouterr() == ("", "")
