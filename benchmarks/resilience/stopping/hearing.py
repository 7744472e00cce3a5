"""Notes that sound at a receiver, found from the bytes it received."""

from __future__ import annotations

from typing import Protocol

from stream.play.sinks.base import ALL_NOTES_OFF, ALL_SOUND_OFF


class Receiver(Protocol):
    """A capture at an output."""

    @property
    def data(self) -> bytes: ...

    @property
    def stamps(self) -> list[float]: ...


def starts(data: bytes) -> list[int]:
    """Return the indices of the messages of three bytes that begin a note."""
    return [i for i, status in enumerate(data[::3]) if status >> 4 == 0x9]


def sounding(data: bytes, *, sweep: bool = False) -> set[tuple[int, int]]:
    """Return channel and pitch of the notes that have begun and whose note-off did not arrive.

    With `sweep`, "all notes off" and "all sound off" end notes as well.
    """
    notes: set[tuple[int, int]] = set()
    for at in range(0, len(data) - 2, 3):
        key = (data[at] & 0xF, data[at + 1])
        if data[at] >> 4 == 0x9:
            notes.add(key)
        elif data[at] >> 4 == 0x8:
            notes.discard(key)
        elif sweep and data[at] >> 4 == 0xB and data[at + 1] in {ALL_SOUND_OFF, ALL_NOTES_OFF}:
            notes = {note for note in notes if note[0] != key[0]}
    return notes
