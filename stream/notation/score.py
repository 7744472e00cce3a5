"""Tunes as a score: for each the facts, the bars, and the notes of each part on the grid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stream.ensembles.ensemble import Ensemble
from stream.ensembles.sounding import SoundingPart, parts_of
from stream.music.note import Note, Phrase
from stream.music.part import LEAD, ROLES
from stream.music.tune_facts import form_mark


@dataclass(frozen=True, slots=True)
class Staff:
    """One part of a tune."""

    role: str
    """Role of the part, such as `bass`; `part 2` where the voice names none."""
    notes: tuple[Note, ...]
    """Notes by onset, in ticks from the start of the tune; none is struck while it sounds."""
    program: int = 0
    """Program of General MIDI, 1-128; 0 if unknown."""


@dataclass(frozen=True, slots=True)
class Tune:
    """A tune as it is written."""

    title: str
    """Title, such as `jig in D major, 6/8`; `tune 5` if nothing is known."""
    style: str
    key: str
    """Key such as `D major`; empty if unknown."""
    meter: str
    """Meter such as `6/8`; that of the bars if the voice names none."""
    bpm: float
    """Tempo in quarter notes a minute."""
    bars: tuple[int, ...]
    """Ticks of the bar lines from the first, 0, to the last, the end of the tune."""
    letters: tuple[tuple[int, str], ...]
    """Tick and letter of each phrase whose place in the form is known."""
    staves: tuple[Staff, ...]
    """Parts in the order of `ROLES`."""


Sounding = tuple[Phrase, Ensemble | None]
"""A phrase arranged without swing, and its routed ensemble."""


def tunes_of(phrases: Iterable[Sounding]) -> tuple[Tune, ...]:
    """Return the tunes of consecutive phrases."""
    groups: list[list[Sounding]] = []
    for phrase, ensemble in phrases:
        if not groups or groups[-1][-1][0].tune != phrase.tune:
            groups.append([])
        groups[-1].append((phrase, ensemble))
    return tuple(map(_tune, groups))


def title_of(phrase: Phrase) -> str:
    """Return the title of a phrase's tune; its number if nothing else is known."""
    return phrase.title or f"tune {phrase.tune + 1}"


def meter_of_bars(bar: int) -> str:
    """Return a meter of bars of so many ticks, in the largest unit that fits; empty if none does.

    Bars of three quarter notes are 3/4, since nothing says that they are 6/8.
    """
    for unit, below in ((48, 4), (24, 8), (12, 16)):
        if bar % unit == 0:
            return f"{bar // unit}/{below}"
    return ""


def _tune(sounding: Sequence[Sounding]) -> Tune:
    first = sounding[0][0]
    bars, letters, begin = [0], [], 0
    notes: dict[str, list[Note]] = {}
    programs: dict[str, int] = {}
    for phrase, ensemble in sounding:
        head = phrase.length % phrase.bar
        lines = range(head or phrase.bar, phrase.length + 1, phrase.bar)
        bars += [begin + line for line in lines]
        letters += [(begin, form_mark(phrase.letter))] if phrase.letter else []
        for part in _parts(phrase, ensemble):
            programs[part.role] = programs.get(part.role) or part.program
            own = (note for note in phrase.notes if note.channel == part.channel)
            notes.setdefault(part.role, []).extend(note.moved(begin) for note in own)
        begin += phrase.length
    order = {role: place for place, role in enumerate(ROLES)}
    roles = sorted((role for role in notes if notes[role]), key=lambda r: order.get(r, len(order)))
    staves = (Staff(role, _struck_once(notes[role], begin), programs[role]) for role in roles)
    return Tune(
        title=title_of(first),
        style=first.style,
        key=first.key,
        meter=first.meter or meter_of_bars(first.bar),
        bpm=first.bpm,
        bars=tuple(bars),
        letters=tuple(letters),
        staves=tuple(staves),
    )


def _parts(phrase: Phrase, ensemble: Ensemble | None) -> list[SoundingPart]:
    """Return the parts of a phrase, one for each channel that has notes."""
    found: dict[int, SoundingPart] = {}
    for part in parts_of(phrase, ensemble):
        found.setdefault(part.channel, part)
    for channel in sorted({note.channel for note in phrase.notes} - found.keys()):
        role = LEAD if channel == 0 and not phrase.roles else f"part {channel + 1}"
        found[channel] = SoundingPart(role, channel)
    return list(found.values())


def _struck_once(notes: Iterable[Note], end: int) -> tuple[Note, ...]:
    """Return the notes by onset; one that is struck again ends there, the longest of equals stays.

    None lasts longer than the tune, which ends at tick `end`.
    """
    following: dict[int, int] = {}
    found = []
    for note in sorted(notes, key=lambda note: (-note.onset, -note.duration)):
        limit = following.get(note.pitch, end)
        if note.onset < limit:
            following[note.pitch] = note.onset
            found.append(note.until(min(note.end, limit)))
    return tuple(reversed(found))
