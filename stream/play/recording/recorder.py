"""The recorder: always on, and bounded.

What is played is kept in memory for an hour, to be saved when a listener has liked it, and in a
folder for some hours: rolling recordings of about ten minutes, of which the oldest are deleted.
Each begins where a phrase was composed from its history alone, so that it can be composed again
without all the music before it. A thread writes; a disk that is full or gone costs recordings,
never a note.
"""

from __future__ import annotations

import dataclasses
import time
from collections import deque
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from stream.errors import SinkError
from stream.play.control.rating import Rater, Rating
from stream.play.recording.format import Header, Part, Played, sealed, whole
from stream.play.recording.rotating_folder import Beginning, RotatingFolder
from stream.play.recording.sections import Section, last, of_tune
from stream.play.recording.writer_thread import WriterThread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stream.play.observer import Slot

SECTION_SECONDS = 540.0
"""Of music, after which a recording ends at the next phrase that needs none before it ..."""
PER_HOUR = 6
"""... so that there are at most so many in an hour."""
KEPT_SECONDS = 3600.0
"""Of music that are kept in memory."""
MOST_SAVES = 4
"""Files that are made in one phrase, and that may wait to be written at a time."""
KINDS = {"save": "saved", "stars": "rated"}
"""How the names of files begin, by what was asked for."""
LOT, REST_SECONDS = 16, 0.0005
"""Parts that are put together at a time, and the rest behind them."""


def played(slot: Slot) -> Played | None:
    """What a slot of the queue has played, once its end is known; None where that is nothing."""
    source, controls = slot.source, slot.controls
    if source is None or controls is None or slot.finish <= slot.begin:
        return None
    request = None
    if slot.before is not None:
        request = dataclasses.replace(slot.before.request, parent=source.parent)
    # Somebody else may have kept the time.
    controls = dataclasses.replace(controls, bpm=slot.phrase.bpm)
    return Played(source, request, slot.begin, slot.finish, controls, repeat=slot.repeat)


class Recorder:
    """Keeps what was `played` by the composer that `header` tells of, for so many hours.

    Raises `SinkError` where the system has no thread left for it.
    """

    def __init__(self, folder: Path, header: Header, hours: float) -> None:
        self._folder = folder
        self._header = header
        self._sections: deque[Section] = deque()
        self._count = 0
        self._shelf = RotatingFolder(folder, max(ceil(hours * PER_HOUR), 1))
        self.notices = self._shelf.notices
        """What the listener should know; whoever tells it takes it out."""
        self._rater = Rater(self.notices)
        self._made: dict[str, _Made] = {}
        """The last file that was asked for by each verb."""
        self._writing: set[Path] = set()
        try:
            self._safekeeping: WriterThread[bytes | Callable[[], None]] = WriterThread(
                self._shelf.keep
            )
        except OSError as error:
            raise SinkError(f"--record: no thread to record by ({error.strerror})") from error

    def change(self, header: Header) -> None:
        """Another voice composes from the next phrase on."""
        self._header = header

    def keep(self, slot: Slot) -> None:
        """Keep what a slot of the queue has played, once its end is known. Does not wait."""
        if what := played(slot):
            self.played(what)

    def played(self, what: Played) -> None:
        """Keep a part of a phrase. Does not wait."""
        section = self._section(what)
        if not self._sections or section is not self._sections[-1]:
            self._begin(section)
        self._count += 1
        data, section.checksum = sealed(section.add(what), section.checksum)
        self._safekeeping.put(data)

    def save(self, minutes: float, sounding: Played | None = None) -> Path:
        """Have the last minutes written to a file of their own, which is there in a second.

        `sounding` is what has been heard of the phrase that sounds: it is among them. Asked again
        before more was played, it is the same file. Raises `SinkError` where nothing was played, or
        nothing can be written.
        """
        if not self._count and sounding is None:
            raise SinkError("save: nothing was played yet; wait for the first note")
        heard = (minutes, self._count, sounding and (sounding.source.index, sounding.finish))
        if (known := self._known("save", heard)) is not None:
            return known.path
        parts = last(self._with(sounding), 60.0 * minutes)
        return self._put("save", heard, parts, lambda _: None)

    def rate(self, tune: int, stars: int, sounding: Played | None = None) -> Path:
        """Have a tune written to a file of its own, and 1-5 stars for it kept with its notes.

        Asked again in the same phrase, it is the same file, and the last stars count. Raises
        `SinkError` where the tune was not played in the last hour, or nothing can be written.
        """
        if self._rater.full:
            raise SinkError("stars: many ratings wait to be kept; try again in a minute")
        parts, style = of_tune(self._with(sounding), tune)
        if not parts:
            raise SinkError(f"stars: tune {tune + 1} is not among those of the last hour")
        rating = Rating(stars, style)
        rated = partial(self._rater.put, rating=rating)
        heard = (tune, self._count)
        if (known := self._known("stars", heard)) is not None:
            self._safekeeping.put(partial(known.once_more, rated))
            return known.path
        return self._put("stars", heard, parts, rated)

    def close(self) -> None:
        """Wait until all is written, but for no disk that hangs, and no rating that takes long."""
        try:
            self._safekeeping.close()
            self._shelf.close()
        except OSError as error:
            self.notices.append(f"recordings in {self._folder}: {error.strerror}")
        self._rater.close()

    def _section(self, what: Played) -> Section:
        """The one that a part belongs to: the last, or a new one."""
        section = self._sections[-1] if self._sections else None
        if section is None or (_is_fresh(what) and self._is_over(section)):
            return Section(self._header)
        return section

    def _begin(self, section: Section) -> None:
        self._sections.append(section)
        seconds = sum(each.seconds for each in self._sections)
        while seconds - self._sections[0].seconds > KEPT_SECONDS:
            seconds -= self._sections.popleft().seconds
        self._shelf.number += 1
        data, section.checksum = sealed(section.entries[0].part, 0)
        self._safekeeping.put(Beginning(self._shelf.number, data))

    def _is_over(self, section: Section) -> bool:
        return section.seconds >= SECTION_SECONDS or section.header != self._header

    def _with(self, sounding: Played | None) -> list[Section]:
        """All that is in memory, and what sounds behind it."""
        sections = list(self._sections)
        if sounding is not None:
            section = self._section(sounding)
            if sections and section is sections[-1]:
                section = sections.pop().fork()
            section.add(sounding)
            sections.append(section)
        return sections

    def _known(self, verb: str, heard: object) -> _Made | None:
        """The last file of that kind, if it was made of the same. Raises `SinkError`."""
        if self._shelf.fault:
            fault = self._shelf.fault
            raise SinkError(f"{verb}: {fault}; give a folder with room: --recordings DIR")
        if (made := self._made.get(verb)) and made.heard == heard:
            return made
        many = made and made.count == self._count and made.number >= MOST_SAVES
        if many or len(self._writing) >= MOST_SAVES:
            raise SinkError(f"{verb}: {MOST_SAVES} files were made in this phrase; try the next")
        return None

    def _put(
        self, verb: str, heard: object, parts: Sequence[Part], then: Callable[[Path], None]
    ) -> Path:
        """Have a file written by the thread, which calls `then` with its path."""
        stem = f"{KINDS[verb]}-{self._shelf.number:06}-{self._count}{self._shelf.suffix}"
        before = self._made.get(verb)
        number = before.number + 1 if before and before.count == self._count else 1
        name = f"{stem}-{number}" if number > 1 else stem
        path = self._folder / f"{name}.mid"
        file = self._made[verb] = _Made(heard, self._count, number, path)
        self._writing.add(path)
        self._safekeeping.put(partial(self._write, verb, file, parts, then))
        return path

    def _write(
        self, verb: str, file: _Made, parts: Sequence[Part], then: Callable[[Path], None]
    ) -> None:
        file.there = self._shelf.write(file.path, whole(_unhurried(parts)))
        self._writing.discard(file.path)
        if file.there != file.path and self._made[verb] is file:
            del self._made[verb]  # who asks again is given another file
        file.once_more(then)


@dataclass(slots=True)
class _Made:
    """A file that was asked for."""

    heard: object
    """What it holds."""
    count: int
    """Of the parts that were played before ..."""
    number: int
    """... and of the files that were made since."""
    path: Path
    """Where it was to be ..."""
    there: Path | None = None
    """... and where it is, once the thread has written it; None: nowhere."""

    def once_more(self, then: Callable[[Path], None]) -> None:
        """Call `then` with the file's path; to be done by the thread, behind the writing."""
        if self.there is not None:
            then(self.there)


def _is_fresh(what: Played) -> bool:
    """Whether nothing before it is needed to compose it."""
    request = what.request
    whole = not what.repeat and what.begin == 0
    return whole and request is not None and request.parent < 0


def _unhurried(parts: Sequence[Part]) -> Iterator[Part]:
    """The same parts, with rests in between: a note may be due in the other thread."""
    for number, part in enumerate(parts):
        if number % LOT == 0:
            time.sleep(REST_SECONDS)
        yield part
