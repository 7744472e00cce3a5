"""What hands are told: each event as a line of JSON."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from stream.config.style_syntax import written
from stream.music.note import ticks_to_seconds
from stream.play.observer import Slot
from stream.play.queue.phrase_queue import Cut

if TYPE_CHECKING:
    from stream.music.note import Controls
    from stream.play.observer import Snapshot
    from stream.play.queue.phrase_queue import Edit

LATENESS_BINS = 51
"""Of a tenth of a millisecond; the last is for all beyond."""
MERGED = 5
"""Bins of the player's own histogram in one of these."""


def line(name: str, value: Any) -> bytes:
    """The event `name`."""
    return json.dumps({name: value}, separators=(",", ":")).encode() + b"\n"


def edited(edit: Edit) -> bytes:
    """What has become of the queue."""
    if isinstance(edit, Slot):
        return line("phrase", phrase(edit))
    if isinstance(edit, Cut):
        return line("cut", edit.at)
    return line("moved", [edit.first, edit.delay])


def phrase(slot: Slot) -> dict[str, Any]:
    """A phrase in seconds, monotonic."""
    sounding, verdict = slot.phrase, slot.phrase.verdict
    rate = (slot.end - slot.start) / sounding.length
    return {
        "start": slot.start,
        "end": slot.end,
        "bpm": sounding.bpm,
        "bar": ticks_to_seconds(sounding.bar, sounding.bpm),
        "tune": sounding.tune,
        "style": sounding.style,
        "index": sounding.index,
        "repeat": slot.repeat,
        "accepted": verdict.accepted,
        "composed": verdict.candidates,
        "rejected": verdict.rejected,
        "notes": [
            [slot.start + n.onset * rate, n.duration * rate, n.pitch, n.velocity, n.channel]
            for n in sounding.notes
        ],
    }


def controls(now: Controls) -> dict[str, Any]:
    """Each control as it is written in the settings."""
    return dataclasses.asdict(now) | {"style": written(now.style)}


def moment(seen: Snapshot) -> dict[str, Any]:
    """The counters, and how late the notes were."""
    return {
        "now": seen.now,
        "queue": round(seen.stats.queue_seconds, 3),
        "stats": seen.stats.to_document(),
        "lateness": seen.stats.lateness.histogram(MERGED, LATENESS_BINS),
        "rejected": seen.stats.rejected,
    }
