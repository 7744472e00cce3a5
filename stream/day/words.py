"""The day in words: names of entries, and why it sounds so now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from stream.config.style_syntax import written
from stream.ensembles.remote import public_name

if TYPE_CHECKING:
    from datetime import datetime

    from stream.day.entry import Entry
    from stream.day.place import Place
    from stream.day.plan import Holding
    from stream.music.note import Controls

TIMES = ((5, "Night"), (11, "Morning"), (14, "Midday"), (18, "Afternoon"), (22, "Evening"))
"""Hour until which the time of day has its name; after the last one it is night."""
CALM, LIVELY = 0.38, 0.62
"""Energies below and above which the music is called calm or lively."""
SLOWEST, FASTEST = 20, 300
"""Bounds of the tempo that restrict nothing."""


class Now(NamedTuple):
    """The entry that holds, and whether it is heard."""

    holding: Holding
    overruled: bool = False
    pending: bool = False


def clock(moment: datetime, place: Place) -> str:
    """Return the time on the wall clock, such as `16:02`."""
    return f"{moment.astimezone(place.zone):%H:%M}"


def title(holding: Holding, place: Place) -> str:
    """Return the name of an entry, or of the time of day at which it begins."""
    if holding.entry.name:
        return holding.entry.name
    hour = holding.since.astimezone(place.zone).hour
    return next((name for until, name in TIMES if hour < until), "Night")


def start_text(holding: Holding, place: Place) -> str:
    """Return when an entry begins, such as `sunset at 16:02` or `07:00`."""
    start, at = holding.entry.start, clock(holding.since, place)
    if not start.event:
        return at
    return f"{start.event} at {at}" if not start.minutes else f"{at} ({start})"


def sentence(now: Now, following: Holding | None, place: Place, controls: Controls) -> str:
    """Return why it sounds so now, such as `Evening, since sunset at 16:02: calm, folk`."""
    holding = now.holding
    begin = f"{title(holding, place)}, since {start_text(holding, place)}"
    until = f" until {clock(following.since, place)}" if following else ""
    if now.overruled:
        return f"{begin}: overruled{until}."
    what = f"silence{until}" if holding.entry.silent else sound(controls, holding.entry.voice)
    return f"{begin}: {'from the next tune on ' if now.pending else ''}{what}."


def sound(controls: Controls, voice: str | None = None) -> str:
    """Return how these controls sound, such as `calm, hymn and folk, 60 to 90 bpm`.

    Files are named without their folders.
    """
    words = [
        _energy(controls.energy),
        _styles(controls),
        f"voice {Path(voice).stem}" if voice else "",
        f"ensemble {public_name(controls.ensemble)}" if controls.ensemble else "",
        _tempo(controls),
        f"volume {controls.volume:.0%}" if controls.volume < 1 else "",
    ]
    return ", ".join(filter(None, words))


def entry_text(entry: Entry, controls: Controls) -> str:
    """Return how an entry sounds; `controls` are those that hold with it."""
    return "silence" if entry.silent else sound(controls, entry.voice)


def _energy(energy: float) -> str:
    if energy < CALM:
        return "calm"
    return "lively" if energy > LIVELY else ""


def _styles(controls: Controls) -> str:
    names = list(dict.fromkeys(name for blend in controls.style for name, _ in blend))
    if not names:
        return "all styles"
    if len(controls.style) > 1:
        return f"from {written(controls.style[:1])} to {written(controls.style[-1:])}"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _tempo(controls: Controls) -> str:
    if controls.bpm:
        return f"{controls.bpm:g} bpm"
    low, high = controls.slowest, controls.fastest
    if low <= SLOWEST and high >= FASTEST:
        return ""
    return f"{low:g} to {high:g} bpm"
