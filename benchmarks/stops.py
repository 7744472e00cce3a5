"""A thousand ends of a performance, and the notes that sound after them.

Signal, moment and outputs are drawn at random. Independent receivers at serial lines and at JACK
ports count what sounds when all is over. A note has ended if its note-off came; counted apart are
those that only the channel's "all notes off" has ended. After a SIGKILL that is the work of
`perpetuum silence`, or of the next start. A recording must be a MIDI file, without a note that
hangs, and after a SIGKILL at most five seconds short.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import mido

from benchmarks import jack
from benchmarks.ear import Ear
from benchmarks.footprint import children
from benchmarks.line import Line
from benchmarks.record import Record, publish
from stream.__main__ import main as perpetuum
from stream.commands import play
from stream.play.sinks.base import ALL_NOTES_OFF, ALL_SOUND_OFF

NAME = "stops"
FAKE = Path(__file__).parents[1] / "tests" / "data" / "fake_composer.py"
SIGNALS = {"SIGINT": signal.SIGINT, "SIGTERM": signal.SIGTERM, "SIGHUP": signal.SIGHUP}
KILLS = ("SIGKILL, silence", "SIGKILL, next start")
MOMENTS = ("starting", "before the first note", "in a note", "between notes", "composer restarts")
OUTPUTS = ("serial", "port", "virtual", "file", "fluidsynth")
LASTING = ("serial", "port")
"""Outputs that sound on when the player is killed."""
COMPOSERS = ("fake", "fake", "fake", "voice")
PATIENCE_SECONDS = 30.0
SETTLE_SECONDS = 3.0
"""Given to what was sent to arrive."""
TRIES = 3
LOST_SECONDS = 5.0
"""Of a recording, that a SIGKILL may cost."""


@dataclass(frozen=True, slots=True)
class Case:
    """How one performance is to end."""

    number: int
    stop: str
    moment: str
    outputs: tuple[str, ...]
    composer: str
    bpm: int
    jitter: float
    """Seconds, after the moment has come."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it."""

    case: Case
    code: int | None
    heard: int
    """Notes that began at a receiver."""
    hanging: int
    """Notes that sound on at a receiver."""
    swept: int
    """Notes that only the channel's "all notes off" has ended."""
    recording: str
    """What is wrong with the recording."""
    failures: int = 0
    """Tries before this one in which the moment to stop did not come."""


class Receiver(Protocol):
    """What listens at an output."""

    @property
    def data(self) -> bytes: ...

    @property
    def stamps(self) -> list[float]: ...


def draw(number: int, seed: int) -> Case:
    """One case, always the same for a seed."""
    chance = random.Random(f"{seed} {number}")
    stop = chance.choice((*SIGNALS, *KILLS))
    known = [o for o in OUTPUTS if stop in SIGNALS or o != "virtual"]
    outputs = chance.sample(known, chance.choice((1, 1, 2, 3)))
    moment = chance.choice(MOMENTS)
    composer = chance.choice(COMPOSERS)
    return Case(
        number,
        stop,
        moment,
        tuple(outputs),
        # The voice's tunes hardly pause between notes.
        "fake" if moment == "between notes" else composer,
        chance.choice((120, 240, 300)),
        chance.uniform(0.0, 0.3),
    )


class Performance:
    """One player, with receivers at its outputs."""

    def __init__(self, case: Case, folder: Path) -> None:
        self._case = case
        self._recording = folder / "a.mid"
        self._environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder)}
        self._environment.pop("RUNTIME_DIRECTORY", None)
        self._receivers: dict[str, Receiver] = {}
        self._specs: dict[str, str] = {}

    def run(self) -> Outcome:
        """Play, stop, clean up behind a killed player, and look what sounds."""
        with contextlib.ExitStack() as open_:
            jack.wait()
            for output in self._case.outputs:
                self._connect(output, open_)
            log = open_.enter_context((self._recording.parent / "log").open("w+b"))
            player = open_.enter_context(self._start(self._case.outputs, log))
            open_.callback(player.kill)
            self._await(player, log.name)
            time.sleep(self._case.jitter)
            killed = self._case.stop in KILLS
            at = time.monotonic()
            player.send_signal(signal.SIGKILL if killed else SIGNALS[self._case.stop])
            code = player.wait(PATIENCE_SECONDS)
            if killed:
                self._succeed()
            unended = self._settled()
            hanging = sum(len(sounding(r.data, sweep=True)) for r in self._receivers.values())
            heard = sum(len(starts(r.data)) for r in self._receivers.values())
            recording = self._recorded(at, killed=killed)
            return Outcome(self._case, code, heard, hanging, unended - hanging, recording)

    def _connect(self, output: str, open_: contextlib.ExitStack) -> None:
        name = f"e{os.getpid()}n{self._case.number}"
        if output == "serial":
            line = open_.enter_context(Line())
            self._receivers[output] = open_.enter_context(Ear(line))
            self._specs[output] = f"serial:{line.device}"
        elif output == "port":
            self._receivers[output] = open_.enter_context(jack.PortEar(name, ours=True))
            self._specs[output] = f"port:{name}"
        elif output == "virtual":
            self._receivers[output] = open_.enter_context(jack.PortEar(f"{name}v", ours=False))
            self._specs[output] = f"virtual:{name}v"
        else:
            self._specs[output] = f"file:{self._recording}" if output == "file" else output

    def _start(self, outputs: Iterable[str], log: object) -> subprocess.Popen[bytes]:
        case = self._case
        arguments = ["play", "--seed", str(case.number), "--bpm", str(case.bpm)]
        for output in outputs:
            arguments += ["--out", self._specs[output]]
        module = ["benchmarks.stops", "--player"] if case.composer == "fake" else ["stream"]
        return subprocess.Popen(
            [sys.executable, "-m", *module, *arguments],
            env=self._environment,
            stderr=log,
        )

    def _await(self, player: subprocess.Popen[bytes], log: str) -> None:
        """Return at the moment that the case names."""
        moment, end = self._case.moment, time.monotonic() + PATIENCE_SECONDS
        while moment != "starting" and not self._now(moment, log):
            if time.monotonic() > end or player.poll() is not None:
                raise TimeoutError(f"{self._case}: {Path(log).read_text()}")
            self._seek()
            time.sleep(0.001)
        if moment == "composer restarts":
            for composer in children(player.pid):
                os.kill(composer, signal.SIGKILL)

    def _now(self, moment: str, log: str) -> bool:
        if moment == "before the first note":
            return b"playing to" in Path(log).read_bytes()
        played = [r for r in self._receivers.values() if starts(r.data)]
        if not played:
            return not self._receivers and b"phrase 1 " in Path(log).read_bytes()
        if moment == "in a note":
            return any(sounding(r.data) for r in played)
        return moment != "between notes" or not any(sounding(r.data) for r in played)

    def _seek(self) -> None:
        for receiver in self._receivers.values():
            if isinstance(receiver, jack.PortEar):
                receiver.seek()

    def _succeed(self) -> None:
        """What comes after a SIGKILL."""
        jack.wait()
        lasting = [output for output in self._case.outputs if output in LASTING]
        if self._case.stop == KILLS[0] or not lasting:
            command = [sys.executable, "-m", "stream", "silence"]
            for _ in range(TRIES):  # what could not be silenced is left to the next
                done = subprocess.run(
                    command, env=self._environment, check=False, capture_output=True, text=True
                )
                print(done.stdout, end="", flush=True)
                if done.returncode == 0:
                    break
            return
        log = self._recording.parent / "next"
        with log.open("wb") as errors, self._start(lasting, errors) as player:
            while b"phrase 1 " not in log.read_bytes() and player.poll() is None:
                time.sleep(0.01)
            player.terminate()

    def _settled(self) -> int:
        """Notes that sound on, once everything must have arrived."""
        end = time.monotonic() + SETTLE_SECONDS
        while (left := sum(map(len, self._left()))) and time.monotonic() < end:
            time.sleep(0.02)
        return left

    def _left(self) -> Iterator[set[tuple[int, int]]]:
        return (sounding(receiver.data) for receiver in self._receivers.values())

    def _recorded(self, killed_at: float, *, killed: bool) -> str:
        if "file" not in self._case.outputs:
            return ""
        exists = self._recording.exists() and self._recording.stat().st_size
        messages = list(mido.MidiFile(self._recording).tracks[0]) if exists else []
        data = b"".join(message.bin() for message in messages if not message.is_meta)
        if not killed:
            return "a note hangs" if sounding(data) else ""
        for receiver in self._receivers.values():
            missing = starts(receiver.data)[len(starts(data)) :]
            if missing and receiver.stamps[missing[0]] < killed_at - LOST_SECONDS:
                return "too short"
        return ""


def starts(data: bytes) -> list[int]:
    """Which of the messages, of three bytes, begin a note."""
    return [i for i, status in enumerate(data[::3]) if status >> 4 == 0x9]


def sounding(data: bytes, *, sweep: bool = False) -> set[tuple[int, int]]:
    """Channel and pitch of the notes that have begun and whose note-off did not come.

    Without those that "all notes off" or "all sound off" has ended, if `sweep`.
    """
    notes: set[tuple[int, int]] = set()
    for at in range(0, len(data) - 2, 3):
        key = (data[at] & 0xF, data[at + 1])
        if data[at] >> 4 == 0x9:
            notes.add(key)
        elif data[at] >> 4 == 0x8:
            notes.discard(key)
        elif sweep and data[at] >> 4 == 0xB and data[at + 1] in {ALL_SOUND_OFF, ALL_NOTES_OFF}:
            notes = {note for note in notes if note[0] != key[0]}
    return notes


def outcome(case: Case) -> Outcome:
    """Of a case; tried again where its moment did not come, such as for want of a JACK server."""
    for failures in range(TRIES):
        found = dataclasses.replace(tried(case), failures=failures)
        if not found.recording.startswith(("CalledProcessError", "TimeoutError")):
            break
    print(found, flush=True)
    return found


def tried(case: Case) -> Outcome:
    # A JACK server of its own, that no kill before this one has hurt.
    server = jack.server(f"perpetuum-{os.getpid()}-{case.number}")
    with tempfile.TemporaryDirectory() as folder:
        try:
            with server:
                return Performance(case, Path(folder)).run()
        except (OSError, subprocess.SubprocessError, ValueError, EOFError) as error:
            return Outcome(case, None, 0, 0, 0, f"{type(error).__name__}: {error}")


def records(outcomes: Sequence[Outcome]) -> list[Record]:
    """How many of each kind, and what went wrong."""
    found = []
    for kind in ("stop", "moment"):
        for name, tried in Counter(getattr(o.case, kind) for o in outcomes).items():
            ours = [o for o in outcomes if getattr(o.case, kind) == name]
            hanging = sum(o.hanging for o in ours)
            found.append(
                Record("perpetuum", name, "notes left on", "", hanging, n=tried, paper="0")
            )
    for output in OUTPUTS:
        ours = [o for o in outcomes if output in o.case.outputs]
        hanging = sum(o.hanging for o in ours)
        found.append(
            Record("perpetuum", output, "notes left on", "", hanging, n=len(ours), paper="0")
        )
    n = len(outcomes)
    recorded = [o for o in outcomes if "file" in o.case.outputs]
    total = [
        ("notes begun at the receivers", sum(o.heard for o in outcomes), n, None),
        ("notes left on", sum(o.hanging for o in outcomes), n, "0"),
        ("notes ended by all notes off alone", sum(o.swept for o in outcomes), n, None),
        ("recordings faulty", sum(bool(o.recording) for o in recorded), len(recorded), "0"),
        ("tries whose moment did not come", sum(o.failures for o in outcomes), n, None),
        ("players that did not end", sum(o.code is None for o in outcomes), n, "0"),
    ]
    found += [Record("perpetuum", "all stops", m, "", v, n=k, paper=p) for m, v, k, p in total]
    return found


def main() -> int:
    """Try them all, or be a player whose composer needs no model."""
    if sys.argv[1:2] == ["--player"]:
        play.composer_command = lambda _voice: [sys.executable, str(FAKE)]
        return perpetuum(sys.argv[2:])
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{NAME}", description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=3)
    args = parser.parse_args()
    # A shell that put us into the background may have let us ignore some, and players inherit that.
    for number in SIGNALS.values():
        signal.signal(number, signal.SIG_DFL)
    cases = [draw(number, args.seed) for number in range(1, args.count + 1)]
    with ProcessPoolExecutor(args.jobs) as pool:
        outcomes = list(pool.map(outcome, cases))
    publish(NAME, records(outcomes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
