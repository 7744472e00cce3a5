import sys
import threading
import types
from array import array

import pytest

from stream.errors import LostError, SinkError
from stream.play.audio import sound_card
from stream.play.audio.pcm_queue import PcmQueue
from stream.play.audio.sound_card import SoundCard, rates_for


class PortAudioError(Exception):
    pass


class FakeLibrary:
    """What we need of sounddevice, at its boundary: devices by name, channels and rates."""

    PortAudioError = PortAudioError

    def __init__(self, *devices):
        self.devices = [
            {"index": i, "name": name, "max_output_channels": channels, "rates": rates}
            for i, (name, channels, rates) in enumerate(devices)
        ]
        self.default = types.SimpleNamespace(device=(-1, 0))
        self.scans = 0
        self.streams = []
        self.hangs = threading.Event()
        self.hangs.set()

    def query_devices(self):
        return self.devices

    def check_output_settings(self, device, channels, dtype, samplerate):
        if samplerate not in self.devices[device]["rates"]:
            raise PortAudioError("Invalid sample rate")

    def RawOutputStream(self, **wishes):  # noqa: N802 (as PortAudio calls it)
        stream = types.SimpleNamespace(
            **wishes, active=True, start=lambda: None, stop=self.hangs.wait, abort=self.hangs.wait,
            close=lambda: None,
        )  # fmt: skip
        self.streams.append(stream)
        return stream

    def _terminate(self):
        self.scans += 1

    def _initialize(self):
        pass

    def _exit_handler(self):
        pass


@pytest.fixture
def library(monkeypatch):
    def use(*devices):
        fake = FakeLibrary(*devices)
        monkeypatch.setitem(sys.modules, "sounddevice", fake)
        return fake

    return use


def served(stream, frames):
    """What the callback gives to the card."""
    out = bytearray(2 * frames * stream.channels)
    stream.callback(memoryview(out), frames, None, types.SimpleNamespace(output_underflow=True))
    return array("h", out).tolist()


def test_what_a_card_is_asked_for():
    assert rates_for(11_025) == (11_025, 22_050, 33_075, 44_100, 48_000)
    assert rates_for(16_000) == (16_000, 32_000, 48_000, 44_100)
    assert rates_for(48_000) == (48_000, 44_100)


def test_the_first_rate_that_it_takes(library):
    library(("HDMI", 8, (32_000, 44_100, 48_000)))
    assert SoundCard().connect(rates_for(11_025)) == 44_100
    with pytest.raises(SinkError, match="HDMI takes none of 8000 Hz"):
        SoundCard().connect((8000,))


def test_a_card_by_a_part_of_its_name_else_the_default_one(library):
    fake = library(("Mic", 0, ()), ("HDMI", 2, (44_100,)), ("USB DAC", 2, (48_000,)))
    rates = (44_100, 48_000)
    assert SoundCard("dac").connect(rates) == 48_000
    assert SoundCard().connect(rates) == 44_100
    fake.default.device = (-1, 2)
    assert SoundCard().connect(rates) == 48_000
    with pytest.raises(SinkError, match="audio:nix: no sound card is called so; there are USB DAC"):
        SoundCard("nix").connect(rates)


def test_no_card(library):
    library(("Mic", 0, ()))
    with pytest.raises(SinkError, match="--out audio: there is no sound card; connect a sound ca"):
        SoundCard().connect((44_100,))


def test_no_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(SinkError, match="'apt install libportaudio2'"):
        SoundCard().connect((44_100,))


def test_it_takes_sound_from_the_queue_in_both_channels(library):
    fake = library(("HDMI", 8, (44_100,)))
    card, queue = SoundCard(), PcmQueue(44_100, prefill=0.0)
    card.connect((44_100,))
    card.start(queue, 0.0)
    (stream,) = fake.streams
    assert (stream.channels, stream.dtype, stream.samplerate) == (2, "int16", 44_100)
    queue.put(array("h", [1000] * 1000).tobytes())
    assert served(stream, 400)[-4:] == [1000] * 4
    assert served(stream, 900)[-2:] == [0, 0]
    assert (queue.underruns, card.underflows) == (1, 2)
    card.tend(0.0)
    card.close()
    card.close()


def test_a_mono_card(library):
    fake = library(("one", 1, (8000,)))
    card, queue = SoundCard(), PcmQueue(8000, prefill=0.0)
    card.connect((8000,))
    card.start(queue, 0.0)
    assert len(served(fake.streams[0], 10)) == 10
    card.close()


def test_a_card_that_stands_still_or_ends_is_lost(library):
    fake = library(("HDMI", 2, (8000,)))
    card, queue = SoundCard(), PcmQueue(8000, prefill=0.0)
    for loss in (lambda: None, lambda: setattr(fake.streams[-1], "active", False)):
        card.connect((8000,))
        card.start(queue, 100.0)
        card.tend(100.0 + sound_card.STILL_SECONDS)
        loss()
        with pytest.raises(LostError, match="audio: lost"):
            card.tend(100.1 + sound_card.STILL_SECONDS)
        card.close()
        assert card.returns
    assert fake.scans == 1


def test_a_library_that_hangs_is_left_behind(library, monkeypatch):
    monkeypatch.setattr(sound_card, "CLOSE_SECONDS", 0.05)
    fake = library(("HDMI", 2, (8000,)))
    card = SoundCard()
    card.connect((8000,))
    card.start(PcmQueue(8000, prefill=0.0), 0.0)
    fake.hangs.clear()
    card.close()
    assert not card.returns
    fake.hangs.set()
