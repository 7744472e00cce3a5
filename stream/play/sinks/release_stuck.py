"""Ends the notes that a killed player left active."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.errors import StreamError
from stream.play.sinks.active_notes import abandoned_files
from stream.play.sinks.spec import sink_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from stream.play.sinks.active_notes import ActiveNotesFile
    from stream.play.sinks.base import Sink


ENDS_WITH_PLAYER = frozenset({"virtual", "fluidsynth", "audio", "file", "null", "radio"})
"""Kinds of outputs on which no note outlives its player; they are not opened."""
NOT_SILENCED = "not silenced"
"""Beginning of a line about an output that is left to the next start."""


def release_stuck_notes(
    folder: Path, playing: Sequence[Sink], absent: Sequence[Sink] = ()
) -> list[str]:
    """Silence what killed players left in `folder`; return a line about each output.

    The `playing` outputs are silenced now, the `absent` ones once they are connected, and all other
    outputs of a killed player are opened for this; one that cannot be opened is left to the next
    start. A folder that does not belong to this account is not trusted.
    """
    own_sinks = {sink.name: sink for sink in (*playing, *absent)}
    lines = []
    try:
        with abandoned_files(folder) as files:
            for file in files:
                file_lines = [_silence(output, file, own_sinks, absent) for output in file.outputs]
                lines += file_lines
                if not any(file_line.startswith(NOT_SILENCED) for file_line in file_lines):
                    lines += _removed(file)
    except OSError as error:  # such as the folder of another account
        lines.append(
            f"{NOT_SILENCED}: files of killed players in {folder}: {error.strerror};"
            " remove that folder, or set XDG_RUNTIME_DIR to one of your own"
        )
    return lines


def silence(sink: Sink) -> str:
    """Reset all channels of an output that is not connected. Raises `SinkError`."""
    sink.connect()
    sink.adopt(())
    sink.close()
    return f"silenced {sink.name}"


def _removed(file: ActiveNotesFile) -> list[str]:
    """Remove the file; return a line if that fails."""
    try:
        file.remove()
    except OSError as error:
        return [f"{file.path}: cannot be removed ({error.strerror}); remove it"]
    return []


def _silence(
    output: str, file: ActiveNotesFile, own_sinks: dict[str, Sink], absent: Sequence[Sink]
) -> str:
    try:
        sink = own_sinks.get(output)
        if sink is None:
            if output.partition(":")[0] in ENDS_WITH_PLAYER:
                return f"{output}: ended with its player"
            sink = sink_of(output)
            sink.connect()
            sink.adopt(file.notes)
            sink.close()
        else:
            sink.adopt(file.notes)
            if sink not in absent:
                sink.silence()
    except StreamError as error:
        return f"{NOT_SILENCED}: {error}"
    return f"silenced {output} after a killed player: {len(file.notes)} notes were active"
