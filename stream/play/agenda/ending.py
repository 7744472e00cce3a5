"""Letting the music go: a fade that ends on a cadence, at about a given time.

The music ends with a tune that ends within the fade, else with the phrase that sounds when the time
has come. The fade ends where the music does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stream.play.observer import Slot
    from stream.play.playback import Playback

USUAL_FADE = 30.0
"""Seconds of the fade before the end by the sleep timer, unless the settings say otherwise."""


class Ending:
    """An end of the music at about `end` (s, monotonic), after a fade of `seconds`."""

    def __init__(self, performance: Playback, end: float, seconds: float) -> None:
        self.end = end
        self.settled = False
        """True once the last phrase is known, and nothing more is requested."""
        self._performance = performance
        self._seconds = seconds
        self._fading = False
        self._stepped_at = performance.clock()

    @property
    def deadline(self) -> float | None:
        """Time of the next step (s, monotonic); None: as soon as something else happens."""
        if self._performance.transport.paused_at is not None or self.settled:
            return None
        now = self._performance.clock()
        return next((at for at in (self.end - self._seconds, self.end) if at > now), None)

    def wait(self) -> None:
        """Let the time since the last step not count."""
        now = self._performance.clock()
        self.end += now - self._stepped_at
        self._stepped_at = now

    def step(self) -> bool:
        """Do what is due while the music plays. Return True once it has ended."""
        performance = self._performance
        now = self._stepped_at = performance.clock()
        if now < self.end - self._seconds:
            return False
        if not self._fading:
            self._fading = True
            performance.loudness.fade(0.0, self.end - now)
        if not self.settled and (last := self._last(now)) is not None:
            self._settle(last, now)
        return self.settled and now >= performance.queue.end

    def cancel(self) -> None:
        """Come back from a fade that has begun."""
        if self._fading:
            self._performance.loudness.fade(1.0, min(self._seconds, 2.0))

    def _last(self, now: float) -> Slot | None:
        """Return the phrase with which the music ends, if it is queued."""
        slots = [slot for slot in self._performance.queue.slots() if slot.end > now]
        if not slots:
            return None
        for slot in slots:
            source = slot.source or slot.phrase
            closes = source.closing and slot.finish == source.length and not slot.repeat
            if slot.end >= self.end or closes:
                return slot
        return None

    def _settle(self, last: Slot, now: float) -> None:
        """Remove what is queued after the last phrase, and let the fade end with that."""
        performance = self._performance
        self.settled = True
        following = [each for each in performance.queue.upcoming if each.start >= last.end - 1e-6]
        if following:
            performance.refill.withdraw(following[0])
        performance.refill.ignore_answer()
        performance.loudness.fade(0.0, last.end - now)
