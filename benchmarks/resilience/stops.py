"""A thousand ways to end a performance, and the notes that still sound afterwards.

Signal, moment and outputs are drawn at random. Independent receivers at serial lines and at JACK
ports count the notes that still sound at the end. A note has ended if its note-off arrived; notes
ended only by the channel's "all notes off" are counted separately. After a SIGKILL, `perpetuum
silence` or the next start ends the notes. A recording must be a MIDI file without hanging notes,
and after a SIGKILL at most five seconds short.
"""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks import script
from benchmarks.record import Record, publish
from benchmarks.resilience.stopping.case import OUTPUTS, SIGNALS, Case, Outcome, draw
from benchmarks.resilience.stopping.performance import Performance
from benchmarks.support import jack_server
from stream.__main__ import main as perpetuum
from stream.commands import play

NAME = "stops"
FAKE = Path(__file__).parents[2] / "tests" / "data" / "fake_composer.py"
TRIES = 3
GOAL = "at most 0"


def outcome(case: Case) -> Outcome:
    """Return the outcome of a case; try again if its moment did not come, as without JACK."""
    for failures in range(TRIES):
        found = dataclasses.replace(tried(case), failures=failures)
        if not found.recording.startswith(("CalledProcessError", "TimeoutError")):
            break
    print(found, flush=True)
    return found


def tried(case: Case) -> Outcome:
    # Each case has its own JACK server, which no earlier kill has damaged.
    server = jack_server.server(f"perpetuum-{os.getpid()}-{case.number}")
    with tempfile.TemporaryDirectory() as folder:
        try:
            with server:
                return Performance(case, Path(folder)).run()
        except (OSError, subprocess.SubprocessError, ValueError, EOFError) as error:
            return Outcome(case, None, 0, 0, 0, f"{type(error).__name__}: {error}")


def records(outcomes: Sequence[Outcome]) -> list[Record]:
    """Return the number of cases of each kind, and the failures."""
    found = []
    for kind in ("stop", "moment"):
        for name, tried in Counter(getattr(o.case, kind) for o in outcomes).items():
            ours = [o for o in outcomes if getattr(o.case, kind) == name]
            hanging = sum(o.hanging for o in ours)
            found.append(
                Record("perpetuum", name, "notes left on", "", hanging, n=tried, paper=GOAL)
            )
    for output in OUTPUTS:
        ours = [o for o in outcomes if output in o.case.outputs]
        hanging = sum(o.hanging for o in ours)
        found.append(
            Record("perpetuum", output, "notes left on", "", hanging, n=len(ours), paper=GOAL)
        )
    n = len(outcomes)
    recorded = [o for o in outcomes if "file" in o.case.outputs]
    total = [
        ("notes begun at the receivers", sum(o.begun for o in outcomes), n, None),
        ("notes left on", sum(o.hanging for o in outcomes), n, GOAL),
        ("notes ended by all notes off alone", sum(o.swept for o in outcomes), n, None),
        ("recordings faulty", sum(bool(o.recording) for o in recorded), len(recorded), GOAL),
        ("tries whose moment did not come", sum(o.failures for o in outcomes), n, None),
        ("players that did not end", sum(o.code is None for o in outcomes), n, GOAL),
    ]
    found += [Record("perpetuum", "all stops", m, "", v, n=k, paper=p) for m, v, k, p in total]
    return found


def main() -> int:
    """Try all cases, or be a player whose composer needs no model."""
    if sys.argv[1:2] == ["--player"]:
        play.composer_command = lambda _voice: [sys.executable, str(FAKE)]
        return perpetuum(sys.argv[2:])
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=3)
    args = parser.parse_args()
    # A shell may start background jobs with some signals ignored, and players inherit that.
    for number in SIGNALS.values():
        signal.signal(number, signal.SIG_DFL)
    cases = [draw(number, args.seed) for number in range(1, args.count + 1)]
    with ProcessPoolExecutor(args.jobs) as pool:
        outcomes = list(pool.map(outcome, cases))
    publish(NAME, records(outcomes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
