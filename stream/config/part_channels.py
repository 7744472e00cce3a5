"""Syntax of the MIDI channels of the parts: `soprano=1,alto=2` or `melody=1,chords=2,bass=3`."""

from __future__ import annotations

from stream.errors import SettingsError
from stream.util.suggestion import did_you_mean, meant

CHORALE = ("soprano", "alto", "tenor", "bass")
"""Parts of a chorale, composed on channels 1 to 4. A voice of one part plays the first."""
LEAD_SHEET = ("melody", "chords", "bass")
"""Parts of a lead sheet, composed on channels 1 to 3."""
PARTS = tuple(dict.fromkeys(CHORALE + LEAD_SHEET))
CHANNELS = range(1, 17)


def parse_channels(text: str) -> tuple[int, ...]:
    """Return the channel (1-16) of each part, or an empty tuple for an empty text.

    The parts are those of a lead sheet if its melody or its chords are named, else those of a
    chorale. A part that is not named keeps its own channel, the number of the part. Raises
    `SettingsError` for an unknown part, an invalid channel, or parts of both kinds.
    """
    if not text.strip():
        return ()
    named: dict[str, int] = {}
    for assignment in text.split(","):
        part, channel = _assigned(assignment, named)
        named[part] = channel
    parts = CHORALE if named.keys() <= set(CHORALE) else LEAD_SHEET
    if foreign := sorted(named.keys() - set(parts)):
        raise SettingsError(
            f"channels {text.strip()[:80]!r}: {foreign[0]} is a part of a chorale, but a lead"
            f" sheet has {', '.join(LEAD_SHEET)}; give the parts of one of them"
        )
    return tuple(named.get(part, number) for number, part in enumerate(parts, 1))


def named_parts(text: str) -> list[tuple[str, int]]:
    """Return the parts that a valid text names, each with its number, from 1, among its kind."""
    typed = [assignment.partition("=")[0].strip() for assignment in text.split(",") if text.strip()]
    parts = [meant(part, PARTS) for part in typed]
    kind = CHORALE if set(parts) <= set(CHORALE) else LEAD_SHEET
    return [(part, kind.index(part) + 1) for part in parts]


def _assigned(assignment: str, named: dict[str, int]) -> tuple[str, int]:
    """Return the part and the channel of an assignment that follows those in `named`."""
    typed, _, channel = (word.strip() for word in assignment.partition("="))
    part = meant(typed, PARTS)
    if part not in PARTS or part in named:
        hint = "" if part in named else did_you_mean(part, PARTS)
        why = "given twice" if part in named else "not a part"
        raise SettingsError(
            f"channels {assignment.strip()[:80]!r}: {part[:40]!r} is {why}; give each of"
            f" {', '.join(PARTS)} one channel, such as soprano=1{hint}"
        )
    if channel not in {str(number) for number in CHANNELS}:
        raise SettingsError(
            f"channels {assignment.strip()[:80]!r}: {channel[:40]!r} is not a whole number from"
            f" {CHANNELS[0]} to {CHANNELS[-1]}; give the {part} a channel, such as {part}=1"
        )
    return part, int(channel)
