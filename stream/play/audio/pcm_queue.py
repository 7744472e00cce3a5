"""The queue of sound samples: filled by the player, emptied by the sound card's thread.

If it runs dry, the sound fades out within milliseconds, and silence is played until enough is
ready; no sample is dropped.
"""

from __future__ import annotations

import threading
from array import array
from collections import deque

FADE_SECONDS = 0.005
SAMPLE_BYTES = 2


class PcmQueue:
    """Mono, 16 bit, in the machine's byte order. Plays once `prefill` seconds are ready.

    The samples do not depend on how they are divided into pulls.
    """

    def __init__(self, rate: int, prefill: float, lookahead: float = 0.0) -> None:
        self.rate = rate
        """Frames a second."""
        self.underruns = 0
        """Times it ran dry while it was playing."""
        self.transitions = 0
        """Times a pull has made it `low`, or has ended that it was `playing`."""
        self._prefill = prefill * rate
        self._lookahead = round(lookahead * rate)
        self._fade = max(round(FADE_SECONDS * rate), 1)
        self._lock = threading.Lock()
        self._chunks: deque[memoryview] = deque()
        self._frames = 0
        self._pulled = 0
        self._faded_in = 0
        self._last = 0
        self._fade_out: list[int] = []
        self._is_silent = self._never_played = True
        self._ending = False
        self._recorded: deque[bytes] | None = None

    @property
    def seconds(self) -> float:
        """Seconds of sound that are ready."""
        return self._frames / self.rate

    @property
    def low(self) -> bool:
        """True if less than `lookahead` is ready."""
        return self._frames < self._lookahead

    @property
    def pulled(self) -> int:
        """Frames that were played, including silence."""
        return self._pulled

    @property
    def playing(self) -> bool:
        """True while sound is played: not the silence before it begins, or after it ran dry."""
        return bool(self._fade_out) or not self._is_silent

    @property
    def finished(self) -> bool:
        """True once `end` or `stop` was called and the rest has been played."""
        return self._ending and not self._frames and not self.playing

    @property
    def until_transition(self) -> int | None:
        """Frames to be pulled until the next of its `transitions`; None: it stays silent."""
        with self._lock:
            if self._is_silent and not self._can_play():
                return len(self._fade_out) or None
            above_lookahead = self._frames - self._lookahead
            return len(self._fade_out) + (
                above_lookahead + 1 if above_lookahead >= 0 else self._frames + self._fade
            )

    def put(self, samples: bytes) -> None:
        """Add sound at the end."""
        with self._lock:
            if samples:
                self._chunks.append(memoryview(samples))
                self._frames += len(samples) // SAMPLE_BYTES

    def end(self) -> None:
        """Mark the end of the sound; what is queued is still played."""
        self._ending = True

    def stop(self) -> None:
        """Fade out now, and drop what was ready."""
        with self._lock:
            self._ending = True
            self._chunks.clear()
            self._frames = 0

    def record(self) -> None:
        """Record what is played from now on, for `recorded`."""
        self._recorded = deque()

    def recorded(self) -> bytes:
        """Return what was recorded since the last call; recording starts with the first sound."""
        chunks = []
        while self._recorded:
            chunks.append(self._recorded.popleft())
        return b"".join(chunks)

    def pull(self, frames: int) -> bytes:
        """Return `frames` frames to be played now; never waits for sound."""
        with self._lock:
            low, playing = self.low, self.playing
            sound = self._take(frames)
            self._pulled += frames
            self.transitions += self.low > low or self.playing < playing
        if self._recorded is not None and not self._never_played:
            self._recorded.append(sound)
        return sound

    def _take(self, frames: int) -> bytes:
        samples = self._take_fade_out(frames)
        if len(samples) < frames and (not self._is_silent or self._can_play()):
            samples.extend(self._take_sound(frames - len(samples)))
            samples.extend(self._take_fade_out(frames - len(samples)))
        return samples.tobytes() + bytes(SAMPLE_BYTES * (frames - len(samples)))

    def _take_sound(self, frames: int) -> array[int]:
        """Return at most `frames` frames of sound; with fewer, a fade-out begins."""
        count = min(frames, self._frames)
        samples = array("h", self._take_pieces(count))
        if self._is_silent:
            self._is_silent, self._never_played, self._faded_in = False, False, 0
        self._fade_in(samples)
        if samples:
            self._last = samples[-1]
        if count < frames:
            self.underruns += not self._ending
            self._fade_out, self._is_silent = _fade_out(self._last, self._fade), True
        return samples

    def _take_fade_out(self, frames: int) -> array[int]:
        """Return at most `frames` frames of the fade-out."""
        samples, self._fade_out = array("h", self._fade_out[:frames]), self._fade_out[frames:]
        return samples

    def _fade_in(self, samples: array[int]) -> None:
        """Continue the fade-in of the sound."""
        remaining = min(self._fade - self._faded_in, len(samples))
        for i in range(remaining):
            samples[i] = samples[i] * (self._faded_in + i + 1) // (self._fade + 1)
        self._faded_in += remaining

    def _can_play(self) -> bool:
        is_filled = self._frames >= self._prefill
        return self._frames > 0 and (is_filled or self._ending)

    def _take_pieces(self, frames: int) -> bytes:
        """Return the first `frames` frames; so many must be queued."""
        chunks, missing = [], SAMPLE_BYTES * frames
        while missing:
            chunk = self._chunks.popleft()
            if len(chunk) > missing:
                self._chunks.appendleft(chunk[missing:])
                chunk = chunk[:missing]
            chunks.append(chunk)
            missing -= len(chunk)
        self._frames -= frames
        return b"".join(chunks)


def _fade_out(last: int, fade: int) -> list[int]:
    """Return a fade from the last sample to silence."""
    return [last * (fade - i) // (fade + 1) for i in range(fade)]


def interleaved(samples: bytes, channels: int) -> bytes:
    """Return the same sound in each of `channels` interleaved channels."""
    if channels == 1:
        return samples
    mono = array("h", samples)
    samples_out = array("h", bytes(len(samples) * channels))
    for channel in range(channels):
        samples_out[channel::channels] = mono
    return samples_out.tobytes()
