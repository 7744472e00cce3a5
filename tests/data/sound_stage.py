"""An audio player on a virtual clock, with fakes for everything around it."""

import base64
import math
from array import array

from stream.errors import LostError, SinkError
from stream.music.audio_chunk import AudioChunk, AudioControls
from stream.play.audio.chunk_position import ChunkPosition
from stream.play.audio.null_device import NullDevice
from stream.play.audio.outputs import AudioOutputs
from stream.play.audio.pcm_queue import PcmQueue
from stream.play.audio.player import (
    LOOKAHEAD_SECONDS,
    PREFILL_SECONDS,
    AudioIO,
    AudioPlayer,
    perform,
)
from stream.voices.spec import AudioSpec

RATE = 8000
AUDIO = AudioSpec(rate=RATE, hop=200, length=400, synthesis="samples", tune=4.0)
START = 100.0
PERIOD = 256 / RATE
"""Seconds of sound that a card reads at once."""
LOUD = 1000


class Clock:
    """A virtual clock; other events have a time `due` and a method `happen`."""

    def __init__(self):
        self.time = START
        self.wakes = []
        """Times at which a wait ended, in seconds after the start."""
        self.others = []

    def now(self):
        return self.time

    def wait(self, files, deadline):
        while not (found := [file for file in files if file.readable]):
            other = min(self.others, key=lambda each: each.due)
            if deadline is not None and deadline <= other.due:
                self.time = max(self.time, deadline)
                break
            assert other.due < math.inf, "nothing will ever happen"
            self.time = max(self.time, other.due)
            other.happen()
        self.wakes.append(round(self.time - START, 3))
        return found


class Event:
    """An event at a time in seconds after the start, which `wait` can return."""

    def __init__(self, after, act=lambda: None):
        self.due = START + after
        self.requested = self.readable = False
        self._act = act

    def happen(self):
        self.due = math.inf
        self.requested = self.readable = True
        self._act()


class Link:
    """A composer's client that answers after each of `delays`, then after the last of them."""

    restarts = hangs = 0
    fault = ""
    deadline = None
    closed = False

    def __init__(self, clock, *delays):
        self.requests = []
        self.readable = False
        self.due = math.inf
        self._clock = clock
        self._delays = list(delays)

    @property
    def idle(self):
        return self.due == math.inf and not self.readable

    def files(self):
        return [self]

    def request(self, request):
        assert self.idle
        self.requests.append(request)
        delay = self._delays.pop(0) if len(self._delays) > 1 else self._delays[0]
        self.due = self._clock.now() + delay

    def happen(self):
        self.due, self.readable = math.inf, True

    def receive(self):
        if not self.readable:
            return []
        self.readable = False
        index = len(self.requests) - 1
        sound = array("h", [LOUD] * (self.requests[-1].blocks * AUDIO.hop)).tobytes()
        return [
            AudioChunk(
                index, 0, "low", base64.b64encode(sound).decode(), 0.5, 0, 0, "", "v", not index
            )
        ]

    def maintain(self):
        pass

    def close(self):
        self.closed = True


class Card:
    """A sound card that reads a little at a time, and can be unplugged and plugged in again."""

    name = "audio"
    may_return = True
    underflows = 0
    deadline = None

    def __init__(self, clock):
        self.there = True
        self.readable = False
        self.due = math.inf
        self._clock = clock
        self._queue = None

    def files(self):
        return [self]

    def connect(self, rates):
        if not self.there:
            raise SinkError("no card")
        return rates[0]

    def start(self, queue, now):
        self._queue, self.due = queue, now + PERIOD

    def happen(self):
        transitions = self._queue.transitions
        self._queue.pull(round(PERIOD * RATE))
        self.due += PERIOD
        self.readable = self._queue.transitions > transitions or not self.there

    def maintain(self, now):
        self.readable = False
        if not self.there:
            raise LostError("audio: lost")

    def close(self):
        self.due = math.inf


class Listener:
    """An observer that records notices with their times, and levels every `period` seconds."""

    closed = False

    def __init__(self, clock, period=None):
        self.notices, self.shown = [], []
        self._clock = clock
        self._period = period

    def tune_began(self, passage, stats):
        self.notices.append((round(self._clock.now() - START, 3), f"tune {passage.tune}"))

    def notice(self, text):
        self.notices.append((round(self._clock.now() - START, 3), text))

    def meter(self, passage, stats, now):
        self.shown.append((round(now - START, 3), round(stats.queue_seconds, 1)))
        return None if self._period is None else now + self._period

    def close(self):
        self.closed = True


class SoundStage:
    """A harness for an audio player; `play` runs it for some seconds."""

    def __init__(self, *delays, taker=None, files=(), seconds=None, period=None):
        self.clock = Clock()
        self.link = Link(self.clock, *(delays or (0.1,)))
        self.queue = PcmQueue(RATE, PREFILL_SECONDS, LOOKAHEAD_SECONDS)
        self.taker = (taker or (lambda _: NullDevice("null")))(self.clock)
        self.outputs = AudioOutputs(self.taker, list(files), self.queue)
        self.listener = Listener(self.clock, period)
        self.frames = None if seconds is None else round(seconds * RATE)

    def play(self, seconds, *events, stats=None):
        """Play until a stop signal after so many seconds, or until the end; return the counters."""
        position = ChunkPosition(1, AudioControls(), AUDIO, RATE, self.frames)
        player = AudioPlayer(self.link, position, self.queue, self.outputs, self.listener)
        stop = Event(seconds)
        cards = [self.taker] if isinstance(self.taker, Card) else []
        self.clock.others = [stop, self.link, *cards, *events]
        perform(player, AudioIO(self.link, self.queue, self.outputs, stop, stats, self.clock))
        assert self.link.closed
        assert self.listener.closed
        return player.stats
