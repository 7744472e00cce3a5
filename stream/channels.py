"""Which MIDI channel each part plays on: `soprano=1,alto=2,tenor=3,bass=4`."""

from __future__ import annotations

from stream.errors import SettingsError

PARTS = ("soprano", "alto", "tenor", "bass")
"""The parts of a chorale, composed on channels 1 to 4. A voice of one part plays the first."""
CHANNELS = range(1, 17)


def parse_channels(text: str) -> tuple[int, ...]:
    """Channel (1-16) of each of `PARTS`; none for an empty text.

    A part that is not named keeps its own, the number of the part. Raises `SettingsError` for a
    part or a channel that there is not.
    """
    if not text.strip():
        return ()
    found = dict(zip(PARTS, CHANNELS, strict=False))
    named: set[str] = set()
    for assignment in text.split(","):
        part, _, channel = (word.strip() for word in assignment.partition("="))
        if part not in PARTS or part in named:
            why = "named twice" if part in named else "no part"
            raise SettingsError(
                f"channels {assignment.strip()[:80]!r}: {part[:40]!r} is {why}; give each of"
                f" {', '.join(PARTS)} a channel at most once, as soprano=1"
            )
        if channel not in {str(number) for number in CHANNELS}:
            raise SettingsError(
                f"channels {assignment.strip()[:80]!r}: {channel[:40]!r} is not a whole number from"
                f" {CHANNELS[0]} to {CHANNELS[-1]}; give the {part} a channel, as {part}=1"
            )
        named.add(part)
        found[part] = int(channel)
    return tuple(found.values())
