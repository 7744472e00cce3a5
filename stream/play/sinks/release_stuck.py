"""Ending the notes of a player that was killed and could not end them itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.errors import StreamError
from stream.play.sinks.active_notes import left_behind
from stream.play.sinks.spec import sink_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from stream.play.sinks.active_notes import ActiveNotesFile
    from stream.play.sinks.base import Sink


ENDS_WITH_US = frozenset({"virtual", "fluidsynth", "audio", "file", "null"})
"""Kinds of outputs on which nothing sounds once their player is dead: none of them is opened."""
NOT_SILENCED = "not silenced"
"""How a line begins that tells of an output which is left to the next start."""


def take_over(folder: Path, playing: Sequence[Sink], absent: Sequence[Sink] = ()) -> list[str]:
    """Silence whatever killed players left in `folder`; a line about each output.

    `playing` outputs are silenced now, `absent` ones when they are there, all others of a killed
    player are opened for this; one that can not be opened is left to the next start. Nothing is
    believed of a folder that is not this account's own.
    """
    ours = {sink.name: sink for sink in (*playing, *absent)}
    told = []
    try:
        with left_behind(folder) as found:
            for left in found:
                lines = [_silence(output, left, ours, absent) for output in left.outputs]
                told += lines
                if not any(line.startswith(NOT_SILENCED) for line in lines):
                    told += _removed(left)
    except OSError as error:  # the folder of another user, say, whose environment was kept
        told.append(
            f"{NOT_SILENCED}: what killed players left in {folder}: {error.strerror};"
            " remove that folder, or set XDG_RUNTIME_DIR to one of your own"
        )
    return told


def silence(sink: Sink) -> str:
    """Reset all channels of an output of our own making. Raises `SinkError`."""
    sink.connect()
    sink.inherit(())
    sink.close()
    return f"silenced {sink.name}"


def _removed(left: ActiveNotesFile) -> list[str]:
    """Have it forgotten; a line where that is denied."""
    try:
        left.remove()
    except OSError as error:
        return [f"{left.path}: can not be removed ({error.strerror}); remove it"]
    return []


def _silence(
    output: str, left: ActiveNotesFile, ours: dict[str, Sink], absent: Sequence[Sink]
) -> str:
    try:
        sink = ours.get(output)
        if sink is None:
            if output.partition(":")[0] in ENDS_WITH_US:
                return f"{output}: has ended with its player"
            sink = sink_of(output)
            sink.connect()
            sink.inherit(left.notes)
            sink.close()
        else:
            sink.inherit(left.notes)
            if sink not in absent:
                sink.silence()
    except StreamError as error:
        return f"{NOT_SILENCED}: {error}"
    return f"silenced {output} after a killed player: {len(left.notes)} notes sounded"
