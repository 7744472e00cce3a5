"""The events that controllers receive, each as a line of JSON."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from stream.config.style_syntax import written
from stream.ensembles.remote import public_name
from stream.ensembles.sounding import SoundingPart, parts_of
from stream.music.note import TENTHS, ticks_to_seconds
from stream.music.tune_facts import form_mark
from stream.play.observer import Slot
from stream.play.queue.phrase_queue import Cut
from stream.util.json_lines import json_line

if TYPE_CHECKING:
    from stream.music.note import Controls, Note
    from stream.play.observer import Snapshot
    from stream.play.queue.phrase_queue import Edit

LATENESS_BINS = 51
"""Number of bins, each a tenth of a millisecond; the last one holds everything beyond."""
DECIMALS = 5
"""Decimals of the seconds of notes: hundredths of a millisecond."""
MERGED = 5
"""Number of bins of the player's own histogram that are merged into one of these."""


def event_line(name: str, value: Any) -> bytes:
    """Return the event `name` as a line."""
    return json_line({name: value})


def edit_line(edit: Edit) -> bytes:
    """Return a change of the queue as a line."""
    if isinstance(edit, Slot):
        return event_line("phrase", phrase_document(edit))
    if isinstance(edit, Cut):
        return event_line("cut", edit.at)
    return event_line("moved", [edit.first, edit.delay])


def phrase_document(slot: Slot) -> dict[str, Any]:
    """Return a phrase with times in seconds, monotonic, and channels from 0."""
    phrase, verdict = slot.phrase, slot.phrase.verdict
    rate = (slot.end - slot.start) / phrase.length
    return {
        "start": slot.start,
        "end": slot.end,
        "bpm": phrase.bpm,
        "bar": ticks_to_seconds(phrase.bar, phrase.bpm),
        "tune": phrase.tune,
        "style": phrase.style,
        "key": phrase.key,
        "meter": phrase.meter,
        "kind": phrase.kind,
        "set": phrase.set_text,
        "returns_to": phrase.returns_to,
        "index": phrase.index,
        "repeat": slot.repeat,
        "kept": slot.kept.name if slot.kept else "",
        "letter": form_mark(phrase.letter),
        "ensemble": public_name(phrase.ensemble),
        "energy": phrase.energy,
        "parts": parts_document(slot),
        "accepted": verdict.accepted,
        "composed": verdict.candidates,
        "rejected": verdict.rejected,
        "notes": [note_document(note, slot.start, rate) for note in phrase.notes],
    }


def note_document(note: Note, start: float, rate: float) -> list[float]:
    """Return onset (s, monotonic), duration (s), pitch, velocity and channel, as performed."""
    onset, end = note.played_onset / TENTHS, note.played_end / TENTHS
    times = [round(start + onset * rate, DECIMALS), round((end - onset) * rate, DECIMALS)]
    return [*times, note.pitch, note.velocity, note.channel]


def parts_document(slot: Slot) -> list[dict[str, Any]]:
    """Return the parts of a phrase, each without the members that have their usual values."""
    changes = slot.controls.parts if slot.controls else ""
    usual = SoundingPart._field_defaults
    return [
        {name: value for name, value in part._asdict().items() if usual.get(name) != value}
        for part in parts_of(slot.phrase, slot.ensemble, changes)
    ]


def controls_document(controls: Controls) -> dict[str, Any]:
    """Return each control in the form that the settings use."""
    return dataclasses.asdict(controls) | {"style": written(controls.style)}


def snapshot_document(snapshot: Snapshot) -> dict[str, Any]:
    """Return the counters and the histogram of the lateness of notes."""
    stats = snapshot.stats
    return {
        "now": snapshot.now,
        "queue": round(stats.queue_seconds, 3),
        "stats": stats.to_document(),
        "lateness": stats.lateness.histogram(MERGED, LATENESS_BINS),
        "rejected": stats.rejected,
    }
