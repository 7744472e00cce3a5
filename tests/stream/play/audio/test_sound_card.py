import contextlib
import select
import sys
import threading
import time
import types
from array import array

import pytest

from stream.errors import LostError, SinkError
from stream.play.audio import sound_card
from stream.play.audio.pcm_queue import PcmQueue
from stream.play.audio.sound_card import SoundCard, awaited_rate, rates_for


class PortAudioError(Exception):
    pass


class FakeLibrary:
    """A fake of sounddevice: devices by name, channels and rates."""

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

    def RawOutputStream(self, **options):  # noqa: N802 (as PortAudio calls it)
        stream = types.SimpleNamespace(
            **options, active=True, start=lambda: None, stop=self.hangs.wait, abort=self.hangs.wait,
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
    """Return what the callback gives to the card."""
    out = bytearray(2 * frames * stream.channels)
    stream.callback(memoryview(out), frames, None, types.SimpleNamespace(output_underflow=True))
    return array("h", out).tolist()


def test_what_a_card_is_asked_for():
    high = (88_200, 96_000, 176_400, 192_000)
    assert rates_for(11_025) == (
        11_025, 22_050, 33_075, 44_100, 48_000, 88_200, 176_400, 96_000, 192_000,
    )  # fmt: skip
    assert rates_for(16_000) == (
        16_000, 32_000, 48_000, 44_100, 96_000, 192_000, 88_200, 176_400,
    )  # fmt: skip
    assert rates_for(48_000) == (48_000, 44_100, 96_000, 192_000, 88_200, 176_400)
    assert rates_for(96_000)[0] == 96_000
    assert set(rates_for(7_999)) >= {44_100, 48_000, *high}
    assert [awaited_rate(rate) for rate in (11_025, 16_000, 48_000, 96_000)] == [
        48_000, 48_000, 48_000, 96_000,
    ]  # fmt: skip


@pytest.mark.parametrize("rate", [88_200, 96_000, 176_400, 192_000])
@pytest.mark.parametrize("voice", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000])
def test_a_card_that_takes_one_high_rate_alone(library, rate, voice):
    library(("Interface", 2, (rate,)))
    assert SoundCard().connect(rates_for(voice)) == rate


def test_the_first_rate_that_it_takes(library):
    library(("HDMI", 8, (32_000, 44_100, 48_000)))
    assert SoundCard().connect(rates_for(11_025)) == 44_100
    with pytest.raises(SinkError, match="HDMI accepts none of 8000 Hz"):
        SoundCard().connect((8000,))


def test_a_card_by_a_part_of_its_name_else_the_default_one(library):
    fake = library(("Mic", 0, ()), ("HDMI", 2, (44_100,)), ("USB DAC", 2, (48_000,)))
    rates = (44_100, 48_000)
    assert SoundCard("dac").connect(rates) == 48_000
    assert SoundCard().connect(rates) == 44_100
    fake.default.device = (-1, 2)
    assert SoundCard().connect(rates) == 48_000
    with pytest.raises(
        SinkError, match="audio:nix: no sound card has this name; use one of USB DAC"
    ):
        SoundCard("nix").connect(rates)


def test_no_card(library):
    library(("Mic", 0, ()))
    with pytest.raises(SinkError, match="--out audio: no sound card was found; connect a sound ca"):
        SoundCard().connect((44_100,))


def test_no_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(SinkError, match=r"run: .* pip install .sounddevice>=0.5"):
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
    card.maintain(0.0)
    card.close()
    card.close()


def test_a_mono_card(library):
    fake = library(("one", 1, (8000,)))
    card, queue = SoundCard(), PcmQueue(8000, prefill=0.0)
    card.connect((8000,))
    card.start(queue, 0.0)
    assert len(served(fake.streams[0], 10)) == 10
    card.close()


LOSSES = {
    "stands still": lambda stream: 0.1,
    "is inactive": lambda stream: setattr(stream, "active", False) or 0.0,
    "tells its end": lambda stream: stream.finished_callback() or 0.0,
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
def test_a_card_that_stands_still_or_ends_is_lost_and_may_return(library, loss):
    fake = library(("HDMI", 2, (8000,)))
    card, queue = SoundCard(), PcmQueue(8000, prefill=0.0)
    for scans in (0, 1):
        assert (card.connect((8000,)), fake.scans) == (8000, scans)
        card.start(queue, 100.0)
        assert card.deadline == 100.0 + sound_card.LOOK_SECONDS
        before = 99.9 + sound_card.STALL_SECONDS
        card.maintain(before)
        assert card.deadline == before + sound_card.LOOK_SECONDS
        later = loss(fake.streams[-1])
        with pytest.raises(LostError, match="audio: lost"):
            card.maintain(before + later + 1e-9)
        card.close()
        assert (card.may_return, card.deadline, card.files()) == (True, None, [])


def test_a_program_that_was_stopped_for_a_while_loses_no_card(library):
    fake = library(("HDMI", 1, (8000,)))
    card = SoundCard()
    card.connect((8000,))
    card.start(PcmQueue(8000, prefill=0.0), 100.0)
    card.maintain(100.5)
    served(fake.streams[0], 10)
    card.maintain(900.0)
    with pytest.raises(LostError):
        card.maintain(900.0 + sound_card.STALL_SECONDS)


def ready(card):
    """Return True if the card wakes whatever waits for it."""
    return select.select(card.files(), [], [], 0)[0] == card.files() != []


def test_what_its_thread_does_wakes_who_waits(library):
    """Less is ready than there should be; all has been played; the stream has ended."""
    fake = library(("HDMI", 1, (8000,)))
    card, queue = SoundCard(), PcmQueue(8000, prefill=0.0, lookahead=0.1)
    card.connect((8000,))
    card.start(queue, time.monotonic())
    (stream,) = fake.streams
    queue.put(bytes(2 * 1000))
    woken = []
    for what in (200, 1, 799, 41, 800, None):
        stream.finished_callback() if what is None else served(stream, what)
        woken.append(ready(card))
        with contextlib.suppress(LostError):
            card.maintain(time.monotonic())
        assert not ready(card)
    assert woken == [False, True, False, True, False, True]
    card.close()
    stream.finished_callback()  # late: there is nobody to wake, and nothing else is written to


def test_what_it_asks_for_once_it_is_closed_is_silence(library):
    fake = library(("HDMI", 1, (8000,)))
    card, queue = SoundCard(), PcmQueue(8000, prefill=0.0)
    card.connect((8000,))
    card.start(queue, 0.0)
    queue.put(array("h", [1000] * 1000).tobytes())
    card.close()
    out = bytearray(b"x" * 200)
    fake.streams[0].callback(out, 100, None, types.SimpleNamespace(output_underflow=False))
    assert (out, queue.seconds) == (bytes(200), 0.125)
    assert card.underflows == 0


def test_a_card_that_can_not_be_opened(library, monkeypatch):
    fake = library(("HDMI", 1, (8000,)))
    card = SoundCard()
    card.connect((8000,))

    def refuse(**_):
        raise PortAudioError("Device unavailable")

    monkeypatch.setattr(fake, "RawOutputStream", refuse)
    with pytest.raises(SinkError, match=r"audio: cannot be opened \(Device unavailable\)"):
        card.start(PcmQueue(8000, prefill=0.0), 0.0)
    assert (card.deadline, card.files()) == (None, [])


def test_a_library_that_hangs_is_left_behind(library, monkeypatch):
    monkeypatch.setattr(sound_card, "CLOSE_SECONDS", 0.05)
    fake = library(("HDMI", 2, (8000,)))
    card = SoundCard()
    card.connect((8000,))
    card.start(PcmQueue(8000, prefill=0.0), 0.0)
    fake.hangs.clear()
    card.close()
    assert not card.may_return
    fake.hangs.set()


@pytest.mark.parametrize("times", [2, 4])
def test_a_card_that_comes_later_and_takes_a_multiple_alone(library, times):
    """The sound is made at another rate by then: each frame is played more than once."""
    fake = library(("Interface", 2, (times * 48_000,)))
    card, queue = SoundCard(), PcmQueue(48_000, 0.0)
    assert card.connect((48_000,)) == 48_000
    queue.put(array("h", range(1000, 1400)).tobytes())
    card.start(queue, 0.0)
    (stream,) = fake.streams
    assert stream.samplerate == times * 48_000
    heard = [sample for frames in (3, 1, 7, 64, 5, 2) for sample in served(stream, frames)]
    left, right = heard[::2], heard[1::2]
    assert left == right
    expected = PcmQueue(48_000, 0.0)
    expected.put(array("h", range(1000, 1400)).tobytes())
    once = array("h", expected.pull(len(left))).tolist()
    assert left == [sample for sample in once for _ in range(times)][: len(left)]
    assert queue.pulled == -(-len(left) // times)
    with pytest.raises(SinkError, match="Interface accepts none of 44100 Hz"):
        card.connect((44_100,))
