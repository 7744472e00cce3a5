"""The recorder: always on, and bounded in size.

What is played is stored in memory for an hour, to be saved when a listener asks for it, and in a
folder for some hours: rolling recordings of about ten minutes, of which the oldest are deleted.
Each begins with a phrase that was composed from its history alone, so that it can be composed
again without the music before it. A thread writes: a full disk loses recordings, never a note.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from functools import partial
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from stream.errors import SinkError
from stream.play.recording.format import Part, Played, encoded, file_bytes
from stream.play.recording.header import Header
from stream.play.recording.keeper import Keeper
from stream.play.recording.rating import Rater, Rating
from stream.play.recording.rotating_folder import NewFile, RotatingFolder
from stream.play.recording.saved_file import SavedFile, with_pauses
from stream.play.recording.sections import Section, last_parts, tune_parts
from stream.play.recording.writer_thread import WriterThread
from stream.util.unused_name import unused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from stream.play.observer import Slot
    from stream.play.recording.kept_file import TuneToKeep

SECTION_SECONDS = 540.0
"""Seconds of music after which a recording ends, at the next phrase that has no parent."""
PER_HOUR = 6
"""Largest number of rolling recordings in an hour, as follows from `SECTION_SECONDS`."""
HISTORY_SECONDS = 3600.0
"""Seconds of music that are stored in memory."""
MOST_SAVES = 4
"""Largest number of files saved during one phrase, and of files that may wait to be written."""
KEPT = "kept"
"""Name of the folder of kept tunes, beside that of the recordings."""
PREFIXES = {"save": "saved", "stars": "rated"}
"""First word of the file names, by the command that asked for the file."""


def played_part(slot: Slot) -> Played | None:
    """Return what a slot has played, once its end is known; None if nothing."""
    source, controls = slot.source, slot.controls
    if source is None or controls is None or slot.finish <= slot.begin:
        return None
    request = None
    if slot.before is not None:
        request = dataclasses.replace(slot.before.request, parent=source.parent)
    if slot.phrase.bpm != controls.tempo(source):  # an external clock has set it
        controls = dataclasses.replace(controls, bpm=slot.phrase.bpm)
    digest = slot.ensemble.digest if slot.ensemble else ""
    return Played(source, request, slot.begin, slot.finish, controls, slot.repeat, digest)


class Recorder:
    """Records what the composer named in `header` composes; the folder holds `hours` of it.

    Kept tunes are in `kept`, or beside the recordings. Raises `SinkError` without another thread.
    """

    def __init__(
        self, folder: Path, header: Header, hours: float, kept: Path | None = None
    ) -> None:
        self._folder = folder
        self._header = header
        self._sections: deque[Section] = deque()
        self._count = 0
        self._folder_files = RotatingFolder(folder, max(ceil(hours * PER_HOUR), 1))
        self.notices = self._folder_files.notices
        """Messages for the listener; the reader removes them."""
        self.keeper = Keeper(kept or folder.parent / KEPT, self.notices)
        self._rater = Rater(self.notices)
        self._saved: dict[str, SavedFile] = {}
        """The last file that each command asked for."""
        self._writing: set[Path] = set()
        try:
            self._writer: WriterThread[bytes | Callable[[], None]] = WriterThread(
                self._folder_files.process
            )
        except OSError as error:
            raise SinkError(f"--record: no thread available ({error.strerror})") from error
        self._writer.put(self.keeper.read_favourites)

    def change(self, header: Header) -> None:
        """Use another header: a different voice composes from the next phrase on."""
        self._header = header

    def record(self, slot: Slot) -> None:
        """Record what a slot has played, once its end is known. Does not wait."""
        if part := played_part(slot):
            self.record_part(part)

    def record_part(self, part: Played) -> None:
        """Record a part of a phrase. Does not wait."""
        section = self._section(part)
        if not self._sections or section is not self._sections[-1]:
            self._begin(section)
        self._count += 1
        data, section.checksum = encoded(section.add(part), section.checksum)
        self._writer.put(data)
        self.keeper.add(section, part)
        self._write_kept(self.keeper.ended(self._sections))

    def keep(self, tune: int, stars: int = 0) -> None:
        """Keep a tune whole: once it ends if it still plays, or with the music.

        Raises `SinkError` for a tune that is no longer in memory.
        """
        self.keeper.ask(tune, stars)
        self._write_kept(self.keeper.ended(self._sections))

    def ask(self, action: Callable[[str], None], name: str) -> None:
        """Have the thread do something with a kept tune, such as `keeper.load`.

        Raises `RecordingError` if this is not the name of one.
        """
        self.keeper.path_of(name)
        self._writer.put(partial(action, name))

    def save(self, minutes: float, current: Played | None = None) -> Path:
        """Start writing the last minutes to a file of their own, and return its path.

        `current` is the part of the current phrase that was played; it is included. If nothing was
        played since the last call, the same file is returned. Raises `SinkError` if nothing was
        played, or nothing can be written.
        """
        if not self._count and current is None:
            raise SinkError("save: nothing was played yet; wait for the first note")
        content = (minutes, self._count, current and (current.source.index, current.finish))
        if (existing := self._existing("save", content)) is not None:
            return existing.path
        parts = last_parts(self._including(current), 60.0 * minutes)
        return self._write_later("save", content, parts, lambda _: None)

    def rate(self, tune: int, stars: int, current: Played | None = None) -> Path:
        """Start writing a tune to a file of its own, and store 1-5 stars for it with its notes.

        A second call in the same phrase returns the same file, and its stars count. Raises
        `SinkError` if the tune was not played in the last hour, or nothing can be written.
        """
        if self._rater.full:
            raise SinkError("stars: too many ratings wait to be stored; try again in a minute")
        parts, style = tune_parts(self._including(current), tune)
        if not parts:
            raise SinkError(f"stars: tune {tune + 1} was not played in the last hour")
        rating = Rating(stars, style)
        rated = partial(self._rater.put, rating=rating)
        content = (tune, self._count)
        if (existing := self._existing("stars", content)) is not None:
            self._writer.put(partial(existing.call_when_written, rated))
            return existing.path
        return self._write_later("stars", content, parts, rated)

    def close(self) -> None:
        """Wait until everything is written, unless the disk hangs or a rating takes too long."""
        try:
            self._write_kept(self.keeper.unfinished(self._sections))
            self._writer.close()
            self._folder_files.close()
        except OSError as error:
            self.notices.append(f"recordings in {self._folder}: {error.strerror}")
        self._rater.close()
        self.keeper.learner.close()

    def _write_kept(self, tunes: Iterable[TuneToKeep]) -> None:
        for tune in tunes:
            self._writer.put(partial(self.keeper.write, tune))

    def _section(self, part: Played) -> Section:
        """Return the section that a part belongs to: the last one, or a new one."""
        section = self._sections[-1] if self._sections else None
        if section is None or (_starts_independently(part) and self._is_over(section)):
            return Section(self._header)
        return section

    def _begin(self, section: Section) -> None:
        self._sections.append(section)
        seconds = sum(each.seconds for each in self._sections)
        while seconds - self._sections[0].seconds > HISTORY_SECONDS:
            seconds -= self._sections.popleft().seconds
        self._folder_files.number += 1
        data, section.checksum = encoded(section.entries[0].part, 0)
        self._writer.put(NewFile(self._folder_files.number, data))

    def _is_over(self, section: Section) -> bool:
        return section.seconds >= SECTION_SECONDS or section.header != self._header

    def _including(self, current: Played | None) -> list[Section]:
        """Return all sections in memory, with the current part added."""
        sections = list(self._sections)
        if current is not None:
            section = self._section(current)
            if sections and section is sections[-1]:
                section = sections.pop().fork()
            section.add(current)
            sections.append(section)
        return sections

    def _existing(self, command: str, content: object) -> SavedFile | None:
        """Return the command's last file if it has the same content. Raises `SinkError`."""
        if self._folder_files.fault:
            fault = self._folder_files.fault
            raise SinkError(f"{command}: {fault}; name a folder with free space: --recordings DIR")
        if (saved := self._saved.get(command)) and saved.content == content:
            return saved
        too_many = saved and saved.count == self._count and saved.number >= MOST_SAVES
        if too_many or len(self._writing) >= MOST_SAVES:
            raise SinkError(
                f"{command}: {MOST_SAVES} files were saved in this phrase; try the next"
            )
        return None

    def _write_later(
        self, command: str, content: object, parts: Sequence[Part], done: Callable[[Path], None]
    ) -> Path:
        """Have the thread write a file, and then call `done` with its path."""
        files = self._folder_files
        stem = f"{PREFIXES[command]}-{files.number:06}-{self._count}{files.suffix}"
        previous = self._saved.get(command)
        number = previous.number + 1 if previous and previous.count == self._count else 1
        name = f"{stem}-{number}" if number > 1 else stem
        path = unused(self._folder / f"{name}.mid")  # an earlier run may have used the name
        file = self._saved[command] = SavedFile(content, self._count, number, path)
        self._writing.add(path)
        self._writer.put(partial(self._write, command, file, parts, done))
        return path

    def _write(
        self, command: str, file: SavedFile, parts: Sequence[Part], done: Callable[[Path], None]
    ) -> None:
        file.written_path = self._folder_files.write(file.path, file_bytes(with_pauses(parts)))
        self._writing.discard(file.path)
        if file.written_path != file.path and self._saved[command] is file:
            del self._saved[command]  # the next command gets another file
        file.call_when_written(done)


def _starts_independently(part: Played) -> bool:
    """Return True if the part can be composed without anything before it."""
    request = part.request
    is_whole = not part.repeat and part.begin == 0
    return is_whole and request is not None and request.parent < 0
