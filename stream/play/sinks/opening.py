"""Opens the outputs of the settings when the player starts."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from stream.config.output_parts import together
from stream.errors import SinkError
from stream.play.sinks.active_notes import ActiveNotes, runtime_folder
from stream.play.sinks.auto import auto_sinks, instruments
from stream.play.sinks.release_stuck import release_stuck_notes
from stream.play.sinks.router import Router
from stream.play.sinks.spec import sink_of

if TYPE_CHECKING:
    from stream.config.settings import Settings
    from stream.play.observer import Observer
    from stream.play.sinks.base import Sink


def open_outputs(settings: Settings) -> tuple[list[Sink], list[Sink], str]:
    """Return the open outputs, those still to be awaited, and a message about them.

    The radio is one more output; without `out` it plays beside the instrument of this machine. All
    are opened, or none: if one is refused, the others are closed again. Raises `SinkError`.
    """
    playing: list[Sink] = []
    absent: list[Sink] = []
    reasons: list[str] = []
    outputs = (*settings.out, *([f"radio:{settings.radio}"] if settings.radio else []))
    why = f"playing to {', '.join(outputs)}"
    with contextlib.ExitStack() as opened:
        if not settings.out:
            found, why = instruments() if outputs else auto_sinks()
            playing += found
            for sink in found:
                opened.callback(sink.close)
        for output in dict.fromkeys(outputs):
            sink = sink_of(output)
            same = next((other for other in (*playing, *absent) if other.fits(sink)), None)
            if same is not None:  # it was named before, perhaps in another spelling
                same.parts = together((same.parts, sink.parts))
                continue
            try:
                sink.connect()
            except SinkError as error:
                if settings.absent == "refuse" or not sink.may_return:
                    raise
                absent.append(sink)
                reasons.append(f"{sink.name} ({error})")
            else:
                playing.append(sink)
                opened.callback(sink.close)
        opened.pop_all()
    waiting = f"; awaiting {', '.join(reasons)}" if absent else ""
    return playing, absent, f"{why}{waiting}"


def router_of(playing: list[Sink], absent: list[Sink], observer: Observer) -> Router:
    """Return the router, after ending the notes that a killed player left sounding."""
    folder = runtime_folder()
    for notice in release_stuck_notes(folder, playing, absent):
        observer.notice(notice)
    lasting = [sink.name for sink in (*playing, *absent) if sink.outlives_player]
    active_notes = None
    if lasting:
        try:
            active_notes = ActiveNotes(folder, lasting)
        except OSError as error:
            observer.notice(f"{folder}: {error.strerror}; notes cannot be ended after a kill -9")
    return Router(playing, absent, active_notes)
