"""Passes sound to a sound card's own thread, and wakes the player's thread."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, Any

from stream.play.audio.pcm_queue import SAMPLE_BYTES, interleaved

if TYPE_CHECKING:
    from stream.play.audio.pcm_queue import PcmQueue


class CardFeed:
    """Serves one stream of `channels` channels, until it is muted.

    Each frame is played `repeats` times, for a card that takes only a multiple of the queue's rate.
    """

    def __init__(self, queue: PcmQueue, channels: int, repeats: int = 1) -> None:
        self.served = 0
        """Times the card asked for sound."""
        self.underflows = 0
        """Times the card was served too late."""
        self.ended = False
        """True once the stream has ended."""
        self._queue: PcmQueue | None = queue
        self._channels = channels
        self._repeats = repeats
        self._leftover = b""
        """Part of the last frame's repeats that did not fit into the buffer."""
        self._lock = threading.Lock()
        self._eventfd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def fileno(self) -> int:
        """Return the file that is readable after a transition of the queue, or the stream's end."""
        return self._eventfd

    def clear(self) -> None:
        """Clear the eventfd."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._eventfd)

    def serve(self, outdata: Any, frames: int, _time: object, status: Any) -> None:
        """Fill a buffer; called by PortAudio's thread."""
        self.served += 1
        self.underflows += bool(status.output_underflow)
        if (queue := self._queue) is None:
            outdata[:] = bytes(len(outdata))
            return
        transitions = queue.transitions
        outdata[:] = interleaved(self._frames_from(queue, frames), self._channels)
        if queue.transitions != transitions:
            self._signal()

    def _frames_from(self, queue: PcmQueue, frames: int) -> bytes:
        """Return this number of the card's frames."""
        if self._repeats == 1:
            return queue.pull(frames)
        needed = frames - len(self._leftover) // SAMPLE_BYTES
        # Repeating in time or spreading over channels gives the same bytes.
        fresh = (
            interleaved(queue.pull(-(-needed // self._repeats)), self._repeats)
            if needed > 0
            else b""
        )
        samples, size = self._leftover + fresh, SAMPLE_BYTES * frames
        self._leftover = samples[size:]
        return samples[:size]

    def finish(self) -> None:
        """Mark the end of the stream; called by PortAudio's thread."""
        self.ended = True
        self._signal()

    def mute(self) -> None:
        """Stop taking sound from the queue."""
        self._queue = None

    def close(self) -> None:
        """Close the eventfd; calling it again is harmless."""
        with self._lock:
            if self._eventfd >= 0:
                os.close(self._eventfd)
                self._eventfd = -1

    def _signal(self) -> None:
        with self._lock:  # the number of a closed file may belong to another one by now
            if self._eventfd >= 0:
                os.eventfd_write(self._eventfd, 1)
