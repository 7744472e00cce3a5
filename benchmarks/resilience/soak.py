"""The player for 30 days of music on a virtual clock, and for 20 minutes under load.

`fake`, `voice` and `band` are the player itself with the composer of the tests, with the shipped
voice alone, and with that voice and the companions of the ensemble `band`; `load` is its lateness
while `stress-ng` keeps processor and disk busy. Measuring one part leaves the figures of the others
in the results. Figures are stored after each day of music.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import record, script
from benchmarks.record import Record, publish
from benchmarks.resilience.virtual_clock import BPM, Auditor, VirtualTime, recorded
from benchmarks.timing.footprint import children, cpu_seconds
from benchmarks.timing.load import under_load
from stream.config.settings import DEFAULT_VOICE
from stream.ensembles.ensemble import SOLO
from stream.music.note import TICKS_PER_BEAT, Controls
from stream.play.composer.phrase_client import PhraseClient
from stream.play.composer.process import composer_command
from stream.play.control.hub import ControllerHub
from stream.play.performance import Performance
from stream.play.player import Loop
from stream.play.session import Session
from stream.play.sinks.active_notes import ActiveNotes
from stream.play.sinks.midifile import FILE_TICKS_PER_BEAT, MidiFileSink
from stream.play.sinks.router import Router
from stream.play.stats import Stats
from stream.util.sd_notify import Supervisor
from stream.util.stop_signals import stop_signals
from stream.voices.spec import find_voice

NAME = "soak"
FAKE = Path(__file__).parents[2] / "tests" / "data" / "fake_composer.py"
BAND = "band"
VOICE = composer_command(find_voice(DEFAULT_VOICE))
COMMANDS = {
    "fake": ("fake composer", [sys.executable, str(FAKE)], SOLO),
    "voice": (f"{DEFAULT_VOICE}, {SOLO}, K = 16", VOICE, SOLO),
    BAND: (f"{DEFAULT_VOICE}, {BAND}, K = 16", VOICE, BAND),
}
"""Title, composer and ensemble of each part."""
PATIENCE_SECONDS = 86_400.0
"""Real time given to the composer: a busy machine does not affect the result."""
DAY_MINUTES = 24 * 60


class Soak:
    """One run on the virtual clock, with its figures so far."""

    def __init__(self, part: str, days: float) -> None:
        self._title, self._command, self._ensemble = COMMANDS[part]
        self._planned = days
        self._begun = processor_seconds()
        self._memory: list[tuple[float, float]] = []
        """Memory of player and composer after each day (MB)."""
        self._auditor = Auditor(60 * DAY_MINUTES * days, self._day)
        self._stats = Stats()

    def run(self) -> None:
        """Play, and publish."""
        with tempfile.TemporaryDirectory() as folder, stop_signals() as stop:
            path = Path(folder) / "a.mid"
            client = PhraseClient(self._command, patience=PATIENCE_SECONDS)
            session = Session(
                seed=1,
                controls=Controls(bpm=BPM, ensemble=self._ensemble),
                minutes=DAY_MINUTES * self._planned,
                stats=Path(folder) / "stats.json",
            )
            active = ActiveNotes(Path(folder) / "run", ["audit"])
            outputs = Router([self._auditor, MidiFileSink(path)], active_notes=active)
            clock = VirtualTime(client)
            performance = Performance(client, outputs, session, self._auditor, clock.now)
            self._stats = performance.stats
            gc.freeze()
            gc.disable()
            Loop(performance, (client, outputs, ControllerHub(())), clock, Supervisor()).run(stop)
            outputs.close()
            performance.finish()
            client.close()
            if stop.requested:  # the figures of the last whole day stay
                return
            self._auditor.close()
            ticks, notes = recorded(path)
        lost = abs(ticks - self._auditor.ticks * (FILE_TICKS_PER_BEAT // TICKS_PER_BEAT))
        found = [
            ("recording, ticks too many or too few", "", lost, "0"),
            ("recording, notes too many or too few", "", abs(notes - self._auditor.notes), "0"),
        ]
        self._publish(found)

    def _day(self, day: int) -> None:
        (composer,) = children(os.getpid())
        self._memory.append((anonymous(os.getpid()), anonymous(composer)))
        with contextlib.redirect_stdout(None):
            self._publish([])
        print(
            f"day {day}: {self._memory[-1]} {processor_seconds() - self._begun:.0f} s", flush=True
        )

    def _publish(self, more: Sequence[tuple[str, str, float, str]]) -> None:
        auditor, stats = self._auditor, self._stats
        days = auditor.ticks / TICKS_PER_BEAT / BPM / DAY_MINUTES
        worked = (processor_seconds() - self._begun) / 60
        figures = [
            ("notes", "", auditor.notes, None),
            ("notes that hang", "", auditor.hanging if more else 0, "0"),
            ("notes doubled, or ended twice", "", auditor.doubled, "0"),
            ("phrases not played tick by tick", "", auditor.wrong, "0"),
            ("a message from its tick, at most", "µs", 1e6 * auditor.drift, None),
            ("between two phrases, at most", "µs", 1e6 * auditor.gap, None),
            ("queue, at least", "s", auditor.queue, "above 0"),
            ("phrases repeated, composers restarted", "", stats.repeats + stats.restarts, "0"),
            *more,
            *self._growth(),
            ("music over processor time", "x", days * DAY_MINUTES / worked, None),
        ]
        where = f"{self._title}, {days:.3g} days of music"
        records = [Record("perpetuum", where, m, unit, v, paper=p) for m, unit, v, p in figures]
        update(records, self._title)

    def _growth(self) -> list[tuple[str, str, float, str | None]]:
        """Return the memory after the first day, and the largest change since then."""
        found = []
        for name, each in zip(
            ("player", "composer"), zip(*self._memory, strict=True), strict=False
        ):
            far = max(abs(megabytes - each[0]) for megabytes in each)
            found.append((f"{name}'s own memory, after the first day", "MB", each[0], None))
            found.append((f"{name}'s own memory, change since then", "MB", far, "at most 2"))
        return found


def processor_seconds() -> float:
    """Return the processor time so far of this process and its composers (s)."""
    return sum(os.times()[:4]) + cpu_seconds(children(os.getpid()))


def anonymous(pid: int) -> float:
    """Return anonymous memory in megabytes (10^6 bytes): libraries are shared between processes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    (line,) = [line for line in lines if line.startswith("Pss_Anon:")]
    return int(line.split()[1]) * 1024 / 1e6


def update(records: Sequence[Record], title: str) -> None:
    """Publish the figures of a part in place of its old ones, beside those of the other parts."""
    others: list[Record] = []
    with contextlib.suppress(FileNotFoundError):
        others = [Record(**document) for document in record.read(NAME)]
    fresh = [dataclasses.replace(one, command=script.command(NAME)) for one in records]
    publish(NAME, [*(o for o in others if not o.set.startswith(title)), *fresh])


def main() -> None:
    """Measure all parts, or one of them."""
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--only", choices=[*COMMANDS, "load"])
    parser.add_argument("--days", type=float, default=30.0)
    parser.add_argument("--minutes", type=float, default=20.0)
    args = parser.parse_args()
    for part in COMMANDS:
        if args.only in {None, part}:
            Soak(part, args.days).run()
    if args.only in {None, "load"}:
        update(under_load(args.minutes), "under load")


if __name__ == "__main__":
    main()
