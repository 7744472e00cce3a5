"""Files beside a rendered one: its score, and each of its tunes alone."""

from __future__ import annotations

import contextlib
import re
import struct
from typing import TYPE_CHECKING

from stream.errors import SettingsError, SinkError
from stream.music import midi_tracks
from stream.notation.files import written
from stream.notation.score import tunes_of
from stream.play.observer import NullObserver
from stream.play.straight import part_of, straight
from stream.util import atomic_write
from stream.util.unused_name import numbered

if TYPE_CHECKING:
    from pathlib import Path

    from stream.play.observer import Snapshot
    from stream.play.recording.format import Played
    from stream.play.session import Session

NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9#]+")


class ScoreObserver(NullObserver):
    """Collects the phrases of a performance, from which a score is written."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._parts: list[Played] = []

    def phrase_started(self, snapshot: Snapshot) -> None:
        if snapshot.current is not None:
            self._parts.append(part_of(snapshot.current))

    def write(self, path: Path) -> None:
        """Write the score to a new file. Raises `SinkError` or `SettingsError`."""
        profile, ensembles = self._session.profile, self._session.ensembles
        tunes = tunes_of(straight(part, profile, ensembles) for part in self._parts)
        title = tunes[0].title if len(tunes) == 1 else f"{len(tunes)} tunes"
        _create(path, written(tunes, path.suffix.lower(), title), "--score")


def split(path: Path, folder: Path) -> list[Path]:
    """Write each tune of a MIDI file to a file of its own in a folder, which may be new.

    Returns the files. Raises `SettingsError` for another file, `SinkError` if it cannot write.
    """
    try:
        found = list(midi_tracks.tunes(path.read_bytes()))
        folder.mkdir(parents=True, exist_ok=True)
    except (ValueError, struct.error) as error:
        raise SettingsError(f"--split {path}: only MIDI files can be split") from error
    except OSError as error:
        raise SinkError(f"--split {folder}: cannot be written ({error.strerror})") from error
    files = []
    for number, tune in enumerate(found, 1):
        name = NOT_IN_NAMES.sub("-", tune.title.partition(",")[0]).strip("-")[:60]
        files.append(_create(folder / f"{number:02}-{name}.mid", tune.data, "--split"))
    return files


def _create(path: Path, data: bytes, flag: str) -> Path:
    """Write a new file, beside another one of its name. Raises `SinkError`."""
    try:
        for free in numbered(path):
            with contextlib.suppress(FileExistsError):
                atomic_write.create_durably(free, data)
                break
    except OSError as error:
        raise SinkError(f"{flag} {path}: cannot be written ({error.strerror})") from error
    return free
