"""`perpetuum kept`: list the kept tunes, save one for other programs, or delete one."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

from stream.commands.checks import check_new
from stream.errors import SettingsError, SinkError
from stream.kept.arguments import ACTIONS
from stream.kept.library import KeptTune, Library
from stream.notation.files import FORMS, written
from stream.notation.score import Tune, tunes_of
from stream.play.recording.default_folder import recordings_folder
from stream.play.recording.kept_file import read_parts
from stream.play.recording.recorder import KEPT
from stream.play.straight import straight
from stream.util import atomic_write
from stream.util.console import say


def run(args: argparse.Namespace) -> int:
    """List, save, print or delete. Raises `SettingsError` for an unknown action."""
    library = Library(args.kept or recordings_folder(os.environ).parent / KEPT)
    if args.action not in ACTIONS:
        raise SettingsError(f"kept {args.action}: unknown; give one of {', '.join(ACTIONS)}")
    if args.action == "list":
        _list(library, as_json=args.json)
        return 0
    tune = _found(library, args.action, args.number)
    if args.action == "delete":
        library.delete(tune.name)
        say(f"{tune.name}: deleted")
    elif args.action == "print":
        _print(library, tune, args.form)
    else:
        _save(library, tune, args.file)
    return 0


def _list(library: Library, *, as_json: bool) -> None:
    tunes = library.tunes()
    if as_json:
        say(json.dumps([tune.document() for tune in tunes]))
        return
    for tune in tunes:
        told = tune.facts
        day = time.strftime("%Y-%m-%d %H:%M", time.localtime(tune.time))
        minutes, seconds = divmod(round(told.seconds), 60)
        stars = "\u2605" * tune.stars
        say(
            f"{tune.number:4}  {day}  {minutes}:{seconds:02}  {stars:5}  {told.style}: {told.title}"
        )
    if not tunes:
        say(f"no tune is kept in {library.folder} yet")


def _found(library: Library, action: str, number: str | None) -> KeptTune:
    """Return the tune of a number, or of the name of a file. Raises `SettingsError`."""
    tunes = library.tunes()
    for tune in tunes:
        if number in {str(tune.number), tune.name, f"{tune.number:04}"}:
            return tune
    known = f"1 to {tunes[0].number}" if tunes else "none: no tune is kept"
    raise SettingsError(f"kept {action} {number or ''}: give the number of a kept tune, {known}")


def _content(library: Library, tune: KeptTune, suffix: str) -> bytes:
    path = library.path_of(tune.name)
    if suffix == ".mid":
        return path.read_bytes()
    return written(score_of(path), suffix, tune.facts.title)


def score_of(path: Path) -> tuple[Tune, ...]:
    """Return the score of a kept tune. Raises `RecordingError`."""
    return tunes_of(straight(part) for part in read_parts(path))


def _print(library: Library, tune: KeptTune, form: str) -> None:
    if form not in (known := [suffix[1:] for suffix in (".mid", *FORMS)]):
        raise SettingsError(f"--as {form}: give one of {', '.join(known)}")
    sys.stdout.buffer.write(_content(library, tune, f".{form}"))


def _save(library: Library, tune: KeptTune, file: str | None) -> None:
    if file is None:
        raise SettingsError(f"kept save {tune.number}: name the file, such as tune.abc")
    path = Path(file)
    check_new("kept save", path)
    try:
        atomic_write.create_durably(path, _content(library, tune, path.suffix.lower()))
    except OSError as error:
        raise SinkError(f"kept save {path}: cannot be written ({error.strerror})") from error
    say(f"{path}: {tune.facts.title}")
