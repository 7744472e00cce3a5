"""Lateness of notes while 20 listeners hear the radio, beside quiet slices of the same minutes.

One player plays to a serial line and to the radio. In every other slice of time 20 listeners take
the stream; in the others nobody does, and the radio makes no sound. An independent reader stamps
each note-on that arrives at the far end of the line. The listeners run on the same machine, at the
lowest priority; a bare sleep loop beside the player shows the effect on any process.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks import script
from benchmarks.record import Readings, Record, publish
from benchmarks.support.midi_capture import MidiCapture
from benchmarks.support.pty_line import Line
from benchmarks.support.roles import child, parse
from benchmarks.timing.lateness import Deadlines, bare
from benchmarks.timing.panel import (
    BEAT_SECONDS,
    FAST,
    LEAD_SECONDS,
    LOWEST,
    SETTLE_SECONDS,
    by_slice,
    child_of,
    resident,
)
from stream.config.settings import DEFAULT_VOICE
from stream.play.composer.phrase_client import PhraseClient
from stream.play.composer.process import composer_command
from stream.play.player import Participants, play
from stream.play.session import Session
from stream.play.sinks.radio import RadioSink
from stream.play.sinks.router import Router
from stream.play.sinks.serialport import SerialSink
from stream.play.timing.scheduler import TimedMessage
from stream.play.view.log import Log
from stream.radio.encoder import BIT_RATE
from stream.util.address import Address
from stream.util.stop_signals import stop_signals
from stream.voices.spec import find_voice

NAME = "radio"
ADDRESS = Address("127.0.0.1", 8798)
LISTENERS = 20
QUIET, HEARD = "nobody listens", f"{LISTENERS} listeners"
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
"""Unit of the processor time in `/proc`."""


class TimedRadio(RadioSink):
    """The radio's sink, which notes how long the player is busy with it."""

    def __init__(self) -> None:
        super().__init__(ADDRESS)
        self.seconds: list[float] = []

    def send(self, timed: TimedMessage) -> None:
        begin = time.perf_counter()
        super().send(timed)
        self.seconds.append(time.perf_counter() - begin)


def player(device: str, minutes: str) -> None:
    """Play as a child, to a line and to the radio; print deadlines and counters at the end."""
    deadlines, radio, line = Deadlines(), TimedRadio(), SerialSink(device)
    client = PhraseClient(composer_command(find_voice(DEFAULT_VOICE)))
    session = Session(seed=1, controls=FAST, minutes=float(minutes), voice=DEFAULT_VOICE)
    line.connect()
    radio.connect()
    with stop_signals() as stop:
        outputs = Router([line, radio, deadlines])
        participants = Participants(Log())
        stats = play(client, outputs, session=session, participants=participants, stop=stop)
    print(json.dumps([deadlines.times, deadlines.begins, stats.to_document(), radio.seconds]))


def listen(begin: str, seconds: str, slices: str) -> None:
    """Listen as a child in every other slice of so many `seconds`, from `begin` (s) on."""
    asyncio.run(_listen(float(begin), float(seconds), int(slices)))


async def _listen(begin: float, seconds: float, slices: int) -> None:
    heard = 0
    for number in range(1, slices, 2):
        start = begin + number * seconds
        await asyncio.sleep(start - time.monotonic())
        heard += sum(await asyncio.gather(*(_take(start + seconds) for _ in range(LISTENERS))))
    print(json.dumps(heard))


async def _take(end: float) -> int:
    """Take the stream until `end`, and return the number of bytes."""
    count = 0
    reader, writer = await asyncio.open_connection(*ADDRESS)
    writer.write(f"GET /radio.mp3 HTTP/1.1\r\nHost: {ADDRESS}\r\n\r\n".encode())
    try:
        async with asyncio.timeout(end - time.monotonic()):
            while data := await reader.read(65_536):
                count += len(data)
    except TimeoutError:
        pass
    writer.close()
    return count


own = partial(child, NAME)
"""Starts this script as a child process."""


def measure(slices: int, seconds: float) -> list[Record]:
    """Return the lateness of the notes and of the loop's beats, by kind of slice."""
    whole = slices * seconds
    with (
        Line() as ours,
        Line() as theirs,
        MidiCapture(ours) as capture,
        MidiCapture(theirs) as other,
        own("--player", ours.device, str((whole + LEAD_SECONDS) / 60)) as perpetuum,
        own("--bare", theirs.device) as loop,
    ):
        begin = json.loads(perpetuum.stdout.readline()) + LEAD_SECONDS
        beats = [begin + BEAT_SECONDS * each for each in range(int(whole / BEAT_SECONDS))]
        loop.stdin.write(json.dumps(beats) + "\n")
        loop.stdin.flush()
        slicing = (begin, seconds, slices)
        with own("--listen", str(begin), str(seconds), str(slices), within=LOWEST) as listening:
            time.sleep(begin - time.monotonic())
            radio = child_of(perpetuum.pid, "stream.radio")
            shares = _shares(radio, slicing)
            memory = resident(radio)
            heard = json.loads(listening.stdout.readline())
        times, begins, stats, spent = json.loads(perpetuum.stdout.readline())
        loop.wait()
    due = [at for at, starts in zip(times, begins, strict=True) if starts]
    found = {
        "perpetuum": by_slice(due, capture.note_ons, [True] * len(due), slicing, 2),
        "bare sleep loop": by_slice(beats, other.stamps, [True] * len(beats), slicing, 2),
    }
    where = f"{DEFAULT_VOICE}, jazz, {FAST.bpm:g} bpm, {slices} slices of {seconds:g} s in turn"
    calls = Readings(tuple(1e6 * each for each in spent))
    listened = slices // 2 * seconds * LISTENERS
    return [
        *(record for name, pair in found.items() for record in _records(name, where, pair)),
        Record("player", where, "call of the radio's sink, median", "µs", calls.median),
        Record("player", where, "call of the radio's sink, p99", "µs", calls.quantile(0.99)),
        Record("radio", HEARD, "bit rate of a listener", "kbit/s", heard / listened / 125,
               paper=f"{BIT_RATE}, and a burst at the start"),
        Record("radio", HEARD, "share of a core", "%", 100 * shares[1]),
        Record("radio", QUIET, "share of a core", "%", 100 * shares[0]),
        Record("radio", HEARD, "memory", "MiB", memory),
        Record("perpetuum", where, "phrases repeated", "", stats["repeats"]),
        Record("machine", where, f"programs that want one of {os.cpu_count()} cores (load, 5 min)",
               "", os.getloadavg()[1]),
    ]  # fmt: skip


def _shares(pid: int, slicing: tuple[float, float, int]) -> list[float]:
    """Wait until the last slice ends; return the processor time of quiet and heard slices (s/s)."""
    begin, seconds, slices = slicing
    spent, before = [0.0, 0.0], _processor_seconds(pid)
    for number in range(slices):
        time.sleep(begin + (number + 1) * seconds - time.monotonic())
        now = _processor_seconds(pid)
        spent[number % 2] += now - before
        before = now
    return [each / (slices / 2 * seconds) for each in spent]


def _processor_seconds(pid: int) -> float:
    facts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(facts[11]) + int(facts[12])) / TICKS_A_SECOND


def _records(system: str, where: str, pair: Sequence[Readings]) -> Iterator[Record]:
    for measure_, share in (("median", 0.5), ("p99", 0.99), ("maximum", 1.0)):
        name = f"lateness, {measure_}"
        values = [readings.quantile(share) for readings in pair]
        for kind, readings, value in zip((QUIET, HEARD), pair, values, strict=True):
            yield Record(system, f"{where}: {kind}", name, "ms", value, n=len(readings.values))
        goal = "at most 1.2" if (system, measure_) == ("perpetuum", "p99") else None
        ratio = values[1] / values[0]
        yield Record(system, f"{where}: heard / not", name, "", ratio, paper=goal)


def main() -> None:
    """Measure, or play the role of one of the children."""
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--slices", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=15.0, help="seconds of a slice")
    if args := parse(parser, {"player": player, "bare": bare, "listen": listen}):
        if args.seconds <= 2 * SETTLE_SECONDS:
            parser.error(f"--seconds {args.seconds:g}: must be above {2 * SETTLE_SECONDS:g}")
        publish(NAME, measure(args.slices, args.seconds))


if __name__ == "__main__":
    main()
