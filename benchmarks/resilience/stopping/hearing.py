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


STATUS = 0x80
"""Bit of the first byte of a message."""
NOTE_BYTES = 3


def messages(data: bytes) -> list[bytes]:
    """Return the messages of a line without running status, the last one maybe incomplete."""
    begins = [at for at, byte in enumerate(data) if byte & STATUS]
    return [data[a:b] for a, b in zip(begins, [*begins[1:], len(data)], strict=False)]


def starts(data: bytes) -> list[int]:
    """Return the indices of the messages that begin a note."""
    return [i for i, message in enumerate(messages(data)) if message[0] >> 4 == 0x9]


def sounding(data: bytes, *, sweep: bool = False) -> set[tuple[int, int]]:
    """Return channel and pitch of the notes that have begun and whose note-off did not arrive.

    With `sweep`, "all notes off" and "all sound off" end notes as well.
    """
    notes: set[tuple[int, int]] = set()
    for message in messages(data):
        if len(message) < NOTE_BYTES:
            continue
        kind, channel, number = message[0] >> 4, message[0] & 0xF, message[1]
        if kind == 0x9:
            notes.add((channel, number))
        elif kind == 0x8:
            notes.discard((channel, number))
        elif sweep and kind == 0xB and number in {ALL_SOUND_OFF, ALL_NOTES_OFF}:
            notes = {note for note in notes if note[0] != channel}
    return notes
