"""`perpetuum learn CONTROL`: write the next knob that is turned into a map."""

from __future__ import annotations

import argparse
import select
import time
from pathlib import Path

from stream.config.bounds import parsed
from stream.errors import InputError, SettingsError
from stream.midi_in.learn import Learner
from stream.midi_in.map_writer import with_entry
from stream.midi_in.mapping import ControlChangeEntry, text_of
from stream.midi_in.source import Source
from stream.midi_in.spec import source_of
from stream.midi_in.targets import BUTTONS, control_of
from stream.util import atomic_write
from stream.util.console import flush, say
from stream.util.validate import numeral

WALKS = {"style": "blends the styles", "ensemble": "chooses one of the ensembles"}
"""Effect of a knob that goes from one name to another, by its control."""
SECONDS = 60.0
"""Default time to turn a knob."""
LONGEST_SECONDS = 86_400


def run(args: argparse.Namespace) -> int:
    """Wait for the knob, then replace the map in one step."""
    control = control_of(args.control, "learn")
    seconds = _seconds(args.seconds)
    before = _text(args.map)
    # Rejects a map that cannot be edited before a knob is turned.
    with_entry(before, control, 0, 1)
    source = source_of(args.input)
    source.connect()
    try:
        action = "press the button" if control in BUTTONS else "turn the knob"
        say(f"{source.name}: {action} for {control} (Ctrl-C: cancel)")
        flush()
        number, channel = _knob(source, Learner(control), seconds)
    finally:
        source.close()
    text, entry = with_entry(before, control, number, channel)
    _write(args.map, text)
    say(f"{args.map}: {_description(entry)}; play with --map {args.map}")
    return 0


def _text(path: Path) -> str:
    """Return the text of the map, an empty one if it does not exist yet."""
    try:
        path.lstat()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise SettingsError(f"--map {path}: {error.strerror}; name another file") from error
    return text_of(path)


def _seconds(text: str | None) -> float:
    seconds = SECONDS if text is None else parsed(text)
    if isinstance(seconds, str) or not 0 < seconds <= LONGEST_SECONDS:
        raise SettingsError(
            f"--seconds {text}: not a number above 0 and up to {LONGEST_SECONDS}; give 60"
        )
    return float(seconds)


def _knob(source: Source, learner: Learner, seconds: float) -> tuple[int, int]:
    """Return number and channel of the controller that moves. Raises `InputError` without one."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        select.select(source.files(), [], [], left)
        for _, data in source.read():
            found = learner.message(data)
            if found is not None:
                return found
    if learner.doubt:
        raise InputError(f"{source.name}: {learner.doubt}")
    raise InputError(
        f"{source.name}: no controller was moved within {numeral(seconds)} s;"
        " is it the right --input? A knob must send control changes"
    )


def _write(path: Path, text: str) -> None:
    try:
        atomic_write.replace_durably(path, text.encode())
    except OSError as error:
        raise SettingsError(
            f"--map {path}: cannot be written ({error.strerror});"
            " name a file in a folder that exists and that you may write to"
        ) from error


def _description(entry: ControlChangeEntry) -> str:
    knob = f"controller {entry.number} on channel {entry.channel}"
    if entry.control in BUTTONS:
        return f"{knob} is the button for {entry.control}"
    if entry.field in WALKS:
        return f"{knob} {WALKS[entry.field]} {entry.control.partition(':')[2]}"
    return f"{knob} moves {entry.control} from {numeral(entry.low)} to {numeral(entry.high)}"
