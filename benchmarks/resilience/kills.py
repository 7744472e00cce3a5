"""A composer that is killed again and again during a performance, and the effect on its output.

At random moments it is killed, stopped, or left without memory. A capture at the end of a serial
line has every byte; it is compared with the recording of the same performance, and with a rendering
without faults. The notes leave as datagrams too, which the kernel stamps as they arrive, and so do
those of a bare sleep loop in the same minutes.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mido

from benchmarks import script
from benchmarks.record import Readings, Record, publish
from benchmarks.resilience.killing import Killer
from benchmarks.resilience.stopping.hearing import messages as heard
from benchmarks.support.midi_capture import MidiCapture
from benchmarks.support.pty_line import Line
from benchmarks.support.roles import child
from benchmarks.support.stamped_port import DatagramCapture
from benchmarks.timing import lateness, panel
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
TICKS_PER_SECOND = 960
"""Ticks of a recording in a second, at 120 beats a minute."""


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
