"""Fit phrases to a synthesizer, and make the messages that set it up. Pure functions."""

from __future__ import annotations

import dataclasses
import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from stream.config.bounds import parsed
from stream.errors import SettingsError
from stream.music.note import TENTHS, TICKS_PER_BEAT
from stream.music.scale import folded
from stream.profiles.profile import LAST_CONTROLLER
from stream.util.suggestion import did_you_mean, meant
from stream.util.validate import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mido import Message

    from stream.music.note import Note, Phrase
    from stream.profiles.profile import Profile

BANK_MSB, BANK_LSB = 0, 32
OVERLAP = 1
"""Ticks that a note overlaps the next one if they are joined."""


def fitted(phrase: Phrase, profile: Profile) -> Phrase:
    """Return the phrase as the synthesizer can play it, of the same length.

    All notes get the channels, the range and the velocities of the profile. On each channel no more
    notes sound together than it has voices: a new note ends the oldest one, and of notes with the
    same onset the lowest are left out. Of notes with the same onset and pitch the longest stays. If
    two parts on a channel hold a pitch, it sounds until the later one ends. On a monosynth, notes
    that meet are joined or separated as the profile says; joined notes overlap by one tick.
    """
    gap = math.ceil(profile.gap / 60_000 * phrase.bpm * TICKS_PER_BEAT)
    channels: dict[int, list[Note]] = {}
    for note in phrase.notes:
        pitch = folded(note.pitch, profile.low, profile.high)
        fit = dataclasses.replace(note, pitch=pitch, velocity=profile.velocity(note.velocity))
        channels.setdefault(profile.channel_of(note.channel), []).append(fit)
    played: list[Note] = []
    for channel, notes in channels.items():
        shared = _shared(notes, channel)
        if profile.polyphony:
            shared = _ordered(shared)
        voices = _limited(shared, profile.polyphony or len(notes))
        if profile.mono == "legato":
            voices = _joined(voices)
        elif profile.mono == "gap":
            voices = _separated(voices, gap, phrase.length)
        played += voices
    return dataclasses.replace(phrase, notes=tuple(sorted(played, key=_onset)))


def _shared(notes: Iterable[Note], channel: int) -> Iterator[Note]:
    """Yield the notes of several parts as notes of one channel, by onset and descending pitch."""
    ends: dict[int, dict[int, int]] = {}
    for note in sorted(notes, key=lambda note: (note.onset, -note.pitch, -note.duration)):
        others = ends.setdefault(note.pitch, {})
        others[note.channel] = note.played_end
        held = dataclasses.replace(note, channel=channel)
        yield _released(held, max(others.values())) if len(others) > 1 else held


def _ordered(notes: Iterable[Note]) -> Iterator[Note]:
    """Yield notes that are sorted by their grid onset so that their performed onsets are, too.

    Those with the same onset on the grid may be performed together, others follow each other.
    """
    grid, latest = 0, 0
    for note in notes:
        earliest = latest + (note.onset > grid)
        offset = max(note.offset, earliest - note.onset * TENTHS)
        grid, latest = note.onset, note.onset * TENTHS + offset
        yield note if offset == note.offset else dataclasses.replace(note, offset=offset)


def _limited(notes: Iterable[Note], voices: int) -> list[Note]:
    """Return the notes with at most `voices` at a time, and each pitch at most once at a time.

    `notes` are sorted by onset, then by descending pitch and duration.
    """
    played: list[Note] = []
    sounding: list[int] = []
    for note in notes:
        sounding = [at for at in sounding if played[at].played_end > note.played_onset]
        if any(_same(played[at], note) for at in sounding if played[at].onset == note.onset):
            continue
        again = [at for at in sounding if played[at].pitch == note.pitch]
        others = [at for at in sounding if at not in again]
        if len(others) >= voices:
            oldest = min(others, key=lambda at: (played[at].onset, played[at].pitch))
            if played[oldest].onset == note.onset:
                continue
            again.append(oldest)
        for at in again:
            cut = played[at].until(note.onset)
            played[at] = dataclasses.replace(cut, release=note.offset)
        sounding = [at for at in sounding if at not in again] + [len(played)]
        played.append(note)
    return played


def _joined(notes: list[Note]) -> list[Note]:
    """Let each note of one voice that meets the next overlap it, unless the pitch is the same."""

    def end(note: Note, following: Note) -> Note:
        meets = note.end == following.onset and note.pitch != following.pitch
        return _released(note, following.played_onset + OVERLAP * TENTHS) if meets else note

    return [end(*pair) for pair in pairwise(notes)] + notes[-1:]


def _separated(notes: list[Note], gap: int, length: int) -> list[Note]:
    """End each note of one voice `gap` ticks before the next one, or before the next phrase."""
    onsets = [note.played_onset for note in notes[1:]] + [length * TENTHS]
    ends = [onset - gap * TENTHS for onset in onsets]
    shortest = [
        min(note.played_onset + TENTHS, onset) for note, onset in zip(notes, onsets, strict=False)
    ]
    return [
        _released(note, max(least, min(note.played_end, end)))
        for note, end, least in zip(notes, ends, shortest, strict=False)
    ]


def _released(note: Note, tenths: int) -> Note:
    """Return the note with its performed end at `tenths` of a tick.

    The end on the grid is the tick next to it.
    """
    length = max((tenths + TENTHS // 2) // TENTHS - note.onset, 1)
    release = tenths - (note.onset + length) * TENTHS
    return dataclasses.replace(note, duration=length, release=release)


def _onset(note: Note) -> int:
    return note.onset


def _same(one: Note, other: Note) -> bool:
    return (one.onset, one.pitch) == (other.onset, other.pitch)


def opening(profile: Profile, cc: str = "") -> list[Message]:
    """Return the messages that set a synthesizer up: bank, program, `cc` such as `cutoff=80,71=20`.

    Raises `SettingsError` for an invalid controller or value.
    """
    from mido import Message

    banks = ((BANK_MSB, profile.bank.msb), (BANK_LSB, profile.bank.lsb))
    messages = [
        Message("control_change", channel=channel, control=control, value=value)
        for channel in profile.channels
        for control, value in banks
        if value is not None
    ]
    if profile.program is not None:
        messages += [
            Message("program_change", channel=channel, program=profile.program - 1)
            for channel in profile.channels
        ]
    return messages + [
        message
        for name, value in _assignments(cc)
        for message in control_changes(profile, {name: value})
    ]


def control_changes(profile: Profile, values: Mapping[str, Any]) -> list[Message]:
    """Return the messages that set controllers, by name or number, to values of 0-127 (or text).

    Raises `SettingsError` for an invalid controller or value, before any message is returned.
    """
    from mido import Message

    return [
        Message(
            "control_change",
            channel=channel,
            control=_controller(profile, name),
            value=_value(name, value),
        )
        for name, value in values.items()
        for channel in profile.channels
    ]


def _assignments(cc: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, (part.strip() for part in cc.split(","))):
        name, equals, value = part.partition("=")
        if not equals:
            raise SettingsError(
                f"cc {part[:80]!r}: write a controller and its value, such as cutoff=80"
            )
        yield name.strip(), value.strip()


def _controller(profile: Profile, name: str) -> int:
    if name in profile.cc:
        return profile.cc[name]
    # `int` would also accept digits of other alphabets.
    if name.isascii() and name.isdecimal() and len(name) <= 3 and int(name) <= LAST_CONTROLLER:
        return int(name)
    if meant(name, profile.cc) in profile.cc:
        return profile.cc[meant(name, profile.cc)]
    known = f"{', '.join(profile.cc) or 'none by name'}{did_you_mean(name, profile.cc)}"
    raise SettingsError(
        f"cc {name[:80]!r}: not a controller; give a number from 0 to {LAST_CONTROLLER}, or one of"
        f" {profile.name or 'a profile'}: {known}",
    )


def _value(name: str, value: Any) -> int:
    number = parsed(value) if isinstance(value, str) else value
    if type(number) is not int or not 0 <= number <= 127:
        raise SettingsError(f"cc {name[:80]}: {shown(number)} is not a whole number from 0 to 127")
    return number
