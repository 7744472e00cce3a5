"""Speed and size of ensembles on one core: composing, the first note, memory, processor time.

Speed is a total: the seconds of music at 120 bpm of all phrases over the processor seconds that
they took, with 16 candidates for the lead. Memory counts each page of our processes once, as if no
other program ran. `solo` stands beside every ensemble.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping

from benchmarks import script
from benchmarks.ensemble.whole import PLANS, Plan
from benchmarks.record import Readings, Record, publish
from benchmarks.support.pty_line import Line
from benchmarks.support.resident import megabytes
from benchmarks.timing.footprint import children, cpu_seconds, drain
from stream.compose.composer import Composer
from stream.music.controls import Controls
from stream.music.note import ticks_to_seconds
from stream.music.stream_position import opening
from stream.voices.spec import find_voice

NAME = "ensemble_speed"
BAND = "band"
GOALS: Mapping[str, str] = {
    BAND: "at least 60", "note": "at most 0.5", "memory": "at most 110", "share": "at most 3",
}  # fmt: skip
WARM = 4
"""Phrases that are composed before the clock starts: companions are loaded by then."""


def composing(plan: Plan, ensemble: str, phrases: int) -> float:
    """Return seconds of music at 120 bpm composed in a second of processor time."""
    composer = Composer(find_voice(plan.voice))
    controls = Controls(ensemble=ensemble, style=(((plan.style, 1.0),),), energy=0.8, arc=0.0)
    position = opening(1, controls)
    music, begun = 0.0, time.process_time()
    for number in range(phrases + WARM):
        if number == WARM:
            music, begun = 0.0, time.process_time()
        phrase = composer.compose(position.request)
        music += ticks_to_seconds(phrase.length, 120.0)
        position = position.after(phrase)
    return music / (time.process_time() - begun)


def player(line: Line, ensemble: str, seed: int) -> subprocess.Popen[bytes]:
    """Start a player of an ensemble on a pseudo-terminal."""
    plan = PLANS[ensemble]
    command = [
        sys.executable, "-m", "stream", "play", "--out", f"serial:{line.device}", "--bpm", "120",
        "--seed", str(seed), "--voice", plan.voice, "--style", plan.style, "--energy", "0.8",
        "--arc", "0", "--ensemble", ensemble, "--record", "0",
    ]  # fmt: skip
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def first_note(ensemble: str, seed: int) -> float:
    """Return seconds from the start of the program to the first note-on."""
    with Line() as line:
        begun = time.monotonic()
        with player(line, ensemble, seed) as process:
            while not any(0x90 <= byte < 0xA0 for byte in os.read(line.master, 256)):
                pass
            seconds = time.monotonic() - begun
            process.kill()
    return seconds


def playing(ensemble: str, seconds: float) -> tuple[float, float]:
    """Return megabytes of all processes, and per cent of a core."""
    line = Line()
    drain(line)
    with player(line, ensemble, 1) as process:
        time.sleep(15)
        pids = [process.pid, *children(process.pid)]
        cpu, begun = cpu_seconds(pids), time.monotonic()
        time.sleep(seconds)
        share = 100 * (cpu_seconds(pids) - cpu) / (time.monotonic() - begun)
        memory = megabytes(pids)
        process.terminate()
    return memory, share


def main(argv: list[str] | None = None) -> int:
    """Measure every ensemble, publish the records."""
    parser = script.parser(NAME, __doc__)
    script.add_counts(
        parser,
        [
            ("phrases", 40, "phrases of each ensemble"),
            ("starts", 7, "starts of the player"),
            ("seconds", 60, "seconds of playing"),
        ],
    )
    args = parser.parse_args(argv)

    def measure() -> None:
        script.require_positive(args, "phrases", "starts", "seconds")
        found = []
        for ensemble, plan in PLANS.items():
            speed = composing(plan, ensemble, args.phrases)
            where = f"{plan.style} of {plan.voice}, K = 16, one core"
            found.append(
                Record(
                    ensemble,
                    where,
                    "music over processor time",
                    "x",
                    speed,
                    n=args.phrases,
                    paper=GOALS.get(ensemble),
                )
            )
        for ensemble in (BAND, "solo"):
            starts = Readings(tuple(first_note(ensemble, seed) for seed in range(args.starts)))
            memory, share = playing(ensemble, args.seconds)
            where = f"120 bpm, {args.seconds} s"
            goal = GOALS if ensemble == BAND else {}
            found += [
                Record(ensemble, "files cached", "start to first note", "s", starts.median,
                       starts.sd, args.starts, goal.get("note")),
                Record(ensemble, where, "memory of all processes", "MB", memory,
                       paper=goal.get("memory")),
                Record(ensemble, where, "processor, share of a core", "%", share,
                       paper=goal.get("share")),
            ]  # fmt: skip
        publish(NAME, found)

    return script.run(measure)


if __name__ == "__main__":
    sys.exit(main())
