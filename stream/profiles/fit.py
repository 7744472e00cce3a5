"""What a phrase becomes on a certain synthesizer, and how that is set up. Pure."""

from __future__ import annotations

import dataclasses
import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from stream.config.bounds import parsed
from stream.errors import SettingsError
from stream.music.note import TICKS_PER_BEAT
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
"""Ticks that a note lasts into the next one where they are joined."""


def fitted(phrase: Phrase, profile: Profile) -> Phrase:
    """The phrase as the synthesizer can play it; its length stays.

    All notes take the channels, the range and the velocities of the profile. On each channel no
    more sound together than it has voices: for a new one the oldest ends, and of those that are
    struck together the lowest are left out. Of notes of one pitch struck together the longest
    stays. Where two parts on a channel hold a pitch, it sounds until the later one lets go. On a
    monosynth, notes that meet are joined or parted as the profile says; where they are joined, one
    sounds on for a tick after the next has begun.
    """
    rest = math.ceil(profile.gap / 60_000 * phrase.bpm * TICKS_PER_BEAT)
    channels: dict[int, list[Note]] = {}
    for note in phrase.notes:
        pitch = folded(note.pitch, profile.low, profile.high)
        fit = dataclasses.replace(note, pitch=pitch, velocity=profile.velocity(note.velocity))
        channels.setdefault(profile.channel_of(note.channel), []).append(fit)
    played: list[Note] = []
    for channel, notes in channels.items():
        voiced = _voiced(_shared(notes, channel), profile.polyphony or len(notes))
        if profile.mono == "legato":
            voiced = _joined(voiced)
        elif profile.mono == "gap":
            voiced = _parted(voiced, rest, phrase.length)
        played += voiced
    return dataclasses.replace(phrase, notes=tuple(sorted(played, key=_onset)))


def _shared(notes: Iterable[Note], channel: int) -> Iterator[Note]:
    """The notes of several parts, by onset and from the highest down, as notes of one channel."""
    ends: dict[int, dict[int, int]] = {}
    for note in sorted(notes, key=lambda note: (note.onset, -note.pitch, -note.duration)):
        others = ends.setdefault(note.pitch, {})
        others[note.channel] = note.end
        held = dataclasses.replace(note, channel=channel)
        yield held.until(max(others.values())) if len(others) > 1 else held


def _voiced(notes: Iterable[Note], voices: int) -> list[Note]:
    """The notes with no more than `voices` at a time, and each pitch struck once at a time.

    `notes` come by onset, those struck together from the highest down, the longest first.
    """
    played: list[Note] = []
    sounding: list[int] = []
    for note in notes:
        sounding = [at for at in sounding if played[at].end > note.onset]
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
            played[at] = played[at].until(note.onset)
        sounding = [at for at in sounding if at not in again] + [len(played)]
        played.append(note)
    return played


def _joined(notes: list[Note]) -> list[Note]:
    """One voice: each note that meets the next lasts a little into it, unless it is the same."""

    def end(note: Note, following: Note) -> Note:
        meets = note.end == following.onset and note.pitch != following.pitch
        return note.until(following.onset + OVERLAP) if meets else note

    return [end(*pair) for pair in pairwise(notes)] + notes[-1:]


def _parted(notes: list[Note], rest: int, length: int) -> list[Note]:
    """One voice: each note ends `rest` ticks before the next begins, or the next phrase may."""
    onsets = [note.onset for note in notes[1:]] + [length]
    return [
        note.until(max(note.onset + 1, min(note.end, onset - rest)))
        for note, onset in zip(notes, onsets, strict=False)
    ]


def _onset(note: Note) -> int:
    return note.onset


def _same(one: Note, other: Note) -> bool:
    return (one.onset, one.pitch) == (other.onset, other.pitch)


def opening(profile: Profile, cc: str = "") -> list[Message]:
    """The messages that set the synthesizer up: bank, program, then `cc`, as `cutoff=80,71=20`.

    Raises `SettingsError` for a controller or a value that there is not.
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
    """The messages that set controllers, named or numbered, to values of 0-127 (or their text).

    Raises `SettingsError` for a controller or a value that there is not; then none is to be set.
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
            raise SettingsError(f"cc {part[:80]!r}: write a controller and its value, as cutoff=80")
        yield name.strip(), value.strip()


def _controller(profile: Profile, name: str) -> int:
    if name in profile.cc:
        return profile.cc[name]
    # `int` would read other alphabets' digits, too.
    if name.isascii() and name.isdecimal() and len(name) <= 3 and int(name) <= LAST_CONTROLLER:
        return int(name)
    if meant(name, profile.cc) in profile.cc:
        return profile.cc[meant(name, profile.cc)]
    known = f"{', '.join(profile.cc) or 'none by name'}{did_you_mean(name, profile.cc)}"
    raise SettingsError(
        f"cc {name[:80]!r}: no controller; give a number from 0 to {LAST_CONTROLLER}, or one of"
        f" {profile.name or 'a profile'}: {known}",
    )


def _value(name: str, value: Any) -> int:
    number = parsed(value) if isinstance(value, str) else value
    if type(number) is not int or not 0 <= number <= 127:
        raise SettingsError(f"cc {name[:80]}: {shown(number)} is not a whole number from 0 to 127")
    return number
