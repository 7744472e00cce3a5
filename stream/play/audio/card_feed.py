"""What a sound card's own thread takes its sound from, and wakes ours by."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, Any

from stream.play.audio.pcm_queue import SAMPLE_BYTES, stereo

if TYPE_CHECKING:
    from stream.play.audio.pcm_queue import PcmQueue


class CardFeed:
    """Serves one stream of so many channels, until it is muted.

    Each frame is played `times` times: for a card that takes only a multiple of the queue's rate.
    """

    def __init__(self, queue: PcmQueue, channels: int, times: int = 1) -> None:
        self.served = 0
        """Times sound was taken."""
        self.underflows = 0
        """Times the card was served too late."""
        self.ended = False
        """Whether the stream has come to its end."""
        self._queue: PcmQueue | None = queue
        self._channels = channels
        self._times = times
        self._rest = b""
        """Of the last frame, what found no room in the buffer."""
        self._lock = threading.Lock()
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def fileno(self) -> int:
        """Readable when the queue has turned (`PcmQueue.turns`), or the stream has ended."""
        return self._bell

    def attend(self) -> None:
        """Be readable no more: what there was is seen to now."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._bell)

    def serve(self, outdata: Any, frames: int, _time: object, status: Any) -> None:
        """Fill a buffer: called by PortAudio's thread."""
        self.served += 1
        self.underflows += bool(status.output_underflow)
        if (queue := self._queue) is None:
            outdata[:] = bytes(len(outdata))
            return
        turns = queue.turns
        outdata[:] = stereo(self._pulled(queue, frames), self._channels)
        if queue.turns != turns:
            self._ring()

    def _pulled(self, queue: PcmQueue, frames: int) -> bytes:
        """So many of the card's frames."""
        if self._times == 1:
            return queue.pull(frames)
        missing = frames - len(self._rest) // SAMPLE_BYTES
        # Repeated in one channel, or put into several: the bytes are the same.
        fresh = stereo(queue.pull(-(-missing // self._times)), self._times) if missing > 0 else b""
        whole, size = self._rest + fresh, SAMPLE_BYTES * frames
        self._rest = whole[size:]
        return whole[:size]

    def finish(self) -> None:
        """The stream has ended: called by PortAudio's thread."""
        self.ended = True
        self._ring()

    def mute(self) -> None:
        """Take no more from the queue."""
        self._queue = None

    def close(self) -> None:
        """Ring no more; again is harmless."""
        with self._lock:
            if self._bell >= 0:
                os.close(self._bell)
                self._bell = -1

    def _ring(self) -> None:
        with self._lock:  # a file that was closed may be another's by now
            if self._bell >= 0:
                os.eventfd_write(self._bell, 1)
