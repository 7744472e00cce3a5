"""From a control that is moved to the first note that obeys, at the end of the line.

`perpetuum play` plays to a pseudo-terminal, where an independent reader stamps each note; its
controls are moved at random times: by bytes on another pseudo-terminal, its MIDI input, by OSC, and
on the panel's WebSocket, which also tells where the bar lines are. `transpose` is the player's own
affair, heard as notes three octaves up or down; `style` is the composer's, heard with the first
phrase in the other style. Two players play at a time. `python -m benchmarks.timing.control` takes
twelve minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import json
import random
import socket
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.record import Readings, Record, publish
from benchmarks.support.pty_line import Line
from benchmarks.support.remote_player import MAP, WISHES, Hand, Set, free_port, heard, panel, player
from benchmarks.timing.moves import (
    Move,
    Note,
    Obeyed,
    Part,
    Score,
    bar_lines,
    judged,
    restyled,
    transposed,
)

NAME = "control"
PAUSE_SECONDS = (4.0, 6.0)
"""From one move to the next: time enough to be obeyed, and at any place of a bar."""
SETTLE_SECONDS = 8.0
"""Before the first move."""
WAY_SECONDS = {"transpose": 0.03, "style": 0.5}
"""What is nearer than this need not obey yet: the player hears nobody in the last 15 ms before a
note, and a phrase has to be composed."""


def sets(moves: int, others: int) -> list[tuple[Set, Set]]:
    """All that is measured, by pairs that are played at the same time."""
    return [
        *((Set(c, "midi", False, moves), Set(c, "midi", True, moves)) for c in WISHES),
        (Set("transpose", "osc", False, others), Set("transpose", "panel", False, others)),
    ]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a set."""

    chosen: Set
    moves: Sequence[Move]
    notes: Sequence[Note]
    parts: Sequence[Part]
    stats: dict[str, float]

    def obeyed(self, way: float) -> list[Obeyed]:
        """Of each move that was heard before the next."""
        found = []
        lines = bar_lines(self.parts)
        ends = [*(move.at for move in self.moves[1:]), float("inf")]
        for move, end in zip(self.moves, ends, strict=True):
            if self.chosen.control == "transpose":
                heard = transposed(move, self.notes)
            else:
                heard = restyled(move, self.notes, self.parts)
            if heard is not None and heard < end:
                found.append(judged(move, heard, self.notes, lines, way))
        return found


async def measured(chosen: Set, folder: Path) -> Outcome:
    """Play, move the control, and keep all that was heard."""
    (folder / "map.toml").write_text(MAP, encoding="utf-8")
    stats, score = folder / "stats.json", Score()
    osc, web = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
    drawn = random.Random(f"{chosen}")
    with Line() as out, Line() as keys, heard(out) as ear:
        arguments = {
            "out": f"serial:{out.device}",
            "input": f"serial:{keys.device}",
            "map": f"{folder / 'map.toml'}",
            "osc": f"127.0.0.1:{osc}",
            "panel": f"127.0.0.1:{web}",
            "stats": f"{stats}",
            "record": "0",
            "style": WISHES["style"][0],
            "seed": "1",
        }
        flags = [word for name, value in arguments.items() for word in (f"--{name}", value)]
        async with player(*flags, *(["--responsive"] if chosen.responsive else [])):
            await ear.begun.wait()
            await asyncio.sleep(SETTLE_SECONDS)
            async with panel(web, score.take) as connection:
                hand = Hand(chosen, keys, osc, connection)
                moves = [await hand.move(0)]
                for count in range(chosen.moves):
                    await asyncio.sleep(drawn.uniform(*PAUSE_SECONDS))
                    moves.append(await hand.move(1 - count % 2))
                await asyncio.sleep(PAUSE_SECONDS[1])
        # The first one only brings the control to an end of its way.
        return Outcome(chosen, moves[1:], ear.notes, score.parts, json.loads(stats.read_bytes()))


async def pair(chosen: Sequence[Set]) -> list[Outcome]:
    """Several at the same time."""
    with contextlib.ExitStack() as folders:
        tasks = (
            measured(one, Path(folders.enter_context(tempfile.TemporaryDirectory())))
            for one in chosen
        )
        return list(await asyncio.gather(*tasks))


def records(outcome: Outcome) -> list[Record]:
    """The figures of one set."""
    chosen, stats = outcome.chosen, outcome.stats
    way = WAY_SECONDS[chosen.control]
    near, far = outcome.obeyed(0.0), outcome.obeyed(way)
    n = len(outcome.moves)

    def figure(measure: str, value: float, unit: str = "", paper: str | None = None) -> Record:
        return Record(chosen.control, chosen.name, measure, unit, value, n=n, paper=paper)

    def share(found: Sequence[Obeyed], unit: str) -> float:
        return sum(getattr(one, unit) == 1 for one in found) / n

    latency = Readings(tuple(one.latency for one in far))
    bound = "notes" if chosen.responsive and chosen.control == "transpose" else "bars"
    ms = f"{1000 * way:.0f} ms"
    goals = {"bars": "the first note of the next bar", "notes": "the next note"}
    return [
        figure("moves obeyed before the next move", len(far), paper=str(n)),
        figure("latency, median", latency.median, "s"),
        figure("latency, p99", latency.quantile(0.99), "s"),
        figure("latency, maximum", latency.quantile(1.0), "s"),
        *(
            figure(f"share by {goals[by]} that is {ms} away", share(far, by), paper=goal)
            for by in goals
            if (goal := "1" if by == bound else None) or chosen.responsive
        ),
        figure(f"share by {goals[bound]}, however near", share(near, bound)),
        figure("phrases repeated because the queue ran dry", stats["repeats"], paper="0"),
        figure("notes", stats["notes"]),
        figure("notes more than 5 ms late", stats["late"]),
        figure("lateness, p99", stats["lateness_p99_ms"], "ms"),
    ]


def main() -> None:
    """Measure every set."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{NAME}", description=__doc__)
    parser.add_argument("--moves", type=int, default=50, help="of each of four sets")
    parser.add_argument("--others", type=int, default=25, help="by OSC, and on the panel")
    parser.add_argument("--keep", type=Path, help="file for all that was heard, as JSON")
    args = parser.parse_args()
    found = [o for chosen in sets(args.moves, args.others) for o in asyncio.run(pair(chosen))]
    if args.keep:
        args.keep.write_text(json.dumps(list(map(dataclasses.asdict, found))), encoding="utf-8")
    publish(NAME, [record for outcome in found for record in records(outcome)])


if __name__ == "__main__":
    main()
