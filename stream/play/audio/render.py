"""Renders sound into a file as fast as possible: the same sound that `play` plays."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from stream.play.audio.stats import AudioStats
from stream.util.event_wait import wait

if TYPE_CHECKING:
    from stream.music.audio_chunk import AudioChunk
    from stream.play.audio.chunk_position import ChunkPosition
    from stream.play.audio.client import AudioClient
    from stream.play.audio.wave_file import WaveFile
    from stream.util.stop_signals import Stop


def render(client: AudioClient, position: ChunkPosition, file: WaveFile, stop: Stop) -> AudioStats:
    """Render the requested length, or until a stop signal; then close the file and the client.

    Raises `SinkError`, `ComposerError`.
    """
    stats = AudioStats()
    with contextlib.ExitStack() as stack:
        stack.callback(client.close)
        stack.callback(file.close)
        client.request(position.request)
        while chunk := _receive(client, stop):
            position, samples = position.after(chunk)
            if not position.complete:
                client.request(position.request)
            file.write(samples)
            stats.count(chunk, position.composed / position.rate)
            stats.restarts = client.restarts
            if position.complete:
                break
    return stats


def _receive(client: AudioClient, stop: Stop) -> AudioChunk | None:
    """Return the next chunk; None after a stop signal. Raises `ComposerError`."""
    while not stop.requested:
        # No deadline has to be met here: a slow composer is waited for.
        wait([stop, *client.files()], None if client.files() else client.deadline)
        if not client.files():
            client.maintain()
        for chunk in client.receive():
            return chunk
        client.give_up()
    return None
