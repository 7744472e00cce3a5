"""A tolerant reader of Standard MIDI Files: it skips what is unknown or invalid.

It reads the notes, the name, the meter and the mode of each track. Texts, controllers, system
exclusive messages and escapes are valid and ignored. Chunks of other types and events that the
standard does not know, or that have a wrong size or an impossible value, are skipped and counted by
kind. A file that ends in the middle of a track is damaged.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from stream.errors import CorpusError
from stream.music.midi_track import Track, read_track
from stream.util import regular_file

MOST_BYTES = 2_000_000
"""Most bytes in a file; a symphony has half a million."""
MOST_STRIKES = 200_000
"""Most note-ons and note-offs in a file; a symphony has half as many."""
HEADER = struct.Struct(">HHh")
"""Format, tracks, ticks in a quarter note (negative: time code)."""


@dataclass(frozen=True, slots=True)
class MidiFile:
    """All tracks of a file."""

    ticks_per_beat: int
    tracks: tuple[Track, ...]
    skipped: Mapping[str, int]
    """Count of each kind of skipped part."""

    @property
    def bpm(self) -> float:
        """Quarter notes a minute, by the first tempo; 0 without one."""
        tempo = next((track.tempo for track in self.tracks if track.tempo), 0)
        return 60e6 / tempo if tempo else 0.0


def read(path: Path) -> MidiFile:
    """Return the content of a file.

    Raises `CorpusError` if it cannot be read, is not a MIDI file, ends in the middle of a track, is
    in time code, or has more bytes or notes than any music.
    """
    return _Reader(path, content_of(path)).read()


def content_of(path: Path) -> bytes:
    """Return the bytes of a file. Raises `CorpusError` if it is unreadable or too large."""
    try:
        return regular_file.read(path, MOST_BYTES, "music")
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror})") from error


class _Reader:
    """A reader of the chunks of a file."""

    def __init__(self, path: Path, content: bytes) -> None:
        self.path, self.content = path, content
        self.skipped: Counter[str] = Counter()
        self.tracks: list[Track] = []
        self.header: tuple[int, int, int] | None = None
        self.strikes = 0
        self.at = 0

    def read(self) -> MidiFile:
        for kind, size in self._chunks():
            self.at += self._chunk(kind, size)
        if self.header is None:
            raise self._unreadable("it has no header MThd")
        _, track_count, ticks = self.header
        if track_count and not self.tracks:
            raise self._unreadable("it ends before its first track")
        if ticks <= 0:
            raise CorpusError(
                f"{self.path}: {ticks} ticks a quarter note; at least 1 is needed, "
                "so save it again with musical time instead of time code"
            )
        return MidiFile(ticks, tuple(self.tracks), dict(self.skipped))

    def _chunks(self) -> Iterator[tuple[bytes, int]]:
        """Yield type and size of each chunk, whose body begins here; stray bytes are skipped."""
        self._skip_riff()
        while self.at + 8 <= len(self.content):
            kind = self.content[self.at : self.at + 4]
            if self._is_kind(kind):
                size = int.from_bytes(self.content[self.at + 4 : self.at + 8], "big")
                self.at += 8
                yield kind, size
            else:
                self.skipped["stretch of stray bytes"] += 1
                following = self.content.find(b"MTrk" if self.header else b"MThd", self.at)
                self.at = following if following >= 0 else len(self.content)

    def _chunk(self, kind: bytes, size: int) -> int:
        """Read the body of a chunk; return its true size."""
        if kind == b"MTrk" and self.header:
            return self._track(size)
        if kind == b"MThd" and self.header is None and self._is_header(size):
            self.header = HEADER.unpack_from(self.content, self.at)
        else:
            self.skipped["chunk of another type"] += 1
        return size

    @staticmethod
    def _is_kind(four: bytes) -> bool:
        """Return True if these bytes may be the type of a chunk."""
        return len(four) == 4 and four.isascii() and four.decode("ascii").isprintable()

    def _is_header(self, size: int) -> bool:
        return size >= HEADER.size and self.at + HEADER.size <= len(self.content)

    def _skip_riff(self) -> None:
        """Skip to the MIDI file in a RIFF file, which holds it in a chunk of its own."""
        if self.content.startswith(b"RIFF") and self.content[8:12] == b"RMID":
            self.at = max(self.content.find(b"MThd"), 0)

    def _track(self, size: int) -> int:
        """Read a track; return its size, or that of its events if the file states a wrong one."""
        end = min(self.at + size, len(self.content))
        track, ended, track_end = self._events(end)
        if self.at + size > end and not ended:
            raise self._unreadable("it ends too early, in the middle of a track")
        self.tracks.append(track)
        self.strikes += len(track.strikes)
        if self.strikes > MOST_STRIKES:
            raise CorpusError(
                f"{self.path}: more than {MOST_STRIKES} note-ons and note-offs, more than "
                "any music; leave it out"
            )
        is_wrong = ended and (track_end > end or self.content.startswith(b"MTrk", track_end))
        return track_end - self.at if is_wrong else size

    def _events(self, end: int) -> tuple[Track, bool, int]:
        """Return `read_track` up to `end`, or beyond it if the track has its end mark there."""
        skipped: Counter[str] = Counter()
        found = read_track(self.content, self.at, end, skipped)
        next_track = self.content.find(b"MTrk", end)
        next_track = next_track if next_track >= 0 else len(self.content)
        if not found[1] and end < next_track and not self._is_kind(self.content[end : end + 4]):
            skipped_beyond: Counter[str] = Counter()
            beyond = read_track(self.content, self.at, next_track, skipped_beyond)
            found, skipped = (beyond, skipped_beyond) if beyond[1] else (found, skipped)
        self.skipped += skipped
        return found

    def _unreadable(self, reason: str) -> CorpusError:
        return CorpusError(f"{self.path}: not a readable MIDI file ({reason})")
