"""Lateness of notes while browsers crowd the web panel, beside quiet slices of the same minutes.

One player plays, with its panel. In every other slice of time 50 browsers watch and 1,000 requests
a second are made, so that both kinds of slices meet the same state of the machine. The notes leave
as datagrams, which the kernel stamps as they arrive (`benchmarks.support.stamped_port`). The
browsers run on the same machine, at the lowest priority; a bare sleep loop beside the player shows
their effect on any process.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks import script
from benchmarks.record import Readings, Record, publish
from benchmarks.support.roles import child, parse
from benchmarks.support.stamped_port import DatagramCapture, send_bare
from benchmarks.timing.lateness import Deadlines
from stream.config.settings import DEFAULT_VOICE
from stream.config.style_syntax import parse_style
from stream.music.note import Controls
from stream.play.composer.phrase_client import PhraseClient
from stream.play.composer.process import composer_command
from stream.play.composer.timeouts import BAND_SECONDS
from stream.play.control.hub import ControllerHub
from stream.play.control.process import ControllerProcess
from stream.play.player import Participants, play
from stream.play.session import Session
from stream.play.sinks.osc import OscSink
from stream.play.sinks.router import Router
from stream.play.view.log import Log
from stream.util.address import Address
from stream.util.stop_signals import stop_signals
from stream.voices.spec import find_voice

NAME = "panel"
HOST, PORT = "127.0.0.1", 8799
BROWSERS, RATE, CONNECTIONS = 50, 1000, 20
"""Number of WebSockets, requests a second, and number of connections for them."""
FAST = Controls(bpm=240.0, style=parse_style("jazz"))
"""Controls with many notes, so that a hundredth of them is still a sample."""
PATHS = ("/", "/app.js", "/style.css", "/roll.js", "/listen.js")
SETTLE_SECONDS = 1.0
"""Time at both edges of a slice that does not count."""
BEAT_SECONDS = 0.05
"""Time between two deadlines of the bare sleep loop."""
LEAD_SECONDS = 3.0
"""Time from the first note to the first slice."""
QUIET, CROWDED = "nobody watches", f"{BROWSERS} browsers, {RATE:,} requests/s"
Slicing = tuple[float, float, int]
"""Start of the first slice (s, monotonic), seconds of each slice, and number of slices."""
LOWEST = ("nice", "-n", "19")
"""Command that gives the browsers the lowest priority."""


def player(port: str, minutes: str) -> None:
    """Play as a child, with a panel."""
    panel = ControllerProcess("stream.panel", {"address": f"{HOST}:{PORT}"})
    perform(port, float(minutes), [panel])


def perform(port: str, minutes: float, controllers: Sequence[ControllerProcess]) -> None:
    """Play to a port of this machine; print the first deadline, and at the end all of them."""
    deadlines = Deadlines()
    client = PhraseClient(composer_command(find_voice(DEFAULT_VOICE)), patience=BAND_SECONDS)
    session = Session(seed=1, controls=FAST, minutes=minutes, voice=DEFAULT_VOICE)
    line = OscSink(Address(HOST, int(port)))
    line.connect()
    with stop_signals() as stop:
        outputs = Router([line, deadlines])
        participants = Participants(Log(), ControllerHub(controllers))
        stats = play(client, outputs, session=session, participants=participants, stop=stop)
    print(json.dumps([deadlines.times, deadlines.begins, stats.to_document()]))


def crowd(begin: str, seconds: str, slices: str) -> None:
    """Crowd every other slice of so many `seconds` as a child; the first starts at `begin` (s)."""
    asyncio.run(_crowd(float(begin), float(seconds), int(slices)))


async def _crowd(begin: float, seconds: float, slices: int) -> None:
    delays: list[float] = []
    events = 0
    for number in range(1, slices, 2):
        start = begin + number * seconds
        await asyncio.sleep(start - time.monotonic())
        end = start + seconds
        found = await asyncio.gather(
            *(_watch(end) for _ in range(BROWSERS)),
            *(_request(end, each, delays) for each in range(CONNECTIONS)),
        )
        events += sum(found)
    print(json.dumps([delays, events]))


async def _watch(end: float) -> int:
    """Read the events of a browser until `end`, and return their number."""
    count, origin = 0, f"http://{HOST}:{PORT}"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{origin}/events", headers={"Origin": origin}) as browser,
    ):
        with contextlib.suppress(TimeoutError):
            while (left := end - time.monotonic()) > 0:
                await browser.receive_str(timeout=left)
                count += 1
    return count


async def _request(end: float, number: int, delays: list[float]) -> int:
    """Send requests at a steady rate until `end`, and append the delay of each (s).

    A connection that the panel has closed is opened again, as a browser does.
    """
    beat = CONNECTIONS / RATE
    due = time.monotonic() + beat * number / CONNECTIONS
    while due < end:
        reader, writer = await asyncio.open_connection(HOST, PORT)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while due < end:
                await asyncio.sleep(due - time.monotonic())
                await _get(PATHS[number % len(PATHS)], reader, writer)
                delays.append(time.monotonic() - due)
                number, due = number + 1, due + beat
        writer.close()
    return 0


async def _get(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Request a file and read it."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}:{PORT}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2])
        for line in head.splitlines()
        if line.lower().startswith(b"content-length:")
    )
    await reader.readexactly(length)


own = partial(child, NAME)
"""Starts this script as a child process."""


def measure(slices: int, seconds: float) -> list[Record]:
    """Return the lateness of the notes and of the loop's beats, by kind of slice."""
    whole = slices * seconds
    with (
        DatagramCapture() as capture,
        DatagramCapture() as other,
        own("--player", capture.number, str((whole + LEAD_SECONDS) / 60)) as perpetuum,
        own("--bare", other.number) as loop,
    ):
        begin = json.loads(perpetuum.stdout.readline()) + LEAD_SECONDS
        beats = [begin + BEAT_SECONDS * each for each in range(int(whole / BEAT_SECONDS))]
        loop.stdin.write(json.dumps(beats) + "\n")
        loop.stdin.flush()
        with own("--crowd", str(begin), str(seconds), str(slices), within=LOWEST) as crowding:
            time.sleep(begin + whole - seconds / 2 - time.monotonic())
            memory = resident(child_of(perpetuum.pid, "stream.panel"))
            delays, events = json.loads(crowding.stdout.readline())
        times, begins, stats = json.loads(perpetuum.stdout.readline())
        loop.wait()
        slicing = (begin, seconds, slices)
        found = {
            "perpetuum": by_slice(times, capture.stamps, begins, slicing, 2),
            "bare sleep loop": by_slice(beats, other.stamps, [True] * len(beats), slicing, 2),
        }
    where = f"{DEFAULT_VOICE}, jazz, {FAST.bpm:g} bpm, {slices} slices of {seconds:g} s in turn"
    slowest = Readings(tuple(delays)).quantile(0.99)
    crowded = sum(seconds for number in range(slices) if number % 2)
    return [
        *(record for name, pair in found.items() for record in _records(name, where, pair)),
        Record("panel", CROWDED, "requests answered", "/s", len(delays) / crowded, n=len(delays)),
        Record("panel", CROWDED, "time to an answer, p99", "ms", 1000 * slowest),
        Record("panel", CROWDED, "events told", "/s", events / crowded, n=events),
        Record("panel", CROWDED, "memory", "MiB", memory),
        Record("perpetuum", where, "phrases repeated", "", stats["repeats"]),
    ]


def by_slice(
    due: Sequence[float],
    came: Sequence[float],
    begins: Sequence[bool],
    slicing: Slicing,
    kinds: int,
) -> list[Readings]:
    """Return the lateness (ms) of messages that begin a note, for slices of `kinds` in turn."""
    begin, seconds, slices = slicing
    found: list[list[float]] = [[] for _ in range(kinds)]
    for deadline, arrival, starts in zip(due, came, begins, strict=False):
        number, into = divmod(deadline - begin, seconds)
        inside = SETTLE_SECONDS <= into <= seconds - SETTLE_SECONDS
        if starts and inside and 0 <= number < slices:
            found[int(number) % kinds].append(1000 * (arrival - deadline))
    return [Readings(tuple(readings)) for readings in found]


def _records(system: str, where: str, pair: Sequence[Readings]) -> Iterator[Record]:
    for measure_, share in (("median", 0.5), ("p99", 0.99), ("maximum", 1.0)):
        name = f"lateness, {measure_}"
        values = [readings.quantile(share) for readings in pair]
        for kind, readings, value in zip((QUIET, CROWDED), pair, values, strict=True):
            yield Record(system, f"{where}: {kind}", name, "ms", value, n=len(readings.values))
        goal = "at most 1.2" if (system, measure_) == ("perpetuum", "p99") else None
        ratio = values[1] / values[0]
        yield Record(system, f"{where}: crowded / not", name, "", ratio, paper=goal)


def child_of(parent: int, module: str) -> int:
    """Return the process of a player's child that runs `module`. Raises `LookupError`."""
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            command = status.with_name("cmdline").read_bytes()
            if int(_facts(status)["PPid"]) == parent and module.encode() in command:
                return int(status.parent.name)
    raise LookupError(f"{module}: no such child of process {parent}")


def resident(pid: int) -> float:
    """Return the memory of a process (MiB)."""
    return int(_facts(Path(f"/proc/{pid}/status"))["VmRSS"].split()[0]) / 1024


def _facts(status: Path) -> dict[str, Any]:
    return dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)


def main() -> None:
    """Measure, or play the role of one of the children."""
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--slices", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=15.0, help="seconds of a slice")
    if args := parse(parser, {"player": player, "bare": send_bare, "crowd": crowd}):
        publish(NAME, measure(args.slices, args.seconds))


if __name__ == "__main__":
    main()
