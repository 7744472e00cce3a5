"""Sound into a file, as fast as it can be made: the same that `play` would play."""

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


def render(link: AudioClient, programme: ChunkPosition, file: WaveFile, stop: Stop) -> AudioStats:
    """All that was wished for, or what there is at a stop signal; then close the file and the link.

    Raises `SinkError`, `ComposerError`.
    """
    stats = AudioStats()
    with contextlib.ExitStack() as leaving:
        leaving.callback(link.close)
        leaving.callback(file.close)
        link.request(programme.request)
        while passage := _receive(link, stop):
            programme, samples = programme.after(passage)
            if not programme.complete:
                link.request(programme.request)
            file.write(samples)
            stats.count(passage, programme.made / programme.rate)
            stats.restarts = link.restarts
            if programme.complete:
                break
    return stats


def _receive(link: AudioClient, stop: Stop) -> AudioChunk | None:
    """The next passage; None once a stop signal has come. Raises `ComposerError`."""
    while not stop.requested:
        # Nobody waits for the sound: a composer that is slow may be.
        wait([stop, *link.files()], None if link.files() else link.deadline)
        if not link.files():
            link.maintain()
        for passage in link.receive():
            return passage
        link.give_up()
    return None
