"""Lateness of notes while the panel, OSC and the MIDI input are flooded, beside quiet slices.

One player plays with all three controllers. Three kinds of slices of time take turns, so that all
of them meet the same state of the machine: no messages; as many as each controller can take, which
change nothing; and as many that change the music with every message. The notes leave as datagrams,
which the kernel stamps as they arrive (`benchmarks.support.stamped_port`). The senders run on the
same machine, at the lowest priority; a bare sleep loop beside the player shows their effect on any
process. It takes six minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import Any

import aiohttp
from pythonosc.udp_client import SimpleUDPClient

from benchmarks import script
from benchmarks.record import Readings, Record, publish
from benchmarks.support.pty_line import Line
from benchmarks.support.remote_player import free_port
from benchmarks.support.roles import child, parse
from benchmarks.support.stamped_port import NOTE_ON, DatagramCapture, send_bare
from benchmarks.timing.panel import (
    BEAT_SECONDS,
    FAST,
    HOST,
    LEAD_SECONDS,
    LOWEST,
    Slicing,
    by_slice,
    perform,
)
from stream.config.settings import DEFAULT_VOICE
from stream.play.control.process import ControllerProcess

NAME = "flood"
RATES = {"panel": 1000, "osc": 1900, "midi": 940}
"""Messages a second by controller; a MIDI line can carry no more."""
BROWSERS = 10
BATCH_SECONDS = 0.01
QUIET, FLOODED, MOVED = "quiet", "flooded", "flooded, and moved by it"
KINDS = (QUIET, FLOODED, MOVED)
GOAL = 1.2
"""Largest accepted ratio of lateness to that of the quiet slices."""
NUMBERS = {"temperature": 20, "transpose": 21}
MAP = {"cc": [{"number": number, "control": control} for control, number in NUMBERS.items()]}
Sender = Callable[[int | None], Awaitable[None]]
"""Sends semitones to transpose by; None sends a message that changes nothing."""


def player(port: str, keys: str, minutes: str, web: str, osc: str) -> None:
    """Play as a child, with all controllers."""
    controllers = [
        ControllerProcess("stream.panel", {"address": f"{HOST}:{web}"}),
        ControllerProcess("stream.osc", {"address": f"{HOST}:{osc}"}),
        ControllerProcess("stream.midi_in", {"input": f"serial:{keys}", "map": MAP}),
    ]
    perform(port, float(minutes), controllers)


def crowd(slices: str, seconds: str, web: str, osc: str) -> None:
    """Flood the slices that are not quiet as a child; print how much was sent and answered.

    Prints the device of its MIDI line, then reads when the first slice begins (s, monotonic).
    """
    with Line() as keys:
        print(keys.device, flush=True)
        slicing = (json.loads(input()), float(seconds), int(slices))
        print(json.dumps(asyncio.run(_crowd(slicing, keys, int(web), int(osc)))), flush=True)


async def _crowd(slicing: Slicing, keys: Line, web: int, osc: int) -> dict[str, int]:
    begin, seconds, slices = slicing
    sent = {**dict.fromkeys(RATES, 0), "answers": 0}
    async with _browsers(web, sent) as browsers:
        senders = {
            "panel": partial(_send_panel, browsers),
            "osc": partial(_send_osc, SimpleUDPClient(HOST, osc)),
            "midi": partial(_send_midi, keys),
        }
        for number in range(slices):
            kind = KINDS[number % len(KINDS)]
            await asyncio.sleep(begin + number * seconds - time.monotonic())
            if kind != QUIET:
                await _flood(begin + (number + 1) * seconds, kind, senders, sent)
    return sent


@contextlib.asynccontextmanager
async def _browsers(web: int, sent: dict[str, int]) -> AsyncIterator[list[Any]]:
    """Connect browsers that read all events."""
    origin = f"http://{HOST}:{web}"

    async def listen(connection: Any) -> None:
        async for message in connection:
            sent["answers"] += message.data.startswith('{"answer"')

    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        connections = [
            await session.ws_connect(f"{origin}/events", origin=origin, max_msg_size=0)
            for _ in range(BROWSERS)
        ]
        listening = [group.create_task(listen(each)) for each in connections]
        yield connections
        for task in listening:
            task.cancel()


async def _flood(end: float, kind: str, senders: dict[str, Sender], sent: dict[str, int]) -> None:
    """Send at all rates until `end`, in small batches."""
    begin, done, drawn = time.monotonic(), dict.fromkeys(RATES, 0), random.Random(kind)
    while (now := time.monotonic()) < end:
        for name, rate in RATES.items():
            for _ in range(int((now - begin) * rate) - done[name]):
                await senders[name](drawn.randrange(-12, 13) if kind == MOVED else None)
                done[name] += 1
        await asyncio.sleep(BATCH_SECONDS)
    for name, count in done.items():
        sent[name] += count


async def _send_panel(browsers: Sequence[Any], value: int | None) -> None:
    command = {"temperature": 1.0} if value is None else {"transpose": value}
    await random.choice(browsers).send_json({"id": 1, "set": command})


async def _send_osc(client: SimpleUDPClient, value: int | None) -> None:
    name, argument = ("temperature", 1.0) if value is None else ("transpose", value)
    client.send_message(f"/perpetuum/{name}", argument)


async def _send_midi(keys: Line, value: int | None) -> None:
    name, turned = ("temperature", 64) if value is None else ("transpose", 64 + value)
    os.write(keys.master, bytes([0xB0, NUMBERS[name], turned]))


own = partial(child, NAME)
"""Starts this script as a child process."""


def measure(slices: int, seconds: float) -> list[Record]:
    """Return the lateness of the notes and of the loop's beats, by kind of slice."""
    whole = slices * seconds
    minutes = (whole + 2 * LEAD_SECONDS) / 60
    web, osc = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM)
    with (
        DatagramCapture() as capture,
        DatagramCapture() as other,
        own("--crowd", f"{slices}", f"{seconds}", f"{web}", f"{osc}", within=LOWEST) as crowding,
        own("--bare", other.number) as loop,
    ):
        keys = crowding.stdout.readline().strip()
        with own("--player", capture.number, keys, f"{minutes}", f"{web}", f"{osc}") as perpetuum:
            begin = json.loads(perpetuum.stdout.readline()) + LEAD_SECONDS
            beats = [begin + BEAT_SECONDS * each for each in range(int(whole / BEAT_SECONDS))]
            for process, message in ((loop, beats), (crowding, begin)):
                process.stdin.write(json.dumps(message) + "\n")
                process.stdin.flush()
            sent = json.loads(crowding.stdout.readline())
            times, begins, stats = json.loads(perpetuum.stdout.readline())
        loop.wait()
        arrived = capture.count(NOTE_ON)
        slicing = (begin, seconds, slices)
        found = {
            "perpetuum": by_kind(times, capture.stamps, begins, slicing),
            "bare sleep loop": by_kind(beats, other.stamps, [True] * len(beats), slicing),
        }
    where = f"{DEFAULT_VOICE}, jazz, {FAST.bpm:g} bpm, {slices} slices of {seconds:g} s in turn"
    flooded = seconds * sum(KINDS[number % len(KINDS)] != QUIET for number in range(slices))
    return [
        *(record for system, kinds in found.items() for record in lateness(system, where, kinds)),
        *(
            Record("flood", where, f"{name}, sent", "/s", sent[name] / flooded, paper=f"{rate:,}")
            for name, rate in RATES.items()
        ),
        Record("flood", where, "panel, answered", "/s", sent["answers"] / flooded),
        Record(
            "perpetuum",
            where,
            "notes that did not arrive",
            "",
            sum(begins) - arrived,
            paper="at most 0",
        ),
        Record("perpetuum", where, "phrases repeated", "", stats["repeats"]),
    ]


def by_kind(
    due: Sequence[float], came: Sequence[float], begins: Sequence[bool], slicing: Slicing
) -> dict[str, Readings]:
    """Return the lateness (ms) of messages that begin a note, by kind of slice."""
    return dict(zip(KINDS, by_slice(due, came, begins, slicing, len(KINDS)), strict=True))


def lateness(system: str, where: str, kinds: dict[str, Readings]) -> Iterator[Record]:
    """Yield the figures of each kind of slice, and their ratios to those of the quiet slices."""
    for name, share in (("median", 0.5), ("p99", 0.99), ("maximum", 1.0)):
        measure_, quiet = f"lateness, {name}", kinds[QUIET].quantile(share)
        for kind, readings in kinds.items():
            value, n = readings.quantile(share), len(readings.values)
            yield Record(system, f"{where}: {kind}", measure_, "ms", value, n=n)
            if kind != QUIET:
                ratio, goal = value / quiet, None
                if (system, name) == ("perpetuum", "p99"):
                    goal = f"at most {GOAL} ({'met' if ratio <= GOAL else 'missed'})"
                yield Record(system, f"{where}: {kind} / quiet", measure_, "", ratio, paper=goal)


def main() -> None:
    """Measure, or play the role of one of the children."""
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--slices", type=int, default=36)
    parser.add_argument("--seconds", type=float, default=10.0, help="seconds of a slice")
    if args := parse(parser, {"player": player, "bare": send_bare, "crowd": crowd}):
        publish(NAME, measure(args.slices, args.seconds))


if __name__ == "__main__":
    main()
