"""Makes the stream at the pace of time: sound, then MP3, then all listeners.

A block is made a fixed time after it was performed, so that the messages of its notes have arrived,
and each note gets its exact place. While nobody listens nothing is made: the messages of the last
seconds wait, and the first listener gets them as sound at once.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

from stream.radio.broadcast import BURST_SECONDS, Broadcast
from stream.radio.renderer import BLOCK_SECONDS, Block, Renderer

DELAY_SECONDS = 0.25
"""Seconds from the performance of a note to its place in the stream."""
BEHIND_SECONDS = BURST_SECONDS + 2.0
"""Seconds behind the performance beyond which sound is left out, such as after a stop."""


class Encoding(Protocol):
    """Turns samples into bytes, as `stream.radio.encoder.Encoder` does."""

    def encode(self, samples: bytes) -> bytes: ...


class Station:
    """Sends the sound of `renderer` to the listeners of `broadcast`."""

    def __init__(self, renderer: Renderer, encoder: Encoding, broadcast: Broadcast) -> None:
        self._renderer, self._encoder, self._broadcast = renderer, encoder, broadcast

    async def run(self) -> None:
        """Make the stream until the task is cancelled."""
        deadline = time.monotonic()
        while True:
            await self.advance(time.monotonic() - DELAY_SECONDS)
            # Absolute deadlines: errors do not add up.
            deadline = max(deadline + BLOCK_SECONDS, time.monotonic())
            await asyncio.sleep(deadline - time.monotonic())

    async def advance(self, until: float) -> None:
        """Make all blocks that end before a time (s, monotonic), if anyone listens."""
        renderer = self._renderer
        limit = BEHIND_SECONDS if len(self._broadcast) else BURST_SECONDS
        if renderer.position < until - limit:
            renderer.skip(until - BURST_SECONDS)
            self._broadcast.forget()
        while len(self._broadcast) and renderer.position + BLOCK_SECONDS <= until:
            made = renderer.block()
            self._broadcast.push(Block(self._encoder.encode(made.sound), made.title))
            await asyncio.sleep(0)  # the listeners get it, and new messages come in
