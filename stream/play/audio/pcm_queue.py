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
    """Mono, 16 bit, in the machine's byte order. Plays once `prefill` seconds are there."""

    def __init__(self, rate: int, prefill: float) -> None:
        self.rate = rate
        self.underruns = 0
        """Times it ran dry while it was to play."""
        self._prefill = prefill
        self._fade = max(round(FADE_SECONDS * rate), 1)
        self._lock = threading.Lock()
        self._pieces: deque[memoryview] = deque()
        self._frames = 0
        self._pulled = 0
        self._last = 0
        self._silent = self._unheard = True
        self._ending = False
        self._heard: deque[bytes] | None = None

    @property
    def seconds(self) -> float:
        """Of sound that is ready."""
        return self._frames / self.rate

    @property
    def pulled(self) -> int:
        """Frames that were played, silence among them."""
        return self._pulled

    @property
    def playing(self) -> bool:
        """Whether it is heard: not the silence before it begins, or after it ran dry."""
        return not self._silent

    @property
    def finished(self) -> bool:
        """Whether the end was told, and has been played."""
        return self._ending and not self._frames and self._silent

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
            sound = self._taken(frames)
        self._pulled += frames
        if self._heard is not None and not self._unheard:
            self._heard.append(sound)
        return sound

    def _taken(self, frames: int) -> bytes:
        if self._silent and not self._ready():
            return bytes(SAMPLE_BYTES * frames)
        count = min(frames, self._frames)
        samples = array("h", self._cut(count))
        if self._silent:
            _rise(samples, self._fade)
            self._silent = self._unheard = False
        last = samples[-1] if samples else self._last
        if count < frames:
            self.underruns += not self._ending
            samples.extend(_fall(last, min(self._fade, frames - count)))
            self._silent, last = True, 0
        self._last = last
        return samples.tobytes() + bytes(SAMPLE_BYTES * (frames - len(samples)))

    def _ready(self) -> bool:
        enough = self._frames >= self._prefill * self.rate
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


def _rise(samples: array[int], fade: int) -> None:
    for i in range(min(fade, len(samples))):
        samples[i] = samples[i] * (i + 1) // (fade + 1)


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
