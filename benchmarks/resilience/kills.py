"""A composer that is killed again and again during a performance, and the effect on its output.

At random moments it is killed, stopped, or left without memory. A capture at the end of a serial
line has every byte; it is compared with the recording of the same performance, and with a rendering
without faults. The notes leave as datagrams too, which the kernel stamps as they arrive, and so do
those of a bare sleep loop in the same minutes.
"""

from __future__ import annotations

import contextlib
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

from benchmarks import script
from benchmarks.record import Readings, Record, publish
from benchmarks.resilience.stopping.hearing import messages as heard
from benchmarks.support.midi_capture import MidiCapture
from benchmarks.support.pty_line import Line
from benchmarks.support.roles import child
from benchmarks.support.stamped_port import DatagramCapture
from benchmarks.timing import lateness, panel
from benchmarks.timing.footprint import children
from benchmarks.timing.lateness import OFFSET_SECONDS, late
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
"""Time at the start without faults: the music has to begin first."""
TAIL_SECONDS = 20.0
"""Time at the end without faults: after the last phrase a composer makes no difference."""
SPREAD = 0.9
"""Share of the time between them in which the moments are drawn: some faults have to wait."""
WAIT_SECONDS = 1.0
"""Longest time between two looks for a healthy composer."""
TICKS_PER_SECOND = 960
"""Ticks of a recording in a second, at 120 beats a minute."""


def starve(pid: int) -> None:
    """Limit the address space of a process to what it has."""
    resource.prlimit(pid, resource.RLIMIT_AS, (1, 1))


FAULTS: dict[str, Callable[[int], None]] = {
    "killed": lambda pid: os.kill(pid, signal.SIGKILL),
    "stopped": lambda pid: os.kill(pid, signal.SIGSTOP),
    "starved": starve,
}


class Killer:
    """Harms the composers of a player at `count` random moments.

    If no healthy composer runs at a moment, the fault waits for the next one.
    """

    def __init__(self, player: int, seconds: float, count: int, seed: int) -> None:
        self._rng = random.Random(seed)
        self._last = seconds - TAIL_SECONDS
        spread = HEAD_SECONDS + SPREAD * (self._last - HEAD_SECONDS)
        self._moments = sorted(self._rng.uniform(HEAD_SECONDS, spread) for _ in range(count))
        self._player = player
        self._harmed: set[int] = set()
        self.done = dict.fromkeys(FAULTS, 0)

    def run(self, begin: float) -> None:
        """Make the faults; moments count from `begin` (s, monotonic)."""
        for at in self._moments:
            time.sleep(max(begin + at - time.monotonic(), 0.0))
            while not (healthy := self._healthy()) and time.monotonic() < begin + self._last:
                time.sleep(self._rng.uniform(0.0, WAIT_SECONDS))
            if healthy:
                self._harm(healthy.pop())

    def _healthy(self) -> set[int]:
        return {pid for pid in children(self._player) if alive(pid)} - self._harmed

    def _harm(self, composer: int) -> None:
        fault = self._rng.choice(list(FAULTS))
        with contextlib.suppress(ProcessLookupError):
            FAULTS[fault](composer)
            self.done[fault] += 1
            if fault != "starved":  # it may go on without more memory
                self._harmed.add(composer)


def alive(pid: int) -> bool:
    """Return True if the process has not ended; a zombie has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Captured:
    """The data captured from one performance."""

    data: bytes
    """All bytes at the end of the line."""
    done: dict[str, int]
    stats: dict[str, float]
    late: Readings
    """Lateness of the player's notes (ms)."""
    bare: Readings
    """Lateness of the bare loop beside it (ms)."""


def perform(recording: Path, minutes: float, kills: int, relative: Sequence[float]) -> Captured:
    """Play, make faults, and return what was captured."""
    with (
        Line() as line,
        MidiCapture(line) as capture,
        DatagramCapture() as ours,
        DatagramCapture() as theirs,
        child(panel.NAME, "--bare", theirs.number) as loop,
        child(
            lateness.NAME, "--player", line.device, str(minutes), f"file:{recording}", ours.output
        ) as player,
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
    return Captured(
        capture.data, killer.done, stats,
        late(times, ours.stamps, begins), late(shifted, theirs.stamps, [True] * len(shifted)),
    )  # fmt: skip


def unharmed(path: Path, minutes: float) -> None:
    """Render the same music to `path`."""
    client = PhraseClient(composer_command(find_voice(DEFAULT_VOICE)))
    session = Session(seed=1, controls=Controls(bpm=120.0), minutes=minutes)
    with stop_signals() as stop:
        render(client, [MidiFileSink(path)], session=session, observer=NullObserver(), stop=stop)


def messages(path: Path) -> list[tuple[int, mido.Message]]:
    """Return tick and message of a recording, without meta messages."""
    tick, found = 0, []
    track = mido.merge_tracks(mido.MidiFile(path).tracks)
    for message in track:
        tick += message.time
        if not message.is_meta:
            found.append((tick, message))
    return found


def notes(path: Path) -> list[tuple[int, int]]:
    """Return ticks since the previous note, and pitch, of each note of a recording."""
    on = [(tick, message.note) for tick, message in messages(path) if message.type == "note_on"]
    return [(b[0] - a[0], b[1]) for a, b in zip([(0, 0), *on], on, strict=False)]


def longest_rest(path: Path) -> float:
    """Return the longest time without a sounding note between two notes (s)."""
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


def common_prefix(ours: Sequence[object], theirs: Sequence[object]) -> int:
    """Return the number of equal items at the start of both."""
    pairs = zip(ours, theirs, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(ours), len(theirs)))


def differing(heard: Sequence[bytes], written: Sequence[bytes]) -> int:
    """Return the bytes of both after their first difference, channel by channel.

    The tracks of a recording do not tell the order of messages of different channels.
    """
    count = 0
    for channel in range(16):
        ours, theirs = (
            b"".join(message for message in each if message[0] & 0xF == channel)
            for each in (heard, written)
        )
        count += len(ours) + len(theirs) - 2 * common_prefix(ours, theirs)
    return count


def records(
    captured: Captured, recordings: tuple[Path, Path], kills: int, where: str
) -> list[Record]:
    """Return the faults that were made, and their effect; the recordings are harmed and whole."""
    harmed, whole = recordings
    written = [bytes(message.bin()) for _, message in messages(harmed)]
    ours, theirs = notes(harmed), notes(whole)
    stats = captured.stats
    figures = [
        *((f"composers {fault}", "", count, None) for fault, count in captured.done.items()),
        ("faults made at a healthy composer", "", sum(captured.done.values()), f"at least {kills}"),
        ("restarts", "", stats["restarts"], None),
        ("... after a composer had hung", "", stats["hangs"], None),
        ("bytes heard", "", len(captured.data), None),
        ("bytes recorded otherwise", "", differing(heard(captured.data), written), "at most 0"),
        ("notes", "", len(ours), None),
        ("notes at the head as if unharmed", "", common_prefix(ours, theirs), None),
        ("phrases", "", stats["phrases"], None),
        ("phrases repeated", "", stats["repeats"], "at most 0"),
        ("longest rest", "s", longest_rest(harmed), None),
        ("longest rest, unharmed", "s", longest_rest(whole), None),
    ]  # fmt: skip
    found = [Record("perpetuum", where, m, unit, v, paper=p) for m, unit, v, p in figures]
    for name, share in (("median", 0.5), ("p99", 0.99), ("maximum", 1.0)):
        for system, readings in (("perpetuum", captured.late), ("bare sleep loop", captured.bare)):
            value = readings.quantile(share)
            found.append(
                Record(system, where, f"lateness, {name}", "ms", value, n=len(readings.values))
            )
    return found


def main() -> None:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--kills", type=int, default=100)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        whole, harmed = Path(folder) / "whole.mid", Path(folder) / "harmed.mid"
        unharmed(whole, args.minutes)
        relative = [tick / TICKS_PER_SECOND for tick, message in messages(whole)
                    if message.type != "control_change"]  # fmt: skip
        captured = perform(harmed, args.minutes, args.kills, relative)
        where = f"{DEFAULT_VOICE}, 120 bpm, {args.minutes:g} min"
        publish(NAME, records(captured, (harmed, whole), args.kills, where))


if __name__ == "__main__":
    main()
