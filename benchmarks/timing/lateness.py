"""Lateness of notes at the end of the line, beside that of a bare sleep loop in the same run.

An independent reader stamps what arrives on two pseudo-terminals. The real player plays to one of
them, with the shipped voice. To the other, a loop that only sleeps until each deadline writes three
bytes, on the same timeline, 20 ms later. Lateness is arrival minus deadline.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import sys
import time
from collections.abc import Sequence

from benchmarks import script
from benchmarks.record import Readings, Record, publish
from benchmarks.support.pty_line import Line
from benchmarks.support.roles import child, parse
from stream.config.settings import DEFAULT_VOICE
from stream.music.note import Controls
from stream.play.composer.phrase_client import PhraseClient
from stream.play.composer.process import composer_command
from stream.play.composer.timeouts import BAND_SECONDS
from stream.play.observer import NullObserver
from stream.play.player import Participants, play
from stream.play.render import render
from stream.play.session import Session
from stream.play.sinks.base import Sink
from stream.play.sinks.router import Router
from stream.play.sinks.serialport import SerialSink
from stream.play.sinks.spec import open_sink
from stream.play.timing.scheduler import ON, TimedMessage
from stream.play.view.log import Log
from stream.util.stop_signals import stop_signals
from stream.voices.spec import find_voice

OFFSET_SECONDS = 0.02
"""Delay of the loop's line, so that the two never compete; shorter than any note."""
NAME = "lateness"


class Deadlines(Sink):
    """A sink that records when each message is due (s), and whether it begins a note."""

    def __init__(self) -> None:
        super().__init__(NAME)
        self.times: list[float] = []
        self.begins: list[bool] = []

    def send(self, timed: TimedMessage) -> None:
        if timed.message.is_meta:
            return
        if not self.times:
            print(json.dumps(timed.time), flush=True)
        self.times.append(timed.time)
        self.begins.append(timed.order == ON)


def player(device: str, minutes: str, *others: str) -> None:
    """Play as a child; print the first deadline, and at the end all of them.

    `others` are further outputs, as `--out` names them.
    """
    deadlines = Deadlines()
    link = PhraseClient(composer_command(find_voice(DEFAULT_VOICE)), patience=BAND_SECONDS)
    session = Session(seed=1, controls=Controls(bpm=120.0), minutes=float(minutes))
    line = SerialSink(device)
    line.connect()
    outputs = Router([line, deadlines, *map(open_sink, others)])
    with stop_signals() as stop:
        stats = play(link, outputs, session=session, participants=Participants(Log()), stop=stop)
    print(json.dumps([deadlines.times, deadlines.begins, stats.to_document()]))


def bare(device: str) -> None:
    """Read a timeline as a child, and follow it by `time.sleep` and `os.write` alone."""
    line = os.open(device, os.O_WRONLY | os.O_NOCTTY)
    times = json.loads(sys.stdin.readline())
    gc.disable()
    for due in times:
        left = due - time.monotonic()
        if left > 0:
            time.sleep(left)
        os.write(line, b"\x90\x3c\x50")


def timeline(minutes: float) -> list[float]:
    """Return the deadlines of the same music, rendered; they start from 0."""
    deadlines = Deadlines()
    link = PhraseClient(composer_command(find_voice(DEFAULT_VOICE)))
    session = Session(seed=1, controls=Controls(bpm=120.0), minutes=minutes)
    with contextlib.redirect_stdout(None), stop_signals() as stop:
        render(link, [deadlines], session=session, observer=NullObserver(), stop=stop)
    return deadlines.times


def arrivals(lines: Sequence[Line], counts: Sequence[int], seconds: float) -> list[list[float]]:
    """Return the arrival times of the messages on each line, until `counts` arrived."""
    stamps: list[list[float]] = [[] for _ in lines]
    end = time.monotonic() + seconds
    gc.disable()
    while any(len(s) < c for s, c in zip(stamps, counts, strict=True)):
        ready = select.select(lines, [], [], max(end - time.monotonic(), 0.0))[0]
        now = time.monotonic()
        if not ready:
            break
        for line in ready:
            # A message arrives with its status byte: those of programs are shorter than notes.
            begun = sum(byte >= 0x80 for byte in os.read(line.master, 4096))
            stamps[lines.index(line)] += [now] * begun
    gc.enable()
    return stamps


def measure(minutes: float) -> tuple[Readings, Readings, dict[str, float]]:
    """Return the lateness of the player's and the loop's notes (ms), and the player's counters."""
    relative = timeline(minutes)
    with (
        Line() as ours,
        Line() as theirs,
        child(NAME, "--bare", theirs.device) as loop,
        child(NAME, "--player", ours.device, str(minutes)) as perpetuum,
    ):
        first = json.loads(perpetuum.stdout.readline())
        start = first - relative[0] + OFFSET_SECONDS
        shifted = [start + due for due in relative]
        # The first note has already been played when the loop gets its timeline.
        shifted = [due for due in shifted if due > first + 0.5]
        loop.stdin.write(json.dumps(shifted) + "\n")
        loop.stdin.flush()
        counts = (len(relative), len(shifted))
        stamps = arrivals((ours, theirs), counts, 60 * minutes + 30)
        times, begins, stats = json.loads(perpetuum.stdout.readline())
    skipped = len(relative) - len(shifted)
    player_late = late(times[skipped:], stamps[0][skipped:], begins[skipped:])
    return player_late, late(shifted, stamps[1], begins[skipped:]), stats


def late(due: Sequence[float], came: Sequence[float], begins: Sequence[bool]) -> Readings:
    """Return milliseconds from deadline to arrival of the messages that begin a note."""
    table = zip(due, came, begins, strict=False)
    return Readings(tuple(1000 * (b - a) for a, b, begin in table if begin))


def records(ours: Readings, theirs: Readings, where: str) -> list[Record]:
    """Return median, p99 and maximum of both, and their ratios."""
    found = []
    for measure_, share in (("median", 0.5), ("p99", 0.99), ("maximum", 1.0)):
        name, figures = f"lateness, {measure_}", [r.quantile(share) for r in (ours, theirs)]
        for system, value, n in zip(
            ("perpetuum", "bare sleep loop"),
            figures,
            (len(ours.values), len(theirs.values)),
            strict=True,
        ):
            found.append(Record(system, where, name, "ms", value, n=n))
        goal = None if share == 1.0 else "at most 1.5"
        found.append(
            Record(
                "perpetuum / bare",
                where,
                name,
                "",
                figures[0] / figures[1],
                n=len(ours.values),
                paper=goal,
            )
        )
    return found


def main() -> None:
    """Measure, or play the role of one of the two children."""
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--minutes", type=float, default=1.5)
    if args := parse(parser, {"player": player, "bare": bare}):
        ours, theirs, _ = measure(args.minutes)
        publish(NAME, records(ours, theirs, f"{DEFAULT_VOICE}, 120 bpm, {args.minutes:g} min"))


if __name__ == "__main__":
    main()
