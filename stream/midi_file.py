"""Standard MIDI files, read tolerantly: what is no music, or makes no sense, is passed over.

Read are the notes, the name, the metre and the mode of each track. Texts, controllers, system
exclusive messages and escapes are valid and of no interest here. Chunks of other types and events
that the standard does not know, or that have a wrong size or an impossible value, cost nothing but
themselves; they are counted by kind. A file that ends in the middle of a track is damaged.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from stream.errors import CorpusError
from stream.midi_track import Track, read_track

MOST_BYTES = 2_000_000
"""In a file; a symphony has half a million."""
MOST_STRIKES = 200_000
"""Note-ons and note-offs in a file; a symphony has half of them."""
HEADER = struct.Struct(">HHh")
"""Format, tracks, ticks in a quarter note (negative: time code)."""


@dataclass(frozen=True, slots=True)
class MidiFile:
    """All tracks of a file."""

    ticks_per_beat: int
    tracks: tuple[Track, ...]
    passed_over: Mapping[str, int]
    """How often each kind of oddity was met."""


def read(path: Path) -> MidiFile:
    """The content of a file.

    Raises `CorpusError` where it can not be read, is no MIDI file, ends in the middle of a track,
    is in time code, or has more bytes or notes than any music.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CorpusError(f"{path}: can not be read ({error.strerror or error})") from error
    if len(content) > MOST_BYTES:
        raise CorpusError(f"{path}: over {MOST_BYTES} bytes; no music needs them: leave it out")
    return _Reader(path, content).read()


class _Reader:
    """Goes through the chunks of a file."""

    def __init__(self, path: Path, content: bytes) -> None:
        self.path, self.content = path, content
        self.odd: Counter[str] = Counter()
        self.tracks: list[Track] = []
        self.strikes = 0

    def read(self) -> MidiFile:
        ticks, announced = 0, 0
        found = False
        for kind, body, whole in self._chunks():
            if kind == b"MThd" and not found and len(body) >= HEADER.size:
                found = True
                _, announced, ticks = HEADER.unpack_from(body)
            elif kind == b"MTrk" and found:
                self._track(body, whole=whole)
            else:
                self.odd["chunk of another type"] += 1
        if not found:
            raise self._unreadable("it has no header MThd")
        if announced and not self.tracks:
            raise self._unreadable("it ends before its first track")
        if ticks <= 0:
            raise CorpusError(
                f"{self.path}: {ticks} ticks a quarter note; at least 1 is needed, "
                "so save it again with musical time instead of time code"
            )
        return MidiFile(ticks, tuple(self.tracks), dict(self.odd))

    def _chunks(self) -> Iterator[tuple[bytes, bytes, bool]]:
        """(type, body, whether all of the body is there) of each chunk."""
        at = self._begin()
        while at + 8 <= len(self.content):
            kind = self.content[at : at + 4]
            if not (kind.isascii() and kind.decode("ascii").isprintable()):
                self.odd["stretch of stray bytes"] += 1
                at = self.content.find(b"MTrk", at)
                if at < 0:
                    return
                continue
            size = int.from_bytes(self.content[at + 4 : at + 8], "big")
            at += 8
            yield kind, self.content[at : at + size], at + size <= len(self.content)
            at += size

    def _begin(self) -> int:
        """The first chunk; a RIFF file has the whole MIDI file in a chunk of its own."""
        riff = self.content.startswith(b"RIFF") and self.content[8:12] == b"RMID"
        return max(self.content.find(b"MThd"), 0) if riff else 0

    def _track(self, body: bytes, *, whole: bool) -> None:
        track, ended = read_track(body, self.odd)
        if not whole and not ended:
            raise self._unreadable("it ends too early, in the middle of a track")
        self.tracks.append(track)
        self.strikes += len(track.strikes)
        if self.strikes > MOST_STRIKES:
            raise CorpusError(
                f"{self.path}: over {MOST_STRIKES} note-ons and note-offs; no music needs them: "
                "leave it out"
            )

    def _unreadable(self, reason: str) -> CorpusError:
        return CorpusError(f"{self.path}: no readable MIDI file ({reason})")
