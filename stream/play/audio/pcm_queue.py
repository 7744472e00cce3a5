"""The sound that is ready to be played: filled by the player, emptied by the sound card's thread.

When it runs dry the sound fades within milliseconds and silence is played, until enough is there
again; no sample is thrown away.
"""

from __future__ import annotations

import threading
from array import array
from collections import deque

FADE_SECONDS = 0.005
SAMPLE_BYTES = 2


class PcmQueue:
    """Mono, 16 bit, in the machine's byte order. Plays once `prefill` seconds are there.

    However what is pulled is cut into pulls, the samples are the same.
    """

    def __init__(self, rate: int, prefill: float, lookahead: float = 0.0) -> None:
        self.rate = rate
        """Frames a second."""
        self.underruns = 0
        """Times it ran dry while it was to play."""
        self.turns = 0
        """Times a pull has made it `low`, or has ended that it was `playing`."""
        self._prefill = prefill * rate
        self._lookahead = round(lookahead * rate)
        self._fade = max(round(FADE_SECONDS * rate), 1)
        self._lock = threading.Lock()
        self._pieces: deque[memoryview] = deque()
        self._frames = 0
        self._pulled = 0
        self._risen = 0
        self._last = 0
        self._fall: list[int] = []
        self._silent = self._unheard = True
        self._ending = False
        self._heard: deque[bytes] | None = None

    @property
    def seconds(self) -> float:
        """Of sound that is ready."""
        return self._frames / self.rate

    @property
    def low(self) -> bool:
        """Whether less than `lookahead` is ready."""
        return self._frames < self._lookahead

    @property
    def pulled(self) -> int:
        """Frames that were played, silence among them."""
        return self._pulled

    @property
    def playing(self) -> bool:
        """Whether it is heard: not the silence before it begins, or after it ran dry."""
        return bool(self._fall) or not self._silent

    @property
    def finished(self) -> bool:
        """Whether the end was told, and has been played."""
        return self._ending and not self._frames and not self.playing

    @property
    def until_turn(self) -> int | None:
        """Frames to be pulled until the next of its `turns`; None: it would be silent for ever."""
        with self._lock:
            if self._silent and not self._ready():
                return len(self._fall) or None
            spare = self._frames - self._lookahead
            return len(self._fall) + (spare + 1 if spare >= 0 else self._frames + self._fade)

    def put(self, samples: bytes) -> None:
        """Add sound to the end."""
        with self._lock:
            if samples:
                self._pieces.append(memoryview(samples))
                self._frames += len(samples) // SAMPLE_BYTES

    def end(self) -> None:
        """Nothing is added any more; what is there is played."""
        self._ending = True

    def stop(self) -> None:
        """Fade now, and forget what was ready."""
        with self._lock:
            self._ending = True
            self._pieces.clear()
            self._frames = 0

    def keep(self) -> None:
        """From now on keep what is played, for `heard`."""
        self._heard = deque()

    def heard(self) -> bytes:
        """What was played since the last call, if it is kept: from the first sound on."""
        pieces = []
        while self._heard:
            pieces.append(self._heard.popleft())
        return b"".join(pieces)

    def pull(self, frames: int) -> bytes:
        """So many frames, to be played now; never waits for sound."""
        with self._lock:
            low, playing = self.low, self.playing
            sound = self._taken(frames)
            self._pulled += frames
            self.turns += self.low > low or self.playing < playing
        if self._heard is not None and not self._unheard:
            self._heard.append(sound)
        return sound

    def _taken(self, frames: int) -> bytes:
        samples = self._fallen(frames)
        if len(samples) < frames and (not self._silent or self._ready()):
            samples.extend(self._sounded(frames - len(samples)))
            samples.extend(self._fallen(frames - len(samples)))
        return samples.tobytes() + bytes(SAMPLE_BYTES * (frames - len(samples)))

    def _sounded(self, frames: int) -> array[int]:
        """At most so many frames of sound; where there are fewer a fall begins."""
        count = min(frames, self._frames)
        samples = array("h", self._cut(count))
        if self._silent:
            self._silent, self._unheard, self._risen = False, False, 0
        self._rise(samples)
        if samples:
            self._last = samples[-1]
        if count < frames:
            self.underruns += not self._ending
            self._fall, self._silent = _fall(self._last, self._fade), True
        return samples

    def _fallen(self, frames: int) -> array[int]:
        """At most so many frames of a fall that has begun."""
        samples, self._fall = array("h", self._fall[:frames]), self._fall[frames:]
        return samples

    def _rise(self, samples: array[int]) -> None:
        """Let the sound begin softly, from where the rise stands."""
        rest = min(self._fade - self._risen, len(samples))
        for i in range(rest):
            samples[i] = samples[i] * (self._risen + i + 1) // (self._fade + 1)
        self._risen += rest

    def _ready(self) -> bool:
        enough = self._frames >= self._prefill
        return self._frames > 0 and (enough or self._ending)

    def _cut(self, frames: int) -> bytes:
        """The first frames, which are there."""
        parts, missing = [], SAMPLE_BYTES * frames
        while missing:
            piece = self._pieces.popleft()
            if len(piece) > missing:
                self._pieces.appendleft(piece[missing:])
                piece = piece[:missing]
            parts.append(piece)
            missing -= len(piece)
        self._frames -= frames
        return b"".join(parts)


def _fall(last: int, fade: int) -> list[int]:
    """From the last sample down to nothing."""
    return [last * (fade - i) // (fade + 1) for i in range(fade)]


def stereo(samples: bytes, channels: int) -> bytes:
    """The same sound in each of so many channels."""
    if channels == 1:
        return samples
    mono = array("h", samples)
    spread = array("h", bytes(len(samples) * channels))
    for channel in range(channels):
        spread[channel::channels] = mono
    return spread.tobytes()
