"""Time from the move of a control to the first note that obeys it, at the end of the line.

`perpetuum play` plays to a pseudo-terminal, where an independent reader stamps each note; its
controls are moved at random times: by bytes on another pseudo-terminal, its MIDI input, by OSC, and
on the panel's WebSocket, which also says where the bar lines are. The player itself applies
`transpose`: notes sound three octaves up or down. The composer applies `style`, from the first
phrase in the other style on. Two players play at a time. `python -m benchmarks.timing.control`
takes twelve minutes.
"""

from __future__ import annotations

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

from benchmarks import script
from benchmarks.record import Readings, Record, publish
from benchmarks.support.pty_line import Line
from benchmarks.support.remote_player import (
    EXTREMES,
    MAP,
    ControlMover,
    MoveSet,
    captured,
    free_port,
    panel,
    player,
)
from benchmarks.timing.moves import (
    Move,
    Note,
    Part,
    Response,
    Score,
    bar_lines,
    first_restyled,
    first_transposed,
    response,
)

NAME = "control"
PAUSE_SECONDS = (4.0, 6.0)
"""Shortest and longest time between two moves, so that moves fall on any place of a bar."""
SETTLE_SECONDS = 8.0
"""Time before the first move."""
REACTION_SECONDS = {"transpose": 0.03, "style": 0.5}
"""Time that each control takes: notes and bar lines nearer than this need not obey yet.

The player reads no commands in the last 15 ms before a note, and a phrase has to be composed.
"""


def sets(moves: int, others: int) -> list[tuple[MoveSet, MoveSet]]:
    """Return all sets, in pairs that are played at the same time."""
    return [
        *((MoveSet(c, "midi", False, moves), MoveSet(c, "midi", True, moves)) for c in EXTREMES),
        (MoveSet("transpose", "osc", False, others), MoveSet("transpose", "panel", False, others)),
    ]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The moves of a set, and everything the player did."""

    chosen: MoveSet
    moves: Sequence[Move]
    notes: Sequence[Note]
    parts: Sequence[Part]
    stats: dict[str, float]

    def responses(self, reaction: float) -> list[Response]:
        """Return the response to each move that was obeyed before the next move."""
        found = []
        lines = bar_lines(self.parts)
        ends = [*(move.at for move in self.moves[1:]), float("inf")]
        for move, end in zip(self.moves, ends, strict=True):
            if self.chosen.control == "transpose":
                first = first_transposed(move, self.notes)
            else:
                first = first_restyled(move, self.notes, self.parts)
            if first is not None and first < end:
                found.append(response(move, first, self.notes, lines, reaction))
        return found


async def measured(chosen: MoveSet, folder: Path) -> Outcome:
    """Play, move the control, and return all that was captured."""
    (folder / "map.toml").write_text(MAP, encoding="utf-8")
    stats, score = folder / "stats.json", Score()
    osc, web = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
    drawn = random.Random(f"{chosen.control}, {chosen.name}")
    with Line() as out, Line() as keys, captured(out) as capture:
        arguments = {
            "out": f"serial:{out.device}",
            "input": f"serial:{keys.device}",
            "map": f"{folder / 'map.toml'}",
            "osc": f"127.0.0.1:{osc}",
            "panel": f"127.0.0.1:{web}",
            "stats": f"{stats}",
            "record": "0",
            "style": EXTREMES["style"][0],
            "ensemble": "solo",
            "expression": "0",
            "bpm": "120",
            "seed": "1",
        }
        flags = [word for name, value in arguments.items() for word in (f"--{name}", value)]
        async with player(*flags, *(["--responsive"] if chosen.responsive else [])):
            await capture.begun.wait()
            await asyncio.sleep(SETTLE_SECONDS)
            async with panel(web, score.handle) as connection:
                mover = ControlMover(chosen, keys, osc, connection)
                moves = [await mover.move(0)]
                for count in range(chosen.moves):
                    await asyncio.sleep(drawn.uniform(*PAUSE_SECONDS))
                    moves.append(await mover.move(1 - count % 2))
                await asyncio.sleep(PAUSE_SECONDS[1])
        # The first move only brings the control to one of its ends.
        return Outcome(
            chosen, moves[1:], capture.notes, score.parts, json.loads(stats.read_bytes())
        )


async def pair(chosen: Sequence[MoveSet]) -> list[Outcome]:
    """Measure several sets at the same time."""
    with contextlib.ExitStack() as folders:
        tasks = (
            measured(one, Path(folders.enter_context(tempfile.TemporaryDirectory())))
            for one in chosen
        )
        return list(await asyncio.gather(*tasks))


def records(outcome: Outcome) -> list[Record]:
    """Return the figures of one set."""
    chosen, stats = outcome.chosen, outcome.stats
    reaction = REACTION_SECONDS[chosen.control]
    near, far = outcome.responses(0.0), outcome.responses(reaction)
    n = len(outcome.moves)

    def figure(measure: str, value: float, unit: str = "", paper: str | None = None) -> Record:
        return Record(chosen.control, chosen.name, measure, unit, value, n=n, paper=paper)

    def share(found: Sequence[Response], unit: str) -> float:
        return sum(getattr(one, unit) == 1 for one in found) / n

    latency = Readings(tuple(one.latency for one in far))
    bound = "notes" if chosen.responsive and chosen.control == "transpose" else "bars"
    ms = f"{1000 * reaction:.0f} ms"
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
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--moves", type=int, default=50, help="moves in each of four sets")
    parser.add_argument("--others", type=int, default=25, help="moves by OSC, and on the panel")
    parser.add_argument("--keep", type=Path, help="file for all captured data, as JSON")
    args = parser.parse_args()
    found = [o for chosen in sets(args.moves, args.others) for o in asyncio.run(pair(chosen))]
    if args.keep:
        args.keep.write_text(json.dumps(list(map(dataclasses.asdict, found))), encoding="utf-8")
    publish(NAME, [record for outcome in found for record in records(outcome)])


if __name__ == "__main__":
    main()
