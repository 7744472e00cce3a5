"""A composer that is killed again and again while it plays, and what a listener hears of that.

At moments drawn at random it is killed, stopped, or left without memory. A listener at the end of
a serial line has every byte; beside it stand the recording of the same performance, a rendering
that nobody harmed, and the lateness of a bare sleep loop in the same minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import heapq
import json
import os
import random
import resource
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import mido

from benchmarks.record import Readings, Record, publish
from benchmarks.support.midi_capture import Ear
from benchmarks.support.pty_line import Line
from benchmarks.timing.footprint import children
from benchmarks.timing.lateness import OFFSET_SECONDS, child, late
from stream.config.settings import DEFAULT_VOICE
from stream.music.note import Controls
from stream.play.composer.phrase_client import PhraseClient
from stream.play.composer.process import composer_command
from stream.play.observer import NullObserver
from stream.play.render import render
from stream.play.session import Session
from stream.play.sinks.midifile import MidiFileSink
from stream.util.stop_signals import stop_signals
from stream.voices.spec import find_voice

NAME = "kills"
HEAD_SECONDS = 3.0
"""Nobody is killed before the music has begun ..."""
TAIL_SECONDS = 20.0
"""... nor when the last phrase is composed: a composer that is not asked any more is not missed."""
TICKS_PER_SECOND = 960
"""Of a recording, at 120 beats a minute."""


def starve(pid: int) -> None:
    """Leave a process no more memory than it has."""
    resource.prlimit(pid, resource.RLIMIT_AS, (1, 1))


FAULTS: dict[str, Callable[[int], None]] = {
    "killed": lambda pid: os.kill(pid, signal.SIGKILL),
    "stopped": lambda pid: os.kill(pid, signal.SIGSTOP),
    "starved": starve,
}


class Killer:
    """Harms the composers of a player at moments drawn at random, till `count` were harmed.

    A moment at which no composer lives that is well harms nobody: another one is drawn for it.
    """

    def __init__(self, player: int, seconds: float, count: int, seed: int) -> None:
        self._chance = random.Random(seed)
        self._last = seconds - TAIL_SECONDS
        self._moments = [self._chance.uniform(HEAD_SECONDS, self._last) for _ in range(count)]
        self._player = player
        self._harmed: set[int] = set()
        self.done = dict.fromkeys(FAULTS, 0)

    def run(self, begin: float) -> None:
        """Carry out the plan; `begin` is its zero (s, monotonic)."""
        heapq.heapify(self._moments)
        while self._moments:
            at = heapq.heappop(self._moments)
            time.sleep(max(begin + at - time.monotonic(), 0.0))
            well = {pid for pid in children(self._player) if lives(pid)} - self._harmed
            if well:
                self._harm(well.pop())
            elif self._last - at > 1.0:
                heapq.heappush(self._moments, self._chance.uniform(at, self._last))

    def _harm(self, composer: int) -> None:
        fault = self._chance.choice(list(FAULTS))
        with contextlib.suppress(ProcessLookupError):
            FAULTS[fault](composer)
            self.done[fault] += 1
            if fault != "starved":  # it may have all the memory it needs
                self._harmed.add(composer)


def lives(pid: int) -> bool:
    """Whether the process has not ended yet, whoever has still to hear of that."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Heard:
    """What one performance came to."""

    data: bytes
    """At the end of the line."""
    done: dict[str, int]
    stats: dict[str, float]
    late: Readings
    """Milliseconds."""
    bare: Readings
    """Milliseconds, of the bare loop beside it."""


def perform(recording: Path, minutes: float, kills: int, relative: Sequence[float]) -> Heard:
    """Play, kill, listen."""
    with (
        Line() as ours,
        Line() as theirs,
        Ear(ours) as ear,
        Ear(theirs) as other,
        child("--bare", theirs.device) as loop,
        child("--player", ours.device, str(minutes), f"file:{recording}") as player,
    ):
        first = json.loads(player.stdout.readline())
        shifted = [first + at - relative[0] + OFFSET_SECONDS for at in relative]
        shifted = [due for due in shifted if due > first + 0.5]
        loop.stdin.write(json.dumps(shifted) + "\n")
        loop.stdin.flush()
        killer = Killer(player.pid, 60 * minutes, kills, seed=1)
        killer.run(first)
        times, begins, stats = json.loads(player.stdout.readline())
        player.wait()
        loop.wait()
    return Heard(
        ear.data, killer.done, stats,
        late(times, ear.stamps, begins), late(shifted, other.stamps, [True] * len(shifted)),
    )  # fmt: skip


def unharmed(path: Path, minutes: float) -> None:
    """Render the same music to `path`."""
    link = PhraseClient(composer_command(find_voice(DEFAULT_VOICE)))
    session = Session(seed=1, controls=Controls(), minutes=minutes)
    with stop_signals() as stop:
        render(link, [MidiFileSink(path)], session=session, observer=NullObserver(), stop=stop)


def messages(path: Path) -> list[tuple[int, mido.Message]]:
    """Tick and message of all but the meta messages of a recording."""
    tick, found = 0, []
    (track,) = mido.MidiFile(path).tracks
    for message in track:
        tick += message.time
        if not message.is_meta:
            found.append((tick, message))
    return found


def notes(path: Path) -> list[tuple[int, int]]:
    """Ticks since the note before, and pitch, of each note of a recording."""
    on = [(tick, message.note) for tick, message in messages(path) if message.type == "note_on"]
    return [(b[0] - a[0], b[1]) for a, b in zip([(0, 0), *on], on, strict=False)]


def longest_rest(path: Path) -> float:
    """Seconds in which nothing sounds, between two notes."""
    longest, since, sounding = 0, None, set()
    for tick, message in messages(path):
        if message.type == "note_on":
            if since is not None and not sounding:
                longest = max(longest, tick - since)
            sounding.add(message.note)
        elif message.type == "note_off":
            sounding.discard(message.note)
            since = tick
    return longest / TICKS_PER_SECOND


def alike(ours: Sequence[object], theirs: Sequence[object]) -> int:
    """How many there are alike at the head of both."""
    pairs = zip(ours, theirs, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(ours), len(theirs)))


def records(heard: Heard, harmed: Path, whole: Path, where: str) -> list[Record]:
    """What was done, what was heard of it."""
    data = b"".join(message.bin() for _, message in messages(harmed))
    ours, theirs = notes(harmed), notes(whole)
    stats = heard.stats
    figures = [
        *((f"composers {fault}", "", count, None) for fault, count in heard.done.items()),
        ("restarts", "", stats["restarts"], None),
        ("... after a composer had hung", "", stats["hangs"], None),
        ("bytes heard", "", len(heard.data), None),
        ("bytes recorded otherwise", "", len(data) + len(heard.data) - 2 * alike(heard.data, data),
         "0"),
        ("notes", "", len(ours), None),
        ("notes at the head as if unharmed", "", alike(ours, theirs), None),
        ("phrases", "", stats["phrases"], None),
        ("phrases repeated", "", stats["repeats"], "0"),
        ("longest rest", "s", longest_rest(harmed), None),
        ("longest rest, unharmed", "s", longest_rest(whole), None),
    ]  # fmt: skip
    found = [Record("perpetuum", where, m, unit, v, paper=p) for m, unit, v, p in figures]
    for name, share in (("median", 0.5), ("p99", 0.99), ("maximum", 1.0)):
        for system, late_ in (("perpetuum", heard.late), ("bare sleep loop", heard.bare)):
            value = late_.quantile(share)
            found.append(
                Record(system, where, f"lateness, {name}", "ms", value, n=len(late_.values))
            )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{NAME}", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--kills", type=int, default=100)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        whole, harmed = Path(folder) / "whole.mid", Path(folder) / "harmed.mid"
        unharmed(whole, args.minutes)
        relative = [tick / TICKS_PER_SECOND for tick, message in messages(whole)
                    if message.type != "control_change"]  # fmt: skip
        heard = perform(harmed, args.minutes, args.kills, relative)
        where = f"{DEFAULT_VOICE}, 120 bpm, {args.minutes:g} min"
        publish(NAME, records(heard, harmed, whole, where))


if __name__ == "__main__":
    main()
