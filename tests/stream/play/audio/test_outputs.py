import pathlib
from array import array

import pytest

from stream.errors import LostError, SinkError
from stream.play.audio import outputs as sound_outputs
from stream.play.audio.null_device import NullDevice
from stream.play.audio.outputs import AudioOutputs, parse_outputs
from stream.play.audio.pcm_queue import PcmQueue
from stream.play.audio.sound_card import SoundCard
from stream.play.audio.wave_file import WaveFile


class Card:
    """A card whose faults are to order."""

    name = "audio"
    underflows = 0

    def __init__(self):
        self.there = True
        self.may_return = True
        self.calls = []

    def connect(self, rates):
        self.calls.append(("connect", *rates))
        if not self.there:
            raise SinkError("no card")
        return rates[0]

    def start(self, queue, now):
        self.calls.append(("start", now))

    def maintain(self, now):
        if not self.there:
            raise LostError("audio: lost")

    def close(self):
        self.calls.append(("close",))


def taken(*specs):
    taker, files = parse_outputs(specs)
    return type(taker), taker.name, files


def test_what_the_outputs_mean():
    a, b = pathlib.Path("a.wav"), pathlib.Path("b.WAV")
    assert taken() == (SoundCard, "audio", ())
    assert taken("null") == (NullDevice, "null", ())
    assert taken("file:a.wav") == (NullDevice, "file:a.wav", (a,))
    assert taken("file:a.wav", "audio:dac", "file:b.WAV") == (SoundCard, "audio:dac", (a, b))


def test_a_card_that_is_lost_is_looked_for_and_goes_on():
    card, queue = Card(), PcmQueue(8000, 0.0)
    outputs = AudioOutputs(card, [], queue)
    outputs.start(10.0)
    card.there = False
    outputs.maintain(11.0)
    assert (outputs.lost, outputs.reconnected, outputs.absent) == (1, 0, True)
    outputs.maintain(12.0)
    outputs.maintain(13.0)
    card.there = True
    outputs.maintain(14.0)
    outputs.maintain(15.0)
    assert (outputs.lost, outputs.reconnected, outputs.absent) == (1, 1, False)
    assert outputs.notices == ["audio: lost", "audio: connected"]
    again = [("connect", 8000), ("connect", 8000), ("start", 15.0)]
    assert card.calls == [("start", 10.0), ("close",), *again]


def test_a_card_that_is_awaited():
    card = Card()
    card.there = False
    outputs = AudioOutputs(card, [], PcmQueue(8000, 0.0))
    outputs.wait()
    outputs.start(10.0)
    outputs.maintain(10.0)
    card.there = True
    outputs.maintain(10.0 + sound_outputs.RETRY_SECONDS)
    assert card.calls == [("connect", 8000), ("connect", 8000), ("start", 12.0)]
    assert (outputs.lost, outputs.reconnected) == (0, 1)


def test_a_card_that_can_not_come_back_is_the_end():
    card = Card()
    outputs = AudioOutputs(card, [], PcmQueue(8000, 0.0))
    outputs.start(10.0)
    card.there = card.may_return = False
    with pytest.raises(LostError, match="audio: lost"):
        outputs.maintain(11.0)


def test_time_takes_what_a_card_would(tmp_path):
    queue = PcmQueue(8000, 0.0)
    path = tmp_path / "a.wav"
    outputs = AudioOutputs(NullDevice("null"), [WaveFile(path, 8000)], queue)
    outputs.start(100.0)
    sound = array("h", [100] * 8000).tobytes()
    queue.put(sound)
    outputs.maintain(100.25)
    assert (queue.pulled, queue.seconds) == (2000, 0.75)
    outputs.maintain(100.5)
    outputs.close()
    assert queue.pulled == 4000
    assert path.read_bytes()[44 + 100 :] == sound[100:8000]


def test_a_file_that_is_lost_costs_the_others_nothing(tmp_path):
    queue = PcmQueue(8000, 0.0)
    full, good = WaveFile(pathlib.Path("/dev/full"), 8000), WaveFile(tmp_path / "a.wav", 8000)
    outputs = AudioOutputs(NullDevice("null"), [full, good], queue)
    outputs.start(0.0)
    queue.put(bytes(8000))
    outputs.maintain(0.1)
    outputs.maintain(0.2)
    outputs.close()
    (notice,) = outputs.notices
    assert notice.startswith("file:/dev/full: lost (No space left")
    assert (tmp_path / "a.wav").stat().st_size == 44 + 2 * 1600
