"""The recorder: always on, and bounded.

What is played is kept in memory for an hour, to be saved when a listener has liked it, and in a
folder for some hours: rolling recordings of about ten minutes, of which the oldest are deleted.
Each begins where a phrase was composed from its history alone, so that it can be composed again
without all the music before it. A thread writes; a disk that is full or gone costs recordings,
never a note.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from stream.errors import SettingsError, SinkError
from stream.note import ticks_to_seconds
from stream.play.recording import SILENCE, Header, Part, Played, music, opening, sealed, whole
from stream.play.shelf import Beginning, Shelf, Whole
from stream.play.shorthand import Shorthand
from stream.play.sinks.safekeeping import Safekeeping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from stream.play.observer import Slot

SECTION_SECONDS = 540.0
"""Of music, after which a recording ends at the next phrase that needs none before it ..."""
PER_HOUR = 6
"""... so that there are at most so many in an hour."""
KEPT_SECONDS = 3600.0
"""Of music that are kept in memory."""


def recordings_folder(environment: Mapping[str, str]) -> Path:
    """The service's, which is in memory where it may not write to the disk, or the account's.

    Raises `SettingsError` where there is no home.
    """
    if state := environment.get("STATE_DIRECTORY") or environment.get("RUNTIME_DIRECTORY"):
        # systemd gives several, if there are.
        return Path(state.partition(":")[0]) / "recordings"
    if state := environment.get("XDG_STATE_HOME"):
        return Path(state) / "perpetuum" / "recordings"
    try:
        return Path("~/.local/state/perpetuum/recordings").expanduser()
    except RuntimeError as error:  # neither HOME nor an account with a home
        raise SettingsError(
            "recordings: nothing is recorded, for there is no home folder; say where: --recordings"
            " FOLDER, or --record 0"
        ) from error


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
    """Keeps what was `played` by the composer that `header` tells of, for so many hours."""

    def __init__(self, folder: Path, header: Header, hours: float) -> None:
        self.notices: deque[str] = deque()
        """What the listener should know; whoever tells it takes it out."""
        self._folder = folder
        self._header = header
        self._sections: deque[_Section] = deque()
        self._count = 0
        self._tune = -1
        self._tune_seconds = 0.0
        self._shelf = Shelf(folder, max(ceil(hours * PER_HOUR), 1))
        self._safekeeping = Safekeeping(self._shelf.keep)
        self._told = ""
        self._tell()

    def change(self, header: Header) -> None:
        """Another voice composes from the next phrase on."""
        self._header = header

    def keep(self, slot: Slot) -> None:
        """Keep what a slot of the queue has played, once its end is known. Does not wait."""
        if what := played(slot):
            self.played(what)

    def played(self, what: Played) -> None:
        """Keep a part of a phrase. Does not wait."""
        section = self._sections[-1] if self._sections else None
        if section is None or (_is_fresh(what) and self._is_over(section)):
            section = self._begin()
        phrase = what.phrase(section.header.synthesizer)
        part = Part(section.shorthand.write(what), music(phrase))
        seconds = ticks_to_seconds(phrase.length, phrase.bpm)
        self._count += 1
        if what.source.tune != self._tune:
            self._tune, self._tune_seconds = what.source.tune, 0.0
        self._tune_seconds += seconds
        section.add(part, seconds)
        data, section.checksum = sealed(part, section.checksum)
        self._safekeeping.put(data)
        self._tell()

    @property
    def tune_minutes(self) -> float:
        """How much has been played of the tune that was played last."""
        return self._tune_seconds / 60.0

    def save(self, minutes: float, then: Callable[[Path], None] | None = None) -> Path:
        """Have the last minutes written to a file of their own, which is there in a second.

        `then` is called with its path when it is, by the thread that writes.

        Raises `SinkError` where nothing was played, or nothing can be written.
        """
        if not self._count:
            raise SinkError("save: nothing was played yet; wait for the end of the first phrase")
        if self._shelf.fault:
            raise SinkError(f"save: {self._shelf.fault}; give a folder with room: --recordings DIR")
        path = self._folder / f"saved-{self._shelf.number:06}-{self._count}.mid"
        file = Whole(path, whole(_last(self._sections, 60.0 * minutes)))
        file.then = then
        self._safekeeping.put(file)
        return path

    def close(self) -> None:
        """Wait until all is written."""
        self._safekeeping.close()
        self._shelf.close()
        self._tell()

    def _begin(self) -> _Section:
        section = _Section(self._header)
        self._sections.append(section)
        seconds = sum(each.seconds for each in self._sections)
        while seconds - self._sections[0].seconds > KEPT_SECONDS:
            seconds -= self._sections.popleft().seconds
        self._shelf.number += 1
        path = self._folder / f"{self._shelf.number:06}.mid"
        data, section.checksum = sealed(section.parts[0], 0)
        self._safekeeping.put(Beginning(path, data))
        return section

    def _is_over(self, section: _Section) -> bool:
        return section.seconds >= SECTION_SECONDS or section.header != self._header

    def _tell(self) -> None:
        """Put a fault into words, once."""
        fault = self._shelf.fault
        if fault and fault != self._told:
            self.notices.append(f"{fault}; music plays on, and is recorded once that is mended")
        self._told = fault


@dataclass(slots=True)
class _Section:
    """What one rolling recording holds."""

    header: Header
    parts: list[Part] = field(default_factory=list)
    lengths: list[float] = field(default_factory=list)
    """Seconds of each part."""
    checksum: int = 0
    shorthand: Shorthand = field(init=False)

    def __post_init__(self) -> None:
        self.shorthand = Shorthand(self.header)
        self.add(opening(self.header), 0.0)

    @property
    def seconds(self) -> float:
        return sum(self.lengths)

    def add(self, part: Part, seconds: float) -> None:
        self.parts.append(part)
        self.lengths.append(seconds)


def _is_fresh(what: Played) -> bool:
    """Whether nothing before it is needed to compose it."""
    request = what.request
    whole = not what.repeat and what.begin == 0
    return whole and request is not None and request.parent < 0


def _last(sections: Iterable[_Section], seconds: float) -> Iterator[Part]:
    """The parts that were played in the last seconds, and what they follow from without music."""
    kept: deque[list[Part]] = deque()
    for section in reversed(list(sections)):
        parts = []
        for part, length in reversed(list(zip(section.parts, section.lengths, strict=True))):
            parts.append(part if seconds > 0 else Part(part.text, SILENCE))
            seconds -= length
        kept.appendleft(parts[::-1])
        if seconds <= 0:
            break
    for section_parts in kept:
        yield from section_parts
