"""Keeps whole tunes: one that still plays is written when it ends, from its phrases in memory.

Faults of the disk are reported and not raised: the music plays on.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections import OrderedDict
from itertools import islice
from typing import TYPE_CHECKING, Final

from stream.errors import RecordingError, SinkError, StreamError
from stream.kept.facts import read
from stream.kept.favourites import Favourites
from stream.kept.stars import Stars
from stream.play.recording.kept_file import PlayedEntry, TuneToKeep, read_parts, stem_of
from stream.play.recording.taste_learner import TasteLearner
from stream.util import atomic_write
from stream.util.unused_name import numbered

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from stream.music.favourite import Favourite
    from stream.play.recording.format import Played
    from stream.play.recording.sections import Section

MOST_TUNES: Final = 3
"""Number of the last tunes that can be kept."""
MOST_KEPT: Final = 2000
"""Largest number of kept tunes."""
MOST_WAITING: Final = 8
"""Largest number of tunes that wait to be kept or to be played again."""
FREE_BYTES, FREE_SHARE = 64 * 2**20, 20
"""Bytes of the disk, or share (1/n) of a small disk, that kept tunes leave free."""
NUMBER: Final = re.compile(r"(\d{4,9})\b.*\.mid")


class Keeper:
    """The kept tunes of `folder`; `notices` takes messages for the listener."""

    def __init__(self, folder: Path, notices: deque[str]) -> None:
        self.folder = folder
        self.revision = 0
        """Number of changes of the folder."""
        self.loaded: list[tuple[str, list[Played]]] = []
        """Name and parts of the tunes that are to be played again; the reader removes them."""
        self.favourites: tuple[Favourite, ...] = ()
        """The favourites that later tunes may return to."""
        self.learner = TasteLearner(folder, notices)
        self._notices = notices
        self._recent: OrderedDict[int, list[PlayedEntry]] = OrderedDict()
        """The parts of the last tunes, by number."""
        self._ended: set[int] = set()
        """Numbers of those of the last tunes that have ended."""
        self._asked: dict[int, int] = {}
        """Stars of the tunes that are to be kept once they end, 0 without any, by number."""
        self._written: dict[int, Path] = {}
        """Files of the last tunes that are kept."""

    @property
    def waiting(self) -> list[int]:
        """Numbers of the tunes that are kept once they end."""
        return sorted(self._asked)

    def ask(self, tune: int, stars: int = 0) -> None:
        """Have a tune kept when it has ended. Raises `SinkError` if it is no longer in memory."""
        if len(self._asked) >= MOST_WAITING:
            raise SinkError(f"keep: {MOST_WAITING} tunes wait to be written; try again in a minute")
        if tune not in self._recent and self._recent and tune < next(reversed(self._recent)):
            raise SinkError(
                f"keep: tune {tune + 1} is no longer in memory; the last {MOST_TUNES} tunes are"
            )
        self._asked[tune] = stars or self._asked.get(tune, 0)

    def add(self, section: Section, played: Played) -> None:
        """Note a part that was just added to a section."""
        if played.repeat or section.previous is None:
            return
        tune = played.source.tune
        if tune not in self._recent:
            self._ended |= set(self._recent)
            self._recent[tune] = []
            while len(self._recent) > MOST_TUNES:
                old, _ = self._recent.popitem(last=False)
                self._ended.discard(old)
                self._asked.pop(old, None)
                self._written.pop(old, None)
        self._recent[tune].append(PlayedEntry(section.entries[-1], played, section.previous))
        if played.source.closing and played.finish == played.source.length:
            self._ended.add(tune)

    def ended(self, sections: Sequence[Section]) -> Iterator[TuneToKeep]:
        """Yield the tunes that are to be kept and have ended, or have been kept before."""
        for tune in [tune for tune in self._asked if tune in self._ended]:
            yield self._to_keep(sections, tune)

    def unfinished(self, sections: Sequence[Section]) -> Iterator[TuneToKeep]:
        """Yield the tunes that are to be kept though the music ends before them."""
        for tune in [tune for tune in self._asked if self._recent.get(tune)]:
            yield self._to_keep(sections, tune)

    def write(self, tune: TuneToKeep) -> None:
        """Write the file of a tune; the thread that writes calls this."""
        number = tune.parts[0].played.source.tune
        try:
            path = self._written.get(number) or self._write_new(tune)
            self._written[number] = path
            if tune.stars:
                Stars(self.folder).put(path.name, tune.stars)
                self.learner.learn()
        except OSError as error:
            self._notices.append(
                f"kept tunes in {self.folder}: tune {number + 1} cannot be kept"
                f" ({error.strerror}); the music continues"
            )
        self.revision += 1

    def rate(self, name: str, stars: int) -> None:
        """Store the stars of a kept tune; the thread that writes calls this."""
        try:
            Stars(self.folder).put(name, stars)
            self.learner.learn()
        except OSError as error:
            self._notices.append(f"{self.folder / name}: stars cannot be stored ({error.strerror})")
        self.revision += 1

    def like(self, name: str) -> None:
        """Make a kept tune a favourite; the thread that writes calls this."""
        self._change_favourites(lambda own: own.put(name, read(self.folder / name)[0]))

    def unlike(self, name: str) -> None:
        """Make a kept tune no favourite any more; the thread that writes calls this."""
        self._change_favourites(lambda own: own.remove(name))

    def read_favourites(self) -> None:
        """Read the favourites; the thread that writes calls this."""
        self.favourites = Favourites(self.folder).all()

    def _change_favourites(self, change: Callable[[Favourites], None]) -> None:
        try:
            change(Favourites(self.folder))
        except StreamError as error:
            self._notices.append(str(error))
        except OSError as error:
            self._notices.append(f"{self.folder}: favourites cannot be stored ({error.strerror})")
        self.read_favourites()
        self.revision += 1

    def load(self, name: str) -> None:
        """Read a kept tune that is to be played again; the thread that writes calls this."""
        try:
            self.loaded.append((name, read_parts(self.folder / name)))
        except StreamError as error:
            self._notices.append(str(error))

    def path_of(self, name: str) -> Path:
        """Return the path of a kept tune. Raises `RecordingError` for another name."""
        if os.sep in name or not NUMBER.fullmatch(name):
            raise RecordingError(f"{name[:80]!r}: is not the name of a kept tune")
        return self.folder / name

    def _to_keep(self, sections: Sequence[Section], tune: int) -> TuneToKeep:
        parts = self._recent[tune]
        first, last = parts[0].entry, parts[-1].entry
        begin = next(n for n, s in enumerate(sections) if any(e is first for e in s.entries))
        entries = [entry for section in islice(sections, begin, None) for entry in section.entries]
        end = next(number for number, entry in enumerate(entries) if entry is last) + 1
        header = sections[begin].header
        return TuneToKeep(header, tuple(entries[:end]), tuple(parts), self._asked.pop(tune))

    def _write_new(self, tune: TuneToKeep) -> Path:
        """Write the file of a tune under a name that is free. Raises `OSError`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        numbers = [int(m[1]) for p in self.folder.iterdir() if (m := NUMBER.fullmatch(p.name))]
        if len(numbers) >= MOST_KEPT:
            raise OSError(errno.EDQUOT, f"{MOST_KEPT} tunes are kept; delete some")
        facts, data = tune.data()
        self._check_room(len(data))
        path = self.folder / f"{stem_of(max(numbers, default=0) + 1, facts)}.mid"
        for free in numbered(path):
            with contextlib.suppress(FileExistsError):
                atomic_write.create_durably(free, data)
                break
        self._notices.append(f"kept: {facts.title} ({free.name})")
        return free

    def _check_room(self, size: int) -> None:
        """Raise `OSError` if a file of `size` bytes would leave too little of the disk free."""
        disk = os.statvfs(self.folder)
        reserve = min(FREE_BYTES, disk.f_blocks * disk.f_frsize // FREE_SHARE)
        if disk.f_bavail * disk.f_frsize < reserve + size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
