"""Hours of every ensemble, rendered by the program as users run it, and what must hold for each.

Every note that is struck ends, none is struck while it sounds on its channel, every part of the
ensemble sounds, no companion fails, and for ten minutes the melody is that of `solo` with the same
seed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import mido

from benchmarks import script
from benchmarks.ensemble.whole import PLANS, Plan
from benchmarks.record import Record, publish
from stream.ensembles.ensemble import load

NAME = "hours"
SOLO = "solo"
SOLO_MINUTES = 10
SECONDS_A_MINUTE = 60


def rendered(path: Path, ensemble: str, plan: Plan, minutes: int) -> tuple[dict[str, Any], float]:
    """Render an ensemble; return the counters and the processor seconds that it took."""
    command = [
        sys.executable, "-m", "stream", "render", str(path), "--minutes", str(minutes), "--json",
        "--seed", "5", "--voice", plan.voice, "--style", plan.style, "--ensemble", ensemble,
        "--expression", "0",
    ]  # fmt: skip
    with tempfile.TemporaryFile("w+") as log, subprocess.Popen(command, stdout=log) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        text = log.read()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return json.loads(text), usage.ru_utime + usage.ru_stime


def faults(messages: list[Any]) -> int:
    """Return how many notes are struck while they sound, end without a start, or never end."""
    sounding: Counter[tuple[int, int]] = Counter()
    found = 0
    for message in messages:
        if message.type not in {"note_on", "note_off"}:
            continue
        key = message.channel, message.note
        struck = message.type == "note_on" and message.velocity > 0
        found += sounding[key] != (0 if struck else 1)
        sounding[key] = int(struck)
    return found + sum(sounding.values())


def lead_of(messages: list[Any]) -> list[int]:
    """Return the pitch classes of the lead: ensembles move it by octaves."""
    return [m.note % 12 for m in messages if m.type == "note_on" and m.channel == 0]


def records(ensemble: str, plan: Plan, minutes: int) -> list[Record]:
    """Render an ensemble and solo; return what was found."""
    with tempfile.TemporaryDirectory() as folder:
        path, alone = Path(folder, "band.mid"), Path(folder, "solo.mid")
        facts, seconds = rendered(path, ensemble, plan, minutes)
        rendered(alone, SOLO, plan, min(minutes, SOLO_MINUTES))
        messages, melody = list(mido.MidiFile(path)), list(mido.MidiFile(alone))
    channels = {m.channel for m in messages if m.type == "note_on"}
    missing = [p.role for p in load(ensemble).parts.values() if p.channel - 1 not in channels]
    differing = sum(a != b for a, b in zip(lead_of(messages), lead_of(melody), strict=False))
    where = f"{minutes} minutes, {plan.style} of {plan.voice}"
    values: Mapping[str, float] = {
        "faults of notes": faults(messages),
        "parts that companions failed to compose": facts["parts_failed"],
        "parts that never sound": len(missing),
        "notes of the melody unlike solo's": differing,
    }
    speed = minutes * SECONDS_A_MINUTE / seconds
    return [
        *(Record(ensemble, where, measure, "", value, n=facts["notes"], paper="0")
          for measure, value in values.items()),
        Record(ensemble, where, "music over processor time", "x", speed),
    ]  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Render every ensemble, publish the records."""
    parser = script.parser(NAME, __doc__)
    counts = [("minutes", 120, "minutes of each ensemble"), ("jobs", 1, "renders at a time")]
    script.add_counts(parser, counts)
    args = parser.parse_args(argv)

    def measure() -> None:
        script.require_positive(args, "minutes", "jobs")
        plans = {name: plan for name, plan in PLANS.items() if name != SOLO}
        with ThreadPoolExecutor(args.jobs) as pool:
            rows = pool.map(records, plans, plans.values(), [args.minutes] * len(plans))
            publish(NAME, [record for row in rows for record in row])

    return script.run(measure)


if __name__ == "__main__":
    sys.exit(main())
