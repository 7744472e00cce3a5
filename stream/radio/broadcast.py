"""Passes one stream to all listeners, and waits for none.

A late listener begins with the last seconds; a slow one is dropped.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from stream.radio.renderer import BLOCK_SECONDS, Block

BURST_SECONDS = 3.0
"""Seconds of sound that a new listener gets at once: players collect some before they begin."""
MOST_LISTENERS = 64
LONGEST_SECONDS = 20.0
"""Seconds of sound that wait for a listener before it is dropped."""


class Listener:
    """One listener. `abort` closes its connection at once."""

    def __init__(self, abort: Callable[[], None]) -> None:
        self._abort = abort
        self._queue: asyncio.Queue[Block] = asyncio.Queue(round(LONGEST_SECONDS / BLOCK_SECONDS))

    def offer(self, block: Block) -> None:
        """Queue a block; close the connection of a listener that is too far behind."""
        try:
            self._queue.put_nowait(block)
        except asyncio.QueueFull:
            self._abort()

    async def next(self) -> Block:
        """Wait for the next block."""
        return await self._queue.get()


class Broadcast:
    """The listeners, and the last blocks of the stream."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._recent: deque[Block] = deque(maxlen=round(BURST_SECONDS / BLOCK_SECONDS))

    def __len__(self) -> int:
        return len(self._listeners)

    @property
    def full(self) -> bool:
        return len(self._listeners) >= MOST_LISTENERS

    def push(self, block: Block) -> None:
        """Pass a block to all listeners."""
        self._recent.append(block)
        for listener in tuple(self._listeners):
            listener.offer(block)

    def forget(self) -> None:
        """Forget the last blocks: the stream goes on elsewhere."""
        self._recent.clear()

    def join(self, abort: Callable[[], None]) -> Listener:
        """Return a new listener, which gets the last blocks at once."""
        listener = Listener(abort)
        for block in self._recent:
            listener.offer(block)
        self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Remove a listener."""
        self._listeners.discard(listener)
